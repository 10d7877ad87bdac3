/* SPDX-License-Identifier: ISC */
/*
 * families.c: what may be asked of one family while the other is pinned: every rule, goal, state of today and host, against
 * the table below. The mail server is made up: its file is one word a family, and what it does with them is its rule.
 */
#include "test.h"

#include <stdio.h>

#include <mtapin/backend.h>

#define CONF "/etc/fake"

/*
 * What comes of it where one family gets an address. The letter of each row is what the rule makes of mail over the other
 * family, its columns are what is said of that one:
 *	s set: nothing, keep, any, an address, off where a setting does it, off where none does
 *	. done   A asked for   K it would stop, by id   B both are refused   O off is refused
 */
struct row {
	const char *rule, *today;
	const char *said;
};
static const struct row table[] = {
	{"leaks", "sends", "A....O"},	{"leaks", "bound", ".....O"},
	{"leaks", "silent", "......"},	{"stops", "sends", "KKK..O"},
	{"stops", "bound", "..K..O"},	{"stops", "silent", "......"},
	{"stops", "waits", ".....O"},	{"single", "sends", "KKKB.O"},
	{"single", "bound", "KKKB.O"},	{"single", "waits", "...B.O"},
	{"single", "silent", "...B.."},
};

/* ---- the mail server ---- */

static struct mt_families rule;
static const struct mt_finding_row findings[] = {
	{"FK-LEAK", MT_WARNING, "leaks", "It leaks.", false},
	{"FK-STOPS", MT_WARNING, "stops", "It stops.", true},
	{0},
};
static const struct mt_method methods[] = {{.name = "file", .title = "the file"}, {0}};
static const char *const address[MT_FAMILIES] = {"192.0.2.11", "2001:db8::11"};

static void detect(struct mt_model *model, const struct mt_backend *self)
{
	model->mtas = MT_NEW(model->arena, struct mt_mta);
	*model->mtas = (struct mt_mta){
		.backend = self, .instance = "/etc", .version = "1", .helo = "", .uid = -1};
}

static void examine(struct mt_model *model, struct mt_mta *mta)
{
	struct mt_str text = mt_snapshot_file(model->snapshot, CONF)->bytes, word;
	struct mt_transport *transport = MT_NEW(model->arena, struct mt_transport);
	*transport = (struct mt_transport){.name = "out", .helo = "", .next_hop = "", .feeds = ""};
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		struct mt_binding *binding = &transport->binding[f];
		assert_true(mt_str_word(&text, " \n", &word));
		binding->note = "";
		binding->how = mt_str_is(word, "off") ? MT_HOW_OFF : MT_HOW_KERNEL;
		if (mt_addr_parse(word, &binding->source))
			binding->how = MT_HOW_ADDRESS;
		else if (binding->how == MT_HOW_KERNEL)
			binding->source = mt_host_default_source(model->snapshot->facts, f)->source;
	}
	for (enum mt_family f = MT_V4; f < MT_FAMILIES && rule.other != MT_OTHER_LEAKS; f++)
		if (transport->binding[f].how == MT_HOW_ADDRESS &&
		    transport->binding[!f].how == MT_HOW_KERNEL)
			transport->binding[!f] =
				(struct mt_binding){.how = MT_HOW_DEFERRED, .note = ""};
	mta->transports = transport;
	mt_model_find_leak(model, mta, transport, NULL);
}

static void plan(struct mt_plan *plan)
{
	struct mt_str before = mt_snapshot_file(plan->model->snapshot, CONF)->bytes;
	struct mt_str rest = before, word;
	struct mt_text after = MT_TEXT_INIT(plan->arena);
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		const struct mt_pin_goal *goal = &plan->goal->family[f];
		const char *const words[] = {NULL, address[f], "off", "any"};
		assert_true(mt_str_word(&rest, " \n", &word));
		/* one line, one address: the new one takes the place of the old one */
		bool gone = rule.single && goal->pin == MT_PIN_KEEP &&
			    plan->goal->family[!f].pin == MT_PIN_ADDRESS &&
			    mt_str_starts(word, "192");
		gone = gone || (rule.single && goal->pin == MT_PIN_KEEP &&
				plan->goal->family[!f].pin == MT_PIN_ADDRESS &&
				mt_str_starts(word, "2001"));
		if (goal->pin == MT_PIN_KEEP && !gone)
			mt_text_add(&after, word);
		else
			mt_text_addf(&after, "%s", gone ? "any" : words[goal->pin]);
		mt_text_addf(&after, f == MT_V4 ? " " : "\n");
	}
	mt_plan_replace(plan, CONF, before, mt_text_str(&after));
	plan->method = &methods[0];
}

