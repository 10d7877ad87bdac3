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
case_confirm
