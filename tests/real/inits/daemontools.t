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
case_faq_elsewhere
case_confirm