static const struct mt_backend fake = {
	.abi = MT_ABI,
	.name = "fake",
	.title = "Fake",
	.findings = findings,
	.methods = methods,
	.families = &rule,
	.detect = detect,
	.examine = examine,
	.plan = plan,
};
static const struct mt_backend *const backends[] = {&fake, NULL};

/* ---- the host ---- */

#define N "0123456789abcdef0123456789abcdef"

static void put_probe(struct mt_text *bundle, const char *name, const char *text)
{
	mt_text_addf(bundle, N " probe present %s\n" N " data %zu\n%s\n" N " end 0\n", name,
		     strlen(text), text);
}

static struct mt_snapshot *host(struct mt_arena *arena, const char *conf,
				const bool has[MT_FAMILIES])
{
	static const char *const addresses[MT_FAMILIES] = {
		"2: eth0    inet 192.0.2.10/24 scope global eth0\\       valid_lft forever\n"
		"2: eth0    inet 192.0.2.11/24 scope global secondary eth0\\       valid_lft "
		"forever\n",
		"2: eth0    inet6 2001:db8::10/64 scope global nodad \\       valid_lft forever\n"
		"2: eth0    inet6 2001:db8::11/64 scope global nodad \\       valid_lft forever\n"};
	static const char *const sources[MT_FAMILIES] = {
		"> 198.41.0.4 -\n198.41.0.4 via 192.0.2.1 dev eth0 src 192.0.2.10 uid 0\n",
		"> 2001:503:ba3e::2:30 -\n2001:503:ba3e::2:30 from :: via 2001:db8::1 dev eth0 src "
		"2001:db8::10 metric 1024\n"};
	struct mt_text bundle = MT_TEXT_INIT(arena);
	struct mt_snapshot *snapshot;
	struct mt_error error = {0};
	mt_text_addf(&bundle, N " begin mtapin 1\n" N " host 1700000000 raw mx1\n");
	put_probe(&bundle, "addr",
		  mt_format(arena, "%s%s", has[MT_V4] ? addresses[MT_V4] : "",
			    has[MT_V6] ? addresses[MT_V6] : ""));
	put_probe(&bundle, "source",
		  mt_format(arena, "%s%s", has[MT_V4] ? sources[MT_V4] : "",
			    has[MT_V6] ? sources[MT_V6] : ""));
	mt_text_addf(&bundle,
		     N " file f present 644 0 0 1 1700000000 %zu " CONF "\n" N " data %zu\n%s\n" N
		       " end\n" N " done\n",
		     strlen(conf), strlen(conf), conf);
	assert_int_equal(mt_bundle_decode(arena, mt_text_str(&bundle), &snapshot, &error), 0);
	return snapshot;
}

/* ---- one of all ---- */

static const enum mt_pin pins[] = {MT_PIN_KEEP, MT_PIN_KEEP, MT_PIN_ANY, MT_PIN_ADDRESS,
				   MT_PIN_OFF};
static const char *const pin_words[] = {"", "keep", "any", "address", "off"};
enum { SAID = MT_ARRAY_LEN(pins), OFF = SAID - 1, ADDRESS = SAID - 2 };

static const char *rule_word(void)
{
	return rule.other == MT_OTHER_LEAKS ? "leaks" : rule.single ? "single" : "stops";
}

static const char *today(const struct mt_plan *p, enum mt_family f)
{
	const struct mt_binding *binding = &p->mta->transports->binding[f],
				*pinned = &p->mta->transports->binding[!f];
	if (binding->how == MT_HOW_ADDRESS)
		return "bound";
	if (binding->how == MT_HOW_DEFERRED && pinned->how == MT_HOW_ADDRESS)
		return "waits";
	return binding->how == MT_HOW_KERNEL && binding->source.set ? "sends" : "silent";
}

static char look_up(const char *state, int said)
{
	int column = said == OFF && rule.off == MT_OFF_NONE ? SAID : said;
	for (size_t i = 0; i < MT_ARRAY_LEN(table); i++)
		if (!strcmp(table[i].rule, rule_word()) && !strcmp(table[i].today, state))
			return table[i].said[column];
	fail_msg("no row for %s %s", rule_word(), state);
	return 0;
}

