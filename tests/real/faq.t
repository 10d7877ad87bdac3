#!/bin/bash
# SPDX-License-Identifier: ISC
# The two lines that a hosting provider's FAQ tells its customers to type, on the stock dual-stack
# host: what they break is found, nothing else; and fix, by any method, leaves nothing to find.
. "$(dirname "$0")/lab.sh"
. "$here/findings.sh"
lab_start || bail "the lab does not start"

is "stock host: nobody has chosen, and IPv6 goes from the last one added" "$(findings)" HOST-UNCHOSEN
faq() {
	lab_reset
	mx sh -c 'postconf -e "inet_interfaces = 192.0.2.11" && /etc/init.d/postfix restart' >>"$lab_run/daemons" 2>&1
}
ok "the FAQ's two lines" faq
is "IPv4 is pinned, IPv6 leaks" "$(lab_sources)" "192.0.2.11 2001:db8::12"
is "found: the leak, the closed loopback port, nothing else" "$(findings)" "PF-IPV6-LEAK PF-LOOPBACK-CLOSED"
is "show tells the same sources" "$(shown smtp ipv4) $(shown smtp ipv6)" "192.0.2.11 2001:db8::12"

for method in auto inet_interfaces smtp_bind_address service; do
	lab_reset
	ok "fix on the stock host, --method $method" mx mtapin fix --ip 192.0.2.11 --ip6 2001:db8::11 --method "$method" --yes
	is "$method: no finding" "$(findings)" ""
	is "$method: at the sink" "$(lab_sources)" "192.0.2.11 2001:db8::11"
done
faq
ok "fix after the FAQ" mx mtapin fix --ip 192.0.2.11 --ip6 2001:db8::11 --yes
is "the leak is closed" "$(lab_sources)" "192.0.2.11 2001:db8::11"
is "what the FAQ closed is still named" "$(findings)" PF-LOOPBACK-CLOSED

lab_reset
ok "--bare writes the FAQ's line and nothing else" mx mtapin fix --ip 192.0.2.11 --ip6 keep --method inet_interfaces --bare --yes
is "one line" "$(mx sh -c 'grep -c . /etc/postfix/main.cf; grep ^inet_interfaces /etc/postfix/main.cf' | tr '\n' ' ')" \
	"$(grep -c . "$here/default/main.cf") inet_interfaces = 192.0.2.11 "
ok "master.cf is the old one" cmp "$here/default/master.cf" "$mx_root/etc/postfix/master.cf"
