#!/bin/sh
# SPDX-License-Identifier: ISC
# Every host case of this folder; and each finding has a case that raises it and one that comes near it.
# Those that only an unfinished collection, a module and a missing folder raise are seen in tests/cli; a refusal has
# one plan that it stops, and what is refused only when a plan is applied is seen in tests/unit and tests/real.
rows=$(sed -n 's/^= \([A-Z]*-[A-Z0-9-]*\) .*/\1/p' "$srcdir"/backends/*/findings.txt "$srcdir"/data/findings/*.txt)
bare=
for id in $rows; do
	case $id in HOST-INCOMPLETE | HOST-MODULE-REFUSED | QM-NO-CONTROL) continue ;; esac
	# guards: what no edit of these backends leads to
	case $id in PLAN-KEEP-STOPS | PLAN-OTHER-OPTION | PF-NEEDS-ADDRESS | PLAN-INSTANCE-GONE | PLAN-LOOPBACK-SOURCE | PLAN-METHOD-CANNOT | PLAN-READ-ONLY) continue ;; esac
	case $id in HOST-IMMUTABLE | HOST-MOUNTED | HOST-NO-PERMISSION | HOST-READ-ONLY) continue ;; esac
	case $id in HOST-FOREIGN-DIR | HOST-HARD-LINK | HOST-NO-BOOT-HOOK | HOST-NO-WAITER | HOST-PROBE-FAILED | HOST-WAS-BROKEN) continue ;; esac
	grep -q -E "^refused $id:" "$srcdir"/tests/cases/*.case && continue
	grep -q -E "^(error|warning|note) $id( |\$)" "$srcdir"/tests/cases/*.case || bare="$bare $id:raised"
	grep -q "^== case near $id\>" "$srcdir"/tests/cases/*.case || bare="$bare $id:near"
done
for id in PF-BROKEN QM-DEFERRED HOST-OWNER; do
	case $rows in *"$id"*) ;; *) bare="$bare (no $id among the ids)" ;; esac
done
"$builddir/tests/cases/run" "$srcdir"/tests/cases/*.case
status=$?
[ -z "$bare" ] || { echo "Bail out! no case for:$bare"; exit 1; }
exit $status