/* No address is asked for, and this family's goes: the pin of the other one that stays stops its mail. */
static bool is_stopped_by_kept(const struct mt_plan *p, const int said[MT_FAMILIES],
			       enum mt_family f)
{
	return rule.other != MT_OTHER_LEAKS && pins[said[f]] == MT_PIN_ANY &&
	       pins[said[!f]] == MT_PIN_KEEP && !strcmp(today(p, f), "bound") &&
	       !strcmp(today(p, !f), "bound");
}

/* What the table has for this goal: off first, then IPv4, then IPv6. */
static char wanted(const struct mt_plan *p, const int said[MT_FAMILIES], bool accepts)
{
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (said[f] == OFF && rule.off == MT_OFF_NONE &&
		    p->mta->transports->binding[f].how != MT_HOW_OFF)
			return 'O';
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		char c = said[f] == ADDRESS ? look_up(today(p, !f), said[!f]) : '.';
		if (c != '.' && !(c == 'K' && accepts))
			return c;
	}
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (is_stopped_by_kept(p, said, f) && !accepts)
			return 'K';
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (said[f] == OFF &&
		    (said[!f] == OFF ||
		     (said[!f] < 2 && p->mta->transports->binding[!f].how == MT_HOW_OFF)))
			return 'N';
	return '.';
}

static char outcome(const struct mt_plan *p)
{
	static const struct {
		const char *part;
		char letter;
	} words[] = {{"would leave that to chance", 'A'},
		     {"for every destination", 'K'},
		     {"binds one address for both", 'B'},
		     {"has no setting that stops", 'O'},
		     {"no mail would be sent at all", 'N'}};
	if (!p->refused)
		return '.';
	for (size_t i = 0; i < MT_ARRAY_LEN(words); i++)
		if (strstr(mt_message_english(p->arena, p->refused->message), words[i].part))
			return words[i].letter;
	fail_msg("refused: %s", mt_message_english(p->arena, p->refused->message));
	return 0;
}

/* Ways out: today's source where both can be pinned, off where it can be had, and behind it. */
static void check_bindings(const struct mt_plan *p, enum mt_family other)
{
	const char *text = mt_message_english(p->arena, p->refused->message);
	const char *pin = strstr(text, other == MT_V6 ? "--ip6 2001" : "--ip4 192");
	const char *off = strstr(text, other == MT_V6 ? "--ip6 off" : "--ip4 off");
	/* what nobody said is not named */
	const struct mt_pin_goal *said = &p->goal->family[other];
	const char *so =
		mt_format(p->arena, ", so %s %s", other == MT_V6 ? "--ip6" : "--ip4",
			  said->pin == MT_PIN_ANY ? "any cannot be given" : "keep cannot be kept");
	assert_int_equal(strstr(text, so) != NULL, said->given);
	assert_int_equal(strstr(text, ", so ") != NULL, said->given);
	assert_string_equal(p->refused->id, "FK-STOPS");
	assert_int_equal(pin != NULL,
			 !rule.single && p->mta->transports->binding[other].source.set);
	assert_int_equal(off != NULL, rule.off != MT_OFF_NONE);
	assert_true(!pin || !off || pin < off);
}

static size_t length(const struct mt_message *list)
{
	size_t n = 0;
	for (; list; list = list->next)
		n++;
	return n;
}

/* What is done costs what the rule says, and nothing more; what is kept is as before, or was accepted. */
static void check_done(const struct mt_plan *p, const int said[MT_FAMILIES], bool accepts)
{
	size_t bounce = 0, wait = 0;
	const struct mt_transport *was = p->mta->transports, *now = p->after->mtas->transports;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		bool off = said[f] == OFF && was->binding[f].how != MT_HOW_OFF;
		bool kept = said[f] == 0 || said[f] == 1;
		bool sent = !strcmp(today(p, f), "sends") || !strcmp(today(p, f), "bound");
		bool stops = said[!f] == ADDRESS && said[f] < ADDRESS &&
			     look_up(today(p, f), said[f]) == 'K';
		stops = stops || is_stopped_by_kept(p, said, f);
		assert_false(stops && !accepts);
		bounce += (off && rule.off == MT_OFF_BOUNCES) ||
			  (stops && rule.other == MT_OTHER_FAILS);
		wait += (off && rule.off == MT_OFF_WAITS) ||
			(stops && rule.other == MT_OTHER_WAITS);
		if (kept && sent && !stops && !(said[!f] == MT_PIN_ANY))
			assert_true(now->binding[f].how == was->binding[f].how &&
				    mt_addr_eq(now->binding[f].source, was->binding[f].source));
	}
	assert_int_equal(length(p->impact.will_bounce), bounce);
	assert_int_equal(length(p->impact.will_wait), wait);
}

