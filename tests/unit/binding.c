/* SPDX-License-Identifier: ISC */
/*
 * binding.c: which binding a mail takes, of a backend that has every kind of condition, pick, state and fate of an
 * absent address; and that all of it comes through writers, wire and comparison.
 */
#include "test.h"

#include <mtapin/backend.h>
#include <stdlib.h>

#include "core/audit/examined.h"
#include "io/txn/apply.h"
#include "io/txn/verify.h"
#include "ui/json.h"
#include "ui/json_part.h"
#include "ui/text.h"

static struct mt_arena *arena;

/* ---- a backend that answers what the test says -------------------------------------------------- */

static struct mt_transport answer;
static const char *next_hop = "";
static struct mt_addr hop;
static const char *helo[MT_FAMILIES];

static void fake_route(const struct mt_model *model, const struct mt_mta *mta,
		       const struct mt_mail *mail, struct mt_route *route)
{
	(void)model;
	(void)mta;
	(void)mail;
	*route = (struct mt_route){
		.transport = &answer, .next_hop = next_hop, .hop = hop, .note = ""};
	route->helo[MT_V4] = helo[MT_V4];
	route->helo[MT_V6] = helo[MT_V6];
}

static const struct mt_backend fake = {
	.abi = MT_ABI, .name = "fake", .title = "Fake", .route = fake_route};
static const struct mt_backend *const backends[] = {&fake, NULL};
static struct mt_host host;
static struct mt_snapshot snapshot = {.host = "mx1", .complete = true, .facts = &host};
static struct mt_mta mta;
static struct mt_model model;

static struct mt_addr addr(const char *text)
{
	struct mt_addr a;
	assert_true(mt_addr_parse(mt_str_of(text), &a));
	return a;
}

static int setup(void **state)
{
	(void)state;
	answer = (struct mt_transport){
		.name = "out", .helo = "mail.example.com", .next_hop = "", .feeds = ""};
	for (int f = 0; f < MT_FAMILIES; f++)
		answer.binding[f] = (struct mt_binding){.how = MT_HOW_KERNEL, .note = ""};
	mta = (struct mt_mta){.backend = &fake,
			      .instance = "/etc/fake",
			      .version = "",
			      .helo = "mail.example.com",
			      .transports = &answer};
	model = (struct mt_model){
		.arena = arena, .snapshot = &snapshot, .backends = backends, .mtas = &mta};
	next_hop = "";
	hop = (struct mt_addr){0};
	helo[MT_V4] = helo[MT_V6] = NULL;
	return 0;
}

/* Appended to the list of the family. */
static struct mt_binding *bind_if(enum mt_family family, const struct mt_condition *when,
				  const char *source)
{
	struct mt_binding **at = &answer.conditional[family];
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(arena, struct mt_binding);
	**at = (struct mt_binding){
		.when = when, .how = MT_HOW_ADDRESS, .source = addr(source), .note = ""};
	return *at;
}

static const struct mt_condition *by(enum mt_by kind, const char *value)
{
	return mt_condition(arena, kind, value, NULL);
}

static struct mt_binding taken(const char *to, const char *from)
{
	struct mt_route route;
	const struct mt_mail mail = {.to = to, .from = from};
	mt_route(&model, &mta, &mail, &route);
	assert_non_null(route.transport);
	assert_null(route.transport->conditional[MT_V4]);
	return route.transport->binding[MT_V4];
}

/* Is the one binding there taken: "yes", "no", or how it is where nobody can tell. */
static const char *is_taken(const char *to, const char *from)
{
	struct mt_binding binding = taken(to, from);
	return binding.how == MT_HOW_ADDRESS  ? "yes"
	       : binding.how == MT_HOW_KERNEL ? "no"
					      : mt_how_name(binding.how);
}

/* ---- conditions --------------------------------------------------------------------------------- */

