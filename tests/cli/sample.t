#!/bin/sh
# SPDX-License-Identifier: ISC
# The backend that doc/backend.md walks through (doc/sample): built as anybody would, against what `make install` leaves
# alone; over its tree and over bundles. The document quotes the source as it is. tests/real/sample.t runs its server.
. "$srcdir/tests/cli/lib.sh"
[ $modules = yes ] || skip_all "the backends are linked in"
have make pkg-config || skip_all "needs $have_p"

unset MAKEFLAGS MFLAGS MAKELEVEL

# ---- build ----
ok "make install DESTDIR=" make -s -C "$builddir" install DESTDIR="$dir/inst"
PKG_CONFIG_PATH=$(dirname "$(find "$dir/inst" -name mtapin.pc)") PKG_CONFIG_SYSROOT_DIR=$dir/inst
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
cp -r "$srcdir/doc/sample" "$dir/sample"
chmod -R u+w "$dir/sample"
make -C "$dir/sample" CC="$CC" CFLAGS='-O2 -Wall -Wextra -Werror -H' >"$dir/out" 2>"$dir/err"
report $? "the sample builds with what pkg-config says"
has err "against the installed headers" "^\. *$dir/inst/.*/mtapin/backend\.h$"
ok "and no others of ours" test -z "$(grep '/mtapin/' "$dir/err" | grep -v -F " $dir/inst/")"
unset PKG_CONFIG_SYSROOT_DIR
make -s -C "$dir/sample" install DESTDIR="$dir/inst" >"$dir/out" 2>"$dir/err"
ok "make install puts it beside the others" test -f "$(dirname "$(find "$dir/inst" -name postfix.so)")/sample.so"
mkdir "$dir/load"
cp "$dir/sample/sample.so" "$dir/load"
sample() { mtapin_with "$dir/load" "$@"; }
sample backends
has out "it is loaded" "^sample +Sample +reads and changes +$dir/load/sample.so$"
sample explain SM-PENDING
has out "its findings have their texts" '^Run sample-generate, or take the edit back'

# ---- show ----
tree=$dir/sample/tree
sample --root "$tree" show -v
is 0 "show --root"
cp "$dir/out" "$dir/show"
has out "the line that people edit, and the one that is read" 'IPv4  192.0.2.10 .*10-main.conf:3 +source 192.0.2.10  \(makes /etc/sample.conf:2\)$'
has out "by sender" '^        from example.org +IPv4  192.0.2.11 .*50-customers.conf:1 '
has out "a pool" '^        from \.example\.net .* any of 192.0.2.11, 192.0.2.12$'
has out "by next hop" '^        to 198.51.100.0/24 +IPv4  192.0.2.12 '
has out "an expression" '^        from example.com +IPv4  computed '
has out "a finding with its command" '^ +chmod o-r /etc/sample.passwords$'
hasnt out "no secret" not-to-be-seen
sample --root "$tree" show --json
valid "show --json"
ok "bindings in JSON" python3 -c '
import json, sys
path = json.load(open(sys.argv[1]))["mtas"][0]["paths"][0]
b = path["bindings"]
assert [(x["when"][0]["by"], x["when"][0]["value"], x["how"], x["addresses"], x["pick"]) for x in b["ipv4"][:-1]] == [
    ("sender-domain", "example.org", "address", ["192.0.2.11"], "one"),
    ("sender-domain", ".example.net", "address", ["192.0.2.11", "192.0.2.12"], "any"),
    ("next-hop", "198.51.100.0/24", "address", ["192.0.2.12"], "one"),
    ("sender-domain", "example.com", "computed", [], "one")], b
assert path["ipv4"]["source"] == "192.0.2.10" and path["ipv6"]["source"] == "2001:db8::10"' "$dir/out"
# leaves TO FROM ADDRESS: IPv4 mail does
leaves() {
	sample --root "$tree" show --to "$1" --from "$2"
	has out "to $1 from $2: $3" "^  smtp +IPv4  $3 "
}
leaves user@partner.example a@example.org 192.0.2.11
leaves user@partner.example a@elsewhere.example 192.0.2.12
has out "to the relay" '^  to 198.51.100.25$'
has out "by its line" '^  by 50-customers.conf:7  relay partner.example 198.51.100.25'
leaves user@partner.example a@mail.example.net 192.0.2.11
has out "of the pool any" 'any of 192.0.2.11, 192.0.2.12$'
leaves user@example.info a@example.com unknown
leaves user@partner.example a@example.com 192.0.2.12

