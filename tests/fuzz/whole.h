/* SPDX-License-Identifier: ISC */
/*
 * whole.h: a whole host from any bytes: examine, every finding, plans of every method, as text and as JSON. The input
 * is cut at its bytes 0xff; the pieces are the files and probes that a target names, framed as a bundle, once of a host
 * that runs and once of a tree. A file's piece may start with 0xfe, it has mode 0600 then; one that is empty is absent,
 * and 0xfd alone is a file without a byte. A plan that is not refused sets what it says: examined again, a second plan
 * has nothing to do.
 */
#ifndef FUZZ_WHOLE_H
#define FUZZ_WHOLE_H

#include "fuzz.h"

#include "io/txn/verify.h"
#include "ui/escape.h"
#include "ui/json_part.h"
#include "ui/text.h"

#define WHOLE_MAX 32 /* pieces */

struct whole {
	const struct mt_backend *const *backends;
	const char *const *names; /* of its pieces: a path is a file, another a probe */
	size_t count;
	/* what every such host has besides; NULL: nothing */
	void (*also)(struct mt_text *bundle, const struct mt_str *pieces, bool tree);
};

#define N "0123456789abcdef0123456789abcdef"
#define STANDARD_ADDR                                                                              \
	"1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft "         \
	"forever\n"                                                                                \
	"1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever\n"     \
	"2: eth0    inet 192.0.2.1/24 scope global eth0\\       valid_lft forever\n"               \
	"2: eth0    inet6 2001:db8::1/64 scope global nodad \\       valid_lft forever\n"

/* ---- the bundle --------------------------------------------------------------------------------- */

static inline void whole_file(struct mt_text *bundle, const char *path, int mode,
			      struct mt_str bytes)
{
	mt_text_addf(bundle, N " file f present %o 0 0 1 1700000000 %zu %s\n" N " data %zu\n",
		     (unsigned)mode, bytes.n, path, bytes.n);
	mt_text_add(bundle, bytes);
	mt_text_addf(bundle, "\n" N " end\n");
}

static inline void whole_probe(struct mt_text *bundle, const char *name, struct mt_str bytes)
{
	mt_text_addf(bundle, N " probe present %s\n" N " data %zu\n", name, bytes.n);
	mt_text_add(bundle, bytes);
	mt_text_addf(bundle, "\n" N " end 0\n");
}

static inline void whole_frame(struct mt_text *bundle, const char *name, struct mt_str piece)
{
	bool marked =
		piece.n && ((unsigned char)*piece.p == 0xfe || (unsigned char)*piece.p == 0xfd);
	if (!piece.n)
		mt_text_addf(bundle, N " file ? absent - - - - - - %s\n" N " end\n", name);
	else
		whole_file(bundle, name, (unsigned char)*piece.p == 0xfe ? 0600 : 0644,
			   mt_str_part(piece, marked, piece.n - marked));
}

static inline struct mt_str whole_cut(struct mt_str *rest)
{
	const char *end = rest->n ? memchr(rest->p, 0xff, rest->n) : NULL;
	struct mt_str piece = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
	size_t used = end ? piece.n + 1 : piece.n;
	*rest = (struct mt_str){rest->n ? rest->p + used : rest->p, rest->n - used};
	return piece;
}

static inline struct mt_str whole_bundle(struct mt_arena *arena, const struct whole *whole,
					 struct mt_str input, bool tree)
{
	struct mt_text bundle = MT_TEXT_INIT(arena);
	struct mt_str pieces[WHOLE_MAX];
	FUZZ_HOLDS(whole->count <= WHOLE_MAX);
	mt_text_addf(&bundle, N " begin mtapin 1\n" N " host 1700000000 raw%s mx1\n",
		     tree ? ",tree" : "");
	for (size_t i = 0; i < whole->count; i++) {
		const char *name = whole->names[i];
		pieces[i] = whole_cut(&input);
		if (name[0] == '/')
			whole_frame(&bundle, name, pieces[i]);
		else if (!tree && pieces[i].n)
			whole_probe(&bundle, name, pieces[i]);
		else if (!tree && !strcmp(name, "addr"))
			whole_probe(&bundle, name, MT_STR(STANDARD_ADDR));
	}
	if (whole->also)
		whole->also(&bundle, pieces, tree);
	mt_text_addf(&bundle, N " done\n");
	return mt_text_str(&bundle);
}

