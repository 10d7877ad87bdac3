/* SPDX-License-Identifier: ISC */
/* aside.c: a bundle is looked at in a child, its answer is read here. */
#include "cmd/aside.h"

#include <stddef.h>
#include <stdio.h>

#include "cmd/checking.h"
#include "cmd/read.h"
#include "io/confined.h"

#define BUDGET	   ((size_t)256 << 20)
#define RESULT_MAX ((size_t)32 << 20)
#define SECONDS	   60

struct answer {
	unsigned code; /* of the error; 0 none */
	const char *id, *where, *message;
	const char *const *remarks;
	struct mt_examined examined;
	struct mt_str bytes;
};
static const struct mt_wire_field fields[] = {
	{MT_WIRE_UINT, offsetof(struct answer, code), MT_EXIT_CONFIG, NULL, 0},
	{MT_WIRE_TEXT, offsetof(struct answer, id), 0, NULL, 0},
	{MT_WIRE_TEXT, offsetof(struct answer, where), 0, NULL, 0},
	{MT_WIRE_TEXT, offsetof(struct answer, message), 0, NULL, 0},
	{MT_WIRE_TEXTS, offsetof(struct answer, remarks), 0, NULL, 0},
	{MT_WIRE_INSIDE, offsetof(struct answer, examined), 1, &mt_wire_examined, 0},
	{MT_WIRE_BYTES, offsetof(struct answer, bytes), 0, NULL, 0},
};
static const struct mt_wire_type type = {sizeof(struct answer), 0, fields, MT_ARRAY_LEN(fields)};

struct looking {
	struct mt_aside *aside;
	struct mt_context *context;
	struct mt_error error;
	struct mt_str bundle;
	struct answer answer;
	struct mt_asker *asker; /* outside */
};

/* ---- in the child ---- */

static void remember(void *data, const char *remark)
{
	struct answer *answer = data;
	struct looking *l = (void *)((char *)answer - offsetof(struct looking, answer));
	mt_list_add(l->context->arena, &answer->remarks, mt_strdup(l->context->arena, remark));
}

static void before(struct mt_confined *c, struct mt_arena *arena)
{
	struct looking *l = c->data;
	l->context->arena = l->context->out.arena = arena;
	if (mt_read_bundle(l->context, false, &l->bundle, &l->error) == 0)
		l->context->given = &l->bundle;
}

static void work(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result)
{
	struct looking *l = c->data;
	(void)arena;
	l->context->out.tell = remember;
	l->context->out.tell_data = &l->answer;
	if (l->context->given && l->aside->look(l->aside, &l->error) != 0 && !l->error.code)
		mt_fail(&l->error, MT_EXIT_FAILED, "", "it could not be examined");
	l->answer.code = (unsigned)l->error.code;
	l->answer.id = l->error.id;
	l->answer.where = l->error.where;
	l->answer.message = l->error.message;
	l->answer.examined = l->aside->examined;
	l->answer.bytes = l->aside->bytes;
	mt_examined_finish(&l->answer.examined);
	mt_wire_put(result, &type, &l->answer);
}

/* ---- outside ---- */

static bool reply(struct mt_confined *c, struct mt_str question, struct mt_pages *answer)
{
	struct looking *l = c->data;
	struct mt_arena *arena = l->context->arena;
	struct mt_dns *dns = MT_NEW(arena, struct mt_dns);
	struct mt_text text = MT_TEXT_INIT(arena);
	dns->arena = arena;
	if (!l->asker &&
	    mt_asker_open(arena, l->context->settings.resolvers, &l->asker, &l->error) != 0)
		return false;
	if (!mt_ask_for(arena, l->asker, question, dns))
		return false;
	mt_ask_tell(dns, &text);
	mt_pages_add(answer, mt_text_str(&text));
	return true;
}

static int take(struct looking *l, struct mt_str bytes, struct mt_error *error)
{
	struct mt_context *context = l->context;
	const struct mt_backend *const *backends = context->registry.backends;
	struct answer *a = &l->answer;
	if (!mt_wire_get(context->arena, bytes, backends, &type, a) ||
	    !mt_examined_tie(context->arena, backends, &a->examined) ||
	    (!a->code && !a->examined.model))
		return mt_fail(error, MT_EXIT_FAILED, context->options.bundle,
			       "the process that examined it answered nonsense");
	l->aside->examined = a->examined;
	l->aside->bytes = a->bytes;
	for (const char *const *remark = a->remarks; *remark; remark++)
		mt_remark(&context->out, "%s", *remark);
	if (!a->code)
		return 0;
	if (a->examined.model && !a->examined.model->mtas)
		mt_registry_complain(context);
	mt_fail(error, (int)a->code, a->where, "%s", a->message);
	snprintf(error->id, sizeof error->id, "%s", a->id);
	return -1;
}

int mt_aside(struct mt_aside *aside, struct mt_error *error)
{
	struct looking l = {.aside = aside, .context = aside->context};
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
		mt_fail(error, MT_EXIT_FAILED, aside->context->options.bundle, "%s", why);
	else
		failed = take(&l, mt_pages_str(&result), error);
	if (l.asker && aside->context->options.verbose)
		mt_checking_remark(aside->context, mt_asker_asked(l.asker));
	mt_asker_close(l.asker);
	mt_pages_free(&result);
	return failed || error->code ? -1 : 0;
}
