#!/bin/sh
# SPDX-License-Identifier: ISC
# show and fix with Postfix's files, from bundles and from trees that do not run: what is proposed, what is
# refused with exit code 2 and which first line, and that reading leaves no trace.
. "$srcdir/tests/cli/lib.sh"

main='compatibility_level = 3.6
myhostname = mail.example.net
inet_interfaces = all
inet_protocols = all
mynetworks = 127.0.0.0/8 [::1]/128
'
master='smtp      inet  n       -       y       -       -       smtpd
smtp      unix  -       -       y       -       -       smtp
relay     unix  -       -       y       -       -       smtp
'
address='1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536
    inet 127.0.0.1/8 scope host lo
    inet6 ::1/128 scope host
2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500
    inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0
    inet 192.0.2.11/24 scope global secondary eth0
    inet6 2001:db8::10/64 scope global
    inet6 2001:db8::20/64 scope global tentative
    inet6 2001:db8::21/64 scope global dadfailed tentative
3: eth1: <BROADCAST> mtu 1500
    inet 198.51.100.7/24 scope global eth1'
source='> 198.41.0.4 -
198.41.0.4 via 192.0.2.1 dev eth0 src 192.0.2.10 uid 0
> 2001:503:ba3e::2:30 -
2001:503:ba3e::2:30 from :: via 2001:db8::1 dev eth0 src 2001:db8::10 metric 1024'
host_bundle() { # [MAIN [MASTER]]
	bundle_begin "$dir/b" mx1.example.net
	bundle_file /etc/postfix/main.cf "${1-$main}"
	bundle_file /etc/postfix/master.cf "${2-$master}"
	bundle_probe addr "$address"
	bundle_probe source "$source"
	bundle_done
}
read_only() { mtapin --bundle "$dir/b" "$@"; }

host_bundle
read_only
is 0 "show"
has out "the path, the family, the kernel's choice" '^  smtp +IPv4  192\.0\.2\.10 +kernel'
has out "both families" '^ +IPv6  2001:db8::10 '
has out "two client services" '^  relay '
read_only --json
valid "show as JSON"
read_only show --to alice@example.org --json
valid "show --to as JSON"
ok "show --to names the path" python3 -c '
import json, sys
assert json.load(open(sys.argv[1]))["mtas"][0]["route"]["path"] == "smtp"' "$dir/out"

# fix METHOD: the proposal is a diff that patch takes; a second run of fix on the result has nothing to do
for method in auto smtp_bind_address service inet_interfaces; do
	host_bundle
	read_only fix --ip 192.0.2.11 --ip6 2001:db8::10 --method $method
	is 1 "$method: proposed"
	cp "$dir/out" "$dir/diff"
	rm -rf "$dir/tree"
	mkdir -p "$dir/tree/etc/postfix"
	printf %s "$main" >"$dir/tree/etc/postfix/main.cf"
	printf %s "$master" >"$dir/tree/etc/postfix/master.cf"
	ok "$method: patch takes the diff" patch -s -d "$dir/tree" -p1 -i "$dir/diff"
	host_bundle "$(cat "$dir/tree/etc/postfix/main.cf"; echo)
" "$(cat "$dir/tree/etc/postfix/master.cf"; echo)
"
	read_only fix --ip 192.0.2.11 --ip6 2001:db8::10 --method $method
	if have patch; then
		is 0 "$method: a second run has nothing to do"
		ok "$method: and prints nothing" test ! -s "$dir/out"
		read_only show --json
		valid "$method: the result as JSON"
		ok "$method: the result leaves from the pin" python3 -c '
import json, sys
for p in json.load(open(sys.argv[1]))["mtas"][0]["paths"]:
    assert p["ipv4"]["source"] == "192.0.2.11" and p["ipv6"]["source"] == "2001:db8::10", p' "$dir/out"
	else
		skipped "$method: a second run" "needs patch"
	fi
	host_bundle
	read_only fix --ip 192.0.2.11 --ip6 2001:db8::10 --method $method --json
	is 1 "$method: as JSON"
	valid "$method: the plan as JSON"
done
host_bundle
dns='> ptr 10.2.0.192.in-addr.arpa answered 192.0.2.53 0
 mail.example.net
> ptr 11.2.0.192.in-addr.arpa no-name 192.0.2.53 0
> ptr 0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa answered 192.0.2.53 0
 mail.example.net
> aaaa mail.example.net answered 192.0.2.53 0
 2001:db8::10
> a mail.example.net answered 192.0.2.53 0
 192.0.2.10'
