/* SPDX-License-Identifier: ISC */
/*
 * maincf.h: main.cf as Postfix itself reads it, with byte-exact positions kept.
 *
 * Source: postfix src/util/readlline.c, split_nameval.c, dict.c (dict_load_fp), global/mail_conf.c.
 */
#ifndef PF_MAINCF_H
#define PF_MAINCF_H

#include <mtapin/plan.h>

/* A logical line: one or more physical lines; comment and blank lines may stand in between. */
struct pf_line {
	/* physical lines joined raw, without comments and LFs; cut at the first NUL */
	struct mt_str text;
	/* bytes of the file from the first physical line to the end of the last one that belongs to it */
	size_t begin, end;
	unsigned line, last_line; /* 1-based, of the first and the last physical line */
	bool orphan; /* starts with white space: continues nothing, Postfix ignores it with a warning (main.cf) */
};
/* Cut the next logical line off a file; *at is 0 before the first call. False at the end. */
bool pf_line_next(struct mt_arena *arena, struct mt_str file, size_t *at, unsigned *line_number,
		  struct pf_line *line);

/* A physical line that is neither blank nor a comment: the pieces that logical lines are made of. */
struct pf_physical {
	struct mt_str text; /* without its LF */
	size_t begin, end; /* bytes of the file, with the LF */
	unsigned number;
};
bool pf_physical_next(struct mt_str file, size_t *at, unsigned *number,
		      struct pf_physical *physical);
bool pf_is_space(char c); /* [ \t\n\v\f\r], what Postfix trims */
/* "name = value", blanks anywhere around. NULL, or Postfix's words for what is missing. */
const char *pf_split_nameval(struct mt_str text, struct mt_str *name, struct mt_str *value);

struct pf_entry {
	struct mt_str name, value; /* value trimmed, not expanded; empty when set to nothing */
	struct pf_line where;
	struct pf_entry *next; /* in file order */
	uint32_t hash; /* private */
};

struct pf_maincf {
	const char *path; /* for messages; may be "" */
	struct mt_str bytes;
	struct pf_entry *entries;
	size_t count;
	bool no_final_lf;
	bool has_nul;
	unsigned error_line; /* 0: Postfix loads it. Else the first line of the text it dies of */
	const char *error; /* in Postfix's words: "missing '=' after attribute name" */
	unsigned orphan_line; /* first ignored logical line, 0 none */
	/* index for look-ups, private: entries sorted by (hash, name, place) */
	const struct pf_entry **slot;
	size_t slots;
};

void pf_maincf_parse(struct mt_arena *arena, const char *path, struct mt_str bytes,
		     struct pf_maincf *maincf);
/* The entry that counts (the last), NULL when absent. */
const struct pf_entry *pf_maincf_get(const struct pf_maincf *maincf, struct mt_str name);
/* An earlier entry of the same name with another value: the first one, NULL when none. */
const struct pf_entry *pf_maincf_shadowed(const struct pf_maincf *maincf,
					  const struct pf_entry *entry);

/*
 * Edits, as whole physical lines, sorted. Everything not named stays byte for byte; comments and blank
 * lines inside a replaced value are kept; no stale continuation line is left; a CRLF file gets CRLF
 * lines; a missing final newline is added instead of gluing.
 * set: the value of the last entry is replaced (earlier duplicates stay), or `name = value` is appended.
 *      When the value is the same, however it is spelt, NULL (nothing to do).
 * unset: every entry of the name goes (with its continuation lines; inner comments stay).
 * edit: several of them at once. Two appended lines must come from one call, or from one list of
 *      splices: a last line without LF belongs to both.
 * A control character in a value is written as a blank. Not for a file with an error_line.
 */
struct pf_setting {
	const char *name, *value; /* value NULL: unset */
};
struct mt_edit *pf_maincf_set(struct mt_arena *arena, const struct pf_maincf *maincf,
			      const char *name, const char *value);
struct mt_edit *pf_maincf_unset(struct mt_arena *arena, const struct pf_maincf *maincf,
				const char *name);
struct mt_edit *pf_maincf_edit(struct mt_arena *arena, const struct pf_maincf *maincf,
			       const struct pf_setting *settings, size_t count);
/* A value as it will be read back: control characters are blanks, none at the ends. */
struct mt_str pf_value(struct mt_arena *arena, const char *value);

#endif
