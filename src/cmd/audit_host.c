/* SPDX-License-Identifier: ISC */
/*
 * audit_host.c: one host of an audit, in a worker: from its bundle to findings, a verdict and the bytes to
 * print; and how that is written to the pipe and read from it again.
 *
 *	byte cause, byte complies, byte has a mail server, text detail, text findings, output
 *	findings: each a byte severity, text id, text message, text deed, command
 *	command: for each of its commands a byte, the number of words, and a text each; a byte 0
 *	text: four bytes length, then the bytes
 */
#include <string.h>

#include "cmd/audit.h"
#include "cmd/checking.h"
#include "cmd/read.h"
#include "io/store.h"

/* ---- the pipe ---- */

static void put_byte(struct mt_text *out, unsigned value)
{
	char byte = (char)value;
	mt_text_add(out, (struct mt_str){&byte, 1});
}

static void put_text(struct mt_text *out, struct mt_str s)
{
	uint32_t n = (uint32_t)s.n;
	mt_text_add(out, (struct mt_str){(const char *)&n, sizeof n});
	mt_text_add(out, s);
}

static bool get_byte(struct mt_str *in, unsigned *value)
{
	if (!in->n)
		return false;
	*value = (unsigned char)in->p[0];
	*in = mt_str_part(*in, 1, in->n - 1);
	return true;
}

static bool get_text(struct mt_str *in, struct mt_str *s)
{
	uint32_t n;
	if (in->n < sizeof n)
		return false;
	memcpy(&n, in->p, sizeof n);
	*in = mt_str_part(*in, sizeof n, in->n - sizeof n);
	if (n > in->n)
		return false;
	*s = mt_str_part(*in, 0, n);
	*in = mt_str_part(*in, n, in->n - n);
	return true;
}

static void put_command(struct mt_text *out, const struct mt_recipe *command)
{
	for (; command; command = command->next) {
		unsigned n = 0;
		while (command->words[n] && n < UINT8_MAX)
			n++;
		put_byte(out, n);
		for (unsigned i = 0; i < n; i++)
			put_text(out, mt_str_of(command->words[i]));
	}
	put_byte(out, 0);
}

static bool get_command(struct mt_arena *arena, struct mt_str *in, struct mt_recipe **command)
{
	unsigned n;
	while (get_byte(in, &n)) {
		if (!n)
			return true;
		*command = MT_NEW(arena, struct mt_recipe);
		for (; n; n--) {
			struct mt_str word;
			if (!get_text(in, &word))
				return false;
			mt_recipe_add(arena, *command, mt_strz(arena, word), NULL);
		}
		command = &(*command)->next;
	}
	return false;
}

bool mt_audit_result_read(struct mt_str bytes, struct mt_audit_result *result)
{
	unsigned cause, complies, has_mta;
	if (!get_byte(&bytes, &cause) || !get_byte(&bytes, &complies) ||
	    !get_byte(&bytes, &has_mta) || !get_text(&bytes, &result->detail) ||
	    !get_text(&bytes, &result->findings) || cause >= MT_CAUSES)
		return false;
	result->cause = (enum mt_cause)cause;
	result->complies = complies;
	result->has_mta = has_mta;
	result->output = bytes;
	return true;
}

bool mt_audit_next_finding(struct mt_arena *arena, struct mt_str *findings,
			   struct mt_finding *finding)
{
	unsigned severity;
	struct mt_str id, message, deed;
	struct mt_recipe *command = NULL;
	if (!get_byte(findings, &severity) || !get_text(findings, &id) ||
	    !get_text(findings, &message) || !get_text(findings, &deed) ||
	    !get_command(arena, findings, &command) || severity > MT_ERROR)
		return false;
	*finding = (struct mt_finding){
		.severity = (enum mt_severity)severity,
		.id = mt_strz(arena, id),
		.message = mt_strz(arena, message),
		.deed = mt_strz(arena, deed),
		.command = command,
	};
	return true;
}

static struct mt_str encode_findings(struct mt_arena *arena, const struct mt_model *model)
{
	struct mt_text out = MT_TEXT_INIT(arena);
	for (const struct mt_finding *f = model->findings; f; f = f->next) {
		put_byte(&out, f->severity);
		put_text(&out, mt_str_of(f->id));
		put_text(&out, mt_str_of(f->message));
		put_text(&out, mt_str_of(f->deed));
		put_command(&out, f->command);
	}
	return mt_text_str(&out);
}

/* ---- what is expected ---- */

