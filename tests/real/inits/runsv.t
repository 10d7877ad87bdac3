#!/bin/bash
# SPDX-License-Identifier: ISC
# postfix start-fg supervised by runit.
. "$(dirname "$0")/supervised.sh"
by='runit, /srv/scan/postfix' reload_by='its own command below runit, /srv/scan/postfix' supervisor=runsv
supervised_start "/usr/bin/runsvdir -P /srv/scan" || bail "it does not boot"

case_reload
case_restart
case_fails
case_faq_elsewhere
case_confirm