static void each_condition(void **state)
{
	static const struct row {
		enum mt_by by;
		const char *value, *to, *from, *next_hop, *hop, *want;
	} rows[] = {
		{MT_BY_SENDER, "a@b.example", "u@x.example", "A@B.example", "", NULL, "yes"},
		{MT_BY_SENDER, "a@b.example", "a@b.example", "u@x.example", "", NULL, "no"},
		{MT_BY_SENDER, "a@b.example", "u@x.example", NULL, "", NULL, "no"},
		{MT_BY_SENDER, "", "u@x.example", "", "", NULL, "yes"},
		{MT_BY_SENDER, "", "u@x.example", NULL, "", NULL, "no"},
		{MT_BY_SENDER, "", "u@x.example", "a@b.example", "", NULL, "no"},
		{MT_BY_SENDER_DOMAIN, "b.example", "u@x.example", "a@B.EXAMPLE", "", NULL, "yes"},
		{MT_BY_SENDER_DOMAIN, "b.example", "u@x.example", "a@c.b.example", "", NULL, "no"},
		{MT_BY_SENDER_DOMAIN, "b.example", "u@x.example", "a@ab.example", "", NULL, "no"},
		{MT_BY_SENDER_DOMAIN, ".b.example", "u@x.example", "a@c.d.b.example", "", NULL,
		 "yes"},
		{MT_BY_SENDER_DOMAIN, ".b.example", "u@x.example", "a@b.example", "", NULL, "no"},
		{MT_BY_SENDER_DOMAIN, "", "u@x.example", "", "", NULL, "yes"},
		{MT_BY_SENDER_DOMAIN, "", "u@x.example", "a@b.example", "", NULL, "no"},
		{MT_BY_RECIPIENT, "u@x.example", "U@x.example", NULL, "", NULL, "yes"},
		{MT_BY_RECIPIENT, "u@x.example", "v@x.example", "u@x.example", "", NULL, "no"},
		{MT_BY_RECIPIENT_DOMAIN, ".example", "u@x.example", NULL, "", NULL, "yes"},
		{MT_BY_RECIPIENT_DOMAIN, "x.example", "u@y.example", "a@x.example", "", NULL, "no"},
		{MT_BY_NEXT_HOP, "198.51.100.0/24", "u@x.example", NULL, "", NULL, "unknown"},
		{MT_BY_NEXT_HOP, "198.51.100.0/24", "u@x.example", NULL, "", "198.51.100.9", "yes"},
		{MT_BY_NEXT_HOP, "198.51.100.0/24", "u@x.example", NULL, "", "198.51.101.9", "no"},
		{MT_BY_NEXT_HOP, "198.51.100.9", "u@x.example", NULL, "[198.51.100.9]:587", NULL,
		 "yes"},
		{MT_BY_NEXT_HOP, "198.51.100.9", "u@x.example", NULL, "198.51.100.9:25", NULL,
		 "yes"},
		{MT_BY_NEXT_HOP, "2001:db8::/32", "u@x.example", NULL, "[2001:db8::9]:25", NULL,
		 "yes"},
		{MT_BY_NEXT_HOP, "2001:db8::/32", "u@x.example", NULL, "2001:db8::9", NULL, "yes"},
		{MT_BY_NEXT_HOP, "198.51.100.9", "u@x.example", NULL, "relay.example:25", NULL,
		 "unknown"},
		{MT_BY_NEXT_HOP, "relay.example", "u@x.example", NULL, "Relay.example:25", NULL,
		 "yes"},
		{MT_BY_NEXT_HOP, "relay.example", "u@x.example", NULL, "[relay.example]", NULL,
		 "yes"},
		{MT_BY_NEXT_HOP, "relay.example", "u@x.example", NULL, "198.51.100.9", NULL, "no"},
		{MT_BY_NEXT_HOP, "relay.example", "u@x.example", NULL, "", NULL, "unknown"},
		{MT_BY_CAME_IN, "192.0.2.13", "u@x.example", "a@b.example", "", NULL, "no"},
		{MT_BY_OTHER, "eq{$h_x:}{y}", "u@x.example", "a@b.example", "", NULL, "computed"},
	};
	(void)state;
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		setup(NULL);
		bind_if(MT_V4, by(row->by, row->value), "192.0.2.11");
		next_hop = row->next_hop;
		hop = row->hop ? addr(row->hop) : (struct mt_addr){0};
		const char *got = is_taken(row->to, row->from);
		if (strcmp(got, row->want) != 0)
			fail_msg("row %zu: %s \"%s\": %s, not %s", i, mt_by_name(row->by),
				 row->value, got, row->want);
	}
}

