#!/bin/sh
# SPDX-License-Identifier: ISC
# The core and the backends call nothing that could answer differently on another machine: every symbol
# their objects leave undefined is in tests/purity.allow or defined by another of them. Objects are built apart,
# without sanitizer, coverage, LTO, stack protector and FORTIFY, which would add symbols of their own.
#
# A line of the list is SYMBOL, or SYMBOL OBJECT where only that object may use it.
set -u
LC_ALL=C export LC_ALL
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
tests=0
report() {
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then echo "ok $tests - $2"; else echo "not ok $tests - $2"; fi
}
flags="-std=gnu11 -O2 -fno-lto -fno-stack-protector -fno-sanitize=all -U_FORTIFY_SOURCE -fPIC -DMT_STATIC_BACKENDS"

# impure FOLDER: "symbol object" of each undefined symbol that is neither allowed nor defined by an object there
impure() {
	(cd "$1" && nm -A -g *.o) | awk -v list="$srcdir/tests/purity.allow" '
	BEGIN { while ((getline line <list) > 0) if (line !~ /^#/) allowed[line] }
	{ sub(/[.]o:.*/, "", $1) }
	$(NF - 1) ~ /^[Uwv]$/ { if (!($NF in allowed) && !($NF " " $1 in allowed)) asked[$NF " " $1] = $NF; next }
	{ defined[$NF] }
	END { for (line in asked) if (!(asked[line] in defined)) print line }'
}

mkdir "$dir/o"
sources=$(ls "$srcdir"/src/core/*/*.c "$srcdir"/backends/*/*.c | wc -l)
export CC flags srcdir builddir dir
ls "$srcdir"/src/core/*/*.c "$srcdir"/backends/*/*.c | xargs -P 4 -n 8 sh -c '
	for source; do
		name=$(echo "${source#"$srcdir"/}" | tr / - | sed "s/\.c$//")
		$CC $flags -I"$srcdir/include" -I"$srcdir/src" -I"$builddir" -c -o "$dir/o/$name.o" "$source" || exit
	done' compile >"$dir/compile.log" 2>&1
report $? "core and backends compile apart"
sed 's/^/# /' "$dir/compile.log"
objects=$(find "$dir/o" -name '*.o' | wc -l)
test "$sources" -ge 10 -a "$objects" -eq "$sources"
report $? "$objects objects of $sources sources"
found=$(nm -u "$dir"/o/src-core-*.o | awk '{ print $2 }' | grep -c -x -e memcpy -e malloc -e inet_pton)
test "$found" -ge 3
report $? "nm sees what they call"
impure "$dir/o" >"$dir/impure"
sed 's/^/# not allowed: /' "$dir/impure"
test ! -s "$dir/impure"
report $? "they call nothing that is not allowed"

# The check itself: a planted call is found.
planted() { # SYMBOL FLAG SOURCE
	printf '%s\n' "$3" >"$dir/planted.c"
	$CC $flags "$2" -c -o "$dir/o/planted.o" "$dir/planted.c" && impure "$dir/o" | grep -q -x "$1 planted"
	report $? "a planted $1 is found"
}
planted open -O2 '#include <fcntl.h>
int planted(const char *p); int planted(const char *p) { return open(p, O_RDONLY); }'
planted __open_2 -D_FORTIFY_SOURCE=2 '#include <fcntl.h>
int planted(const char *p, int f); int planted(const char *p, int f) { return open(p, f); }'
planted malloc -O2 '#include <stdlib.h>
void *planted(void); void *planted(void) { return malloc(7); }'
planted time -O2 '#include <time.h>
long planted(void); long planted(void) { return time(0); }'
echo "1..$tests"
