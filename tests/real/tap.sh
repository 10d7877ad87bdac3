# SPDX-License-Identifier: ISC
# tap.sh: results of tests/real/*.t. Sourced by bash.
#
#	ok TEXT COMMAND...	one test: the command succeeds
#	is TEXT GOT WANTED	one test
#	note TEXT		comment lines
#	bail TEXT		end at once
#	skip TEXT		end at once, all tests skipped
#	tap_end			the plan; fails when a test failed
#	tap_explain		what one wants to know where a test failed, as comments; lab.sh has one
tap_count=0 tap_failed=0
tap_explain() { :; }
tap_line() {
	tap_count=$((tap_count + 1))
	[ "$1" = ok ] || tap_failed=$((tap_failed + 1))
	printf '%s %d - %s\n' "$1" "$tap_count" "$2"
}
note() { printf '%s\n' "$*" | sed 's/^/# /'; }
ok() {
	local text=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	if [ "$status" = 0 ]; then tap_line ok "$text"; else
		tap_line "not ok" "$text"
		note "status $status: $*"
		note "$output"
		tap_why
	fi
}
is() {
	if [ "$2" = "$3" ]; then tap_line ok "$1"; else
		tap_line "not ok" "$1"
		note "got:    $2"
		note "wanted: $3"
		tap_why
	fi
}
# The first failures are explained; the others mostly follow from them.
tap_why() { [ "$tap_failed" -gt 3 ] || tap_explain; }
bail() {
	tap_explain
	printf 'Bail out! %s\n' "$*"
	exit 1
}
skip() {
	printf '1..0 # SKIP %s\n' "$*"
	exit 0
}
tap_end() {
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" = 0 ]
}
