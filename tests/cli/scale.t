#!/bin/sh
# SPDX-License-Identifier: ISC
# Twice the services, rows, listeners, addresses or lines of a map cost twice the work and twice the memory, from
# the bundle to the diff. What is counted is blocks of code and bytes of the arena (tests/bench/scale.c): the same
# numbers on every run, on a busy machine too. How long it takes is measured by scripts/bench scale.
set -u
LC_ALL=C export LC_ALL
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
tests=0
report() {
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then echo "ok $tests - $2"; else echo "not ok $tests - $2"; fi
}
count="-fsanitize-coverage=trace-pc"
echo 'int main(void) { return 0; }' >"$dir/probe.c"
if ! $CC $count -c -o "$dir/probe.o" "$dir/probe.c" 2>"$dir/err" || [ -s "$dir/err" ]; then
	echo "1..0 # SKIP this compiler has no $count"
	exit 0
fi
flags="-std=gnu11 -O1 -fno-builtin -fno-lto -fno-sanitize=all -U_FORTIFY_SOURCE -DMT_STATIC_BACKENDS"
export CC flags count srcdir builddir dir
mkdir "$dir/o"
ls "$srcdir"/src/core/*/*.c "$srcdir"/backends/postfix/*.c "$srcdir"/backends/qmail/*.c | xargs -P 2 -n 8 sh -c '
	for source; do
		name=$(echo "${source#"$srcdir"/}" | tr / - | sed "s/\.c$//")
		$CC $flags $count -I"$srcdir/include" -I"$srcdir/src" -I"$builddir" -c -o "$dir/o/$name.o" "$source" || exit
	done' compile >"$dir/log" 2>&1 &&
	$CC $flags -I"$srcdir/include" -Wl,--wrap=memcpy,--wrap=memchr,--wrap=memcmp,--wrap=strlen \
		-o "$dir/scale" "$srcdir/tests/bench/scale.c" "$dir"/o/*.o -lmd >>"$dir/log" 2>&1
report $? "core, Postfix and qmail compile to be counted"
sed 's/^/# /' "$dir/log"

# KIND WORK BYTES: what one piece must cost at least, so that a counter that stands still is seen
for kind in services services-auto services-interfaces pins pins-kept filters rows addresses addresses-interfaces \
	listeners-interfaces bindings; do
	for n in 1000 2000; do
		"$dir/scale" cost $kind $n >"$dir/$n" 2>"$dir/err" || sed 's/^/# /' "$dir/err"
	done
	echo "# $kind: work, bytes, diff: $(cat "$dir/1000"); twice as many: $(cat "$dir/2000")"
	awk 'NR == FNR { for (i = 1; i <= 3; i++) a[i] = $i; next }
		{ good = NF == 3 && a[1] >= 100000 && a[3] > 0 && $1 <= 2.2 * a[1] && $2 <= 2.2 * a[2] }
		END { exit !good }' "$dir/1000" "$dir/2000"
	report $? "$kind: twice as many cost at most 2.2 times"
done
echo "1..$tests"
