#!/bin/bash
# SPDX-License-Identifier: ISC
# postfix start-fg supervised by s6.
. "$(dirname "$0")/supervised.sh"
by='s6, /service/postfix' reload_by='its own command below s6, /service/postfix' supervisor=s6-supervise
supervised_start "/usr/bin/s6-svscan /service" || bail "it does not boot"

case_reload
case_restart
case_fails
case_orphan 's6-svc -r /service/postfix'
case_faq_elsewhere
case_confirm