static bool path_holds(const struct mt_goal *goal, const struct mt_path *path)
{
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (!mt_way_holds(&goal->family[f], path, f))
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

static void judge(const struct mt_audit *audit, struct mt_arena *arena, struct mt_audited *a)
{
	const struct mt_model *model = a->report.model;
	const struct mt_mta *mta = choose_mta(model);
	const struct mt_goal *goal = goal_of(arena, audit, a->expect);
	if (!mta) {
		a->refused = model->mtas ? "several mail servers are here: which one is meant?"
					 : "there is no mail server here";
		return;
	}
	const struct mt_plan *plan =
		mt_plan(model, mta, goal, audit->context->registry.backends, false);
	a->complies = all_hold(goal, mta) ||
		      (!plan->refused && !plan->changes && plan->action == MT_ACTION_NONE);
	if (!a->complies)
		a->report.plan = plan;
}

/* ---- the DNS ---- */

#define DNS_MS 10000 /* for one host: less than a worker has for all of it */

/* Whether nobody answered, whatever was asked. */
static bool unanswered(const struct mt_dns *dns)
{
	for (size_t i = 0; i < dns->count; i++)
		if (dns->list[i].status != MT_DNS_TIMEOUT &&
		    dns->list[i].status != MT_DNS_NO_RESOLVER)
			return false;
	return dns->count > 0;
}

/* Resolvers that left one host without any answer are not waited for again by this worker. */
static int check_dns(struct mt_audit *audit, struct mt_model *model, struct mt_audited *a,
		     struct mt_error *error)
{
	struct mt_context here = *audit->context;
	struct mt_checking checking = {.check = mt_check,
				       .limit_ms = audit->dns_is_silent ? 1 : DNS_MS};
	here.arena = model->arena;
	here.options.verbose = false;
	if (mt_checking_run(&here, model, &checking, error) != 0)
		return -1;
	audit->dns_is_silent |= unanswered(checking.dns);
	mt_check_report(checking.result);
	a->report.check = checking.result;
	return 0;
}

/* ---- a bundle ---- */

static int read_bundle(const struct mt_audit *audit, struct mt_arena *arena,
		       const struct mt_work *work, struct mt_str *bundle, struct mt_error *error)
{
	unsigned origin = MT_AUDIT_LIVE;
	struct mt_str bytes = work->bytes;
	const char *name = audit->hosts->host[work->number].name;
	get_byte(&bytes, &origin);
	*bundle = bytes;
	if (origin == MT_AUDIT_LIVE)
		return 0;
	const char *folder = origin == MT_AUDIT_STORED ? audit->stored : audit->save;
	return mt_collect_file(arena, mt_store_path(arena, folder, name), bundle, error);
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
			     struct mt_audited *a, struct mt_arena *arena, struct mt_error *error)
{
	struct mt_str bundle;
	struct mt_snapshot *snapshot;
	if (read_bundle(audit, arena, work, &bundle, error) != 0 ||
	    mt_bundle_decode(arena, bundle, &snapshot, error) != 0)
		return MT_CAUSE_BUNDLE;
	if (!snapshot->complete)
		return MT_CAUSE_INCOMPLETE;
	struct mt_model *model = mt_examine(snapshot, audit->context->registry.backends);
	const char *why = unreadable(model);
	a->report.model = model;
	if (why) {
		mt_fail(error, MT_EXIT_FAILED, "", "%s", why);
		return MT_CAUSE_DENIED;
	}
	if (audit->context->options.dns && check_dns(audit, model, a, error) != 0)
		return MT_CAUSE_WORKER;
	if (a->expect)
		judge(audit, arena, a);
	return MT_CAUSE_NONE;
}

static void print(const struct mt_audit *audit, struct mt_text *result, const struct mt_audited *a)
{
	if (audit->form == MT_AUDIT_TEXT)
		mt_text_audited(result, &audit->context->out, a);
	else if (audit->form != MT_AUDIT_NAGIOS)
		mt_json_audited(result, a);
}

void mt_audit_work(void *data, struct mt_arena *arena, const struct mt_work *work,
		   struct mt_text *result)
{
	struct mt_audit *audit = data;
	const struct mt_named *host = &audit->hosts->host[work->number];
	struct mt_audited a = {.name = host->name, .expect = host->expect};
	struct mt_error error = {0};
	enum mt_cause cause = examine(audit, work, &a, arena, &error);
	put_byte(result, cause);
	put_byte(result, a.complies);
	put_byte(result, cause == MT_CAUSE_NONE && a.report.model->mtas);
	put_text(result, mt_str_of(error.message));
	if (cause != MT_CAUSE_NONE) {
		put_text(result, (struct mt_str){"", 0});
		return;
	}
	put_text(result, encode_findings(arena, a.report.model));
	print(audit, result, &a);
}