# ---- fix ----
raw_bundle() { # FILE...: those of the tree, and then NAME=CONTENTS
	bundle_begin "$dir/b"
	bundle_probe addr '2: eth0    inet 192.0.2.10/24 scope global eth0
2: eth0    inet 192.0.2.11/24 scope global secondary eth0
2: eth0    inet6 2001:db8::10/64 scope global
2: eth0    inet6 2001:db8::11/64 scope global'
	bundle_probe source '> 198.41.0.4 -
198.41.0.4 via 192.0.2.1 dev eth0 src 192.0.2.10 uid 0
> 2001:503:ba3e::2:30 -
2001:503:ba3e::2:30 from :: via 2001:db8::1 dev eth0 src 2001:db8::10'
	for item; do bundle_file "${item%%=*}" "${item#*=}"; done
	bundle_done
}
fix() { sample --bundle "$dir/b" fix "$@"; }
main='# ours
source 192.0.2.10
source6 2001:db8::10
'
raw_bundle "/etc/sample.d/10-main.conf=$main" '/etc/sample.conf=source 192.0.2.10
source6 2001:db8::10
'
fix -n --ip 192.0.2.11 --ip6 2001:db8::11
is 1 "a proposal"
out "the diff of what people edit" '--- a/etc/sample.d/10-main.conf
+++ b/etc/sample.d/10-main.conf
@@ -1,3 +1,3 @@
 # ours
-source 192.0.2.10
-source6 2001:db8::10
+source 192.0.2.11
+source6 2001:db8::11'
has err "and what is made of it" '/etc/sample.conf is made of these files by sample-generate, on a private copy first$'
fix -n --ip 192.0.2.11 --ip6 2001:db8::11 --json
valid "fix --json"
ok "the generated file in JSON" python3 -c '
import json, sys
p = json.load(open(sys.argv[1]))["plan"]
assert p["generated"] == [{"path": "/etc/sample.conf", "by": "sample-generate"}], p' "$dir/out"
fix --ip 192.0.2.10 --ip6 2001:db8::10
is 0 "what holds is no change"
fix --ip 192.0.2.11 --ip6 off
has out "off is a line" '^\+source6 off$'
has err "and what it costs" '^mtapin: will wait: mail to hosts that have only IPv6 addresses'
fix --ip 192.0.2.11 --ip6 keep --helo mx.example.org --sample-file 05-helo.conf
has out "a new line in the file that was named" '^\+\+\+ b/etc/sample.d/05-helo.conf$'
fix --ip 192.0.2.11 --ip6 keep --helo mx.example.org --sample-file helo
is 2 "not in one that would not be read"
has err "which has its id" 'nothing overrules SM-FILE$'
mtapin_with "$dir/load" --root "$tree" fix --ip 192.0.2.11 --ip6 keep
hasnt out "lines for some mail stay" 'from='
has err "and are named" 'does not follow the pin: mail from .example.net'
mtapin_with "$dir/load" --root "$tree" fix --ip 192.0.2.11 --ip6 keep --method source_every
has out "source_every takes them too" '^\+source to=198.51.100.0/24 192.0.2.11$'
has out "the whole pool" '^\+source from=.example.net 192.0.2.11$'

