#!/bin/bash
# SPDX-License-Identifier: ISC
# Debian's Postfix under systemd: postfix@-.service behind the one-shot postfix.service.
. "$(dirname "$0")/../inits.sh"
by='systemd, postfix@-.service'
restart_it() { mx sh -c 'systemctl reset-failed postfix@-.service; systemctl restart postfix@-.service'; }
cared() { grep -q '/postfix@-[.]service$' "$mx_root/proc/$(master)/cgroup"; }
inits_start systemd || bail "systemd does not boot"

case_reload
case_restart
case_fails
case_faq

cell traps
again
mx systemctl mask --runtime postfix@-.service >/dev/null 2>&1
fix --method inet_interfaces
is "masked: refused before anything is written: exit" "$status" 2
ok "... says so" said 'is masked'
is "... nothing was changed" "$(configuration)" "$before"
mx systemctl unmask --runtime postfix@-.service >/dev/null 2>&1

again
mx systemctl stop postfix@-.service
mx postfix start >>"$lab_run/daemons" 2>&1
wait_for 10 running
was=$(master)
mx systemctl restart postfix@-.service >/dev/null 2>&1
is "started outside its unit: systemctl restart does not reach it" "$(master)" "$was"
fix --method inet_interfaces
is "... fix: exit" "$status" 0
ok "... by its own commands, and said" said 'restarted by its own commands (systemd has not started it)'
is "... mail leaves from the pin" "$(lab_sources)" "$new"
mx postfix stop >>"$lab_run/daemons" 2>&1

again
mx sh -c 'kill -9 "$(cat /var/spool/postfix/pid/master.pid)"'
wait_for 5 no_master
is "killed: systemctl is-active postfix says" "$(mx systemctl is-active postfix)" active
fix
is "... fix: exit" "$status" 0
ok "... claims no more than the configuration" said 'verified: config$'
ok "... and does not start it" no_master

again
mx mkdir -p /run/systemd/system/postfix@-.service.d
printf '[Unit]\nStartLimitBurst=1\nStartLimitIntervalSec=300\n' >"$mx_root/run/systemd/system/postfix@-.service.d/limit.conf"
mx systemctl daemon-reload
restart_it
wait_for 10 running
fix --method inet_interfaces
is "the start limit is used up: exit" "$status" 2
is "... the rollback's start is let through" "$(configuration)" "$before"
ok "... Postfix runs" wait_for 10 running
is "... mail leaves as before" "$(lab_sources)" "$old"
rm -r "$mx_root/run/systemd/system/postfix@-.service.d"
mx systemctl daemon-reload

# A start that hangs is ended at the deadline.
again
start_hangs_when_pinned
echo 'service_timeout = 10' >"$mx_root/etc/mtapin.conf"
fix --method inet_interfaces
rm "$mx_root/etc/mtapin.conf"
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

# The pinned address comes late at a boot.
late() { net "$keeper" ip addr "$@" 192.0.2.11/24 dev eth0; }
late_boot() {
	late del
	inits_reboot without
	is "$1: it boots without the address" $? 0
}
again
status=0
mx mtapin fix --ip 192.0.2.11 --ip6 keep --method inet_interfaces --yes >"$lab_run/out" 2>"$lab_run/err" || status=$?
is "pinned by inet_interfaces: exit" "$status" 0
late_boot "no drop-in"
late add
sleep 7
ok "... Postfix does not start, nor when the address is there at last" no_master
restart_it
wait_for 10 running
net "$keeper" ip addr change 192.0.2.11/24 dev eth0 valid_lft 7200 preferred_lft 7200
mx mtapin show >"$lab_run/out"
ok "... such an address is a finding" said '^note *PF-BOOT-LATE '
dropin=(--ip4 keep --ip6 keep --drop-in)
was=$(master)
mx mtapin fix "${dropin[@]}" -n >"$lab_run/diff" 2>"$lab_run/err"
is "--drop-in -n: exit" $? 1
status=0
mx mtapin fix "${dropin[@]}" --yes >"$lab_run/out" 2>"$lab_run/err" || status=$?
is "--drop-in: exit" "$status" 0
is "... what is written is the diff" "$(sed -n 's/^+\([^+]\|$\)/\1/p' "$lab_run/diff")" \
	"$(cat "$mx_root/etc/systemd/system/postfix@-.service.d/mtapin.conf")"
is "... and nothing was restarted" "$(master)" "$was"
ok "... systemd takes it" mx sh -c 'systemctl daemon-reload && systemctl show -p Restart --value postfix@-.service | grep -x on-failure'
is "... a second time there is nothing to do" "$(mx mtapin fix "${dropin[@]}" --yes 2>&1 >/dev/null | tail -n 1)" "mtapin: verified: config, service"
ok "... the finding is gone" mx sh -c '! mtapin show | grep PF-BOOT-LATE'
late_boot "with the drop-in"
ok "... Postfix is not there yet" no_master
late add
ok "... with the address it comes" wait_for 12 running
is "... mail leaves from it" "$(lab_outcome "$(lab_send user@v4.example)")" 192.0.2.11
mx mtapin undo >"$lab_run/out" 2>"$lab_run/err"
is "... undo: exit" $? 0
ok "... removes it and its folder" [ ! -e "$mx_root/etc/systemd/system/postfix@-.service.d" ]
mx systemctl daemon-reload

case_confirm
