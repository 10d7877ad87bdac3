/* SPDX-License-Identifier: ISC */
/*
 * exvectors.c: what examine says of an Exim against what a real one did: files of tests/vectors/exim, and those of
 * ../shared/vectors/exim where that is. A file is JSON, an object of lists of objects:
 *	name, id, ...	which one, and the host: see exhost.h
 *	bt		an object: by sender, what `exim -bt` printed for the recipients of mails
 *	mails		frm, to, observed (by source, or "deferred: ...", "bounced: ..."), helo (by source)
 * Hosts that mail goes to are those of "bt"; else by the names of the lab: mx4, v4 and smart4 have IPv4, and so on.
 */
#include "test.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include <mtapin/backend.h>

#include "exhost.h"

extern const struct mt_backend mt_backend_exim;
static const struct mt_backend *const backends[] = {&mt_backend_exim, NULL};

/* ---- one mail ---- */

struct way {
	struct mt_str transport; /* empty: not told */
	struct mt_str host[8];
	enum mt_family family[8];
	size_t n;
};

static void add_host(struct way *way, struct mt_str host, enum mt_family family)
{
	if (way->n == MT_ARRAY_LEN(way->family))
		return;
	way->host[way->n] = host;
	way->family[way->n++] = family;
}

/* By its name; IPv6 first, as Exim has it. */
static void add_named(struct way *way, struct mt_str host)
{
	bool both = mt_str_starts(host, "dual") || mt_str_starts(host, "mxd") ||
		    mt_str_starts(host, "smartd");
	if (mt_str_has(host, "6") || both)
		add_host(way, host, MT_V6);
	if (!mt_str_has(host, "6") || both)
		add_host(way, host, MT_V4);
}

/* "ADDRESS", "router = R, transport = T", "host NAME [ADDRESS] MX=10" ... */
static void read_bt(struct way *way, json_t *lines, const char *to)
{
	size_t i;
	json_t *line;
	bool its = false;
	json_array_foreach(lines, i, line)
	{
		struct mt_str s = mt_str_of(json_string_value(line)), word;
		const char *transport = mt_str_find(s, MT_STR("transport = "));
		if (mt_str_is(s, to))
			its = true;
		else if (mt_str_has(s, "@"))
			its = false;
		if (its && transport)
			way->transport = mt_str_part(s, (size_t)(transport - s.p) + 12,
						     s.n - (size_t)(transport - s.p) - 12);
		struct mt_addr addr = mt_addr_bracketed(s);
		if (its && mt_str_skip(&s, "host ") && mt_str_word(&s, " ", &word) && addr.set)
			add_host(way, word, addr.family);
	}
}

static const struct mt_transport *transport_of(const struct mt_mta *mta, struct mt_str name)
{
	for (const struct mt_transport *t = mta->transports; t; t = t->next)
		if (!name.n || mt_str_is(name, t->name))
			return t;
	return NULL;
}

static struct way way_of(json_t *c, json_t *mail, const struct mt_mta *mta)
{
	const char *from = json_string_value(json_object_get(mail, "frm"));
	const char *to = json_string_value(json_object_get(mail, "to"));
	struct way way = {0};
	struct mt_str hop, rest;
	read_bt(&way, json_object_get(json_object_get(c, "bt"), from), to);
	const struct mt_transport *t = transport_of(mta, way.transport);
	rest = mt_str_of(t ? t->next_hop : "");
	if (rest.n)
		way.n = 0;
	while (mt_str_word(&rest, ", ", &hop))
		add_named(&way, hop);
	if (!way.n)
		add_named(&way, mt_str_after(mt_str_of(to), '@'));
	return way;
}

/* ---- what is said of it ---- */

static bool in_domain(struct mt_str name, struct mt_str domain)
{
	if (domain.n && *domain.p == '.' && name.n > domain.n)
		name = mt_str_part(name, name.n - domain.n, domain.n);
	return mt_str_same(name, domain);
}

static bool holds(const struct mt_condition *when, struct mt_str sender, struct mt_str host)
{
	static const char ends[] = "the sender's domain ends in ";
	struct mt_str value = mt_str_of(when->value), domain = mt_str_after(sender, '@');
	if (when->by == MT_BY_SENDER)
		return mt_str_same(sender, value);
	if (when->by == MT_BY_NEXT_HOP)
		return in_domain(host, value);
	if (when->by == MT_BY_SENDER_DOMAIN)
		return in_domain(sender.n ? domain : MT_STR(""), value);
	return mt_str_skip(&value, ends) && domain.n >= value.n &&
	       mt_str_same(mt_str_part(domain, domain.n - value.n, value.n), value);
}

static const struct mt_binding *binding_for(const struct mt_transport *t, enum mt_family family,
					    struct mt_str sender, struct mt_str host)
{
	for (const struct mt_binding *b = t->conditional[family]; b; b = b->next)
		if (holds(b->when, sender, host))
			return b;
	return &t->binding[family];
}

/* One host after the other, until one is connected to: "ADDRESS HELO", "defer ...", "computed", "bounced", "unused", "nothing". */
static const char *predict(struct mt_arena *arena, const struct mt_mta *mta, const struct way *way,
			   const char *from)
{
	const struct mt_transport *t = transport_of(mta, way->transport);
	const char *last = "bounced";
	if (!t || mta->unreadable)
		return "nothing";
	if (t->kind == MT_KIND_UNUSED)
		return "unused";
	for (size_t i = 0; i < way->n; i++) {
		const struct mt_binding *b =
			binding_for(t, way->family[i], mt_str_of(from), way->host[i]);
		bool sends = b->how == MT_HOW_ADDRESS || b->how == MT_HOW_KERNEL;
		if (b->how == MT_HOW_BROKEN)
			return "nothing";
		if (b->how == MT_HOW_COMPUTED)
			return "computed";
		if (sends && b->source.set)
			return mt_format(arena, "%s %s", mt_addr_format(arena, b->source),
					 b->helo ? b->helo : t->helo);
		if (sends)
			last = "defer no route";
		else if (b->how == MT_HOW_DEFERRED)
			last = b->note;
		if (b->how == MT_HOW_DEFERRED && b->absent == MT_ABSENT_WAITS)
			break;
	}
	return last;
}

