/* SPDX-License-Identifier: ISC */
/*
 * wire.c: what a child that was taken over says. The first byte says what it claims to be: a host that was examined, a
 * tally of logs, questions. What is taken can be written as text and JSON, without a control byte, and written
 * to the wire again it is the same.
 */
#include "core/audit/examined.h"
#include "core/log/log_wire.h"
#include "fuzz.h"
#include "ui/json.h"
#include "ui/json_part.h"
#include "ui/log.h"
#include "ui/text.h"

extern const struct mt_backend mt_backend_postfix, mt_backend_qmail;
static const struct mt_backend *const backends[] = {&mt_backend_postfix, &mt_backend_qmail, NULL};

/* A diff keeps its tabs. */
static void printable(struct mt_str s)
{
	for (size_t i = 0; i < s.n; i++)
		FUZZ_HOLDS((unsigned char)s.p[i] >= ' ' || s.p[i] == '\n' || s.p[i] == '\t');
}

static void nothing(void *data, const struct mt_message *remark)
{
	(void)data;
	(void)remark;
}

static void write_all(struct mt_arena *arena, struct mt_examined *e)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_output out = {.arena = arena, .verbose = true, .tty = true, .tell = nothing};
	static const struct mt_check_options options;
	struct mt_report report = {
		.model = e->model, .routes = e->routes, .plan = e->plan, .check = e->check};
	if (!e->model)
		return;
	if (e->check) {
		e->check->options = &options;
		mt_text_check(&text, &out, e->check);
	}
	mt_text_model(&text, &out, e->model);
	if (e->plan) {
		mt_text_plan(&out, e->plan);
		mt_text_diff(&text, e->plan->changes, false);
	}
	json_t *json = mt_json_host(&report);
	char *dump = json_dumps(json, JSON_INDENT(1));
	json_decref(json);
	FUZZ_HOLDS(dump != NULL);
	mt_text_add(&text, mt_str_of(dump));
	free(dump);
	printable(mt_text_str(&text));
}

static void same_again(struct mt_arena *arena, const struct mt_wire_type *type, void *value)
{
	struct mt_text first = MT_TEXT_INIT(arena), second = MT_TEXT_INIT(arena);
	void *again = mt_alloc(arena, type->size);
	mt_wire_put(&first, type, value);
	FUZZ_HOLDS(mt_wire_get(arena, mt_text_str(&first), backends, type, again));
	mt_wire_put(&second, type, again);
	FUZZ_HOLDS(mt_str_eq(mt_text_str(&first), mt_text_str(&second)));
}

static void tally(struct mt_arena *arena, struct mt_str input)
{
	struct mt_log_tally t;
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_output out = {.arena = arena, .verbose = true, .tty = true, .tell = nothing};
	const struct mt_log_tally like = {.arena = arena,
					  .causes = mt_log_causes_new(arena, true),
					  .providers = mt_log_providers_new(arena)};
	struct mt_log_report report = {.tally = &t};
	if (!mt_wire_get(arena, input, NULL, &mt_wire_tally, &t) || !mt_log_tally_tie(&t, &like))
		return;
	same_again(arena, &mt_wire_tally, &t);
	mt_text_log(&text, &out, &report, NULL);
	printable(mt_text_str(&text));
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	struct mt_examined e;
	struct mt_question question;
	if (!input.n)
		return;
	struct mt_str rest = mt_str_part(input, 1, input.n - 1);
	switch (input.p[0] % 3) {
	case 0:
		if (!mt_wire_get(arena, rest, backends, &mt_wire_examined, &e) ||
		    !mt_examined_tie(arena, backends, &e))
			return;
		same_again(arena, &mt_wire_examined, &e);
		write_all(arena, &e);
		return;
	case 1:
		tally(arena, rest);
		return;
	default:
		if (mt_wire_get(arena, rest, NULL, &mt_wire_question, &question))
			same_again(arena, &mt_wire_question, &question);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