# a tree, in which nothing is generated
if [ "$(id -u)" = 0 ]; then
	rooted() { sample --root "$dir/sample/tree" "$@"; }
	cp -r "$tree/etc" "$dir/etc"
	rooted fix --yes --ip 192.0.2.11 --ip6 keep
	is 0 "fix --root"
	ok "the source is edited" grep -q '^source 192.0.2.11$' "$tree/etc/sample.d/10-main.conf"
	ok "nothing is generated" cmp "$tree/etc/sample.conf" "$dir/etc/sample.conf"
	has err "which is said" 'the next start of sampled there runs sample-generate$'
	rooted show
	has out "what will be read counts" '^  smtp  IPv4  192.0.2.11 +10-main.conf:3 +source 192.0.2.11$'
	rooted fix --yes --ip 192.0.2.11 --ip6 keep
	is 0 "a second time"
	has out "there is nothing to do" '^unchanged '
	rooted fix --ip 192.0.2.11 --ip6 keep
	is 0 "nor to propose"
	rooted undo
	ok "undo" diff -r "$tree/etc" "$dir/etc"
	rm -r "$tree/var"
else
	skipped "fix --root" "needs root"
fi

# a family alone
raw_bundle /etc/sample.conf=
fix --ip 192.0.2.11 --ip6 keep
is 2 "a pin that stops IPv6"
has err "is refused" 'sampled binds 192.0.2.11 for every destination: mail to hosts that have IPv6 alone would wait, and bounce after five days'
fix --ip 192.0.2.11 --ip6 keep --accept SM-STOPS
is 1 "unless that is accepted"
has out "in a file of its own" '^\+\+\+ b/etc/sample.d/mtapin.conf$'
raw_bundle "/etc/sample.d/10-main.conf=$main" '/etc/sample.conf=source 192.0.2.10
source6 2001:db8::10
'
fix --ip4 any
is 2 "a pin that stays and stops IPv4"
err "is refused in words of what was said" 'mtapin: /etc/sample.d: sampled binds 2001:db8::10 for every destination: mail to hosts that have IPv4 alone would wait, and bounce after five days, so --ip4 any cannot be given. Ways out: --ip4 192.0.2.10 pins what it leaves from today; --ip4 off stops sending over IPv4, and mail to hosts that have IPv4 alone waits'
has err "by its id" '--accept SM-STOPS overrules this$'
fix --ip4 any --accept SM-STOPS
is 1 "unless that is accepted too"
has err "what waits is said" '^mtapin: will wait: mail to hosts that have only IPv4 addresses'
fix --ip4 any --ip6 any
is 1 "no pin stops nothing"
hasnt err "nor waits" 'will wait'
raw_bundle '/etc/sample.d/a.conf=source 192.0.2.10
source6 off
' '/etc/sample.conf=source 192.0.2.10
source6 off
'
fix --ip4 any
is 2 "off is a line that stops it as well"
has err "off besides is no way out" 'sampled has IPv6 off for every destination: .* so --ip4 any cannot be given. Ways out: --ip4 192.0.2.10 pins what it leaves from today$'
raw_bundle /etc/sample.conf=
fix --ip4 off
is 2 "and stops what had no line"
has err "of which nothing was said" 'sampled has IPv4 off for every destination: mail to hosts that have IPv6 alone would wait, and bounce after five days. Ways out: --ip6 2001:db8::10 pins'
fix --ip4 off --accept SM-STOPS --json
is 1 "accepted"
valid "as JSON"
ok "both wait" python3 -c '
import json, sys
i = json.load(open(sys.argv[1]))["plan"]["impact"]
assert len(i["will_wait"]) == 2, i' "$dir/out"
raw_bundle '/etc/sample.d/a.conf=source 192.0.2.77
' '/etc/sample.conf=source 192.0.2.77
'
sample --bundle "$dir/b" show
has out "an absent address" '^error +SM-WAITS .*mail over IPv4 waits: 192.0.2.77 is no IPv4 address of this host$'
has out "and the other family" 'mail over IPv6 waits: the other family has an address, this has none$'

# lines that are not whole
raw_bundle '/etc/sample.d/mtapin.conf=source' '/etc/sample.conf=source
'
fix --ip 192.0.2.11 --ip6 2001:db8::11
out "a line without its value and its end" '--- a/etc/sample.d/mtapin.conf
+++ b/etc/sample.d/mtapin.conf
@@ -1 +1,2 @@
-source
\ No newline at end of file
+source 192.0.2.11
+source6 2001:db8::11'
raw_bundle '/etc/sample.d/mtapin.conf=# no end' /etc/sample.conf=
fix --ip 192.0.2.11 --ip6 2001:db8::11
has out "new lines begin one" '^\+source 192.0.2.11$'

