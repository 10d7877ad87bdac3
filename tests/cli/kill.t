#!/bin/bash
# SPDX-License-Identifier: ISC
# kill -9 at the entry of system calls that change something, and system calls that fail once, in fix,
# undo, recover and confirm on a toy folder: old or new, the backup complete when new, nothing left behind
# after the next run, and an exit code that says what is so. A sample; MT_LONG=1 is every point.
driver=$builddir/tests/apply/driver
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
toy=$dir/toy trace=$dir/trace
calls=openat,mkdir,mkdirat,read,write,rename,renameat,renameat2,linkat,unlinkat,fchmod,fchown,fsync,flistxattr,fremovexattr,utimensat,flock,ioctl,fstat,newfstatat,getrandom,clone,clone3,fork,vfork,pipe2,exit_group
changing='^(mkdir|mkdirat|rename|renameat|renameat2|linkat|unlinkat|fchmod|fsync|fremovexattr|utimensat|flock|exit_group)[(]|^openat[(].*O_CREAT|^write[(]'
kill_stride=${MT_LONG:+1} fail_stride=${MT_LONG:+1}
kill_stride=${kill_stride:-8} fail_stride=${fail_stride:-37}

if ! strace -qq -o "$trace" -e trace=openat true 2>/dev/null; then
	echo "1..0 # SKIP strace cannot trace here"
	exit 0
fi
echo 1..10

# Under strace, the output in said; what bash says about a killed job is of no interest.
run() { { timeout 60 strace -qq -o /dev/null "$@" >"$dir/said" 2>&1; } 2>/dev/null; }

# ---- a folder in a named state ----
make_old() { rm -rf "$toy"; "$driver" make "$toy"; }
make_new() { make_old; "$driver" fix "$toy" >/dev/null; }
# committed and killed: pending
make_pending() {
	make_old
	run -e trace=renameat2 -e inject=renameat2:signal=SIGKILL:when=2 "$driver" fix "$toy"
}

# on trial: unconfirmed for a second
make_trial() { make_old; "$driver" trial "$toy" >/dev/null; }
# Until the one that waits for the deadline has done its work, or had none.
settle() {
	local i
	for ((i = 0; i < 100; i++)); do
		[ "$("$driver" pending "$toy")" = none ] && return
		sleep 0.1
	done
}

# OLD, NEW, MIXED (one of each) or BAD
state() {
	local a=BAD b=BAD
	case $(cat "$toy/etc/a.cf" 2>/dev/null) in
	"$(printf '# head\npin = 192.0.2.1\ntail = 1')") a=OLD ;;
	"$(printf '# head\npin = 192.0.2.2\ntail = 1')") a=NEW ;;
	esac
	[ "$(stat -c %a "$toy/etc/a.cf" 2>/dev/null)" = 640 ] || a=BAD
	case $(cat "$toy/etc/b.cf" 2>/dev/null) in
	"$(printf 'one\npin6 = 2001:db8::1')") b=OLD ;;
	"$(printf 'one\npin6 = 2001:db8::2')") b=NEW ;;
	esac
	[ $a = BAD ] || [ $b = BAD ] && { echo BAD; return; }
	[ $a = $b ] && echo $a || echo MIXED
}

# Every file that is new has its old bytes in the journal.
backed_up() {
	[ "$(state)" = OLD ] && return 0
	local f
	for f in "$toy"/state/txn/2*/0.before; do
		[ -e "$f" ] && grep -q '^pin = 192.0.2.1$' "$f" && return 0
	done
	return 1
}

stray() { ls -A "$toy/etc" | grep -vx '[ab]\.cf'; ls -A "$toy/state/txn" 2>/dev/null | grep '^\.'; }

# The points of a run, one "CALL K" a line: the Kth call of that name, if it matches.
points() {
	local pattern=$1 stride=$2
	shift 2
	strace -qq -o "$trace" -e trace="$calls" "$@" >/dev/null 2>&1
	awk -v stride="$stride" -v pattern="$pattern" '
		/^[a-z0-9_]+[(]/ { name = $0; sub(/[(].*/, "", name); k[name]++
			if (name == "write" && (/"\*", 1\)/ || /, 16\) += 16/)) next # libuv waking itself up
			if ($0 ~ pattern && n++ % stride == 0) print name, k[name] }' "$trace"
}

# ---- kill: after it, recover must leave everything old, or everything as the command would ----
kill_sweep() {
	local setup=$1 command=$2 other=$3 n=0 bad=0 call k was before
	$setup
	before=$(state)
	points "$changing" "$kill_stride" "$driver" "$command" "$toy" >"$dir/points"
	while read -r call k; do
		n=$((n + 1))
		$setup
		run -e trace="$call" -e inject="$call:signal=SIGKILL:when=$k" "$driver" "$command" "$toy"
		was=$(state)
		backed_up || was="$was without backup"
		"$driver" recover "$toy" >"$dir/said" || was="$was, recover: $(cat "$dir/said")"
		case "$(state):$("$driver" pending "$toy")" in
		OLD:none | NEW:none) ;;
		*) was="$was, then $(state) $("$driver" pending "$toy")" ;;
		esac
		"$driver" fix "$toy" >"$dir/said" || was="$was, fix: $(cat "$dir/said")"
		[ "$(state)" = NEW ] || was="$was, finally $(state)"
		[ -z "$(stray)" ] || was="$was, left: $(stray | tr '\n' ' ')"
		case $was in
		OLD | NEW | MIXED) ;;
		*) bad=$((bad + 1)); echo "# $command killed at $call $k: $was" ;;
		esac
	done <"$dir/points"
	echo "# $command: $n points (from $before, towards $other)"
	[ $bad -eq 0 ] && [ $n -gt 3 ]
}

