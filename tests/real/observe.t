#!/bin/bash
# SPDX-License-Identifier: ISC
# Level observed on a real Postfix: what counts as seen, what as wrong, what as a hint; --probe and --prove.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"
. "$here/transaction.sh"
smtp=$mx_root/usr/lib/postfix/sbin/smtp

# pinned COMMAND...: in the background, a second after the pin is written.
pinned() { (wait_for 60 grep -q '^smtp_bind_address' "$etc/main.cf" && sleep 1 && "$@" >/dev/null 2>&1) & }
mails() { for _ in {1..40}; do [ ! -e "$lab_run/enough" ] || return; lab_send user@v6.example; sleep 1; done; }
undone() { mx mtapin undo >/dev/null 2>&1 && lab_aged; }
# wrapped ADDRESS: smtp(8) is one that uses ADDRESS whatever is configured, under its own name.
wrapped() {
	mkdir -p "$mx_root/usr/lib/postfix/real"
	mv "$smtp" "$mx_root/usr/lib/postfix/real/smtp"
	printf '#!/bin/sh\nexec /usr/lib/postfix/real/smtp -o smtp_bind_address=%s "$@"\n' "$1" >"$smtp"
	chmod 755 "$smtp"
}
unwrapped() { mv "$mx_root/usr/lib/postfix/real/smtp" "$smtp"; }
# A program of the mail host, none of Postfix's, that connects from ADDRESS to PORT of the peer and stays or goes.
stranger() { daemon "$mx_pid" python3 -c '
import socket, sys, time
s = socket.create_connection((sys.argv[2], 25), 5, (sys.argv[1], 0))
s.recv(512)  # what comes after the end would end it with a reset
time.sleep(float(sys.argv[3]))
s.close()' "$@"; }
records() { grep -c "$1" "$peer_root/run/record"; }

# ---- --prove ----
begin
fix --prove user@v4.example
is "--prove: exit" "$status" 0
ok "... the level" said '^mtapin: verified: config, service, observed$'
ok "... the connection" said 'observed: IPv4 from 192.0.2.11 to 198.51.100.25 port 25'
ok "... what cannot be known of NAT" said 'before NAT on this host, if there is any'
ok "... who gets the report" said 'by mail to the user who asked (root)'
wait_for 5 grep -q 'no message' "$peer_root/run/record"
is "... up to RCPT, from the pin" "$(records '"peer": "192.0.2.11".*"rcpt": \["user@v4.example"\].*"no message"')" 1
is "... nothing was delivered there" "$(records accepted)" 0
fix --prove user@v6.example --json
ok "where the goal holds already, over IPv6: JSON" python3 -c '
import json, sys
t = json.load(open(sys.argv[1]))["transaction"]
assert t["outcome"] == "unchanged" and t["verified"] == ["config", "service", "observed"], t' "$lab_run/out"
ok "... of the schema" python3 "$here/../schema/validate" "$here/../schema/mtapin-1.json" "$lab_run/out"
ok "undo after it" undone
is "... the old bytes are back" "$(configuration)" "$before"
fix --method inet_interfaces --prove user@v6.example
ok "inet_interfaces" said 'observed: IPv6 from 2001:db8::11 to 2001:db8:25::25 port 25'
undone
fix --method service --prove user@v4.example
ok "options of the services" said 'observed: IPv4 from 192.0.2.11 to 198.51.100.25 port 25'

# ---- --observe ----
begin
pinned mails
fix --observe 90
ok "--observe: a mail of somebody" said 'observed: IPv6 from 2001:db8::11 to 2001:db8:25::25 port 25'
: >"$lab_run/enough"
undone
sleep 2
stranger 192.0.2.11 198.51.100.25 30
sleep 0.3
stranger 192.0.2.10 198.51.100.25 30
fix --observe 2
is "others' connections: exit" "$status" 0
ok "... are none of ours" said 'not observed: in 2 s no connection'
ok "... and no level" said '^mtapin: verified: config, service$'
undone
pinned stranger 192.0.2.11 198.51.100.25 0
fix --observe $((5 * pace))
ok "what is over is a hint" said 'a hint only: IPv4 from 192.0.2.11 .*; it has ended, and whose it was cannot be told'
ok "... and no level" said '^mtapin: verified: config, service$'

# ---- a pin that does not hold ----
begin
wrapped 192.0.2.12
lab_postfix reload
# It is open until it has been looked at.
touch "$peer_root/run/slow"
(wait_for 60 grep -q '^smtp_bind_address' "$etc/main.cf" && sleep $((10 * pace)); rm -f "$peer_root/run/slow") &
remover=$!
fix --prove user@v4.example
wait $remover # it would remove that of the next part
is "another source than the pin: exit" "$status" 2
ok "... it says so" said 'the pin does not hold: a connection IPv4 from 192.0.2.12 to 198.51.100.25 port 25'
is "... the old bytes are back" "$(configuration)" "$before"
unwrapped
begin
# A delivery that began before, is hung up on and tries the next address of the host, with what it has read.
touch "$peer_root/run/slow"
id=$(lab_send user@dual.example)
# from 192.0.2.10 or 2001:db8::12, as the kernel writes them, to port 25
under_way() { grep -hqE ' (0A0200C0|B80D0120000000000000000012000000):[0-9A-F]{4} [0-9A-F]+:0019 01 ' "/proc/$mx_pid/net/tcp" "/proc/$mx_pid/net/tcp6"; }
ok "a delivery from the old source is under way" wait_for 10 under_way
pinned sh -c 'sleep $2; rm "$1"' - "$peer_root/run/slow" $((4 * pace))
fix --observe $((12 * pace))
is "an old delivery is not mistaken: exit" "$status" 0
ok "... nor taken for the pin" said 'not observed'
ok "... though it went on from the old address" grep -qE '^(192.0.2.10|2001:db8::12)$' <<<"$(lab_outcome "$id")"
is "... while it was looked at" "$(lab_field "$id" verdict)" accepted

# ---- NAT ----
begin
# The tree has no nft(8); what it would list stands in a file.
printf '#!/bin/sh\ncat /run/ruleset\n' >"$mx_root/usr/sbin/nft"
chmod 755 "$mx_root/usr/sbin/nft"
echo 'table ip nat { chain post { type nat hook postrouting priority 100; } }' >"$mx_root/run/ruleset"
fix --prove user@v4.example
ok "no rule: no word of NAT" sh -c "! grep -q 'before NAT' '$lab_run/err'"
undone
echo '		ip daddr 203.0.113.0/24 masquerade' >>"$mx_root/run/ruleset"
fix --prove user@v4.example
ok "a rule is quoted" said 'port 25 (before NAT on this host: .*masquerade'
rm "$mx_root/usr/sbin/nft"

# ---- refused, or not possible ----
begin
mx_stop
mx mtapin fix "${pin[@]}" -n >/dev/null 2>"$lab_run/err"
ok "while it is down: it is said" said 'the service: nothing to do, since postfix is stopped, and stays so: the change counts from its next start'
ok "... and no word of a reload" sh -c "! grep -q reload '$lab_run/err'"
fix --prove user@v4.example
is "--prove while it is down: exit" "$status" 2
ok "... why" said 'postfix does not run: nothing would connect'
is "... nothing is written" "$(configuration)" "$before"

mx_user mtapin fix "${pin[@]}" --yes >"$lab_run/out" 2>"$lab_run/err"
is "not as root: exit" "$?" 2
is "... said first, with the command" "$(cat "$lab_run/out" "$lab_run/err")" "mtapin: needs root: sudo mtapin fix ${pin[*]} --yes"
for verb in undo recover confirm; do
	is "... $verb too" "$(mx_user mtapin $verb 2>&1)" "mtapin: needs root: sudo mtapin $verb"
done
fix
is "while it is down: exit" "$status" 0
ok "... what is verified" grep -q 'verified=config$' "$lab_run/out"
ok "... no word of a reload" sh -c "! grep -q reload '$lab_run/err'"
mx_start
is "... it counts from the next start" "$(lab_sources)" "$new"

# ---- --probe ----
begin
fix --probe mxd.example
is "--probe: exit" "$status" 0
ok "... from the new IPv4 address" said 'probe: from 192.0.2.11 to [0-9.]* port 25: 220 sink.example ESMTP'
ok "... and the new IPv6 address" said 'probe: from 2001:db8::11 to [0-9a-f:]* port 25: 220 sink.example ESMTP'
begin
fix --probe 198.51.100.25:2500
is "a port that nobody listens on: exit" "$status" 0
ok "... is reported" said 'probe: from 192.0.2.11 to 198.51.100.25 port 2500: it refuses: connection refused; so there is a way there and back, and the change goes on'
daemon "$peer_pid" python3 -c '
import socket
server = socket.create_server(("0.0.0.0", 2554))
while True:
    client = server.accept()[0]
    client.sendall(b"554-sink.example\r\n554 no service for 192.0.2.11\r\n")
    client.recv(512)
    client.close()'
wait_for 10 listening "$peer_pid" 2554
begin
fix --probe 198.51.100.25:2554
is "a far side that answers 554: exit" "$status" 0
ok "... is reported" said 'probe: from 192.0.2.11 to 198.51.100.25 port 2554: it refuses: 554 no service for 192.0.2.11; so there is a way'
begin
mx ip route add unreachable 203.0.113.99
fix --probe 203.0.113.99 --json
is "no way there: exit" "$status" 2
ok "... with its id" grep -q '"id": "HOST-PROBE-FAILED"' "$lab_run/out"
is "... nothing is written" "$(configuration)" "$before"
fix --probe no-such-host.example
is "a name that does not resolve: exit" "$status" 2
ok "... why" said 'no-such-host.example: does not resolve'
fix --probe 203.0.113.99 --accept HOST-PROBE-FAILED --no-service
is "no way there, accepted: exit" "$status" 0
ok "... and reported" said 'probe: from 192.0.2.11 to 203.0.113.99 port 25: no connection: '
mx ip route del unreachable 203.0.113.99
