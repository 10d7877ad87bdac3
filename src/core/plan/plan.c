/* SPDX-License-Identifier: ISC */
/* plan.c: from goal to plan: what holds for every MTA. The backend adds the edits. */
#include <mtapin/backend.h>

#include <stdlib.h>
#include <string.h>

#include "core/plan/plan_check.h"

const char *mt_action_name(enum mt_action action)
{
	static const char *const names[] = {"none", "reload", "restart"};
	return action < MT_ARRAY_LEN(names) ? names[action] : "unknown";
}

const char *mt_goal_own(const struct mt_goal *goal, const char *name)
{
	for (const struct mt_own_value *own = goal->own; own && own->name; own++)
		if (strcmp(own->name, name) == 0)
			return own->value;
	return NULL;
}

bool mt_goal_accepts(const struct mt_goal *goal, const char *id)
{
	return mt_list_has(goal->accept, id);
}

bool mt_goal_wants(const struct mt_goal *goal, const struct mt_transport *transport)
{
	if (!goal->paths)
		return transport->kind == MT_KIND_INTERNET;
	return mt_list_has(goal->paths, transport->name) ||
	       (mt_list_has(goal->paths, "all") &&
		(transport->kind == MT_KIND_INTERNET || transport->kind == MT_KIND_RELAYHOST ||
		 transport->kind == MT_KIND_UNKNOWN));
}

bool mt_mta_sends(const struct mt_model *model, const struct mt_mta *mta,
		  const struct mt_goal *goal, enum mt_family family)
{
	bool unasked = model->snapshot->facts->addresses == MT_UNASKED;
	bool route = unasked || mt_host_default_source(model->snapshot->facts, family)->reachable;
	for (const struct mt_transport *transport = mta->transports; transport;
	     transport = transport->next) {
		const struct mt_binding *binding = &transport->binding[family];
		if (!mt_goal_wants(goal, transport))
			continue;
		if (binding->how == MT_HOW_ADDRESS || binding->how == MT_HOW_DEFERRED ||
		    (binding->how == MT_HOW_KERNEL && (binding->source.set || unasked)) ||
		    (binding->how == MT_HOW_BROKEN && route))
			return true;
	}
	return false;
}

void mt_plan_refuse(struct mt_plan *plan, const char *id, const char *where, const char *fmt, ...)
{
	if (plan->refused)
		return;
	va_list args;
	va_start(args, fmt);
	struct mt_message *message = mt_vmessage(plan->arena, fmt, args);
	va_end(args);
	message->domain = plan->mta->backend->name;
	const struct mt_finding_row *row = mt_finding_row(plan->model->backends, id);
	if (!row)
		abort();
	struct mt_refusal *refusal = MT_NEW(plan->arena, struct mt_refusal);
	*refusal = (struct mt_refusal){
		.id = row->id,
		.accept = row->accept,
		.message = message,
		.where = mt_strdup(plan->arena, where ? where : ""),
	};
	plan->refused = refusal;
}

void mt_plan_remark(struct mt_plan *plan, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	struct mt_message *remark = mt_vmessage(plan->arena, fmt, args);
	va_end(args);
	remark->domain = plan->mta->backend->name;
	mt_message_push(&plan->remarks, remark);
}

/* The model after the edits: the same snapshot with other bytes in the changed files. */
static void foresee(struct mt_plan *plan, const struct mt_backend *const *backends)
{
	const struct mt_snapshot *snapshot = plan->model->snapshot;
	for (struct mt_change *change = plan->changes; change; change = change->next) {
		if (!change->create)
			mt_sha256_hex(change->before, change->sha_before);
		if (!change->remove)
			mt_sha256_hex(change->after, change->sha_after);
		snapshot = change->remove ? mt_snapshot_without(plan->arena, snapshot, change->path)
					  : mt_snapshot_with(plan->arena, snapshot, change->path,
							     change->after);
		const struct mt_item as = {.mode = change->mode, .uid = -1, .gid = -1};
		if (change->remode)
			snapshot = mt_snapshot_mode(plan->arena, snapshot, change->path, &as);
	}
	plan->after = plan->changes ? mt_examine(snapshot, backends) : plan->model;
}

