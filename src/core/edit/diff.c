/* SPDX-License-Identifier: ISC */
/*
 * diff.c: a unified diff printed from the edits themselves and what they make of the bytes.
 *
 * Every edit becomes a group of whole lines; inside it only the lines that differ are printed. A pure insertion or deletion slides down over equal
 * lines as far as it goes, which is where GNU diff leaves it. Where repeated lines leave a choice the
 * hunk may still differ from GNU's; patch(1) gives the same bytes (tests/cli/diff.t).
 * Source: diffutils manual, "Detailed Description of Unified Format".
 */
#include <mtapin/plan.h>

#include <sha2.h>

#include "core/edit/line_spans.h"

#define CONTEXT 3

/* How many lines are in front of a byte; asked in rising order. */
struct count {
	size_t at, lines;
};

struct differ {
	struct mt_spans s;
	struct mt_text out;
	struct count old, new;
};

void mt_sha256_hex(struct mt_str bytes, char hex[65])
{
	SHA256Data((const uint8_t *)bytes.p, bytes.n, hex);
}

/* A pure insertion or deletion moves down while its first line equals the one after it. */
static void slide(struct mt_spans *d, size_t i)
{
	struct mt_span *s = &d->span[i];
	size_t limit = i + 1 < d->count ? d->span[i + 1].a : d->old.n;
	while (!s->an != !s->bn && s->a + s->an < limit) {
		struct mt_str text = s->an ? d->old : d->new;
		size_t first = s->an ? s->a : s->b, next = s->an ? s->a + s->an : s->b + s->bn;
		if (next >= text.n || !mt_same_line(text, first, text, next))
			break;
		size_t n = mt_line_end(text, first) - first;
		s->a += n;
		s->b += n;
	}
}

/* Spans with nothing between them are one: all old lines are printed before the new ones. */
static void merge_spans(struct mt_spans *d)
{
	size_t n = 0;
	for (size_t i = 1; i < d->count; i++) {
		struct mt_span *last = &d->span[n], *s = &d->span[i];
		if (last->a + last->an == s->a) {
			last->an += s->an;
			last->bn += s->bn;
		} else {
			d->span[++n] = *s;
		}
	}
	if (d->count)
		d->count = n + 1;
}

/* ---- printing ----------------------------------------------------------------------------------- */

static void print_lines(struct differ *d, char mark, struct mt_str lines)
{
	struct mt_str line;
	while (lines.n) {
		size_t n = mt_line_end(lines, 0);
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
	print_lines(d, mark, mt_str_part(d->s.old, from, to - from));
}

/* "12", "12,3" or, when empty, the line before: "11,0". */
static void print_range(struct differ *d, char sign, size_t before, size_t n)
{
	mt_text_addf(&d->out, " %c%zu", sign, n ? before + 1 : before);
	if (n != 1)
		mt_text_addf(&d->out, ",%zu", n);
}

static size_t lines_before(struct count *c, struct mt_str text, size_t at)
{
	c->lines += mt_lines_between(text, c->at, at);
	c->at = at;
	return c->lines;
}

static void print_hunk(struct differ *d, const struct mt_span *first, const struct mt_span *last)
{
	size_t from = first->a, to = last->a + last->an;
	for (int i = 0; i < CONTEXT; i++) {
		from = from ? mt_line_start(d->s.old, from - 1) : 0;
		to = mt_line_end(d->s.old, to);
	}
	size_t nfrom = first->b - (first->a - from),
	       nto = last->b + last->bn + to - last->a - last->an;
	mt_text_addf(&d->out, "@@");
	print_range(d, '-', lines_before(&d->old, d->s.old, from),
		    mt_lines_between(d->s.old, from, to));
	print_range(d, '+', lines_before(&d->new, d->s.new, nfrom),
		    mt_lines_between(d->s.new, nfrom, nto));
	mt_text_addf(&d->out, " @@\n");
	for (const struct mt_span *s = first; s <= last; from = s->a + s->an, s++) {
		print_old(d, ' ', from, s->a);
		print_old(d, '-', s->a, s->a + s->an);
		print_lines(d, '+', mt_str_part(d->s.new, s->b, s->bn));
	}
	print_old(d, ' ', from, to);
}

/* Changes with at most twice the context between them share a hunk. */
static bool joined(const struct differ *d, const struct mt_span *a, const struct mt_span *b)
{
	size_t at = a->a + a->an;
	for (int i = 0; i < 2 * CONTEXT && at < b->a; i++)
		at = mt_line_end(d->s.old, at);
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

struct mt_str mt_diff(struct mt_arena *arena, const struct mt_change *change)
{
	if (change->diff.p)
		return change->diff;
	struct mt_arena *scratch = mt_arena_beside(arena);
	struct differ d = {
		.s = mt_spans_of_edits(scratch, change->before, change->after, change->edits),
		.out = MT_TEXT_INIT(scratch)};
	for (size_t i = d.s.count; i-- > 0;)
		slide(&d.s, i);
	merge_spans(&d.s);
	if (d.s.count) {
		mt_text_addf(&d.out, "--- ");
		if (change->create)
			mt_text_addf(&d.out, "/dev/null\n");
		else
			print_name(&d.out, "a", change->path);
		mt_text_addf(&d.out, "+++ ");
		if (change->remove)
			mt_text_addf(&d.out, "/dev/null\n");
		else
			print_name(&d.out, "b", change->path);
	}
	for (size_t i = 0, j; i < d.s.count; i = j + 1) {
		for (j = i; j + 1 < d.s.count && joined(&d, &d.s.span[j], &d.s.span[j + 1]);)
			j++;
		print_hunk(&d, &d.s.span[i], &d.s.span[j]);
	}
	struct mt_str diff = mt_str_copy(arena, mt_text_str(&d.out));
	mt_arena_free(scratch);
	return diff;
}
