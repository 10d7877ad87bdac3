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

cell traps
again
printf '#!/bin/sh\nexit 101\n' >"$mx_root/usr/sbin/policy-rc.d"
chmod 755 "$mx_root/usr/sbin/policy-rc.d"
was=$(master)
ok "policy-rc.d denies: invoke-rc.d says 0" mx invoke-rc.d postfix restart
is "... and has not restarted it" "$(master)" "$was"
fix --method inet_interfaces
is "... fix: exit" "$status" 0
ok "... has restarted it" [ "$(master)" != "$was" ]
is "... mail leaves from the pin" "$(lab_sources)" "$new"
rm "$mx_root/usr/sbin/policy-rc.d"

case_confirm
