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
