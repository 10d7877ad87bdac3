# SPDX-License-Identifier: ISC
# cases.sh: what is tried with the stand-in of qmail below each of the programs that can run it; sourced after lab.sh.
# A test says:
#
#	by		how mtapin names who restarts it
#	fresh		qmail-send runs, with usual control files, an empty queue, no journal
old=10.77.0.10 new=10.77.0.11 exact='10.77.0.11\n 644 0:2108'
by=

# What supervises has its own ideas of groups; this is its process now.
begin() {
	rm -rf "$mx_root/var/lib/mtapin"
	qmail_build "${1-netqmail-oip}"
	qmail_usual
	chgrp 2108 "$mx_root$control/me"
	wait_for 10 qmail_runs || note "qmail-send does not run"
}
# traffic SECONDS: a mail a second, each of which takes so long, until `quiet`: what a host that works sends meanwhile.
traffic() {
	: >"$lab_run/sends"
	(while [ -e "$lab_run/sends" ]; do qmail_mail user@example.net "$1" >/dev/null; sleep 1; done) &
}
quiet() {
	rm "$lab_run/sends"
	wait $!
}

case_pin() {
	local pid
	begin
	pid=$(qmail_pid)
	is "mail leaves from" "$(qmail_source)" "$old"
	run show
	ok "show: nothing pins" said "IPv4  10\\.77\\.0\\.10 "
	fix --ip "$new" --observe 1
	is "pin: exit" "$status" 0
	ok "... verified to service" said 'verified: config, service'
	is "... exactly the address and a newline, mode and owners of control/me" "$(qmail_pin)" "$exact"
	is "... the same process: no restart" "$(qmail_pid)" "$pid"
	is "... mail leaves from the pin" "$(qmail_source)" "$new"
	run show
	ok "... show says so" said 'IPv4  10\.77\.0\.11 +outgoingip:1'
	fix --ip "$new"
	is "a second run: exit" "$status" 0
	ok "... changes nothing" said '^unchanged /var/qmail/control/outgoingip'
	run undo
	is "undo: exit" "$status" 0
	is "... the file is gone" "$(qmail_pin)" absent
	is "... mail leaves as before" "$(qmail_source)" "$old"
	is "... still the same process" "$(qmail_pid)" "$pid"
}
# Deliveries of three seconds, one a second for as long as fix looks: some begin before the change, some after it. However
# busy the machine is, there is one that can be seen.
case_observed() {
	begin
	traffic 3
	ok "slow deliveries run" wait_for 10 mx pgrep -x qmail-remote
	fix --ip "$new" --observe 90
	quiet
	is "--observe: exit" "$status" 0
	ok "... the level" said '^mtapin: verified: config, service, observed$'
	ok "... the connection" said "observed: IPv4 from ${new//./\\.} to 10\\.77\\.0\\.2 port 25"
	ok "... all is delivered" wait_for 30 qmail_empty
}
# The address is here and could be bound, and the answers find no way back: that shows in the log alone.
case_wrong() {
	begin
	traffic 0
	fix --ip 10.99.9.9 --observe 90 # it ends with the third failure
	quiet
	is "a pin that stops mail: exit" "$status" 2
	ok "... is rolled back" said '^rolled-back /var/qmail/control/outgoingip'
	ok "... for what the log says" said 'times \(#4\.4\.1\), and nothing was delivered'
	is "... the file is gone" "$(qmail_pin)" absent
	ok "... what waited was tried at once" wait_for 10 qmail_empty
	is "... mail leaves as before" "$(qmail_source)" "$old"
}
qmail_empty() { [ -z "$(ls "$mx_root/var/qmail/queue/todo")" ]; }

case_unsupported() {
	begin notqmail-1.09
	fix --ip "$new"
	is "a stock qmail-remote: exit" "$status" 2
	ok "... refused" said 'does not read control/outgoingip'
	ok "... with the ways out" said 'source NAT'
	is "... nothing is written" "$(qmail_pin)" absent
	# The FAQ's two lines, as they are typed.
	ok "the FAQ's two lines, on it" mx sh -c 'echo "10.77.0.11" > /var/qmail/control/outgoingip; /etc/init.d/qmail restart'
	wait_for 10 qmail_runs
	is "... pin nothing" "$(qmail_source)" "$old"
	run show
	ok "... show says that the file is never read" said 'QM-IGNORED .*never reads it'
	ok "... and from where mail leaves" said 'IPv4  10\.77\.0\.10'
}
case_faq() {
	local pid
	begin
	pid=$(qmail_pid)
	ok "the FAQ's two lines" mx sh -c 'echo "10.77.0.11" > /var/qmail/control/outgoingip; /etc/init.d/qmail restart'
	wait_for 10 qmail_runs
	is "... pin" "$(qmail_source)" "$new"
	run show
	ok "... show says so" said 'IPv4  10\.77\.0\.11 +outgoingip:1'
	fix --ip "$new"
	ok "... and fix has nothing to do" said '^unchanged'
}
# umask 077, and a file that an unpin by hand has left empty: all mail waits; the repair sends it at once.
case_repair() {
	local id
	begin
	qmail_control outgoingip '10.77.0.11\n'
	chmod 600 "$mx_root$control/outgoingip"
	id=$(qmail_mail)
	ok "mode 0600: mail waits" wait_for 10 qmail_logged 'deferral: Unable_to_read_control_files'
	run show
	ok "... show says why" said 'QM-DEFERRED'
	run fix -n --ip "$new"
	ok "... the plan lists the ALRM" said 'gets an ALRM afterwards'
	fix --ip "$new" --observe 1
	is "... repaired: exit" "$status" 0
	ok "... ALRM is said" said 'sent ALRM to qmail-send'
	is "... what waited left from the pin" "$(qmail_seen "$id")" "$new"
	is "... its bytes and mode" "$(qmail_pin)" "$exact"
	run undo
	is "... undone: the mode as well" "$(qmail_pin)" '10.77.0.11\n 600 0:0'
	begin
	qmail_control outgoingip ''
	id=$(qmail_mail)
	ok "an empty file: mail waits" wait_for 10 qmail_logged 'deferral: invalid_ipaddr_in_control'
	fix --ip "$new" --observe 1
	is "... repaired: what waited left from the pin" "$status $(qmail_seen "$id")" "0 $new"
}
# A delivery of three seconds is not cut off, and there is one qmail-send after it.
case_restart() {
	local id pid
	begin
	pid=$(qmail_pid)
	id=$(qmail_mail user@example.net $((3 * pace)))
	ok "a slow delivery runs" wait_for 10 mx pgrep -x qmail-remote
	fix --ip "$new" --restart --observe 1
	is "--restart: exit" "$status" 0
	ok "... by the right one" said "restarted by $by\$"
	is "... the delivery ended well, from the old address" "$(qmail_seen "$id")" "$old"
	ok "... nothing was cut off" [ -z "$(qmail_log | grep 'lost spawn')" ]
	ok "... one process, another one" [ "$(qmail_pid)" != "$pid" -a "$(qmail_pid | wc -l)" = 1 ]
	is "... mail leaves from the pin" "$(qmail_source)" "$new"
	pid=$(qmail_pid)
	fix --ip "$new" --no-service
	is "--no-service leaves it alone" "$status $(qmail_pid)" "0 $pid"
}
qmail_cases() {
	case_pin
	case_observed
	case_wrong
	case_unsupported
	case_faq
	case_repair
	case_restart
}
