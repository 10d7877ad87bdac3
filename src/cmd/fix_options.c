/* SPDX-License-Identifier: ISC */
/* fix_options.c: from options and settings to what is wanted of a fix. */
#include "cmd/fix_options.h"

#include <string.h>

#define CONFIRM_MIN 10
#define CONFIRM_MAX 86400

struct parser {
	struct mt_arena *arena;
	const struct mt_options *options;
	struct mt_request *request;
	struct mt_error *error;
	bool said; /* some option or setting named a family */
	bool automatic;
};

static int usage(struct parser *p, const char *option, const char *value, const char *reason)
{
	return mt_fail(p->error, MT_EXIT_USAGE, option, "\"%s\" %s", value, reason);
}

static int set(struct parser *p, enum mt_family family, struct mt_pin_goal goal, const char *option)
{
	struct mt_pin_goal *at = &p->request->goal.family[family];
	if (at->given)
		return mt_fail(p->error, MT_EXIT_USAGE, option, "names %s a second time",
			       mt_family_name(family));
	*at = goal;
	at->given = p->said = true;
	return 0;
}

static int ip(struct parser *p, const char *value)
{
	static const struct mt_pin_goal any = {.pin = MT_PIN_ANY, .given = true};
	struct mt_pin_goal goal = {.pin = MT_PIN_ADDRESS};
	if (strcmp(value, "any") == 0)
		return set(p, MT_V4, any, "--ip") != 0 ? -1 : set(p, MT_V6, any, "--ip");
	if (strcmp(value, "auto") == 0) {
		p->automatic = p->said = true;
		return 0;
	}
	bool parsed = mt_addr_parse(mt_str_of(value), &goal.addr);
	if (!parsed && mt_is_alnum(*value) && !mt_is_digit(*value) && !strchr(value, ':'))
		return usage(p, "--ip", value,
			     "is a name: an interface or a host may have several addresses, and "
			     "others tomorrow; write the address, auto or any");
	if (!goal.addr.set)
		return usage(
			p, "--ip", value,
			"is not an IPv4 or IPv6 address (all four numbers, no leading zero, no "
			"port, no prefix length), auto or any");
	if (mt_addr_is_mapped(goal.addr))
		return usage(p, "--ip", value,
			     "is an IPv4 address in IPv6 clothes: write it as IPv4");
	return set(p, goal.addr.family, goal, "--ip");
}

static int ip_of(struct parser *p, enum mt_family family, const char *option, const char *value)
{
	struct mt_pin_goal goal;
	if (!value)
		return 0;
	if (!mt_pin_parse(value, family, &goal))
		return mt_fail(p->error, MT_EXIT_USAGE, option,
			       "\"%s\" is neither an %s address nor keep, off or any", value,
			       mt_family_name(family));
	return set(p, family, goal, option);
}

/* The settings speak for what the command line leaves open. */
static void fill_in(struct parser *p, const struct mt_settings *settings)
{
	for (int f = 0; f < MT_FAMILIES; f++) {
		struct mt_pin_goal *at = &p->request->goal.family[f];
		if (at->given)
			continue;
		p->request->automatic[f] = p->automatic;
		if (!p->automatic && settings->family[f].given) {
			*at = settings->family[f];
			p->said = true;
		}
	}
}

static int families(struct parser *p, const struct mt_settings *settings)
{
	for (unsigned i = 0; i < p->options->ip.count; i++)
		if (ip(p, p->options->ip.word[i]) != 0)
			return -1;
	if (ip_of(p, MT_V4, "--ip4", p->options->ip4) != 0 ||
	    ip_of(p, MT_V6, "--ip6", p->options->ip6) != 0)
		return -1;
	fill_in(p, settings);
	if (!p->said)
		return mt_fail(p->error, MT_EXIT_USAGE, "--ip",
			       "is missing: say from which address mail shall leave");
	return 0;
}

