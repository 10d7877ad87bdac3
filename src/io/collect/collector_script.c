/* SPDX-License-Identifier: ISC */
/*
 * collector_script.c: the collector as text: the common part with the backends' fragments, the nonce and the queries put
 * in. Everything that comes from outside is quoted so that no shell interprets it.
 */
#include "io/collect/collect.h"

#include "core/host/redact.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char template[] =
#include "src/io/collect/collector.inc"
	;
static const char redactor[] =
#include "src/io/collect/redact.inc"
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
		/* Inside single quotes nothing but the quote itself has a meaning. */
		struct mt_str s = mt_str_of(*q);
		for (size_t i = 0; i < s.n; i++)
			if (s.p[i] == '\'')
				mt_text_add(out, MT_STR("'\\''"));
			else
				mt_text_add(out, (struct mt_str){s.p + i, 1});
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

/* ---- what may leave, as functions of the script ---- */

/* A text of ours that is put into the script as it is: nothing in it may mean anything to a shell but '*' in a pattern. */
static void add_harmless(struct mt_text *out, const char *text)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_-./*|:;, \t[]{}@%+=#";
	for (const char *c = text ? text : ""; *c; c++)
		if (!strchr(harmless, *c))
			abort();
	mt_text_addf(out, "%s", text ? text : "");
}

/* In a pattern of `case`, only '*' has a meaning. */
static void add_pattern(struct mt_text *out, const char *items)
{
	for (const char *c = items; *c; c++)
		if (*c == '*')
			mt_text_addf(out, "*");
		else
			mt_text_addf(out, "'%c'", *c);
}

static bool leaves_here(const struct mt_redaction *row)
{
	return row->syntax != MT_SYNTAX_SECRET && row->syntax != MT_SYNTAX_PROGRAM;
}

static void add_redaction(struct mt_text *out, const struct mt_redaction *row, unsigned number)
{
	static const char *const syntaxes[] = {"", "", "lines", "assignments", "columns"};
	static const char *const goes[] = {"never", "blank", "backslash"};
	mt_text_addf(out, "%u) syntax=%s goes=%s columns=%u follows=%s hides=%d shows=%d keep='",
		     number, syntaxes[row->syntax], goes[row->continuation], row->columns,
		     row->follows ? "1" : "", row->hides_names, row->shows_addresses);
	add_harmless(out, row->keep);
	mt_text_addf(out, "' prefixes='");
	add_harmless(out, row->prefixes);
	mt_text_addf(out, "' cut='");
	add_harmless(out, row->cut);
	mt_text_addf(out, "' ;;\n");
}

/* row_of ITEM of backend $b: $row is its number, empty where nothing leaves. */
static void add_row_of(struct mt_text *out, const struct mt_collect *collect)
{
	unsigned number = 0;
	mt_text_addf(out, "row_of() {\nrow=\ncase $b:$1 in\n");
	for (const struct mt_backend *const *b = collect->backends; b && *b; b++)
		for (const struct mt_redaction *row = (*b)->redactions; row && row->items; row++) {
			number++;
			mt_text_addf(out, "%s:", (*b)->name);
			add_pattern(out, row->items);
			mt_text_addf(out, leaves_here(row) ? ") row=%u ;;\n" : ") ;;\n", number);
		}
	mt_text_addf(out, "esac\n}\nset_row() {\ncase $1 in\n");
	number = 0;
	for (const struct mt_backend *const *b = collect->backends; b && *b; b++)
		for (const struct mt_redaction *row = (*b)->redactions; row && row->items; row++) {
			number++;
			if (leaves_here(row))
				add_redaction(out, row, number);
		}
	mt_text_addf(out, "esac\n}\n");
}

static void add_rows(struct mt_text *out, const struct mt_collect *collect)
{
	if (collect->redact)
		add_row_of(out, collect);
	else
		mt_text_addf(out, "row_of() { row=; }\n");
	mt_text_addf(out, "set_backend() {\ncase $1 in\n");
	for (const struct mt_backend *const *b = collect->backends; b && *b; b++) {
		if (!(*b)->collector)
			continue;
		mt_text_addf(out, "%s) files_max=%u", (*b)->name,
			     (*b)->files_max ? (*b)->files_max : MT_FILES_MAX);
		mt_text_addf(out, " secret='%s ", mt_redact_secret_names);
		add_harmless(out, (*b)->secret_names);
		mt_text_addf(out, "' marks='");
		add_harmless(out, mt_redact_marks(out->arena, *b));
		mt_text_addf(out, "' ;;\n");
	}
	mt_text_addf(out, "esac\n}\n");
}

/* ---- who else writes the files ---- */

enum { SURE, MAYBE };
static const struct {
	const char *id;
	int kind;
	const char *paths;
} owner_rows[] = {
#define ROW(id, kind, paths) {id, kind, paths},
#include "data/owners.rows"
#undef ROW
};

/* What stands at @NAME@. */
static void add_template_value(struct mt_text *out, struct mt_str name,
			       const struct mt_collect *collect, const char *nonce)
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
	} else if (mt_str_is(name, "OWNERS")) {
		for (size_t i = 0; i < MT_ARRAY_LEN(owner_rows); i++) {
			struct mt_str rest = mt_str_of(owner_rows[i].paths), path;
			while (mt_str_word(&rest, " ", &path))
				mt_text_addf(out, "there %s%s %.*s\n",
					     owner_rows[i].kind == MAYBE ? "maybe:" : "",
					     owner_rows[i].id, MT_STR_FMT(path));
		}
	} else if (mt_str_is(name, "ROWS")) {
		add_rows(out, collect);
	} else if (mt_str_is(name, "REDACTOR") && collect->redact) {
		mt_text_add(out, (struct mt_str){redactor, sizeof redactor - 1});
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
		add_template_value(&out, name, collect, nonce);
		at += name.n + 2;
		rest = (struct mt_str){rest.p + at, rest.n - at};
	}
	mt_text_add(&out, rest);
	return mt_text_str(&out);
}
