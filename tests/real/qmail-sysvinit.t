#!/bin/bash
# SPDX-License-Identifier: ISC
# The stand-in of qmail started by an /etc/init.d/qmail under a booted sysvinit; its log goes to syslog.
. "$(dirname "$0")/inits.sh"
. "$here/qmail/lab.sh"
. "$here/qmail/cases.sh"
qmail_proven
by='sysvinit, qmail'
inits_up() { qmail_runs && init_ready; }
qmail_booted sysvinit "$(cat <<'END'
cat >/etc/init.d/qmail <<'SCRIPT'
#!/bin/sh
### BEGIN INIT INFO
# Provides: qmail
# Required-Start: $remote_fs
# Required-Stop: $remote_fs
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
# As many have it: stop is a signal, and start does not wait for its effect.
case $1 in
start) env - PATH="/var/qmail/bin:$PATH" qmail-start ./Mailbox logger -t qmail -p mail.info >/dev/null 2>&1 & ;;
stop) pkill -x qmail-send ;;
restart) $0 stop; $0 start ;;
esac
SCRIPT
chmod 755 /etc/init.d/qmail
update-rc.d qmail defaults
END
)" || bail "sysvinit does not boot"
qmail_cases

# The trap of that script: a second qmail-send finds the queue taken while the first one finishes its delivery.
begin
id=$(qmail_mail user@example.net 3)
wait_for 10 mx pgrep -x qmail-remote
mx /etc/init.d/qmail restart
is "the script alone: the slow delivery ends" "$(qmail_seen "$id")" "$old"
ok "... then no qmail-send is left" wait_for 10 none_runs
