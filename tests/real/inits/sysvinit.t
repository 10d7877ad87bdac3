#!/bin/bash
# SPDX-License-Identifier: ISC
# Debian's Postfix under sysvinit.
. "$(dirname "$0")/../inits.sh"
by='sysvinit, postfix'
restart_it() { mx service postfix restart; }
cared() { running; }
inits_start sysvinit || bail "sysvinit does not boot"

case_reload
case_restart
case_fails
case_faq
case_confirm