static void all_must_hold(void **state)
{
	const struct mt_condition *both = mt_condition(arena, MT_BY_SENDER_DOMAIN, "b.example",
						       by(MT_BY_NEXT_HOP, "198.51.100.0/24"));
	(void)state;
	bind_if(MT_V4, both, "192.0.2.11");
	assert_string_equal(mt_condition_text(arena, both), "from b.example to 198.51.100.0/24");
	assert_string_equal(is_taken("u@x.example", "a@b.example"), "unknown");
	assert_string_equal(is_taken("u@x.example", "a@c.example"), "no");
	hop = addr("198.51.100.1");
	assert_string_equal(is_taken("u@x.example", "a@b.example"), "yes");
	assert_string_equal(is_taken("u@x.example", "a@c.example"), "no");
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(mt_condition_text(arena, NULL), "");
	assert_string_equal(mt_condition_text(arena, by(MT_BY_SENDER, "")), "from <>");
	assert_string_equal(mt_condition_text(arena, by(MT_BY_NEXT_HOP, "relay.example")),
			    "via relay.example");
	assert_string_equal(mt_condition_text(arena, by(MT_BY_CAME_IN, "192.0.2.13")),
			    "in by 192.0.2.13");
	assert_string_equal(mt_condition_text(arena, by(MT_BY_OTHER, "x")), "if x");
	assert_string_equal(mt_condition_text(arena, by(MT_BY_RECIPIENT, "u@x.example")),
			    "to u@x.example");
}

/* What cannot be told does not matter where all that it could be is the same. */
static void untold_and_the_same(void **state)
{
	(void)state;
	bind_if(MT_V4, by(MT_BY_NEXT_HOP, "198.51.100.1"), "192.0.2.11");
	bind_if(MT_V4, by(MT_BY_SENDER_DOMAIN, "b.example"), "192.0.2.11");
	bind_if(MT_V4, by(MT_BY_SENDER_DOMAIN, "c.example"), "192.0.2.12");
	assert_string_equal(is_taken("u@x.example", "a@b.example"), "yes");
	assert_string_equal(is_taken("u@x.example", "a@c.example"), "unknown");
	assert_string_equal(taken("u@x.example", "a@c.example").note,
			    "the address of the destination decides");
	/* two that differ from each other, while the second is what else would be */
	setup(NULL);
	bind_if(MT_V4, by(MT_BY_OTHER, "one"), "192.0.2.11");
	bind_if(MT_V4, by(MT_BY_OTHER, "two"), "192.0.2.12");
	answer.binding[MT_V4] = *answer.conditional[MT_V4];
	answer.binding[MT_V4].when = NULL;
	assert_string_equal(is_taken("u@x.example", "a@b.example"), "computed");
	assert_string_equal(taken("u@x.example", "a@b.example").note, "only the MTA can tell: one");
}

static void names(void **state)
{
	struct mt_route route;
	const struct mt_mail mail = {.to = "u@x.example", .from = "a@b.example"};
	(void)state;
	bind_if(MT_V4, by(MT_BY_SENDER_DOMAIN, "b.example"), "192.0.2.11")->helo = "b.example";
	mt_route(&model, &mta, &mail, &route);
	assert_string_equal(route.transport->helo, "b.example");
	assert_null(route.transport->binding[MT_V4].helo);
	assert_string_equal(route.transport->binding[MT_V6].helo, "mail.example.com");
	helo[MT_V4] = helo[MT_V6] = "other.example";
	mt_route(&model, &mta, &mail, &route);
	assert_string_equal(route.transport->helo, "other.example");
	assert_null(route.transport->binding[MT_V6].helo);
}

static void came_in_is_said(void **state)
{
	struct mt_route route;
	const struct mt_mail mail = {.to = "u@x.example"};
	(void)state;
	bind_if(MT_V4, by(MT_BY_CAME_IN, "192.0.2.13"), "192.0.2.13");
	mt_route(&model, &mta, &mail, &route);
	assert_int_equal(route.transport->binding[MT_V4].how, MT_HOW_KERNEL);
	assert_non_null(strstr(route.note, "what came in from elsewhere may leave otherwise"));
	assert_null(strstr(route.note, "IPv6"));
}

/* ---- generated lists ---------------------------------------------------------------------------- */

static unsigned seed = 20261201;

static unsigned draw(unsigned most)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % most;
}

/* Told apart in another way than binding.c does it: every condition as the set of mails that meet it. */
static const char *const domains[] = {"b.example", "c.b.example", "d.example", "d.c.b.example"};
static const char *const keys[] = {"b.example", ".b.example", ".c.b.example", ".example",
				   "d.example"};
static const unsigned meets[] = {1u, 2u | 8u, 8u, 1u | 2u | 4u | 8u, 4u};

