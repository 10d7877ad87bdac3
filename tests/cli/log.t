#!/bin/sh
# SPDX-License-Identifier: ISC
# mtapin log: lines of each format, what is counted and what is not, and files that are no use.
. "$srcdir/tests/cli/lib.sh"
v=$srcdir/tests/vectors/log
# events FILE...: class, status, domain, cause, points, source of each line
events() {
	mtapin log --events "$@"
	cut -f 2,3,4,5,7,8,9 "$dir/out" | grep -v '	noise	' >"$dir/events"
}
expect() { # NAME, the wanted events on stdin
	sed 's/ /	/g' >"$dir/wanted"
	ok "$1" diff -u "$dir/wanted" "$dir/events"
}

events "$v/postfix.txt"
is 0 "a log is read"
expect "Postfix: filter, LMTP, probes and inbound refusals are no deliveries; a quoted status is none" <<'END'
1 outbound sent gmail.com - - -
2 outbound sent gmx.de - - -
3 outbound deferred gmx.de ip_ptr yes 192.0.2.12
4 outbound deferred gmx.de ip_ptr yes 192.0.2.12
5 outbound bounced firma.example recipient no -
7 filter sent - - - -
8 local sent - - - -
9 relay_denied_local - - - - -
10 inbound - - - - -
11 bind_error - - - - 192.0.2.99
12 expired expired - - - -
13 outbound deferred yahoo.com ip_reputation yes 192.0.2.12
14 probe - - - - -
END
events "$v/sendmail.txt"
expect "sendmail: the FAQ's line byte for byte; reply= where dsn= and stat= lie" <<'END'
1 local sent - - - -
2 relay_denied_local bounced - - - -
3 filter sent - - - -
4 outbound sent firma.example - - -
5 outbound bounced firma.example ip_ptr yes 192.0.2.12
END
events "$v/qmail.txt"
expect "qmail: the recipient of an earlier line" <<'END'
2 outbound sent gmail.com - - -
4 outbound deferred firma.example ip_ptr yes 192.0.2.12
END
events "$v/exim.txt"
expect "Exim: a retry that was not made is none" <<'END'
1 outbound sent hotmail.com - - 192.0.2.12
2 outbound bounced hotmail.com ip_dnsbl yes 192.0.2.12
3 local sent - - - -
4 retry_skip - - - - -
5 relay_denied_local - - - - -
END
events "$v/opensmtpd.txt"
expect "OpenSMTPD: what the server of that domain said, not the one asked last" <<'END'
1 outbound sent yahoo.com - - 192.0.2.12
3 attempt - - ip_reputation yes -
5 attempt - - ip_ptr yes -
6 outbound deferred yahoo.com ip_reputation yes -
7 outbound deferred gmx.de ip_ptr yes -
8 local sent - - - -
END