# somebody else's edit
raw_bundle "/etc/sample.d/10-main.conf=${main}helo new.example.org
" '/etc/sample.conf=source 192.0.2.10
source6 2001:db8::10
'
sample --bundle "$dir/b" show
has out "an edit that does not count yet" '^warning SM-PENDING'
hasnt out "its line is not what is read" 'new.example.org'
fix --ip 192.0.2.11 --ip6 keep
is 2 "does not go live with ours"
has err "by its id" '--accept SM-PENDING$'
fix --ip 192.0.2.11 --ip6 keep --accept SM-PENDING
is 1 "unless it may"

# a file that may not be read
bundle_begin "$dir/b"
printf '%s file f denied 600 0 0 1 0 0 /etc/sample.conf\n%s end\n' $nonce $nonce >>"$dir/b"
bundle_done
sample --bundle "$dir/b" show
is 2 "nothing is known without the file"
err "which is said" "mtapin: /etc/sample.d: /etc/sample.conf cannot be read"
sample --bundle "$dir/b" show --to user@v4.example
is 2 "nor of one mail"
has out "which says why too" '/etc/sample.conf cannot be read'
fix --ip 192.0.2.11 --ip6 keep
is 2 "nor planned"
err "for that reason" "mtapin: /etc/sample.d: /etc/sample.conf cannot be read"

# ---- what leaves a host: a token in every option, comment and word that is none ----
mkdir -p "$dir/planted/etc/sample.d"
cat >"$dir/planted/etc/sample.d/a.conf" <<'EOF'
# token-comment
source 192.0.2.10 # token-behind
source from=example.org 192.0.2.11
password token-password
source-password token-name
relay partner.example 198.51.100.25
login partner.example token-user token-word
tokenoption = token-value
EOF
sed -n '/^[a-z]/p' "$dir/planted/etc/sample.d/a.conf" >"$dir/planted/etc/sample.conf"
echo token-file >"$dir/planted/etc/sample.passwords"
sample --root "$dir/planted" collect
is 0 "collect --root"
has out "what the rows name leaves" '^source from=example.org 192.0.2.11$'
hasnt out "and nothing else" token
cp "$dir/out" "$dir/b"
sample --bundle "$dir/b" show
has out "a redacted bundle is read like another" '^ +from example.org +IPv4  192.0.2.11 .*a.conf:3'
hasnt out "nothing of it seems pending" SM-PENDING

# ---- doc/backend.md quotes it ----
# Each block of C, shell, text or make is some lines of a file of the sample; one of a console is a command and its output.
awk -v dir="$dir" '
	/^```(c|sh|make|text)$/ { file = dir "/quote." ++n; next }
	/^```console$/ { file = dir "/console." ++m; next }
	/^```/ { close(file); file = ""; next }
	file { print >file }' "$srcdir/doc/backend.md"
ok "doc/backend.md has quotations" test -s "$dir/quote.20" -a -s "$dir/console.1"
cat >"$dir/quoted.py" <<'EOF'
import glob, sys
names = sorted(glob.glob(sys.argv[1] + "/quote.*"))
sources = ["\n" + open(name).read() for name in sys.argv[2:]]
other = [open(name).read() for name in names if not any("\n" + open(name).read() in s for s in sources)]
sys.exit("these are not in the sample:\n" + "\n".join(other) if other else 0)
EOF
sample=$srcdir/doc/sample
ok "as the sample has them" python3 "$dir/quoted.py" "$dir" "$sample/sample.c" "$sample/collect.sh" "$sample/findings.txt" "$sample/Makefile"
for console in "$dir"/console.*; do
	command=$(sed -n '1s/^\$ mtapin //p' "$console")
	(cd "$dir/sample" && "$builddir/mtapin" $command) >"$dir/out" 2>"$dir/err" </dev/null
	out "mtapin $command says what stands there" "$(sed 1d "$console")"
done
done_testing
