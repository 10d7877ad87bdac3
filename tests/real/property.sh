# SPDX-License-Identifier: ISC
# property.sh: what tests/property/run printed, as TAP. Sourced by bash, after tap.sh.
#
#	property_hosts			what /etc/hosts must hold
#	property_killed FILE		the library that kills; it is compiled there
#	property_report FILE...		what the parts printed: the tests, and how often each value came
property_hosts() { python3 -B -c 'import sys; sys.path.insert(0, sys.argv[1]); import postfix; print(postfix.HOSTS, end="")' "$top/tests/property"; }
property_killed() { gcc -std=gnu11 -O1 -Wall -Wextra -Werror -shared -fPIC -o "$1" "$here/killed.c" -ldl; }
property_counts() { awk '$1 == "COUNT" { n = $2; $1 = $2 = ""; sum[$0] += n } END { for (i in sum) printf "%6d%s\n", sum[i], i }' "$@" | sort -k 2; }
property_count() { property_counts "${@:2}" | awk -v name="$1" '{ n = $1; $1 = ""; if (substr($0, 2) == name) print n }' | grep . || echo 0; }
property_report() {
	local triples applied bad
	triples=$(property_count triples "$@") applied=$(property_count applied "$@")
	bad=$(grep -h -v '^COUNT ' "$@")
	[ -z "$bad" ] || note "$bad"
	note "$(property_counts "$@")"
	[ -n "${MT_ONLY-}" ] || is "all of them were tried: $triples triples" "$triples" "$count"
	is "what must hold of each" "$(property_count failed "$@") failed, $(cat "$@" | grep -c Traceback) ended early" "0 failed, 0 ended early"
	[ -n "${MT_ONLY-}" ] || ok "two fifths or more were applied: $applied of $triples" test "$((5 * applied))" -ge "$((2 * triples))"
}
