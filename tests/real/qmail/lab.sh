# SPDX-License-Identifier: ISC
# lab.sh: a mail host with the STAND-IN of qmail in this folder, for tests/real/qmail*.t; sourced after ../lab.sh or
# ../inits.sh. No real qmail is here: Debian has none, and none is built from copied sources.
#
# The host is that of tests/vectors/qmail: mx has 10.77.0.10/24 and, as secondary ones, .11 and .44, .13 with a label of its
# own, .12/32, 10.99.9.9/32 on lo, fd77::10 and fd77::11; peer, by which the default routes lead, 10.77.0.2, .3, fd77::2.
#
#	qmail_start [OVERLAY]	boot both, without a qmail; no Postfix is on the host
#	qmail_network		its addresses and routes, anew
#	qmail_files BUILD	HOME with the stand-in of that build, control files as usual, an empty queue
#	qmail_build BUILD	its qmail-remote is now this one
#	qmail_control NAME TEXT	a control file of that text (printf); NAME alone: removed
#	qmail_supervised	its service folder /service/qmail-send, log below /var/log/qmail
#	qmail_pid		of the qmail-send that runs there; nothing: none
#	qmail_mail [TO [SECONDS]]	one mail, which takes SECONDS to send; prints its Message-ID
#	qmail_source [TO]	"10.77.0.11": one mail, and whom the sink saw; "nothing" after 90 seconds
#	fix OPTION...		mtapin fix --yes OPTION...: $status, output in $lab_run/out and err; said, unsaid PATTERN
. "$here/qmail/builds.sh"
control=/var/qmail/control mails=0

qmail_network() {
	net "$mx_pid" sh -e -c '
		echo 0 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6 /proc/sys/net/ipv6/conf/*/accept_dad >/dev/null
		ip link set lo up
		ip link set eth0 up
		ip addr flush dev eth0 scope global
		ip addr replace 10.99.9.9/32 dev lo
		for a in 10.77.0.10/24 10.77.0.11/24 10.77.0.12/32 10.77.0.44/24; do ip addr add "$a" dev eth0; done
		ip addr add 10.77.0.13/24 dev eth0 label eth0:1
		for a in fd77::10/64 fd77::11/64; do ip addr add "$a" dev eth0 nodad; done
		ip route replace default via 10.77.0.2
		ip -6 route replace default via fd77::2'
}
qmail_peer() {
	net "$peer_pid" sh -e -c '
		echo 0 | tee /proc/sys/net/ipv6/conf/*/accept_dad >/dev/null
		ip link add eth0 type veth peer name eth0 netns "$1"
		ip link set lo up
		ip link set eth0 up
		ip addr add 10.77.0.2/24 dev eth0
		ip addr add 10.77.0.3/24 dev eth0
		ip addr add fd77::2/64 dev eth0 nodad' - "$mx_pid" && qmail_network || return
	daemon "$peer_pid" python3 /run/lab/sink.py /run/record '[::]:25'
	wait_for 10 listening "$peer_pid" 25
}
# The tree of the mail host, before it runs or later: what the stand-in needs.
qmail_tree() {
	rm -rf "$mx_root/etc/postfix" "$mx_root/usr/lib/postfix" "$mx_root/usr/sbin/postfix"
	mkdir -p "$mx_root/usr/local/share/lab"
	cp "$here/../vectors/qmail/builds.tsv" "$mx_root/usr/local/share/lab/"
	[ ! -d "$prefix" ] || cp -a "$prefix/." "$mx_root/"
	printf '10.77.0.10 mail.host.example mail\n127.0.0.1 localhost\n' >"$mx_root/etc/hosts"
}
qmail_start() {
	local begin=$SECONDS
	lab_begin
	host_boot mx mail.host.example "$@" && host_boot peer sink.example || return
	mx_pid=$(<"$lab_run/mx/pid") mx_root=/proc/$mx_pid/root
	peer_pid=$(<"$lab_run/peer/pid") peer_root=/proc/$peer_pid/root
	qmail_tree && qmail_peer && lab_pace "$begin" 4
}

