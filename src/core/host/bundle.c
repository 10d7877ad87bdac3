/* SPDX-License-Identifier: ISC */
/*
 * bundle.c: from the bytes of a bundle to items. One pass: contents whose length is known are jumped
 * over, others are searched once for the end of their frame.
 */
#include "core/base/character.h"
#include "core/host/snapshot.h"

#include <string.h>

#define NONCE  32
#define PREFIX (NONCE + 1) /* and its blank */

struct decoder {
	struct mt_arena *arena;
	struct mt_snapshot *snapshot;
	struct mt_str rest; /* always at the start of a line */
	char prefix[PREFIX];
	size_t room; /* of snapshot->items */
	struct mt_item *item; /* whose frames are being read; NULL none */
	bool overfull; /* more items than allowed: the rest was not kept */
	bool later; /* the contents of `item` come in a batch */
	size_t *waiting; /* indexes of the items that wait for one, in their order */
	size_t waiting_count, waiting_room;
};

static bool is_frame(const struct decoder *d, struct mt_str s)
{
	return s.n > PREFIX && memcmp(s.p, d->prefix, PREFIX) == 0;
}

static void skip(struct mt_str *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

/* The next line with its LF; a line that was cut off is none. */
static bool whole_line(struct mt_str *rest, struct mt_str *line)
{
	const char *lf = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	if (!lf)
		return false;
	*line = (struct mt_str){rest->p, (size_t)(lf - rest->p)};
	skip(rest, line->n + 1);
	return true;
}

static bool is_nonce(struct mt_str line)
{
	if (line.n <= PREFIX || line.p[NONCE] != ' ')
		return false;
	for (size_t i = 0; i < NONCE; i++)
		if (!((line.p[i] >= '0' && line.p[i] <= '9') ||
		      (line.p[i] >= 'a' && line.p[i] <= 'f')))
			return false;
	return true;
}

/* Skips noise, also on the same line: what a login script printed last may have no end. Leaves *version to be
 * read and the decoder behind the line. */
static bool find_begin(struct decoder *d, struct mt_str *version)
{
	struct mt_str line;
	while (whole_line(&d->rest, &line)) {
		const char *begin = mt_str_find(line, MT_STR("begin mtapin "));
		if (!begin || begin < line.p + PREFIX)
			continue;
		skip(&line, (size_t)(begin - line.p) - PREFIX);
		if (!is_nonce(line))
			continue;
		memcpy(d->prefix, line.p, PREFIX);
		skip(&line, PREFIX + strlen("begin mtapin "));
		*version = line;
		return true;
	}
	return false;
}

/* ---- words of a frame line ---- */

static struct mt_str word(struct mt_str *line)
{
	const char *blank = line->n ? memchr(line->p, ' ', line->n) : NULL;
	size_t n = blank ? (size_t)(blank - line->p) : line->n;
	struct mt_str w = {line->p, n};
	skip(line, blank ? n + 1 : n);
	return w;
}

static bool is_clean(struct mt_str s)
{
	return s.n > 0 && mt_is_visible(s);
}

static long number_or(struct mt_str s, long fallback)
{
	unsigned long v;
	return mt_str_number(s, INT64_MAX, &v) ? (long)v : fallback;
}

static int octal_mode(struct mt_str s)
{
	int v = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '7' || v > 07777)
			return -1;
		v = v * 8 + (s.p[i] - '0');
	}
	return s.n ? v & 07777 : -1;
}

static enum mt_presence presence(struct mt_str s)
{
	static const char *const names[] = {"unasked", "present", "redacted", "absent",
					    "denied",  "too-big", "failed"};
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		if (mt_str_is(s, names[i]))
			return (enum mt_presence)i;
	return MT_FAILED;
}

/* ---- items ---- */

static struct mt_item *new_item(struct decoder *d)
{
	struct mt_snapshot *s = d->snapshot;
	if (s->count == MT_ITEMS_MAX) {
		d->overfull = true;
		return NULL;
	}
	if (s->count == d->room) {
		d->room = d->room ? d->room * 4 : 64;
		struct mt_item *more = mt_alloc(d->arena, d->room * sizeof *more);
		if (s->count)
			memcpy(more, s->items, s->count * sizeof *more);
		s->items = more;
	}
	struct mt_item *item = &s->items[s->count++];
	*item = (struct mt_item){.why = "", .type = '?', .mode = -1, .uid = -1, .gid = -1};
	return item;
}

static void fail_item(struct mt_item *item, const char *why)
{
	item->presence = MT_FAILED;
	item->why = why;
	item->bytes = (struct mt_str){"", 0};
}