/* The host is not quite left alone by who only looks. */
static void say_touched(struct mt_plan *plan)
{
	const struct mt_command_line *c =
		plan->changes && !plan->model->snapshot->rooted ? plan->validators : NULL;
	for (; c; c = c->next)
		if (c->touches)
			mt_plan_remark(plan, "%s looks at the new files first, and may write to %s",
				       c->argv[0], c->touches);
}

static void say_made(struct mt_plan *plan)
{
	bool rooted = plan->model->snapshot->rooted;
	for (const struct mt_build *build = plan->builds; build; build = build->next) {
		const struct mt_change *c = plan->changes;
		while (c && !(c->made_by && mt_list_has(build->makes, c->path)))
			c = c->next;
		if (!c)
			continue;
		for (const char *const *path = build->makes; *path; path++)
			mt_plan_remark(
				plan,
				rooted ? "%s is made of these files by %s, which is not run in a "
					 "tree"
				       : "%s is made of these files by %s, on a private copy first",
				*path, build->title);
		if (rooted && build->offline)
			mt_plan_remark(plan, "%s", build->offline);
	}
}

/* What it says is in its own catalogue. */
static void set_domains(struct mt_plan *plan)
{
	const char *domain = plan->mta->backend->name;
	if (plan->action_why)
		plan->action_why->domain = domain;
	for (struct mt_alternative *a = plan->alternatives; a; a = a->next)
		if (a->title)
			a->title->domain = domain;
}

/* What the backend would do. */
static struct mt_plan *make_plan(struct mt_arena *arena, const struct mt_model *model,
				 const struct mt_mta *mta, const struct mt_goal *goal)
{
	struct mt_plan *plan = MT_NEW(arena, struct mt_plan);
	*plan = (struct mt_plan){
		.arena = arena, .model = model, .mta = mta, .goal = goal, .asked = goal->method};
	if (!mta->backend->plan)
		mt_plan_refuse(plan, "PLAN-READ-ONLY", mta->instance,
			       "this version reads %s but does not change it", mta->backend->title);
	mt_plan_check_method(plan);
	for (int f = 0; f < MT_FAMILIES; f++)
		plan->families[f] = mt_families(mta, plan->method);
	if (!plan->refused && mta->backend->plan_ready)
		mta->backend->plan_ready(plan);
	if (mta->unreadable)
		mt_plan_refuse(plan, "PLAN-UNREADABLE", mta->instance, "%pM",
			       mt_phrase(arena, mta->unreadable));
	mt_plan_check_goal(plan);
	if (!plan->refused)
		mta->backend->plan(plan);
	say_made(plan);
	say_touched(plan);
	mt_plan_check_options(plan); /* of the method that auto took */
	set_domains(plan);
	if (model->snapshot->rooted) {
		plan->action = MT_ACTION_NONE;
		plan->action_why = mt_message(arena, "nothing runs in this tree");
		plan->daemon.retry = false;
	}
	if (plan->refused) {
		plan->changes = NULL;
		plan->action = MT_ACTION_NONE;
	}
	return plan;
}

const char *mt_plan_method(const struct mt_plan *plan)
{
	return plan->method || !plan->asked ? mt_method_name(plan->method) : plan->asked;
}

enum mt_action mt_plan_action(const struct mt_plan *plan, const struct mt_message **why)
{
	bool stopped = plan->mta->state == MT_STATE_STOPPED && !plan->model->snapshot->rooted &&
		       !plan->refused && (plan->changes || plan->action != MT_ACTION_NONE);
	*why = plan->action_why;
	if (!stopped)
		return plan->action;
	*why = mt_message(plan->arena,
			  "%s is stopped, and stays so: the change counts from its next start",
			  plan->daemon.title ? plan->daemon.title : plan->mta->backend->name);
	return MT_ACTION_NONE;
}

/* What would come of it. */
static void look_ahead(struct mt_plan *plan, const struct mt_backend *const *backends)
{
	if (plan->refused)
		return;
	foresee(plan, backends);
	mt_plan_compare(plan);
	if (plan->goal->prove && !plan->prove.argv[0])
		mt_plan_refuse(plan, "PLAN-NO-PROOF", "--prove", "%pM",
			       mt_phrase(plan->arena,
					 plan->no_proof
						 ? plan->no_proof
						 : "this mail server cannot be made to connect "
						   "without delivering a message"));
}

