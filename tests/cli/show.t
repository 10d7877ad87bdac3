#!/bin/sh
# SPDX-License-Identifier: ISC
# show: the layout, every word of it, and the same as JSON; with a backend of our own, so that it does
# not matter how an MTA reads its files.
. "$srcdir/tests/cli/lib.sh"
mtapin --bundle "$dir/absent" show
is 2 "no such bundle: exit code"
has err "no such bundle: message" "^mtapin: $dir/absent: "
if [ $modules = no ]; then
	done_testing
	exit 0
fi
mkdir "$dir/simple"
ok "the simple backend compiles" compile_simple "$dir/simple/simple.so"
show() { mtapin_with "$dir/simple" --bundle "$dir/b" "$@"; }

bundle_begin "$dir/b"
bundle_file /etc/simple.conf 'smtp internet 192.0.2.10 2001:db8::10
relay relayhost 198.51.100.200 -
scan loopback 127.0.0.1 -
old unused - -
pipe local - -
'
bundle_done
show
is 0 "without a command: show"
cat >"$dir/wanted" <<'EOF'
simple 1.0  /etc  running  HELO mail.example.net
  smtp   IPv4  192.0.2.10      simple.conf:1  smtp internet 192.0.2.10 2001:db8::10
         IPv6  2001:db8::10    simple.conf:1  smtp internet 192.0.2.10 2001:db8::10
  relay  relayhost
         IPv4  198.51.100.200  simple.conf:2  relay relayhost 198.51.100.200 -
         IPv6  ?               kernel's choice  (assumed)
  scan   loopback
         IPv4  127.0.0.1       simple.conf:3  scan loopback 127.0.0.1 -
         IPv6  ?               kernel's choice  (assumed)
  local: pipe
  unused: old
note    SI-ALWAYS  this is the note that is always there
        /etc/simple.conf:1  smtp internet 192.0.2.10 2001:db8::10
        do nothing
EOF
out "the layout" "$(cat "$dir/wanted")"
ok "nothing on stderr" test ! -s "$dir/err"
show show
out "show is the same" "$(cat "$dir/wanted")"
show -q
hasnt out "-q leaves notes out" SI-ALWAYS
show -v
has out "-v shows what is not used" '^  old +unused$'
has out "-v shows what is local" '^  pipe +local$'
show --color always
has out "--color always" "$(printf '^\033\\[1msimple\033\\[0m 1.0')"
show --color never
out "--color never" "$(cat "$dir/wanted")"
show --json
is 0 "--json"
valid "--json is of the schema"
ok "--json says the same" python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert d["host"] == "mx1.example.net" and d["collected"] == "2026-11-24T09:00:00Z" and d["complete"], d
m, = d["mtas"]
assert [p["name"] for p in m["paths"]] == ["smtp", "relay", "scan", "old", "pipe"]
p = m["paths"][0]
assert p["ipv4"]["source"] == "192.0.2.10" and p["ipv4"]["how"] == "address", p
assert p["ipv4"]["because"] == [{"file": "/etc/simple.conf", "line": 1,
    "text": "smtp internet 192.0.2.10 2001:db8::10"}], p
assert m["paths"][1]["ipv6"]["source"] is None
assert d["findings"][0]["id"] == "SI-ALWAYS" and d["findings"][0]["instance"] == "/etc"' "$dir/out"

show show --to alice@example.org
is 0 "--to with a backend that cannot tell"
has out "says so" 'this backend cannot tell'
show show --to alice@example.org --from '<>' --json
valid "--to as JSON is of the schema"
ok "the empty sender" python3 -c '
import json, sys
assert json.load(open(sys.argv[1]))["mail"] == {"to": "alice@example.org", "from": ""}' "$dir/out"
for bad in alice alice@ @example.org; do
	show show --to "$bad"
	is 64 "--to $bad"
done
show show --from a@example.org
is 64 "--from without --to"
show show --to a@example.org --from bob
is 64 "--from that is no address"

# hostile contents
bundle_begin "$dir/b" "$(printf 'mx\0331.example')"
bundle_file /etc/simple.conf "$(printf 'a\033]0;x\007\342\200\256b internet 192.0.2.10 -\ngr\303\274n internet 192.0.2.10\nb\377d internet 192.0.2.10')"
bundle_done
show
is 0 "hostile names are read"
ok "and do no harm" sh -c '! LC_ALL=C tr -d "\n -~\303\274" <"$1" | grep -q .' harmless "$dir/out"
has out "they are shown as bytes" '^  a\\x1b\]0;x\\x07\\xe2\\x80\\xaeb  IPv4'
has out "columns count characters" '^  gr..n {24}IPv4'
show --json
valid "hostile names as JSON are of the schema"
ok "as they are, or U+FFFD" python3 -c '
import json, sys
p = json.load(open(sys.argv[1], encoding="utf-8"))["mtas"][0]["paths"]
assert [x["name"] for x in p] == ["a\x1b]0;x\x07\u202eb", "gr\u00fcn", "b\ufffdd"], p' "$dir/out"

# incomplete, none, several
bundle_begin "$dir/b"
bundle_file /etc/simple.conf 'smtp internet 192.0.2.10 -
'
show
is 2 "a bundle without its end: exit code"
has out "what arrived is shown" '^  smtp'
has out "and that it is incomplete" '^warning HOST-INCOMPLETE'
show --json
valid "an incomplete bundle as JSON is of the schema"
has out "it says so" '"complete": false'
bundle_begin "$dir/b"
bundle_done
show
is 2 "no MTA: exit code"
err "no MTA: message" "mtapin: mx1.example.net: no mail server found (looked for: Simple)"
show --json
valid "no MTA as JSON is of the schema"
echo "not a bundle" >"$dir/b"
show
is 2 "not a bundle: exit code"
printf '%s begin mtapin 2\n%s done\n' $nonce $nonce >"$dir/b"
show
is 2 "a bundle of another version: exit code"
has err "it is named" 'version'

# a refused module is a finding
bundle_begin "$dir/b"
bundle_file /etc/simple.conf 'smtp internet 192.0.2.10 -
'
bundle_done
echo >"$dir/simple/zz.so"
chmod 666 "$dir/simple/zz.so"
show
is 0 "a refused module is no failure of show"
has out "but a finding" "^warning HOST-MODULE-REFUSED .*$dir/simple/zz.so: mode 0666"
show --json
valid "also as JSON"
for command in "explain SI-ALWAYS" backends "explain NO-SUCH" history; do
	# shellcheck disable=SC2086
	show --json $command
	valid "$command --json is of the schema"
done
show --json >/dev/null
done_testing
