/* SPDX-License-Identifier: ISC */
/* line_spans.c: edits, and what the edits make of the bytes, as ranges of whole lines. */
#include "core/edit/line_spans.h"

#include <stdlib.h>
#include <string.h>

#define LCS_CELLS ((size_t)1 << 16)

size_t mt_line_end(struct mt_str s, size_t at)
{
	const char *lf = at < s.n ? memchr(s.p + at, '\n', s.n - at) : NULL;
	return lf ? (size_t)(lf - s.p) + 1 : s.n;
}

size_t mt_line_start(struct mt_str s, size_t at)
{
	while (at && s.p[at - 1] != '\n')
		at--;
	return at;
}

static bool at_line(struct mt_str s, size_t at)
{
	return at == 0 || s.p[at - 1] == '\n';
}

size_t mt_lines_between(struct mt_str s, size_t from, size_t to)
{
	size_t n = 0;
	for (size_t at = from; at < to; at = mt_line_end(s, at))
		n++;
	return n;
}

static struct mt_str line_at(struct mt_str s, size_t at)
{
	return mt_str_part(s, at, mt_line_end(s, at) - at);
}

bool mt_same_line(struct mt_str s, size_t i, struct mt_str t, size_t j)
{
	return mt_str_eq(line_at(s, i), line_at(t, j));
}

struct mt_str mt_edits_apply(struct mt_arena *arena, struct mt_str before,
			     const struct mt_edit *edits)
{
	size_t size = before.n, end = 0;
	for (const struct mt_edit *e = edits; e; e = e->next) {
		if (e->at < end || e->length > before.n || e->at > before.n - e->length)
			abort(); /* not sorted, overlapping or beyond the end: a programming error */
		end = e->at + e->length;
		size = size - e->length + e->text.n;
	}
	char *p = mt_alloc(arena, size + 1), *to = p;
	size_t from = 0;
	for (const struct mt_edit *e = edits; e; e = e->next) {
		if (e->at > from)
			memcpy(to, before.p + from, e->at - from);
		to += e->at - from;
		if (e->text.n)
			memcpy(to, e->text.p, e->text.n);
		to += e->text.n;
		from = e->at + e->length;
	}
	if (before.n > from)
		memcpy(to, before.p + from, before.n - from);
	return (struct mt_str){p, size};
}

static void add_span(struct mt_spans *d, struct mt_span span)
{
	if (!span.an && !span.bn)
		return;
	if (d->count == d->cap) {
		size_t cap = d->cap ? d->cap * 2 : 16;
		struct mt_span *more = mt_alloc(d->arena, cap * sizeof *more);
		if (d->count)
			memcpy(more, d->span, d->count * sizeof *more);
		d->span = more;
		d->cap = cap;
	}
	d->span[d->count++] = span;
}

/* Offsets of the lines of one range; the last entry is its end. */
struct lines {
	struct mt_str s;
	size_t *at, n;
};

static struct lines split_lines(struct mt_arena *arena, struct mt_str s, size_t from, size_t size)
{
	struct lines l = {s, NULL, mt_lines_between(s, from, from + size)};
	l.at = mt_alloc(arena, (l.n + 1) * sizeof *l.at);
	l.at[0] = from;
	for (size_t i = 0; i < l.n; i++)
		l.at[i + 1] = mt_line_end(s, l.at[i]);
	return l;
}

static bool lines_equal(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	return mt_same_line(a->s, a->at[i], b->s, b->at[j]);
}

/* One table for all groups: the next one needs it anew, never both. */
static unsigned *cells(struct mt_spans *d, size_t count)
{
	if (count > d->room) {
		d->room = count < 2 * d->room ? 2 * d->room : count;
		d->cells = mt_alloc(d->arena, d->room * sizeof *d->cells);
	}
	return d->cells;
}

/* lengths[i * (m + 1) + j]: longest common subsequence of the lines from i and from j on. */
static unsigned *lcs_table(struct mt_spans *d, const struct lines *a, const struct lines *b)
{
	size_t width = b->n + 1;
	unsigned *len = cells(d, (a->n + 1) * width);
	for (size_t i = 0; i <= a->n; i++)
		len[i * width + b->n] = 0;
	for (size_t j = 0; j <= b->n; j++)
		len[a->n * width + j] = 0;
	for (size_t i = a->n; i-- > 0;)
		for (size_t j = b->n; j-- > 0;) {
			unsigned down = len[(i + 1) * width + j], right = len[i * width + j + 1];
			unsigned best = down > right ? down : right;
			if (lines_equal(a, i, b, j))
				best = len[(i + 1) * width + j + 1] + 1;
			len[i * width + j] = best;
		}
	return len;
}

