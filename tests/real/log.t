#!/bin/bash
# SPDX-License-Identifier: ISC
# What real Postfix, Exim, sendmail and OpenSMTPD write of mail that a sink accepts, refuses and puts off: `mtapin log`
# counts what the sink recorded, from the logs that the host has by default.
. "$(dirname "$0")/lab.sh"
lab_begin

# host [OVERLAY]: a mail host and the world, both new; no mail server runs yet.
host() {
	[ -z "$mx_pid" ] || {
		kill -KILL "$mx_pid" "$peer_pid"
		wait_for 10 test ! -e "/proc/$mx_pid" -a ! -e "/proc/$peer_pid"
		rm -rf --one-file-system "$lab_run/mx" "$lab_run/peer"
	}
	host_boot mx mail.example.org "$@" && host_boot peer sink.example || return
	mx_pid=$(<"$lab_run/mx/pid") mx_root=/proc/$mx_pid/root
	peer_pid=$(<"$lab_run/peer/pid") peer_root=/proc/$peer_pid/root
	peer_network && mx_network && peer_start && mx_files
}
# send RECIPIENT...: a mail to each of them, as the server at hand takes it.
send() {
	local to
	for to; do
		printf 'From: <root@mail.example.org>\nTo: <%s>\nSubject: lab\n\nlab\n' "$to" |
			mx "${submit[@]}" -f root@mail.example.org "$to" >>"$lab_run/daemons" 2>&1
	done
}
answers() { printf '%s\n' "$@" >"$peer_root/run/answers"; }
recorded() { grep -c "\"verdict\": \"$1" "$peer_root/run/record"; }
counted() { # KEY...: of the totals
	mx mtapin log --json >"$lab_run/out" 2>"$lab_run/err"
	python3 -c 'import json, sys
log = json.load(open(sys.argv[1]))["log"]
print(*[log["totals"][key] for key in sys.argv[2:]])' "$lab_run/out" "$@"
}
settled() { [ "$(counted sent bounced deferred)" = "$1" ]; }
causes() {
	python3 -c 'import json, sys
print(*sorted(c["cause"] for c in json.load(open(sys.argv[1]))["log"]["causes"]))' "$lab_run/out"
}

# mails NAME: five mails, and one to a server that greets nobody from this address.
mails() {
	answers 'ptr 550 5.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.10]' \
		'list 554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org' \
		'busy 450 4.7.1 Too many connections from 192.0.2.10' 'nobody 550 5.1.1 User unknown'
	send {ok,ptr,list,busy,nobody}@v4.example
	wait_for 20 settled '1 3 1'
	is "$1: counts are those of the sink" "$(counted sent bounced deferred)" "$(recorded accepted) $(recorded 5) $(recorded 4)"
	is "... all five" "$(counted sent bounced deferred)" '1 3 1'
	is "... three point at the sending address" "$(counted address)" 3
	is "... causes" "$(causes)" 'ip_dnsbl ip_ptr ip_rate recipient'
	ok "... the address that the replies name is this host's" grep -q 'the reply names 192.0.2.10, the address of eth0 that the kernel chooses here' "$lab_run/out"
	answers 'greeting 554 5.7.1 Client host [192.0.2.10] blocked using bl.spamcop.net'
	send again@relayed.example # no connection to it is open that could be used again
	wait_for 20 eval '[ "$(counted address)" = 4 ]'
	is "... a greeting of 554 points at it too" "$(counted sent address)" '1 4'
}

# ---- Postfix; what is counted is evidence ----
host && mx_prepare && mx_start || bail "no Postfix"
submit=(sendmail)
mails Postfix
mx mtapin check >"$lab_run/check" 2>&1
ok "check: what the log says is evidence" grep -q 'last 7 days: 4 refusals point at the sending address' "$lab_run/check"

# ---- before and after a change ----
: >"$mx_root/var/log/mail.log"
answers 'ptr 550 5.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.10]'
began=$SECONDS
send {ok,ptr}@v4.example
wait_for 20 settled '1 1 0'
ok "the address is changed" mx mtapin fix --ip 192.0.2.11 --ip6 keep --yes
before=$((SECONDS - began + 1))
send {one,two}@v4.example
wait_for 20 settled '3 1 0'
sleep "$before" # as long after the change as the mails came before it
mx mtapin log --around last --json >"$lab_run/around" 2>&1
is "--around: accepted and pointing at the address, before and after" "$(python3 -c 'import json, sys
log = json.load(open(sys.argv[1]))["log"]
print(*[part[key] for part in (log["around"]["before"], log["totals"]) for key in ("sent", "address")])' "$lab_run/around")" '1 1 2 0'

# One mail in the second before that of the transaction's id, two in it, three in the next.
id=$(mx mtapin history --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["transactions"][-1]["id"])')
second=$(date -u -d "${id:0:8} ${id:9:2}:${id:11:2}:${id:13:2}" +%s)
for offset in -1 0 0 1 1 1; do
	printf '%s mail postfix/smtp[1]: A1: to=<a@v4.example>, relay=mx[198.51.100.25]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)\n' \
		"$(date -u -d "@$((second + offset))" '+%b %e %H:%M:%S')"
done >"$mx_root/run/seconds"
mx mtapin log --around "$id" --json /run/seconds >"$lab_run/around"
is "... the second of the id is before" "$(python3 -c 'import json, sys
log = json.load(open(sys.argv[1]))["log"]
print(log["around"]["before"]["sent"], log["totals"]["sent"])' "$lab_run/around")" '3 3'
mx mtapin log --around "$id" /run/seconds >"$lab_run/around"
ok "... and in text" grep -qE "^ *before ${id:0:16} .*\b3\b" "$lab_run/around"

# ---- Exim, as Debian configures it for the internet ----
host exim && mx sh -c '
	sed -i "s/^dc_eximconfig_configtype=.*/dc_eximconfig_configtype=internet/" /etc/exim4/update-exim4.conf.conf
	update-exim4.conf' >>"$lab_run/daemons" 2>&1 || bail "no Exim"
submit=(exim4 -odf)
mails Exim

# ---- sendmail ----
host sendmail || bail "no sendmail"
submit=(sendmail-mta -Am -odi)
mails sendmail

# ---- OpenSMTPD ----
host opensmtpd && echo mail.example.org >"$mx_root/etc/mailname" && daemon "$mx_pid" smtpd -F || bail "no OpenSMTPD"
wait_for 10 listening "$mx_pid" 25
submit=(sendmail)
mails OpenSMTPD
