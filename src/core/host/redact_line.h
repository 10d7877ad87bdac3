/* SPDX-License-Identifier: ISC */
/* redact_line.h: lines of a redacted item. Internal to redact.c. */
#ifndef MT_CORE_REDACT_LINE_H
#define MT_CORE_REDACT_LINE_H

#include "core/host/redact.h"

struct mt_setting { /* what a name is set to, in all places together */
	struct mt_str name;
	struct mt_text value;
	bool leaves;
	struct mt_setting *next, *follow; /* follow: its value is to be searched next */
};

/* What is open at the end of a line and may go on on the next. */
struct mt_redact_walk {
	const struct mt_redactor *redactor;
	const struct mt_redaction *row;
	struct mt_text *out; /* NULL: settings are gathered */
	struct mt_setting
		*setting; /* the one whose value is being read; NULL: none, or not gathered */
	unsigned number; /* of the line */
	bool open; /* a logical line has begun */
	bool keeps; /* what follows of it leaves */
	bool backslash; /* the line before ended with one */
	/* Of a value that leaves: the last word behind us, as it may be a name whose '=', or a URL whose '@', is yet
	 * to come. */
	struct mt_text before;
	/* columns: */
	unsigned column; /* words taken */
	unsigned level; /* of braces */
	bool expects; /* -o was seen: NAME=VALUE is next */
	bool named; /* in braces, a name was seen: '=' is next */
};

void mt_redact_line(struct mt_redact_walk *walk, struct mt_str line);
/* A value that leaves, or the part of it that stands on this line: without the secrets in it. */
void mt_redact_keep(struct mt_redact_walk *walk, struct mt_str text);
/* The value of this name may leave. */
bool mt_redact_leaves(const struct mt_redactor *redactor, const struct mt_redaction *row,
		      struct mt_str name);
bool mt_redact_is_secret(const struct mt_backend *backend, struct mt_str name);
/* The setting of that name, made if it is not there. */
struct mt_setting *mt_redact_setting(struct mt_redactor *redactor, struct mt_str name);

#endif
