#!/bin/sh
# SPDX-License-Identifier: ISC
# fix without applying: how a goal is said and what is refused; the proposal on stdout; with a backend
# of our own. A row: what was typed, the exit code, the first line on stderr, and nothing read or changed.
. "$srcdir/tests/cli/lib.sh"

# usage NAME STDERR ARG...: exit 64 before anything is read: the bundle does not even exist
usage() {
	name=$1 message=$2
	shift 2
	mtapin --bundle "$dir/never-read" fix "$@"
	is 64 "$name: exit code"
	err "$name: message" "mtapin: $message"
	ok "$name: nothing on stdout" test ! -s "$dir/out"
}
form="is not an IPv4 or IPv6 address (all four numbers, no leading zero, no port, no prefix length), auto or any"
usage "no --ip" "--ip: is missing: say from which address mail shall leave"
usage "--ip without a value" "--ip: needs a value: ADDRESS" --ip
usage "--ip empty" "--ip: needs a value: ADDRESS" --ip ""
usage "--ip= empty" "--ip: needs a value: ADDRESS" --ip=
for word in 10.1 010.0.0.1 192.0.2.1/24 192.0.2.1:25 192.0.2 192.0.2.256 192.0.2.1. " 192.0.2.1" 0x7f.0.0.1 \
	3221225985 "[2001:db8::1]" 2001:db8::1%eth0 2001:db8::1/64 2001:db8:::1 -n; do
	usage "--ip $word" "--ip: \"$word\" $form" --ip "$word"
done
named="is a name: an interface or a host may have several addresses, and others tomorrow; write the address, auto or any"
for word in eth0 host.example AUTO; do
	usage "--ip $word" "--ip: \"$word\" $named" --ip "$word"
done
usage "--ip, IPv4-mapped" '--ip: "::ffff:192.0.2.1" is an IPv4 address in IPv6 clothes: write it as IPv4' --ip ::ffff:192.0.2.1
usage "two of IPv4" "--ip: names IPv4 a second time" --ip 192.0.2.1 --ip 192.0.2.2
usage "two of IPv6" "--ip: names IPv6 a second time" --ip 2001:db8::1 --ip 2001:db8::2
usage "--ip and --ip4" "--ip4: names IPv4 a second time" --ip 192.0.2.1 --ip4 off
usage "--ip any and an address" "--ip: names IPv4 a second time" --ip 192.0.2.1 --ip any
usage "--ip4 with an IPv6 address" '--ip4: "2001:db8::1" is neither an IPv4 address nor keep, off or any' --ip4 2001:db8::1
usage "--ip6 with an IPv4 address" '--ip6: "192.0.2.1" is neither an IPv6 address nor keep, off or any' --ip6 192.0.2.1
usage "--ip6 with an IPv4-mapped address" '--ip6: "::ffff:192.0.2.1" is neither an IPv6 address nor keep, off or any' --ip6 ::ffff:192.0.2.1
usage "--method" '--method: "magic" is not one of auto|inet_interfaces|smtp_bind_address|service|outgoingip|bindroutes|outgoingips|domainips' --ip 192.0.2.1 --method magic
usage "--helo" '--helo: "mail" is not a fully qualified host name' --ip 192.0.2.1 --helo mail
usage "--helo with a space" '--helo: "a.b c.d" is not a fully qualified host name' --ip 192.0.2.1 --helo "a.b c.d"
usage "--bundle with --yes" "--yes: a bundle cannot be changed: leave --bundle out" --ip 192.0.2.1 --yes
usage "--bundle with -y" "--yes: a bundle cannot be changed: leave --bundle out" --ip 192.0.2.1 -y
usage "--restart and --no-service" "--no-service: cannot be had together with --restart" --ip 192.0.2.1 --restart --no-service
for word in 9 0 86401 -20 1m 10.5 " 60" 1e3 18446744073709551676; do
	usage "--confirm $word" "--confirm: \"$word\" is not a number of seconds from 10 to 86400" --ip 192.0.2.1 --confirm "$word"
done
usage "--confirm without a value" "--confirm: needs a value: SECONDS" --ip 192.0.2.1 --confirm
usage "--bundle with --confirm" "--confirm: is for the running host: nothing of a bundle or a tree is applied" --ip 192.0.2.1 --confirm 60
for word in 3601 -1 1m 0.5 ""; do
	usage "--observe '$word'" "--observe: $([ "$word" ] && echo "\"$word\" is not a number of seconds from 0 to 3600" || echo "needs a value: SECONDS")" \
		--ip 192.0.2.1 --observe "$word"