static void add_lines(struct mt_spans *d, const struct lines *a, const struct lines *b,
		      const size_t range[4])
{
	add_span(d, (struct mt_span){a->at[range[0]], a->at[range[1]] - a->at[range[0]],
				     b->at[range[2]], b->at[range[3]] - b->at[range[2]]});
}

static void refine(struct mt_spans *d, const struct lines *a, const struct lines *b)
{
	const unsigned *len = lcs_table(d, a, b);
	size_t width = b->n + 1, i = 0, j = 0, i0 = 0, j0 = 0;
	while (i < a->n && j < b->n) {
		if (lines_equal(a, i, b, j)) {
			add_lines(d, a, b, (const size_t[]){i0, i, j0, j});
			i0 = ++i;
			j0 = ++j;
		} else if (len[(i + 1) * width + j] >= len[i * width + j + 1]) {
			i++;
		} else {
			j++;
		}
	}
	add_lines(d, a, b, (const size_t[]){i0, a->n, j0, b->n});
}

/* Take equal lines off both ends. */
static struct mt_span trim_span(const struct mt_spans *d, struct mt_span g)
{
	while (g.an && g.bn && mt_same_line(d->old, g.a, d->new, g.b)) {
		size_t n = mt_line_end(d->old, g.a) - g.a;
		g = (struct mt_span){g.a + n, g.an - n, g.b + n, g.bn - n};
	}
	while (g.an && g.bn) {
		size_t i = mt_line_start(d->old, g.a + g.an - 1),
		       j = mt_line_start(d->new, g.b + g.bn - 1);
		if (i < g.a || j < g.b || !mt_same_line(d->old, i, d->new, j))
			break;
		g.an = i - g.a;
		g.bn = j - g.b;
	}
	return g;
}

static bool refinable(size_t a, size_t b)
{
	return a && b && a + 1 <= LCS_CELLS / (b + 1);
}

/* Between two anchors. */
static void add_gap(struct mt_spans *d, struct mt_span g)
{
	g = trim_span(d, g);
	struct lines a = split_lines(d->arena, d->old, g.a, g.an);
	struct lines b = split_lines(d->arena, d->new, g.b, g.bn);
	if (refinable(a.n, b.n))
		refine(d, &a, &b);
	else
		add_span(d, g);
}

/* ---- anchors: lines that stand once in either text ------------------------------------------------
 * What a file of thousands of services is cut at. Cutting again within a gap would find more, at a cost that
 * nothing bounds.
 */
struct anchor {
	size_t i, j; /* which line of either */
	unsigned in_old, in_new;
	size_t before; /* the anchor before it in the longest rising row, + 1 */
};

static void note_lines(struct mt_map *map, const struct lines *l, bool old)
{
	for (size_t i = 0; i < l->n; i++) {
		struct mt_str line = mt_str_part(l->s, l->at[i], l->at[i + 1] - l->at[i]);
		struct anchor *a = (struct anchor *)mt_map_get(map, line);
		if (!a) {
			if (!old)
				continue;
			a = MT_NEW(map->arena, struct anchor);
			mt_map_put(map, line, a);
		}
		*(old ? &a->i : &a->j) = i;
		*(old ? &a->in_old : &a->in_new) += 1;
	}
}

/* The longest row of anchors that rises in both texts, by patience sorting; they are moved to the front. */
static size_t rising(struct mt_arena *arena, struct anchor **row, size_t n)
{
	size_t *pile = mt_alloc(arena, (n + 1) * sizeof *pile), piles = 0;
	for (size_t i = 0; i < n; i++) {
		size_t low = 0, high = piles;
		while (low < high) {
			size_t middle = low + (high - low) / 2;
			if (row[pile[middle]]->j < row[i]->j)
				low = middle + 1;
			else
				high = middle;
		}
		row[i]->before = low ? pile[low - 1] + 1 : 0;
		pile[low] = i;
		piles += low == piles;
	}
	for (size_t k = piles, at = piles ? pile[piles - 1] + 1 : 0; k-- > 0;) {
		pile[k] = at - 1;
		at = row[at - 1]->before;
	}
	for (size_t k = 0; k < piles; k++)
		row[k] = row[pile[k]];
	return piles;
}

