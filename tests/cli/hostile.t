#!/bin/sh
# SPDX-License-Identifier: ISC
# A bundle in which every string is hostile, all commands that read one, text and JSON, terminal and pipe: hostile.py.
. "$srcdir/tests/cli/lib.sh"
have python3 || skip_all 'needs python3'
seed=20261201 count=20
[ "${MT_LONG-no}" = no ] || seed=$(od -An -N2 -tu2 /dev/urandom) count=100
seed=$((seed))
echo "# seed $seed, $count hosts"
: >"$dir/out"
: >"$dir/err"
if [ $modules = yes ]; then set -- --backend-dir "$dir/modules"; else set --; fi
python3 -B "$srcdir/tests/cli/hostile.py" "$seed" "$count" "$dir" "$builddir/mtapin" "$@" >"$dir/said" 2>&1
result=$?
sed 's/^/# /' "$dir/said"
ok "no raw control, and every command that is printed is words" test $result = 0
ok "nothing was run" test ! -e "$dir/HIT"
done_testing
