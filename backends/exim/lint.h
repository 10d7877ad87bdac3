/* SPDX-License-Identifier: ISC */
/* lint.h: what is worth knowing of one Exim. */
#ifndef EX_LINT_H
#define EX_LINT_H

#include "exim.h"

void ex_lint(struct exim *e);

/* Its parts. */
void ex_lint_broken(struct exim *e); /* what Exim refuses, now or when its file is made again */
void ex_lint_waiting(struct exim *e); /* mail that waits, by its cause */
void ex_lint_macros(struct exim *e); /* what stands in Debian's files and decides nothing */
void ex_lint_names(struct exim *e); /* said in HELO */

/* Routers hand mail to it. */
static inline bool ex_is_used(const struct mt_transport *t)
{
	return t->kind != MT_KIND_UNUSED && t->kind != MT_KIND_LOCAL;
}
/* The file without its folders. */
const char *ex_base_name(const char *path);
/* An origin in a file as people edit it; line 0: the file as a whole. */
const struct mt_origin *ex_edited_line(const struct exim *e, const char *file, unsigned line);

#endif
