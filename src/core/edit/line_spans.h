/* SPDX-License-Identifier: ISC */
/*
 * line_spans.h: which whole lines differ between two texts. Internal to the core.
 */
#ifndef MT_SPANS_H
#define MT_SPANS_H

#include <mtapin/plan.h>

/* A byte range of whole lines in the old and in the new text. */
struct mt_span {
	size_t a, an, b, bn;
};

struct mt_spans {
	struct mt_arena *arena;
	struct mt_str old, new;
	struct mt_span *span; /* sorted, disjoint */
	size_t count, cap;
	unsigned *cells; /* scratch of the longest common subsequence */
	size_t room;
};

/* The edits, which make `after` of `before`, as spans; inside an edit only the lines that differ (longest
 * common subsequence, in ranges of at most 65,536 line pairs; a larger one is first cut at the lines that
 * stand once in either text, and where it has none counts as different altogether). */
struct mt_spans mt_spans_of_edits(struct mt_arena *arena, struct mt_str before, struct mt_str after,
				  const struct mt_edit *edits);
/* The same for two texts of which nothing is known. */
struct mt_spans mt_spans_between(struct mt_arena *arena, struct mt_str old, struct mt_str new);

/* Where the line after the one at `at` starts, or the end. */
size_t mt_line_end(struct mt_str s, size_t at);
size_t mt_line_start(struct mt_str s, size_t at);
size_t mt_lines_between(struct mt_str s, size_t from, size_t to);
/* The lines at i and j, with their LF, are equal. */
bool mt_same_line(struct mt_str s, size_t i, struct mt_str t, size_t j);

#endif
