#!/bin/bash
# SPDX-License-Identifier: ISC
# The transaction on a real Postfix: a start that fails, a reload after which the daemon is gone, a
# kill -9 between stop and start, postconf -e at the same moment, a later edit, a stranger's complaint.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"
. "$here/transaction.sh"

begin
trap_verb start "echo 'postfix: fatal: not today' >&2; exit 1"
fix --method inet_interfaces
is "a start that fails: exit" "$status" 2
is "... the old bytes are back" "$(configuration)" "$before"
ok "... and it says so" said '^rolled-back /etc/postfix/main.cf'
ok "... with what was read" said 'not today'
ok "... nothing is left behind" tidy
is "... mail leaves as before" "$(lab_sources)" "$old"

begin
trap_verb reload "kill -9 \$(cat /var/spool/postfix/pid/master.pid); sleep 0.2"
fix
is "master dies at the reload: exit" "$status" 2
is "... the old bytes are back" "$(configuration)" "$before"
is "... mail leaves as before" "$(lab_sources)" "$old"

begin
trap_verb start 'kill -9 $PPID; exit 1'
fix --method inet_interfaces
ok "killed between stop and start: the new files are there" [ "$(configuration)" != "$before" ]
id=$(ls "$journal/txn")
is "... the backup is complete" "$(cat "$journal/txn/$id"/{0,1}.before | sha256sum)" \
	"$(cat "$here/default/main.cf" "$here/default/master.cf" | sha256sum)"
fix
is "... another fix is refused" "$status" 2
ok "... names the transaction" said "$id"
ok "... and the next command" said 'mtapin recover'
ok "... which works" mx mtapin recover
is "... the old bytes are back" "$(configuration)" "$before"
ok "... nothing is left behind" tidy
is "... mail leaves as before" "$(lab_sources)" "$old"
fix --method inet_interfaces
is "... and now it can be fixed: exit" "$status" 0
is "... mail leaves from the pin" "$(lab_sources)" "$new"

begin
pids=()
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	mx postconf -e "mtapin_test_$i = $i" &
	pids+=($!)
done
retries=0
fix
while [ "$status" = 2 ] && said 'changed' && [ $((retries = retries + 1)) -lt 20 ]; do fix; done
wait "${pids[@]}"
is "12 x postconf -e at the same time: exit" "$status" 0
is "... nothing of theirs is lost" "$(grep -c '^mtapin_test_' "$etc/main.cf")" 12
is "... nor of ours" "$(grep -c '^smtp_bind_address6* = ' "$etc/main.cf")" 2

begin
fix
lab_set always_bcc ''
ok "undo after somebody's edit elsewhere" mx mtapin undo
is "... theirs stays" "$(grep -c '^always_bcc' "$etc/main.cf")" 1
is "... ours goes" "$(grep -c '^smtp_bind_address' "$etc/main.cf")" 0
is "... a line in syslog for each" "$(sed -n 's/.*mtapin.*: transaction=20[^ ]* \([a-z]* [a-z]*\) .*/\1/p' "$mx_root/var/log/mail.log" | tr '\n' ' ')" \
	"fix applied undo undone "

begin
fix
sed -i 's/^smtp_bind_address = .*/smtp_bind_address = 192.0.2.12/' "$etc/main.cf"
edited=$(configuration)
is "undo after our line was edited: exit" "$(mx mtapin undo >/dev/null 2>&1; echo $?)" 3
is "... nothing is written" "$(configuration)" "$edited"

begin
fix
inode=$(stat -c '%i %Y' "$etc/main.cf") master=$(cat "$mx_root/var/spool/postfix/pid/master.pid")
fix
is "a second run: exit" "$status" 0
is "... writes nothing" "$(stat -c '%i %Y' "$etc/main.cf")" "$inode"
is "... restarts nothing" "$(cat "$mx_root/var/spool/postfix/pid/master.pid")" "$master"
is "... and is no transaction" "$(ls "$journal/txn" | wc -l)" 1
untrap
