#!/bin/bash
# SPDX-License-Identifier: ISC
# A container without init: process 1 is no init, though init scripts are there.
. "$(dirname "$0")/../inits.sh"
by='its own commands'
restart_it() { mx_stop; mx_start; }
cared() { running; }
lab_start || bail "the lab does not start"
. "$here/transaction.sh"
before=$(configuration) fresh=yes

case_reload
case_restart
case_fails
case_faq

cell traps
again
mx chmod 644 /usr/sbin/postfix
fix --method inet_interfaces
is "nothing answers and no command of its own: exit" "$status" 2
ok "... says so" said 'no init answers for it and it has no command of its own to restart it'
is "... nothing was changed" "$(configuration)" "$before"
mx chmod 755 /usr/sbin/postfix

cell confirm
again
fix --confirm 3600
is "--confirm where no init can roll back at boot: exit" "$status" 2
ok "... says why" said 'no init here would roll it back at the next boot'
is "... nothing was changed" "$(configuration)" "$before"
fix --confirm 3600 --accept HOST-NO-BOOT-HOOK
is "... unless that is accepted: exit" "$status" 0
is "... mail leaves from the pin" "$(lab_sources)" "$new"
ok "... undo" mx mtapin undo
