/* SPDX-License-Identifier: ISC */
/* fixing.c: from options to a plan, and from a plan to an outcome. */
#include "cmd/fixing.h"

#include <string.h>

#include "cmd/read.h"
#include "cmd/transaction.h"
#include "io/hook.h"
#include "ui/text.h"

#define CONFIRM_MIN 10
#define CONFIRM_MAX 86400

static int fail(struct mt_fixing *fix, int code, const char *where, const char *message)
{
	return mt_fail(&fix->error, code, where, "%s", message);
}

/* ---- usage ---- */

static int check_confirm(struct mt_fixing *fix)
{
	const struct mt_options *o = &fix->context->options;
	if (!o->confirm)
		return 0;
	if (mt_str_number(mt_str_of(o->confirm), CONFIRM_MAX, &fix->confirm) &&
	    fix->confirm >= CONFIRM_MIN)
		return 0;
	return mt_fail(&fix->error, MT_EXIT_USAGE, "--confirm",
		       "\"%s\" is not a number of seconds from %d to %d", o->confirm, CONFIRM_MIN,
		       CONFIRM_MAX);
}

static int check_probe(struct mt_fixing *fix)
{
	const char *text = fix->context->options.probe;
	if (!text || mt_place_parse(fix->context->arena, text, &fix->place))
		return 0;
	return mt_fail(&fix->error, MT_EXIT_USAGE, "--probe",
		       "\"%s\" is not HOST or HOST:PORT (a name, an IPv4 address, an IPv6 address "
		       "in brackets; port 1 to 65535)",
		       text);
}

/* What only a running host has. */
static int check_live(struct mt_fixing *fix)
{
	const struct mt_options *o = &fix->context->options;
	const char *option = o->confirm	  ? "--confirm"
			     : o->probe	  ? "--probe"
			     : o->prove	  ? "--prove"
			     : o->observe ? "--observe"
					  : NULL;
	return option && (o->bundle || o->root)
		       ? fail(fix, MT_EXIT_USAGE, option,
			      "is for the running host: nothing of a bundle or a tree is applied")
		       : 0;
}

int mt_fixing_wish(struct mt_fixing *fix)
{
	const struct mt_options *o = &fix->context->options;
	if (o->yes && o->bundle)
		return fail(fix, MT_EXIT_USAGE, "--yes",
			    "a bundle cannot be changed: leave --bundle out");
	if (o->root && o->restart)
		return fail(fix, MT_EXIT_USAGE, "--restart", "nothing runs in a tree");
	if (o->yes && o->dry_run)
		return fail(fix, MT_EXIT_USAGE, "--yes", "cannot be had together with --dry-run");
	if (check_confirm(fix) != 0 || check_probe(fix) != 0 ||
	    mt_wish_parse(o, &fix->context->settings, &fix->wish, &fix->error) != 0)
		return -1;
	return check_live(fix);
}

/* ---- which MTA, which paths ---- */

static bool is_named(const struct mt_mta *mta, const char *name)
{
	size_t n = strlen(mta->backend->name);
	if (strncmp(name, mta->backend->name, n) != 0)
		return false;
	return !name[n] || (name[n] == ':' && strcmp(name + n + 1, mta->instance) == 0);
}

static const char *mta_names(struct mt_fixing *fix)
{
	struct mt_text text = MT_TEXT_INIT(fix->context->arena);
	for (const struct mt_mta *mta = fix->report.model->mtas; mta; mta = mta->next)
		mt_text_addf(
			&text, "%s%s", text.n ? ", " : "",
			mt_recipe_text(text.arena, mt_recipe(text.arena, "--mta",
							     mt_mta_word(text.arena, mta), NULL)));
	return mt_text_z(&text);
}

static const struct mt_mta *choose_mta(struct mt_fixing *fix)
{
	const char *name = fix->context->options.mta;
	const struct mt_mta *found = NULL;
	unsigned count = 0;
	for (const struct mt_mta *mta = fix->report.model->mtas; mta; mta = mta->next) {
		if (name && !is_named(mta, name))
			continue;
		found = mta;
		count++;
	}
	if (count == 1)
		return found;
	mt_fail(&fix->error, MT_EXIT_FAILED, name ? name : "--mta", "%s: %s",
		count ? "several are here, say which"
		      : "there is no such mail server here; there are",
		mta_names(fix));
	return NULL;
}

static const char *path_names(struct mt_fixing *fix, const struct mt_mta *mta)
{
	struct mt_text text = MT_TEXT_INIT(fix->context->arena);
	for (const struct mt_path *path = mta->paths; path; path = path->next)
		mt_text_addf(&text, "%s%s", text.n ? ", " : "", path->name);
	return mt_text_z(&text);
}

static bool has_path(const struct mt_mta *mta, const char *name)
{
	const struct mt_path *path = mta->paths;
	while (path && strcmp(path->name, name) != 0)
		path = path->next;
	return path || strcmp(name, "all") == 0;
}

static int check_paths(struct mt_fixing *fix, const struct mt_mta *mta)
{
	for (const char *const *name = fix->wish.goal.paths; name && *name; name++)
		if (!has_path(mta, *name))
			return mt_fail(
				&fix->error, MT_EXIT_USAGE, "--path",
				"there is no service \"%s\"; there are: %s, and the word all",
				*name, path_names(fix, mta));
	return 0;
}

/* ---- the plan ---- */

/* What `auto` means takes the whole check; else only a plan that closes port 25 asks the DNS, and not for long. */
static int resolve(struct mt_fixing *fix, const struct mt_mta *mta)
{
	struct mt_checking *checking = &fix->checking;
	if (!mt_wish_is_automatic(&fix->wish))
		return 0;
	checking->check = mt_check;
	if (mt_checking_options(fix->context, &checking->options, &fix->error) != 0)
		return -1;
	checking->options.helo = fix->wish.goal.helo;
	if (mt_checking_run(fix->context, fix->model, checking, &fix->error) != 0)
		return -1;
	return mt_wish_resolve(&fix->wish, checking->result, mta, &fix->error);
}