with_dns() { # TEXT
	host_bundle "${2-$main}"
	sed -i '$d' "$bundle"
	bundle_probe dns "$1"
	bundle_done
}
with_dns "$dns"
read_only fix --ip auto
is 1 "--ip auto"
has out "--ip auto pins the address whose names are right" '^\+smtp_bind_address = 192\.0\.2\.10$'
has out "--ip auto: of both families" '^\+smtp_bind_address6 = 2001:db8::10$'
read_only fix --ip auto --ip 192.0.2.11
has out "--ip auto fills the family that is not named" '^\+smtp_bind_address6 = 2001:db8::10$'
has out "--ip auto leaves the one that is" '^\+smtp_bind_address = 192\.0\.2\.11$'
with_dns "$(echo "$dns" | sed 's/ptr 10.2.*/ptr 10.2.0.192.in-addr.arpa no-name 192.0.2.53 0/;2d')"
read_only fix --ip auto
is 2 "--ip auto where no address is good"
has err "... says what to ask for" '^mtapin: --ip auto: no IPv4 address is good: ask the provider of 192\.0\.2\.10 to set its PTR: 10\.2\.0\.192\.in-addr\.arpa\. IN PTR mail\.example\.net\.$'
ok "... and prints no diff" test ! -s "$dir/out"
with_dns "$(echo "$dns" | sed 's/ptr 10.2.*/ptr 10.2.0.192.in-addr.arpa servfail 192.0.2.53 0/;2d')"
read_only fix --ip auto
is 2 "--ip auto where the DNS is in trouble"
has err "... says that it is not known" 'could not determine: 192\.0\.2\.53 answered SERVFAIL$'
host_bundle
read_only fix --ip any
is 0 "--ip any where nothing is pinned"
host_bundle "${main}smtp_bind_address = 192.0.2.11
"
read_only fix --ip any
is 1 "--ip any where something is"
has out "--ip any removes the pin" '^-smtp_bind_address = 192\.0\.2\.11$'
host_bundle
read_only fix --ip 192.0.2.11 --ip6 off --helo out.example.net --json
valid "--helo and --ip6 off as JSON"
has out "--helo" 'smtp_helo_name = out\.example\.net'
has out "--ip6 off says what will bounce" '"will_bounce": \['
read_only fix --ip 192.0.2.11 --ip6 2001:db8::10 --method inet_interfaces --bare
has out "--bare: the one line" '^\+inet_interfaces = 192\.0\.2\.11, 2001:db8::10$'
ok "--bare: and nothing else" test "$(grep -c '^[-+][^-+]' "$dir/out")" = 2
read_only fix --ip 192.0.2.11 --ip6 2001:db8::10 --restart --json
has out "--restart" '"action": "restart"'
read_only fix --ip 192.0.2.11 --ip6 2001:db8::10 --no-service --json
has out "--no-service" '"action": "none"'
read_only fix --path relay --ip 192.0.2.11 --ip6 2001:db8::10
has out "--path" '^[-+]'
hasnt out "--path leaves main.cf alone" '^\+smtp_bind_address'

# refused NAME FIRST-LINE ARG...
refused() {
	what=$1 message=$2
	shift 2
	read_only fix "$@"
	is 2 "$what: exit code"
	has err "$what: message" "^mtapin: $message"
	ok "$what: nothing on stdout" test ! -s "$dir/out"
	read_only fix --json "$@"
	valid "$what: as JSON"
}
host_bundle
refused "on no interface" "192.0.2.99: is on no interface" --ip 192.0.2.99 --ip6 keep
read_only fix --ip 192.0.2.99 --ip6 keep --accept HOST-ADDR-ABSENT
is 1 "--accept overrules that"
refused "interface down" "198.51.100.7: is on interface eth1, which is down" --ip 198.51.100.7 --ip6 keep
refused "tentative" "2001:db8::20: is tentative" --ip 192.0.2.10 --ip 2001:db8::20
refused "duplicate" "2001:db8::21: is tentative .*failed" --ip 192.0.2.10 --ip 2001:db8::21
refused "broadcast of a subnet" "192.0.2.255: is the broadcast address" --ip 192.0.2.255 --ip6 keep
refused "one family of two" "/etc/postfix: this host also sends over IPv6" --ip 192.0.2.11
host_bundle "$main" "smtp unix"
refused "a broken master.cf" "/etc/postfix/master.cf:1: " --ip 192.0.2.11 --ip6 keep
host_bundle "$(printf 'inet_protocols = all\nthis is no line')"
refused "a broken main.cf" "/etc/postfix/main.cf:2: " --ip 192.0.2.11 --ip6 keep

