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

events "$v/frames.txt"
expect "stamps of ISO 8601 and RFC 5424 beside those of RFC 3164; a month 13 is none" <<'END'
1 outbound sent gmail.com - - -
2 outbound sent gmx.de - - -
3 outbound bounced gmx.de recipient no -
4 outbound bounced gmail.com ip_ptr yes 192.0.2.12
5 outbound deferred firma.example net no -
6 outbound sent gmail.com - - -
END
events "$v/multilog.txt"
expect "TAI64N before qmail's lines" <<'END'
3 outbound sent gmail.com - - -
4 local sent - - - -
6 outbound bounced gmx.de recipient no -
END
events "$v/journal.export"
expect "a journal: a message of bytes counts, what looks like fields inside of one does not" <<'END'
6 outbound bounced gmail.com ip_ptr yes 192.0.2.12
9 outbound deferred gmx.de unknown unknown -
28 outbound sent gmail.com - - -
END
events "$v/root.mbox"
expect "a mailbox: RFC 3464, QSBMF, Exim; numbers are those of its mails" <<'END'
1 outbound bounced gmail.com ip_ptr yes 192.0.2.12
2 outbound bounced gmail.com ip_dnsbl yes 192.0.2.12
3 outbound bounced firma.example ip_dnsbl yes 192.0.2.12
END
ok "... with the code that the report or the reply states" test "$(cut -f 11 "$dir/out" | tr '\n' ' ')" = "5.7.25 5.7.606 5.7.1 "

# ---- other lines of each format ----
# lines NAME TAG <<END: in each what is wanted of it, a tab, and what is logged under TAG; noise is nothing
lines() {
	: >"$dir/lines.log"
	: >"$dir/lines.wanted"
	lines_n=0
	while IFS='	' read -r lines_want lines_text; do
		lines_n=$((lines_n + 1))
		printf 'Nov 24 10:00:00 mx %s: %s\n' "$2" "$lines_text" >>"$dir/lines.log"
		[ "$lines_want" = noise ] || echo "$lines_n $lines_want" >>"$dir/lines.wanted"
	done
	events "$dir/lines.log"
	expect "$1" <"$dir/lines.wanted"
}
lines "sendmail: a deferral's words, rule sets, binding, expiry" 'sendmail[5]' <<'END'
outbound deferred b.example greylist no -	x1: to=<a@b.example>, delay=00:00:01, mailer=esmtp, relay=mx.b.example. [198.51.100.1], dsn=4.0.0, reply=221 bye, stat=Deferred: 451 4.7.1 greylisted
noise	x2: to=<a@b.example>, mailer=esmtp, pri=1, stat=queued
noise	x3: to=<a@b.example>, delay=00:00:01
relay_denied_local - - - - -	ruleset=check_rcpt, arg1=<a@b.example>, relay=h [203.0.113.9], reject=550 5.7.1 <a@b.example>... Relaying denied
inbound - - - - -	x5: ruleset=check_mail, arg1=<s@x.example>, relay=h [203.0.113.9], reject=451 4.1.8 Domain of sender address does not resolve
noise	x6: ruleset=tls_server, verify=OK
bind_error - - - - 192.0.2.99	x7: SYSERR(root): makeconnection: cannot bind socket [192.0.2.99]: Cannot assign requested address
expired expired - - - -	x8: y8: return to sender: Cannot send message for 5 days
noise	starting daemon (8.17.1): SMTP
END
lines "Exim through syslog: its own stamp, refusals, binding, attempts" 'exim[7]' <<'END'
outbound sent b.example - - 192.0.2.12	2026-11-24 10:00:00 +0100 [77] 1tAbCd-000123-AB => a@b.example R=dnslookup T=remote_smtp H=mx.b.example [198.51.100.1] I=[192.0.2.12]:3333 C="250 ok"
outbound deferred b.example greylist no -	1tAbCd-000123-AB == a@b.example R=dnslookup T=remote_smtp defer (-44) H=mx.b.example [198.51.100.1]: SMTP error from remote mail server after RCPT TO:<a@b.example>: 451 4.7.1 greylisted
outbound deferred c.example unknown unknown -	1tAbCd-000123-AB == a@c.example R=dnslookup T=remote_smtp defer (-1): lookup of host "mx.c.example" failed in dnslookup router
local deferred - - - -	1tAbCd-000123-AB == user@mx.example R=local_user T=maildir_home defer (-1): mailbox is full
local bounced - - - -	1tAbCd-00000000123-ABCD ** nobody: Unrouteable address
filter sent - - - -	1tAbCd-000123-AB => a@b.example R=scan T=scan H=localhost [127.0.0.1] C="250 ok"
attempt - - - - -	1tAbCd-000123-AB H=mx.b.example [198.51.100.1]: Connection timed out
bind_error - - - - 192.0.2.99	1tAbCd-000123-AB bind of [192.0.2.99]:0 failed: Cannot assign requested address
bind_error - - - - 192.0.2.99	bind of [192.0.2.99]:0 failed: Cannot assign requested address
inbound - - - - -	H=(x) [203.0.113.5] F=<s@x.example> rejected RCPT <nobody@mx.example>: Unknown user
noise	daemon: no queue runs, listening for SMTP on port 25
END
lines "OpenSMTPD: binding, expiry, delivery here, refusals" 'smtpd[9]' <<'END'
bind_error - - - - 192.0.2.99	smtp-out: Error on 192.0.2.99 <-> 198.51.100.1 (mx.b.example): Cannot assign requested address
attempt - - - - -	smtp-out: Error on 198.51.100.1: Connection refused
expired expired - - - -	relay: Expire for 0123456789abcdef: 96h
local sent - - - -	0123456789abcdef mda delivery evpid=1 from=<s@x.example> to=<u@mx.example> user=u method=mbox delay=1s result=Ok stat=Delivered
local deferred - - - -	0123456789abcdef mda delivery evpid=1 from=<s@x.example> to=<u@mx.example> user=u method=mbox delay=1s result=TempFail stat="full"
local bounced - - - -	0123456789abcdef mda delivery evpid=1 from=<s@x.example> to=<u@mx.example> user=u method=mbox delay=1s result=PermFail stat="none"
relay_denied_local - - - - -	0123456789abcdef smtp failed-command command="RCPT TO:<a@b.example>" result="550 Invalid recipient: <a@b.example>"
inbound - - - - -	0123456789abcdef smtp failed-command command="MAIL FROM:<x>" result="553 5.5.4 Sender address syntax error"
noise	0123456789abcdef mta delivery evpid=1 from=<s@x.example> to=<a@b.example> rcpt=<-> source="192.0.2.12" relay="198.51.100.1 (mx)" delay=1s result="Loop" stat="x"
END
lines "Postfix: quoted recipients, reused connections, held back mail, filters" 'postfix/smtp[3]' <<'END'
outbound sent b.example - - -	4F1: to=<"a>b"@b.example>, orig_to=<"x\"y"@mx.example>, relay=mx.b.example[198.51.100.1]:25, conn_use=2, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 ok)
outbound deferred b.example greylist no -	4F2: to=<a@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=4.7.1, status=SOFTBOUNCE (host mx.b.example[198.51.100.1] said: 551 5.7.1 greylisted (in reply to RCPT TO command))
outbound deferred b.example net no -	4F3: to=<a@b.example>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred (connect to mx.b.example[198.51.100.1]:25: Connection timed out)
filter sent - - - -	4F4: to=<a@b.example>, relay=10.0.0.7[10.0.0.7]:10024, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 ok)
noise	4F5: to=<a@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1
noise	4F6: to=<a@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=what (x)
attempt - - - - -	4F7: lost connection with mx.b.example[198.51.100.1] while receiving the initial server greeting
noise	warning: no MX host for b.example has a valid address record
END
lines "Postfix: what error(8) holds back is what a server said before" 'postfix/error[3]' <<'END'
outbound deferred b.example net no -	4F1: to=<a@b.example>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred (delivery temporarily suspended: lost connection with mx.b.example[198.51.100.1] while sending RCPT TO)
local bounced - - - -	4F2: to=<a@mx.example>, relay=none, delay=1, delays=0/0/1/0, dsn=5.1.1, status=bounced (User unknown in virtual alias table)
END

