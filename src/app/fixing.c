/* SPDX-License-Identifier: ISC */
/* fixing.c: from what is wanted to a plan, and from a plan to an outcome. */
#include "app/fixing.h"

#include <string.h>

#include "app/examination.h"
#include "app/read_host.h"
#include "app/transaction.h"
#include "io/txn/boot_hook.h"

/* ---- which MTA, which transports ---- */

static bool is_named(const struct mt_mta *mta, const char *name)
{
	size_t n = strlen(mta->backend->name);
	if (strncmp(name, mta->backend->name, n) != 0)
		return false;
	return !name[n] || (name[n] == ':' && strcmp(name + n + 1, mta->instance) == 0);
}

static const struct mt_mta *choose_mta(struct mt_fixing *fix)
{
	const char *name = fix->request.mta;
	const struct mt_mta *found = NULL;
	unsigned count = 0;
	for (const struct mt_mta *mta = fix->model->mtas; mta; mta = mta->next) {
		if (name && !is_named(mta, name))
			continue;
		found = mta;
		count++;
	}
	if (count == 1)
		return found;
	struct mt_text names = MT_TEXT_INIT(fix->app->arena);
	for (const struct mt_mta *mta = fix->model->mtas; mta; mta = mta->next) {
		const char *word = mt_mta_word(names.arena, mta);
		const struct mt_recipe *option = mt_recipe(names.arena, "--mta", word, NULL);
		mt_text_addf(&names, "%s%s", names.n ? ", " : "",
			     mt_recipe_text(names.arena, option));
	}
	mt_fail(&fix->error, MT_EXIT_FAILED, name ? name : "--mta", "%s: %s",
		count ? "several are here, say which"
		      : "there is no such mail server here; there are",
		mt_text_z(&names));
	return NULL;
}

static int check_transports(struct mt_fixing *fix, const struct mt_mta *mta)
{
	for (const char *const *name = fix->request.goal.paths; name && *name; name++) {
		struct mt_text names = MT_TEXT_INIT(fix->app->arena);
		bool found = strcmp(*name, "all") == 0;
		for (const struct mt_transport *t = mta->transports; t; t = t->next) {
			found |= strcmp(*name, t->name) == 0;
			mt_text_addf(&names, "%s%s", names.n ? ", " : "", t->name);
		}
		if (!found)
			return mt_fail(
				&fix->error, MT_EXIT_USAGE, "--path",
				"there is no service \"%s\"; there are: %s, and the word all",
				*name, mt_text_z(&names));
	}
	return 0;
}

/* ---- the plan ---- */

/* Fill in what `auto` means on this host. */
static int fill_in(struct mt_request *request, const struct mt_check *check,
		   const struct mt_mta *mta, struct mt_error *error)
{
	bool found = false, known = check->model->snapshot->facts->addresses == MT_PRESENT;
	for (enum mt_family f = MT_V4; known && f < MT_FAMILIES; f++) {
		if (!request->automatic[f] || !mt_mta_sends(check->model, mta, &request->goal, f))
			continue;
		const struct mt_checked *best = mt_check_best(check, f);
		if (!best)
			return mt_fail(error, MT_EXIT_FAILED, "--ip auto",
				       "no %s address is good: %s", mt_family_name(f),
				       mt_check_advice(check, f));
		request->goal.family[f] = (struct mt_pin_goal){
			.pin = MT_PIN_ADDRESS, .given = true, .addr = best->addr};
		found = true;
	}
	if (!found)
		return mt_fail(
			error, MT_EXIT_FAILED, "--ip auto",
			"it is not known from where mail leaves: no address or route is known, "
			"or this is not the running host");
	return 0;
}

/* What `auto` means takes the whole check; else only a plan that closes port 25 asks the DNS, and not for long. */
static int resolve(struct mt_fixing *fix, const struct mt_mta *mta)
{
	struct mt_checking *checking = &fix->checking;
	if (!fix->request.automatic[MT_V4] && !fix->request.automatic[MT_V6])
		return 0;
	checking->check = mt_check;
	if (mt_checking_options(fix->app, NULL, &checking->options, &fix->error) != 0)
		return -1;
	checking->options.helo = fix->request.goal.helo;
	if (mt_checking_run(fix->app, fix->model, checking, &fix->error) != 0)
		return -1;
	return fill_in(&fix->request, checking->result, mta, &fix->error);
}

