/* SPDX-License-Identifier: ISC */
/*
 * audit_host.c: one host of an audit, in a child of a worker that has nothing: from its bundle to findings, a verdict and a
 * plan; and how that comes back as structs (core/examined.h). What is printed of it is made where it is printed.
 */
#include <stddef.h>
#include <string.h>

#include "cmd/audit.h"
#include "cmd/checking.h"
#include "cmd/read.h"
#include "io/store.h"

/* ---- the pipe ---- */

static const struct mt_wire_field fields[] = {
	{MT_WIRE_ENUM, offsetof(struct mt_audit_result, cause), MT_CAUSES, NULL, 0},
	{MT_WIRE_BOOL, offsetof(struct mt_audit_result, complies), 0, NULL, 0},
	{MT_WIRE_TEXT, offsetof(struct mt_audit_result, detail), 0, NULL, 0},
	{MT_WIRE_MAYBE, offsetof(struct mt_audit_result, refused), 0, NULL, 0},
	{MT_WIRE_INSIDE, offsetof(struct mt_audit_result, examined), 1, &mt_wire_examined, 0},
};
static const struct mt_wire_type type = {sizeof(struct mt_audit_result), 0, fields,
					 MT_ARRAY_LEN(fields)};

bool mt_audit_result_read(struct mt_arena *arena, const struct mt_audit *audit, struct mt_str bytes,
			  struct mt_audit_result *result)
{
	const struct mt_backend *const *backends = audit->context->registry.backends;
	if (!mt_wire_get(arena, bytes, backends, &type, result) ||
	    !mt_examined_tie(arena, backends, &result->examined) ||
	    (result->cause == MT_CAUSE_NONE && !result->examined.model))
		return false;
	if (result->examined.check)
		result->examined.check->options = &audit->check_options;
	return true;
}

/* ---- what is expected ---- */

static bool path_holds(const struct mt_goal *goal, const struct mt_path *path)
{
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (!mt_way_holds(&goal->family[f], path, f) ||
		    (goal->helo && path->way[f].helo && strcmp(goal->helo, path->way[f].helo) != 0))
			return false;
	return !goal->helo || !*path->helo || strcmp(goal->helo, path->helo) == 0;
}

/* It is as it should be, even where a plan would be refused, or would write down what holds by itself. */
static bool all_hold(const struct mt_goal *goal, const struct mt_mta *mta)
{
	bool some = false;
	for (const struct mt_path *path = mta->paths; path; path = path->next) {
		if (!mt_goal_wants(goal, path))
			continue;
		some = true;
		if (!path_holds(goal, path))
			return false;
	}
	return some;
}

/* The one that is meant: the only one, or the only one that runs. */
static const struct mt_mta *choose_mta(const struct mt_model *model)
{
	const struct mt_mta *running = NULL;
	unsigned count = 0;
	if (model->mtas && !model->mtas->next)
		return model->mtas;
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next) {
		if (mta->state != MT_STATE_RUNNING)
			continue;
		running = mta;
		count++;
	}
	return count == 1 ? running : NULL;
}

/* What is not said stays as it is. */
static const struct mt_goal *goal_of(struct mt_arena *arena, const struct mt_audit *audit,
				     const struct mt_expect *expect)
{
	struct mt_goal *goal = MT_NEW(arena, struct mt_goal);
	goal->method = audit->context->settings.method;
	goal->helo = expect->helo;
	for (int f = 0; f < MT_FAMILIES; f++) {
		goal->family[f] = expect->family[f];
		goal->family[f].given = true;
	}
	return goal;
}

static void judge(const struct mt_audit *audit, struct mt_arena *arena,
		  const struct mt_expect *expect, struct mt_audit_result *a)
{
	struct mt_model *model = a->examined.model;
	const struct mt_mta *mta = choose_mta(model);
	const struct mt_goal *goal = goal_of(arena, audit, expect);
	if (!mta) {
		a->refused = model->mtas ? "several mail servers are here: which one is meant?"
					 : "there is no mail server here";
		return;
	}
	struct mt_plan *plan = mt_plan(model, mta, goal, audit->context->registry.backends, false);
	const char *why;
	a->complies = all_hold(goal, mta) || (!plan->refused && !plan->changes &&
					      mt_plan_action(plan, &why) == MT_ACTION_NONE);
	if (!a->complies)
		a->examined.plan = plan;
}

/* ---- the DNS ---- */

#define ASKING_BUDGET ((size_t)64 << 20)
#define DNS_MS	      10000 /* for one host: less than a worker has for all of it */

/* Whether nobody answered, whatever was asked. */
static bool unanswered(const struct mt_dns *dns)
{
	for (size_t i = 0; i < dns->count; i++)
		if (dns->list[i].status != MT_DNS_TIMEOUT &&
		    dns->list[i].status != MT_DNS_NO_RESOLVER)
			return false;
	return dns->count > 0;
}

/* The DNS is asked outside. */
static const struct mt_str here_is_none;