# ---- counts ----
# number PATH: a number of the last JSON
number() { python3 -c 'import json,sys
d = json.load(open(sys.argv[1]))["log"]
print(eval(sys.argv[2], {"log": d}))' "$dir/out" "$1"; }
equal() {
	if have python3; then ok "$1" test "$(number "$2")" = "$3"; else skipped "$1" "needs python3"; fi
}
# Each of so many domains gets one mail and refuses another two times; what tables hold grows with it, and no count is lost.
awk 'BEGIN { for (i = 0; i < 9000; i++) {
	printf "Nov 24 10:00:00 mx postfix/smtp[1]: A%d: to=<u@d%d.example>, relay=mx.d%d.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 ok)\n", i, i, i
	for (k = 0; k < 2; k++)
		printf "Nov 24 10:00:00 mx postfix/smtp[1]: B%d: to=<u@d%d.example>, relay=mx.d%d.example[198.51.100.1]:25, delay=1, delays=0/0/1/0, dsn=4.7.1, status=deferred (host mx.d%d.example[198.51.100.1] said: 450 4.7.1 greylisted (in reply to RCPT TO command))\n", i, i, i, i } }' >"$dir/many"
mtapin log --json "$dir/many"
is 0 "9,000 domains"
equal "... every mail is counted" 'log["totals"]["sent"], log["totals"]["deferred"]' '(9000, 18000)'
equal "... by cause, a mail deferred twice once" '[(c["cause"], c["deferred"], c["messages"]) for c in log["causes"]]' "[('greylist', 18000, 9000)]"
equal "... by domain" 'log["domains"][0]["sent"], log["domains"][0]["deferred"], sum(p["sent"] for p in log["providers"])' "(1, 2, 9000)"
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
