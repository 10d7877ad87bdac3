#!/bin/sh
# SPDX-License-Identifier: ISC
# What the collector finds out about a qmail: the same in dash, bash, busybox ash, mksh, ksh93; GNU and busybox.
# The programs are stand-ins: the strings that real ones hold, and nothing else.
. "$srcdir/tests/cli/lib.sh"
. "$srcdir/tests/cli/collector-lib.sh"

stock() { printf '\177ELF\002\001\n\000/lib64/ld.so\000/var/qmail\000control/me\000control/helohost\000control/smtproutes\000Zcontrol/outgoingip is (#4.3.0)\n\000'; }
patched() { stock && printf 'xy\001control/outgoingip\000control/outgoingips not\000end'; }
program() { # FILE, from stdin
	mkdir -p "${1%/*}"
	cat >"$1"
	chmod 755 "$1"
}
qmail_files() {
	mkdir -p "$root/var/qmail/bin" "$root/var/qmail/control" "$root/var/qmail/queue/lock"
	echo mail.example.net >"$root/var/qmail/control/me"
	echo 192.0.2.10 >"$root/var/qmail/control/outgoingip"
	echo old >"$root/var/qmail/control/outgoingip.bak"
	: >"$root/var/qmail/queue/lock/tcpto"
	chown 7796:2108 "$root/var/qmail/queue/lock/tcpto"
}
everywhere() { in_shells "$1" $shells; } # NAME: the bundles of all shells in $root, compared with that of dash
in_dash() { in_shells "$1" dash; }
in_shells() {
	in_name=$1
	shift
	for s; do
		ok "$in_name, $s: runs" collect "$s" "$dir/$s.raw" sh -c '. "$0"; exec "$@"' "$dir/start"
		stop
		plain "$dir/$s.raw" "$dir/$s.all"
		sed 's/^pid [0-9]*$/pid/; s/^start [0-9]*$/start/' "$dir/$s.all" >"$dir/$s.plain"
		[ "$s" = dash ] || ok "$in_name, $s: the bundle of dash" diff "$dir/dash.plain" "$dir/$s.plain"
	done
	item qmail.reads "$dir/dash.raw" >"$dir/reads"
	item qmail.home "$dir/dash.raw" >"$dir/home"
	item qmail.send "$dir/dash.raw" >"$dir/send"
	item qmail.names "$dir/dash.raw" >"$dir/names"
}
# runs COMM ENVIRONMENT...: from now on, while the collector runs, a process of that name that works in
# /var/qmail/queue; both have the file systems of that run alone.
runs() {
	runs_comm=$1
	shift
	cp "$sleep" "$root/var/qmail/bin/$runs_comm"
	[ $runs_comm = qmail-send ] || printf 'QMAILREMOTE\000' >>"$root/var/qmail/bin/$runs_comm"
	{
		echo "env -i $* $(command -v chroot) '$root' /shells/dash -c 'cd /var/qmail/queue && exec /var/qmail/bin/$runs_comm 300' &"
		echo "echo \$! >>'$dir/pids'"
		echo 'n=100'
		echo "until [ \"\$(cat /proc/\$!/comm)\" = $runs_comm ] || [ \$n = 0 ]; do n=\$((n - 1)); sleep 0.05; done"
	} >>"$dir/start"
}
none_run() { : >"$dir/start"; }
stop() {
	[ ! -s "$dir/pids" ] || kill $(cat "$dir/pids")
	: >"$dir/pids"
}
trap 'stop; rm -rf "$dir"' EXIT
sleep=$(readlink -f "$(command -v sleep)")

