#!/bin/sh
# SPDX-License-Identifier: ISC
# show in text and in JSON: the same source, how, and reason, for every case of tests/cases and for generated
# hosts, for the host as a whole and for single mails.
. "$srcdir/tests/cli/lib.sh"
have python3 || skip_all 'needs python3'
seed=20261201 count=300
[ "${MT_LONG-no}" = no ] || seed=$(od -An -N2 -tu2 /dev/urandom) count=3000
seed=$((seed))
echo "# seed $seed"
run=$builddir/tests/cases/run
agree() { # FOLDER
	if [ $modules = yes ]; then set -- "$1" "$builddir/mtapin" --backend-dir "$dir/modules"; else set -- "$1" "$builddir/mtapin"; fi
	python3 -B "$srcdir/tests/cli/agree.py" "$@"
}
mkdir "$dir/cases" "$dir/made"
: >"$dir/out"
: >"$dir/err"
ok "the cases as bundles" "$run" --bundles "$dir/cases" "$srcdir"/tests/cases/*.case
ok "every case: text and JSON agree" agree "$dir/cases"
sed 's/^/# /' "$dir/ok.log" | tail -n 1
python3 -B "$srcdir/tests/cli/agree.py" --generate "$seed" "$count" >"$dir/made.case"
ok "$count generated hosts as bundles" "$run" --bundles "$dir/made" "$dir/made.case"
ok "$count generated hosts, two mails each: text and JSON agree" agree "$dir/made"
sed 's/^/# /' "$dir/ok.log" | tail -n 1
done_testing