/* ---- what is printed ---------------------------------------------------------------------------- */

/* Nothing of it moves a cursor. */
static inline void whole_check_text(struct mt_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		FUZZ_HOLDS((c >= ' ' || c == '\n' || c == '\t') && c != 0x7f);
	}
}

static inline void whole_add(void *text, struct mt_str bytes)
{
	mt_text_add(text, bytes);
}

/* It is JSON, and as plain as text. */
static inline void whole_check_json(struct mt_arena *arena, json_t *value)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	mt_json_dump(value, JSON_COMPACT, whole_add, &text);
	struct mt_str bytes = mt_text_str(&text);
	whole_check_text(bytes);
	json_t *read = json_loadb(bytes.p, bytes.n, JSON_ALLOW_NUL, NULL);
	FUZZ_HOLDS(read);
	json_decref(read);
}

static inline void whole_print_model(const struct mt_model *model)
{
	struct mt_text text = MT_TEXT_INIT(model->arena);
	const struct mt_output out = {.arena = model->arena};
	mt_text_model(&text, &out, model);
	whole_check_text(mt_text_str(&text));
	whole_check_json(model->arena, mt_json_host(&(struct mt_report){.model = model}));
}

#define WHOLE_BINDINGS 20 /* of a transport and family: each asks the tables again */

/* A mail that meets the condition of a binding gets that one or an earlier one, or nobody can tell. */
static inline void whole_meet(const struct mt_model *model, const struct mt_transport *transport,
			      enum mt_family family, const struct mt_binding *binding)
{
	struct mt_arena *arena = model->arena;
	struct mt_text text = MT_TEXT_INIT(arena);
	const struct mt_output out = {.arena = arena};
	struct mt_mail mail = {.to = "u@example.net", .from = "u@example.net"};
	struct mt_route route;
	for (const struct mt_condition *c = binding->when; c; c = c->next) {
		const char *domain =
			mt_format(arena, "u@%s%s", *c->value == '.' ? "x" : "", c->value);
		if (c->by != MT_BY_SENDER && strchr(c->value, '@'))
			return; /* no domain */
		if (c->by == MT_BY_SENDER)
			mail.from = c->value;
		else if (c->by == MT_BY_SENDER_DOMAIN)
			mail.from = *c->value ? domain : "";
		else if (c->by == MT_BY_RECIPIENT_DOMAIN)
			mail.to = domain;
		else
			return;
	}
	mt_route(model, model->mtas, &mail, &route);
	mt_text_route(&text, &out, model->mtas, &route);
	whole_check_text(mt_text_str(&text));
	const struct mt_binding *taken = route.transport ? &route.transport->binding[family] : NULL;
	const struct mt_binding *w = transport->conditional[family];
	if (!taken || taken->how == MT_HOW_UNKNOWN || taken->how == MT_HOW_COMPUTED ||
	    taken->how == MT_HOW_OFF)
		return;
	while (w != binding && !mt_condition_same(w->when, taken->when))
		w = w->next;
	FUZZ_HOLDS(mt_condition_same(w->when, taken->when));
}

static inline void whole_bindings(const struct mt_model *model)
{
	for (const struct mt_transport *transport = model->mtas->transports; transport;
	     transport = transport->next)
		for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
			unsigned n = 0;
			for (const struct mt_binding *w = transport->conditional[f];
			     w && n++ < WHOLE_BINDINGS; w = w->next)
				whole_meet(model, transport, f, w);
		}
}

/* It is given as it is: whoever shows it escapes it. */
static inline void whole_tell(void *arena, const struct mt_message *remark)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	mt_escape(&text, mt_str_of(mt_message_english(arena, remark)));
	whole_check_text(mt_text_str(&text));
}

