# SPDX-License-Identifier: ISC
# lib.sh: TAP for the command line. Sourced by tests/cli/*.t; runs the program that was built, with
# backends copied into a folder of ours (a build tree may be writable by a group).
#
# mtapin ARG...		runs it; $status, $dir/out and $dir/err are what it did
# is STATUS NAME		one test: the last run ended with STATUS
# out NAME TEXT, err NAME TEXT	one test: stdout is TEXT; the first line of stderr is TEXT
# has FILE NAME PATTERN	one test: FILE has a line that matches (grep -E)
# ok NAME COMMAND...	one test: the command succeeds; skipped where it is a program that configure does not ask for
# have PROGRAM...	whether they are there
# skipped NAME WHY	one test that cannot be made here; skip_all WHY: none of the file can
set -u
LC_ALL=C export LC_ALL
unset NO_COLOR 2>/dev/null
umask 022
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
tests=0

if grep -q '^#define MT_MODULES 1' "$builddir/config.h"; then
	modules=yes
	mkdir "$dir/modules"
	cp "$builddir"/.libs/*.so "$dir/modules"
	mtapin() { mtapin_with "$dir/modules" "$@"; }
else
	modules=no
	mtapin() { mtapin_bare "$@"; }
fi
mtapin_bare() {
	status=0
	"$builddir/mtapin" "$@" >"$dir/out" 2>"$dir/err" </dev/null || status=$?
}
mtapin_with() {
	folder=$1
	shift
	mtapin_bare --backend-dir "$folder" "$@"
}

report() {
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then echo "ok $tests - $2"; else
		echo "not ok $tests - $2"
		if [ "${3+set}" ]; then printf '%s\n' "$3" | sed 's/^/# /'; fi
		sed 's/^/# stdout: /' "$dir/out" | head -n 20
		sed 's/^/# stderr: /' "$dir/err" | head -n 20
	fi
}
have() {
	for have_p; do command -v "$have_p" >/dev/null 2>&1 || return 1; done
}
skipped() {
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
is() {
	[ "$status" = "$1" ]
	report $? "$2" "exit code $status, not $1"
}
out() {
	[ "$(cat "$dir/out")" = "$2" ]
	report $? "$1" "wanted: $2"
}
err() {
	[ "$(head -n 1 "$dir/err")" = "$2" ]
	report $? "$1" "wanted: $2"
}
has() {
	grep -q -E -- "$3" "$dir/$1"
	report $? "$2" "no line matches $3"
}
hasnt() {
	! grep -q -E -- "$3" "$dir/$1"
	report $? "$2" "a line matches $3"
}
ok() {
	ok_name=$1
	shift
	case $1 in
	python3 | patch)
		have "$1" || {
			skipped "$ok_name" "needs $1"
			return
		}
		;;
	esac
	"$@" >"$dir/ok.log" 2>&1
	report $? "$ok_name" "$(cat "$dir/ok.log")"
}
done_testing() {
	[ "$valids" = 0 ] || validate_all
	echo "1..$tests"
}

# ---- bundles, in the format of snapshot.h ----
nonce=0123456789abcdef0123456789abcdef
bundle_begin() { # FILE [HOST]
	bundle=$1
	printf '%s begin mtapin 1\n%s host 1795510800 raw %s\n' $nonce $nonce "${2:-mx1.example.net}" >"$bundle"
}
bundle_file() { # PATH CONTENTS [MODE]
	printf '%s' "$2" >"$dir/item"
	size=$(wc -c <"$dir/item")
	{
		printf '%s file f present %s 0 0 1 1790000000 %d %s\n' $nonce "${3:-644}" "$size" "$1"
		printf '%s data %d\n' $nonce "$size"
		cat "$dir/item"
		printf '\n%s end\n' $nonce
	} >>"$bundle"
}
bundle_probe() { # NAME CONTENTS
	printf '%s probe present %s\n%s data -\n%s\n%s end 0\n' $nonce "$1" $nonce "$2" $nonce >>"$bundle"
}
bundle_done() { printf '%s done\n' $nonce >>"$bundle"; }

# ---- the backend that is built outside the tree ----
compile_simple() { # FILE FLAG...
	so=$1
	shift
	$CC -std=gnu11 -Wall -Wextra -Werror -shared -fPIC -I"${headers:-$srcdir/include}" "$@" -o "$so" \
		"$srcdir/tests/modules/simple.c"
}
# All at the end, since the validator takes longer to start than to judge.
valids=0
valid() { # NAME: stdout of the last run is a document of the schema
	valids=$((valids + 1))
	cp "$dir/out" "$dir/valid.$valids"
	printf '%s\n' "$1" >"$dir/name.$valids"
}
validate_all() {
	if ! python3 -c 'import jsonschema' 2>/dev/null; then
		for valid_name in "$dir"/name.*; do skipped "$(cat "$valid_name")" "needs python3 and its jsonschema"; done
		return
	fi
	"$srcdir/tests/schema/validate" "$srcdir/tests/schema/mtapin-1.json" "$dir"/valid.* >"$dir/verdicts" 2>&1
	verdict=$? i=0
	while [ $i -lt $valids ]; do
		i=$((i + 1))
		[ $verdict = 0 ] || { [ $verdict = 3 ] && ! grep -q -F "$dir/valid.$i: " "$dir/verdicts"; }
		report $? "$(cat "$dir/name.$i")" "$(cat "$dir/verdicts")"
	done
}
