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

case_confirm
