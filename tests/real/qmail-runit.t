#!/bin/bash
# SPDX-License-Identifier: ISC
# The stand-in of qmail below runit: runsvdir, runsv, svlogd.
. "$(dirname "$0")/lab.sh"
. "$here/qmail/lab.sh"
. "$here/qmail/cases.sh"
qmail_proven
by='runit, /service/qmail-send'
qmail_start systemd || bail "the lab does not start"
qmail_files netqmail-oip || bail "no compiler"
qmail_supervised 'svlogd -tt'
printf '#!/bin/sh\n[ "$1" = restart ] && exec sv -w 20 restart /service/qmail-send\n' >"$mx_root/etc/init.d/qmail"
chmod 755 "$mx_root/etc/init.d/qmail"
daemon "$mx_pid" runsvdir -P /service
qmail_cases
