#!/bin/sh
# SPDX-License-Identifier: ISC
# check from bundles that hold answers of the DNS: nothing is asked. Formats, exit codes, lists, hostile names.
. "$srcdir/tests/cli/lib.sh"
names='> ptr 10.2.0.192.in-addr.arpa answered 192.0.2.53 0
 mail.example.net
> a mail.example.net answered 192.0.2.53 0
 192.0.2.10
> txt mail.example.net no-data 192.0.2.53 0
> mx mail.example.net no-data 192.0.2.53 0'
host() { # ANSWERS [ADDRESS]
	bundle_begin "$dir/b"
	bundle_file /etc/postfix/main.cf 'compatibility_level = 3.6
myhostname = mail.example.net
mydestination = $myhostname
inet_protocols = ipv4
smtp_bind_address = '"${2-192.88.99.10}"'
'
	bundle_file /etc/postfix/master.cf 'smtp inet n - y - - smtpd
smtp unix - - y - - smtp
'
	bundle_probe addr "2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500
    inet ${2-192.88.99.10}/24 scope global eth0"
	bundle_probe source '> 198.41.0.4 -
198.41.0.4 via 192.88.99.1 dev eth0 src 192.88.99.10 uid 0'
	bundle_probe dns "$1"
	bundle_done
}
check() { mtapin --bundle "$dir/b" check "$@"; }
public=$(printf '%s' "$names" | sed 's/10\.2\.0\.192/10.99.88.192/;s/192\.0\.2\.10$/192.88.99.10/')

host "$public"
check
is 0 "all is right: exit code"
has out "the row" '^  192\.88\.99\.10  smtp +pass +mail\.example\.net  yes +PTR and HELO are mail\.example\.net, both ways; mail leaves from it today$'
check --json
is 0 "as JSON: exit code"
valid "as JSON"
check --nagios
is 0 "--nagios: exit code"
out "--nagios: the line" 'MTAPIN OK - the addresses that mail leaves from are right | errors=0;;1;0 warnings=0;1;;0 notes=2;;;0 addresses=1;;;0'

host "$names" 192.0.2.10
check
is 1 "a warning: exit code"
check --nagios
is 1 "--nagios: a warning"
host "$(printf '%s' "$public" | sed 's/^> ptr.*/> ptr 10.99.88.192.in-addr.arpa no-name 192.0.2.53 0/;2d')"
check
is 1 "an error: exit code"
has out "the error" '^error   DNS-PTR-MISSING  192\.88\.99\.10, from which mail leaves, has no PTR record'
check --nagios
is 2 "--nagios: an error"
host "$(printf '%s' "$public" | sed 's/^> ptr.*/> ptr 10.99.88.192.in-addr.arpa timeout 192.0.2.53 0/;2d')"
check --nagios
is 3 "--nagios: could not determine"
has out "--nagios: who was silent" 'MTAPIN UNKNOWN - DNS-UNKNOWN: reverse DNS of 192\.88\.99\.10 could not be determined: no answer from 192\.0\.2\.53 \|'
mtapin --bundle "$dir/none" check --nagios
is 3 "--nagios: nothing could be read"
has out "... says so on stdout" '^MTAPIN UNKNOWN - .*none: cannot be opened'
mtapin --bundle "$dir/none" check
is 2 "nothing could be read"

# ---- hostile names, in every format ----
esc=$(printf '\033')
host "> ptr 10.99.88.192.in-addr.arpa answered 192.0.2.53|x 0
 a|b${esc}]0;x.example
> a a|b${esc}]0;x.example no-name 192.0.2.53 0
> txt mail.example.net answered 192.0.2.53 0
 v=spf1 ${esc}[2J exists:%{i}.example -all"
for format in '' --json --nagios; do
	check ${format:+$format}
	hasnt out "hostile names${format:+, $format}: no escape" "$esc"
done
check --nagios
ok "--nagios: one '|' only" test "$(tr -cd '|' <"$dir/out" | wc -c)" = 1
check --json
valid "hostile names as JSON"

# ---- a kept bundle ----
host "$public"
check --save-bundle "$dir/kept"
is 0 "--save-bundle"
cp "$dir/out" "$dir/first"
ok "... is for its owner alone" test "$(stat -c %a "$dir/kept")" = 600
mtapin --bundle "$dir/kept" check
ok "... says the same again" cmp "$dir/first" "$dir/out"
ln -s "$dir/kept" "$dir/link"
check --save-bundle "$dir/link"
is 2 "--save-bundle through a link"
check --save-bundle /dev/full
is 2 "--save-bundle into a device"

# ---- lists ----
check --dnsbl=dnsbl.sorbs.net
is 64 "a dead list"
err "... by name" 'mtapin: --dnsbl: dnsbl.sorbs.net is not asked: it was switched off on 2024-06-05'
check --dnsbl=nosuch.example
is 64 "a list that nobody knows"
has err "... names those that are" 'there are: zen\.spamhaus\.org, '
check --dnsbl=zen.spamhaus.org,psbl.surriel.com
is 0 "lists that were not asked are no warning"
has out "... but said to be unknown" '^note    DNS-DNSBL-UNKNOWN  whether psbl\.surriel\.com lists .*: it was not asked$'
check --dnsbl
has out "--dnsbl alone: all that live" 'whether bl\.spamcop\.net lists'
hasnt out "... and no other" sorbs
check --nagios --json
is 3 "--nagios with --json: a monitoring system knows no other code"
has out "... and is told" '^MTAPIN UNKNOWN - --nagios: cannot be had together with --json$'
done_testing
