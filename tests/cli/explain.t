#!/bin/sh
# SPDX-License-Identifier: ISC
# Every id that the program can print has a page: those of findings and those of refusals.
. "$srcdir/tests/cli/lib.sh"

ids=$(grep -rhoE --include='*.[ch]' '"(PF|QM|DNS|HOST)-[A-Z0-9-]+"' "$srcdir/src" "$srcdir/backends" | tr -d '"' | sort -u)
count=$(echo "$ids" | wc -l)
ok "there are some ($count)" test "$count" -gt 40
for id in $ids; do
	mtapin explain "$id"
	is 0 "explain $id: exit code"
	has out "explain $id" "^$id \\((note|warning|error)\\): [^ ]"
done
# An id stands in quotes as a whole: one put together of parts would go unnoticed here.
ok "no id is put together" sh -c '! grep -rnE --include="*.[ch]" "\"(PF|QM|DNS|HOST)-([A-Z0-9-]*%|\")" "$srcdir/src" "$srcdir/backends"'
done_testing