# ---- counts ----
# number PATH: a number of the last JSON
number() { python3 -c 'import json,sys
d = json.load(open(sys.argv[1]))["log"]
print(eval(sys.argv[2], {"log": d}))' "$dir/out" "$1"; }
equal() {
	if have python3; then ok "$1" test "$(number "$2")" = "$3"; else skipped "$1" "needs python3"; fi
}
mtapin log --json "$v/postfix.txt"
is 0 "as JSON"
valid "of the schema"
equal "accepted by others" 'log["totals"]["sent"]' 2
equal "deferrals point at the address as bounces do" 'log["totals"]["address"]' 3
equal "delivered here" 'log["totals"]["local"]' 1
equal "this host's own refusals to relay" 'log["totals"]["relay_denied"]' 1
equal "an address that cannot be bound" 'log["totals"]["bind_errors"]' 1
equal "one mail deferred twice is one mail" '[c["messages"] for c in log["causes"] if c["cause"] == "ip_ptr"][0]' 1
equal "the year rolls" '" ".join(d["day"][5:] for d in log["days"])' "12-30 12-31 01-01"
equal "and is one more" 'int(log["days"][2]["day"][:4]) - int(log["days"][0]["day"][:4])' 1
equal "the reply is verbatim" 'len([c for c in log["causes"] if "554-Bad DNS PTR resource record. 554 For" in c["sample"]])' 1
mtapin log --json "$v/sendmail.txt"
equal "two recipients of one line count twice" 'log["totals"]["sent"]' 2
mtapin log "$v/postfix.txt"
has out "first what was delivered" '^1\. delivered: 2 '
has out "then relaying" '^2\. relaying denied: 1 '
has out "then refusals" '^3\. refused or deferred: 4, of which 3 point at the sending address'
has out "then bounces" '^4\. reported in mailboxes: 0'
has out "and what to do" 'mtapin fix --ip ADDRESS'

# ---- the address that a reply names ----
bundle_begin "$dir/host.bundle"
bundle_probe addr '2: eth0    inet 192.0.2.11/24 scope global eth0
2: eth0    inet 192.0.2.12/24 scope global secondary eth0'
bundle_done
mtapin log --bundle "$dir/host.bundle" "$v/postfix.txt"
has out "is held against this host's" 'the reply names 192.0.2.12, a secondary address here \(eth0\); no line pins any'
# A reply that the README cuts short ends there with ...".
shown() {
	awk '/^## Why mail/ { part = 1 } part && /^```text/ { inside = 1; next } inside && /^```/ { exit } inside' \
		"$srcdir/README.md" >"$dir/shown"
	[ -s "$dir/shown" ] && while IFS= read -r line; do
		grep -q -F -e "${line%...\"}" "$dir/out" || { echo "not printed: $line"; return 1; }
	done <"$dir/shown"
}
ok "the README shows what is printed" shown
mtapin log --bundle "$dir/host.bundle"
is 64 "a bundle alone names no log"

# ---- times ----
year=$(date +%Y)
sed "s/^Dec 3\([01]\) /$year-01-0\1T/; s/^Jan  1 /$year-02-03T/; s/^Jan  2 /$year-02-04T/; s/T\([0-9:]*\) /T\1+01:00 /" "$v/postfix.txt" >"$dir/iso"
mtapin log --json --since "$year-01-01T12:00" --until "$year-02-03" "$dir/iso"
equal "since and until" 'log["totals"]["deferred"], log["totals"]["bounced"], log["totals"]["sent"]' "(1, 1, 0)"
mtapin log --since yesterdy "$dir/iso"
is 64 "no time"
err "is said" 'mtapin: --since: "yesterdy" is no time: 2026-11-07, 2026-11-07T09:00, 7d or 12h'
mtapin log --around nothing "$dir/iso"
is 2 "no such transaction"

# ---- the same by both ways of reading: with every line looked at, and by markers ----
mtapin log --events "$v/postfix.txt" "$v/postfix.txt"
awk -F '\t' '$3 == "outbound"' "$dir/out" | wc -l >"$dir/slow"
i=0
while [ $i -lt 300 ]; do cat "$v/postfix.txt"; i=$((i + 1)); done >"$dir/many"
mtapin log --json "$dir/many"
equal "markers find what lines do" 'log["totals"]["sent"] + log["totals"]["deferred"] + log["totals"]["bounced"]' "$(($(cat "$dir/slow") * 150))"
equal "and what was refused here" 'log["totals"]["relay_denied"], log["totals"]["bind_errors"], log["totals"]["expired"]' "(300, 300, 300)"

# ---- files ----
gzip -c "$dir/many" >"$dir/many.gz"
mtapin log --json "$dir/many.gz"
equal "gzip" 'log["totals"]["sent"]' 600
cat "$dir/many.gz" "$dir/many.gz" >"$dir/twice.gz"
mtapin_with_input() { status=0; "$builddir/mtapin" ${folder+--backend-dir "$folder"} "$@" >"$dir/out" 2>"$dir/err" || status=$?; }
mtapin_with_input log --json - <"$dir/twice.gz"
equal "two members of gzip, from standard input" 'log["totals"]["sent"]' 1200
head -c 600 "$dir/many.gz" >"$dir/cut.gz"
mtapin log --json "$dir/cut.gz"
is 2 "a packed file that is cut off"
err "is said" "mtapin: $dir/cut.gz: ends in the middle of its packed data: it is cut off; what came before was read"
mtapin log --json "$v/sent.zst"
is 0 "zstd"
equal "is unpacked" 'log["totals"]["sent"]' 1
head -c 100 "$v/sent.zst" >"$dir/cut.zst"
mtapin log "$dir/cut.zst"
is 2 "a zstd file that is cut off"
err "is said" "mtapin: $dir/cut.zst: ends in the middle of its packed data: it is cut off; what came before was read"
printf '\037\213\010\0garbage garbage garbage' >"$dir/bad.gz"
mtapin log "$dir/bad.gz"
is 2 "a damaged one"
mtapin log "$dir/nowhere"
is 2 "a file that is not there"
err "is named" "mtapin: $dir/nowhere: No such file or directory"
: >"$dir/empty"
mtapin log "$dir/empty"
is 0 "an empty file is no failure"
err "and is said to be" "mtapin: $dir/empty: is empty"
head -c 5000 "$builddir/mtapin" >"$dir/binary"
mtapin log "$dir/binary"
is 2 "a binary file"
err "is no log" "mtapin: $dir/binary: is binary: neither a mail log nor a mailbox"
mtapin log "$dir"
is 2 "a folder"
mtapin log /proc/self/mem
is 2 "a file that cannot be read"
err "is named" "mtapin: /proc/self/mem: Input/output error"
mtapin log --json "$dir/nowhere" "$v/postfix.txt"
is 2 "one of two files is not there"
equal "the other is counted" 'log["totals"]["sent"]' 2
{ cat "$v/postfix.txt"; head -c 10485760 /dev/zero | tr '\0' x; echo; cat "$v/postfix.txt"; } >"$dir/long"
mtapin log --json "$dir/long"
is 0 "a line of 10 MB"
equal "does not hide the others" 'log["totals"]["sent"]' 4
has err "and is said" 'long: 1 lines are longer than 256 KiB'
# A second passes at the first read: by then the name is another file's.
cp "$v/postfix.txt" "$dir/mail.log"
mtapin_slowly() {
	status=0
	strace -f -qq -o /dev/null -P "$dir/mail.log" -e trace=read -e inject=read:delay_enter=4000000:when=1 \
		"$builddir/mtapin" ${folder+--backend-dir "$folder"} "$@" >"$dir/out" 2>"$dir/err" || status=$?
}
if strace -qq -o /dev/null true 2>/dev/null; then
	{
		n=0 # until it is open
		until ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q -F " $dir/mail.log" || [ $n = 200 ]; do sleep 0.1; n=$((n + 1)); done
		mv "$dir/mail.log" "$dir/mail.log.1"; : >"$dir/mail.log"
	} &
	mtapin_slowly log --json "$dir/mail.log"
	wait
	is 0 "a log that is rotated while it is read"
	equal "is read to its end" 'log["totals"]["sent"]' 2
	has err "and is said to be" 'mail.log: was rotated while it was read: what was written since is not counted'
fi
mtapin log --json "$dir/man*" "$dir/iso"
equal "a glob" 'len(log["files"])' 3
mkfifo "$dir/slow.log"
{ cat "$v/postfix.txt"; sleep 1; cat "$v/exim.txt"; } >"$dir/slow.log" &
mtapin log --json "$dir/slow.log"
equal "a pipe, and another format behind the first" 'log["totals"]["sent"]' 3

# ---- the vectors that the project was given, where they are ----
given=$srcdir/../shared/vectors/logs
if [ -f "$given/expected.tsv" ]; then
	mtapin log --events "$given"/*.log "$given/journal.export"
	ok "every row of expected.tsv" awk -F '\t' '
		NR == FNR { got[$1, $2] = $3 "\t" $4 "\t" $5 "\t" $6 "\t" $7 "\t" $8 "\t" $9; next }
		FNR > 1 { want = $3 "\t" $4 "\t" $5 "\t" $6 "\t" $7 "\t" $8 "\t" $9; have = got[$1, $2]
			if (have != want && !($3 == "noise" && (have == "" || have ~ /^noise/))) { print $1, $2, want, "GOT", have; bad = 1 } }
		END { exit bad }' "$dir/out" "$given/expected.tsv"
	mtapin log --events "$given/root.mbox"
	ok "every row of root.mbox.tsv" awk -F '\t' '
		NR == FNR { got[$2] = $10 "\t" $4 "\t" $11 "\t" $7 "\t" $8 "\t" $9; next }
		FNR > 1 && $3 != "-" { if (got[$1] != $3 "\t" $4 "\t" $5 "\t" $6 "\t" $7 "\t" $8) { print $1, got[$1]; bad = 1 } }
		END { exit bad }' "$dir/out" "$given/root.mbox.tsv"
fi
# ---- who reads has nothing ----
mkfifo "$dir/held"
"$builddir/mtapin" log "$dir/held" >"$dir/out" 2>"$dir/err" &
reader=$!
exec 9>"$dir/held"
echo 'Nov  7 09:00:00 mx postfix/smtp[1]: connect to x[192.0.2.1]:25: Connection refused' >&9
child=
n=0
while [ $n -lt 600 ]; do
	child=$(ps -o pid= --ppid $reader | tr -d ' ')
	[ -z "$child" ] || [ "$(ls /proc/"$child"/fd 2>/dev/null | tr '\n' ' ')" != '1 2 ' ] || break
	sleep 0.1
	n=$((n + 1))
done
sleep 0.2
walls=$("$builddir/mtapin" --version -v)
lacks() { echo "$walls" | grep -q "^lacking here:.*$1"; }
if [ "$(id -u)" = 0 ]; then
	ok "a log is read by a child with two descriptors: its pipe and the log" \
		test "$(ls /proc/"$child"/fd | tr '\n' ' ')" = '1 2 '
	lacks 'another user' || ok "... by another user" grep -q '^Uid:.65534.65534.65534.65534$' /proc/"$child"/status
fi
lacks seccomp || ok "... with few system calls" grep -q '^Seccomp:.2$' /proc/"$child"/status
exec 9>&-
wait $reader
ok "... and says what it read" grep -q . "$dir/out"

done_testing
