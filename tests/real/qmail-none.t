#!/bin/bash
# SPDX-License-Identifier: ISC
# The stand-in of qmail started by hand, below no init and no supervisor; and builds that have a line for all mail
# instead of outgoingip.
. "$(dirname "$0")/lab.sh"
. "$here/qmail/lab.sh"
. "$here/qmail/cases.sh"
qmail_proven
qmail_start systemd || bail "the lab does not start"
qmail_files netqmail-oip || bail "no compiler"
mkdir -p "$mx_root/var/log/qmail"
by_hand='PATH=/var/qmail/bin:$PATH setsid qmail-start ./Mailbox >>/var/log/qmail/current 2>&1 &'
daemon "$mx_pid" sh -c "$by_hand"
settled() { wait_for 10 qmail_runs || note "qmail-send does not run"; }

# ---- --restart, and nobody who could do it ----
begin
pid=$(qmail_pid)
fix --ip "$new" --restart
is "--restart that nobody can do: exit" "$status" 2
ok "... says what to leave away" said 'no init answers for it .*nothing needs that, leave --restart away'
is "... nothing is written, and it still runs" "$(qmail_pin) $(qmail_pid)" "absent $pid"
fix --ip "$new" --observe 6
is "without it: exit" "$status" 0
ok "... six seconds of waiting are said" said '^mtapin: \.\.\. waiting up to 6 s for a connection'
is "... mail leaves from the pin" "$(qmail_source)" "$new"
fix --ip "$new" --observe 1
is "a second run names the file that is read, and no other" "$(cat "$lab_run/out")" \
	"unchanged /var/qmail/control/outgoingip verified=config,service"
run undo
is "undo: exit" "$status" 0
ok "... names the value" said '^changed /var/qmail/control/outgoingip outgoingip=\(removed\) '
ok "... names both transactions, and from where mail leaves" \
	said 'transaction [0-9TZ.-]+-[0-9a-f]+ takes [0-9TZ.-]+-[0-9a-f]+ back: qmail-remote IPv4 10\.77\.0\.11 -> kernel$'
fix --ip any
is "nothing to unpin: exit, and no file named" "$status $(cat "$lab_run/out")" "0 "
fix --ip any --restart
is "... nor with a restart that nobody can do" "$status $(cat "$lab_run/out")" "2 "
ok "... which is said" said 'leave --restart away'

# ---- the script that the FAQ names ----
cat >"$mx_root/etc/init.d/qmail" <<-END
	#!/bin/sh
	case \$1 in
	start) $by_hand ;;
	stop) pkill -x qmail-send ;;
	*) exit 1 ;;
	esac
END
chmod 755 "$mx_root/etc/init.d/qmail"
begin
pid=$(qmail_pid)
id=$(qmail_mail user@example.net $((8 * pace)))
ok "a slow delivery runs" wait_for 10 mx pgrep -x qmail-remote
fix --ip "$new" --restart --observe 1
is "--restart by /etc/init.d/qmail: exit" "$status" 0
ok "... by its own commands" said 'restarted by its own commands'
ok "... what is waited for is said" said '^mtapin: \.\.\. waiting for qmail-send to finish what it does, for up to 21 minutes$'
is "... the delivery ended well" "$(qmail_seen "$id")" "$old"
ok "... another process" [ "$(qmail_pid)" != "$pid" -a "$(qmail_pid | wc -l)" = 1 ]
is "... mail leaves from the pin" "$(qmail_source)" "$new"

# ---- an address that is to come ----
begin
fix --ip 10.77.0.222 --observe 1
is "an absent address: exit" "$status" 2
ok "... what overrules it" said '--accept HOST-ADDR-ABSENT overrules this'
fix --ip 10.77.0.222 --observe 1 --accept HOST-ADDR-ABSENT
is "... accepted: exit" "$status" 0
is "... is written" "$(qmail_pin)" '10.77.0.222\n 644 0:2108'
qmail_mail >/dev/null
ok "... mail waits for it" wait_for 10 qmail_logged "deferral: Sorry,_I_wasn't_able_to_establish"
run undo
is "... undone" "$status $(qmail_pin)" "0 absent"

# ---- no file ----
for kind in link FIFO; do
	begin
	case $kind in
	link) ln -s outgoingip "$mx_root$control/outgoingip" ;;
	FIFO) mkfifo "$mx_root$control/outgoingip" ;;
	esac
	: >"$mx_root/var/log/qmail/current"
	qmail_mail >/dev/null
	ok "outgoingip is a $kind: mail waits" wait_for 10 qmail_logged 'deferral: '
	run show
	ok "... show says so" said '^error +QM-DEFERRED  all remote mail waits'
	run fix -n --ip "$new"
	is "... the plan is refused: exit" "$status" 2
	ok "... with what to do" said "/var/qmail/control/outgoingip: is a .*: remove it first \\(rm\\)"
	rm "$mx_root$control/outgoingip"
done

# ---- builds with a line for all mail ----
# As in the experiment: only what was sent then has a row.
mail_then() {
	local id queue=$mx_root/var/qmail/queue
	id=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')@mail.host.example
	printf 'u@sender.example\nr@example.net\nMessage-ID: <%s>\n\nlab\n' "$id" >"$queue/new"
	mv "$queue/new" "$queue/todo/$((0x${id:0:6} + 1))"
	qmail_seen "$id"
}
for build in netqmail-bindroutes:bindroutes:10.77.0.11 netqmail-oips:outgoingips:10.77.0.12; do
	IFS=: read -r build method address <<<"$build"
	begin "$build"
	fix --ip "$address" --observe 1
	is "$build: pin: exit" "$status" 0
	ok "... method" said "method $method; the service: nothing to do"
	is "... the line" "$(qmail_pin "$method")" ":$address\\n 644 0:2108"
	is "... mail leaves from the pin" "$(mail_then)" "$address"
	fix --ip "$address" --observe 1
	ok "... a second run changes nothing" said "^unchanged /var/qmail/control/$method "
	run undo
	is "... undo: exit, and the file is gone" "$status $(qmail_pin "$method")" "0 absent"
done
