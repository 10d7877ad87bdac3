# SPDX-License-Identifier: ISC
# sweep.sh: kill a command at system calls that change something, or make its calls fail once, and look
# at what is left. Sourced by bash, by tests that define:
#
#	$scratch		a folder for files of our own
#	engine COMMAND		sets argv: fix, undo or recover; $execs: how many execve it takes to get there
#	make_old, make_new, make_pending	the configuration as before, as after, in the middle
#	state			OLD, NEW, MIXED (one file of each) or BAD
#	backed_up		every file that is new has its old bytes in the journal
#	stray			names of what should not be left, one a line
#	pending			the pending transaction, or "none"
#
# Each sweep prints a comment with its numbers and fails when one is bad. Totals: $kill_points,
# $kill_bad, $fault_points, $fault_bad.
calls=execve,openat,mkdir,mkdirat,read,write,rename,renameat,renameat2,linkat,symlinkat,unlink,unlinkat,fchmod,fchown,fsync,flistxattr,fsetxattr,fremovexattr,utimensat,flock,ioctl,fstat,newfstatat,statx,getrandom,clone,clone3,fork,vfork,pipe2,poll,pidfd_open,wait4,ftruncate,fcntl,exit_group
changing='^(mkdir|mkdirat|rename|renameat|renameat2|linkat|symlinkat|unlink|unlinkat|fchmod|fchown|fsync|fsetxattr|fremovexattr|utimensat|flock|exit_group)[(]|^openat[(].*O_CREAT|^write[(]'
kill_points=0 kill_bad=0 fault_points=0 fault_bad=0
run_seconds=90 # longer than any command takes

strace_works() { strace -qq -o "$scratch/trace" -e trace=openat true 2>/dev/null; }
# Under strace, the output in said; what bash says about a killed job is of no interest.
run() { { timeout -s KILL $run_seconds strace -qq -o /dev/null "$@" >"$scratch/said" 2>&1 </dev/null; } 2>/dev/null; }
quiet() { timeout -s KILL $run_seconds "$@" >"$scratch/said" 2>&1 </dev/null; }
do_engine() {
	engine "$1"
	quiet "${argv[@]}"
}

# The points of a command, one "CALL K" a line: the Kth call of that name, if it matches.
points() { # COMMAND PATTERN STRIDE
	engine "$1"
	strace -qq -o "$scratch/trace" -e trace="$calls" "${argv[@]}" >/dev/null 2>&1 </dev/null
	awk -v stride="$3" -v pattern="$2" -v execs="$execs" '
		/^execve[(]/ { seen++; next }
		/^[a-z0-9_]+[(]/ { name = $0; sub(/[(].*/, "", name); k[name]++
			if (seen < execs) next
			if ($0 ~ pattern && n++ % stride == 0) print name, k[name] }' "$scratch/trace"
}
settled() { [ "$(pending)" = none ] && [ -z "$(stray)" ]; }
left() { stray | tr '\n' ' '; }

# ---- kill: after it, recover must leave everything old, or everything as the command would ----
after_kill() { # sets was: OLD, NEW, MIXED, or a complaint
	was=$(state)
	backed_up || was="$was without backup"
	settled && [ "$was" != MIXED ] && return
	do_engine recover || was="$was, recover: $(cat "$scratch/said")"
	case "$(state):$(pending)" in
	OLD:none | NEW:none) ;;
	*) was="$was, then $(state) $(pending)" ;;
	esac
	do_engine fix || was="$was, fix: $(cat "$scratch/said")"
	[ "$(state)" = NEW ] || was="$was, finally $(state)"
	[ -z "$(stray)" ] || was="$was, left: $(left)"
}
kill_sweep() { # SETUP COMMAND STRIDE
	local setup=$1 command=$2 n=0 bad=0 call k was begin=$SECONDS
	$setup
	points "$command" "$changing" "$3" >"$scratch/points"
	while read -r call k; do
		n=$((n + 1))
		$setup
		engine "$command"
		run -e trace="$call" -e inject="$call:signal=SIGKILL:when=$k" "${argv[@]}"
		after_kill
		case $was in
		OLD | NEW | MIXED) ;;
		*) bad=$((bad + 1)); echo "# $command killed at $call $k: $was" ;;
		esac
	done <"$scratch/points"
	kill_points=$((kill_points + n)) kill_bad=$((kill_bad + bad))
	echo "# $command: killed at $n points, $bad bad, $((SECONDS - begin)) s"
	[ $bad -eq 0 ] && [ $n -gt 3 ]
}

