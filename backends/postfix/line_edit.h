/* SPDX-License-Identifier: ISC */
/*
 * line_edit.h: changes of bytes within lines, gathered, then turned into edits of whole lines.
 *
 * A splice stays within one physical line (its LF included), or inserts whole lines in front of one. Two
 * may overlap in blanks they take out.
 * Several calls may add to one list: what they do to one line, or to the end of a file without final
 * newline, becomes one edit.
 */
#ifndef PF_SPLICE_H
#define PF_SPLICE_H

#include <mtapin/plan.h>

struct pf_splice {
	size_t at, length; /* bytes taken out of the file */
	struct mt_str text; /* bytes put in their place */
	struct pf_splice *next; /* sorted by `at`; of equal ones the earlier added comes first */
};
struct pf_splices {
	struct pf_splice *first, *last;
};
void pf_splice_add(struct mt_arena *arena, struct pf_splices *list, struct pf_splice splice);

/*
 * A line on which nothing but white space is left goes. A missing final newline is added to a line that
 * is touched or followed by new ones. NULL when the list is empty.
 */
struct mt_edit *pf_splice_edits(struct mt_arena *arena, struct mt_str file,
				const struct pf_splices *list);

size_t pf_line_begin(struct mt_str file, size_t at); /* of the line that holds byte `at` */
size_t pf_line_end(struct mt_str file, size_t at); /* behind its LF, or the end of the file */
/* How lines end around `at`: "\r\n" if the nearest complete line up to there does, else "\n". */
const char *pf_line_ending(struct mt_str file, size_t at);

#endif
