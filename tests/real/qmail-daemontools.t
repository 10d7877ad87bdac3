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

# The wizard asks which of the two first, the one that runs is marked; qmail's answers are qmail's options.
mx mtapin undo >>"$lab_run/daemons" 2>&1
printf '%s\t%s\n' 'Which mail server(.|\n)*Enter: \d+' '\n' 'From which IPv4(.|\n)*Enter: \d+' "$new\\n" \
	'Apply it(.|\n)*Enter: \d+' 'command\n' >"$lab_run/steps"
python3 "$top/tests/cli/terminal.py" 60 80 "$lab_run/out" nsenter -t "$mx_pid" -m -u -i -n -p -- env -i TERM=dumb "${mx_environment[@]}" mtapin <"$lab_run/steps"
is "the wizard, both beside each other: exit" $? 1
ok "... the one that runs is marked" said '^\*  [0-9]  qmail in /var/qmail/control, running'
ok "... the diff" said "^\\+$new\$"
ok "... the command" said "^mtapin fix --ip4 $new --mta qmail:/var/qmail/control --yes\$"