static void generated(void **state)
{
	unsigned by_condition = 0;
	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		unsigned senders[8], recipients[8], n = draw(8);
		setup(NULL);
		for (unsigned i = 0; i < n; i++) {
			unsigned from = draw(MT_ARRAY_LEN(keys)), to = draw(MT_ARRAY_LEN(keys));
			const struct mt_condition *when = NULL;
			bool both = draw(3) == 0, sender = draw(2) || both;
			senders[i] = sender ? meets[from] : ~0u;
			recipients[i] = !sender || both ? meets[to] : ~0u;
			if (!sender || both)
				when = by(MT_BY_RECIPIENT_DOMAIN, keys[to]);
			if (sender)
				when = mt_condition(arena, MT_BY_SENDER_DOMAIN, keys[from], when);
			bind_if(MT_V4, when, "192.0.2.11")->source.b[3] = (uint8_t)(100 + i);
		}
		for (unsigned mail = 0; mail < 16; mail++) {
			unsigned from = 1u << mail / 4, to = 1u << mail % 4, want = 0;
			while (want < n && !(senders[want] & from && recipients[want] & to))
				want++;
			struct mt_binding binding =
				taken(mt_format(arena, "u@%s", domains[mail % 4]),
				      mt_format(arena, "a@%s", domains[mail / 4]));
			if (want == n)
				assert_int_equal(binding.how, MT_HOW_KERNEL);
			else
				assert_int_equal(binding.source.b[3], 100 + want);
			by_condition += want < n;
		}
		if (round % 100 == 99)
			mt_arena_reset(arena);
	}
	assert_in_range(by_condition, 10000, 48000);
}

/* ---- every kind through writers, wire and comparison -------------------------------------------- */

static struct mt_step include = {true, "local.m4", "/etc/fake/x.mc", 3, NULL};
static struct mt_step macro = {false, "OUT", "/etc/fake/macros", 7, &include};
static struct mt_origin made = {.file = "/etc/fake/x.mc",
				.line = 41,
				.text = "CLIENT_OPTIONS(`A=192.0.2.11')",
				.generated = "/etc/fake/x.cf",
				.generated_line = 283,
				.via = &macro,
				.fixed = true};

static void fill(void)
{
	static struct mt_addr pool[3];
	setup(NULL);
	pool[0] = addr("192.0.2.11");
	pool[1] = addr("192.0.2.12");
	for (unsigned i = 0; i <= MT_HOW_COMPUTED; i++) {
		struct mt_binding *w = bind_if(
			MT_V4, by((enum mt_by)i, i == MT_BY_NEXT_HOP ? "198.51.100.0/24" : "k\033"),
			"192.0.2.11");
		w->how = (enum mt_how)i;
		w->absent = (enum mt_absent)(i % (MT_ABSENT_NEXT + 1));
		w->note = i == MT_HOW_COMPUTED ? "${lookup...}" : "";
		w->origin = i ? NULL : &made;
	}
	for (unsigned i = 0; i <= MT_PICK_ANY; i++) {
		struct mt_binding *w =
			bind_if(MT_V6, by(MT_BY_SENDER_DOMAIN, keys[i]), "192.0.2.11");
		w->pick = (enum mt_pick)i;
		w->pool = i ? pool : NULL;
		w->pool_count = i ? 2 : 0;
	}
	answer.binding[MT_V4].how = MT_HOW_COMPUTED;
	answer.binding[MT_V4].confidence = MT_CONFIDENCE_NO;
}

static const char *text_of(const struct mt_model *m, bool verbose)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	const struct mt_output out = {.arena = arena, .verbose = verbose};
	mt_text_model(&text, &out, m);
	return mt_text_z(&text);
}