static bool closes_mail(const struct mt_plan *plan)
{
	const struct mt_listener *l = plan->impact.lost;
	while (l && l->port != 25)
		l = l->next;
	return l && !plan->refused;
}

/* Does somebody send mail to a listener that is about to close? */
static void look_at_mx(struct mt_fixing *fix)
{
	const struct mt_options *o = &fix->context->options;
	struct mt_checking mx = {.check = mt_check_mx, .limit_ms = 3000};
	struct mt_model *model = fix->model;
	struct mt_error ignored = {0};
	bool kept = mt_snapshot_probe(model->snapshot, "dns")->presence != MT_UNASKED;
	if (!closes_mail(fix->report.plan) || ((o->bundle || o->root) && !kept) ||
	    mt_checking_run(fix->context, model, &mx, &ignored) != 0)
		return;
	mt_check_mx_closed(mx.result, fix->report.plan);
	for (const struct mt_finding *f = model->findings; f; f = f->next)
		if (strcmp(f->id, "DNS-MX-CLOSED") == 0)
			mt_remark(&fix->context->out, "warning DNS-MX-CLOSED: %s", f->message);
}

const struct mt_change *mt_fixing_hook(const struct mt_fixing *fix)
{
	const struct mt_daemon *daemon = &fix->report.plan->daemon;
	return mt_hook_change(fix->context->arena, daemon, mt_daemon_find(daemon));
}

int mt_fixing_read(struct mt_fixing *fix)
{
	struct mt_model *model;
	if (mt_read_model(fix->context, &model, &fix->error) != 0 ||
	    mt_need_mta(fix->context, model, &fix->error) != 0)
		return -1;
	fix->report.model = fix->model = model;
	if (!model->snapshot->complete)
		return fail(
			fix, MT_EXIT_FAILED, model->snapshot->host,
			"the collection is incomplete: nothing is changed on half of the facts");
	return 0;
}

int mt_fixing_plan(struct mt_fixing *fix)
{
	const struct mt_mta *mta = choose_mta(fix);
	if (!mta || check_paths(fix, mta) != 0 || resolve(fix, mta) != 0)
		return -1;
	fix->report.plan = fix->plan =
		mt_plan(fix->model, mta, &fix->wish.goal, fix->context->registry.backends, true);
	if (fix->report.plan->refused)
		return 0;
	look_at_mx(fix);
	if (fix->confirm && fix->report.plan->changes)
		fix->report.hook = mt_fixing_hook(fix);
	return 0;
}

bool mt_fixing_has_work(const struct mt_fixing *fix)
{
	const struct mt_plan *plan = fix->report.plan;
	const char *why;
	return plan->changes || mt_plan_action(plan, &why) != MT_ACTION_NONE;
}

void mt_fixing_refused(const struct mt_fixing *fix)
{
	const struct mt_refusal *refusal = fix->report.plan->refused;
	mt_complain(fix->context->arena, refusal->where, refusal->message);
	if (*refusal->id)
		mt_remark(&fix->context->out, "%s overrules this",
			  mt_recipe_text(
				  fix->context->arena,
				  mt_recipe(fix->context->arena, "--accept", refusal->id, NULL)));
	for (const struct mt_alternative *a = fix->report.plan->alternatives; a; a = a->next)
		if (a->title)
			mt_remark_command(&fix->context->out, a->command, "%s", a->title);
}

struct mt_str mt_fixing_diff(const struct mt_fixing *fix)
{
	struct mt_text text = MT_TEXT_INIT(fix->context->arena);
	mt_text_diff(&text, fix->report.plan->changes, !fix->context->out.tty);
	if (fix->report.hook)
		mt_text_diff(&text, fix->report.hook, !fix->context->out.tty);
	return mt_text_str(&text);
}

/* ---- applying ---- */

/* Nothing is sent or written in vain. */
static int begin(struct mt_fixing *fix)
{
	if (mt_need_root(fix->context, &fix->error) != 0)
		return -1;
	return fix->place.host ? mt_probe_plan(fix->context, fix->report.plan, &fix->place,
					       &fix->probes, &fix->error)
			       : 0;
}

int mt_fixing_apply(struct mt_fixing *fix)
{
	struct mt_context *context = fix->context;
	struct mt_outcome *outcome = MT_NEW(context->arena, struct mt_outcome);
	struct mt_apply_options options = mt_apply_options_of(context);
	options.confirm_ms = (int64_t)fix->confirm * 1000;
	if (begin(fix) != 0)
		return mt_output_error(&context->out, &fix->error);
	fix->report.probes = fix->probes.probe;
	fix->report.probe_count = fix->probes.count;
	if (mt_enter_root(context, &fix->error) != 0 ||
	    mt_apply(fix->report.plan, &options, outcome, &fix->error) != 0)
		return mt_output_error(&context->out, &fix->error);
	fix->report.outcome = outcome;
	if (outcome->end == MT_END_APPLIED || outcome->end == MT_END_UNCONFIRMED)
		fix->report.follow_up =
			mt_follow_up(context->arena, fix->report.plan, fix->checking.result);
	if (context->out.json)
		mt_json_report(&fix->report);
	else
		mt_text_outcome(&context->out, outcome, fix->report.plan->changes);
	for (const char *const *line = fix->report.follow_up; line && *line; line++)
		mt_remark(&context->out, "now see to it: %s", *line);
	return outcome->exit_code;
}
