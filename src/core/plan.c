/* SPDX-License-Identifier: ISC */
/* plan.c: from goal to plan: what holds for every MTA. The backend adds the edits. */
#include <mtapin/backend.h>

#include <stdio.h>
#include <string.h>

#include "core/plan_check.h"

static const char *const method_names[] = {"auto",	  "inet_interfaces", "smtp_bind_address",
					   "service",	  "outgoingip",	     "bindroutes",
					   "outgoingips", "domainips"};

const char *mt_method_name(enum mt_method method)
{
	return method < MT_ARRAY_LEN(method_names) ? method_names[method] : "unknown";
}

bool mt_method_parse(const char *text, enum mt_method *method)
{
	for (size_t i = 0; i < MT_ARRAY_LEN(method_names); i++)
		if (strcmp(text, method_names[i]) == 0) {
			*method = (enum mt_method)i;
			return true;
		}
	return false;
}

const char *mt_action_name(enum mt_action action)
{
	static const char *const names[] = {"none", "reload", "restart"};
	return action < MT_ARRAY_LEN(names) ? names[action] : "unknown";
}

void mt_list_add(struct mt_arena *arena, const char *const **list, const char *text)
{
	size_t n = 0;
	while (*list && (*list)[n])
		n++;
	const char **grown = mt_alloc(arena, (n + 2) * sizeof *grown);
	if (n)
		memcpy(grown, *list, n * sizeof *grown);
	grown[n] = text;
	*list = grown;
}

bool mt_list_has(const char *const *list, const char *text)
{
	for (; list && *list; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}

bool mt_goal_accepts(const struct mt_goal *goal, const char *id)
{
	return mt_list_has(goal->accept, id);
}

bool mt_goal_wants(const struct mt_goal *goal, const struct mt_path *path)
{
	if (!goal->paths)
		return path->kind == MT_KIND_INTERNET;
	return mt_list_has(goal->paths, path->name) ||
	       (mt_list_has(goal->paths, "all") &&
		(path->kind == MT_KIND_INTERNET || path->kind == MT_KIND_RELAYHOST ||
		 path->kind == MT_KIND_UNKNOWN));
}

bool mt_mta_sends(const struct mt_model *model, const struct mt_mta *mta,
		  const struct mt_goal *goal, enum mt_family family)
{
	bool unasked = model->snapshot->facts->addresses == MT_UNASKED;
	bool route = unasked || mt_host_default_source(model->snapshot->facts, family)->reachable;
	for (const struct mt_path *path = mta->paths; path; path = path->next) {
		const struct mt_way *way = &path->way[family];
		if (!mt_goal_wants(goal, path))
			continue;
		if (way->how == MT_HOW_ADDRESS || way->how == MT_HOW_DEFERRED ||
		    (way->how == MT_HOW_KERNEL && (way->source.set || unasked)) ||
		    (way->how == MT_HOW_BROKEN && route))
			return true;
	}
	return false;
}

bool mt_addr_usable(const struct mt_host *host, struct mt_addr addr)
{
	if (host->addresses != MT_PRESENT)
		return true;
	const struct mt_ifaddr *at = mt_host_addr(host, addr);
	return at && at->up && !at->tentative && !at->dadfailed;
}

void mt_plan_refuse(struct mt_plan *plan, const char *id, const char *where, const char *fmt, ...)
{
	if (plan->refused)
		return;
	va_list args;
	va_start(args, fmt);
	const char *message = mt_vformat(plan->arena, fmt, args);
	va_end(args);
	struct mt_refusal *refusal = MT_NEW(plan->arena, struct mt_refusal);
	*refusal = (struct mt_refusal){
		.id = id,
		.message = message,
		.where = mt_strdup(plan->arena, where ? where : ""),
	};
	plan->refused = refusal;
}

void mt_plan_remark(struct mt_plan *plan, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	mt_list_push(plan->arena, &plan->remarks, mt_vformat(plan->arena, fmt, args));
	va_end(args);
}

static struct mt_change *add_rewrite(struct mt_plan *plan, const char *path,
				     const struct mt_rewrite *rewrite)
{
	struct mt_change **at = &plan->changes;
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(plan->arena, struct mt_change);
	**at = (struct mt_change){.path = path,
				  .before = rewrite->before,
				  .after = rewrite->after,
				  .edits = rewrite->edits};
	return *at;
}

static struct mt_change *add_change(struct mt_plan *plan, const char *path, struct mt_str before,
				    struct mt_str after)
{
	struct mt_edit *edits = mt_edits_between(plan->arena, before, after);
	return add_rewrite(plan, path, &(struct mt_rewrite){before, after, edits});
}

void mt_plan_replace(struct mt_plan *plan, const char *path, struct mt_str before,
		     struct mt_str after)
{
	if (!mt_str_eq(before, after))
		add_change(plan, path, before, after);
}

void mt_plan_edit(struct mt_plan *plan, const char *path, const struct mt_rewrite *rewrite)
{
	struct mt_rewrite refined = *rewrite;
	if (mt_str_eq(rewrite->before, rewrite->after))
		return;
	refined.edits = mt_edits_refined(plan->arena, rewrite);
	add_rewrite(plan, path, &refined);
}

void mt_plan_settings(struct mt_plan *plan, const char *path, const char *const *settings)
{
	for (struct mt_change *c = plan->changes; c; c = c->next)
		if (strcmp(c->path, path) == 0)
			c->settings = settings;
}

/* One word: lists lose the blanks between their elements. */
const char *mt_setting_text(struct mt_arena *arena, const char *name, const char *value)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_str rest = mt_str_of(value ? value : "(removed)"), word;
	mt_text_addf(&text, "%s=", name);
	while (mt_str_word(&rest, " \t\r\n", &word))
		mt_text_add(&text, word);
	return mt_text_z(&text);
}

