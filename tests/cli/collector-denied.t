#!/bin/sh
# SPDX-License-Identifier: ISC
# What could not be looked at is said to be so: without root, without ip.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"

# ---- without root ----
tree gnu gnu
postfix_files
chmod 640 "$root/etc/postfix/main.cf"
mkdir -p "$root/etc/postfix/closed"
echo 'x y' >"$root/etc/postfix/closed/table"
chmod 700 "$root/etc/postfix/closed" "$root/var/spool/postfix/pid"
printf 'pool unix - - y - - smtp -o x=y\n' >>"$root/etc/postfix/master.cf"
printf 'config_directory = /etc/postfix\nmail_version = 3.7.11\nconfig_directory = /etc/postfix\nqueue_directory = /var/spool/postfix\ndata_directory = /var/lib/postfix\ntransport_maps = hash:/etc/postfix/closed/table\n' \
	>"$root/etc/postfix/postconf.out"
fake_postconf
chmod 755 "$root" "$dir"
rm -r "$root/sys"
script raw
chroot_as='--userspec=65534:65534 --groups='
for s in $shells; do
	collect "$s" "$dir/bundle"
	items "$dir/bundle" >"$dir/items"
	has items "$s, no root: complete" '^complete raw'
	has items "$s, no root: main.cf is denied" '^file	/etc/postfix/main\.cf	denied	0	'
	has items "$s, no root: its owner and mode are known" '^file	/etc/postfix/main\.cf	denied	0	f 640 0:0 209 '
	has items "$s, no root: master.cf is there" '^file	/etc/postfix/master\.cf	present	'
	has items "$s, no root: in a closed folder: denied, not absent" '^file	/etc/postfix/closed/table	denied	'
	has items "$s, no root: so is the master" '^probe	postfix\.master /etc/postfix	denied	'
	has items "$s, no root: so are NAT rules" '^probe	nat	denied	'
	hasnt items "$s, no root: no bytes of it" '^file	/etc/postfix/main\.cf	.*	present	'
done
chroot_as=
collect dash "$dir/bundle"
items "$dir/bundle" >"$dir/items"
hasnt items 'root: nothing is denied' '	denied	'

# ---- without ip ----
for kind in $kinds; do
	tree no-ip-$kind $kind
	postfix_files
	drop ip
	script raw
	for s in $shells; do
		collect "$s" "$dir/bundle"
		items "$dir/bundle" >"$dir/items"
		for p in addr.proc route.proc; do
			has items "$kind, $s, no ip: $p" "^probe	$p	present	[1-9]"
		done
		for p in rule rule6 route source ip addr; do
			hasnt items "$kind, $s, no ip: $p is not asked" "^probe	$p	"
		done
		cp "$dir/bundle" "$dir/in"
		"$tool" facts <"$dir/in" >"$dir/facts"
		has facts "$kind, $s, no ip: the address" '^addr 192\.0\.2\.10/'
		has facts "$kind, $s, no ip: a source for anywhere, derived" '^source 198\.41\.0\.4 192\.0\.2\.10 mail derived$'
		[ ! -e /proc/net/if_inet6 ] || {
			has facts "$kind, $s, no ip: the IPv6 address" '^addr 2001:db8::10/64 mail'
			has facts "$kind, $s, no ip: and a source" '^source 2001:503:ba3e::2:30 2001:db8::10 mail derived$'
		}
	done
done

# ---- without stat, then without ls too: what cannot be described is failed, not left out ----
tree no-stat gnu
postfix_files
script raw
drop stat
collect dash "$dir/bundle"
items "$dir/bundle" >"$dir/items"
has items 'no stat: main.cf' '^file	/etc/postfix/main\.cf	present	209	f 644 0:0 209 '
drop ls
collect dash "$dir/bundle"
items "$dir/bundle" >"$dir/items"
has items 'neither stat nor ls: main.cf has failed' '^file	/etc/postfix/main\.cf	failed	0	'

tree with-ip gnu
postfix_files
collect dash "$dir/bundle"
"$tool" facts <"$dir/bundle" >"$dir/facts"
has facts 'with ip: the kernel was asked' '^source 198\.41\.0\.4 192\.0\.2\.10 mail asked$'

# ---- without some shells: each is a test skipped, the others are used ----
mkdir "$dir/few"
ln -s /usr/sbin/* /usr/bin/* "$dir/few" 2>/dev/null
rm -f "$dir"/few/bash "$dir"/few/busybox "$dir"/few/mksh "$dir"/few/ksh93
cat >"$dir/few.t" <<'EOT'
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"
echo "# shells: $shells; kinds: $kinds"
tree few gnu && postfix_files && script raw
ok "complete" collect dash "$dir/bundle"
done_testing
EOT
PATH=$dir/few sh "$dir/few.t" >"$dir/out" 2>"$dir/err"
has out 'few shells: only what is there' '^# shells: dash; kinds: gnu$'
for s in bash busybox mksh ksh93; do
	has out "few shells: $s is skipped" "^ok [0-9]+ - the collector in $s # SKIP needs $s\$"
done
has out 'few shells: the others are used' '^ok 5 - complete$'
has out 'few shells: nothing has failed' '^1\.\.5$'
done_testing
