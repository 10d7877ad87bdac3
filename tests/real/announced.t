#!/bin/bash
# SPDX-License-Identifier: ISC
# Level observed where a delivery takes milliseconds: the kernel announces what has ended, the log says whose it was,
# and nobody else's connection is ever taken for the MTA's. The seed is printed; MT_SEED repeats a run.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"
. "$here/transaction.sh"
seed=${MT_SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
RANDOM=$seed
rounds=12 mixtures=4
[ "${MT_LONG:-no}" = no ] || rounds=200 mixtures=40
: >"$peer_root/run/at-once"
smtp=$mx_root/usr/lib/postfix/sbin/smtp

# The kernel lists who listens to both groups, 1 and 3, of sock_diag (family 4).
listens() { awk '$2 == 4 && $4 == "00000005" { found = 1 } END { exit !found }' "/proc/$mx_pid/net/netlink"; }
# A program of the mail host, none of Postfix's: it speaks to the peer from ADDRESS as fast as it can, COUNT times.
stranger() { mx python3 -c '
import socket, sys
for _ in range(int(sys.argv[3])):
    s = socket.create_connection((sys.argv[2], 25), 5, (sys.argv[1], 0))
    s.recv(512)
    s.sendall(b"QUIT\r\n")
    s.recv(512)
    s.close()' "$@"; }
# watching SECONDS: an observing run in the background that has begun to listen; its pid is $run.
watching() {
	mx mtapin fix "${pin[@]}" --yes --observe "$1" --json >"$lab_run/out" 2>"$lab_run/err" &
	run=$!
	wait_for 20 listens
}
seen() {
	wait "$run" && python3 -c '
import json, sys
t = json.load(open(sys.argv[1]))["transaction"]
sys.exit("observed" not in t["verified"] or sys.argv[2] not in t["remarks"])' "$lab_run/out" "$1"
}

is_observed() { python3 -c 'import json, sys
sys.exit("observed" not in json.load(open(sys.argv[1]))["transaction"]["verified"])' "$lab_run/out"; }

# ---- deliveries of milliseconds ----
begin
fix
count=0 by_log=0
for ((i = 0; i < rounds; i++)); do
	domain=v$((RANDOM % 2 ? 4 : 6)).example
	watching 90 || break
	[ $((RANDOM % 2)) = 0 ] || rest "0.0$((RANDOM % 10))"
	lab_send "user@$domain" >/dev/null
	if seen "observed: IPv${domain:1:1} from "; then count=$((count + 1)); else note "$domain: $(cat "$lab_run/out")"; fi
	! grep -q 'the kernel announced its end' "$lab_run/out" || by_log=$((by_log + 1))
done
note "seed $seed: $rounds deliveries, $count observed, $by_log of them by their announced end"
is "$rounds deliveries to a sink that answers at once: observed" "$count" "$rounds"
ok "... some of them by the kernel's word alone" [ "$by_log" -gt 0 ]
begin
(wait_for 60 grep -q '^smtp_bind_address' "$etc/main.cf" && wait_for 10 grep -q 'reload -- version' "$mx_root/var/log/mail.log" &&
	lab_send user@v4.example) >/dev/null &
fix --observe 90
ok "one in the moment of the reload, while nobody looks" said 'observed: IPv4 from 192.0.2.11 to 198.51.100.25 port 25'

# ---- a stranger among them ----
begin
fix
watching $((3 * pace))
stranger 192.0.2.11 198.51.100.25 5
wait "$run"
is "a stranger's from the pin: exit" "$?" 0
ok "... is a hint" grep -q '"remarks": "a hint only: IPv4 from 192.0.2.11 .*whose it was cannot be told' "$lab_run/out"
is "... and no level" "$(is_observed; echo $?)" 1
# Postfix leaves from another address than is configured, strangers from the pin, to the same server.
mkdir -p "$mx_root/usr/lib/postfix/real"
mv "$smtp" "$mx_root/usr/lib/postfix/real/smtp"
printf '#!/bin/sh\nexec /usr/lib/postfix/real/smtp -o smtp_bind_address=192.0.2.12 "$@"\n' >"$smtp"
chmod 755 "$smtp"
lab_postfix reload
wrong=0
for ((i = 0; i < mixtures; i++)); do
	watching $((4 * pace)) || break
	before=$((RANDOM % 3)) after=$((RANDOM % 3 + 1))
	stranger 192.0.2.11 198.51.100.25 "$before"
	lab_send user@v4.example >/dev/null
	stranger 192.0.2.11 198.51.100.25 "$after"
	wait "$run"
	! is_observed || { wrong=$((wrong + 1)) && note "$before $after: $(cat "$lab_run/out")"; }
done
lab_postfix reload # one of its processes that is older than the look says nothing of what counts now
watching $((4 * pace))
lab_send user@v4.example >/dev/null
wait "$run"
ok "... alone: said, where it was over before anybody looked" grep -qE 'the pin (may|does) not hold' "$lab_run/out"
note "seed $seed: $i mixtures of strangers from the pin and Postfix from elsewhere"
is "Postfix from elsewhere among strangers from the pin, $mixtures times: observed" "$wrong/$i" "0/$mixtures"
mv "$mx_root/usr/lib/postfix/real/smtp" "$smtp"

# ---- the family that is not pinned ----
begin
pin=(--ip4 192.0.2.11 --ip6 keep)
fix
watching $((4 * pace))
lab_send user@v6.example >/dev/null
wait "$run"
ok "over IPv6, where IPv4 alone is pinned: said" grep -q 'not observed: .*a connection IPv6 from 2001:db8::12 to 2001:db8:25::25 port 25 was one of postfix, and IPv6 is not pinned' "$lab_run/out"
fix --prove user@v6.example --observe $((4 * pace))
ok "... by --prove too" said 'IPv6 from 2001:db8::12 .* and IPv6 is not pinned'
pin=(--ip 192.0.2.11 --ip6 2001:db8::11)

# ---- where it is not allowed ----
cc -shared -fPIC -o "$mx_root/usr/lib/no-diag.so" "$here/no-diag.c" || bail "no compiler"
begin
blind() { status=0; mx env LD_PRELOAD=/usr/lib/no-diag.so mtapin fix "${pin[@]}" --yes "$@" >"$lab_run/out" 2>"$lab_run/err" || status=$?; }
blind --observe 1
is "no announcements: exit" "$status" 0
ok "... which of the two" said "not observed: .*; looked for in the tables of open sockets, which misses what ends between two looks: the kernel's announcements cannot be had (Operation not permitted)"
rm "$peer_root/run/at-once"
touch "$peer_root/run/slow" # it stays open until somebody has looked
blind --prove user@v4.example
rm "$peer_root/run/slow"
ok "... and a connection that is open is seen" said 'observed: IPv4 from 192.0.2.11 .*; a process of postfix held it'
fix --observe 1
ok "where they are heard: which of the two" said '; the kernel announces each that ends'

# ---- no log, a dead master ----
begin
status=0
mx unshare --mount sh -c 'mount -t tmpfs none /var/log && exec "$@"' - mtapin fix "${pin[@]}" --yes --observe 1 >"$lab_run/out" 2>"$lab_run/err" || status=$?
is "a log that is not there: exit" "$status" 0
ok "... is said" said 'the log of postfix was not watched, there is none: looked for /var/log/mail.log, /var/log/maillog, /var/log/mail/mail.log, the journal'
begin
mx_stop
daemon "$mx_pid" python3 -c '
import os, subprocess, time
master = subprocess.Popen(["/usr/lib/postfix/sbin/master", "-d"])
time.sleep(2)
os.kill(master.pid, 9)
time.sleep(600)'
zombie() { mx sh -c 'read -r p </var/spool/postfix/pid/master.pid && grep -q "^State:.Z" /proc/$p/status'; }
wait_for 20 zombie
ok "a master that is a zombie" zombie
ok "... does not run" grep -q '/etc/postfix  stopped' <<<"$(mx mtapin show)"
fix
is "... and nothing is done to it: exit" "$status" 0
ok "... nor claimed of it" grep -q 'verified=config$' "$lab_run/out"
