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
ok "... as it does for a script that is not there" mx invoke-rc.d nosuch restart
is "... and has not restarted it" "$(master)" "$was"
fix --method inet_interfaces
is "... fix: exit" "$status" 0
ok "... has restarted it" [ "$(master)" != "$was" ]
is "... mail leaves from the pin" "$(lab_sources)" "$new"
rm "$mx_root/usr/sbin/policy-rc.d"

# A script that says 0 whatever happens, as those of sendmail, Exim and OpenSMTPD do.
again
mv "$mx_root/etc/init.d/postfix" "$mx_root/root/postfix.honest"
printf '%s\n' '#!/bin/sh' 'case $1 in restart) postfix stop; postfix start ;; status) ;; *) postfix "$1" ;; esac' 'exit 0' >"$mx_root/etc/init.d/postfix"
chmod 755 "$mx_root/etc/init.d/postfix"
start_fails_when_pinned
fix --method inet_interfaces
untrap
is "a restart that says 0 and ended dead: exit" "$status" 2
ok "... says what was seen" said 'it does not run after the restart (exit status 0'
is "... mail leaves as before" "$(lab_sources)" "$old"
mx sh -c 'kill -9 "$(cat /var/spool/postfix/pid/master.pid)"'
wait_for 5 no_master
ok "a status and a reload that say 0 of what does not run" mx sh -c 'service postfix status && service postfix reload'
fix
is "... fix: exit" "$status" 0
ok "... claims no more than the configuration" said 'verified: config$'
mv "$mx_root/root/postfix.honest" "$mx_root/etc/init.d/postfix"

case_confirm
. "$here/promise.sh"
case_promise
