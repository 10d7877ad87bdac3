#!/bin/sh
# SPDX-License-Identifier: ISC
# One bundle, whichever shell and utilities: dash, bash, busybox ash, mksh, ksh93; GNU and busybox.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"

conf='mail_version = 3.7.11
config_directory = /etc/postfix
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
mail_owner = postfix
inet_interfaces = 192.0.2.10, mail.example.net
multi_instance_directories =
transport_maps = hash:/etc/postfix/transport
relayhost = [198.51.100.7]:587'

compare() { # NAME: the bundles of all shells in $root
	for s in $shells; do
		ok "$1, $s: runs" collect "$s" "$dir/$s.raw"
		plain "$dir/$s.raw" "$dir/$s.plain"
		[ "$s" = dash ] || ok "$1, $s: the bundle of dash" diff "$dir/dash.plain" "$dir/$s.plain"
	done
	items "$dir/dash.raw" >"$dir/items"
	has items "$1: complete" '^complete '
	has items "$1: main.cf" "^file	/etc/postfix/main.cf	(present|redacted)	$(printf '%s' "$postfix_main" | wc -c)	f 644 0:0"
	has items "$1: the table" '^file	/etc/postfix/transport	(present|redacted)	'
	hasnt items "$1: no item has failed" '	failed	'
	ok "$1: the kernel's source" grep -q 'src 192\.0\.2\.10' "$dir/dash.raw"
	ok "$1: a literal next hop of main.cf" grep -q '198\.51\.100\.7 .*src' "$dir/dash.raw"
	ok "$1: a literal next hop of a table" grep -q '203\.0\.113\.9 .*src' "$dir/dash.raw"
}

for kind in gnu busybox; do
	ok "a root of $kind programs" tree $kind $kind
	postfix_files
	sleep 300 &
	sleeper=$!
	printf '%10d\n' $sleeper >"$root/var/spool/postfix/pid/master.pid"
	for mode in raw redacted; do
		script $mode
		compare "$kind, $mode"
	done
	printf '%s\n' "$conf" >"$root/etc/postfix/postconf.out"
	fake_postconf
	script raw
	compare "$kind, with postconf"
	item 'postfix.conf /etc/postfix' "$dir/dash.raw" >"$dir/conf"
	has conf "$kind: what postconf says" '^mail_version = 3\.7\.11$'
	item 'postfix.master /etc/postfix' "$dir/dash.raw" >"$dir/conf"
	has conf "$kind: the master runs in this or another network" '^netns (same|other)$'
	kill $sleeper
	wait $sleeper 2>/dev/null
done
done_testing