# ---- fail: the exit code and the state agree ----
fail_sweep() {
	local setup=$1 command=$2 goal=$3 n=0 bad=0 call k rc was errors=(ENOSPC EIO EACCES EROFS EDQUOT EINTR)
	$setup
	local before
	before=$(state)
	points . "$fail_stride" "$driver" "$command" "$toy" >"$dir/points"
	while read -r call k; do
		[ "$call" = exit_group ] && continue
		local error=${errors[$((n % ${#errors[@]}))]}
		n=$((n + 1))
		$setup
		run -e trace="$call" -e inject="$call:error=$error:when=$k" "$driver" "$command" "$toy"
		rc=$?
		was=$(state)
		backed_up || was="$was without backup"
		case $rc:$was in
		0:"$goal") ;;
		2:"$before") ;; # refused, failed or rolled back: as before
		3:*) ;; # it says that a person must look
		127:"$before") ;; # the program itself could not be loaded
		134:"$before") ;; # a library gave up before anything was changed
		134:*) [ "$("$driver" pending "$toy")" != none ] || bad=$((bad + 1)) ;;
		*) bad=$((bad + 1))
			echo "# $command, $call $k fails with $error: exit $rc, $was: $(tr '\n' ' ' <"$dir/said")" ;;
		esac
		"$driver" recover "$toy" >"$dir/said" 2>&1
		"$driver" fix "$toy" >"$dir/said" 2>&1
		if [ "$(state)" != NEW ] || [ -n "$(stray)" ]; then
			bad=$((bad + 1))
			echo "# $command, $call $k $error: afterwards $(state) $(stray | tr '\n' ' ') $(cat "$dir/said")"
		fi
	done <"$dir/points"
	echo "# $command: $n calls failed once"
	[ $bad -eq 0 ] && [ $n -gt 3 ]
}

# ---- a change on trial: cut off anywhere it ends old; confirm and the deadline never both ----
trial_sweep() {
	local setup=$1 command=$2 how=$3 stride=$4 n=0 bad=0 call k rc was wanted errors=(EIO ENOSPC EACCES)
	local pattern=$changing
	[ "$how" = kill ] || [ "$command${MT_LONG-}" = confirm ] || pattern=.
	$setup
	points "$pattern" "$stride" "$driver" "$command" "$toy" >"$dir/points"
	settle
	while read -r call k; do
		local inject=signal=SIGKILL
		[ "$how" = kill ] || inject=error=${errors[$((n % 3))]}
		[ "$how$call" = failexit_group ] && continue
		n=$((n + 1))
		$setup
		run -e trace="$call" -e inject="$call:$inject:when=$k" "$driver" "$command" "$toy"
		rc=$?
		backed_up || { bad=$((bad + 1)); echo "# $command, $call $k $inject: no backup"; }
		settle
		was=$(state)
		case $command:$how:$rc in
		trial:*) wanted=OLD ;;
		confirm:fail:0) wanted=NEW ;;
		confirm:fail:*) wanted=OLD ;;
		*) wanted=$was
			# what the journal says is what is there
			case $was:$(tail -n 1 "$toy"/state/txn/2*/state) in
			NEW:*' applied' | OLD:*' rolled-back') ;;
			*) wanted="what the journal says" ;;
			esac ;;
		esac
		if [ "$was" != "$wanted" ] || [ "$("$driver" pending "$toy")" != none ]; then
			bad=$((bad + 1))
			echo "# $command, $call $k $inject: exit $rc, $was, not $wanted: $(tr '\n' ' ' <"$dir/said")"
		fi
		"$driver" fix "$toy" >"$dir/said" 2>&1
		if [ "$(state)" != NEW ] || [ -n "$(stray)" ]; then
			bad=$((bad + 1))
			echo "# $command, $call $k $inject: afterwards $(state) $(stray | tr '\n' ' ') $(cat "$dir/said")"
		fi
	done <"$dir/points"
	echo "# $command: $n points ($how)"
	[ $bad -eq 0 ] && [ $n -gt 3 ]
}

say() { [ "$1" -eq 0 ] && echo "ok $2" || echo "not ok $2"; }

kill_sweep make_old fix NEW; say $? "1 - fix killed: old or new, with backup, and tidy after the next run"
kill_sweep make_new undo OLD; say $? "2 - undo killed"
kill_sweep make_pending recover OLD; say $? "3 - recover killed in turn"
fail_sweep make_old fix NEW; say $? "4 - fix with one failing call: exit code and state agree"
fail_sweep make_new undo OLD; say $? "5 - undo with one failing call"
fail_sweep make_pending recover OLD; say $? "6 - recover with one failing call"
trial_stride=${MT_LONG:+1}
trial_stride=${trial_stride:-11}
trial_sweep make_old trial kill "$trial_stride"; say $? "7 - fix --confirm killed: old at the deadline"
trial_sweep make_trial confirm kill 1; say $? "8 - confirm killed: kept or rolled back, as the journal says"
trial_sweep make_old trial fail $((trial_stride * 4)); say $? "9 - fix --confirm with one failing call: old at the deadline"
trial_sweep make_trial confirm fail 1; say $? "10 - confirm with one failing call: kept if and only if it says so"
