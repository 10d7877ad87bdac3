#!/bin/sh
# SPDX-License-Identifier: ISC
# fix and undo on a small host whose mail server is the sample's: what is generated, forth and back, also with an edit of
# somebody else that was let through.
. "$srcdir/tests/cli/lib.sh"
[ $modules = yes ] || skip_all "the backends are linked in"
. "$srcdir/tests/cli/collector-lib.sh"
. "$srcdir/tests/cli/live-lib.sh"
sed -f "$srcdir/scripts/string.sed" "$srcdir/doc/sample/collect.sh" >"$dir/collect.inc" &&
	awk -f "$srcdir/scripts/findings.awk" "$srcdir/doc/sample/findings.txt" >"$dir/findings.rows" &&
	$CC -std=gnu11 -shared -fPIC -I"$srcdir/include" -I"$dir" -o "$dir/modules/sample.so" "$srcdir/doc/sample/sample.c" || exit 99
live_start host
etc=${root:?}/etc conf=$root/etc/sample.conf
rm -rf "$etc/postfix" "${root:?}"/usr/bin/post*
place mv /usr/bin
cat >"$root/usr/bin/sample-generate" <<'EOF'
#!/shells/dash
to=${2:-/etc/sample.conf}
cat "${1:-/etc/sample.d}"/*.conf | grep '^[a-z]' >"$to.new" && mv "$to.new" "$to"
EOF
printf '#!/shells/dash\necho sampled 1.0\n' >"$root/usr/bin/sampled"
chmod 755 "$root/usr/bin/sample-generate" "$root/usr/bin/sampled"
files() { # as they are at first
	rm -rf "$etc/sample.d" "$root/var/lib/mtapin"
	mkdir "$etc/sample.d"
	echo "$no_pin" | tee "$conf" >"$etc/sample.d/10-main.conf"
}
reads() { [ "$(cat "$conf")" = "$1" ]; }
pins() { mtapin fix --yes --no-service --ip 192.0.2.11 --ip6 keep "$@"; }
pin='source 192.0.2.11
source6 off' no_pin='source 192.0.2.10
source6 off' theirs='source from=example.org 192.0.2.12'

# ---- what is made ----
made() { # NAME: the last run's JSON says what was made by what
	valid "$1: as JSON"
	ok "$1 says what is made" python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert d["generated"] == [{"path": "/etc/sample.conf", "by": "sample-generate"}], d' "$dir/out"
}
files
pins
is 0 "fix"
ok "what is read is made of it" reads "$pin"
mtapin undo -n --json
is 1 "undo -n --json"
made "undo -n"
ok "and changes nothing" reads "$pin"
mtapin undo --json
is 0 "undo --json"
made "undo"
ok "it is made again" reads "$no_pin"

# ---- with an edit of somebody else ----
files
echo "$theirs" >"$etc/sample.d/50-theirs.conf"
pins
is 2 "an edit that is not live stops fix"
pins --accept SM-PENDING
is 0 "but not where it is accepted"
ok "it went live as well" reads "$pin
$theirs"
mtapin undo
is 2 "undo: before the change it was not live"
has err "the refusal says what stays, and what overrules it" '^mtapin: sampled: what is made of the old files does not mean what it did before the change: smtp IPv4 has a binding for mail from example\.org .*\. If an edit of somebody else went live with the change, it stays: --accept SM-PENDING$'
ok "nothing was changed" reads "$pin
$theirs"
mtapin undo --json
is 2 "undo --json"
valid "as JSON"
ok "by its id" python3 -c '
import json, sys
e = json.load(open(sys.argv[1]))["error"]
assert e["id"] == "SM-PENDING" and "--accept SM-PENDING" in e["message"], e' "$dir/out"
mtapin undo --accept SM-PENDING
is 0 "undo --accept"
ok "takes our line back, and leaves theirs" reads "$no_pin
$theirs"
has err "which is said" 'with what somebody else has edited: smtp IPv4 has a binding for mail from example\.org'
mtapin history
has out "and history tells what became of it" 'smtp IPv4 192\.0\.2\.11 -> 192\.0\.2\.10$'
done_testing