static inline void whole_print_plan(const struct mt_plan *plan)
{
	struct mt_text text = MT_TEXT_INIT(plan->arena);
	const struct mt_output out = {
		.arena = plan->arena, .tell = whole_tell, .tell_data = plan->arena};
	mt_text_plan(&out, plan);
	mt_text_diff(&text, plan->changes, false);
	whole_check_text(mt_text_str(&text));
	whole_check_json(plan->arena, mt_json_plan(plan, NULL));
}

/* ---- plans -------------------------------------------------------------------------------------- */

static inline void whole_second(const struct whole *whole, const struct mt_plan *first)
{
	const struct mt_mta *was = first->mta;
	if (first->refused || !first->changes || !first->after)
		return;
	const struct mt_mta *mta = mt_mta_named(first->after, was->backend->name, was->instance);
	FUZZ_HOLDS(mta);
	const struct mt_plan *second =
		mt_plan(first->after, mta, first->goal, whole->backends, false);
	FUZZ_HOLDS(second->refused || !second->changes);
}

static inline void whole_plan(const struct whole *whole, const struct mt_model *model,
			      const struct mt_goal *goal)
{
	const struct mt_plan *plan = mt_plan(model, model->mtas, goal, whole->backends, true);
	/* printing is most of the time, and is the same for every method: large inputs shall not look like hangs */
	if (!goal->method)
		whole_print_plan(plan);
	else
		for (const struct mt_change *c = plan->changes; c; c = c->next)
			mt_diff(plan->arena, c);
	whole_second(whole, plan);
}

static inline void whole_goal(const struct whole *whole, const struct mt_model *model,
			      const char *method, const enum mt_pin pin[MT_FAMILIES])
{
	/* keep cannot be kept where one line binds both families: refused unless accepted */
	static const char *const accepted[] = {"QM-OTHER-FAMILY", "QM-UNKNOWN-BINARY", "HOST-OWNER",
					       "PF-OPENS-LISTENER", NULL};
	static const char *const address[] = {"192.0.2.1", "2001:db8::1"};
	struct mt_goal *goal = MT_NEW(model->arena, struct mt_goal);
	*goal = (struct mt_goal){.method = method,
				 .accept = pin[MT_V6] == MT_PIN_KEEP ? accepted : NULL,
				 .helo = pin[MT_V4] == MT_PIN_ANY ? "mail.example.net" : NULL};
	for (int f = 0; f < MT_FAMILIES; f++) {
		goal->family[f] = (struct mt_pin_goal){.pin = pin[f], .given = true};
		if (pin[f] == MT_PIN_ADDRESS)
			FUZZ_HOLDS(mt_addr_parse(mt_str_of(address[f]), &goal->family[f].addr));
	}
	whole_plan(whole, model, goal);
}

/* IPv4 pinned by every method, and let go of, beside all that can be wanted of IPv6; of a tree by the usual one. */
static inline void whole_plans(const struct whole *whole, const struct mt_model *model)
{
	const char *const *names = mt_method_names(model->arena, whole->backends);
	for (unsigned six = MT_PIN_KEEP; six <= MT_PIN_ANY; six++) {
		/* the first one is auto */
		for (size_t i = 0; names[i] && (!i || !model->snapshot->rooted); i++)
			whole_goal(whole, model, i ? names[i] : NULL,
				   (enum mt_pin[]){MT_PIN_ADDRESS, (enum mt_pin)six});
		whole_goal(whole, model, NULL, (enum mt_pin[]){MT_PIN_ANY, (enum mt_pin)six});
	}
}

static inline void whole_run(struct mt_arena *arena, const struct whole *whole, struct mt_str input)
{
	for (int tree = 0; tree < 2; tree++) {
		struct mt_snapshot *snapshot;
		struct mt_error error = {0};
		struct mt_str bundle = whole_bundle(arena, whole, input, tree);
		/* More than a bundle may hold: refused before anything is looked at. */
		if (mt_bundle_decode(arena, bundle, &snapshot, &error))
			return;
		const struct mt_model *model = mt_examine(snapshot, whole->backends);
		whole_print_model(model);
		if (model->mtas) {
			whole_bindings(model);
			whole_plans(whole, model);
		}
	}
}

#endif
