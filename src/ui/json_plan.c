/* SPDX-License-Identifier: ISC */
/* json_plan.c: plans and what became of them. */
#include <string.h>

#include "ui/json.h"
#include "ui/json_part.h"

json_t *mt_json_texts(const char *const *texts)
{
	json_t *list = json_array();
	for (; texts && *texts; texts++)
		mt_json_append(list, mt_json_text(mt_str_of(*texts)));
	return list;
}

json_t *mt_json_changes(struct mt_arena *arena, const struct mt_change *change)
{
	json_t *list = json_array();
	for (; change; change = change->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "path", change->path);
		mt_json_set(one, "diff", mt_json_text(mt_diff(arena, change)));
		mt_json_set(one, "settings", mt_json_texts(change->settings));
		mt_json_append(list, one);
	}
	return list;
}

static json_t *impact(const struct mt_impact *i)
{
	json_t *one = json_object();
	mt_json_set(one, "listeners_lost", mt_json_listeners(i->lost));
	mt_json_set(one, "listeners_opened", mt_json_listeners(i->opened));
	mt_json_set(one, "loopback_paths", mt_json_texts(i->loopback_paths.item));
	mt_json_set(one, "will_bounce", mt_json_texts(i->will_bounce));
	return one;
}

static json_t *alternatives(struct mt_arena *arena, const struct mt_alternative *alternative)
{
	json_t *list = json_array();
	for (; alternative; alternative = alternative->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "method", mt_method_name(alternative->method));
		mt_json_set(one, "title",
			    alternative->title ? mt_json_text(mt_str_of(alternative->title))
					       : json_null());
		mt_json_set_text(one, "command", mt_recipe_text(arena, alternative->command));
		mt_json_set(one, "impact", impact(&alternative->impact));
		mt_json_set(one, "refused",
			    alternative->refused ? mt_json_text(mt_str_of(alternative->refused))
						 : json_null());
		mt_json_append(list, one);
	}
	return list;
}

static json_t *refusal(const struct mt_refusal *refused)
{
	if (!refused)
		return json_null();
	json_t *one = json_object();
	mt_json_set_text(one, "id", refused->id);
	mt_json_set_text(one, "message", refused->message);
	mt_json_set_text(one, "where", refused->where);
	return one;
}

static json_t *service(const struct mt_plan *plan)
{
	json_t *one = json_object();
	mt_json_set_text(one, "name",
			 plan->daemon.title ? plan->daemon.title : plan->mta->backend->name);
	const char *why;
	mt_json_set_text(one, "action", mt_action_name(mt_plan_action(plan, &why)));
	mt_json_set_text(one, "why", why);
	return one;
}

/* Which way every path of this MTA takes afterwards. */
static json_t *expected(const struct mt_plan *plan)
{
	json_t *list = json_array();
	const struct mt_mta *mta = plan->after ? plan->after->mtas : NULL;
	while (mta &&
	       (mta->backend != plan->mta->backend || strcmp(mta->instance, plan->mta->instance)))
		mta = mta->next;
	for (const struct mt_path *path = mta ? mta->paths : NULL; path; path = path->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "name", path->name);
		mt_json_set(one, "ipv4", mt_json_way(&path->way[MT_V4]));
		mt_json_set(one, "ipv6", mt_json_way(&path->way[MT_V6]));
		mt_json_append(list, one);
	}
	return list;
}

json_t *mt_json_plan(const struct mt_plan *plan, const struct mt_change *hook)
{
	json_t *one = json_object();
	mt_json_set_text(one, "backend", plan->mta->backend->name);
	mt_json_set_text(one, "instance", plan->mta->instance);
	mt_json_set_text(one, "method", mt_method_name(plan->method));
	mt_json_set(one, "changes", mt_json_changes(plan->arena, plan->changes));
	mt_json_set(one, "until_confirmed", mt_json_changes(plan->arena, hook));
	mt_json_set(one, "service", service(plan));
	mt_json_set(one, "impact", impact(&plan->impact));
	mt_json_set(one, "expected", expected(plan));
	mt_json_set(one, "kept", mt_json_texts(plan->kept.item));
	mt_json_set(one, "alternatives", alternatives(plan->arena, plan->alternatives));
	mt_json_set(one, "remarks", mt_json_texts(plan->remarks.item));
	mt_json_set(one, "refused", refusal(plan->refused));
	return one;
}

/* ---- outcomes ---- */

static json_t *files(const struct mt_file_result *file)
{
	json_t *list = json_array();
	for (; file; file = file->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "path", file->path);
		mt_json_set_text(one, "fate", mt_fate_name(file->fate));
		mt_json_append(list, one);
	}
	return list;
}

static json_t *until(const char *text)
{
	return *text ? mt_json_text(mt_str_of(text)) : json_null();
}

json_t *mt_json_transaction(const struct mt_outcome *outcome)
{
	json_t *one = json_object(), *verified = json_array();
	if (outcome->config)
		mt_json_append(verified, mt_json_text(MT_STR("config")));
	if (outcome->service)
		mt_json_append(verified, mt_json_text(MT_STR("service")));
	if (outcome->observed)
		mt_json_append(verified, mt_json_text(MT_STR("observed")));
	mt_json_set(one, "id", outcome->id[0] ? mt_json_text(mt_str_of(outcome->id)) : json_null());
	mt_json_set_text(one, "outcome", mt_end_name(outcome->end));
	mt_json_set(one, "verified", verified);
	mt_json_set(one, "files", files(outcome->files));
	mt_json_set_text(one, "action", outcome->action);
	mt_json_set_text(one, "why", outcome->why);
	mt_json_set_text(one, "remarks", outcome->remarks);
	mt_json_set(one, "until", until(outcome->until));
	if (*outcome->undoes) {
		mt_json_set_text(one, "undoes", outcome->undoes);
		mt_json_set_text(one, "summary", outcome->summary);
	}
	return one;
}

void mt_json_outcome(struct mt_arena *arena, const struct mt_outcome *outcome)
{
	json_t *root = mt_json_root();
	mt_json_set(root, "changes", mt_json_changes(arena, outcome->changes));
	mt_json_set(root, "transaction", mt_json_transaction(outcome));
	mt_json_print(root);
}

void mt_json_history(const struct mt_history *h)
{
	json_t *list = json_array();
	for (; h; h = h->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "id", h->id);
		mt_json_set_text(one, "kind", h->kind);
		mt_json_set_text(one, "state", h->state);
		mt_json_set(one, "until", until(h->until));
		mt_json_set_text(one, "summary", h->summary);
		mt_json_set_text(one, "who", h->who);
		mt_json_set_text(one, "command", h->command);
		mt_json_set(one, "paths", mt_json_texts(h->paths));
		mt_json_append(list, one);
	}
	json_t *root = mt_json_root();
	mt_json_set(root, "transactions", list);
	mt_json_print(root);
}