/* Does somebody send mail to a listener that is about to close? */
static void look_at_mx(struct mt_fixing *fix)
{
	struct mt_checking mx = {.check = mt_check_mx, .limit_ms = 3000};
	struct mt_model *model = fix->model;
	struct mt_error ignored = {0};
	bool kept = mt_snapshot_probe(model->snapshot, "dns")->presence != MT_UNASKED;
	const struct mt_listener *l = fix->plan->impact.lost;
	while (l && l->port != 25)
		l = l->next;
	if (!l || (!mt_app_is_here(fix->app) && !kept) ||
	    mt_checking_run(fix->app, model, &mx, &ignored) != 0)
		return;
	mt_check_mx_closed(mx.result, fix->plan);
	for (const struct mt_finding *f = model->findings; f; f = f->next)
		if (strcmp(f->id, "DNS-MX-CLOSED") == 0)
			mt_tell(fix->app, "warning DNS-MX-CLOSED: %pM", f->message);
}

const struct mt_change *mt_fixing_hook(const struct mt_fixing *fix)
{
	const struct mt_daemon *daemon = &fix->plan->daemon;
	return mt_hook_change(fix->app->arena, daemon, mt_daemon_find(daemon));
}

int mt_fixing_read(struct mt_fixing *fix)
{
	struct mt_model *model = NULL;
	int failed = mt_read_model(fix->app, &model, &fix->error);
	fix->model = model;
	if (failed || mt_need_mta(fix->app, model, &fix->error) != 0)
		return -1;
	if (!model->snapshot->complete)
		return mt_fail(
			&fix->error, MT_EXIT_FAILED, model->snapshot->host, "%s",
			"the collection is incomplete: nothing is changed on half of the facts");
	return 0;
}

int mt_fixing_plan(struct mt_fixing *fix)
{
	const struct mt_mta *mta = choose_mta(fix);
	if (!mta || check_transports(fix, mta) != 0 || resolve(fix, mta) != 0)
		return -1;
	fix->plan =
		mt_plan(fix->model, mta, &fix->request.goal, fix->app->registry->backends, true);
	if (fix->plan->refused)
		return 0;
	look_at_mx(fix);
	if (fix->request.confirm && fix->plan->changes)
		fix->hook = mt_fixing_hook(fix);
	return 0;
}

static int examine(struct mt_examination *e, struct mt_error *error)
{
	struct mt_fixing *fix = e->data;
	int failed = mt_fixing_read(fix) != 0 || mt_fixing_plan(fix) != 0 ? -1 : 0;
	e->examined.model = fix->model;
	e->examined.plan = failed ? NULL : fix->plan;
	*error = fix->error;
	return failed;
}

int mt_fixing_propose(struct mt_fixing *fix)
{
	struct mt_examination e = {.app = fix->app, .examine = examine, .data = fix};
	if (!fix->app->bundle)
		return mt_fixing_read(fix) != 0 || mt_fixing_plan(fix) != 0 ? -1 : 0;
	int failed = mt_examination_run(&e, &fix->error);
	fix->model = e.examined.model;
	fix->plan = e.examined.plan;
	if (!failed && !fix->plan)
		failed = mt_fail(&fix->error, MT_EXIT_FAILED, fix->app->bundle,
				 "the process that examined it answered nonsense");
	return failed;
}

bool mt_fixing_has_work(const struct mt_fixing *fix)
{
	const struct mt_plan *plan = fix->plan;
	const struct mt_message *why;
	return plan->changes || mt_plan_action(plan, &why) != MT_ACTION_NONE;
}

/* ---- applying ---- */

int mt_fixing_apply(struct mt_fixing *fix, const struct mt_apply_options *options)
{
	struct mt_app *app = fix->app;
	struct mt_outcome *outcome = MT_NEW(app->arena, struct mt_outcome);
	struct mt_apply_options all = *options;
	all.confirm_ms = (int64_t)fix->request.confirm * 1000;
	if ((fix->request.probe.host &&
	     mt_probe_plan(app, fix->plan, &fix->request.probe, &fix->probes, &fix->error) != 0) ||
	    mt_enter_root(app, options->accept, &fix->error) != 0 ||
	    mt_apply(fix->plan, &all, outcome, &fix->error) != 0)
		return -1;
	fix->outcome = outcome;
	if (outcome->end == MT_END_APPLIED || outcome->end == MT_END_UNCONFIRMED)
		fix->follow_up = mt_follow_up(app->arena, fix->plan, fix->checking.result);
	return 0;
}
