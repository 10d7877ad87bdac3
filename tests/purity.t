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
grep -v '^#' "$srcdir/tests/purity.allow" | sort >"$dir/allow"

compile() { # SOURCE OBJECT
	$CC -std=gnu11 -O2 -fno-lto -fno-stack-protector -fno-sanitize=all -U_FORTIFY_SOURCE -fPIC -DMT_STATIC_BACKENDS \
		-I"$srcdir/include" -I"$srcdir/src" -I"$builddir" ${3+"$3"} -c -o "$2" "$1" 2>"$dir/compile.log" ||
		{ sed 's/^/# /' "$dir/compile.log"; return 1; }
}
# impure FOLDER: "symbol object" of each undefined symbol that is neither allowed nor defined by an object there
impure() {
	for object in "$1"/*.o; do nm -g --defined-only "$object"; done | awk '{ print $3 }' | sort -u >"$dir/defined"
	for object in "$1"/*.o; do
		name=$(basename "$object" .o)
		nm -u "$object" | awk -v name="$name" '{ print $2, name }'
	done | sort -u | while read -r symbol name; do
		grep -q -x -e "$symbol" "$dir/defined" && continue
		grep -q -x -e "$symbol" -e "$symbol $name" "$dir/allow" || echo "$symbol $name"
	done
}

mkdir "$dir/o"
sources=0 failed=0
for source in "$srcdir"/src/core/*.c "$srcdir"/backends/*/*.c; do
	sources=$((sources + 1))
	name=$(echo "${source#"$srcdir"/}" | tr / - | sed 's/\.c$//')
	compile "$source" "$dir/o/$name.o" || failed=$((failed + 1))
done
report $failed "core and backends compile apart"
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
	rm -rf "$dir/p"
	mkdir "$dir/p"
	printf '%s\n' "$3" >"$dir/planted.c"
	cp "$dir"/o/*.o "$dir/p"
	compile "$dir/planted.c" "$dir/p/planted.o" "$2" && impure "$dir/p" | grep -q -x "$1 planted"
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
