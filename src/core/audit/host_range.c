/* SPDX-License-Identifier: ISC */
/* host_range.c: "web[001-040],user@mail7" spelled out, and each name looked at. */
#include "core/audit/host_range.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_MAX  999999999UL
#define SPELLED_MAX (10 * (size_t)MT_HOSTS_MAX)

const struct mt_expect mt_excluded;

void mt_names_where(char *where, size_t size, const char *file, unsigned line)
{
	snprintf(where, size, "%s:%u", file, line);
}

struct expansion {
	struct mt_names *names;
	struct mt_str pattern; /* for messages */
	unsigned depth;
	size_t n;
	char name[MT_HOST_NAME_MAX + 1];
};

static int bad_range(struct expansion *x, const char *reason)
{
	return mt_fail(x->names->error, MT_EXIT_USAGE, x->names->where, "\"%.*s\" %s",
		       (int)(x->pattern.n < 300 ? x->pattern.n : 300), x->pattern.p, reason);
}

/* ssh must never take it for an option, nor a shell for anything. */
static int check_name(struct expansion *x)
{
	struct mt_str name = {x->name, x->n};
	struct mt_str host = memchr(name.p, '@', name.n) ? mt_str_after(name, '@') : name;
	for (size_t i = 0; i < name.n; i++)
		if (!mt_is_alnum(name.p[i]) && !memchr("._:%@-", name.p[i], 6))
			return bad_range(x,
					 "is not a host name: only letters, digits and ._:%@- are");
	if (!host.n || name.p[0] == '@')
		return bad_range(x, "is not a host name: there is nothing on one side of its @");
	if (name.p[0] == '-' || host.p[0] == '-')
		return bad_range(x, "is not a host name: it starts with a hyphen");
	return 0;
}

static int append_text(struct expansion *x, struct mt_str s)
{
	if (s.n > MT_HOST_NAME_MAX - x->n)
		return bad_range(x, "is longer than 255 bytes");
	memcpy(x->name + x->n, s.p, s.n);
	x->n += s.n;
	return 0;
}

static int expand_range(struct expansion *x, struct mt_str rest);

/* Every number from `low` to `high`, with zeros in front to `width`, and what follows it. */
static int numbers(struct expansion *x, unsigned long low, unsigned long high, int width,
		   struct mt_str rest)
{
	size_t n = x->n;
	char text[24];
	for (unsigned long i = low; i <= high; i++) {
		int length = snprintf(text, sizeof text, "%0*lu", width, i);
		x->n = n;
		if (append_text(x, (struct mt_str){text, (size_t)length}) != 0 ||
		    expand_range(x, rest) != 0)
			return -1;
	}
	x->n = n;
	return 0;
}

/* "001-040" or "7" */
static int range(struct expansion *x, struct mt_str text, struct mt_str rest)
{
	const char *dash = text.n ? memchr(text.p, '-', text.n) : NULL;
	struct mt_str from = {text.p, dash ? (size_t)(dash - text.p) : text.n}, to = from;
	unsigned long low, high;
	if (dash)
		to = mt_str_part(text, from.n + 1, text.n - from.n - 1);
	if (from.n > 9 || to.n > 9 || !mt_str_number(from, NUMBER_MAX, &low) ||
	    !mt_str_number(to, NUMBER_MAX, &high))
		return bad_range(
			x, "has a range that is not of numbers: [FROM-TO], nine digits at most");
	if (low > high)
		return bad_range(x, "has a range that runs backwards");
	if (high - low >= MT_HOSTS_MAX)
		return bad_range(x, "names more than 100000 hosts");
	bool padded = from.n > 1 && from.p[0] == '0';
	if (dash && padded && to.n < from.n)
		return bad_range(x, "has a range whose ends are padded differently");
	return numbers(x, low, high, padded ? (int)from.n : 1, rest);
}

/* rest follows the opening bracket. */
static int bracket(struct expansion *x, struct mt_str rest)
{
	const char *close = rest.n ? memchr(rest.p, ']', rest.n) : NULL;
	if (!close)
		return bad_range(x, "has a [ without ]");
	struct mt_str list = {rest.p, (size_t)(close - rest.p)};
	rest = mt_str_part(rest, list.n + 1, rest.n - list.n - 1);
	if (++x->depth > MT_RANGES_MAX)
		return bad_range(x, "has more than 4 ranges");
	for (;;) {
		const char *comma = list.n ? memchr(list.p, ',', list.n) : NULL;
		struct mt_str one = {list.p, comma ? (size_t)(comma - list.p) : list.n};
		if (range(x, one, rest) != 0)
			return -1;
		if (!comma)
			break;
		list = mt_str_part(list, one.n + 1, list.n - one.n - 1);
	}
	x->depth--;
	return 0;
}

static int expand_range(struct expansion *x, struct mt_str rest)
{
	const char *open = rest.n ? memchr(rest.p, '[', rest.n) : NULL;
	struct mt_str literal = {rest.p, open ? (size_t)(open - rest.p) : rest.n};
	if (append_text(x, literal) != 0)
		return -1;
	if (!open) {
		if (check_name(x) != 0)
			return -1;
		if (++*x->names->spelled > SPELLED_MAX)
			return bad_range(x, "names too many hosts: 100000 at most");
		return x->names->each(x->names, (struct mt_str){x->name, x->n});
	}
	return bracket(x, mt_str_part(rest, literal.n + 1, rest.n - literal.n - 1));
}

/* Up to the next comma that stands in no brackets. */
static size_t pattern_length(struct mt_str list)
{
	bool inside = false;
	size_t i = 0;
	for (; i < list.n && (inside || list.p[i] != ','); i++)
		inside = list.p[i] == '[' || (inside && list.p[i] != ']');
	return i;
}

int mt_names_expand(struct mt_names *names, struct mt_str list)
{
	for (;;) {
		struct expansion x = {.names = names};
		x.pattern = (struct mt_str){list.p, pattern_length(list)};
		if (!x.pattern.n)
			return mt_fail(names->error, MT_EXIT_USAGE, names->where,
				       "names no host before or after a comma");
		if (expand_range(&x, x.pattern) != 0)
			return -1;
		if (x.pattern.n == list.n)
			return 0;
		list = mt_str_part(list, x.pattern.n + 1, list.n - x.pattern.n - 1);
	}
}