# trees that do not run
tree=$dir/root
fresh_tree() {
	rm -rf "$tree"
	mkdir -p "$tree/etc/postfix"
	printf %s "$main" >"$tree/etc/postfix/main.cf"
	printf %s "$master" >"$tree/etc/postfix/master.cf"
}
state() { find "$tree" -printf '%p %i %m %U %s %T@ %l\n' | sort; }
rooted() { mtapin --root "$tree" "$@"; }
fresh_tree
state >"$dir/before"
rooted show
is 0 "--root: show"
rooted show --json
valid "--root: as JSON"
rooted fix --ip 192.0.2.99 --ip6 keep
is 1 "--root: presence is assumed"
has err "--root: and said so" '192\.0\.2\.99 is assumed'
ok "--root: patch takes the diff" patch -s --dry-run -d "$tree" -p1 -i "$dir/out"
printf 'transport_maps = hash:/etc/postfix/transport\nvirtual_alias_maps = hash:/etc/postfix/virtual\n' >>"$tree/etc/postfix/main.cf"
echo 'one.example relay:' >"$tree/etc/postfix/transport"
echo 'a@two.example b@one.example' >"$tree/etc/postfix/virtual"
touch -d '1 minute ago' "$tree/etc/postfix/transport.db"
rooted show
has out "--root: a text newer than its index" '^warning PF-TABLE-STALE  /etc/postfix/transport was changed after its index'
has out "--root: a table without index" '^error   PF-TABLE-STALE  hash:/etc/postfix/virtual has no index'
touch "$tree/etc/postfix/transport.db" "$tree/etc/postfix/virtual.db"
rooted show --to a@two.example --from c@d.example
hasnt out "--root: both are there and new" 'PF-TABLE-STALE'
has out "--root: the alias is followed, by the text" '^  relay +'
has out "--root: and said" 'the recipient becomes b@one\.example$'
fresh_tree
state >"$dir/before"
rooted fix --ip auto
is 2 "--root: --ip auto cannot be known"
state >"$dir/after"
ok "--root: nothing was touched" cmp "$dir/before" "$dir/after"

bad_tree() { # NAME MESSAGE
	state >"$dir/before"
	rooted fix --ip 192.0.2.99 --ip6 keep
	is 2 "$1: exit code"
	has err "$1: message" "^mtapin: $2"
	ok "$1: nothing on stdout" test ! -s "$dir/out"
	rooted fix --ip 192.0.2.99 --ip6 keep --json
	valid "$1: as JSON"
	rooted show
	ok "$1: show ends" test $status -le 2
	state >"$dir/after"
	ok "$1: nothing was touched" cmp "$dir/before" "$dir/after"
}
for file in main master; do
	fresh_tree
	rm "$tree/etc/postfix/$file.cf"
	bad_tree "$file.cf absent" ""
	fresh_tree
	rm "$tree/etc/postfix/$file.cf"
	mkdir "$tree/etc/postfix/$file.cf"
	bad_tree "$file.cf a folder" "/etc/postfix/$file.cf: "
	fresh_tree
	rm "$tree/etc/postfix/$file.cf"
	mkfifo "$tree/etc/postfix/$file.cf"
	bad_tree "$file.cf a FIFO" "/etc/postfix/$file.cf: "
	fresh_tree
	head -c 8388609 /dev/zero | tr '\0' '#' >"$tree/etc/postfix/$file.cf"
	bad_tree "$file.cf over 8 MiB" "/etc/postfix/$file.cf: "
	fresh_tree
	printf 'a\000b\n' >>"$tree/etc/postfix/$file.cf"
	bad_tree "$file.cf with NUL" "/etc/postfix/$file.cf"
done
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$dir"
	mtapin() {
		status=0
		folder=
		[ $modules = no ] || folder="--backend-dir $dir/modules"
		# shellcheck disable=SC2086
		setpriv --reuid 65534 --regid 65534 --clear-groups "$builddir/mtapin" $folder "$@" >"$dir/out" 2>"$dir/err" </dev/null ||
			status=$?
	}
	mtapin --version
	if [ $status = 0 ]; then
		fresh_tree
		chmod 600 "$tree/etc/postfix/main.cf"
		bad_tree "main.cf unreadable" "/etc/postfix/main.cf: "
	fi
fi
rm -rf "$tree"
mtapin --root "$tree" show
is 2 "no such tree: exit code"
has err "no such tree: message" "^mtapin: $tree: "
done_testing