/* As every reader needs it, for owner and group of `like`. */
static void give_owner(struct mt_change *change, const struct mt_item *like)
{
	change->mode = 0644;
	change->owned = like->uid >= 0 && like->gid >= 0;
	change->uid = like->uid;
	change->gid = like->gid;
}

struct mt_change *mt_plan_create(struct mt_plan *plan, const char *path, struct mt_str after,
				 const struct mt_item *like)
{
	struct mt_change *change = add_change(plan, path, MT_STR(""), after);
	change->create = true;
	give_owner(change, like);
	return change;
}

static bool others_may_read(const struct mt_item *item)
{
	return item->mode < 0 || (item->mode & 0444) == 0444;
}

void mt_plan_put(struct mt_plan *plan, const char *path, const struct mt_item *item,
		 struct mt_str after, const struct mt_item *like)
{
	if (mt_str_eq(item->bytes, after) && others_may_read(item))
		return;
	struct mt_change *change = add_change(plan, path, item->bytes, after);
	if (others_may_read(item))
		return;
	change->remode = true;
	give_owner(change, like);
	mt_plan_remark(plan, "%s gets mode 0644 (it has %04o)", path, (unsigned)item->mode);
}

void mt_plan_remove(struct mt_plan *plan, const char *path, struct mt_str before)
{
	add_change(plan, path, before, MT_STR(""))->remove = true;
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

static void check_proof(struct mt_plan *plan)
{
	if (plan->goal->prove && !plan->prove.argv[0])
		mt_plan_refuse(plan, "", "--prove", "%s",
			       plan->no_proof
				       ? plan->no_proof
				       : "this mail server cannot be made to connect without "
					 "delivering a message");
}

/* What the backend would do. */
static struct mt_plan *make_plan(struct mt_arena *arena, const struct mt_model *model,
				 const struct mt_mta *mta, const struct mt_goal *goal)
{
	struct mt_plan *plan = MT_NEW(arena, struct mt_plan);
	*plan = (struct mt_plan){.arena = arena,
				 .model = model,
				 .mta = mta,
				 .goal = goal,
				 .method = goal->method,
				 .proof_note = ""};
	if (!mta->backend->plan)
		mt_plan_refuse(plan, "", mta->instance,
			       "this version reads %s but does not change it", mta->backend->title);
	else if (mta->backend->plan_ready)
		mta->backend->plan_ready(plan);
	mt_plan_check_goal(plan);
	if (!plan->refused)
		mta->backend->plan(plan);
	if (model->snapshot->rooted) {
		plan->action = MT_ACTION_NONE;
		plan->action_why = "nothing runs in this tree";
		plan->daemon.nudge = false;
	}
	if (plan->refused) {
		plan->changes = NULL;
		plan->action = MT_ACTION_NONE;
	}
	return plan;
}

enum mt_action mt_plan_action(const struct mt_plan *plan, const char **why)
{
	bool stopped = plan->mta->state == MT_STATE_STOPPED && !plan->model->snapshot->rooted &&
		       !plan->refused && (plan->changes || plan->action != MT_ACTION_NONE);
	*why = plan->action_why ? plan->action_why : "";
	if (!stopped)
		return plan->action;
	*why = mt_format(plan->arena,
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
	check_proof(plan);
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
	for (size_t i = 0; i < impact->loopback_paths.n; i++)
		mt_list_push(arena, &copy.loopback_paths,
			     mt_strdup(arena, impact->loopback_paths.item[i]));
	for (const char *const *clause = impact->will_bounce; clause && *clause; clause++)
		mt_list_add(arena, &copy.will_bounce, mt_strdup(arena, *clause));
	return copy;
}

/* What a method other than the chosen one would do: the FAQ's, whenever it was not taken. Its model is as large as
 * the host's, and nothing of it is needed but what it says: it gets memory of its own, and gives it back. */
static void add_alternative(struct mt_plan *plan, const struct mt_backend *const *backends)
{
	struct mt_goal *goal = MT_NEW(plan->arena, struct mt_goal);
	*goal = *plan->goal;
	goal->method = MT_METHOD_INET_INTERFACES;
	struct mt_arena *scratch = mt_arena_beside(plan->arena);
	struct mt_plan *other = make_plan(scratch, plan->model, plan->mta, goal);
	look_ahead(other, backends);
	struct mt_alternative *alternative = MT_NEW(plan->arena, struct mt_alternative);
	*alternative = (struct mt_alternative){
		.method = goal->method,
		.command = mt_goal_command(plan, goal),
		.impact = copy_impact(plan->arena, &other->impact),
		.refused = other->refused ? mt_strdup(plan->arena, other->refused->message) : NULL,
	};
	mt_arena_free(scratch);
	plan->alternatives = alternative;
}

struct mt_plan *mt_plan(const struct mt_model *model, const struct mt_mta *mta,
			const struct mt_goal *goal, const struct mt_backend *const *backends,
			bool others)
{
	struct mt_plan *plan = make_plan(model->arena, model, mta, goal);
	bool pins = goal->family[MT_V4].pin == MT_PIN_ADDRESS ||
		    goal->family[MT_V6].pin == MT_PIN_ADDRESS;
	bool other =
		plan->method == MT_METHOD_SMTP_BIND_ADDRESS || plan->method == MT_METHOD_SERVICE;
	if (others && pins && plan->changes && other)
		add_alternative(plan, backends); /* before there are two models of our own */
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