/* An item whose `end` never came is not to be trusted. */
static void close_item(struct decoder *d)
{
	if (d->item)
		fail_item(d->item, "its end is missing");
	d->item = NULL;
	d->later = false;
}

static const char *default_why(const struct mt_item *item)
{
	switch (item->presence) {
	case MT_DENIED:
		return "no permission";
	case MT_TOO_BIG:
		return "larger than what is collected";
	case MT_FAILED:
		if (item->type == 'l')
			return "a symbolic link that leads back to itself";
		return item->type != 'f' && item->type != '?' ? "not a regular file"
							      : "it could not be read";
	default:
		return "";
	}
}

static void on_file(struct decoder *d, struct mt_str line)
{
	struct mt_str type = word(&line), is = word(&line), field[6];
	for (size_t i = 0; i < MT_ARRAY_LEN(field); i++)
		field[i] = word(&line);
	if (type.n != 1 || !mt_is_path(line) || !(d->item = new_item(d)))
		return;
	struct mt_item *item = d->item;
	item->name = mt_strz(d->arena, line);
	item->type = memchr("fdpscbl", type.p[0], 7) ? type.p[0] : '?';
	item->presence = presence(is);
	item->mode = octal_mode(field[0]);
	item->uid = number_or(field[1], -1);
	item->gid = number_or(field[2], -1);
	item->nlink = number_or(field[3], 0);
	item->mtime = number_or(field[4], 0);
	item->size = number_or(field[5], 0);
}

static void on_probe(struct decoder *d, struct mt_str line)
{
	struct mt_str is = word(&line);
	if (!is_clean(line) || !(d->item = new_item(d)))
		return;
	d->item->probe = true;
	d->item->name = mt_strz(d->arena, line);
	d->item->presence = presence(is);
}

static void on_host(struct decoder *d, struct mt_str line)
{
	struct mt_snapshot *s = d->snapshot;
	s->time = number_or(word(&line), 0);
	struct mt_str mode = word(&line), flag;
	while (mt_str_word(&mode, ",", &flag)) {
		s->redacted |= mt_str_is(flag, "redacted");
		s->rooted |= mt_str_is(flag, "tree");
	}
	if (mt_is_name(line))
		s->host = mt_strz(d->arena, line);
}

/* Where the LF is that belongs to the next frame line; all that is left when there is none. */
static size_t next_frame(const struct decoder *d, struct mt_str s)
{
	const char *p = s.p, *end = s.p + s.n;
	if (is_frame(d, s))
		return 0;
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		if (is_frame(d, (struct mt_str){p + 1, (size_t)(end - p - 1)}))
			return (size_t)(p - s.p);
		p++;
	}
	return s.n;
}

/* Whether `n` bytes and then an end frame stand here. */
static bool ends_at(const struct decoder *d, size_t n)
{
	struct mt_str s = d->rest;
	if (n >= s.n || s.p[n] != '\n')
		return false;
	skip(&s, n + 1);
	return is_frame(d, s) && s.n >= PREFIX + 3 && memcmp(s.p + PREFIX, "end", 3) == 0;
}

static void on_data(struct decoder *d, struct mt_str line)
{
	struct mt_str length = word(&line);
	unsigned long n;
	bool open = mt_str_is(length, "-");
	if (open)
		n = next_frame(d, d->rest);
	bool good = (open || mt_str_number(length, MT_BUNDLE_MAX, &n)) && ends_at(d, n);
	struct mt_str bytes = {d->rest.p, good ? n : next_frame(d, d->rest)};
	skip(&d->rest, bytes.n);
	if (d->rest.n && d->rest.p[0] == '\n') /* to the frame line */
		skip(&d->rest, 1);
	struct mt_item *item = d->item;
	if (!item || !mt_item_readable(item))
		return;
	if (!good)
		fail_item(item, open ? "cut off" : "its contents are not as long as announced");
	else if (item->bytes.p)
		fail_item(item, "its contents came twice");
	else if (bytes.n > MT_ITEM_MAX)
		item->presence = MT_TOO_BIG;
	else
		item->bytes = bytes;
}

/* ---- contents of several files in one go ---- */

static void on_later(struct decoder *d, struct mt_str line)
{
	(void)line;
	if (!d->item || d->item->probe || d->item->presence != MT_PRESENT || d->item->bytes.p)
		return;
	d->later = true;
	if (d->waiting_count == d->waiting_room) {
		d->waiting_room = d->waiting_room ? d->waiting_room * 4 : 16;
		size_t *more = mt_alloc(d->arena, d->waiting_room * sizeof *more);
		if (d->waiting_count)
			memcpy(more, d->waiting, d->waiting_count * sizeof *more);
		d->waiting = more;
	}
	d->waiting[d->waiting_count++] = (size_t)(d->item - d->snapshot->items);
}

