#!/bin/bash
# SPDX-License-Identifier: ISC
# postfix start-fg supervised by daemontools.
. "$(dirname "$0")/supervised.sh"
by='daemontools, /srv/scan/postfix' reload_by='its own command below daemontools, /srv/scan/postfix' supervisor=supervise
supervised_start "/usr/bin/svscan /srv/scan" || bail "it does not boot"

case_reload
case_restart
case_fails
case_faq_elsewhere
case_confirm
