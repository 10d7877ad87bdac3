#!/bin/bash
# SPDX-License-Identifier: ISC
# postfix start-fg supervised by runit.
. "$(dirname "$0")/supervised.sh"
by='runit, /service/postfix' reload_by='its own command below runit, /service/postfix' supervisor=runsv
supervised_start "/usr/bin/runsvdir -P /service" || bail "it does not boot"

case_reload
case_restart
case_fails
case_orphan 'sv -w 2 restart /service/postfix || :'
case_down "sv down /service/postfix" "sv status /service/postfix && sv check /service/postfix"
mx sh -c "sv up /service/postfix"
case_faq_elsewhere
case_confirm
