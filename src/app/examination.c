/* SPDX-License-Identifier: ISC */
/* examination.c: a saved bundle is examined in a child, its answer is read here. */
#include "app/examination.h"

#include <stddef.h>
#include <stdio.h>

#include "app/checking.h"
#include "app/read_host.h"
#include "io/sys/confined.h"

#define BUDGET	   ((size_t)256 << 20)
#define RESULT_MAX ((size_t)32 << 20)
#define SECONDS	   60

struct answer {
	unsigned code; /* of the error; 0 none */
	const char *id, *where, *message;
	struct mt_message *remarks;
	struct mt_examined examined;
	struct mt_str bytes;
};
static const struct mt_wire_field fields[] = {
	{MT_WIRE_UINT, offsetof(struct answer, code), MT_EXIT_CONFIG, NULL, 0},
	{MT_WIRE_TEXT, offsetof(struct answer, id), 0, NULL, 0},
	{MT_WIRE_TEXT, offsetof(struct answer, where), 0, NULL, 0},
	{MT_WIRE_TEXT, offsetof(struct answer, message), 0, NULL, 0},
	{MT_WIRE_LIST, offsetof(struct answer, remarks), 0, &mt_wire_message, 0},
	{MT_WIRE_INSIDE, offsetof(struct answer, examined), 1, &mt_wire_examined, 0},
	{MT_WIRE_BYTES, offsetof(struct answer, bytes), 0, NULL, 0},
};
static const struct mt_wire_type type = {sizeof(struct answer), 0, fields, MT_ARRAY_LEN(fields)};

struct examining {
	struct mt_examination *of;
	struct mt_app *app; /* the same as of->app */
	struct mt_error error;
	struct mt_str bundle;
	struct answer answer;
	struct mt_asker *asker; /* outside */
};

/* ---- in the child ---- */

static void remember(void *data, const struct mt_message *remark)
{
	struct examining *l = data;
	mt_message_push(&l->answer.remarks, mt_message_copy(l->app->arena, remark));
}

static void before(struct mt_confined *c, struct mt_arena *arena)
{
	struct examining *l = c->data;
	l->app->arena = arena;
	if (mt_read_bundle(l->app, false, &l->bundle, &l->error) == 0)
		l->app->given = &l->bundle;
}

static void work(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result)
{
	struct examining *l = c->data;
	(void)arena;
	l->app->remark = remember;
	l->app->data = l;
	if (l->app->given && l->of->examine(l->of, &l->error) != 0 && !l->error.code)
		mt_fail(&l->error, MT_EXIT_FAILED, "", "it could not be examined");
	l->answer.code = (unsigned)l->error.code;
	l->answer.id = l->error.id;
	l->answer.where = l->error.where;
	l->answer.message = l->error.message;
	l->answer.examined = l->of->examined;
	l->answer.bytes = l->of->bytes;
	mt_examined_finish(&l->answer.examined);
	mt_wire_put(result, &type, &l->answer);
}

/* ---- outside ---- */

static bool reply(struct mt_confined *c, struct mt_str question, struct mt_pages *answer)
{
	struct examining *l = c->data;
	struct mt_arena *arena = l->app->arena;
	struct mt_dns *dns = MT_NEW(arena, struct mt_dns);
	struct mt_text text = MT_TEXT_INIT(arena);
	dns->arena = arena;
	if (!l->asker &&
	    mt_asker_open(arena, l->app->settings->resolvers, &l->asker, &l->error) != 0)
		return false;
	if (!mt_ask_for(arena, l->asker, question, dns))
		return false;
	mt_ask_tell(dns, &text);
	mt_pages_add(answer, mt_text_str(&text));
	return true;
}

static int take_answer(struct examining *l, struct mt_str bytes, struct mt_error *error)
{
	struct mt_app *app = l->app;
	const struct mt_backend *const *backends = app->registry->backends;
	struct answer *a = &l->answer;
	if (!mt_wire_get(app->arena, bytes, backends, &type, a) ||
	    !mt_examined_tie(app->arena, backends, &a->examined) ||
	    (!a->code && !a->examined.model))
		return mt_fail(error, MT_EXIT_FAILED, app->bundle,
			       "the process that examined it answered nonsense");
	l->of->examined = a->examined;
	l->of->bytes = a->bytes;
	for (const struct mt_message *remark = a->remarks; remark; remark = remark->next)
		app->remark(app->data, remark);
	if (!a->code)
		return 0;
	mt_fail(error, (int)a->code, a->where, "%s", a->message);
	snprintf(error->id, sizeof error->id, "%s", a->id);
	return -1;
}

static int examine_aside(struct mt_examination *e, struct mt_error *error)
{
	struct examining l = {.of = e, .app = e->app};
	struct mt_pages result = {0};
	char why[MT_CONFINED_WHY];
	struct mt_confined c = {.data = &l,
				.before = before,
				.work = work,
				.reply = reply,
				.hears = true,
				.budget = BUDGET,
				.result_max = RESULT_MAX,
				.seconds = SECONDS};
	int failed = mt_confined_run(&c, &result, why);
	if (l.error.code)
		*error = l.error;
	else if (failed)
		mt_fail(error, MT_EXIT_FAILED, e->app->bundle, "%s", why);
	else
		failed = take_answer(&l, mt_pages_str(&result), error);
	if (l.asker && e->app->verbose)
		mt_tell_asked(e->app, mt_asker_asked(l.asker));
	mt_asker_close(l.asker);
	mt_pages_free(&result);
	return failed || error->code ? -1 : 0;
}

int mt_examination_run(struct mt_examination *e, struct mt_error *error)
{
	return e->app->bundle ? examine_aside(e, error) : e->examine(e, error);
}