static void anchor(struct mt_spans *d, const struct lines *a, const struct lines *b)
{
	struct mt_map map = MT_MAP_INIT(d->arena);
	struct anchor **row = mt_alloc(d->arena, (a->n + 1) * sizeof *row);
	size_t n = 0, i0 = 0, j0 = 0;
	note_lines(&map, a, true);
	note_lines(&map, b, false);
	for (size_t i = 0; i < a->n; i++) {
		const struct anchor *at =
			mt_map_get(&map, mt_str_part(a->s, a->at[i], a->at[i + 1] - a->at[i]));
		if (at->in_old == 1 && at->in_new == 1)
			row[n++] = (struct anchor *)at;
	}
	n = rising(d->arena, row, n);
	for (size_t k = 0; k <= n; k++) {
		size_t i = k < n ? row[k]->i : a->n, j = k < n ? row[k]->j : b->n;
		add_gap(d, (struct mt_span){a->at[i0], a->at[i] - a->at[i0], b->at[j0],
					    b->at[j] - b->at[j0]});
		i0 = i + 1;
		j0 = j + 1;
	}
}

/* Take equal lines off both ends of a group, then find the lines that differ. */
static void add_group(struct mt_spans *d, struct mt_span g)
{
	g = trim_span(d, g);
	struct lines a = split_lines(d->arena, d->old, g.a, g.an);
	struct lines b = split_lines(d->arena, d->new, g.b, g.bn);
	if (refinable(a.n, b.n))
		refine(d, &a, &b);
	else if (a.n && b.n)
		anchor(d, &a, &b);
	else
		add_span(d, g);
}

/* Edits to groups of whole lines in both texts; edits that touch the same line share a group. */
static void add_groups(struct mt_spans *d, const struct mt_edit *edits)
{
	size_t shift_end = 0; /* new offset of the old offset `old_end` */
	size_t old_end = 0;
	struct mt_span g = {0};
	bool open = false;
	for (const struct mt_edit *e = edits; e; e = e->next) {
		size_t start = mt_line_start(d->old, e->at);
		if (open && start > g.a + g.an) {
			add_group(d, g);
			open = false;
		}
		if (!open) {
			g = (struct mt_span){start, 0, shift_end + (start - old_end), 0};
			open = true;
		}
		shift_end += e->at - old_end + e->text.n;
		old_end = e->at + e->length;
		size_t a = old_end, b = shift_end;
		if (!at_line(d->old, a) || !at_line(d->new, b)) {
			a = mt_line_end(d->old, a);
			b += a - old_end;
		}
		g.an = a - g.a;
		g.bn = b - g.b;
	}
	if (open)
		add_group(d, g);
}

struct mt_spans mt_spans_of_edits(struct mt_arena *arena, struct mt_str before, struct mt_str after,
				  const struct mt_edit *edits)
{
	struct mt_spans d = {.arena = arena, .old = before, .new = after};
	add_groups(&d, edits);
	return d;
}

struct mt_spans mt_spans_between(struct mt_arena *arena, struct mt_str old, struct mt_str new)
{
	struct mt_spans d = {.arena = arena, .old = old, .new = new};
	add_group(&d, (struct mt_span){0, old.n, 0, new.n});
	return d;
}

static struct mt_edit *edits_of(struct mt_arena *arena, const struct mt_spans *d)
{
	struct mt_edit *first = NULL, **tail = &first;
	for (size_t i = 0; i < d->count; i++) {
		const struct mt_span *s = &d->span[i];
		*tail = MT_NEW(arena, struct mt_edit);
		**tail = (struct mt_edit){s->a, s->an, mt_str_part(d->new, s->b, s->bn), NULL};
		tail = &(*tail)->next;
	}
	return first;
}

struct mt_edit *mt_edits_between(struct mt_arena *arena, struct mt_str before, struct mt_str after)
{
	struct mt_arena *scratch = mt_arena_beside(arena);
	struct mt_spans d = mt_spans_between(scratch, before, after);
	struct mt_edit *edits = edits_of(arena, &d);
	mt_arena_free(scratch);
	return edits;
}

struct mt_edit *mt_edits_refined(struct mt_arena *arena, const struct mt_rewrite *rewrite)
{
	struct mt_arena *scratch = mt_arena_beside(arena);
	struct mt_spans d = {.arena = scratch, .old = rewrite->before, .new = rewrite->after};
	struct mt_span g = trim_span(&d, (struct mt_span){0, d.old.n, 0, d.new.n});
	if (refinable(mt_lines_between(d.old, g.a, g.a + g.an),
		      mt_lines_between(d.new, g.b, g.b + g.bn)))
		add_group(&d, g);
	else
		add_groups(&d, rewrite->edits);
	struct mt_edit *edits = edits_of(arena, &d);
	mt_arena_free(scratch);
	return edits;
}
