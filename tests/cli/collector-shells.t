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

for kind in $kinds; do
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

# Every name that decides which addresses are own is resolved: in main.cf, in a service's -o, behind $names; where
# postconf expands them, and where there is none. What is no name is not asked.
resolved() { # SHELL NAME...: exactly these
	s=$1
	shift
	collect "$s" "$dir/names" || return
	item names "$dir/names" | sed 's/ .*//' | sort -u >"$dir/asked"
	printf '%s\n' "$@" | sort | diff - "$dir/asked"
}
root=$dir/gnu
printf 'pin = four.example\nmyhostname = mail.example.net\nmydomain = example.net\ninet_interfaces = one.example,\n  two.example [192.0.2.10]\n\t# a remark\n\t$myhostname x.$mydomain\nmydestination = not.example\n' \
	>"$root/etc/postfix/main.cf"
printf 'smtp unix - - y - - smtp -o inet_interfaces=three.example,[::1] -o smtp_helo_name=helo.example\nrelay unix - - y - - smtp\n  -o { inet_interfaces = $pin, five.example }\n#out unix - - y - - smtp -o inet_interfaces=six.example\n' \
	>"$root/etc/postfix/master.cf"
rm -f "$root/usr/bin/postconf"
script raw
for s in $shells; do
	ok "$s: names of inet_interfaces without postconf" resolved "$s" one.example two.example three.example four.example \
		five.example mail.example.net x.example.net
done
cat >"$root/usr/bin/postconf" <<'EOT'
#!/shells/dash
case $* in
*-Px*) echo 'smtp/unix/inet_interfaces = three.example,[::1]
relay/unix/inet_interfaces = four.example, five.example' ;;
*) while IFS= read -r x; do printf "%s\n" "$x"; done </etc/postfix/postconf.out ;;
esac
EOT
chmod 755 "$root/usr/bin/postconf"
printf '%s\n' "$conf" >"$root/etc/postfix/postconf.out"
for s in $shells; do
	ok "$s: names of inet_interfaces with postconf" resolved "$s" three.example four.example five.example mail.example.net
done
done_testing
