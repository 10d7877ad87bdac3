/* SPDX-License-Identifier: ISC */
/* edit_reverse.c: our edits taken out of a file that somebody may have edited since. */
#include "core/edit/line_spans.h"

#include <string.h>

static bool starts_blank(struct mt_str s, size_t at)
{
	return at < s.n && (s.p[at] == ' ' || s.p[at] == '\t');
}

/*
 * Did they touch what we wrote? Lines inside ours, or, where we only took lines away, either
 * neighbour. A line that starts with a blank belongs to the one above it: such a line at our border
 * counts as ours.
 */
static bool touched(const struct mt_spans *ours, const struct mt_span *our,
		    const struct mt_spans *theirs, const struct mt_span *their)
{
	size_t from = our->b, to = our->b + our->bn, their_end = their->a + their->an;
	if (their->a > to || their_end < from)
		return false;
	if (!our->bn)
		return true;
	if (their->a == to)
		return starts_blank(theirs->new, their->b);
	if (their_end == from)
		return starts_blank(ours->new, from) || starts_blank(ours->old, our->a);
	return their->an || (their->a > from && their->a < to);
}

/* Theirs, walked through once while ours are: those that end in front of what is asked for. */
struct passed {
	size_t count, gone, come; /* bytes of theirs that went and that came */
};

static size_t end_of(const struct mt_span *their)
{
	return their->a + their->an;
}

static bool any_touched(const struct mt_spans *ours, const struct mt_span *our,
			const struct mt_spans *theirs, size_t first)
{
	for (size_t k = first; k < theirs->count && theirs->span[k].a <= our->b + our->bn; k++)
		if (touched(ours, our, theirs, &theirs->span[k]))
			return true;
	return false;
}

/* Where an offset of what we left is now; nothing of theirs straddles it. */
static size_t moved(const struct mt_spans *theirs, size_t at, struct passed *p)
{
	for (; p->count < theirs->count && end_of(&theirs->span[p->count]) <= at; p->count++) {
		p->gone += theirs->span[p->count].an;
		p->come += theirs->span[p->count].bn;
	}
	return at + p->come - p->gone;
}

/* The old lines; the last one of the old file gets a newline when something follows it now. */
static struct mt_str old_text(const struct mt_spans *ours, const struct mt_span *our, bool last)
{
	struct mt_str text = mt_str_part(ours->old, our->a, our->an);
	if (!text.n || last || text.p[text.n - 1] == '\n')
		return text;
	struct mt_text longer = MT_TEXT_INIT(ours->arena);
	mt_text_add(&longer, text);
	mt_text_add(&longer, MT_STR("\n"));
	return mt_text_str(&longer);
}

bool mt_edits_reverse(struct mt_arena *arena, const struct mt_change *change, struct mt_str current,
		      struct mt_edit **reversed)
{
	struct mt_spans ours =
		mt_spans_of_edits(arena, change->before, change->after, change->edits);
	struct mt_spans theirs = mt_spans_between(arena, ours.new, current);
	struct mt_edit **tail = reversed;
	struct passed passed = {0};
	size_t near = 0; /* theirs that end at this one of ours, or behind it */
	*reversed = NULL;
	for (size_t i = 0; i < ours.count; i++) {
		const struct mt_span *our = &ours.span[i];
		while (near < theirs.count && end_of(&theirs.span[near]) < our->b)
			near++;
		if (any_touched(&ours, our, &theirs, near))
			return false;
		struct mt_edit *edit = MT_NEW(arena, struct mt_edit);
		edit->at = moved(&theirs, our->b, &passed);
		edit->length = our->bn;
		edit->text = old_text(&ours, our, edit->at + edit->length == current.n);
		*tail = edit;
		tail = &edit->next;
	}
	return true;
}