# ---- fail: the exit code and the state agree ----
# outcome RC STATE BEFORE GOAL: does the one go with the other?
agrees() {
	case $1:$2 in
	0:"$4") ;;
	2:"$3") ;; # refused, failed or rolled back: as before
	3:*) grep -q 'txn/2' "$scratch/said" ;; # it says what a person must look at
	78:"$3") ;; # its own settings cannot be read
	127:"$3") ;; # the program itself could not be loaded
	*) false ;;
	esac
}
after_fault() { # WHAT RC BEFORE GOAL
	local was unsaid
	was=$(state)
	backed_up || was="$was without backup"
	unsaid=$(stray | grep '^\.mtapin-' | while read -r name; do grep -q -F -e "$name" "$scratch/said" || echo "$name"; done)
	[ -z "$unsaid" ] || [ "$2" = 127 ] || grep -q 'out of memory' "$scratch/said" || [ "$(pending)" != none ] || echo "# $1: exit $2, and it does not say that it left $unsaid"
	agrees "$2" "$was" "$3" "$4" || echo "# $1: exit $2, $was: $(tr '\n' ' ' <"$scratch/said")"
	settled && return
	do_engine recover
	do_engine fix
	[ "$(state)" = NEW ] && [ -z "$(stray)" ] || echo "# $1: afterwards $(state) $(left)$(tr '\n' ' ' <"$scratch/said")"
}
# A signal that cuts a call short changes nothing: it is made again. 127: the loader's own call.
interrupted_sweep() { # SETUP COMMAND GOAL STRIDE
	local n=0 bad=0 call k rc begin=$SECONDS
	$1
	points "$2" . "$4" >"$scratch/points"
	while read -r call k; do
		[ "$call" != exit_group ] || continue
		n=$((n + 1))
		$1
		engine "$2"
		run -e trace="$call" -e inject="$call:error=EINTR:when=$k" "${argv[@]}"
		rc=$?
		case $rc:$(state):$(pending):$(stray) in
		0:"$3":none: | 127:*) ;;
		*)
			bad=$((bad + 1))
			echo "# $2, $call $k is interrupted: exit $rc, $(state) $(left)$(tr '\n' ' ' <"$scratch/said")" ;;
		esac
	done <"$scratch/points"
	fault_points=$((fault_points + n)) fault_bad=$((fault_bad + bad))
	echo "# $2: $n calls interrupted once, $bad not made again, $((SECONDS - begin)) s"
	[ $bad -eq 0 ] && [ $n -gt 3 ]
}
one_fault() { # SETUP COMMAND GOAL CALL K ERROR
	local rc before
	$1
	before=$(state)
	engine "$2"
	run -e trace="$4" -e inject="$4:error=$6:when=$5" "${argv[@]}"
	rc=$?
	after_fault "$2, $4 $5 fails with $6" "$rc" "$before" "$3"
}
# fault_sweep SETUP COMMAND GOAL STRIDE ERROR...: each point with one of the errors, in turn; with $fault_all
# those that change something with all of them. Points are the calls that match $fault_pattern.
fault_pattern=. fault_all=no
fault_sweep() {
	local setup=$1 command=$2 goal=$3 stride=$4 n=0 bad=0 call k list begin=$SECONDS
	shift 4
	$setup
	points "$command" "$changing" 1 >"$scratch/changes"
	$setup
	points "$command" "$fault_pattern" "$stride" >"$scratch/points"
	while read -r call k; do
		[ "$call" != exit_group ] || continue
		list=("${@:n % $# + 1:1}")
		[ $fault_all = no ] || ! grep -q -x "$call $k" "$scratch/changes" || list=("$@")
		for error in "${list[@]}"; do
			n=$((n + 1))
			one_fault "$setup" "$command" "$goal" "$call" "$k" "$error"
		done
	done <"$scratch/points" >"$scratch/wrong"
	cat "$scratch/wrong"
	bad=$(grep -c . "$scratch/wrong")
	fault_points=$((fault_points + n)) fault_bad=$((fault_bad + bad))
	echo "# $command: $n calls failed once, $bad wrong, $((SECONDS - begin)) s"
	[ "$bad" -eq 0 ] && [ $n -gt 3 ]
}
