/* SPDX-License-Identifier: ISC */
/*
 * wire.c: what a child that examined a host sends home is all that is printed: text and JSON of a case are the same
 * before and after, and the bytes cut off at any of their ends or lied about are refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"
#include "core/audit/examined.h"
#include "ui/json.h"
#include "ui/json_part.h"
#include "ui/text.h"

static void remark(void *data, const struct mt_message *remark)
{
	mt_message_put(data, remark, NULL);
	mt_text_addf(data, "\n");
}

/* All that any writer makes of it. */
static const char *written(struct mt_arena *arena, const struct mt_examined *e)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_output out = {
		.arena = arena, .verbose = true, .tell = remark, .tell_data = &text};
	struct mt_report report = {.model = e->model,
				   .plan = e->plan,
				   .check = e->check,
				   .advises = e->advised,
				   .remedy = e->remedy};
	json_t *json = mt_json_host(&report);
	char *dump = json_dumps(json, JSON_INDENT(1));
	json_decref(json);
	mt_text_addf(&text, "%s\n", dump);
	free(dump);
	mt_text_model(&text, &out, e->model);
	if (e->check)
		mt_text_check(&text, &out, e->check);
	mt_text_remedy(&text, &out, e->remedy);
	if (e->plan) {
		mt_text_plan(&out, e->plan);
		mt_text_diff(&text, e->plan->changes, true);
	}
	return mt_text_z(&text);
}

static bool get(struct mt_arena *arena, struct mt_str bytes, struct mt_examined *e)
{
	return mt_wire_get(arena, bytes, case_backends, &mt_wire_examined, e) &&
	       mt_examined_tie(arena, case_backends, e);
}

static void differs(struct host_case *c, const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	mt_text_addf(&c->told, "not the same after the wire: %.60s\nbut: %.60s\n", a, b);
}

void see_wire(struct host_case *c, struct mt_plan *plan, struct mt_check *check)
{
	struct mt_examined before = {.model = c->model,
				     .plan = plan,
				     .check = check,
				     .advised = true,
				     .remedy = mt_remedy(c->model, check, NULL)},
			   after;
	see_words(c, plan, check);
	struct mt_text bytes = MT_TEXT_INIT(c->arena);
	const char *expected = written(c->arena, &before);
	mt_examined_finish(&before);
	mt_wire_put(&bytes, &mt_wire_examined, &before);
	struct mt_str all = mt_text_str(&bytes);
	if (!get(c->arena, all, &after)) {
		differs(c, expected, "nothing: it was refused");
		return;
	}
	if (check)
		after.check->options = check->options;
	if (strcmp(expected, written(c->arena, &after)) != 0)
		differs(c, expected, written(c->arena, &after));
	struct mt_arena *scratch = mt_arena_new((size_t)64 << 20);
	for (size_t n = 0; n < all.n; n += 1 + all.n / 50) {
		if (get(scratch, mt_str_part(all, 0, n), &after))
			differs(c, "refused", "cut off, and taken");
		mt_arena_reset(scratch);
	}
	mt_arena_free(scratch);
}
