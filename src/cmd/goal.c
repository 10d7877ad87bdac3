/* SPDX-License-Identifier: ISC */
/* goal.c: from options and settings to a goal. */
#include "cmd/goal.h"

#include <string.h>

struct parser {
	const struct mt_options *options;
	struct mt_wish *wish;
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
	struct mt_pin_goal *at = &p->wish->goal.family[family];
	if (at->given)
		return mt_fail(p->error, MT_EXIT_USAGE, option, "names %s a second time",
			       mt_family_name(family));
	*at = goal;
	at->given = p->said = true;
	return 0;
}

static int set_any(struct parser *p)
{
	struct mt_pin_goal any = {.pin = MT_PIN_ANY, .given = true};
	return set(p, MT_V4, any, "--ip") != 0 ? -1 : set(p, MT_V6, any, "--ip");
}

/* eth0, mail.example.com */
static bool is_name(const char *value)
{
	return mt_is_alnum(*value) && !mt_is_digit(*value) && !strchr(value, ':');
}

static int ip(struct parser *p, const char *value)
{
	struct mt_pin_goal goal = {.pin = MT_PIN_ADDRESS};
	if (strcmp(value, "any") == 0)
		return set_any(p);
	if (strcmp(value, "auto") == 0) {
		p->automatic = p->said = true;
		return 0;
	}
	if (!mt_addr_parse(mt_str_of(value), &goal.addr) && is_name(value))
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
		struct mt_pin_goal *at = &p->wish->goal.family[f];
		if (at->given)
			continue;
		p->wish->automatic[f] = p->automatic;
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
	struct mt_goal *goal = &p->wish->goal;
	goal->method = settings->method;
	if (o->method && !mt_method_parse(o->method, &goal->method))
		return usage(p, "--method", o->method, "is not known");
	goal->helo = o->helo ? o->helo : settings->helo;
	if (o->helo && !mt_is_fqdn(mt_str_of(o->helo)))
		return usage(p, "--helo", o->helo, "is not a fully qualified host name");
	goal->bare = o->bare;
	goal->restart = o->restart;
	goal->no_service = o->no_service;
	goal->drop_in = o->drop_in;
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

int mt_wish_parse(const struct mt_options *options, const struct mt_settings *settings,
		  struct mt_wish *wish, struct mt_error *error)
{
	struct parser p = {.options = options, .wish = wish, .error = error};
	*wish = (struct mt_wish){0};
	return families(&p, settings) != 0 ? -1 : others(&p, settings);
}

bool mt_wish_is_automatic(const struct mt_wish *wish)
{
	return wish->automatic[MT_V4] || wish->automatic[MT_V6];
}

static int pick(struct mt_wish *wish, const struct mt_check *check, enum mt_family family,
		struct mt_error *error)
{
	const struct mt_checked *best = mt_check_best(check, family);
	if (!best)
		return mt_fail(error, MT_EXIT_FAILED, "--ip auto", "no %s address is good: %s",
			       mt_family_name(family), mt_check_advice(check, family));
	wish->goal.family[family] =
		(struct mt_pin_goal){.pin = MT_PIN_ADDRESS, .given = true, .addr = best->addr};
	return 0;
}

int mt_wish_resolve(struct mt_wish *wish, const struct mt_check *check, const struct mt_mta *mta,
		    struct mt_error *error)
{
	bool found = false, known = check->model->snapshot->facts->addresses == MT_PRESENT;
	for (enum mt_family f = MT_V4; known && f < MT_FAMILIES; f++) {
		if (!wish->automatic[f] || !mt_mta_sends(check->model, mta, &wish->goal, f))
			continue;
		if (pick(wish, check, f, error) != 0)
			return -1;
		found = true;
	}
	if (!found)
		return mt_fail(
			error, MT_EXIT_FAILED, "--ip auto",
			"it is not known from where mail leaves: no address or route is known, "
			"or this is not the running host");
	return 0;
}
