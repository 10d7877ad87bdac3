#!/bin/sh
# SPDX-License-Identifier: ISC
# fix and undo on a small host whose qmail runs: nothing is restarted, what waits is tried at once, and where a restart is
# asked for, qmail-send is told to end and started again by qmailctl.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"
. "$srcdir/tests/cli/live-lib.sh"
live_start host
rm -rf "$root/etc/postfix" "$root"/usr/bin/post*
home=$root/var/qmail pin=$root/var/qmail/control/outgoingip
mkdir -p "$home/bin" "$home/control" "$home/queue/lock"
printf '\177ELF\000control/me\000control/helohost\000control/smtproutes\000control/outgoingip\000' >"$home/bin/qmail-remote"
echo mail.example.net >"$home/control/me"
cp "$root/shells/dash" "$home/bin/qmail-send"
cat >"$root/qmail-send.sh" <<'EOF'
trap 'echo ALRM >>/told' ALRM
trap 'echo TERM >>/told; exit' TERM
while :; do sleep 0.1; done
EOF
cat >"$home/bin/qmailctl" <<'EOF'
#!/shells/dash
echo "qmailctl $1" >>/told
cd /var/qmail/queue
/var/qmail/bin/qmail-send /qmail-send.sh </dev/null >/dev/null 2>&1 &
echo $! >>/pids
EOF
chmod 755 "$home"/bin/*
qmail_end() {
	# shellcheck disable=SC2046
	kill $(cat "$root/pids") 2>/dev/null
	live_end
}
: >"$root/pids"
trap qmail_end EXIT
live_there /var/qmail/bin/qmailctl start
told() { # its shell hears a signal a moment later
	for told_n in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(cat "$root/told" 2>/dev/null)" != "$1" ] || return 0
		sleep 0.1
	done
	return 1
}
pins() { # OPTION...
	rm -f "$root/told"
	mtapin fix --ip 192.0.2.11 --yes "$@"
}

mtapin show
has out "it runs, and no line decides" '^qmail  /var/qmail/control  running  HELO mail\.example\.net$'
pins --observe 0
is 0 "fix"
out "... a line a file" 'changed /var/qmail/control/outgoingip outgoingip=192.0.2.11 verified=config'
has err "... nothing is restarted" 'qmail-remote reads its files at every delivery: no restart is needed'
ok "... the file is the address" test "$(cat "$pin")" = 192.0.2.11
ok "... qmail-send was told nothing" told ''
mtapin undo
is 0 "undo"
ok "... the file is gone again" test ! -e "$pin"

echo junk >"$pin"
pins --observe 0
is 0 "fix, while all mail waits because of the file"
has err "... says what is done about that" 'qmail-send gets an ALRM afterwards: it tries at once what waits'
ok "... which is done" told ALRM
rm "$pin"

pins --no-service
is 0 "--no-service"
has err "... leaves it alone" 'as asked: qmail-send is left alone$'
rm "$pin"
pins --observe 0 --restart
is 0 "--restart"
has err "... may take its time" 'is told to end and finishes its deliveries first; it is never killed'
ok "... is the end, and qmailctl" told 'TERM
qmailctl start'
pins --restart --observe 0
is 0 "once more"
ok "... is restarted for nothing, as asked" told 'TERM
qmailctl start'
done_testing
