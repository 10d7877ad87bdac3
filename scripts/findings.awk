# SPDX-License-Identifier: ISC
# findings.awk: texts of findings become rows of C. Usage: awk -f findings.awk FINDINGS.txt >FINDINGS.rows
#
# A record is "= ID severity" (note, warning, error) and, of a refusal that --accept ID overrules, "accept"; a line that is its title, an empty line, and its explanation up to
# the next record, line by line as it is printed. Lines before the first record are comments. Of each record comes
# ROW(id, severity, title, explanation, accept): #define ROW to {id, severity, title, explanation, accept}, and #include
# the rows.
function fail(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what | "cat >&2"
	failed = 1
	exit 1
}
function quoted(s) {
	gsub(/["\\]/, "\\\\&", s)
	return s
}
# Empty lines at the end are those between records.
function finish(  i) {
	if (id == "") return
	if (title == "" || count == 0) fail(id " has no " (title == "" ? "title" : "explanation"))
	while (count > 0 && line[count] == "") count--
	printf "ROW(\"%s\", MT_%s, \"%s\",", id, toupper(severity), quoted(title)
	for (i = 1; i <= count; i++) printf "\n    \"%s%s\"", quoted(line[i]), i < count ? "\\n" : ""
	printf ", %s)\n", accept
}
/^= / {
	finish()
	id = $2
	severity = $3
	accept = NF == 4 ? "true" : "false"
	title = ""
	count = 0
	if (NF < 3 || NF > 4 || (NF == 4 && $4 != "accept") || id !~ /^[A-Z][A-Z]*-[A-Z0-9-]+$/ || severity !~ /^(note|warning|error)$/)
		fail("not \"= ID note|warning|error [accept]\"")
	if (id in seen) fail(id " is there twice")
	seen[id] = 1
	next
}
id == "" { next }
title == "" { title = $0; next }
count == 0 && $0 == "" { next }
{ line[++count] = $0 }
END { if (!failed) finish(); if (failed) exit 1 }
