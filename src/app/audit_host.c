/* SPDX-License-Identifier: ISC */
/*
 * audit_host.c: one host of an audit, in a child of a worker that has nothing: from its bundle to findings, a verdict and a
 * plan; and how that comes back as structs (core/audit/examined.h). What is printed of it is made where it is printed.
 */
#include <stddef.h>
#include <string.h>

#include "app/audit_part.h"
#include "app/checking.h"
#include "io/fleet/bundle_store.h"

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

bool mt_audit_result_read(struct mt_arena *arena, const struct mt_audit_run *run,
			  struct mt_str bytes, struct mt_audit_result *result)
{
	const struct mt_backend *const *backends = run->audit->app->registry->backends;
	if (!mt_wire_get(arena, bytes, backends, &type, result) ||
	    !mt_examined_tie(arena, backends, &result->examined) ||
	    (result->cause == MT_CAUSE_NONE && !result->examined.model))
		return false;
	if (result->examined.check)
		result->examined.check->options = &run->check_options;
	return true;
}

/* ---- what is expected ---- */

static bool transport_holds(const struct mt_goal *goal, const struct mt_transport *transport)
{
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (!mt_way_holds(&goal->family[f], transport, f) ||
		    (goal->helo && transport->binding[f].helo &&
		     strcmp(goal->helo, transport->binding[f].helo) != 0))
			return false;
	return !goal->helo || !*transport->helo || strcmp(goal->helo, transport->helo) == 0;
}

/* It is as it should be, even where a plan would be refused, or would write down what holds by itself. */
static bool all_hold(const struct mt_goal *goal, const struct mt_mta *mta)
{
	bool some = false;
	for (const struct mt_transport *transport = mta->transports; transport;
	     transport = transport->next) {
		if (!mt_goal_wants(goal, transport))
			continue;
		some = true;
		if (!transport_holds(goal, transport))
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
static const struct mt_goal *goal_of(struct mt_arena *arena, const struct mt_audit_run *run,
				     const struct mt_expect *expect)
{
	struct mt_goal *goal = MT_NEW(arena, struct mt_goal);
	goal->method = run->audit->app->settings->method;
	goal->helo = expect->helo;
	for (int f = 0; f < MT_FAMILIES; f++) {
		goal->family[f] = expect->family[f];
		goal->family[f].given = true;
	}
	return goal;
}

static void judge_host(const struct mt_audit_run *run, struct mt_arena *arena,
		       const struct mt_expect *expect, struct mt_audit_result *a)
{
	struct mt_model *model = a->examined.model;
	const struct mt_mta *mta = choose_mta(model);
	const struct mt_goal *goal = goal_of(arena, run, expect);
	if (!mta) {
		a->refused = model->mtas ? "several mail servers are here: which one is meant?"
					 : "there is no mail server here";
		return;
	}
	struct mt_plan *plan =
		mt_plan(model, mta, goal, run->audit->app->registry->backends, false);
	const struct mt_message *why;
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

static int check_dns(const struct mt_audit_run *run, struct mt_model *model,
		     struct mt_audit_result *a, struct mt_error *error)
{
	struct mt_app here = *run->audit->app;
	struct mt_checking checking = {.check = mt_check};
	here.arena = model->arena;
	here.given = &here_is_none;
	here.verbose = false;
	if (mt_checking_run(&here, model, &checking, error) != 0)
		return -1;
	mt_check_report(checking.result);
	a->examined.check = checking.result;
	return 0;
}

/* In the worker: one asker for all questions of a host. Resolvers that left one host without any answer are not waited
 * for again. */
static int open_asker(struct mt_audit_run *run, uint32_t number)
{
	struct mt_error error = {0};
	if (run->asking && run->asked_for == number)
		return 0;
	mt_asker_close(run->asker);
	mt_arena_free(run->asking);
	run->asker = NULL;
	run->asking = mt_arena_new(ASKING_BUDGET);
	run->asked_for = number;
	if (mt_asker_open(run->asking, run->audit->app->settings->resolvers, &run->asker, &error) !=
	    0)
		return -1;
	mt_asker_limit(run->asker, run->dns_is_silent ? 1 : DNS_MS);
	return 0;
}

bool mt_audit_reply(struct mt_confined *c, struct mt_str question, struct mt_pages *answer)
{
	const struct mt_work *work = c->data;
	struct mt_audit_run *run = work->pool->data;
	if (!run->audit->dns || open_asker(run, work->number) != 0)
		return false;
	struct mt_dns *dns = MT_NEW(run->asking, struct mt_dns);
	struct mt_text text = MT_TEXT_INIT(run->asking);
	dns->arena = run->asking;
	if (!mt_ask_for(run->asking, run->asker, question, dns))
		return false;
	run->dns_is_silent |= unanswered(dns);
	mt_ask_tell(dns, &text);
	mt_pages_add(answer, mt_text_str(&text));
	return true;
}

/* ---- a bundle ---- */

void mt_audit_before(struct mt_confined *c, struct mt_arena *arena)
{
	struct mt_work *work = c->data;
	struct mt_audit_run *run = work->pool->data;
	const char *name = run->hosts->host[work->number].name;
	enum mt_audit_origin origin =
		work->bytes.n ? (enum mt_audit_origin)work->bytes.p[0] : MT_AUDIT_LIVE;
	const char *folder = origin == MT_AUDIT_STORED ? run->audit->stored : run->audit->save;
	if (origin == MT_AUDIT_LIVE) {
		work->bytes = mt_str_part(work->bytes, 1, work->bytes.n - 1);
		return;
	}
	int failed = mt_collect_file(arena, mt_store_path(arena, folder, name), &work->bytes,
				     &run->unread);
	if (!failed && work->bytes.n > MT_FOREIGN_BUNDLE_MAX)
		failed = mt_fail(&run->unread, MT_EXIT_FAILED, "",
				 "the bundle is larger than %zu bytes", MT_FOREIGN_BUNDLE_MAX);
	if (failed)
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

static enum mt_cause examine(struct mt_audit_run *run, const struct mt_work *work,
			     struct mt_audit_result *a, struct mt_arena *arena)
{
	struct mt_error *error = &run->unread;
	const struct mt_expect *expect = run->hosts->host[work->number].expect;
	struct mt_snapshot *snapshot;
	if (error->code || mt_bundle_decode(arena, work->bytes, &snapshot, error) != 0)
		return MT_CAUSE_BUNDLE;
	mt_snapshot_cap(snapshot, MT_FOREIGN_ITEM_MAX);
	if (!snapshot->complete)
		return MT_CAUSE_INCOMPLETE;
	struct mt_model *model = mt_examine(snapshot, run->audit->app->registry->backends);
	const char *why = unreadable(model);
	a->examined.model = model;
	if (why) {
		mt_fail(error, MT_EXIT_FAILED, "", "%s", why);
		return MT_CAUSE_DENIED;
	}
	if (run->audit->dns && check_dns(run, model, a, error) != 0)
		return MT_CAUSE_WORKER;
	if (expect)
		judge_host(run, arena, expect, a);
	return MT_CAUSE_NONE;
}

void mt_audit_work(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result)
{
	const struct mt_work *work = c->data;
	struct mt_audit_run *run = work->pool->data;
	struct mt_audit_result a = {.detail = ""};
	a.cause = examine(run, work, &a, arena);
	a.detail = run->unread.message;
	if (a.cause != MT_CAUSE_NONE)
		a.examined = (struct mt_examined){0};
	mt_examined_finish(&a.examined);
	mt_wire_put(result, &type, &a);
}
