# Plain control directories: the files that decide the source and the name, and what qmail-remote reads.
# SPDX-License-Identifier: ISC

qmail_find() {
	qmail=/var/qmail
	[ -e $qmail/control ] || [ -e $qmail/bin/qmail-remote ] || return
	meta $qmail/control
	for x in me helohost outgoingip outgoingips outgoingip6 domainips bindroutes bindroutes6 \
		domainbindings domainbindings6 helohostbindings helohostbyip smtproutes qmtproutes; do
		want $qmail/control/$x
	done
	meta $qmail/bin/qmail-remote
	meta $qmail/bin/qmail-send
	meta $qmail/queue/lock/tcpto # belongs to qmailr
}

qmail_ask() {
	[ -e $qmail/control ] || [ -e $qmail/bin/qmail-remote ] || return
	qmail_reads
	qmail_send
}

# The names of control files that stand in the program as whole strings.
qmail_reads() {
	x=$qmail/bin/qmail-remote
	[ -e $x ] || { nothing absent qmail.reads; return; }
	[ -r $x ] || { nothing denied qmail.reads; return; }
	opening qmail.reads
	tr -c '!-~' '\n' <$x 2>/dev/null | grep -E -m 200 '^(control/[a-z0-9.]+|#!.*)$'
	closing 0
}

qmail_send() {
	set +f
	x=
	for y in /proc/[0-9]*; do
		{ read -r z <$y/comm; } 2>/dev/null || continue
		[ "$z" != qmail-send ] || x=${y#/proc/}
	done
	set -f
	if [ -n "$x" ]; then
		process $x
		text qmail.send "$lines"
	else
		nothing absent qmail.send
	fi
}
