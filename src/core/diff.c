/* SPDX-License-Identifier: ISC */
/*
 * diff.c: a unified diff printed from the edits themselves, and what the edits make of the bytes.
 *
 * Every edit becomes a group of whole lines; inside a group only the lines that differ are printed
 * (longest common subsequence, up to LCS_CELLS). A pure insertion or deletion slides down over equal
 * lines as far as it goes, which is where GNU diff leaves it. Where repeated lines leave a choice the
 * hunk may still differ from GNU's; patch(1) gives the same bytes (tests/cli/diff.t).
 * Source: diffutils manual, "Detailed Description of Unified Format".
 */
#include <mtapin/plan.h>

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT	  3
#define LCS_CELLS ((size_t)1 << 20)

/* A byte range of whole lines in the old and in the new contents. */
struct span {
	size_t a, an, b, bn;
};

struct differ {
	struct mt_arena *arena;
	struct mt_str old, new;
	struct span *spans; /* sorted, disjoint */
	size_t count, cap;
	struct mt_text out;
};

/* Where the line after the one at `at` starts, or the end. */
static size_t line_end(struct mt_str s, size_t at)
{
	const char *lf = at < s.n ? memchr(s.p + at, '\n', s.n - at) : NULL;
	return lf ? (size_t)(lf - s.p) + 1 : s.n;
}

static size_t line_start(struct mt_str s, size_t at)
{
	while (at && s.p[at - 1] != '\n')
		at--;
	return at;
}

static bool at_line(struct mt_str s, size_t at)
{
	return at == 0 || s.p[at - 1] == '\n';
}

static size_t count_lines(struct mt_str s, size_t from, size_t to)
{
	size_t n = 0;
	for (size_t at = from; at < to; at = line_end(s, at))
		n++;
	return n;
}

static struct mt_str line_at(struct mt_str s, size_t at)
{
	return (struct mt_str){s.p + at, line_end(s, at) - at};
}

static bool same_line(struct mt_str s, size_t i, struct mt_str t, size_t j)
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

void mt_sha256_hex(struct mt_str bytes, char hex[65])
{
	SHA256Data((const uint8_t *)bytes.p, bytes.n, hex);
}

/* ---- spans -------------------------------------------------------------------------------------- */

static void add_span(struct differ *d, struct span span)
{
	if (!span.an && !span.bn)
		return;
	if (d->count == d->cap) {
		size_t cap = d->cap ? d->cap * 2 : 16;
		struct span *spans = mt_alloc(d->arena, cap * sizeof *spans);
		if (d->count)
			memcpy(spans, d->spans, d->count * sizeof *spans);
		d->spans = spans;
		d->cap = cap;
	}
	d->spans[d->count++] = span;
}

/* Offsets of the lines of one range; the last entry is its end. */
struct lines {
	struct mt_str s;
	size_t *at, n;
};

static struct lines split(struct mt_arena *arena, struct mt_str s, size_t from, size_t size)
{
	struct lines l = {s, NULL, count_lines(s, from, from + size)};
	l.at = mt_alloc(arena, (l.n + 1) * sizeof *l.at);
	l.at[0] = from;
	for (size_t i = 0; i < l.n; i++)
		l.at[i + 1] = line_end(s, l.at[i]);
	return l;
}

static bool lines_equal(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	return same_line(a->s, a->at[i], b->s, b->at[j]);
}