static int check_dns(const struct mt_audit *audit, struct mt_model *model,
		     struct mt_audit_result *a, struct mt_error *error)
{
	struct mt_context here = *audit->context;
	struct mt_checking checking = {.check = mt_check};
	here.arena = model->arena;
	here.given = &here_is_none;
	here.options.verbose = false;
	if (mt_checking_run(&here, model, &checking, error) != 0)
		return -1;
	mt_check_report(checking.result);
	a->examined.check = checking.result;
	return 0;
}

/* In the worker: one asker for all questions of a host. Resolvers that left one host without any answer are not waited
 * for again. */
static int open_asker(struct mt_audit *audit, uint32_t number)
{
	struct mt_error error = {0};
	if (audit->asking && audit->asked_for == number)
		return 0;
	mt_asker_close(audit->asker);
	mt_arena_free(audit->asking);
	audit->asker = NULL;
	audit->asking = mt_arena_new(ASKING_BUDGET);
	audit->asked_for = number;
	if (mt_asker_open(audit->asking, audit->context->settings.resolvers, &audit->asker,
			  &error) != 0)
		return -1;
	mt_asker_limit(audit->asker, audit->dns_is_silent ? 1 : DNS_MS);
	return 0;
}

bool mt_audit_reply(struct mt_confined *c, struct mt_str question, struct mt_pages *answer)
{
	const struct mt_work *work = c->data;
	struct mt_audit *audit = work->pool->data;
	if (!audit->context->options.dns || open_asker(audit, work->number) != 0)
		return false;
	struct mt_dns *dns = MT_NEW(audit->asking, struct mt_dns);
	struct mt_text text = MT_TEXT_INIT(audit->asking);
	dns->arena = audit->asking;
	if (!mt_ask_for(audit->asking, audit->asker, question, dns))
		return false;
	audit->dns_is_silent |= unanswered(dns);
	mt_ask_tell(dns, &text);
	mt_pages_add(answer, mt_text_str(&text));
	return true;
}

/* ---- a bundle ---- */

static bool too_long(struct mt_str bundle, struct mt_error *error)
{
	return bundle.n > MT_FOREIGN_BUNDLE_MAX &&
	       mt_fail(error, MT_EXIT_FAILED, "", "the bundle is larger than %zu bytes",
		       MT_FOREIGN_BUNDLE_MAX) != 0;
}

void mt_audit_before(struct mt_confined *c, struct mt_arena *arena)
{
	struct mt_work *work = c->data;
	struct mt_audit *audit = work->pool->data;
	const char *name = audit->hosts->host[work->number].name;
	enum mt_audit_origin origin =
		work->bytes.n ? (enum mt_audit_origin)work->bytes.p[0] : MT_AUDIT_LIVE;
	const char *folder = origin == MT_AUDIT_STORED ? audit->stored : audit->save;
	if (origin == MT_AUDIT_LIVE)
		work->bytes = mt_str_part(work->bytes, 1, work->bytes.n - 1);
	else if (mt_collect_file(arena, mt_store_path(arena, folder, name), &work->bytes,
				 &audit->unread) != 0 ||
		 too_long(work->bytes, &audit->unread))
		work->bytes = (struct mt_str){"", 0};
}

/* Nothing can be said when no mail server of it could be read. */
static const char *unreadable(const struct mt_model *model)
{
	const char *why = NULL;
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next) {
		if (!mta->unreadable)
			return NULL;
		why = mta->unreadable;
	}
	return why;
}

static enum mt_cause examine(struct mt_audit *audit, const struct mt_work *work,
			     struct mt_audit_result *a, struct mt_arena *arena)
{
	struct mt_error *error = &audit->unread;
	const struct mt_expect *expect = audit->hosts->host[work->number].expect;
	struct mt_snapshot *snapshot;
	if (error->code || mt_bundle_decode(arena, work->bytes, &snapshot, error) != 0)
		return MT_CAUSE_BUNDLE;
	mt_snapshot_cap(snapshot, MT_FOREIGN_ITEM_MAX);
	if (!snapshot->complete)
		return MT_CAUSE_INCOMPLETE;
	struct mt_model *model = mt_examine(snapshot, audit->context->registry.backends);
	const char *why = unreadable(model);
	a->examined.model = model;
	if (why) {
		mt_fail(error, MT_EXIT_FAILED, "", "%s", why);
		return MT_CAUSE_DENIED;
	}
	if (audit->context->options.dns && check_dns(audit, model, a, error) != 0)
		return MT_CAUSE_WORKER;
	if (expect)
		judge(audit, arena, expect, a);
	return MT_CAUSE_NONE;
}

void mt_audit_work(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result)
{
	const struct mt_work *work = c->data;
	struct mt_audit *audit = work->pool->data;
	struct mt_audit_result a = {.detail = ""};
	a.cause = examine(audit, work, &a, arena);
	a.detail = audit->unread.message;
	if (a.cause != MT_CAUSE_NONE)
		a.examined = (struct mt_examined){0};
	mt_examined_finish(&a.examined);
	mt_wire_put(result, &type, &a);
}
