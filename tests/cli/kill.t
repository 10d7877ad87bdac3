#!/bin/bash
# SPDX-License-Identifier: ISC
# kill -9 at the entry of system calls that change something, and system calls that fail once, in fix,
# undo, recover and confirm on a toy folder: old or new, the backup complete when new, nothing left behind
# after the next run, and an exit code that says what is so. A sample; MT_LONG=1 is every point.
# tests/real/kill.t does the same to the program on Postfix's files.
driver=$builddir/tests/apply/driver
shm=/dev/shm # no disk is waited for
[ -w $shm ] || shm=${TMPDIR:-/tmp}
scratch=$(mktemp -d -p $shm) || exit 99
trap 'rm -rf "$scratch"' EXIT
toy=$scratch/toy
. "$srcdir/tests/apply/sweep.sh"
. "$srcdir/tests/apply/toy.sh"

if ! strace_works; then
	echo "1..0 # SKIP strace cannot trace here"
	exit 0
fi
echo 1..20
kill_stride=8 fail_stride=37 trial_stride=11 interrupt_stride=23
[ "${MT_LONG:-no}" = no ] || kill_stride=1 fail_stride=1 trial_stride=1 interrupt_stride=1

# on trial: unconfirmed for a second
make_trial() { make_old; do_engine trial; }
# Until the one that waits for the deadline has done its work, or had none.
settle() {
	local i
	for ((i = 0; i < 600; i++)); do
		[ "$(pending)" = none ] && return
		sleep 0.1
	done
}

# ---- a change on trial: cut off anywhere it ends old; confirm and the deadline never both ----
trial_wanted() { # COMMAND HOW RC STATE
	case $1:$2:$3 in
	trial:*) echo OLD ;;
	confirm:fail:0) echo NEW ;;
	confirm:fail:*) echo OLD ;;
	*) # what the journal says is what is there
		case $4:$(tail -n 1 "$toy"/state/txn/2*/state) in
		NEW:*' applied' | OLD:*' rolled-back') echo "$4" ;;
		*) echo "what the journal says" ;;
		esac ;;
	esac
}
trial_sweep() {
	local setup=$1 command=$2 how=$3 stride=$4 n=0 bad=0 call k rc was wanted errors=(EIO ENOSPC EACCES)
	local pattern=$changing
	[ "$how" = kill ] || [ "$command:${MT_LONG:-no}" = confirm:no ] || pattern=.
	$setup
	points "$command" "$pattern" "$stride" >"$scratch/points"
	settle
	while read -r call k; do
		local inject=signal=SIGKILL
		[ "$how" = kill ] || inject=error=${errors[$((n % 3))]}
		[ "$how$call" = failexit_group ] && continue
		n=$((n + 1))
		$setup
		engine "$command"
		run -e trace="$call" -e inject="$call:$inject:when=$k" "${argv[@]}"
		rc=$?
		backed_up || { bad=$((bad + 1)); echo "# $command, $call $k $inject: no backup"; }
		settle
		was=$(state)
		wanted=$(trial_wanted "$command" "$how" $rc "$was")
		if [ "$was" != "$wanted" ] || [ "$(pending)" != none ]; then
			bad=$((bad + 1))
			echo "# $command, $call $k $inject: exit $rc, $was, not $wanted: $(tr '\n' ' ' <"$scratch/said")"
		fi
		do_engine fix
		if [ "$(state)" != NEW ] || [ -n "$(stray)" ]; then
			bad=$((bad + 1))
			echo "# $command, $call $k $inject: afterwards $(state) $(left)$(cat "$scratch/said")"
		fi
	done <"$scratch/points"
	echo "# $command: $n points ($how)"
	[ $bad -eq 0 ] && [ $n -gt 3 ]
}

say() { [ "$1" -eq 0 ] && echo "ok $2" || echo "not ok $2"; }
errors=(ENOSPC EIO EACCES EROFS EDQUOT EINTR)
kill_sweep make_old fix $kill_stride; say $? "1 - fix killed: old or new, with backup, and tidy after the next run"
kill_sweep make_new undo $kill_stride; say $? "2 - undo killed"
kill_sweep make_pending recover $kill_stride; say $? "3 - recover killed in turn"
fault_sweep make_old fix NEW $fail_stride "${errors[@]}"; say $? "4 - fix with one failing call: exit code and state agree"
fault_sweep make_new undo OLD $fail_stride "${errors[@]}"; say $? "5 - undo with one failing call"
fault_sweep make_pending recover OLD $fail_stride "${errors[@]}"; say $? "6 - recover with one failing call"
trial_sweep make_old trial kill $trial_stride; say $? "7 - fix --confirm killed: old at the deadline"
trial_sweep make_trial confirm kill 1; say $? "8 - confirm killed: kept or rolled back, as the journal says"
trial_sweep make_old trial fail $((trial_stride * 4)); say $? "9 - fix --confirm with one failing call: old at the deadline"
trial_sweep make_trial confirm fail 1; say $? "10 - confirm with one failing call: kept if and only if it says so"
# Calls that clear away: what one failure leaves must not stay for good. The two that a sample would miss.
fault_pattern='^(openat[(].*/etc/"|unlinkat[(].*"([.]mtapin-|a[.]cf[.]tmp))'
fault_sweep make_old fix NEW 1 EIO EACCES; say $? "11 - fix that cannot clear away once"
fault_sweep make_pending recover OLD 1 EIO EACCES; say $? "12 - recover that cannot clear away once"
interrupted_sweep make_old fix NEW $interrupt_stride; say $? "13 - fix, each call interrupted once"
interrupted_sweep make_new undo OLD $interrupt_stride; say $? "14 - undo"
interrupted_sweep make_pending recover OLD $interrupt_stride; say $? "15 - recover"

# ---- with a file that a program makes of the others ----
making=make-built fault_pattern=.
kill_sweep make_old fix $((kill_stride * 2 - 1)); say $? "16 - fix killed, with a build: both, or neither"
kill_sweep make_new undo $((kill_stride * 2 - 1)); say $? "17 - undo killed, with a build"
kill_sweep make_pending recover $kill_stride; say $? "18 - recover killed, of what was to be built"
fault_sweep make_old fix NEW $((fail_stride * 2 - 1)) "${errors[@]}"; say $? "19 - fix with one failing call, with a build"
fault_sweep make_new undo OLD $((fail_stride * 2 - 1)) "${errors[@]}"; say $? "20 - undo with one failing call, with a build"
