#!/bin/bash
# SPDX-License-Identifier: ISC
# Debian's Postfix under OpenRC.
. "$(dirname "$0")/../inits.sh"
by='openrc, postfix'
restart_it() { mx rc-service postfix restart; }
cared() { mx rc-service postfix status; }
inits_start openrc || bail "openrc does not boot"

case_reload
case_restart
case_fails
case_faq

cell traps
again
mx sh -c 'kill -9 "$(cat /var/spool/postfix/pid/master.pid)"'
wait_for 5 mx sh -c '! pgrep -x master'
ok "killed: rc-status says started" mx sh -c 'rc-status | grep -q "postfix.*started"'
fix
is "... fix: exit" "$status" 0
ok "... claims no more than the configuration" said 'verified: config$'
ok "... and does not start it" mx sh -c '! pgrep -x master'

# A script of OpenRC's own kind, as Alpine and Gentoo have it, in the place of Debian's.
again
mx sh -c 'rc-service postfix stop; mv /etc/init.d/postfix /root/postfix.lsb
	printf "%s\n" "#!/sbin/openrc-run" "extra_started_commands=reload" \
		"start() { ebegin starting; postfix start >/dev/null 2>&1; eend \$?; }" \
		"stop() { ebegin stopping; postfix stop >/dev/null 2>&1; eend \$?; }" \
		"reload() { ebegin reloading; postfix reload >/dev/null 2>&1; eend \$?; }" >/etc/init.d/postfix
	chmod 755 /etc/init.d/postfix; rc-service postfix zap; rc-service postfix start' >>"$lab_run/daemons" 2>&1
ok "a native script: Postfix runs by it" wait_for 10 running
lab_aged
fix
is "... fix, reload: exit" "$status" 0
ok "... by it" said 'reloaded by openrc, postfix$'
is "... mail leaves from the pin" "$(lab_sources)" "$new"
was=$(master)
fix --method inet_interfaces --restart
ok "... restart: another process" [ "$(master)" != "$was" ]
ok "... by it" said 'restarted by openrc, postfix$'
# One that has OpenRC put the daemon into the background: killed, it is "started" when asked first.
mx sh -c 'rc-service postfix stop
	printf "%s\n" "#!/sbin/openrc-run" "command=/usr/lib/postfix/sbin/master" "command_background=yes" "pidfile=/run/master.pid" >/etc/init.d/postfix
	rc-service postfix zap; rc-service postfix start' >>"$lab_run/daemons" 2>&1
ok "a script with command_background: Postfix runs by it" wait_for 10 running
mx sh -c 'kill -9 "$(cat /var/spool/postfix/pid/master.pid)"'
wait_for 5 no_master
fix --restart
is "... killed: fix --restart: exit" "$status" 0
ok "... claims no more than the configuration" said 'verified: config$'
mx sh -c 'mv /root/postfix.lsb /etc/init.d/postfix; rc-service postfix zap; rc-service postfix start' >>"$lab_run/daemons" 2>&1

case_confirm
. "$here/promise.sh"
case_promise
