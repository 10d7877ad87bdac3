#!/bin/bash
# SPDX-License-Identifier: ISC
# fix --confirm on a real Postfix: kept when confirmed in time; else the old address is back, whatever
# became of the terminal, the session and the process that applied it.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"
. "$here/transaction.sh"

seconds=$((10 * pace))
confirm() { status=0; mx mtapin confirm "$@" >"$lab_run/out" 2>"$lab_run/err" || status=$?; }
state() { mx mtapin history | awk '/^20/ { print $3 }' | tail -n 1; }
# Wait until the deadline and its revert are over.
settled() { case $(state) in unconfirmed | pending) false ;; esac; }
reverted() { wait_for $((seconds + 10)) settled; }
waiting() { mx sh -c 'for p in /proc/[0-9]*; do [ "$(readlink "$p/exe")" != /usr/local/sbin/mtapin ] || echo "${p#/proc/}"; done'; }
none_waits() { [ -z "$(waiting)" ]; }
valid() { "$top/tests/schema/validate" "$top/tests/schema/mtapin-1.json" "$1"; }
logged() { [ "$(grep -c "mtapin.*transaction=$id fix $1 .*$2" "$mx_root/var/log/mail.log")" = 1 ]; }

# ---- not confirmed ----
begin
mx mtapin fix "${pin[@]}" -n --confirm $seconds --accept HOST-NO-BOOT-HOOK >"$lab_run/out" 2>"$lab_run/err"
is "-n --confirm: exit" $? 1
ok "... says what would be" said "rolled back after $seconds s unless mtapin confirm comes"
is "... does nothing" "$(configuration)$(ls "$journal" 2>/dev/null)" "$before"

