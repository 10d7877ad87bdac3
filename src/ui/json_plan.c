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
		if (change->made_by)
			continue;
		json_t *one = json_object();
		mt_json_set_text(one, "path", change->path);
		mt_json_set(one, "diff", mt_json_text(mt_diff(arena, change)));
		mt_json_set(one, "settings", mt_json_texts(change->settings));
		mt_json_append(list, one);
	}
	return list;
}

/* What is made of the changed files; NULL: nothing is. */
static json_t *generated(const struct mt_change *change)
{
	json_t *list = NULL;
	for (; change; change = change->next) {
		if (!change->made_by)
			continue;
		json_t *one = json_object();
		list = list ? list : json_array();
		mt_json_set_text(one, "path", change->path);
		mt_json_set_text(one, "by", change->made_by);
		mt_json_append(list, one);
	}
	return list;
}

static json_t *sentence(struct mt_arena *arena, const struct mt_message *message)
{
	return message ? mt_json_text(mt_str_of(mt_message_english(arena, message))) : json_null();
}

static json_t *sentences(struct mt_arena *arena, const struct mt_message *message)
{
	json_t *list = json_array();
	for (; message; message = message->next)
		mt_json_append(list, sentence(arena, message));
	return list;
}

static json_t *impact(struct mt_arena *arena, const struct mt_impact *i)
{
	json_t *one = json_object();
	mt_json_set(one, "listeners_lost", mt_json_listeners(i->lost));
	mt_json_set(one, "listeners_opened", mt_json_listeners(i->opened));
	mt_json_set(one, "loopback_paths", mt_json_texts(i->loopback_transports.item));
	mt_json_set(one, "will_bounce", sentences(arena, i->will_bounce));
	mt_json_set(one, "will_wait", sentences(arena, i->will_wait));
	return one;
}

static json_t *alternatives(struct mt_arena *arena, const struct mt_alternative *alternative)
{
	json_t *list = json_array();
	for (; alternative; alternative = alternative->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "method", mt_method_name(alternative->method));
		mt_json_set(one, "title", sentence(arena, alternative->title));
		mt_json_set_text(one, "command", mt_recipe_text(arena, alternative->command));
		mt_json_set(one, "impact", impact(arena, &alternative->impact));
		mt_json_set(one, "refused", sentence(arena, alternative->refused));
		mt_json_append(list, one);
	}
	return list;
}

static json_t *refusal(struct mt_arena *arena, const struct mt_refusal *refused)
{
	if (!refused)
		return json_null();
	json_t *one = json_object();
	mt_json_set_text(one, "id", refused->id);
	mt_json_set(one, "accept", json_boolean(refused->accept));
	mt_json_set(one, "message", sentence(arena, refused->message));
	mt_json_set_text(one, "where", refused->where);
	return one;
}

static json_t *service(const struct mt_plan *plan)
{
	json_t *one = json_object();
	mt_json_set_text(one, "name",
			 plan->daemon.title ? plan->daemon.title : plan->mta->backend->name);
	const struct mt_message *why;
	mt_json_set_text(one, "action", mt_action_name(mt_plan_action(plan, &why)));
	mt_json_set_text(one, "why", mt_message_english(plan->arena, why));
	return one;
}

/* Which way every transport of this MTA takes afterwards. */
static json_t *expected(const struct mt_plan *plan)
{
	json_t *list = json_array();
	const struct mt_mta *mta = plan->after ? plan->after->mtas : NULL;
	while (mta &&
	       (mta->backend != plan->mta->backend || strcmp(mta->instance, plan->mta->instance)))
		mta = mta->next;
	for (const struct mt_transport *transport = mta ? mta->transports : NULL; transport;
	     transport = transport->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "name", transport->name);
		mt_json_set_bindings(one, transport);
		mt_json_append(list, one);
	}
	return list;
}

json_t *mt_json_plan(const struct mt_plan *plan, const struct mt_change *hook)
{
	json_t *one = json_object();
	mt_json_set_text(one, "backend", plan->mta->backend->name);
	mt_json_set_text(one, "instance", plan->mta->instance);
	mt_json_set_text(one, "method", mt_plan_method(plan));
	mt_json_set(one, "changes", mt_json_changes(plan->arena, plan->changes));
	json_t *made = generated(plan->changes);
	if (made)
		mt_json_set(one, "generated", made);
	mt_json_set(one, "until_confirmed", mt_json_changes(plan->arena, hook));
	mt_json_set(one, "service", service(plan));
	mt_json_set(one, "impact", impact(plan->arena, &plan->impact));
	mt_json_set(one, "expected", expected(plan));
	mt_json_set(one, "kept", mt_json_texts(plan->kept.item));
	mt_json_set(one, "alternatives", alternatives(plan->arena, plan->alternatives));
	mt_json_set(one, "remarks", sentences(plan->arena, plan->remarks));
	mt_json_set(one, "refused", refusal(plan->arena, plan->refused));
	return one;
}

/* ---- outcomes ---- */

static json_t *files(const struct mt_file_result *file)
{
	json_t *list = json_array();
	for (; file; file = file->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "path", file->path);
		mt_json_set_text(one, "fate", mt_file_outcome_name(file->outcome));
		mt_json_append(list, one);
	}
	return list;
}

static json_t *until(const char *text)
{
	return *text ? mt_json_text(mt_str_of(text)) : json_null();
}

/* One a line. */
static const char *lines(struct mt_arena *arena, const struct mt_message *message)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (; message; message = message->next)
		mt_text_addf(&text, "%s%s", mt_message_english(arena, message),
			     message->next ? "\n" : "");
	return mt_text_z(&text);
}

json_t *mt_json_transaction(struct mt_arena *arena, const struct mt_outcome *outcome)
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
	mt_json_set_text(one, "remarks", lines(arena, outcome->remarks));
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
	json_t *made = generated(outcome->changes);
	if (made)
		mt_json_set(root, "generated", made);
	mt_json_set(root, "transaction", mt_json_transaction(arena, outcome));
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
