/* SPDX-License-Identifier: ISC */
/*
 * redact.h: what of a host's mail configuration may leave it. A backend says so once, as rows of this struct; the
 * collector (sh) and the reader of trees (C) are both driven by them, and give the same bytes.
 *
 * It is a list of what leaves. In a redacted item every other byte is a '*', but for blanks, braces and what shows
 * the structure: lengths and lines are those of the file. An item that no row names is redacted as a whole: its
 * metadata leave, its contents do not.
 *
 * Whatever a row says, these stay on the host: the value of a name that holds one of the secret names
 * (mt_redact_secret_names, mt_backend.secret_names), and what follows such a name and '=' within a value, up to the end
 * of that value, also where blanks, braces, comments or the ends of lines that go on stand between; the password of a URL
 * (SCHEME://USER:PASSWORD@HOST), a word that backslashes may split into lines; comments, of which only the mark of who
 * wrote the file leaves (mt_file_owner()), and lines `# NUMBER "FILE"`, by which programs say where a line came from.
 * Where such a word goes on on the next line, all that stands behind USER: on this one is taken for the password.
 */
#ifndef MTAPIN_REDACT_H
#define MTAPIN_REDACT_H

#include <stdbool.h>

enum mt_syntax {
	MT_SYNTAX_SECRET, /* contents never leave */
	/* contents leave unless it is a script ("#!"), of which that mark leaves. By the sh collector: neither. */
	MT_SYNTAX_PROGRAM,
	MT_SYNTAX_LINES, /* every line leaves */
	/* NAME VALUE, NAME = VALUE, NAME: VALUE, one a logical line. Values of the names in `keep` leave. Of others the
	 * name alone leaves, where '=' or ':' follows it, and [SECTION] as a line; all else does not. */
	MT_SYNTAX_ASSIGNMENTS,
	/* The first `columns` words of a logical line leave; behind them options, words of a '-' and letters, and the
	 * NAME=VALUE or { NAME = VALUE } that follows -o, as with assignments. Of other words NAME= leaves. */
	MT_SYNTAX_COLUMNS,
};

/* By what a line belongs to the one before. */
enum mt_continuation {
	MT_CONTINUES_NEVER,
	MT_CONTINUES_BLANK, /* it begins with a blank; comments and empty lines between them do not end it */
	MT_CONTINUES_BACKSLASH, /* the one before ends with a backslash */
};

struct mt_redaction {
	/* the path or the probe's name; '*' stands for any bytes. The first row that fits counts; NULL ends the rows */
	const char *items;
	enum mt_syntax syntax;
	enum mt_continuation continuation;
	unsigned columns;
	/* names, separated by blanks; '*' at either end of one stands for anything */
	const char *keep;
	/* words that may stand before a name, separated by blanks: "hide", "set" */
	const char *prefixes;
	/* bytes behind which the rest of a logical line, or of a value that leaves, is secret: "|" */
	const char *cut;
	/* What a value that leaves names leaves too, if the rows with `follows` of this backend set it: `$name`, and any
	 * word that is a name there. */
	bool follows;
	bool hides_names; /* of values that do not leave, the names do not either */
	bool shows_addresses; /* literal IP addresses leave wherever they stand, but not in comments */
};

/* Names that contain one of these, in letters of either size, are names of secrets; separated by blanks. */
extern const char mt_redact_secret_names[];

#endif
