/* SPDX-License-Identifier: ISC */
/*
 * plan.c: edit the line that decides today, unless that would move listeners nobody spoke of; where
 * none decides, add the one with the fewest side effects.
 */
#include "boot_order.h"

#include <string.h>

static const char *const bind_name[MT_FAMILIES] = {"smtp_bind_address", "smtp_bind_address6"};

static const char *const with_bare[] = {PF_BARE, PF_DROP_IN, NULL};
static const char *const usual_options[] = {PF_DROP_IN, NULL};

const struct mt_own_option pf_options[] = {
	{PF_BARE, NULL, "the one line only, without what keeps local use alive"},
	{PF_DROP_IN, NULL, "also let systemd try again if an address comes late at a boot"},
	{0},
};

const struct mt_method pf_methods[] = {
	[PF_INTERFACES] = {.name = "inet_interfaces",
			   .title = "the line that hosting manuals name. It also decides where the "
				    "server listens",
			   .listeners = true,
			   .restarts = true,
			   .shown = true,
			   .starts = "inet_interfaces",
			   .options = with_bare},
	[PF_BIND_ADDRESS] = {.name = "smtp_bind_address",
			     .title = "only what is sent",
			     .starts = "smtp_bind_address",
			     .options = usual_options},
	[PF_SERVICE] = {.name = "service",
			.title = "only what is sent, for each client service by itself",
			.options = usual_options},
	{0},
};

/* Measured: smtp_bind_address_enforce is off unless it is set, and an address in inet_interfaces that is on no interface
 * stops Postfix as a whole (PF-LISTEN-ABSENT). */
const struct mt_families pf_families = {
	.other = MT_OTHER_LEAKS,
	.off = MT_OFF_BOUNCES,
	.off_by = "inet_protocols of each client service",
	.bounce = "5.4.4",
	.absent = {MT_ABSENT_UNPINNED, MT_ABSENT_UNPINNED},
	.live = MT_LIVE_PROCESS,
	.leaks = "PF-IPV6-LEAK",
};

/* ---- refusals before anything else ---- */

static void check_config_file(struct mt_plan *plan, const struct mt_item *item, const char *error,
			      unsigned line)
{
	struct mt_arena *arena = plan->arena;
	if (item->presence == MT_ABSENT)
		mt_plan_refuse(plan, "PF-BROKEN", item->name,
			       "the file does not exist; Postfix cannot run without it");
	else if (mt_item_readable(item) && !pf_is_file(item))
		mt_plan_refuse(plan, "PLAN-UNREADABLE", item->name, "is not a regular file");
	else if (!mt_item_readable(item))
		mt_plan_refuse(plan, "PLAN-UNREADABLE", item->name, "cannot be read (%s%s%s)",
			       mt_presence_name(item->presence), *item->why ? ": " : "", item->why);
	else if (item->bytes.n && memchr(item->bytes.p, '\0', item->bytes.n))
		mt_plan_refuse(plan, "PF-BROKEN", item->name,
			       "contains a NUL byte: Postfix ignores the rest of that line. Remove "
			       "it first");
	else if (error)
		mt_plan_refuse(plan, "PF-BROKEN", mt_format(arena, "%s:%u", item->name, line),
			       "%s. Postfix does not accept this file; correct it first", error);
}

void pf_plan_ready(struct mt_plan *plan)
{
	const struct pf_instance *instance = plan->mta->priv;
	check_config_file(plan, instance->main_item, instance->maincf.error,
			  instance->maincf.error_line);
	check_config_file(plan, instance->master_item, instance->mastercf.error,
			  instance->mastercf.error_line);
	const bool *used = instance->protocols.family;
	if (instance->protocols.fatal || (!used[MT_V4] && !used[MT_V6]))
		mt_plan_refuse(plan, "PF-BROKEN",
			       pf_where(instance, &instance->scope, "inet_protocols"),
			       instance->protocols.fatal
				       ? "%s. Correct it first"
				       : "inet_protocols names no family. Correct it first",
			       instance->protocols.fatal);
	if (instance->condemned)
		mt_plan_refuse(plan, "PF-BROKEN",
			       mt_format(plan->arena, "%s:%u", instance->broken_at->file,
					 instance->broken_at->line),
			       "Postfix does not load it: %s. Correct it first", instance->broken);
	unsigned line;
	const struct mt_owner *owner =
		mt_file_owner(instance->maincf.bytes, plan->mta->backend, &line);
	if (owner && !mt_goal_accepts(plan->goal, "HOST-OWNER"))
		mt_plan_refuse(plan, "HOST-OWNER",
			       mt_format(plan->arena, "%s:%u", instance->main_path, line),
			       "%s writes this file and would undo the edit. Use its own knob: %pM",
			       owner->title, mt_phrase(plan->arena, owner->knob));
}