static int others(struct parser *p, const struct mt_settings *settings)
{
	const struct mt_options *o = p->options;
	struct mt_goal *goal = &p->request->goal;
	goal->method = o->method ? o->method : settings->method;
	if (goal->method && strcmp(goal->method, mt_method_name(NULL)) == 0)
		goal->method = NULL;
	goal->helo = o->helo ? o->helo : settings->helo;
	if (o->helo && !mt_is_fqdn(mt_str_of(o->helo)))
		return usage(p, "--helo", o->helo, "is not a fully qualified host name");
	goal->restart = o->restart;
	goal->no_service = o->no_service;
	if (o->restart && o->no_service)
		return mt_fail(p->error, MT_EXIT_USAGE, "--no-service",
			       "cannot be had together with --restart");
	if (o->observe) {
		unsigned long seconds;
		if (!mt_str_number(mt_str_of(o->observe), 3600, &seconds))
			return usage(p, "--observe", o->observe,
				     "is not a number of seconds from 0 to 3600");
		goal->observes = true;
		goal->observe = (unsigned)seconds;
	}
	goal->prove = o->prove;
	if (o->prove && !mt_is_mailbox(mt_str_of(o->prove)))
		return usage(p, "--prove", o->prove,
			     "is not a mail address (user@domain, not quoted, no - at the start)");
	if (o->no_service && (goal->observe || goal->prove))
		return mt_fail(p->error, MT_EXIT_USAGE, "--no-service",
			       "cannot be had together with --%s: what runs may keep the old value",
			       goal->prove ? "prove" : "observe");
	goal->paths = o->path.count ? o->path.word : NULL;
	goal->accept = o->accept.count ? o->accept.word : NULL;
	return 0;
}

/* ---- how ---- */

static int check_confirm(struct parser *p)
{
	const struct mt_options *o = p->options;
	if (!o->confirm)
		return 0;
	if (mt_str_number(mt_str_of(o->confirm), CONFIRM_MAX, &p->request->confirm) &&
	    p->request->confirm >= CONFIRM_MIN)
		return 0;
	return mt_fail(p->error, MT_EXIT_USAGE, "--confirm",
		       "\"%s\" is not a number of seconds from %d to %d", o->confirm, CONFIRM_MIN,
		       CONFIRM_MAX);
}

static int check_probe(struct parser *p)
{
	const char *text = p->options->probe;
	if (!text || mt_place_parse(p->arena, text, &p->request->probe))
		return 0;
	return mt_fail(p->error, MT_EXIT_USAGE, "--probe",
		       "\"%s\" is not HOST or HOST:PORT (a name, an IPv4 address, an IPv6 address "
		       "in brackets; port 1 to 65535)",
		       text);
}

/* What only a running host has. */
static int check_live(struct parser *p)
{
	const struct mt_options *o = p->options;
	const char *option = o->confirm	  ? "--confirm"
			     : o->probe	  ? "--probe"
			     : o->prove	  ? "--prove"
			     : o->observe ? "--observe"
					  : NULL;
	return option && (o->bundle || o->root) ? mt_fail(p->error, MT_EXIT_USAGE, option,
							  "is for the running host: nothing of a "
							  "bundle or a tree is applied")
						: 0;
}

static int check_together(struct parser *p)
{
	const struct mt_options *o = p->options;
	if (o->yes && o->bundle)
		return mt_fail(p->error, MT_EXIT_USAGE, "--yes",
			       "a bundle cannot be changed: leave --bundle out");
	if (o->root && o->restart)
		return mt_fail(p->error, MT_EXIT_USAGE, "--restart", "nothing runs in a tree");
	if (o->yes && o->dry_run)
		return mt_fail(p->error, MT_EXIT_USAGE, "--yes",
			       "cannot be had together with --dry-run");
	return 0;
}

int mt_fix_options(const struct mt_context *context, struct mt_request *request,
		   struct mt_error *error)
{
	struct parser p = {.arena = context->arena,
			   .options = &context->options,
			   .request = request,
			   .error = error};
	*request = (struct mt_request){.mta = context->options.mta};
	if (check_together(&p) != 0 || check_confirm(&p) != 0 || check_probe(&p) != 0 ||
	    families(&p, &context->settings) != 0 || others(&p, &context->settings) != 0)
		return -1;
	request->goal.own = mt_options_own(context->arena, &context->options);
	return check_live(&p);
}
