# SPDX-License-Identifier: ISC
# promise.sh: --confirm by a caller that is killed; sourced after inits_start.
#
#	promised		an unconfirmed change begins: the host as at the start; caller and waiter are the test's
#	is_unconfirmed TEXT	it waits: $id is its transaction
#	kept_promise TEXT LOW HIGH	it is back, between LOW and HIGH seconds after it was verified, by the journal's
#				stamps; a machine that others load wakes a waiter some seconds late
seconds=$((10 * pace))
confirmed_by=("${pin[@]}" --yes --confirm $seconds)
id=
state_of() { tail -n 1 "$journal/txn/$1/state" 2>/dev/null | cut -d ' ' -f 3; }
one_waits() { id=$(ls "$journal/txn" 2>/dev/null | tail -n 1) && [ "$(state_of "$id")" = unconfirmed ]; }
is_unconfirmed() {
	wait_for 40 one_waits
	one_waits
	ok "${1:-it} is unconfirmed" one_waits
}
is_back() { [ "$(state_of "$id")" = rolled-back ]; }
promised() { again same; }
lasted() { python3 -c '
import datetime, sys
at = {w[2]: datetime.datetime.strptime(w[1], "%Y%m%dT%H%M%S.%fZ") for w in map(str.split, open(sys.argv[1]))}
print("%.1f" % (at["rolling-back"] - at["unconfirmed"]).total_seconds())' "$journal/txn/$id/state"; }
kept_promise() {
	local took=
	ok "$1: it is rolled back" wait_for 20 is_back
	took=$(lasted 2>/dev/null) || took=-1
	ok "... after $took s" awk -v took="$took" -v low="$2" -v high=$(($3 + 15)) 'BEGIN { exit !(took >= low && took <= high) }'
	is "... the old bytes are back" "$(configuration)" "$before"
}
waiters() { mx pgrep -f '^[^ ]*mtapin (recover --wait|fix .*--confirm)' || :; }
nobody_waits() { [ -z "$(waiters)" ]; }

# As `docker stop`, a CI runner or a supervisor ends a job: all in its control group are told to end, then killed.
case_promise() {
	local groups=/sys/fs/cgroup waiter
	promised
	mx sh -c 'mkdir -p "$1/caller" && echo 0 >"$1/caller/cgroup.procs" && shift && { "$@" & } && sleep 600' - $groups \
		mtapin fix "${confirmed_by[@]}" </dev/null >>"$lab_run/daemons" 2>&1 &
	is_unconfirmed "in a group that is killed: it"
	mx sh -c 'kill -TERM $(cat "$1"); sleep 1; echo 1 >"${1%procs}kill"' - $groups/caller/cgroup.procs >/dev/null 2>&1
	ok "... nothing of the caller is left" wait_for 5 not grep -q . "$mx_root$groups/caller/cgroup.procs"
	kept_promise "TERM, then KILL of the caller's group" $seconds $((seconds + 3))
	ok "... nobody waits any more" wait_for 5 nobody_waits

	promised
	fix --confirm 3600
	is_unconfirmed "an hour: it"
	waiter=$(waiters)
	mx kill -TERM $waiter
	kept_promise "TERM to the waiter" 0 5

	promised
	fix --confirm $seconds
	is_unconfirmed "$seconds s: it"
	mx kill -KILL $(waiters)
	rest $((seconds + 1))
	ok "kill -9 of the waiter, which nobody starts again here: show says so" grep -q 'was not confirmed in time: mtapin recover rolls it back' <<<"$(mx mtapin show 2>&1)"
	mx mtapin recover >/dev/null 2>&1
	is "... recover: exit" $? 0
	is "... the old bytes are back" "$(configuration)" "$before"
}
