# SPDX-License-Identifier: ISC
# supervised.sh NAME: `postfix start-fg` below a supervisor of its own, under systemd, where Debian's own
# unit is masked: the unit of the process's control group is the supervisor's, not the service's.
. "$(dirname "${BASH_SOURCE[0]}")/../inits.sh"
folder= supervisor=

# supervised_start SCAN: the tree has the service folder /service/postfix and a unit that runs SCAN there.
supervised_start() {
	inits_start systemd "
		mkdir -p /service/postfix
		printf '#!/bin/sh\n[ -e /run/configured ] || /usr/lib/postfix/configure-instance.sh -\n: >/run/configured\nexec /usr/sbin/postfix start-fg\n' >/service/postfix/run
		chmod 755 /service/postfix/run
		printf '[Unit]\nDescription=services\n[Service]\nExecStart=$1\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/scan.service
		systemctl enable scan.service
		systemctl mask postfix.service postfix@-.service"
}
# Down, then whatever the supervisor does about that.
restart_it() { mx postfix stop; wait_for 20 running; }
# The supervisor's child is the daemon, or the shell above it.
cared() {
	local pid
	pid=$(master)
	while [ "$pid" -gt 1 ]; do
		pid=$(awk '/^PPid:/ { print $2 }' "$mx_root/proc/$pid/status") || return
		[ "$(cat "$mx_root/proc/$pid/comm")" != "$supervisor" ] || return 0
	done
	return 1
}
# case_down COMMAND STATUS-COMMAND: who takes a service down, and who tells of it: their exit status is 0 whatever it is.
case_down() {
	cell traps
	again
	mx sh -c "$1; postfix stop" >>"$lab_run/daemons" 2>&1
	wait_for 10 no_master
	ok "taken down: its status command says 0" mx sh -c "$2"
	fix
	is "... fix: exit" "$status" 0
	ok "... claims no more than the configuration" said 'verified: config$'
	ok "... and does not start it" no_master
}
# case_orphan COMMAND: what an administrator would type to restart it; svc, s6-svc say 0 whatever happens.
case_orphan() {
	local was
	cell traps
	again
	was=$(master)
	mx sh -c "$1" >>"$lab_run/daemons" 2>&1
	is "what the supervisor sends ends the shell, not the daemon: its exit status" $? 0
	sleep 2
	# What the shells say that the supervisor starts in vain is no news to mtapin then.
	wait_for 20 mx sh -c 'journalctl -q SYSLOG_FACILITY=2 | grep -q "already running"' || note "no shell says so"
	is "... the old process is still there" "$(master)" "$was"
	ok "... outside its care" not cared
	lab_aged
	fix --restart
	is "... fix --restart: exit" "$status" 0
	ok "... the process is another one" [ "$(master)" != "$was" ]
	ok "... under its care again" wait_for 10 cared
	is "... mail leaves from the pin" "$(lab_sources)" "$new"
}
