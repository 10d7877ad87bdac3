#!/bin/bash
# SPDX-License-Identifier: ISC
# What goes wrong with a real Postfix, and how long it takes until mail leaves again as before: the seconds
# from the moment that the failure was seen (the journal's rolling-back, or the refusal) until the sink has
# accepted a message that was sent right after. 15 at most, on a quiet machine.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"
. "$here/transaction.sh"
worst=0 limit=$((15 * pace))

since() { date -u -d "$(sed -n 's/^[0-9a-f]* \(....\)\(..\)\(..\)T\(..\)\(..\)\([0-9.]*\)Z rolling-back$/\1-\2-\3 \4:\5:\6/p' "$1")" +%s.%N; }
starts() { grep -c 'postfix/master.*daemon started' "$mx_root/var/log/mail.log"; }
logged() { grep -c "mtapin.*transaction=$id fix $1 " "$mx_root/var/log/mail.log"; }
# In the background: a message as soon as the failure was seen, or as the fix has ended.
courier() {
	local seen
	until grep -q -s rolling-back "$journal"/txn/2*/state || [ -e "$lab_run/ended" ]; do sleep 0.05; done
	seen=$(lab_mail user@v4.example)
	echo "$seen $(date +%s.%N)" >"$lab_run/seen"
}
fail() { # OPTION...: a fix that should
	rm -f "$lab_run/ended" "$lab_run/seen"
	courier &
	fix "$@"
	date +%s.%N >"$lab_run/ended"
	wait "$!"
}
# It ended with EXIT, and mail left as before.
recovered() { # TEXT EXIT
	local id from took
	id=$(cd "$journal/txn" 2>/dev/null && ls)
	from=$(<"$lab_run/ended")
	[ -z "$id" ] || from=$(since "$journal/txn/$id/state")
	took=$(awk -v from="$from" '{ printf "%.1f", $2 - from }' "$lab_run/seen")
	is "$1: exit" "$status" "$2"
	is "... mail leaves as before" "$(cut -d ' ' -f 1 "$lab_run/seen")" "${old% *}"
	ok "... $took s after it was seen" awk "BEGIN { exit !($took <= $limit) }"
	note "$1: $took s ($(tail -n 1 "$lab_run/err"))"
	worst=$(awk "BEGIN { print ($took > $worst ? $took : $worst) }")
	is "... and later" "$(lab_sources)" "$old"
	is "... the old bytes are back" "$(configuration)" "$before"
	ok "... nothing is left behind" tidy
	[ -z "$id" ] || is "... one line in syslog" "$(logged rolled-back)" 1
	ok "... at most two starts" [ "$(starts)" -le $((started + 2)) ]
}
prepared() {
	begin
	started=$(starts)
}

prepared
pin=(--ip 192.0.2.99 --ip6 keep)
fail
recovered "an address that no interface has" 2
ok "... is named" said '192.0.2.99'
pin=(--ip 192.0.2.11 --ip6 2001:db8::11)

prepared
mv "$mx_root/usr/sbin/postmap" "$mx_root/usr/sbin/postmap.real"
printf '#!/bin/sh\n[ "$1" = -c ] && [ "$2" != /etc/postfix ] && echo "no value here" >>"$2/main.cf"\nexec /usr/sbin/postmap.real "$@"\n' >"$mx_root/usr/sbin/postmap"
chmod 755 "$mx_root/usr/sbin/postmap"
fail
mv "$mx_root/usr/sbin/postmap.real" "$mx_root/usr/sbin/postmap"
recovered "a line that Postfix does not understand" 2
ok "... is named" said "main.cf.*missing '='"

prepared
trap_verb start "echo 'postfix: fatal: not today' >&2; exit 1"
fail --method inet_interfaces
recovered "a start that fails" 2

prepared
trap_verb start '(p=none
	until [ "$(readlink /proc/$p/exe)" = /usr/lib/postfix/sbin/master ]; do sleep 0.1; read -r p </var/spool/postfix/pid/master.pid; done
	sleep 0.5; kill -9 $p) >/dev/null 2>&1 &'
fail --method inet_interfaces
recovered "master killed after its start" 2

prepared
trap_verb reload 'read -r p </var/spool/postfix/pid/master.pid; kill -9 "$p"; sleep 0.2'
fail
recovered "master killed at the reload" 2

# Planned; then somebody else holds the lock, and meanwhile the address goes.
vanishes() { # METHOD
	local held
	prepared
	mx sh -c 'exec 9>/etc/postfix/main.cf.tmp && chmod 600 /etc/postfix/main.cf.tmp && flock 9 && : >/run/held
		sleep 4; rm /etc/postfix/main.cf.tmp /run/held' &
	held=$!
	wait_for 5 test -e "$mx_root/run/held"
	(wait_for 5 test -e "$journal/lock" && sleep 0.5 && net "$mx_pid" ip addr del 192.0.2.11/24 dev eth0) &
	fail --method "$1"
	wait "$held"
}
for method in inet_interfaces smtp_bind_address; do
	vanishes $method
	recovered "$method: the address goes between plan and commit" 2
done
untrap
note "worst: $worst s"