/* SIZE bytes, then the mark and LF. */
static bool take_bytes(struct decoder *d, struct mt_item *item, struct mt_str mark)
{
	struct mt_str s = d->rest;
	if (item->size < 0 || item->size > (int64_t)MT_ITEM_MAX || s.n < (size_t)item->size)
		return false;
	skip(&s, (size_t)item->size);
	if (!mark.n || s.n <= mark.n || memcmp(s.p, mark.p, mark.n) != 0 || s.p[mark.n] != '\n')
		return false;
	item->bytes = (struct mt_str){d->rest.p, (size_t)item->size};
	skip(&s, mark.n + 1);
	d->rest = s;
	return true;
}

/* Once a length is wrong nothing after it can be told apart; before it, the marks prove the lengths. */
static void on_batch(struct decoder *d, struct mt_str mark)
{
	bool good = true;
	for (size_t i = 0; i < d->waiting_count; i++) {
		struct mt_item *item = &d->snapshot->items[d->waiting[i]];
		good = good && take_bytes(d, item, mark);
		if (!good)
			fail_item(item, "its contents are not as long as announced");
	}
	d->waiting_count = 0;
	if (good)
		return;
	skip(&d->rest, next_frame(d, d->rest));
	if (d->rest.n && d->rest.p[0] == '\n')
		skip(&d->rest, 1);
}

static void on_end_frame(struct decoder *d, struct mt_str line)
{
	struct mt_item *item = d->item;
	bool later = d->later;
	d->later = false;
	if (!item)
		return;
	item->status = (int)number_or(word(&line), 0);
	bool wants_data = item->probe || (item->type == 'f' && !later);
	if (mt_item_readable(item) && wants_data && !item->bytes.p)
		fail_item(item, "its contents are missing");
	if (!*item->why)
		item->why = default_why(item);
	d->item = NULL;
}

static void on_link(struct decoder *d, struct mt_str line)
{
	if (d->item && is_clean(line))
		d->item->link = mt_strz(d->arena, line);
	else if (d->item)
		fail_item(d->item, "it is a link, and where it points is no path");
}

static void on_why(struct decoder *d, struct mt_str line)
{
	if (d->item && is_clean(line))
		d->item->why = mt_strz(d->arena, line);
}

/* What is none of these is of a later collector: it is passed over. */
static const struct {
	const char *verb;
	void (*on)(struct decoder *, struct mt_str line);
	bool opens; /* an item */
} frames[] = {
	{"file", on_file, true},  {"probe", on_probe, true},  {"host", on_host, false},
	{"data", on_data, false}, {"later", on_later, false}, {"batch", on_batch, false},
	{"link", on_link, false}, {"why", on_why, false},     {"end", on_end_frame, false},
};

static void decode_frames(struct decoder *d)
{
	struct mt_str line;
	while (whole_line(&d->rest, &line)) {
		if (!is_frame(d, line))
			continue;
		skip(&line, PREFIX);
		if (mt_str_is(line, "done")) {
			d->snapshot->complete = !d->overfull;
			break;
		}
		struct mt_str verb = word(&line);
		size_t i = 0;
		while (i < MT_ARRAY_LEN(frames) && !mt_str_is(verb, frames[i].verb))
			i++;
		if (i == MT_ARRAY_LEN(frames))
			continue;
		if (frames[i].opens)
			close_item(d);
		frames[i].on(d, line);
	}
	close_item(d);
	for (size_t i = 0; i < d->waiting_count; i++)
		fail_item(&d->snapshot->items[d->waiting[i]], "its contents are missing");
}

int mt_bundle_decode(struct mt_arena *arena, struct mt_str bundle, struct mt_snapshot **snapshot,
		     struct mt_error *error)
{
	struct decoder d = {.arena = arena, .rest = bundle};
	struct mt_str version;
	if (bundle.n > MT_BUNDLE_MAX)
		return mt_fail(error, MT_EXIT_FAILED, "", "the bundle is larger than %zu bytes",
			       MT_BUNDLE_MAX);
	if (!find_begin(&d, &version))
		return mt_fail(error, MT_EXIT_FAILED, "", "not a bundle: it has no `begin'");
	if (number_or(version, 0) != MT_BUNDLE_VERSION)
		return mt_fail(error, MT_EXIT_FAILED, "", "a bundle of another version than %d",
			       MT_BUNDLE_VERSION);
	d.snapshot = MT_NEW(arena, struct mt_snapshot);
	d.snapshot->arena = arena;
	d.snapshot->host = "";
	decode_frames(&d);
	mt_snapshot_sort(d.snapshot);
	d.snapshot->facts = mt_host_read(d.snapshot);
	*snapshot = d.snapshot;
	return 0;
}
