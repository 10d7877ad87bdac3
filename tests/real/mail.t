#!/bin/bash
# SPDX-License-Identifier: ISC
# `show --to` beside what becomes of the mail: each setting is tried with one mail, and its end is the one that show gave
# before: the address that the sink saw, or deferred, bounced, nothing.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"

# What show says of it: "192.0.2.10", "deferred", "broken", or its note where no client service takes it.
said() { # TO [FROM]
	mx mtapin show --json --to "$1" --from "${2:-user@mail.example.org}" | python3 -B -c '
import json, sys
route = json.load(sys.stdin)["mtas"][0]["route"]
way = route["ipv6" if sys.argv[1].split("@")[1].startswith("v6") else "ipv4"]
print(route["note"] if way is None else way["source"] if way["how"] in ("address", "kernel") else way["how"])' "$1"
}
# as TEXT SAID OUTCOME TO [FROM]
as() {
	is "$1: show" "$(said "${@:4}")" "$2"
	is "$1: the mail" "$(lab_mail "${@:4}")" "$3"
}

lab_reset inet_protocols=
as "empty inet_protocols" deferred "deferred 4.4.4" user@v4.example

lab_reset smtp_bind_address=foo.example
as "a name as IPv4 bind address, over IPv6 first" 2001:db8::12 2001:db8::12 user@v6.example
is "... over IPv4: show" "$(said user@v4.example)" broken
is "... over IPv4: the mail" "$(lab_outcome "$(lab_send user@v4.example)" 4)" nothing
ok "... and show says what then happens" mx sh -c 'mtapin show | grep -q "only until the first connection over IPv4"'

lab_reset defer_transports=smtp smtp_bind_address=192.0.2.11
id=$(lab_send user@v4.example)
is "defer_transports: show" "$(said user@v4.example)" deferred
is "defer_transports: the mail" "$(lab_outcome "$id")" "deferred 4.3.2"
ok "... the flush that show names" mx postqueue -f
ok "... lets it go" wait_for 10 eval '[ "$(lab_field "$id" peer)" = 192.0.2.11 ]'

lab_reset 'sender_dependent_default_transport_maps=inline:{null@mail.example.org=:[192.0.2.1]}' 'transport_maps=inline:{v4.example=relay:}'
is "a null transport: show" "$(said user@v4.example null@mail.example.org)" \
	"a null transport is not allowed: qmgr asks again for ever, and all mail waits behind this one"
as "a mail before it" 192.0.2.10 192.0.2.10 user@v4.example
is "the mail itself" "$(lab_outcome "$(lab_send user@v4.example null@mail.example.org)" 4)" nothing
is "and all mail behind it" "$(lab_outcome "$(lab_send user@v4.example)" 4)" nothing

# What every program of Postfix refuses, and nothing here looks at.
for setting in 'myhostname=mail.<NAME>' default_process_limit=abc 'ipc_timeout=10y' 'setgid_group=nosuch' 'double_bounce_sender='; do
	lab_reset
	lab_set "${setting%%=*}" "${setting#*=}"
	name=${setting%%=*}
	mx mtapin show >"$lab_run/shown"
	ok "$setting: PF-BROKEN with its line" grep -A 1 '^error   PF-BROKEN' "$lab_run/shown"
	ok "$setting: the line is that of the parameter" grep -q -E "^ +/etc/postfix/main\.cf:$(grep -n "^$name = " "$mx_root/etc/postfix/main.cf" | cut -d: -f1)( |\$)" "$lab_run/shown"
	is "$setting: the mail" "$(lab_mail user@v4.example)" "refused 75"
	before=$(lab_state)
	mx mtapin fix --ip 192.0.2.11 --ip6 keep --yes >"$lab_run/fixed" 2>&1
	is "$setting: fix refuses" "$?" 2
	is "$setting: and nothing is touched" "$(lab_state)" "$before"
done

# An indexed table is what its index says. The mail arrives from the address of the service that the index names.
pins() { lab_option smtp smtp_bind_address 192.0.2.11 && lab_option relay smtp_bind_address 192.0.2.12; }
table() { # NAME TEXT: written, and made older than an index that comes now
	printf '%s\n' "$2" >"$mx_root/etc/postfix/$1"
	touch -d '90 seconds ago' "$mx_root/etc/postfix/$1"
}
stale() { mx mtapin show | sed -n 's/^\([a-z]*\) *PF-TABLE-STALE .*/\1/p'; }
lab_reset 'transport_maps=hash:/etc/postfix/transport'
pins
table transport 'v4.example relay:'
mx postmap hash:/etc/postfix/transport
lab_postfix reload
is "an index as new as its text: no finding" "$(stale)" ""
as "... by it" 192.0.2.12 192.0.2.12 user@v4.example
printf 'v4.example smtp:\n' >"$mx_root/etc/postfix/transport"
touch "$mx_root/etc/postfix/transport" -d '30 seconds'
is "a text edited without postmap: a warning" "$(stale)" warning
as "... by the index" 192.0.2.12 192.0.2.12 user@v4.example
ok "... and show says that the text differs" mx sh -c 'mtapin show --to user@v4.example --from user@mail.example.org | grep -F "v4.example relay: (by its index; its text says otherwise)"'
mx mtapin collect >"$mx_root/run/bundle"
ok "... of a bundle by the text, and it says so" mx sh -c 'mtapin show --bundle /run/bundle --to user@v4.example --from user@mail.example.org | grep "^  to .*; by the text of hash:/etc/postfix/transport, which is newer than its index"'
rm "$mx_root/etc/postfix/transport.db"
lab_postfix reload
is "no index: an error" "$(stale)" error
note_waits='hash:/etc/postfix/transport has no index (/etc/postfix/transport.db): the mail waits'
as "... the mail waits" "$note_waits" "deferred 4.3.0" user@v4.example

# Rewriting, through tables that only the host can be asked about: each address leads to the next.
lab_reset 'virtual_alias_maps=hash:/etc/postfix/virtual, regexp:/etc/postfix/patterns' \
	'sender_canonical_maps=hash:/etc/postfix/canonical' 'transport_maps=hash:/etc/postfix/transport' \
	'sender_dependent_default_transport_maps=hash:/etc/postfix/senders'
pins
table virtual 'info@mail.example.org first@v4.example'
table patterns '/^first@(.*)$/ second@$1'
table canonical 'user@mail.example.org boss@cust.example'
table transport 'second@v4.example relay:'
table senders '@cust.example relay:'
for name in virtual canonical transport senders; do
	mx postmap "hash:/etc/postfix/$name"
	rm "$mx_root/etc/postfix/$name"
done
lab_postfix reload
as "an alias of an alias, by tables without text" 192.0.2.12 192.0.2.12 info@mail.example.org
as "a sender that becomes another, who has a transport of its own" 192.0.2.12 192.0.2.12 user@v4.example
as "one that does not" 192.0.2.11 192.0.2.11 user@v4.example other@mail.example.org
ok "the chain" mx sh -c 'mtapin show --to info@mail.example.org --from a@b.example >/run/shown; grep -F "the recipient becomes second@v4.example" /run/shown && grep -E "patterns +regexp:/etc/postfix/patterns: first@v4.example second@v4.example" /run/shown'
