#!/bin/sh
# SPDX-License-Identifier: ISC
# Every id that the program can print has a page: those of findings and those of refusals.
. "$srcdir/tests/cli/lib.sh"

texts="$srcdir/data/findings/*.txt $srcdir/backends/*/findings.txt"
# shellcheck disable=SC2086
ids=$({ grep -rhoE --include='*.[ch]' '"(PLAN|PF|QM|DNS|HOST)-[A-Z0-9-]+"' "$srcdir/src" "$srcdir/backends" | tr -d '"'
	sed -n 's/^= \([^ ]*\) .*/\1/p' $texts; } | sort -u)
count=$(echo "$ids" | wc -l)
ok "there are some ($count)" test "$count" -gt 40
# text ID: what its file says of it, as explain prints it
text() { # ID
	for text_of in $texts; do sed -n "/^= $1 /,/^= /{/^= $1 /p;/^= /!p;}" "$text_of"; done |
		sed -e '1s/^= \([^ ]*\) \([^ ]*\).*/\1 (\2): /' -e '1{N;s/\n//;}' -e '${/^$/d;}'
}
for id in $ids; do
	mtapin explain "$id"
	is 0 "explain $id: exit code"
	has out "explain $id" "^$id \\((note|warning|error)\\): [^ ]"
	text "$id" >"$dir/text"
	ok "explain $id: the text as it stands" cmp "$dir/text" "$dir/out"
done
# An id stands in quotes as a whole: one put together of parts would go unnoticed here.
ok "no id is put together" sh -c '! grep -rnE --include="*.[ch]" "\"(PLAN|PF|QM|DNS|HOST)-([A-Z0-9-]*%|\")" "$srcdir/src" "$srcdir/backends"'

# ---- the script that makes rows of texts, which backends built elsewhere call too ----
rows() { $AWK -f "$srcdir/scripts/findings.awk" "$dir/some.txt" >"$dir/some.rows" 2>"$dir/err"; }
cat >"$dir/some.txt" <<'EOT'
# a comment
= XX-ONE note
a "title" with \ and %s and ?'?'

 first line, "quoted", \n and \\ and \x41, %d
	a tab

last one \


= XX-TWO error accept
second
third
EOT
cat >"$dir/some.c" <<'EOT'
#include <stdbool.h>
#include <stdio.h>
enum { MT_NOTE, MT_WARNING, MT_ERROR };
static const struct { const char *id; int severity; const char *title, *text; bool accept; } row[] = {
#define ROW(id, severity, title, explanation, accept) {id, severity, title, explanation, accept},
#include "some.rows"
};
int main(void)
{
	for (unsigned i = 0; i < sizeof row / sizeof *row; i++)
		printf("%s %d %d\n%s\n%s\n", row[i].id, row[i].severity, row[i].accept, row[i].title, row[i].text);
}
EOT
: >"$dir/out"
ok "quotes and backslashes: rows" rows
ok "quotes and backslashes: they compile" $CC -Wall -Wextra -Werror -o "$dir/some" "$dir/some.c"
"$dir/some" >"$dir/out" 2>"$dir/err"
out "quotes and backslashes: the same text comes out" "XX-ONE 0 0
a \"title\" with \\ and %s and ?'?'
 first line, \"quoted\", \\n and \\\\ and \\x41, %d
	a tab

last one \\
XX-TWO 2 1
second
third"
refused() { # NAME MESSAGE
	rows
	status=$?
	is 1 "$1: refused"
	err "$1: said where" "$dir/some.txt:$2"
}
printf '= XX-ONE grave\nt\n\nx\n' >"$dir/some.txt"
refused "no severity" '1: not "= ID note|warning|error [accept]"'
printf '= XX-ONE note refuse\nt\n\nx\n' >"$dir/some.txt"
refused "another word" '1: not "= ID note|warning|error [accept]"'
printf '= XX-ONE note\nt\n\n\n= XX-TWO note\nt\n\nx\n' >"$dir/some.txt"
refused "no explanation" '5: XX-ONE has no explanation'
printf '= XX-ONE note\n' >"$dir/some.txt"
refused "no title" '1: XX-ONE has no title'
printf '= XX-ONE note\nt\n\nx\n= XX-ONE note\nt\n\nx\n' >"$dir/some.txt"
refused "an id twice" '5: XX-ONE is there twice'
done_testing
