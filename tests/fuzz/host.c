/* SPDX-License-Identifier: ISC */
/*
 * host.c: a whole host from any bytes, through examine, every finding and plans of every method. The
 * input is cut at its bytes 0xff; the pieces are main.cf, master.cf and probes, framed as a bundle.
 * A plan that is not refused sets what it says: examined again, a second plan has nothing to do.
 */
#include "fuzz.h"

extern const struct mt_backend mt_backend_postfix;

static const struct mt_backend *const backends[] = {&mt_backend_postfix, NULL};
static const char *const names[] = {"/etc/postfix/main.cf",
				    "/etc/postfix/master.cf",
				    "names",
				    "source",
				    "addr",
				    "route",
				    "tcp",
				    "owner",
				    "init",
				    "nat"};

#define N "0123456789abcdef0123456789abcdef"
#define STANDARD_ADDR                                                                              \
	"1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft "         \
	"forever\n"                                                                                \
	"1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever\n"     \
	"2: eth0    inet 192.0.2.1/24 scope global eth0\\       valid_lft forever\n"               \
	"2: eth0    inet6 2001:db8::1/64 scope global nodad \\       valid_lft forever\n"

static void frame(struct mt_text *bundle, const char *name, struct mt_str bytes)
{
	if (name[0] == '/')
		mt_text_addf(bundle, N " file f present 644 0 0 1 1700000000 %zu %s\n", bytes.n,
			     name);
	else
		mt_text_addf(bundle, N " probe present %s\n", name);
	mt_text_addf(bundle, N " data %zu\n", bytes.n);
	mt_text_add(bundle, bytes);
	mt_text_addf(bundle, "\n" N " end%s\n", name[0] == '/' ? "" : " 0");
}

static struct mt_str cut(struct mt_str *rest)
{
	const char *end = rest->n ? memchr(rest->p, 0xff, rest->n) : NULL;
	struct mt_str piece = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
	size_t used = end ? piece.n + 1 : piece.n;
	*rest = (struct mt_str){rest->n ? rest->p + used : rest->p, rest->n - used};
	return piece;
}

static struct mt_str bundle_of(struct mt_arena *arena, struct mt_str input)
{
	struct mt_text bundle = MT_TEXT_INIT(arena);
	mt_text_addf(&bundle, N " begin mtapin 1\n" N " host 1700000000 raw mx1\n");
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++) {
		struct mt_str piece = cut(&input);
		if (piece.n)
			frame(&bundle, names[i], piece);
		else if (!strcmp(names[i], "addr"))
			frame(&bundle, names[i], MT_STR(STANDARD_ADDR));
	}
	mt_text_addf(&bundle, N " done\n");
	return mt_text_str(&bundle);
}

static void check_second(const struct mt_plan *first, const struct mt_goal *goal)
{
	const struct mt_mta *mta = first->after ? first->after->mtas : NULL;
	if (first->refused || !first->changes || !mta)
		return;
	const struct mt_plan *second = mt_plan(first->after, mta, goal, backends, false);
	FUZZ_HOLDS(second->refused || !second->changes);
}

static void plan(const struct mt_model *model, enum mt_method method, enum mt_pin six)
{
	struct mt_goal goal = {.method = method};
	goal.family[MT_V4] = (struct mt_pin_goal){.pin = MT_PIN_ADDRESS, .given = true};
	goal.family[MT_V6] = (struct mt_pin_goal){.pin = six, .given = true};
	FUZZ_HOLDS(mt_addr_parse(MT_STR("192.0.2.1"), &goal.family[MT_V4].addr));
	if (six == MT_PIN_ADDRESS)
		FUZZ_HOLDS(mt_addr_parse(MT_STR("2001:db8::1"), &goal.family[MT_V6].addr));
	const struct mt_plan *made = mt_plan(model, model->mtas, &goal, backends, true);
	for (const struct mt_change *c = made->changes; c; c = c->next)
		mt_diff(model->arena, c);
	check_second(made, &goal);
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	struct mt_snapshot *snapshot;
	struct mt_error error = {0};
	struct mt_str bundle = bundle_of(arena, input);
	/* More than a bundle may hold: refused before anything is looked at. */
	if (mt_bundle_decode(arena, bundle, &snapshot, &error))
		return;
	const struct mt_model *model = mt_examine(snapshot, backends);
	if (!model->mtas)
		return;
	for (unsigned method = 0; method < MT_METHODS; method++)
		for (unsigned six = MT_PIN_KEEP; six <= MT_PIN_ANY; six++)
			plan(model, (enum mt_method)method, (enum mt_pin)six);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
