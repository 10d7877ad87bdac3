#!/bin/bash
# SPDX-License-Identifier: ISC
# As fault.t, on Debian's Exim with the real update-exim4.conf: system calls that fail once in fix, undo and recover; and
# that program itself, cut off or refusing. A sample; with MT_LONG=1 every call.
. "$(dirname "$0")/sweep-exim.sh"
errors=(ENOSPC EIO EACCES EROFS EDQUOT EINTR)
few=(251 251 141)
! long || few=(1 1 1) fault_all=yes

fault_sweep make_old fix NEW "${few[0]}" "${errors[@]}"
is "fix with one failing call: exit code and state agree" $? 0
fault_sweep make_new undo OLD "${few[1]}" "${errors[@]}"
is "undo with one failing call" $? 0
fault_sweep make_pending recover OLD "${few[2]}" "${errors[@]}"
is "recover with one failing call" $? 0
note "fault points: $fault_points, wrong: $fault_bad"

# ---- update-exim4.conf itself, at one of its runs: of the old sources and of the new ones on a private copy, and in place ----
maker=$tree/usr/sbin/update-exim4.conf
cp "$maker" "$scratch/maker"
trap_maker() { # old|new|live begin|moved|end COMMANDS: what it does at this run, in this place
	local when place
	case $1 in
	live) when='! grep -q " /etc/exim4 " /proc/self/mountinfo' ;;
	new) when='grep -q " /etc/exim4 " /proc/self/mountinfo && grep -q 192.0.2.11 /etc/exim4/exim4.conf.template' ;;
	old) when='grep -q " /etc/exim4 " /proc/self/mountinfo && ! grep -q 192.0.2.11 /etc/exim4/exim4.conf.template' ;;
	esac
	case $2 in begin) place=1 ;; moved) place='/^mv -f/' ;; end) place='$' ;; esac
	sed "${place}a if $when; then $3; fi" "$scratch/maker" >"$maker.new"
	chmod 755 "$maker.new" && mv "$maker.new" "$maker" # another file: one that runs reads on in its own
}
untrap_maker() { cp -p "$scratch/maker" "$maker.new" && mv "$maker.new" "$maker"; }
dies='for p in $(pidof mtapin); do kill -9 $p; done; sleep 0.2' # the only one in these namespaces
trapped() { # SETUP COMMAND RUN PLACE COMMANDS EXIT-CODE STATE...: afterwards all is old, or all new
	local rc=0 bad=
	$1
	trap_maker "$3" "$4" "$5"
	{ do_engine "$2"; } 2>/dev/null || rc=$?
	untrap_maker
	[ "$rc" = "$6" ] || bad="exit $rc, not $6: $(cat "$scratch/said"), "
	do_engine recover || bad="${bad}recover: $(cat "$scratch/said"), " # it waits for the one that still runs
	after_kill
	case " ${*:7} " in *" $was "*) was=fine ;; esac
	is "$2, $3 $4 ($5)" "$bad$was" fine
}
for command in fix undo; do
	setup=make_old before=OLD
	[ $command = fix ] || setup=make_new before=NEW
	for place in begin moved end; do
		trapped $setup $command live $place "$dies" 137 OLD NEW
	done
	for run in old new live; do trapped $setup $command $run begin 'exit 1' 2 $before; done
	trapped $setup $command live begin 'exit 0' 2 $before
	trapped $setup $command live moved 'exit 1' 2 $before
	trapped $setup $command live moved 'echo "# else" >>"$UPEX4C_outputfile"' 2 $before
done
