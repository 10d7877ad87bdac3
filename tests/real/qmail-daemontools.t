#!/bin/bash
# SPDX-License-Identifier: ISC
# The stand-in of qmail below daemontools: svscan, supervise, multilog.
. "$(dirname "$0")/lab.sh"
. "$here/qmail/lab.sh"
. "$here/qmail/cases.sh"
qmail_proven
by='daemontools, /service/qmail-send'
qmail_start systemd || bail "the lab does not start"
qmail_files netqmail-oip || bail "no compiler"
qmail_supervised 'multilog t'
printf '#!/bin/sh\n[ "$1" = restart ] && exec svc -t /service/qmail-send\n' >"$mx_root/etc/init.d/qmail"
chmod 755 "$mx_root/etc/init.d/qmail"
daemon "$mx_pid" svscan /service
qmail_cases
