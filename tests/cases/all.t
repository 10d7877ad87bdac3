#!/bin/sh
# SPDX-License-Identifier: ISC
# Every host case of this folder; and each finding has a case that raises it and one that comes near it.
# The two that only an unfinished collection and a module raise are seen in tests/cli.
rows=$(sed -n 's/^\t{"\([A-Z]*-[A-Z0-9-]*\)", MT_[A-Z]*,.*/\1/p' "$srcdir"/backends/postfix/*.c "$srcdir"/src/core/*.c)
bare=
for id in $rows; do
	case $id in HOST-INCOMPLETE | HOST-MODULE-REFUSED) continue ;; esac
	grep -q -E "^(error|warning|note) $id( |\$)" "$srcdir"/tests/cases/*.case || bare="$bare $id:raised"
	grep -q "^== case near $id\>" "$srcdir"/tests/cases/*.case || bare="$bare $id:near"
done
case $rows in
*PF-BROKEN*HOST-OWNER* | *HOST-OWNER*PF-BROKEN*) ;;
*) bare="$bare (no ids found)" ;;
esac
"$builddir/tests/cases/run" "$srcdir"/tests/cases/*.case
status=$?
[ -z "$bare" ] || { echo "Bail out! no case for:$bare"; exit 1; }
exit $status