enum verdict { SAME, COMPUTED, NOT_OURS, DIFFERS };

/* Deferrals of the router, of TLS and the like say nothing about the source. */
static bool is_ours(const char *seen)
{
	static const char *const codes[] = {"(-1)", "(-27)", "(22)", "(97)",
					    "(99)", "(101)", "(110)"};
	for (size_t i = 0; i < MT_ARRAY_LEN(codes); i++)
		if (strstr(seen, codes[i]))
			return true;
	return false;
}

/* But for the numbers of Exim's user, which only "user" tells. */
static bool has_text(const char *seen, const char *said)
{
	const char *ids = strstr(said, " (euid=");
	size_t n = ids ? (size_t)(ids - said) : strlen(said);
	return mt_str_find(mt_str_of(seen), (struct mt_str){said, n}) != NULL;
}

static bool same_helo(json_t *mail, const char *source, const char *helo)
{
	const char *said =
		json_string_value(json_object_get(json_object_get(mail, "helo"), source));
	return !said || !*helo || !strcmp(said, helo);
}

static enum verdict compare(json_t *mail, const char *seen, const char *said)
{
	const char *blank = strchr(said, ' ');
	size_t n = blank ? (size_t)(blank - said) : strlen(said);
	if (!strcmp(said, "computed"))
		return COMPUTED;
	bool off = strstr(seen, "MX records") != NULL; /* else no router takes it */
	if (!strncmp(seen, "bounced", 7))
		return !strcmp(said, off ? "bounced" : "unused") ? SAME : DIFFERS;
	if (!strncmp(seen, "nothing", 7))
		return !strcmp(said, "nothing") ? SAME : DIFFERS;
	if (!strncmp(seen, "deferred", 8) && !is_ours(seen))
		return NOT_OURS;
	if (!strcmp(said, "defer no route"))
		return strstr(seen, "defer (99)") || strstr(seen, "defer (101)") ? SAME : DIFFERS;
	if (!strncmp(said, "defer ", 6))
		return has_text(seen, said) ? SAME : DIFFERS;
	bool sent = blank && !strncmp(seen, said, n) && (!seen[n] || strchr(": ", seen[n]));
	return sent && same_helo(mail, seen, blank + 1) ? SAME : DIFFERS;
}

struct score {
	unsigned of[DIFFERS + 1], left_out;
};

static void check_case(json_t *c, struct score *score)
{
	struct mt_arena *arena = mt_arena_new((size_t)64 << 20);
	const struct mt_snapshot *snapshot = exhost(arena, c);
	if (!snapshot) {
		score->left_out++;
		mt_arena_free(arena);
		return;
	}
	const struct mt_model *model = mt_examine(snapshot, backends);
	static const struct mt_mta none = {.unreadable = "not found"};
	const struct mt_mta *mta = model->mtas ? model->mtas : &none;
	size_t i;
	json_t *mail, *count;
	const char *seen;
	json_array_foreach(json_object_get(c, "mails"), i, mail)
	{
		const char *from = json_string_value(json_object_get(mail, "frm"));
		struct way way = way_of(c, mail, mta);
		const char *said = predict(arena, mta, &way, from);
		json_object_foreach(json_object_get(mail, "observed"), seen, count)
		{
			enum verdict verdict = compare(mail, seen, said);
			score->of[verdict]++;
			if (verdict == DIFFERS)
				print_message(
					"# %s (%s): from <%s> to %s\n#   seen %s\n#   said %s\n",
					json_string_value(json_object_get(c, "name")),
					json_string_value(json_object_get(c, "id")), from,
					json_string_value(json_object_get(mail, "to")), seen, said);
		}
	}
	mt_arena_free(arena);
}

/* Its score; nothing where the file is not there. */
static struct score check_file(const char *name)
{
	struct score score = {{0}, 0};
	const char *srcdir = getenv("srcdir"), *key;
	char path[4096];
	json_error_t error;
	json_t *all, *list, *c;
	size_t i;
	snprintf(path, sizeof path, "%s/%s", srcdir ? srcdir : ".", name);
	all = json_load_file(path, 0, &error);
	json_object_foreach(all, key, list)
	{
		json_array_foreach(list, i, c)
		{
			if (json_is_array(json_object_get(c, "mails")))
				check_case(c, &score);
		}
	}
	json_decref(all);
	print_message("# %s: same %u, computed %u, about something else %u, different %u; cases "
		      "left out %u\n",
		      name, score.of[SAME], score.of[COMPUTED], score.of[NOT_OURS],
		      score.of[DIFFERS], score.left_out);
	return score;
}

static void vectors(void **state)
{
	(void)state;
	struct score own = check_file("tests/vectors/exim/own.json");
	struct score shared = check_file("../shared/vectors/exim/settings.json");
	assert_true(own.of[SAME] >= 150);
	assert_int_equal(own.of[DIFFERS], 0);
	assert_int_equal(shared.of[DIFFERS], 0);
}

int main(void)
{
	const struct CMUnitTest rows[] = {cmocka_unit_test(vectors)};
	return cmocka_run_group_tests(rows, NULL, NULL);
}
