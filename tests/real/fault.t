#!/bin/bash
# SPDX-License-Identifier: ISC
# As kill.t: system calls and allocations that fail once in fix, undo and recover. Exit code 0 goes with
# the new files, 2 with the old ones, 3 with a text that says where to look. A sample; with MT_LONG=1
# every call, those that change something with each of six errors, and every allocation.
. "$(dirname "$0")/sweep-tree.sh"
errors=(ENOSPC EIO EACCES EROFS EDQUOT EINTR)
compile_shared fail-alloc || bail "no compiler"
cp "$scratch/fail-alloc.so" "$tree/usr/lib/"

# The Kth allocation fails, K = 1, 1 + STRIDE, ... until none did.
alloc_sweep() { # SETUP COMMAND GOAL STRIDE
	local n=0 k=1 bad rc before begin=$SECONDS
	: >"$scratch/wrong"
	while :; do
		$1
		before=$(state)
		printf '\0\0\0\0\0\0\0\0' >"$tree/counter"
		tree_env=(env FAIL_ALLOC=$k LD_PRELOAD=/usr/lib/fail-alloc.so)
		rc=0
		do_engine "$2" || rc=$?
		tree_env=()
		[ "$(od -An -td8 "$tree/counter")" -ge "$k" ] || break
		n=$((n + 1))
		after_fault "$2, allocation $k fails" "$rc" "$before" "$3" >>"$scratch/wrong"
		k=$((k + $4))
	done
	cat "$scratch/wrong"
	bad=$(grep -c . "$scratch/wrong")
	fault_points=$((fault_points + n)) fault_bad=$((fault_bad + bad))
	note "$2: $n allocations failed once, $bad wrong, $((SECONDS - begin)) s"
	[ "$bad" -eq 0 ] && [ $n -gt 3 ]
}

stride=7 few=(37 41 37)
! long || stride=1 few=(1 1 1) fault_all=yes
fault_sweep make_old fix NEW "${few[0]}" "${errors[@]}"
is "fix with one failing call: exit code and state agree" $? 0
fault_sweep make_new undo OLD "${few[1]}" "${errors[@]}"
is "undo with one failing call" $? 0
fault_sweep make_pending recover OLD "${few[2]}" "${errors[@]}"
is "recover with one failing call" $? 0
alloc_sweep make_old fix NEW "$stride"
is "fix with one failing allocation" $? 0
alloc_sweep make_new undo OLD "$stride"
is "undo with one failing allocation" $? 0
alloc_sweep make_pending recover OLD "$stride"
is "recover with one failing allocation" $? 0
note "fault points: $fault_points, wrong: $fault_bad"