done
for word in user user@ @mail.example user@mail -x@mail.example 'a b@mail.example' '"a"@mail.example' u..v@mail.example .u@mail.example \
	u.@mail.example 'user@[192.0.2.300]' 'user@[2001:db8::1]' 'user@[IPv6:192.0.2.1]' 'u<v@mail.example' "user@mail.example$(printf '\001')" \
	"$(printf '%065d' 0)@mail.example"; do
	usage "--prove $word" "--prove: \"$(printf %s "$word" | sed 's/\x01/\\x01/')\" is not a mail address (user@domain, not quoted, no - at the start)" \
		--ip 192.0.2.1 --prove "$word"
done
form="is not HOST or HOST:PORT (a name, an IPv4 address, an IPv6 address in brackets; port 1 to 65535)"
for word in host:0 host:65536 host: :25 host:25:25 -host 'a b' '[192.0.2.1]:25' '[2001:db8::1' '[2001:db8::1]25' '[host]' 192.0.2.1:x 192.0.2 \
	2001:db8::1:: host/25 h_st "$(printf '\033[m')"; do
	usage "--probe $word" "--probe: \"$(printf %s "$word" | sed 's/\x1b/\\x1b/')\" $form" --ip 192.0.2.1 --probe "$word"
done
usage "--no-service and --observe" "--no-service: cannot be had together with --observe: what runs may keep the old value" \
	--ip 192.0.2.1 --no-service --observe 5
usage "--no-service and --prove" "--no-service: cannot be had together with --prove: what runs may keep the old value" \
	--ip 192.0.2.1 --no-service --prove user@mail.example
for option in "--observe 5" "--probe mail.example" "--prove user@mail.example"; do
	# shellcheck disable=SC2086
	usage "--bundle with $option" "${option% *}: is for the running host: nothing of a bundle or a tree is applied" --ip 192.0.2.1 $option
	# shellcheck disable=SC2086
	mtapin --root "$dir/never-read" fix --ip 192.0.2.1 $option
	is 64 "--root with $option"
	# shellcheck disable=SC2086
	mtapin undo $option
	is 64 "undo with $option"
done
usage "stray argument" "192.0.2.1: stray argument: fix takes none" 192.0.2.1
mtapin fix --ip 192.0.2.1 -y -n
is 64 "-y and -n"
err "-y and -n: message" "mtapin: --yes: cannot be had together with --dry-run"
mtapin --root "$dir/never-read" fix --ip 192.0.2.1 --yes
is 2 "--root with --yes: there must be such a tree"
if [ $modules = no ]; then
	mtapin fix --bundle "$dir/never-read" --ip 192.0.2.1 --accept HOST-OWNR
is 64 "--accept of an id that does not exist"
has err "... names it" '^mtapin: --accept: there is no id "HOST-OWNR": a refusal names the one that overrules it$'
done_testing
	exit 0
fi

mkdir "$dir/simple" "$dir/two"
ok "the simple backend compiles" compile_simple "$dir/simple/simple.so"
cp "$dir/simple/simple.so" "$dir/two"
ok "and another of its kind" compile_simple "$dir/two/other.so" '-DSIMPLE_NAME="other"'
fix() { mtapin_with "$dir/simple" --bundle "$dir/b" fix "$@"; }
simple='smtp internet - -
relay relayhost - -
pool internet 192.0.2.12 -
'
bundle_begin "$dir/b"
bundle_file /etc/simple.conf "$simple"
bundle_done

fix --ip 192.0.2.10 --ip6 keep
is 1 "a proposal: exit code"
cat >"$dir/wanted" <<'EOF'
--- a/etc/simple.conf
+++ b/etc/simple.conf
@@ -1,3 +1,3 @@
-smtp internet - -
+smtp internet 192.0.2.10
 relay relayhost - -
