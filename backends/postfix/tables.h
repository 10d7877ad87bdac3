/* SPDX-License-Identifier: ISC */
/*
 * tables.h: look-up tables named by a parameter, read as far as text allows: inline, static, randmap,
 * and the source text of indexed, texthash and pattern files. Other types answer "unknown".
 *
 * Source: postfix DATABASE_README, transport(5), proto/postmap (src/postmap), util/dict_inline.c,
 * dict_random.c, global/mail_addr_find.c.
 */
#ifndef PF_TABLES_H
#define PF_TABLES_H

#include "instance.h"

enum pf_table_kind {
	PF_TABLE_TEXT, /* key blank value, one a logical line */
	PF_TABLE_PATTERN, /* regexp, pcre: /pattern/flags value */
	PF_TABLE_CIDR,
	PF_TABLE_INLINE,
	PF_TABLE_STATIC, /* one value for every key */
	PF_TABLE_RANDOM, /* one of several values */
	PF_TABLE_OPAQUE, /* cannot be read here: `why` says so */
};
/* hash, btree, lmdb, cdb, dbm, sdbm: Postfix reads what postmap(1) made of the text, never the text. */
enum pf_index {
	PF_INDEX_NONE, /* of a type that has none */
	PF_INDEX_FINE, /* as new as the text, or nobody looked */
	PF_INDEX_OLD, /* the text was changed since */
	PF_INDEX_MISSING, /* the table cannot be opened: mail that it is asked about waits */
};
struct pf_table {
	const char *title; /* "hash:/etc/postfix/transport" */
	enum pf_table_kind kind;
	struct mt_str text; /* file contents, or what stands in the braces */
	const char *path; /* of the text file; else the file the parameter stands in */
	unsigned line; /* of the parameter, for rows that stand in it */
	const char *why; /* opaque: one clause */
	enum pf_index index;
	const char *index_path; /* "/etc/postfix/transport.db"; NULL: none */
	struct pf_table *next;
};
struct pf_row {
	struct mt_str key, value;
	unsigned
		line; /* 0: not in a file of its own, or not in the text that the index was made of */
};

/* The next word of a list, cut off *rest: blanks and commas separate, except inside {}. */
bool pf_list_word(struct mt_str *rest, struct mt_str *word);
/* The tables of a parameter's value, in order, 64 at most; NULL when there are none. */
struct pf_table *pf_tables(const struct pf_instance *instance, const struct pf_scope *scope,
			   const char *name);
/* One of them by its text, "hash:/etc/postfix/relay_domains"; never NULL. */
struct pf_table *pf_table_named(const struct pf_instance *instance, struct mt_str text);
/* Cut the next row off a table: start with *at 0. Opaque tables have none. */
bool pf_table_row(const struct pf_instance *instance, const struct pf_table *table, size_t *at,
		  unsigned *line, struct pf_row *row);
/* Its keys are patterns, or it ignores the key: Postfix asks it for whole addresses and names only. */
bool pf_table_is_pattern(const struct pf_table *table);
/* Look a key up as the table's type does (keys fold to lower case). 1 found, 0 not, -1 cannot tell. What the host
 * was asked (`postmap -q`) comes before the text of an index. */
int pf_table_get(const struct pf_instance *instance, const struct pf_table *table,
		 struct mt_str key, struct pf_row *row);

#endif
