#!/bin/bash
# SPDX-License-Identifier: ISC
# Which paths a pin reaches, and which it must not touch: content filters and LMTP on loopback, pools,
# relay, relayhost; HELO.
. "$(dirname "$0")/lab.sh"
. "$here/findings.sh"
goal=(--ip 192.0.2.11 --ip6 2001:db8::11)
methods='smtp_bind_address service inet_interfaces'
lab_start || bail "the lab does not start"

# append FILE: standard input goes to the end of a file in /etc/postfix; Postfix starts anew.
append() {
	cat >>"$mx_root/etc/postfix/$1"
	lab_aged
	lab_postfix restart
}
fix() { mx mtapin fix "${goal[@]}" --yes "$@"; }
status_of() {
	"$@" >/dev/null 2>&1
	echo $?
}

# ---- a filter with a service of its own, and what it gives back on 10026 ----
filter_of_its_own() {
	lab_reset content_filter=smtp-amavis:[127.0.0.1]:10024
	append master.cf <<-'END'
		smtp-amavis unix - - y - 2 smtp
		        -o smtp_send_xforward_command=yes
		127.0.0.1:10026 inet n - y - - smtpd
		        -o content_filter=
		        -o mynetworks=127.0.0.0/8
	END
}
for method in $methods; do
	filter_of_its_own
	is "$method, filter: before" "$(lab_mail user@v4.example) $(lab_outcome "$(lab_inject 10026 user@v4.example)")" "127.0.0.1 192.0.2.10"
	ok "$method, filter: fix" fix --method "$method"
	is "$method, filter: it still sees 127.0.0.1" "$(lab_mail user@v4.example)" 127.0.0.1
	is "$method, filter: what it gives back leaves from the pin" "$(lab_outcome "$(lab_inject 10026 user@v4.example)")" 192.0.2.11
	is "$method, filter: nothing that loopback lost" "$(findings | tr ' ' '\n' | grep LOOPBACK)" ""
done

# ---- a filter behind the service that also carries the internet's mail ----
for method in $methods; do
	lab_reset content_filter=smtp:[127.0.0.1]:10024
	append master.cf <<-'END'
		127.0.0.1:10026 inet n - y - - smtpd
		        -o content_filter=
		        -o mynetworks=127.0.0.0/8
	END
	ok "$method, shared service: fix" fix --method "$method"
	is "$method, shared service: the filter still sees 127.0.0.1" "$(lab_mail user@v4.example)" 127.0.0.1
	is "$method, shared service: the rest is pinned" "$(lab_outcome "$(lab_inject 10026 user@v4.example)")" 192.0.2.11
done

# ---- LMTP on loopback ----
for method in $methods; do
	lab_reset "mydestination=localhost" "virtual_mailbox_domains=box.example" "virtual_transport=lmtp:inet:[127.0.0.1]:10025"
	ok "$method, LMTP: fix" fix --method "$method"
	is "$method, LMTP still sees 127.0.0.1" "$(lab_mail user@box.example)" 127.0.0.1
	is "$method, LMTP: the internet is pinned" "$(lab_sources)" "192.0.2.11 2001:db8::11"
done

# ---- a pool: an address per customer ----
pool() {
	lab_reset sender_dependent_default_transport_maps=texthash:/etc/postfix/customers
	printf '@one.example out10:\n@two.example out12:\n' >"$mx_root/etc/postfix/customers"
	append master.cf <<-'END'
		out10 unix - - y - - smtp
		        -o smtp_bind_address=192.0.2.10
		out12 unix - - y - - smtp -o smtp_bind_address=192.0.2.12 -o smtp_helo_name=out12.example.org
	END
}
pool_sources() {
	echo "$(lab_mail user@v4.example a@one.example) $(lab_mail user@v4.example a@two.example) $(lab_mail user@v4.example)"
}
for method in $methods; do
	pool
	is "$method, pool: before" "$(pool_sources)" "192.0.2.10 192.0.2.12 192.0.2.10"
	ok "$method, pool: fix" fix --method "$method"
	is "$method, pool: customers keep theirs, the rest is pinned" "$(pool_sources)" "192.0.2.10 192.0.2.12 192.0.2.11"
done
pool
ok "pool, --path all: fix" fix --method service --path all
is "pool, --path all: everything is pinned" "$(pool_sources)" "192.0.2.11 192.0.2.11 192.0.2.11"

# ---- a filter that only a FILTER action feeds: a pin of inet_interfaces does not reach it either ----
lab_reset header_checks=regexp:/etc/postfix/checks
echo '/^Subject: lab/ FILTER scan:[127.0.0.1]:10024' >"$mx_root/etc/postfix/checks"
append master.cf <<-'END'
	scan unix - - y - 2 smtp
END
is "FILTER: before" "$(lab_mail user@v4.example)" 127.0.0.1
ok "FILTER: fix" fix --method inet_interfaces
is "FILTER: it still sees 127.0.0.1" "$(lab_mail user@v4.example)" 127.0.0.1
ok "FILTER: the service says so itself" mx sh -c 'mtapin show | grep -A1 "^  scan  *loopback" | grep "IPv4  127\.0\.0\.1 .*scan -o smtp_bind_address=127\.0\.0\.1$"'

# ---- show --to: the service that takes it, also by tables that only Postfix itself can read ----
to() { mx mtapin show --json --to "$1" --from a@one.example | tr -d ' \n' | sed 's/.*"route":{"path":"\([^"]*\)".*/\1/'; }
lab_reset "transport_maps=regexp:/etc/postfix/patterns" "relay_domains=hash:/etc/postfix/relayed" "smtp_address_preference=ipv4"
printf '/@v4\.example$/ out12:\n/^mx4\.example$/ out12:\n' >"$mx_root/etc/postfix/patterns"
echo 'example relayed' >"$mx_root/etc/postfix/relayed"
mx sh -c 'postmap hash:/etc/postfix/relayed && rm /etc/postfix/relayed'
append master.cf <<-'END'
	out12 unix - - y - - smtp -o smtp_bind_address=192.0.2.12
	relay unix - - y - - smtp -o smtp_bind_address=192.0.2.11
END
is "--to, a pattern: the service" "$(to user@v4.example)" out12
is "--to, a pattern: at the sink" "$(lab_mail user@v4.example)" 192.0.2.12
is "--to, an index without its text: the service" "$(to user@relayed.example)" relay
is "--to, an index without its text: at the sink" "$(lab_mail user@relayed.example)" 192.0.2.11

# ---- relay is a service of its own ----
for method in $methods; do
	lab_reset relay_domains=relayed.example smtp_address_preference=ipv4
	ok "$method, relay: fix" fix --method "$method"
	is "$method, relay is pinned too" "$(lab_mail user@relayed.example)" 192.0.2.11
done

# ---- a smart host: the world sees its address ----
lab_reset "relayhost=[relay.example]" smtp_address_preference=ipv4
before=$(lab_state)
is "relayhost: not pinned unless named" "$(status_of fix)" 2
is "relayhost: nothing changed" "$(lab_state)" "$before"
ok "relayhost: named, it is" fix --path smtp
is "relayhost: the relay sees the pin" "$(lab_mail user@v4.example)" 192.0.2.11

# ---- HELO ----
for method in smtp_bind_address service; do
	lab_reset
	ok "$method, --helo: fix" fix --method "$method" --helo out11.example.org
	id=$(lab_send user@v4.example)
	is "$method, --helo: the sink hears it" "$(lab_outcome "$id") $(lab_field "$id" helo)" "192.0.2.11 out11.example.org"
done
