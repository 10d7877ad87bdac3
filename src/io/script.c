/* SPDX-License-Identifier: ISC */
/*
 * script.c: the collector as text: the common part with the backends' fragments, the nonce and the queries put
 * in. Everything that comes from outside is quoted so that no shell interprets it.
 */
#include "io/collect.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static const char template[] =
#include "src/io/collector.inc"
	;

void mt_nonce(char nonce[MT_NONCE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[(MT_NONCE - 1) / 2];
	ssize_t n;
	do
		n = getrandom(bytes, sizeof bytes, 0);
	while (n < 0 && errno == EINTR);
	if (n != sizeof bytes)
		mt_out_of_memory();
	for (size_t i = 0; i < sizeof bytes; i++) {
		nonce[2 * i] = digits[bytes[i] >> 4];
		nonce[2 * i + 1] = digits[bytes[i] & 15];
	}
	nonce[MT_NONCE - 1] = '\0';
}

/* Inside single quotes nothing but the quote itself has a meaning. */
static void add_quoted(struct mt_text *out, struct mt_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\'')
			mt_text_add(out, MT_STR("'\\''"));
		else
			mt_text_add(out, (struct mt_str){s.p + i, 1});
}

static bool is_askable(struct mt_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return s.n > 0 && s.n <= 512;
}

static void add_queries(struct mt_text *out, const struct mt_collect *collect)
{
	mt_text_add(out, MT_STR("'"));
	for (const char *const *q = collect->queries; q && *q; q++) {
		if (!is_askable(mt_str_of(*q)))
			continue;
		add_quoted(out, mt_str_of(*q));
		mt_text_add(out, MT_STR("\n"));
	}
	mt_text_add(out, MT_STR("'"));
}

static void add_fragments(struct mt_text *out, const struct mt_collect *collect, bool names)
{
	for (const struct mt_backend *const *b = collect->backends; b && *b; b++)
		if ((*b)->collector)
			mt_text_addf(out, names ? "%s\n" : "\n%s",
				     names ? (*b)->name : (*b)->collector);
}

/* What stands at @NAME@. */
static void add_value(struct mt_text *out, struct mt_str name, const struct mt_collect *collect,
		      const char *nonce)
{
	if (mt_str_is(name, "NONCE")) {
		mt_text_addf(out, "%s", nonce ? nonce : "");
	} else if (mt_str_is(name, "REDACT")) {
		mt_text_addf(out, "%s", collect->redact ? "1" : "");
	} else if (mt_str_is(name, "QUICK")) {
		mt_text_addf(out, "%s", collect->quick ? "1" : "");
	} else if (mt_str_is(name, "ITEM")) {
		mt_text_addf(out, "%zu", collect->quick ? MT_ITEM_MAX : MT_FOREIGN_ITEM_MAX);
	} else if (mt_str_is(name, "BUDGET")) { /* the rest is for probes */
		mt_text_addf(out, "%zu",
			     (collect->quick ? MT_BUNDLE_MAX : MT_FOREIGN_BUNDLE_MAX) / 3 * 2);
	} else if (mt_str_is(name, "SECONDS")) {
		mt_text_addf(out, "%d", MT_COLLECT_SECONDS);
	} else if (mt_str_is(name, "QUERIES")) {
		add_queries(out, collect);
	} else if (mt_str_is(name, "BACKENDS")) {
		mt_text_add(out, MT_STR("'"));
		add_fragments(out, collect, true);
		mt_text_add(out, MT_STR("'"));
	} else if (mt_str_is(name, "FRAGMENTS")) {
		add_fragments(out, collect, false);
	}
}

/* @NAME@, in capitals. */
static bool next_place(struct mt_str rest, size_t *at, struct mt_str *name)
{
	for (*at = 0; *at < rest.n; ++*at) {
		if (rest.p[*at] != '@')
			continue;
		size_t n = 0;
		const char *p = rest.p + *at + 1;
		while (*at + 1 + n < rest.n && p[n] >= 'A' && p[n] <= 'Z')
			n++;
		*name = (struct mt_str){p, n};
		if (n && *at + 1 + n < rest.n && p[n] == '@')
			return true;
	}
	return false;
}

struct mt_str mt_collector_script(struct mt_arena *arena, const struct mt_collect *collect,
				  const char *nonce)
{
	struct mt_text out = MT_TEXT_INIT(arena);
	struct mt_str rest = {template, sizeof template - 1}, name;
	size_t at;
	mt_text_add(
		&out,
		MT_STR("# mtapin collector 1: reads and prints, writes nothing. Parsed as a whole "
		       "before any of it runs.\n"));
	while (next_place(rest, &at, &name)) {
		mt_text_add(&out, (struct mt_str){rest.p, at});
		add_value(&out, name, collect, nonce);
		at += name.n + 2;
		rest = (struct mt_str){rest.p + at, rest.n - at};
	}
	mt_text_add(&out, rest);
	return mt_text_str(&out);
}
