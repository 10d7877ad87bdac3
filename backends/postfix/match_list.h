/* SPDX-License-Identifier: ISC */
/*
 * match_list.h: is a domain in a list of names, !names, tables and files of such ("mydestination").
 *
 * Source: postfix src/util/match_list.c, match_ops.c, global/match_parent_style.c; checked against
 * trivial-rewrite(8) of 3.7.11.
 */
#ifndef PF_MATCH_H
#define PF_MATCH_H

#include "tables.h"

enum pf_parents {
	PF_PARENTS_NONE, /* the name itself only: string_list(3) */
	PF_PARENTS_DOT, /* ".example" holds the names below it: domain_list(3) */
	PF_PARENTS_NAME, /* "example" holds them too */
};
/* How the parameter's list treats names below its words. */
enum pf_parents pf_parent_style(const struct pf_instance *instance, const char *parameter);

/* What decided: a row of a table, or the table that cannot be read. */
struct pf_hit {
	const struct pf_table *table; /* NULL: a word of the list */
	struct pf_row row;
};
/* 1 listed, 0 not, -1 cannot tell (hit->table says which). */
int pf_match(const struct pf_instance *instance, const char *parameter, struct mt_str name,
	     enum pf_parents parents, struct pf_hit *hit);

#endif
