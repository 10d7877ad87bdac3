#!/bin/bash
# SPDX-License-Identifier: ISC
# check against real name servers: what it says of each way in which reverse DNS, HELO and blacklists can be right, wrong
# or not to be known. A wrong claim is a row that says something else than the zone holds: there must be none.
. "$(dirname "$0")/lab.sh"
. "$here/dns.sh"
lab_start && dns_start || { cat "$lab_run"/*/console "$lab_run/daemons" >&2; bail "the lab does not start"; }
trap 'dns_stop; lab_exit' EXIT
lab_set mydestination 'mail.example.org, localhost'
lab_set myorigin example.org

said=$lab_run/said
check() {
	status=0
	mx mtapin check "$@" >"$said" 2>&1 || status=$?
}
wrong=0
row() { # ADDRESS IPREV NAME PICK REASON: patterns of the columns
	local got
	got=$(awk -v a="$1" '$1 == a { $1 = ""; sub(/^ (-|smtp, relay) /, ""); print; exit }' "$said")
	if [[ $got =~ ^$2\ $3\ $4\ $5 ]]; then ok "$1: $2 $3: $5" true; else
		wrong=$((wrong + 1))
		is "$1" "$got" "... $2 $3 $4 $5"
	fi
}
says() { ok "$1" found "$2"; }
found() { grep -q -E -- "$1" "$said" || { cat "$said"; return 1; }; }
saysnt() { ok "$1" not grep -E -- "$2" "$said"; }
not() { ! "$@"; }

# ---- what the README shows ----
mail_from() { lab_set smtp_bind_address "$1"; lab_set smtp_bind_address6 2001:db8::10; }
ask_of 10.53.0.1
mail_from 192.0.2.11
check
awk '/^```text check/ { inside = 1; getline; next } /^```/ { inside = 0 } inside' "$top/README.md" >"$lab_run/shown"
ok "the README shows nothing but what a run prints" sh -c '[ "$(grep -c . "$1")" -gt 9 ] && ! grep -vxFf "$2" "$1"' - "$lab_run/shown" "$said"
mail_from ''
lab_set smtp_bind_address6 ''
for a in 13 14 15 16 17 18 19 20 21 22; do net "$mx_pid" ip addr add 192.0.2.$a/24 dev eth0; done

start=$(date +%s%3N)
check
took=$(($(date +%s%3N) - start))
note "reverse DNS of 13 addresses, three of them without an answer: $took ms"
is "a host whose names are right, documentation addresses apart: exit" "$status" 1
says "the resolver is named" '^addresses  resolver: 10\.53\.0\.1$'
row 192.0.2.10 pass 'mail\.example\.org' yes 'PTR and HELO are mail\.example\.org, both ways; mail leaves'
row 2001:db8::10 pass 'mail\.example\.org' yes 'PTR and HELO are mail\.example\.org, both ways'
row 192.0.2.11 permerror - no 'it has no PTR record'
row 192.0.2.12 fail 'other\.example\.org' no 'its PTR name other\.example\.org does not lead back to it'
row 192.0.2.13 fail 'many[0-9]+\.example\.org' no 'its PTR name many[0-9]+\.example\.org does not lead back to it'
row 192.0.2.14 pass 'rfc2317\.example\.org' no 'its PTR name is rfc2317\.example\.org, HELO says mail\.example\.org'
row 192.0.2.15 temperror - '\?' 'could not determine: (no answer from 10\.53\.0\.1|10\.53\.0\.1 answered SERVFAIL)$'
row 192.0.2.16 temperror - '\?' 'could not determine: 10\.53\.0\.1 answered SERVFAIL$'
row 192.0.2.17 temperror - '\?' 'could not determine: (no answer from 10\.53\.0\.1|10\.53\.0\.1 answered SERVFAIL)$'
row 192.0.2.18 temperror - '\?' 'could not determine: (no answer from 10\.53\.0\.1|10\.53\.0\.1 answered SERVFAIL)$'
row 192.0.2.19 pass 'static\.19\.2\.0\.192\.pool\.example\.org' no 'its PTR name is static\.19\.2\.0\.192\.pool\.example\.org'
row 192.0.2.20 fail 'evil\\027\[31m\|name\.example\.org' no 'its PTR name evil.* does not lead back'
row 192.0.2.21 temperror - '\?' 'could not determine: 10\.53\.0\.1 answered SERVFAIL$'
row 192.0.2.22 fail 'hundred[0-9]+\.example\.org' no 'its PTR name hundred[0-9]+\.example\.org does not lead back'
says "IPv4 to pick" '^  pick IPv4  192\.0\.2\.10$'
says "IPv6 to pick" '^  pick IPv6  2001:db8::10$'
says "SPF is shown" '^  SPF example\.org  v=spf1 ip4:192\.0\.2\.10 -all$'
says "a hostile SPF record is shown escaped" '^  SPF mail\.example\.org  v=spf1 a \\027\[2J-all$'
says "where the MX leads" '^  MX of mail\.example\.org  mail\.example\.org  192\.0\.2\.10$'
saysnt "no escape reaches the terminal" "$(printf '\033')"

# ---- what was seen is kept, and seen again without a network ----
mx mtapin check --save-bundle /tmp/kept >"$lab_run/live" 2>/dev/null
is "the bundle is for root alone" "$(mx stat -c %a /tmp/kept)" 600
mx unshare --net mtapin check --bundle /tmp/kept >"$lab_run/replay" 2>/dev/null
is "the replay without a network: exit" $? 1
ok "... says the same, word for word" cmp "$lab_run/live" "$lab_run/replay"

# ---- resolvers in trouble ----
mail_from 192.0.2.11
check
is "no PTR for the address that sends: exit" "$status" 1
says "... the error" '^error   DNS-PTR-MISSING  192\.0\.2\.11, from which mail leaves, has no PTR record \(iprev: permerror\)$'
says "... the record to ask for" '^        ask the provider: 11\.2\.0\.192\.in-addr\.arpa\. IN PTR mail\.example\.org\.$'
trouble() { # RESOLVER WORDS
	ask_of "$1"
	check
	says "resolver $1: $2" "^warning (DNS-UNKNOWN|DNS-NO-RESOLVER) .*$2"
	saysnt "... no claim about records" 'DNS-PTR-MISSING|DNS-PTR-UNCONFIRMED|DNS-HELO-UNRESOLVED|permerror'
}
mail_from 192.0.2.10
trouble 10.53.0.3 'no answer from 10\.53\.0\.3'
trouble 10.53.0.4 'the answer of 10\.53\.0\.4 is cut off or malformed'
trouble 10.53.0.5 '10\.53\.0\.5 answered with a referral to other servers'
trouble 10.53.0.2:54 'no resolver: nobody listens at 10\.53\.0\.2:54'
net "$dns_pid" true && sed -i 's/allow$/refuse/' "/proc/$dns_pid/root/run/unbound.conf"
ask_of 10.53.0.2
lab_set smtp_helo_name mail.elsewhere.example
check
says "REFUSED by a server of other zones" '^warning DNS-UNKNOWN .*: 10\.53\.0\.2 answered REFUSED$'
saysnt "... is not read as no record" 'DNS-HELO-UNRESOLVED'
lab_set smtp_helo_name mail.example.org
ask_of '10.53.0.3", "10.53.0.1'
check
says "the second resolver answers where the first is silent" '^  pick IPv4  192\.0\.2\.10$'

# ---- a monitoring system ----
ask_of 10.53.0.1
check --nagios
is "--nagios: exit" "$status" 1
is "--nagios: one line" "$(wc -l <"$said")" 1
says "--nagios: state and counters" '^MTAPIN WARNING - HOST-DOCUMENTATION: .* \| errors=0;;1;0 warnings=[0-9]+;1;;0 notes='
ask_of 10.53.0.3
check --nagios
is "--nagios where nothing is known beside the warning: exit" "$status" 1

# ---- blacklists ----
list() { printf 'dnsbl %s { zone = "%s.%s.example" codes = {"2=listed"} %s }\n' "$1" "$1" "${3-bl}" "${2-}"; }
ask_of 10.53.0.1 "$(list good)" "$(list world)" "$(list dead)" "$(list refuses)" "$(list six 'ipv6 = true')" \
	'dnsbl silent { zone = "silent.example" codes = {"2"} }'
mail_from 192.0.2.11
check
says "listed" '^error   DNS-LISTED  192\.0\.2\.11 is listed by good: 127\.0\.0\.2 listed$'
says "IPv6 too" '^error   DNS-LISTED  2001:db8::10 is listed by six: 127\.0\.0\.2 listed$'
says "a list of the whole world" 'DNS-DNSBL-UNKNOWN  whether world lists .* could not be determined: it lists 127\.0\.0\.1 too'
says "a dead list" 'DNS-DNSBL-UNKNOWN  whether dead lists .* could not be determined: it does not list its own test entry'
says "127.255.255.254" 'DNS-DNSBL-UNKNOWN  whether refuses lists .*: it answered 127\.255\.255\.254: the list does not answer public'
says "... whose silence is said to be waited for" '^mtapin: \.\.\. waiting for answers of the DNS$'
says "a silent list" 'DNS-DNSBL-UNKNOWN  whether silent lists .* could not be determined: '
is "nothing else is said to be listed" "$(grep -c '^error   DNS-LISTED' "$said")" 2
mail_from 192.0.2.10
check --dnsbl=good
saysnt "clean" 'DNS-LISTED  192\.0\.2\.10 |DNS-DNSBL-UNKNOWN'
says "... and to be picked" '^  192\.0\.2\.10 .* not known to be listed; mail leaves from it today$'

# ---- fix --ip auto ----
ask_of 10.53.0.1
lab_set smtp_bind_address ''
lab_set smtp_bind_address6 ''
status=0
mx mtapin fix --ip auto --yes >"$said" 2>&1 || status=$?
is "fix --ip auto: exit" "$status" 0
ok "... pinned both" grep -q '^smtp_bind_address6 = 2001:db8::10$' "$mx_root/etc/postfix/main.cf"
saysnt "... an address that sent before needs no follow-up" 'now see to it: .*192\.0\.2\.10'
says "... a new one does" 'now see to it: reputation: large receivers do not know 2001:db8::10 yet'
saysnt "... its PTR is right already" 'now see to it: PTR'
mx mtapin undo >>"$lab_run/daemons" 2>&1
lab_set smtp_helo_name other.example.org
status=0
mx mtapin fix --ip auto >"$said" 2>&1 || status=$?
is "no good address: fix --ip auto: exit" "$status" 2
says "... what to ask for" 'no IPv4 address is good: ask the provider of 192\.0\.2\.10 to set its PTR: 10\.2\.0\.192\.in-addr\.arpa\. IN PTR other\.example\.org\.'
lab_set smtp_helo_name mail.example.org
status=0
mx mtapin fix --ip 192.0.2.11 --ip6 keep --method inet_interfaces >"$said" 2>&1 || status=$?
says "a plan that closes what an MX leads to" 'warning DNS-MX-CLOSED: mail for mail\.example\.org is sent to mail\.example\.org \(192\.0\.2\.10\)'

# ---- 50 addresses, 20 lists, 300 ms away ----
for a in $(seq 100 136); do net "$mx_pid" ip addr add 192.0.2.$a/24 dev eth0; done
lists=()
for i in $(seq 1 20); do lists+=("$(list "l$i" "" slow)"); done
ask_of 10.53.0.1 "${lists[@]}"
for a in 15 16 17 18 21; do net "$mx_pid" ip addr del 192.0.2.$a/24 dev eth0; done
for a in $(seq 137 141); do net "$mx_pid" ip addr add 192.0.2.$a/24 dev eth0; done
check -v
line=$(grep -o 'asked the DNS .*' "$said")
note "50 addresses and 20 lists: $line"
ok "less than twice the slowest answer" awk -v line="$line" 'BEGIN { split(line, w, " "); exit !(w[4] >= 1000 && w[7] < 2 * w[13]) }'
saysnt "... and nothing was left unanswered" 'DNS-DNSBL-UNKNOWN|DNS-UNKNOWN'

# ---- a list that is asked more than a burst of 64: the rest 10 a second, by the clock of its server ----
for a in $(seq 142 174); do net "$mx_pid" ip addr add 192.0.2.$a/24 dev eth0; done
asked=/proc/$lists_pid/root/run/asked
: >"$asked"
ask_of 10.53.0.1 "$(list l21 '' slow)"
check
# The resolver repeats a question now and then: the first of each counts.
pace=$(awk '!seen[$2]++ { t[++n] = $1 } END {
	for (i = 1; i <= n; i++) if (i - 64 - 10 * (t[i] - t[1]) > over) over = i - 64 - 10 * (t[i] - t[1])
	printf "%d questions in %.1f s, at most %.1f too early", n, t[n] - t[1], over }' "$asked")
note "one list: $pace"
ok "no more than 64 at once, then 10 a second" awk -v pace="$pace" 'BEGIN { split(pace, w, " "); exit !(w[1] >= 80 && w[4] >= (w[1] - 66) / 10 && w[8] < 3) }'
saysnt "... and all were answered" 'DNS-DNSBL-UNKNOWN'
is "wrong claims on the whole set" "$wrong" 0