/* lengths[i * (m + 1) + j]: longest common subsequence of the lines from i and from j on. */
static unsigned *lcs_table(struct mt_arena *arena, const struct lines *a, const struct lines *b)
{
	size_t width = b->n + 1;
	unsigned *len = mt_alloc(arena, (a->n + 1) * width * sizeof *len);
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

static void add_lines(struct differ *d, const struct lines *a, const struct lines *b,
		      const size_t range[4])
{
	add_span(d, (struct span){a->at[range[0]], a->at[range[1]] - a->at[range[0]],
				  b->at[range[2]], b->at[range[3]] - b->at[range[2]]});
}

static void refine(struct differ *d, const struct lines *a, const struct lines *b)
{
	const unsigned *len = lcs_table(d->arena, a, b);
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

/* Take equal lines off both ends of a group, then find the lines that differ. */
static void add_group(struct differ *d, struct span g)
{
	while (g.an && g.bn && same_line(d->old, g.a, d->new, g.b)) {
		size_t n = line_end(d->old, g.a) - g.a;
		g = (struct span){g.a + n, g.an - n, g.b + n, g.bn - n};
	}
	while (g.an && g.bn) {
		size_t i = line_start(d->old, g.a + g.an - 1),
		       j = line_start(d->new, g.b + g.bn - 1);
		if (i < g.a || j < g.b || !same_line(d->old, i, d->new, j))
			break;
		g.an = i - g.a;
		g.bn = j - g.b;
	}
	struct lines a = split(d->arena, d->old, g.a, g.an);
	struct lines b = split(d->arena, d->new, g.b, g.bn);
	if (a.n && b.n && a.n + 1 <= LCS_CELLS / (b.n + 1))
		refine(d, &a, &b);
	else
		add_span(d, g);
}

/* Edits to groups of whole lines in both texts; edits that touch the same line share a group. */
static void add_groups(struct differ *d, const struct mt_edit *edits)
{
	size_t shift_end = 0; /* new offset of the old offset `old_end` */
	size_t old_end = 0;
	struct span g = {0};
	bool open = false;
	for (const struct mt_edit *e = edits; e; e = e->next) {
		size_t start = line_start(d->old, e->at);
		if (open && start > g.a + g.an) {
			add_group(d, g);
			open = false;
		}
		if (!open) {
			g = (struct span){start, 0, shift_end + (start - old_end), 0};
			open = true;
		}
		shift_end += e->at - old_end + e->text.n;
		old_end = e->at + e->length;
		size_t a = old_end, b = shift_end;
		if (!at_line(d->old, a) || !at_line(d->new, b)) {
			a = line_end(d->old, a);
			b += a - old_end;
		}
		g.an = a - g.a;
		g.bn = b - g.b;
	}
	if (open)
		add_group(d, g);
}

/* A pure insertion or deletion moves down while its first line equals the one after it. */
static void slide(struct differ *d, size_t i)
{
	struct span *s = &d->spans[i];
	size_t limit = i + 1 < d->count ? d->spans[i + 1].a : d->old.n;
	while (!s->an != !s->bn && s->a + s->an < limit) {
		struct mt_str text = s->an ? d->old : d->new;
		size_t first = s->an ? s->a : s->b, next = s->an ? s->a + s->an : s->b + s->bn;
		if (next >= text.n || !same_line(text, first, text, next))
			break;
		size_t n = line_end(text, first) - first;
		s->a += n;
		s->b += n;
	}
}

/* Spans with nothing between them are one: all old lines are printed before the new ones. */
static void merge(struct differ *d)
{
	size_t n = 0;
	for (size_t i = 1; i < d->count; i++) {
		struct span *last = &d->spans[n], *s = &d->spans[i];
		if (last->a + last->an == s->a) {
			last->an += s->an;
			last->bn += s->bn;
		} else {
			d->spans[++n] = *s;
		}
	}
	if (d->count)
		d->count = n + 1;
}

struct mt_edit *mt_edits_between(struct mt_arena *arena, struct mt_str before, struct mt_str after)
{
	struct differ d = {.arena = arena, .old = before, .new = after};
	struct mt_edit *first = NULL, **tail = &first;
	add_group(&d, (struct span){0, before.n, 0, after.n});
	for (size_t i = 0; i < d.count; i++) {
		struct span *s = &d.spans[i];
		*tail = MT_NEW(arena, struct mt_edit);
		**tail = (struct mt_edit){s->a, s->an, {after.p + s->b, s->bn}, NULL};
		tail = &(*tail)->next;
	}
	return first;
}

/* ---- printing ----------------------------------------------------------------------------------- */

static void print_lines(struct differ *d, char mark, struct mt_str lines)
{
	struct mt_str line;
	while (lines.n) {
		size_t n = line_end(lines, 0);
		line = (struct mt_str){lines.p, n};
		mt_text_add(&d->out, (struct mt_str){&mark, 1});
		mt_text_add(&d->out, line);
		if (line.p[n - 1] != '\n')
			mt_text_add(&d->out, MT_STR("\n\\ No newline at end of file\n"));
		lines.p += n;
		lines.n -= n;
	}
}

static void print_old(struct differ *d, char mark, size_t from, size_t to)
{
	print_lines(d, mark, (struct mt_str){d->old.p + from, to - from});
}

/* "12", "12,3" or, when empty, the line before: "11,0". */
static void print_range(struct differ *d, char sign, size_t before, size_t n)
{
	mt_text_addf(&d->out, " %c%zu", sign, n ? before + 1 : before);
	if (n != 1)
		mt_text_addf(&d->out, ",%zu", n);
}

static void print_hunk(struct differ *d, const struct span *first, const struct span *last)
{
	size_t from = first->a, to = last->a + last->an;
	for (int i = 0; i < CONTEXT; i++) {
		from = from ? line_start(d->old, from - 1) : 0;
		to = line_end(d->old, to);
	}
	size_t nfrom = first->b - (first->a - from),
	       nto = last->b + last->bn + to - last->a - last->an;
	mt_text_addf(&d->out, "@@");
	print_range(d, '-', count_lines(d->old, 0, from), count_lines(d->old, from, to));
	print_range(d, '+', count_lines(d->new, 0, nfrom), count_lines(d->new, nfrom, nto));
	mt_text_addf(&d->out, " @@\n");
	for (const struct span *s = first; s <= last; from = s->a + s->an, s++) {
		print_old(d, ' ', from, s->a);
		print_old(d, '-', s->a, s->a + s->an);
		print_lines(d, '+', (struct mt_str){d->new.p + s->b, s->bn});
	}
	print_old(d, ' ', from, to);
}

/* Changes with at most twice the context between them share a hunk. */
static bool joined(const struct differ *d, const struct span *a, const struct span *b)
{
	size_t at = a->a + a->an;
	for (int i = 0; i < 2 * CONTEXT && at < b->a; i++)
		at = line_end(d->old, at);
	return at >= b->a;
}

/* As GNU diff and git write it: quoted when needed; a name with blanks ends in a tab. */
static void print_name(struct mt_text *out, const char *prefix, const char *path)
{
	bool quote = false, blank = false;
	for (const char *p = path; *p; p++) {
		quote |= (unsigned char)*p < ' ' || *p == '"' || *p == '\\' || *p == 0x7f;
		blank |= *p == ' ';
	}
	while (*path == '/')
		path++;
	mt_text_addf(out, "%s%s/", quote ? "\"" : "", prefix);
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			mt_text_addf(out, "\\%03o", (unsigned)(unsigned char)*p);
		else
			mt_text_addf(out, quote && (*p == '"' || *p == '\\') ? "\\%c" : "%c", *p);
	mt_text_addf(out, "%s\n", quote ? "\"" : blank ? "\t" : "");
}

static void print_header(struct differ *d, const struct mt_change *change)
{
	mt_text_addf(&d->out, "--- ");
	if (change->create)
		mt_text_addf(&d->out, "/dev/null\n");
	else
		print_name(&d->out, "a", change->path);
	mt_text_addf(&d->out, "+++ ");
	print_name(&d->out, "b", change->path);
}

struct mt_str mt_diff(struct mt_arena *arena, const struct mt_change *change)
{
	struct differ d = {.arena = arena, .old = change->before, .out = MT_TEXT_INIT(arena)};
	d.new = mt_edits_apply(arena, change->before, change->edits);
	add_groups(&d, change->edits);
	for (size_t i = d.count; i-- > 0;)
		slide(&d, i);
	merge(&d);
	if (d.count)
		print_header(&d, change);
	for (size_t i = 0, j; i < d.count; i = j + 1) {
		for (j = i; j + 1 < d.count && joined(&d, &d.spans[j], &d.spans[j + 1]);)
			j++;
		print_hunk(&d, &d.spans[i], &d.spans[j]);
	}
	return mt_text_str(&d.out);
}
