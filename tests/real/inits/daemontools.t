#!/bin/bash
# SPDX-License-Identifier: ISC
# postfix start-fg supervised by daemontools.
. "$(dirname "$0")/supervised.sh"
by='daemontools, /service/postfix' reload_by='its own command below daemontools, /service/postfix' supervisor=supervise
supervised_start "/usr/bin/svscan /service" || bail "it does not boot"

case_reload
case_restart
case_fails
case_orphan 'svc -t /service/postfix'
case_down "svc -d /service/postfix" "svstat /service/postfix && svc -t /service/nosuch && svstat /service/nosuch"
mx sh -c "svc -u /service/postfix"
case_faq_elsewhere
case_confirm

# The folder is gone, with it what svc could ask; svc says 0.
cell traps
again
rm -r "$mx_root/service/postfix"
ok "the service folder is gone: svc -t says 0" mx svc -t /service/postfix
fix --method inet_interfaces
is "... fix: exit" "$status" 0
ok "... by its own commands" said 'restarted by its own commands'
is "... mail leaves from the pin" "$(lab_sources)" "$new"