static const char *json_of(const struct mt_model *m)
{
	json_t *json = mt_json_host(&(struct mt_report){.model = (struct mt_model *)m});
	char *dump = json_dumps(json, JSON_COMPACT);
	const char *copy = mt_strdup(arena, dump);
	json_decref(json);
	free(dump);
	return copy;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void shown(void **state)
{
	(void)state;
	fill();
	const char *text = text_of(&model, false), *all = text_of(&model, true);
	has(text, "  out   IPv4  computed");
	has(text,
	    "x.mc:41  CLIENT_OPTIONS(`A=192.0.2.11')  (makes x.cf:283; macro OUT of macros:7; "
	    "include local.m4 of x.mc:3; not to be edited)");
	has(text, "to 198.51.100.0/24  IPv4  broken");
	has(text, "and 2 more over IPv4 (-v)\n");
	has(text, "IPv6  192.0.2.11  any of 192.0.2.11, 192.0.2.12\n");
	has(text, "IPv6  192.0.2.11  the first of 192.0.2.11, 192.0.2.12\n");
	assert_null(strstr(text, "over IPv6 (-v)"));
	assert_null(strstr(text, "if k"));
	has(all, "if k\\x1b");
	assert_null(strstr(all, "more over"));
	assert_null(strchr(all, '\033'));
	const char *json = json_of(&model);
	has(json, "\"ipv4\":{\"how\":\"unknown\",\"source\":null,\"sure\":\"no\"");
	has(json, "{\"when\":[],\"how\":\"computed\",\"addresses\":[],\"pick\":\"one\","
		  "\"absent\":\"unknown\",\"source\":null,\"sure\":\"no\"");
	has(json, "{\"by\":\"came-in-by\",");
	has(json, "\"addresses\":[\"192.0.2.11\",\"192.0.2.12\"],\"pick\":\"any\"");
	has(json,
	    "\"generated\":{\"file\":\"/etc/fake/x.cf\",\"line\":283},\"via\":[{\"file\":\"/etc/"
	    "fake/macros\",\"line\":7,\"kind\":\"macro\",\"name\":\"OUT\"},{\"file\":\"/etc/fake/"
	    "x.mc\",\"line\":3,\"kind\":\"include\",\"name\":\"local.m4\"}],\"editable\":false}");
}

static void wired(void **state)
{
	struct mt_examined before = {.model = &model}, after;
	struct mt_text bytes = MT_TEXT_INIT(arena);
	(void)state;
	fill();
	mt_wire_put(&bytes, &mt_wire_examined, &before);
	assert_true(mt_wire_get(arena, mt_text_str(&bytes), backends, &mt_wire_examined, &after));
	assert_true(mt_examined_tie(arena, backends, &after));
	assert_string_equal(text_of(&model, true), text_of(after.model, true));
	assert_string_equal(json_of(&model), json_of(after.model));
	assert_null(mt_mta_differs(arena, &mta, after.model->mtas));
}

static void compared(void **state)
{
	struct mt_transport old, *new = &answer;
	(void)state;
	bind_if(MT_V4, by(MT_BY_SENDER_DOMAIN, "b.example"), "192.0.2.11");
	bind_if(MT_V4, by(MT_BY_SENDER_DOMAIN, "d.example"), "192.0.2.12");
	old = answer;
	struct mt_mta was = mta;
	was.transports = &old;
	assert_null(mt_mta_differs(arena, &was, &mta));
	assert_string_equal(mt_mta_summary(arena, &was, &mta), "");
	new->conditional[MT_V4] = NULL;
	bind_if(MT_V4, by(MT_BY_SENDER_DOMAIN, "b.example"), "192.0.2.13");
	assert_string_equal(mt_mta_differs(arena, &was, &mta),
			    "out IPv4 from b.example is 192.0.2.13, not 192.0.2.11");
	assert_string_equal(mt_mta_summary(arena, &was, &mta),
			    "out IPv4 from b.example 192.0.2.11 -> 192.0.2.13; out IPv4 from "
			    "d.example 192.0.2.12 -> none");
	*new->conditional[MT_V4] = *old.conditional[MT_V4];
	new->conditional[MT_V4]->next = NULL;
	assert_string_equal(mt_mta_differs(arena, &was, &mta),
			    "out IPv4 has no binding for mail from d.example where it should");
	assert_string_equal(
		mt_mta_differs(arena, &mta, &was),
		"out IPv4 has a binding for mail from d.example that it should not have");
	/* one of several addresses is not the one address */
	struct mt_addr pool[] = {addr("192.0.2.11"), addr("192.0.2.12")};
	struct mt_binding one = {.how = MT_HOW_ADDRESS, .source = pool[0]}, several = one;
	several.pick = MT_PICK_ANY;
	several.pool = pool;
	several.pool_count = 2;
	assert_false(mt_binding_same(&one, &several));
	assert_true(mt_binding_uses(&several, pool[1]));
	assert_false(mt_binding_uses(&one, pool[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_condition),
		cmocka_unit_test_setup(all_must_hold, setup),
		cmocka_unit_test(words),
		cmocka_unit_test_setup(untold_and_the_same, setup),
		cmocka_unit_test_setup(names, setup),
		cmocka_unit_test_setup(came_in_is_said, setup),
		cmocka_unit_test(generated),
		cmocka_unit_test(shown),
		cmocka_unit_test(wired),
		cmocka_unit_test_setup(compared, setup),
	};
	arena = mt_arena_new((size_t)64 << 20);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
