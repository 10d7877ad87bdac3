#!/bin/bash
# SPDX-License-Identifier: ISC
# A Postfix that is broken now: the address it names went away. One fix repairs it.
. "$(dirname "$0")/lab.sh"
. "$here/findings.sh"
goal=(--ip 192.0.2.11 --ip6 2001:db8::11)
lab_start || bail "the lab does not start"

vanish() { net "$mx_pid" ip addr del "$1" dev eth0; }
# What a broken Postfix does, or the test proves nothing.
is_broken() { [ "$(lab_mail user@v4.example)" = "refused 75" ] && ! lab_postfix stop; }

for method in auto inet_interfaces smtp_bind_address service; do
	lab_reset "inet_interfaces=192.0.2.12, 2001:db8::12"
	is "$method: as it was" "$(lab_sources)" "192.0.2.12 2001:db8::12"
	vanish 192.0.2.12/24
	ok "$method: it is broken, and cannot even be stopped" is_broken
	ok "$method: show says so" grep -q . <<<"$(findings error)"
	ok "$method: one fix" mx mtapin fix "${goal[@]}" --method "$method" --yes
	is "$method: mail leaves from the pin" "$(lab_sources)" "192.0.2.11 2001:db8::11"
	is "$method: no error is left" "$(findings error)" ""
done

lab_reset smtp_bind_address=192.0.2.12 smtp_bind_address6=2001:db8::12
vanish 192.0.2.12/24
is "a smtp_bind_address that went away leaks" "$(lab_mail user@v4.example)" 192.0.2.10
is "show says it" "$(findings error)" PF-PIN-ABSENT
ok "one fix" mx mtapin fix "${goal[@]}" --yes
is "mail leaves from the pin" "$(lab_sources)" "192.0.2.11 2001:db8::11"

lab_reset smtp_bind_address=mail.example.org
is "a name as smtp_bind_address: nothing leaves" "$(lab_outcome "$(lab_send user@v4.example)" 3)" nothing
is "show says why" "$(findings error)" PF-BIND-UNUSABLE
ok "one fix" mx mtapin fix "${goal[@]}" --yes
# master(8) goes on holding back a service that died, for a minute, also after a reload.
is "mail leaves from the pin" "$(lab_outcome "$(lab_send user@v4.example)" 300)" "192.0.2.11"

lab_reset
mx_stop
ok "a Postfix that was down: fix" mx mtapin fix "${goal[@]}" --yes
ok "stays down" [ ! -e "$mx_root/proc/$(tr -d ' \n' <"$mx_root/var/spool/postfix/pid/master.pid")/exe" ]
lab_postfix start
is "and is pinned once it starts" "$(lab_sources)" "192.0.2.11 2001:db8::11"
