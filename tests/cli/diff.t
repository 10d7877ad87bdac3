#!/bin/sh
# SPDX-License-Identifier: ISC
# The printed diff against the real diff and patch on generated edits.
count=${MT_DIFF_CASES:-300} seed=${MT_SEED:-1}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
command -v patch >/dev/null && command -v diff >/dev/null || { echo '1..0 # SKIP needs diff and patch' && exit 0; }
echo 1..4
say() { [ "$1" -eq 0 ] && echo "ok $2" || echo "not ok $2"; }

"$builddir/tests/apply/diffgen" "$dir" "$seed" "$count"
say $? "1 - $count cases generated (seed $seed)"

same=0 unlike=0 patched=0 shortest=0 n=0
while [ $n -lt "$count" ]; do
	diff -u --label "a/$n.old" --label "b/$n.old" "$dir/$n.old" "$dir/$n.new" >"$dir/real"
	if cmp -s "$dir/real" "$dir/$n.diff"; then
		same=$((same + (n % 2 == 0)))
	elif [ $((n % 2)) -eq 0 ]; then
		unlike=$((unlike + 1))
		echo "# case $n differs from diff -u"
	fi
	: >"$dir/said"
	a=$(grep -ac '^[-+]' "$dir/real") b=$(grep -ac '^[-+]' "$dir/$n.diff")
	[ "$b" -le "$a" ] && shortest=$((shortest + 1)) || echo "# case $n is longer than diff -u"
	if [ -s "$dir/$n.diff" ]; then
		patch --binary -s -d "$dir" -p1 <"$dir/$n.diff" >"$dir/said" 2>&1
		[ -s "$dir/said" ] && sed 's/^/# /' "$dir/said"
	fi
	# patch removes a file that becomes empty unless told otherwise
	[ -e "$dir/$n.old" ] || : >"$dir/$n.old"
	cmp -s "$dir/$n.old" "$dir/$n.new" && [ ! -s "$dir/said" ] && patched=$((patched + 1)) ||
		echo "# case $n: patch does not give the new file"
	n=$((n + 1))
done
say $unlike "2 - $same diffs without repeated lines are diff -u's, byte for byte"
# Between edits that are apart repeated lines can offer a shorter way, which only a search over the
# whole file finds.
[ $shortest -ge $((count * 95 / 100)) ]; say $? "3 - $shortest of $count are no longer than diff -u's"
[ $patched -eq "$count" ]; say $? "4 - patch -p1 makes the new file of the old in $patched of $count"
