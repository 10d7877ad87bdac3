#!/bin/bash
# SPDX-License-Identifier: ISC
# systemd: a start that hangs, a port that somebody else takes, units of the administrator's own, a generated one.
. "$(dirname "$0")/inits.sh"
restart_it() { mx sh -c 'systemctl reset-failed postfix@-.service; systemctl restart postfix@-.service'; }
cared() { grep -q '/postfix@-[.]service$' "$mx_root/proc/$(master)/cgroup"; }
inits_start systemd || bail "systemd does not boot"

# A start that hangs is ended at the deadline.
again
start_hangs_when_pinned
echo "service_timeout = $((10 * pace))" >"$mx_root/etc/mtapin.conf"
fix --method inet_interfaces
lab_settings
untrap
is "a start that hangs: exit" "$status" 2
ok "... says that it did not end in time" said 'it did not end in time'
is "... the old bytes are back" "$(configuration)" "$before"
ok "... Postfix runs, under the same care" wait_for 10 cared
is "... mail leaves as before" "$(lab_sources)" "$old"

# Somebody else takes the port between stop and start.
again
port_taken_when_pinned
fix --method inet_interfaces
untrap
is "the port is taken at the restart: exit" "$status" 2
ok "... says so" said 'Address already in use'
is "... mail leaves as before" "$(lab_sources)" "$old"

# A unit of the administrator's own, known under two more names (Alias= and a link), around start-fg.
again
mx systemctl -q disable --now postfix.service postfix@-.service >/dev/null 2>&1
mx sh -c 'systemctl -q mask postfix.service postfix@-.service
	printf "[Unit]\nDescription=mail\n[Service]\nExecStart=/usr/sbin/postfix start-fg\n[Install]\nWantedBy=multi-user.target\nAlias=mta.service\n" >/etc/systemd/system/outbound.service
	ln -s outbound.service /etc/systemd/system/relay.service
	systemctl daemon-reload
	systemctl -q enable --now outbound.service' >>"$lab_run/daemons" 2>&1
wait_for 10 running
was=$(master)
fix --method inet_interfaces
is "a unit of another name around start-fg: exit" "$status" 0
ok "... is the one that is restarted" said 'restarted by systemd, outbound.service$'
ok "... the process is another one" [ "$(master)" != "$was" ]
ok "... in that unit" grep -q '/outbound[.]service$' "$mx_root/proc/$(master)/cgroup"
is "... mail leaves from the pin" "$(lab_sources)" "$new"
mx mtapin undo >"$lab_run/out" 2>"$lab_run/err"
is "... undo: exit" $? 0
is "... it cannot reload: systemctl says" "$(mx systemctl reload outbound.service >/dev/null 2>&1; echo $?) $(mx systemctl show -p CanReload --value outbound.service)" "3 no"
lab_aged
fix
is "... fix, reload: exit" "$status" 0
ok "... by the command of Postfix" said 'reloaded by its own command below systemd, outbound.service$'
is "... mail leaves from the pin" "$(lab_sources)" "$new"
mx mtapin undo >"$lab_run/out" 2>"$lab_run/err"
# The same around `postfix start`, which leaves systemd without a main process.
mx sh -c 'systemctl stop outbound.service
	printf "[Unit]\nDescription=mail\n[Service]\nType=forking\nGuessMainPID=no\nExecStart=/usr/sbin/postfix start\nExecStop=/usr/sbin/postfix stop\nExecReload=/usr/sbin/postfix reload\n[Install]\nWantedBy=multi-user.target\nAlias=mta.service\n" >/etc/systemd/system/outbound.service
	systemctl daemon-reload
	systemctl start relay.service' >>"$lab_run/daemons" 2>&1
wait_for 10 running
lab_aged
fix
is "... around start, reload: exit" "$status" 0
ok "... by it" said 'reloaded by systemd, outbound.service$'
is "... mail leaves from the pin" "$(lab_sources)" "$new"
mx sh -c 'systemctl -q disable --now outbound.service
	rm -f /etc/systemd/system/outbound.service /etc/systemd/system/relay.service' >>"$lab_run/daemons" 2>&1

# A script of /etc/init.d that systemd wraps: "active (exited)" while the daemon is dead.
mx sh -c 'systemctl -q unmask postfix.service postfix@-.service
	mkdir /root/units
	mv /lib/systemd/system/postfix*.service /root/units/
	systemctl daemon-reload
	rm -rf /var/lib/mtapin
	systemctl start postfix.service' >>"$lab_run/daemons" 2>&1
lab_configuration
wait_for 10 running
is "a generated unit: its path" "$(mx systemctl show -p SourcePath --value postfix.service)" /etc/init.d/postfix
fix --method inet_interfaces
is "... fix: exit" "$status" 0
ok "... by it" said 'restarted by systemd, postfix.service$'
is "... mail leaves from the pin" "$(lab_sources)" "$new"
mx sh -c 'kill -9 "$(cat /var/spool/postfix/pid/master.pid)"'
wait_for 5 no_master
is "... killed: systemctl is-active says" "$(mx systemctl is-active postfix.service)" active
mx mtapin undo >"$lab_run/out" 2>"$lab_run/err"
is "... undo: exit" $? 0
ok "... claims no more than the configuration" said 'verified: config$'
mx sh -c 'systemctl stop postfix.service; mv /root/units/* /lib/systemd/system/; systemctl daemon-reload
	systemctl -q enable postfix.service postfix@-.service' >>"$lab_run/daemons" 2>&1