for kind in $kinds; do
	ok "a root of $kind programs" tree $kind $kind
	[ -e "$root/usr/bin/sleep" ] && place sleep /tmp && rm "$root/tmp/sleep"
	script raw
	none_run
	in_dash "$kind, no qmail"
	cp "$dir/home" "$dir/out"
	ok "$kind: nothing of it" [ ! -s "$dir/home" ]

	qmail_files
	stock | program "$root/var/qmail/bin/qmail-remote"
	in_dash "$kind, stock"
	has reads "$kind: helohost" '^control/helohost$'
	has reads "$kind: its home" '^/var/qmail$'
	hasnt reads "$kind: a message is no name" 'outgoingip$'
	has home "$kind: home" '^home /var/qmail$'
	has home "$kind: by the program" '^by program$'
	has names "$kind: other files" '^outgoingip\.bak$'
	items "$dir/dash.raw" >"$dir/items"
	has items "$kind: the pin" '^file	/var/qmail/control/outgoingip	present	11	f 644'
	has items "$kind: the user" '^file	/var/qmail/queue/lock/tcpto	unasked	.*7796:2108'
	has items "$kind: not running" '^probe	qmail\.send	absent'

	patched | program "$root/var/qmail/bin/qmail-remote"
	everywhere "$kind, patched"
	has reads "$kind: outgoingip" '^control/outgoingip$'
	hasnt reads "$kind: not what a NUL does not end" 'outgoingips'

	mv "$root/var/qmail/bin/qmail-remote" "$root/var/qmail/bin/qmail-remote.orig"
	printf '#!/bin/sh\n# not /var/qmail/bin/qmail-send\nexec /var/qmail/bin/qmail-remote.orig "$@"\n' |
		program "$root/var/qmail/bin/qmail-remote"
	everywhere "$kind, a script before it"
	has reads "$kind: followed" '^control/outgoingip$'
	has home "$kind: to the program" '^remote /var/qmail/bin/qmail-remote\.orig$'
	has home "$kind: and said" '^wrapper /var/qmail/bin/qmail-remote$'
	printf '#!/bin/sh\nexec "$REMOTE" "$@"\n' | program "$root/var/qmail/bin/qmail-remote"
	in_dash "$kind, a script that names none"
	ok "$kind: cannot be told" [ "$(head -n 1 "$dir/reads")" = '#!' ]

	stock | program "$root/var/qmail/bin/qmail-remote"
	runs qmail-send PATH=/nowhere
	runs qmail-rspawn PATH=/nowhere:/var/qmail/bin SECRET=hush OUTGOINGIP=192.0.2.10
	in_dash "$kind, running"
	has home "$kind: by the process" '^by process$'
	has home "$kind: by the PATH of qmail-rspawn" '^started rspawn$'
	has home "$kind: a variable that matters" '^env OUTGOINGIP=192\.0\.2\.10$'
	hasnt home "$kind: and no other" hush
	has send "$kind: qmail-send" '^comm qmail-send$'
	hasnt reads "$kind: stock" 'outgoingip$'
	none_run
	runs qmail-send PATH=/nowhere
	runs qmail-rspawn PATH=/var/qmail/bin QMAILREMOTE=/var/qmail/bin/qmail-remote.orig
	everywhere "$kind, QMAILREMOTE"
	has home "$kind: what it names" '^remote /var/qmail/bin/qmail-remote\.orig$'
	has home "$kind: by it" '^started QMAILREMOTE$'
	has reads "$kind: patched" '^control/outgoingip$'
	none_run

	# What cannot be read as a file is not absent.
	rm "$root/var/qmail/control/outgoingip"
	ln -s outgoingip "$root/var/qmail/control/outgoingip"
	ln -s nowhere "$root/var/qmail/control/helohost"
	mkfifo "$root/var/qmail/control/smtproutes"
	everywhere "$kind, no files"
	items "$dir/dash.raw" >"$dir/items"
	has items "$kind: a link to itself" '^file	/var/qmail/control/outgoingip	failed	0	l .*a symbolic link that leads back to itself$'
	has items "$kind: one that leads nowhere is absent" '^file	/var/qmail/control/helohost	absent	0	\? .* nowhere	$'
	has items "$kind: a FIFO" '^file	/var/qmail/control/smtproutes	failed	0	p '

	# Where it is: the same answer of a host that runs and of a tree that does not.
	for place in var/qmail/bin usr/bin usr/sbin usr/local/bin usr/local/sbin usr/local/qmail/bin; do
		rm -rf "$root/var/qmail" "$root/usr/local" "$root/usr/bin/qmail-remote" "$root/usr/sbin"
		stock | sed 's/\/var\/qmail/\/no\/where/' | program "$root/$place/qmail-remote"
		mkdir -p "$root/${place%/*}/control"
		echo mail.example.net >"$root/${place%/*}/control/me"
		collect dash "$dir/live"
		mtapin --bundle "$dir/live" show
		head -n 1 "$dir/out" | sed 's/  *stopped.*//' >"$dir/found"
		mtapin --root "$root" show
		head -n 1 "$dir/out" | sed 's/  *not known.*//' >"$dir/out2"
		ok "$kind, in /$place: a tree is read as the host" diff "$dir/found" "$dir/out2"
		has found "$kind, in /$place: found" "^qmail  /${place%/*}/control"
		rm -rf "$root/${place%/*}/control" "$root/$place/qmail-remote"
	done
done
done_testing