-pool internet 192.0.2.12 -
+pool internet 192.0.2.10
EOF
out "the diff alone on stdout" "$(cat "$dir/wanted")"
has err "the rest on stderr" '^mtapin: nothing was changed; --yes applies this$'
mkdir -p "$dir/tree/etc"
printf %s "$simple" >"$dir/tree/etc/simple.conf"
ok "patch -p1 applies it" patch -s -d "$dir/tree" -p1 -i "$dir/out"
cp "$dir/out" "$dir/diff"
fix -n --ip 192.0.2.10 --ip6 keep
is 1 "-n: the same exit code"
ok "-n: the same diff" cmp "$dir/out" "$dir/diff"
fix -q --ip4 192.0.2.10 --ip6 keep
ok "--ip4: the same diff" cmp "$dir/out" "$dir/diff"
ok "-q: nothing on stderr" test ! -s "$dir/err"
printf 'ip4 = 192.0.2.10\nip6 = keep\n' >"$dir/conf"
fix --config "$dir/conf"
ok "from the settings: the same diff" cmp "$dir/out" "$dir/diff"
fix --config "$dir/conf" --ip 192.0.2.11
has out "an option outranks the settings" '^\+smtp internet 192.0.2.11$'
fix --path relay --ip 192.0.2.10 --ip6 keep
has out "--path names a relay" '^\+relay relayhost 192.0.2.10$'
hasnt out "--path leaves the others" '^\+smtp'
fix --ip 192.0.2.10 --ip6 keep --json
is 1 "--json: exit code"
valid "--json is of the schema"
ok "--json holds the diff and what is expected" python3 -c '
import json, sys
p = json.load(open(sys.argv[1]))["plan"]
assert p["changes"] == [{"path": "/etc/simple.conf", "diff": open(sys.argv[2]).read(), "settings": []}], p
assert p["refused"] is None and p["service"]["action"] == "reload", p
e = {x["name"]: x["ipv4"]["source"] for x in p["expected"]}
assert e == {"smtp": "192.0.2.10", "relay": None, "pool": "192.0.2.10"}, e' "$dir/out" "$dir/diff"

bundle_begin "$dir/b"
bundle_file /etc/simple.conf 'smtp internet 192.0.2.10
'
bundle_done
fix --ip 192.0.2.10 --ip6 keep
is 0 "the goal holds: exit code"
ok "the goal holds: nothing on stdout" test ! -s "$dir/out"
has err "the goal holds: said so" '^mtapin: nothing to change$'

# refused by what is there: exit code 2
refused() { # NAME STDERR ARG...
	name=$1 message=$2
	shift 2
	fix "$@"
	is 2 "$name: exit code"
	has err "$name: message" "^mtapin: $message"
	ok "$name: nothing on stdout" test ! -s "$dir/out"
	fix --json "$@"
	is 2 "$name: exit code with --json"
	valid "$name: JSON is of the schema"
}
refused "0.0.0.0" "0.0.0.0: " --ip 0.0.0.0
refused "::" "::: " --ip ::
refused "loopback" "127.0.0.1: " --ip 127.0.0.1
refused "IPv6 loopback" "::1: " --ip ::1
refused "multicast" "224.0.0.1: " --ip 224.0.0.1
refused "IPv6 multicast" "ff02::1: " --ip ff02::1
refused "broadcast" "255.255.255.255: " --ip 255.255.255.255
refused "link-local" "fe80::1: " --ip fe80::1
refused "IPv4 link-local" "169.254.1.1: " --ip 169.254.1.1
refused "--mta that is not here" "nosuch: there is no such mail server here; there are: --mta simple:/etc$" --ip 192.0.2.1 --mta nosuch
refused "--mta of another instance" "simple:/srv: there is no such mail server" --ip 192.0.2.1 --mta simple:/srv
refused "--ip auto without routes" "--ip auto: it is not known from where mail leaves" --ip auto
fix --mta simple:/etc --ip 192.0.2.10 --ip6 keep
is 0 "--mta NAME:INSTANCE"
fix --path nosuch --ip 192.0.2.1
is 64 "unknown --path: exit code"
err "unknown --path lists the services" 'mtapin: --path: there is no service "nosuch"; there are: smtp, and the word all'
mtapin_with "$dir/two" --bundle "$dir/b" fix --ip 192.0.2.1
is 2 "several MTAs: exit code"
err "several MTAs are listed" "mtapin: --mta: several are here, say which: --mta other:/etc, --mta simple:/etc"
mtapin_with "$dir/two" --bundle "$dir/b" fix --ip 192.0.2.10 --ip6 keep --mta other
is 0 "--mta NAME"

bundle_begin "$dir/b"
bundle_file /etc/simple.conf 'smtp internet - -
'
refused "a bundle without its end" "mx1.example.net: the collection is incomplete" --ip 192.0.2.1 --ip6 keep
bundle_begin "$dir/b"
bundle_done
refused "no MTA" "mx1.example.net: no mail server found" --ip 192.0.2.1
printf '%s begin mtapin 2\n%s done\n' $nonce $nonce >"$dir/b"
refused "a bundle of another version" "" --ip 192.0.2.1
head -c 17000000 /dev/zero >"$dir/b"
refused "a bundle over 16 MiB" "" --ip 192.0.2.1
mkfifo "$dir/fifo"
mtapin_with "$dir/simple" --bundle "$dir/fifo" fix --ip 192.0.2.1
is 2 "a FIFO as bundle is not waited for"
done_testing