/* ---- a broken inet_interfaces is repaired first ---- */

static const struct pf_instance *reread(struct pf_planner *planner)
{
	struct mt_model *model = MT_NEW(planner->arena, struct mt_model);
	struct mt_mta *mta = MT_NEW(planner->arena, struct mt_mta);
	*model = *planner->plan->model;
	*mta = *planner->plan->mta;
	mta->transports = NULL;
	mta->listeners = NULL;
	model->arena = planner->arena;
	model->snapshot =
		mt_snapshot_with(planner->arena, model->snapshot, planner->instance->main_path,
				 mt_str_copy(planner->arena, planner->draft.main));
	struct pf_instance *instance = pf_instance_read(model, mta);
	mta->priv = instance;
	pf_transports(instance);
	pf_listeners(instance);
	return instance;
}

/* ---- smtp_bind_address in main.cf ---- */

static void main_bind(struct pf_planner *planner, enum mt_family family, const char *address)
{
	pf_keep_others(planner, family, PF_KEEP_PARAMETER);
	pf_draft_main(&planner->draft, bind_name[family], address);
	planner->main_bind = true;
}

static bool decided_by_option(const struct pf_target *target, enum mt_family family)
{
	return pf_raw(&target->client->scope, mt_str_of(target->client->bind_name[family])).from ==
		       'o' ||
	       (!target->client->protocols.family[family] &&
		pf_raw(&target->client->scope, MT_STR("inet_protocols")).from == 'o') ||
	       target->client->lmtp;
}

static bool wants_edit(const struct pf_target *target, enum mt_family family)
{
	return !target->holds[family] && !target->kept[family];
}

/* The service's own -o inet_interfaces pins it: the same list with the family's address replaced. */
static const char *own_interfaces(const struct pf_planner *planner, const struct pf_target *target,
				  enum mt_family family)
{
	bool decides = pf_raw(&target->client->scope, MT_STR("inet_interfaces")).from == 'o' &&
		       !target->client->bind[family].n && !target->client->own.named &&
		       pf_own_single(&target->client->own, family).set;
	return decides ? pf_own_with(planner->arena, &target->client->own,
				     planner->goal->family[family].addr)
		       : NULL;
}

/* -o lines that decide are edited where they stand; true when a service remains that main.cf decides. */
static bool pin_options(struct pf_planner *planner, const struct pf_target *targets,
			enum mt_family family, const char *address)
{
	const char *const *paths = planner->goal->paths;
	bool named = paths && !mt_list_has(paths, "all"); /* main.cf would pin others with them */
	bool rest = false;
	for (const struct pf_target *t = targets; t; t = t->next) {
		if (!wants_edit(t, family))
			continue;
		const char *list = own_interfaces(planner, t, family);
		if (list)
			pf_set_option(planner, t->name, "inet_interfaces", list);
		else if (decided_by_option(t, family) || named)
			pf_pin_service(planner, t, family, address);
		else
			rest = true;
	}
	return rest;
}

static void pin_address(struct pf_planner *planner, const struct pf_target *targets,
			enum mt_family family)
{
	const char *address = mt_addr_format(planner->arena, planner->goal->family[family].addr);
	if (planner->plan->method == &pf_methods[PF_SERVICE]) {
		for (const struct pf_target *t = targets; t; t = t->next)
			if (wants_edit(t, family))
				pf_pin_service(planner, t, family, address);
		return;
	}
	if (!pin_options(planner, targets, family, address))
		return;
	const struct pf_entry *entry =
		pf_maincf_get(&planner->instance->maincf, mt_str_of(bind_name[family]));
	bool bound = entry && entry->value.n;
	const char *interfaces =
		!planner->plan->method && !bound
			? pf_interfaces_edit(planner, family, planner->goal->family[family].addr)
			: NULL;
	if (interfaces) {
		pf_draft_main(&planner->draft, "inet_interfaces", interfaces);
		planner->interfaces = true;
	} else {
		main_bind(planner, family, address);
	}
}

/* Remove the pin: the line goes; a pin by inet_interfaces is cancelled by the any-address, since to edit
 * it would open listeners. */
