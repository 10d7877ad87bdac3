#!/bin/bash
# SPDX-License-Identifier: ISC
# On a running Postfix: kill -9 at entry, middle and exit of each state of a fix that edits both files and
# restarts, of its undo and of a recover; then a `postfix reload`, which makes it read whatever is there; then the next
# run. A sample; with MT_LONG=1 every state, and a fix that only reloads.
. "$(dirname "$0")/lab.sh"
lab_start || bail "the lab does not start"
. "$here/transaction.sh"
long() { [ "${MT_LONG:-no}" != no ]; }

# strace and what it needs that the host does not have
for file in "$(command -v strace)" $(ldd "$(command -v strace)" | sed -n 's/.*=> \([^ ]*\) .*/\1/p'); do
	[ -e "$mx_root$file" ] || { mkdir -p "$mx_root${file%/*}" && cp -L "$file" "$mx_root$file"; }
done
mx strace -qq -o /trace true || skip "strace cannot trace here"

# Calls of which the number does not depend on how long something takes.
calls=mkdirat,renameat,renameat2,unlinkat,fchmod,fchown,fsync,write,flock,clone,clone3,pipe2,utimensat,exit_group
command_of() { # fix|reload|undo|recover
	case $1 in
	fix) argv=(mtapin fix "${pin[@]}" --yes --method inet_interfaces) ;;
	reload) argv=(mtapin fix "${pin[@]}" --yes) ;;
	*) argv=(mtapin "$1") ;;
	esac
}
traced() { # KIND OPTION...: its status
	command_of "$1"
	shift
	{ mx strace -qq -o /trace "$@" "${argv[@]}" >"$lab_run/out" 2>"$lab_run/err"; } 2>/dev/null
}
prepare() {
	begin
	case $1 in
	undo) command_of fix && mx "${argv[@]}" >"$lab_run/out" 2>&1 ;;
	recover) trap_verb start 'kill -9 $PPID; exit 1' && fix --method inet_interfaces && untrap ;;
	esac
}
# "STATE CALL K", the first, the middle and the last of each state
points() {
	prepare "$1"
	traced "$1" -e trace="openat,clock_nanosleep,$calls" || bail "$1: $(cat "$lab_run/err")"
	awk '
		function enter(name) { if (!(name in seen)) { seen[name] = 1; state = name; order[++states] = name } }
		/^openat.*"lock", .*O_CREAT/ { enter("LOCK") }
		/^openat.*[.]cf[.]tmp", .*O_CREAT/ { enter("PRECHECK") }
		/^mkdirat.*"[.]new-/ { enter("BACKUP") }
		/^openat.*"[.]mtapin-.*O_CREAT/ { enter("STAGE") }
		/^mkdirat.*"check"/ { enter("VALIDATE") }
		/^renameat[(].*"[.]new-/ { enter("BEGIN") }
		/^renameat2[(]/ { enter("COMMIT") }
		/^write.* serviced\\n/ { enter("SERVICE") }
		/^clock_nanosleep.*tv_sec=2,/ { enter("VERIFY") }
		/^write.* rolling-back\\n/ { enter("ROLLBACK") }
		/^write.* (applied|rolled-back)\\n/ { enter("DONE") }
		/^[a-z0-9_]+[(]/ { name = $0; sub(/[(].*/, "", name); k[name]++ }
		/^(openat|clock_nanosleep)[(]/ || state == "" { next }
		{ at[state, ++n[state]] = name " " k[name] }
		END { for (s = 1; s <= states; s++) { name = order[s]; last = ""
			for (i = 0; i < 3; i++) { p = at[name, 1 + int((n[name] - 1) * i / 2)]; if (p != last) print name, p; last = p } } }
	' "$mx_root/trace"
}

of() { # FILE
	cmp -s "$etc/$1" "$here/default/$1" && echo OLD || { cmp -s "$etc/$1" "$lab_run/made-$kind/$1" && echo NEW || echo BAD; }
}
both() { echo "$(of main.cf) $(of master.cf)"; }
backed_up() { # what is new has its old bytes in the first transaction
	local all=("$journal"/txn/2*)
	[ "$(of main.cf)" = OLD ] || cmp -s "$here/default/main.cf" "${all[0]}/0.before" || return
	[ "$(of master.cf)" = OLD ] || cmp -s "$here/default/master.cf" "${all[0]}/1.before" || [ "$kind" = reload ]
}
# What is wrong after the kill and after the next run; nothing: all is well.
judge() { # STATUS
	local was end wanted=$old master0=$master
	[ "$1" = 137 ] || echo "it ended with $1"
	was=$(both)
	case $was in *BAD*) echo "$was" ;; esac
	backed_up || echo "$was without backup"
	sleep 0.5
	mx postfix reload >/dev/null 2>&1
	master=$(pid_of_master)
	[ -z "$master" ] || lab_sources >/dev/null # whoever delivers has read what is there
	mx mtapin recover >"$lab_run/out" 2>"$lab_run/err" || echo "recover: exit $?: $(tail -n 1 "$lab_run/err")"
	end=$(both)
	case "$end" in
	"OLD OLD") ;;
	"$whole") wanted=$new ;;
	*) echo "$was, then $end" ;;
	esac
	[ "$(lab_sources)" = "$wanted" ] || echo "$was, then $end: mail does not leave from $wanted"
	[ -z "$master" ] || [ "$master" != "$master0" ] || [ "$master" = "$(pid_of_master)" ] || echo "restarted in vain"
	tidy || echo "left: $(ls -A "$etc" "$journal/txn" | tr '\n' ' ')"
}
pid_of_master() { mx sh -c 'read -r p </var/spool/postfix/pid/master.pid; [ "$(readlink "/proc/$p/exe")" = /usr/lib/postfix/sbin/master ] && echo "$p"' 2>/dev/null; }

total=0 bad=0
sweep() { # KIND PATTERN: the points of states that match
	local state call k wrong n=0 failed=0 begun=$SECONDS
	kind=$1
	points "$1" >"$lab_run/points"
	mkdir "$lab_run/made-$1"
	case $1 in
	undo | recover) cp "$lab_run/made-fix/"*.cf "$lab_run/made-$1/" ;;
	*) cp "$etc"/{main,master}.cf "$lab_run/made-$1/" ;;
	esac
	whole=none # what may be there in the end besides the old files
	[ "$1" != fix ] && [ "$1" != undo ] || whole="NEW NEW"
	[ "$1" != reload ] || whole="NEW OLD"
	while read -r state call k; do
		[[ $state =~ $2 ]] || continue
		prepare "$1"
		master=$(pid_of_master)
		traced "$1" -e trace="$call" -e inject="$call:signal=SIGKILL:when=$k"
		wrong=$(judge $?)
		n=$((n + 1))
		[ -z "$wrong" ] || { failed=$((failed + 1)) && note "$1 killed in $state at $call $k: $wrong"; }
	done <"$lab_run/points"
	total=$((total + n)) bad=$((bad + failed))
	note "$1: killed at $n points of $(cut -d ' ' -f 1 "$lab_run/points" | sort -u | grep -c -E "$2") states, $failed bad, $((SECONDS - begun)) s"
	[ $failed = 0 ] && [ $n -gt 0 ]
}
all=.
long || all=COMMIT
sweep fix "$all"
is "fix killed in its states" $? 0
if long; then
	sweep recover .
	is "recover killed in its states, the service down" $? 0
	sweep undo .
	is "undo killed in its states" $? 0
	sweep reload .
	is "a fix that reloads killed in its states" $? 0
fi
note "kill points with a running Postfix: $total, bad: $bad"
