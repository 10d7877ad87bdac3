#!/bin/bash
# SPDX-License-Identifier: ISC
# systemd: the pinned address comes late at a boot; --drop-in lets Postfix come with it.
. "$(dirname "$0")/inits.sh"
restart_it() { mx sh -c 'systemctl reset-failed postfix@-.service; systemctl restart postfix@-.service'; }
inits_start systemd || bail "systemd does not boot"

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
# The journal is the only log here.
counted() { mx mtapin log --json "$@" | python3 -c 'import json, sys; print(json.load(sys.stdin)["log"]["totals"]["sent"])'; }
ok "... the journal tells of it to mtapin log" [ "$(counted --journal --since 1h)" -ge 1 ]
is "... and of nothing that is yet to come" "$(counted --journal --since 2099-01-01)" 0
mx mtapin undo >"$lab_run/out" 2>"$lab_run/err"
is "... undo: exit" $? 0
ok "... removes it and its folder" [ ! -e "$mx_root/etc/systemd/system/postfix@-.service.d" ]
mx systemctl daemon-reload