# qmail_booted LAYER COMMANDS: the same host, booted by the init of that overlay, after COMMANDS in its tree; with inits.sh.
qmail_booted() {
	inits_prepare "$1" && qmail_tree && qmail_peer && qmail_files netqmail-oip || return
	rm -f "$mx_root"/etc/rc?.d/*postfix "$mx_root/etc/init.d/postfix"
	inits_boot "$2"
}

# ---- the stand-in ----
# A build is compiled once a test.
qmail_build() {
	mkdir -p "$lab_run/standin"
	[ -e "$lab_run/standin/$1" ] || standin_remote "$1" "$lab_run/standin/$1" || return
	cp "$lab_run/standin/$1" "$mx_root/var/qmail/bin/qmail-remote.new"
	mv "$mx_root/var/qmail/bin/qmail-remote.new" "$mx_root/var/qmail/bin/qmail-remote"
}
qmail_programs() {
	local name
	for name in start send rspawn; do
		cc -std=gnu11 -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -DHOME="\"${1-/var/qmail}\"" \
			-o "$mx_root${1-/var/qmail}/bin/qmail-$name" "$here/qmail/$name.c" || return
	done
}
qmail_files() {
	local home=$mx_root/var/qmail
	mkdir -p "$home/bin" "$home/queue/todo" "$home/queue/lock" "$home/alias"
	: >"$home/queue/lock/tcpto"
	chown 7796:2108 "$home/queue/lock/tcpto"
	qmail_programs && qmail_build "$1" && qmail_usual
}
qmail_usual() {
	rm -rf "$mx_root$control" "$mx_root"/var/qmail/queue/todo/*
	mkdir -p "$mx_root$control"
	chgrp 2108 "$mx_root$control"
	qmail_control me 'mail.host.example\n'
}
qmail_control() {
	rm -rf "${mx_root:?}$control/$1"
	# shellcheck disable=SC2059
	[ $# = 1 ] || printf "$2" >"$mx_root$control/$1"
}
qmail_supervised() {
	local folder=$mx_root/service/qmail-send
	mkdir -p "$folder.new/log" "$mx_root/var/log/qmail"
	printf '#!/bin/sh\nexec env - PATH="/var/qmail/bin:$PATH" qmail-start ./Mailbox\n' >"$folder.new/run"
	printf '#!/bin/sh\nexec %s /var/log/qmail\n' "$1" >"$folder.new/log/run"
	chmod 755 "$folder.new/run" "$folder.new/log/run"
	mv "$folder.new" "$folder"
}
qmail_pid() { mx pgrep -x qmail-send; }
none_runs() { [ -z "$(qmail_pid)" ]; }
qmail_runs() { [ -n "$(qmail_pid)" ]; }

# ---- mail ----
qmail_mail() {
	local id queue=$mx_root/var/qmail/queue
	id=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')@mail.host.example
	printf 'user@mail.host.example\n%s\nMessage-ID: <%s>\nX-Lab-Delay: %s\n\nlab\n' "${1-user@example.net}" "$id" "${2-0}" >"$queue/new"
	mv "$queue/new" "$queue/todo/$((0x${id:0:6} + 1))"
	echo "$id"
}
qmail_seen() {
	local end=$((SECONDS + ${2-90})) got=
	while [ "$SECONDS" -lt "$end" ]; do
		got=$(lab_field "$1" peer)
		[ -z "$got" ] || break
		rest 0.1
	done
	echo "${got:-nothing}"
}
qmail_source() { qmail_seen "$(qmail_mail "$@")"; }
qmail_log() { cat "$mx_root/var/log/qmail/current" "$mx_root/var/log/mail.log" 2>/dev/null; }
qmail_logged() { qmail_log | grep -q -- "$1" || { note "$(qmail_log | tail -n 5)"; return 1; }; }

# ---- mtapin ----
fix() { status=0; mx mtapin fix --yes "$@" >"$lab_run/out" 2>"$lab_run/err" || status=$?; }
run() { status=0; mx mtapin "$@" >"$lab_run/out" 2>"$lab_run/err" || status=$?; }
said() { grep -q -E -- "$1" "$lab_run/out" "$lab_run/err" || { note "$(cat "$lab_run/out" "$lab_run/err")"; return 1; }; }
unsaid() { ! grep -E -- "$1" "$lab_run/out" "$lab_run/err"; }
# The pin as it is: bytes, mode, owner and group; or "absent".
qmail_pin() {
	local file=$mx_root$control/${1-outgoingip}
	[ -e "$file" ] && echo "$(od -An -c "$file" | tr -d ' \n') $(stat -c '%a %u:%g' "$file")" || echo absent
}

# ---- the stand-in itself ----
# One test a build: what the table says of it is what its stand-in does, by its report and by the sink's record.
qmail_replay() {
	local build
	mkdir -p "$mx_root/standin" "$mx_root/etc/indimail" "$mx_root/var/qmail"
	for build in $standin_builds; do standin_remote "$build" "$mx_root/standin/$build" || bail "no compiler"; done
	daemon "$mx_pid" python3 /run/lab/sink.py /run/record 127.0.0.1:25 10.77.0.11:25
	wait_for 10 listening "$mx_pid" 25
	mx python3 /run/lab/qmail/replay.py /standin /usr/local/share/lab/builds.tsv >"$lab_run/replay" ||
		bail "the replay did not end"
	cat "$peer_root/run/record" "$mx_root/run/record" >"$lab_run/seen"
	for build in $standin_builds; do
		ok "$build: $(awk -F'\t' -v b="$build" '$2 == b' "$lab_run/replay" | wc -l) rows" qmail_agrees "$build"
	done
}
qmail_agrees() {
	awk -F'\t' -v build="$1" '
		function field(line, name) {
			if (!match(line, "\"" name "\": \"[^\"]*\"")) return ""
			return substr(line, RSTART + length(name) + 5, RLENGTH - length(name) - 6)
		}
		FILENAME ~ /seen$/ { id = field($0, "message_id"); peer[id] = field($0, "peer"); helo[id] = field($0, "helo"); next }
		$2 != build { next }
		{
			name = $5
			sub(/\\r$/, "", name)
			sub(/^ */, "", name)
			if (name == "(empty)") name = ""
			rows++
			if ($3 == "SRC") good = peer[$7] == $4 && (name == "-" || helo[$7] == name) && $8 ~ /^K/
			else if ($3 == "CRASH") good = $8 == "signal 8" && !($7 in peer)
			else if ($3 == "TIMEOUT") good = !($7 in peer)
			else good = $8 == $6 && !($7 in peer)
			if (!good) { bad++; print $1, "wanted", $3, $4, name, $6, "got", peer[$7], helo[$7], $8 }
		}
		END { exit bad || !rows }' "$lab_run/seen" "$lab_run/replay"
}
qmail_sources() { cat "$here"/qmail/{*.[ch],*.py,builds.sh} "$here/../vectors/qmail/builds.tsv" | sha256sum; }
# Nothing is built on the stand-in before it has passed with these sources.
qmail_proven() {
	(
		flock 9
		[ "$(cat "$lab/standin.proven" 2>/dev/null)" = "$(qmail_sources)" ] || "$here/qmail-standin.t" >"$lab/standin.log" 2>&1
	) 9>"$lab/standin.lock" || bail "the stand-in does not do what real builds did: tests/real/qmail-standin.t"
}
