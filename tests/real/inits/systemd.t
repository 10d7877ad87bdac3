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
case_confirm