static void unpin_bind(struct pf_planner *planner, const struct pf_target *targets,
		       enum mt_family family)
{
	bool by_main = false, by_interfaces = false;
	for (const struct pf_target *t = targets; t; t = t->next) {
		struct pf_raw raw =
			pf_raw(&t->client->scope, mt_str_of(t->client->bind_name[family]));
		if (t->kept[family] || t->holds[family])
			continue;
		if (raw.from == 'o')
			pf_set_option(planner, t->name, t->client->bind_name[family], NULL);
		by_main |= raw.from == 'm' && raw.text.n;
		by_interfaces |= pf_own_single(&t->client->own, family).set;
	}
	if (by_interfaces)
		main_bind(planner, family, family == MT_V6 ? "::" : "0.0.0.0");
	else if (by_main)
		main_bind(planner, family, NULL);
}

static void plan_family(struct pf_planner *planner, const struct pf_target *targets,
			enum mt_family family)
{
	switch (planner->goal->family[family].pin) {
	case MT_PIN_ADDRESS:
		pin_address(planner, targets, family);
		break;
	case MT_PIN_ANY:
		unpin_bind(planner, targets, family);
		break;
	case MT_PIN_OFF:
		for (const struct pf_target *t = targets; t; t = t->next)
			if (wants_edit(t, family))
				pf_family_off(planner, t, family);
		break;
	case MT_PIN_KEEP:
		break;
	}
}

/* ---- the whole ---- */

static bool everything_holds(const struct pf_target *targets)
{
	for (; targets; targets = targets->next)
		if (wants_edit(targets, MT_V4) || wants_edit(targets, MT_V6))
			return false;
	return true;
}

static void finish_plan(struct pf_planner *planner)
{
	const struct pf_instance *before = planner->plan->mta->priv;
	struct pf_draft *draft = &planner->draft;
	struct mt_rewrite master = {.before = before->mastercf.bytes};
	master.edits = pf_draft_master(draft);
	master.after = mt_edits_apply(planner->arena, master.before, master.edits);
	mt_plan_replace(planner->plan, before->main_path, before->maincf.bytes,
			mt_str_copy(planner->arena, draft->main));
	mt_plan_edit(planner->plan, before->master_path, &master);
	mt_plan_settings(planner->plan, before->main_path,
			 pf_draft_settings(planner->arena, &draft->main_notes));
	mt_plan_settings(planner->plan, before->master_path,
			 pf_draft_settings(planner->arena, &draft->master_notes));
	for (size_t i = 0; i < planner->plan->kept.n; i++) {
		const char *name = planner->plan->kept.item[i];
		mt_plan_remark(
			planner->plan, "%s keeps its own working pin (%s changes it)", name,
			mt_recipe_text(planner->plan->arena,
				       mt_recipe(planner->plan->arena, "--path", name, NULL)));
	}
	pf_plan_service(planner);
	pf_boot_plan(planner); /* a file that the daemon does not read: no lock, no action */
}

static bool by_interfaces(const struct pf_planner *planner)
{
	return planner->plan->method == &pf_methods[PF_INTERFACES] &&
	       (planner->goal->family[MT_V4].pin == MT_PIN_ADDRESS ||
		planner->goal->family[MT_V6].pin == MT_PIN_ADDRESS);
}

void pf_plan(struct mt_plan *plan)
{
	struct pf_planner planner = {.plan = plan,
				     .goal = plan->goal,
				     .instance = plan->mta->priv,
				     .arena = plan->arena};
	struct mt_arena *scratch = mt_arena_beside(plan->arena);
	pf_draft_start(planner.instance, scratch, &planner.draft);
	const struct pf_instance *broken = planner.instance;
	if (broken->own.fatal) {
		const char *value = pf_interfaces_repair(broken, planner.goal);
		pf_draft_main(&planner.draft, "inet_interfaces", value);
		planner.interfaces = true;
		planner.instance = reread(&planner);
		mt_plan_remark(planner.plan, "%s: %s; repaired to inet_interfaces = %s",
			       pf_where(broken, &broken->scope, "inet_interfaces"),
			       broken->own.fatal, value);
	}
	struct pf_target *targets = pf_targets(&planner);
	if (by_interfaces(&planner) && !everything_holds(targets)) {
		pf_by_interfaces(&planner, targets);
	} else if (!everything_holds(targets)) {
		pf_split_mixed(&planner, targets, PF_KEEP_PARAMETER);
		plan_family(&planner, targets, MT_V4);
		plan_family(&planner, targets, MT_V6);
	}
	enum pf_method method = planner.interfaces ? PF_INTERFACES : PF_SERVICE;
	if (!planner.plan->method) {
		if (planner.main_bind || (!planner.interfaces && !planner.options))
			method = PF_BIND_ADDRESS;
		planner.plan->method = &pf_methods[method];
	}
	pf_set_helo(&planner, targets);
	if (!plan->refused)
		finish_plan(&planner);
	mt_arena_free(scratch);
}
