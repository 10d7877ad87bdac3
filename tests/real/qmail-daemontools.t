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

# Another mail server here: both are shown, who sends is said, and fix does not choose.
cp -a "$here/default" "$mx_root/etc/postfix"
mkdir -p "$mx_root/usr/lib/postfix/sbin"
run show
ok "with Postfix beside it: both are shown" said '^qmail '
ok "... who sends is said" said 'QM-SHARED-HOST .*qmail-send runs on the queue /var/qmail/queue; /usr/sbin/sendmail is not qmail'
fix --ip "$new"
is "... fix does not choose: exit" "$status" 2
ok "... and lists them" said '--mta qmail:/var/qmail/control'
