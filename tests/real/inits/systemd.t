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
start_fails_when_pinned
echo 'inet_interfaces = 192.0.2.11' >>"$etc/main.cf"
ok "an instance that fails: systemctl restart postfix says 0" mx systemctl restart postfix
is "... and is-active says" "$(mx systemctl is-active postfix)" active
ok "... of nothing" no_master
untrap

again
mx systemctl stop postfix@-.service
ok "stopped: a reload by systemctl fails" not mx systemctl reload postfix@-.service
fix
is "... fix: exit" "$status" 0
ok "... claims no more than the configuration" said 'verified: config$'
ok "... and does not start it" no_master

again
ok "who is not root: systemctl refuses a restart" not mx_user systemctl restart postfix@-.service
ok "... but tells the state" mx_user systemctl is-active postfix@-.service
status=0
mx_user mtapin fix "${pin[@]}" --yes >"$lab_run/out" 2>"$lab_run/err" || status=$?
is "... fix: exit" "$status" 2
ok "... says so" said 'root'
is "... nothing was changed" "$(configuration)" "$before"

again same
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

case_confirm