/* The finding is there where IPv4 alone is bound and the rule leaks. */
static void check_leak(const struct mt_model *model)
{
	const struct mt_binding *binding = model->mtas->transports->binding;
	bool leaks = rule.other == MT_OTHER_LEAKS && binding[MT_V4].how == MT_HOW_ADDRESS &&
		     binding[MT_V6].how == MT_HOW_KERNEL && binding[MT_V6].source.set;
	bool found = false;
	for (const struct mt_finding *f = model->findings; f; f = f->next)
		found = found || !strcmp(f->id, "FK-LEAK");
	assert_int_equal(found, leaks);
}

static unsigned long seen[256];

static void one(const struct mt_model *model, const int said[MT_FAMILIES], bool accepts)
{
	static const char *const ids[] = {"FK-STOPS", NULL};
	struct mt_goal goal = {.accept = accepts ? ids : NULL};
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		goal.family[f] = (struct mt_pin_goal){.pin = pins[said[f]], .given = said[f] != 0};
		if (said[f] == ADDRESS)
			assert_true(mt_addr_parse(mt_str_of(address[f]), &goal.family[f].addr));
	}
	const struct mt_plan *p = mt_plan(model, model->mtas, &goal, backends, false);
	char got = outcome(p), want = wanted(p, said, accepts);
	if (got != want)
		fail_msg("%s, off %s; IPv4 %s, IPv6 %s; --ip4 %s --ip6 %s%s: %c, not %c",
			 rule_word(), mt_off_name(rule.off), today(p, MT_V4), today(p, MT_V6),
			 pin_words[said[0]], pin_words[said[1]], accepts ? " accepted" : "", got,
			 want);
	seen[(unsigned char)got]++;
	if (got == 'K')
		check_bindings(p, (said[MT_V4] == ADDRESS &&
				   look_up(today(p, MT_V6), said[MT_V6]) == 'K') ||
						  is_stopped_by_kept(p, said, MT_V6)
					  ? MT_V6
					  : MT_V4);
	else if (got == '.')
		check_done(p, said, accepts);
}

/* An address of a family that the host has not is refused before anything else: HOST-NO-ROUTE, HOST-ADDR-ABSENT. */
static void all_goals(const struct mt_model *model, const bool has[MT_FAMILIES])
{
	for (int n = 0; n < SAID * SAID * 2; n++) {
		const int said[MT_FAMILIES] = {n % SAID, n / SAID % SAID};
		if ((said[MT_V4] == ADDRESS && !has[MT_V4]) ||
		    (said[MT_V6] == ADDRESS && !has[MT_V6]))
			continue;
		one(model, said, n / SAID / SAID);
	}
}

static void all_hosts(void)
{
	static const char *const words[MT_FAMILIES][3] = {{"any", "192.0.2.10", "off"},
							  {"any", "2001:db8::10", "off"}};
	for (int n = 0; n < 9 * 3; n++) {
		const bool has[MT_FAMILIES] = {n / 9 != 1, n / 9 != 2};
		const char *four = words[MT_V4][n % 3], *six = words[MT_V6][n / 3 % 3];
		if ((n % 3 == 1 && (!has[MT_V4] || (rule.single && n / 3 % 3 == 1))) ||
		    (n / 3 % 3 == 1 && !has[MT_V6]))
			continue; /* a pin to an address that is not there, or two where one is all there is */
		struct mt_arena *arena = mt_arena_new((size_t)64 << 20);
		const struct mt_model *model = mt_examine(
			host(arena, mt_format(arena, "%s %s\n", four, six), has), backends);
		check_leak(model);
		all_goals(model, has);
		mt_arena_free(arena);
	}
}

static void every_rule(void **state)
{
	(void)state;
	for (enum mt_other other = MT_OTHER_LEAKS; other <= MT_OTHER_FAILS; other++)
		for (enum mt_off off = MT_OFF_BOUNCES; off <= MT_OFF_NONE; off++)
			for (int single = 0; single <= (other != MT_OTHER_LEAKS); single++) {
				rule = (struct mt_families){.other = other,
							    .single = single,
							    .off = off,
							    .leaks = "FK-LEAK",
							    .stops = "FK-STOPS"};
				all_hosts();
			}
	for (const char *letter = ".AKBO"; *letter; letter++)
		assert_true(seen[(unsigned char)*letter] >= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_rule)};
	return cmocka_run_group_tests_name("families", tests, NULL, NULL);
}