static struct mt_listener *copy_listeners(struct mt_arena *arena, const struct mt_listener *list)
{
	struct mt_listener *first = NULL, **tail = &first;
	for (; list; list = list->next) {
		*tail = MT_NEW(arena, struct mt_listener);
		**tail = *list;
		(*tail)->service = list->service ? mt_strdup(arena, list->service) : NULL;
		(*tail)->file = list->file ? mt_strdup(arena, list->file) : NULL;
		tail = &(*tail)->next;
	}
	return first;
}

static struct mt_impact copy_impact(struct mt_arena *arena, const struct mt_impact *impact)
{
	struct mt_impact copy = {.lost = copy_listeners(arena, impact->lost),
				 .opened = copy_listeners(arena, impact->opened)};
	for (size_t i = 0; i < impact->loopback_transports.n; i++)
		mt_list_push(arena, &copy.loopback_transports,
			     mt_strdup(arena, impact->loopback_transports.item[i]));
	for (const struct mt_message *clause = impact->will_bounce; clause; clause = clause->next)
		mt_message_push(&copy.will_bounce, mt_message_copy(arena, clause));
	for (const struct mt_message *clause = impact->will_wait; clause; clause = clause->next)
		mt_message_push(&copy.will_wait, mt_message_copy(arena, clause));
	return copy;
}

/* What a method other than the chosen one would do. Its model is as large as the host's, and nothing of it is needed
 * but what it says: it gets memory of its own, and gives it back. */
static void add_alternative(struct mt_plan *plan, const struct mt_method *method,
			    const struct mt_backend *const *backends)
{
	struct mt_goal *goal = MT_NEW(plan->arena, struct mt_goal);
	*goal = *plan->goal;
	goal->method = method->name;
	struct mt_arena *scratch = mt_arena_beside(plan->arena);
	struct mt_alternative **at = &plan->alternatives;
	struct mt_plan *other = make_plan(scratch, plan->model, plan->mta, goal);
	look_ahead(other, backends);
	struct mt_alternative *alternative = MT_NEW(plan->arena, struct mt_alternative);
	*alternative = (struct mt_alternative){
		.method = method,
		.command = mt_goal_command(plan, goal),
		.impact = copy_impact(plan->arena, &other->impact),
		.refused = other->refused ? mt_message_copy(plan->arena, other->refused->message)
					  : NULL,
	};
	mt_arena_free(scratch);
	while (*at)
		at = &(*at)->next;
	*at = alternative;
}

/* Those that a plan shows beside its own (the FAQ's, of Postfix). */
static void add_alternatives(struct mt_plan *plan, const struct mt_backend *const *backends)
{
	const struct mt_method *const *m = mt_mta_methods(plan->arena, plan->mta);
	for (; *m; m++)
		if ((*m)->shown && *m != plan->method)
			add_alternative(plan, *m, backends);
}

struct mt_plan *mt_plan(const struct mt_model *model, const struct mt_mta *mta,
			const struct mt_goal *goal, const struct mt_backend *const *backends,
			bool others)
{
	struct mt_plan *plan = make_plan(model->arena, model, mta, goal);
	bool pins = goal->family[MT_V4].pin == MT_PIN_ADDRESS ||
		    goal->family[MT_V6].pin == MT_PIN_ADDRESS;
	if (others && pins && plan->changes)
		add_alternatives(plan, backends); /* before there are two models of our own */
	look_ahead(plan, backends);
	return plan;
}

const struct mt_plan *mt_plan_service(struct mt_arena *arena, const struct mt_mta *mta)
{
	static const struct mt_goal keep;
	struct mt_plan *plan = MT_NEW(arena, struct mt_plan);
	*plan = (struct mt_plan){.arena = arena, .mta = mta, .goal = &keep};
	if (!mta->backend->serve)
		return NULL;
	mta->backend->serve(plan);
	return plan;
}