fix --confirm $seconds --accept HOST-NO-BOOT-HOOK -q
id=$(ls "$journal/txn")
is "fix --confirm: exit" "$status" 0
ok "... says until when, even quietly" said "transaction $id is not confirmed: at 20..-..-..T..:..:..Z it is rolled back; mtapin undo does that now"
ok "... and the next command" said "to keep it: mtapin confirm $id\$"
is "... mail leaves from the pin" "$(lab_sources)" "$new"
is "... its state" "$(state)" unconfirmed
mx mtapin history --json >"$lab_run/json"
ok "... history --json is of the schema" valid "$lab_run/json"
pid=$(waiting)
ok "... one process waits" test -n "$pid" -a "$pid" = "${pid%% *}"
ok "... and holds no lock" mx flock -n /var/lib/mtapin/lock true
mx mtapin show >/dev/null 2>"$lab_run/err"
ok "... show says so" said "transaction $id can be confirmed until"
fix --method inet_interfaces
is "another fix: exit" "$status" 2
ok "... names it and the next commands" said "$id: this transaction can be .*mtapin confirm $id keeps it, mtapin undo $id takes"
mx mtapin recover >"$lab_run/out" 2>"$lab_run/err"
is "recover before the deadline: exit" $? 2
ok "... says until when" said "$id: not cut off: .*can be confirmed until"
reverted
# By the journal's own stamps, between the two states: what restart and look take is not counted.
lasted=$(mx cat "/var/lib/mtapin/txn/$id/state" | python3 -c '
import datetime, sys
at = {w[2]: datetime.datetime.strptime(w[1], "%Y%m%dT%H%M%S.%fZ") for w in map(str.split, sys.stdin)}
print(int((at["rolling-back"] - at["unconfirmed"]).total_seconds() * 1000))')
ok "not confirmed: it lasts $seconds s, and not much longer ($lasted ms)" test "$lasted" -ge $((seconds * 1000)) -a "$lasted" -lt $((seconds * 1000 + 15000))
is "... the old bytes are back" "$(configuration)" "$before"
is "... mail leaves as before" "$(lab_sources)" "$old"
is "... its state" "$(state)" rolled-back
ok "... nothing is left behind" tidy
ok "... nobody waits any more" wait_for 5 none_waits
ok "... a line in syslog for the change" logged unconfirmed "until 20"
ok "... and one for the rollback" logged rolled-back "not confirmed in time"
confirm
is "confirm after that: exit" "$status" 2
ok "... says why" said "$id: too late: it is rolled back"

# ---- confirmed ----
begin
fix --confirm $seconds --accept HOST-NO-BOOT-HOOK --json
ok "--json is of the schema" valid "$lab_run/out"
after=$(configuration)
confirm
is "confirm in time: exit" "$status" 0
ok "... nobody waits any more" wait_for 3 none_waits
is "... its state" "$(state)" applied
sleep $((seconds + 1))
is "... it stays" "$(configuration)" "$after"
is "... mail leaves from the pin" "$(lab_sources)" "$new"
confirm
is "confirm once more: exit" "$status" 2
ok "... says why" said "nothing to confirm: it is confirmed already"
ok "undo takes it back" mx mtapin undo
is "... mail leaves as before" "$(lab_sources)" "$old"

# ---- undo ----
begin
fix --confirm 86400 --accept HOST-NO-BOOT-HOOK
mx mtapin undo >"$lab_run/out" 2>"$lab_run/err"
is "undo of an unconfirmed one: exit" $? 0
ok "... says what it did" said '^rolled-back /etc/postfix/main.cf'
is "... the old bytes are back" "$(configuration)" "$before"
is "... mail leaves as before" "$(lab_sources)" "$old"
ok "... nobody waits any more" wait_for 3 none_waits

# ---- the session is lost ----
# On a terminal of its own, with a shell; then the terminal closes and everything of the session gets HUP.
begin
mx python3 - "mtapin fix ${pin[*]} --yes --method inet_interfaces --confirm $seconds --accept HOST-NO-BOOT-HOOK; sleep 1000; :" <<'END'
import os, signal, sys
pid, master = os.forkpty()
if pid == 0:
    os.execv("/bin/sh", ["sh", "-i", "-c", sys.argv[1]])
text = b""
while b"to keep it: mtapin confirm" not in text:
    text += os.read(master, 4096)
session = []
for name in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open(f"/proc/{name}/stat", "rb") as stat:
            fields = stat.read().rpartition(b")")[2].split()
    except OSError:
        continue
    if int(fields[3]) == pid:
        session.append(int(name))
os.close(master)
for one in session:
    for signal_ in (signal.SIGHUP, signal.SIGCONT):
        try:
            os.kill(one, signal_)
        except ProcessLookupError:
            pass
sys.exit(0 if pid in session else 1)
END
is "the session is lost: its shell was there" $? 0
is "... mail leaves from the pin" "$(lab_sources)" "$new"
ok "... the one that waits gets SIGHUP too" mx kill -HUP "$(waiting)"
reverted
is "... the old bytes are back" "$(configuration)" "$before"
is "... mail leaves as before" "$(lab_sources)" "$old"

# ---- kill -9 ----
begin
trap_verb reload 'kill -9 $PPID; exit 1'
fix --confirm $seconds --accept HOST-NO-BOOT-HOOK
untrap
is "killed right after COMMIT: exit" "$status" 137
ok "... the new files are there" [ "$(configuration)" != "$before" ]
confirm
is "... cannot be confirmed: exit" "$status" 2
ok "... says why" said "cut off before it was verified"
reverted
is "... at the deadline the old bytes are back" "$(configuration)" "$before"
is "... mail leaves as before" "$(lab_sources)" "$old"
ok "... nothing is left behind" tidy

# ---- the one that waits is killed ----
begin
fix --confirm $seconds --accept HOST-NO-BOOT-HOOK
mx kill -9 "$(waiting)"
sleep $((seconds + 1))
confirm
is "confirm after the deadline, not rolled back yet: exit" "$status" 2
ok "... says why" said "too late: it could be confirmed until"
ok "... recover rolls it back" mx mtapin recover
is "... the old bytes are back" "$(configuration)" "$before"
is "... mail leaves as before" "$(lab_sources)" "$old"

# ---- somebody's edit ----
begin
fix --confirm $seconds --accept HOST-NO-BOOT-HOOK
id=$(ls "$journal/txn")
sed -i 's/^smtp_bind_address = .*/smtp_bind_address = 192.0.2.12/' "$etc/main.cf"
edited=$(configuration)
reverted
is "our line was edited meanwhile: it stays" "$(configuration)" "$edited"
is "... its state" "$(state)" stuck
ok "... syslog says so" logged stuck "somebody edited it after us"

# ---- one service for the internet and this host: the loopback hop gets a clone, and goes again with it ----
shared() {
	begin
	lab_set content_filter 'smtp:[127.0.0.1]:10024'
	lab_postfix reload
	before=$(configuration)
	fix --confirm "$@" --accept HOST-NO-BOOT-HOOK
	grep -q '^smtp-loopback ' "$etc/master.cf" || note "no clone: $(cat "$lab_run/out" "$lab_run/err")"
}
shared $seconds
is "a cloned service: exit" "$status" 0
reverted
is "... at the deadline the old bytes are back" "$(configuration)" "$before"
is "... its state" "$(state)" rolled-back
is "... mail to the filter leaves as before" "$(lab_mail user@v4.example)" 127.0.0.1

# What the hook of the next boot runs, before Postfix starts.
shared 86400
is "a cloned service, and a boot: exit" "$status" 0
ok "... there is a clone" grep -q '^smtp-loopback ' "$etc/master.cf"
mx kill -9 "$(waiting)"
mx_stop
mx mtapin recover --booted >"$lab_run/out" 2>"$lab_run/err"
is "... recover --booted: exit" $? 0
is "... the old bytes are back" "$(configuration)" "$before"
is "... its state" "$(state)" rolled-back
mx_start
