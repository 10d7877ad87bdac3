/* SPDX-License-Identifier: ISC */
/* routers.c: what the configuration and files tell: each router's conditions, and what its driver does. */
#include "route.h"

#include <string.h>

#include "evaluate.h"
#include "items.h"
#include "lsearch.h"

/* What a router does with the mail. */
enum end {
	DECLINES, /* the next one is asked */
	TAKES,
	AGAIN, /* with another recipient, from the first router on */
	ENDS, /* the mail bounces, or it is not known: see the note */
};

/* ---- what every part uses ---- */

static const struct ex_option *option_of(const struct ex_driver *router, const char *name)
{
	return ex_option_get(router->options, name);
}

static struct ex_result expand(const struct ex_routing *r, struct mt_str value)
{
	return ex_expand(&r->e->world, &r->mail, value);
}

static enum end unknown(struct ex_routing *r, const struct ex_driver *router,
			const struct ex_option *option, const char *why)
{
	r->route->note = mt_format(r->arena, "unknown: router %s, %s: %s", router->name,
				   option ? option->name : router->driver, why);
	if (option)
		ex_route_step(r, ex_edited(r->e, option));
	return ENDS;
}

static void step_option(struct ex_routing *r, const struct ex_option *option)
{
	if (option)
		ex_route_step(r, ex_edited(r->e, option));
}

static struct mt_str local_part_of(struct mt_str address)
{
	struct mt_str domain = ex_domain_part(address);
	return mt_str_part(address, 0, address.n - domain.n - (domain.n > 0));
}

/* ---- conditions ---- */

/* Why a router is not known to take the mail. */
struct doubt {
	const struct ex_option *option;
	const char *why;
};

static enum ex_truth match(struct ex_routing *r, const struct ex_driver *router, const char *name,
			   enum ex_list_of of, struct doubt *doubt)
{
	const struct ex_option *option = option_of(router, name);
	struct ex_match m = {.e = r->e, .mail = &r->mail, .of = of};
	if (!option)
		return EX_YES;
	enum ex_truth is = ex_match_option(&m, option);
	if (is == EX_UNTOLD)
		*doubt = (struct doubt){option, m.why};
	return is;
}

/* local_part_prefix, local_part_suffix: taken off, where there is one. */
static enum ex_truth take_affix(struct ex_routing *r, const struct ex_driver *router, bool prefix,
				struct doubt *doubt)
{
	const struct ex_option *option =
		option_of(router, prefix ? "local_part_prefix" : "local_part_suffix");
	bool optional = ex_option_on(
		router->options,
		prefix ? "local_part_prefix_optional" : "local_part_suffix_optional", false);
	struct mt_str item, address = r->mail.recipient, local = local_part_of(address);
	if (!option)
		return EX_YES;
	for (struct ex_items items = ex_items(mt_str_of(option->value));
	     ex_item(r->arena, &items, &item);) {
		if (!item.n || memchr(item.p, '*', item.n)) {
			*doubt = (struct doubt){option, "it may be any text"};
			return EX_UNTOLD;
		}
		size_t at = prefix || local.n < item.n ? 0 : local.n - item.n;
		if (local.n <= item.n || !mt_str_same(mt_str_part(local, at, item.n), item))
			continue;
		struct mt_str rest = mt_str_part(local, prefix ? item.n : 0, local.n - item.n);
		r->mail.recipient = mt_str_of(mt_format(r->arena, "%.*s@%.*s", MT_STR_FMT(rest),
							MT_STR_FMT(ex_domain_part(address))));
		return EX_YES;
	}
	return optional ? EX_YES : EX_NO;
}

/* check_local_user, senders, require_files: the first two need what was not collected. */
static enum ex_truth is_user(const struct ex_driver *router, struct doubt *doubt)
{
	const struct ex_option *option = option_of(router, "check_local_user");
	if (!option || strcmp(option->value, "false") == 0)
		return EX_YES;
	*doubt = (struct doubt){option, "which users there are was not asked"};
	return EX_UNTOLD;
}

static enum ex_truth has_files(struct ex_routing *r, const struct ex_driver *router,
			       struct doubt *doubt)
{
	const struct ex_option *option = option_of(router, "require_files");
	struct mt_str item;
	if (!option)
		return EX_YES;
	struct ex_result list = expand(r, mt_str_of(option->value));
	if (list.end != EX_TEXT) {
		*doubt = (struct doubt){option, list.why};
		return EX_UNTOLD;
	}
	for (struct ex_items items = ex_items(list.text); ex_item(r->arena, &items, &item);) {
		bool negated = item.n && *item.p == '!';
		if (item.n && (negated || *item.p == '+'))
			item = mt_str_part(item, 1, item.n - 1);
		if (!item.n || *item.p != '/') /* the user that it is looked for as */
			continue;
		struct ex_result is =
			expand(r, mt_str_of(mt_format(r->arena, "${if exists{%.*s}{1}{0}}",
						      MT_STR_FMT(item))));
		if (is.end != EX_TEXT) {
			*doubt = (struct doubt){option, is.why};
			return EX_UNTOLD;
		}
		if (mt_str_is(is.text, "1") == negated)
			return EX_NO;
	}
	return EX_YES;
}

/* Each of them must hold; what fails does not. */
static enum ex_truth holds(struct ex_routing *r, const struct ex_driver *router,
			   struct doubt *doubt)
{
	enum ex_truth all = EX_YES;
	for (const struct ex_option *o = router->options; o; o = o->next) {
		if (strcmp(o->name, "condition") != 0)
			continue;
		struct ex_result is = expand(r, mt_str_of(o->value));
		bool no = is.end != EX_TEXT || !is.text.n || mt_str_is(is.text, "0") ||
			  mt_str_same(is.text, MT_STR("no")) ||
			  mt_str_same(is.text, MT_STR("false"));
		if (is.end == EX_UNKNOWN) {
			*doubt = (struct doubt){o, is.why};
			all = EX_UNTOLD;
		} else if (no) {
			return EX_NO;
		}
	}
	return all;
}

/* One that does not hold decides, whatever the others are. */
static enum ex_truth applies(struct ex_routing *r, const struct ex_driver *router,
			     struct doubt *doubt)
{
	enum ex_truth all[] = {take_affix(r, router, true, doubt),
			       take_affix(r, router, false, doubt),
			       match(r, router, "domains", EX_DOMAINS, doubt),
			       match(r, router, "local_parts", EX_LOCAL_PARTS, doubt),
			       is_user(router, doubt),
			       match(r, router, "senders", EX_SENDERS, doubt),
			       has_files(r, router, doubt),
			       holds(r, router, doubt)};
	enum ex_truth least = EX_YES;
	if (ex_option_on(router->options, "verify_only", false))
		return EX_NO;
	for (size_t i = 0; i < MT_ARRAY_LEN(all); i++)
		least = all[i] < least ? all[i] : least;
	return least;
}

enum ex_truth ex_router_is_for(struct ex_routing *r, const struct ex_driver *router)
{
	struct doubt unused;
	return match(r, router, "domains", EX_DOMAINS, &unused);
}

/* ---- to a transport ---- */

static const struct ex_driver *transport_named(const struct exim *e, const char *name)
{
	return ex_driver_get(e->config->transports, name);
}

/* "TRANSPORT" or what an expression comes to. `named`: by a rule of route_list; "" none. */
static enum end take(struct ex_routing *r, const struct ex_driver *router, struct mt_str named,
		     struct mt_str hosts)
{
	const struct ex_option *option = option_of(router, "transport");
	struct ex_result name = {.end = EX_TEXT, .text = named};
	struct ex_way way = {.hosts = ""};
	if (!named.n && option)
		name = expand(r, mt_str_of(option->value));
	if (name.end != EX_TEXT)
		return unknown(r, router, option, name.why);
	const char *transport = mt_strz(r->arena, name.text);
	const struct ex_driver *driver = transport_named(r->e, transport);
	ex_route_take(r, transport);
	if (!r->route->transport || !driver)
		return TAKES;
	const struct ex_option *own = ex_option_get(driver->options, "hosts");
	bool overrides = ex_option_on(driver->options, "hosts_override", false);
	bool by_dns = !strcmp(router->driver, "dnslookup") || !strcmp(router->driver, "ipliteral");
	if (own && (overrides || (!hosts.n && !by_dns))) {
		struct ex_result value = expand(r, mt_str_of(own->value));
		step_option(r, own);
		if (value.end != EX_TEXT)
			ex_route_remark(r, "its hosts are not known: %s", value.why);
		hosts = value.end == EX_TEXT ? value.text : (struct mt_str){"", 0};
	}
	if (hosts.n)
		ex_read_hosts(r->e, hosts, ex_default_port(driver), &way);
	r->route->next_hop = way.hosts;
	return TAKES;
}

/* "[192.0.2.1]" */
static enum end take_literal(struct ex_routing *r, const struct ex_driver *router)
{
	struct mt_str domain = ex_domain_part(r->mail.recipient), host;
	struct mt_addr addr;
	if (domain.n < 3 || *domain.p != '[')
		return DECLINES;
	host = mt_str_part(domain, 1, domain.n - 2);
	if (mt_str_starts(host, "IPv6:") || mt_str_starts(host, "IPV6:"))
		host = mt_str_part(host, 5, host.n - 5);
	if (!mt_addr_parse(host, &addr))
		return DECLINES;
	struct mt_text list = MT_TEXT_INIT(r->arena);
	mt_text_addf(&list, "<;%.*s", MT_STR_FMT(host));
	enum end end = take(r, router, (struct mt_str){"", 0}, mt_text_str(&list));
	r->route->hop = addr;
	return end;
}

/* ---- manualroute ---- */

/* Behind the hosts: options of their look-up, else a transport. */
static struct mt_str transport_in(struct mt_str rest)
{
	static const char options[] = "byname bydns randomize no_randomize ipv4_only ipv4_prefer "
				      "bydns_a bydns_mx";
	for (struct mt_str word = ex_word_of(&rest); word.n; word = ex_word_of(&rest))
		if (!ex_is_one_of(options, word))
			return word;
	return (struct mt_str){"", 0};
}

/* "HOSTS OPTIONS", the hosts an expression. */
static enum end take_rule(struct ex_routing *r, const struct ex_driver *router,
			  const struct ex_option *option, struct mt_str rule)
{
	struct mt_str list = ex_word_of(&rule);
	struct ex_result hosts = expand(r, list);
	if (hosts.end == EX_FORCED)
		return DECLINES;
	if (hosts.end != EX_TEXT)
		return unknown(r, router, option, hosts.why);
	step_option(r, option);
	ex_route_step(r, hosts.lines);
	return take(r, router, transport_in(rule), hosts.text);
}

static enum end take_list(struct ex_routing *r, const struct ex_driver *router,
			  const struct ex_option *option)
{
	struct ex_items items = ex_items(mt_str_of(option->value));
	struct mt_str rule;
	if (items.separator == ':')
		items.separator = ';';
	while (ex_item(r->arena, &items, &rule)) {
		struct ex_match m = {.e = r->e, .mail = &r->mail, .of = EX_DOMAINS};
		struct ex_result pattern = expand(r, ex_word_of(&rule));
		if (pattern.end != EX_TEXT)
			return unknown(r, router, option, pattern.why);
		enum ex_truth is = ex_match_item(&m, pattern.text);
		if (is == EX_UNTOLD)
			return unknown(r, router, option, m.why);
		if (is == EX_YES)
			return take_rule(r, router, option, rule);
	}
	return DECLINES;
}

static enum end take_manual(struct ex_routing *r, const struct ex_driver *router)
{
	const struct ex_option *list = option_of(router, "route_list"),
			       *data = option_of(router, "route_data");
	if (list && *list->value)
		return take_list(r, router, list);
	if (!data)
		return take(r, router, (struct mt_str){"", 0}, (struct mt_str){"", 0});
	struct ex_result value = expand(r, mt_str_of(data->value));
	if (value.end == EX_FORCED || (value.end == EX_TEXT && !mt_str_trim(value.text).n))
		return DECLINES;
	if (value.end != EX_TEXT)
		return unknown(r, router, data, value.why);
	step_option(r, data);
	ex_route_step(r, value.lines);
	struct mt_str hosts = ex_word_of(&value.text);
	return take(r, router, transport_in(value.text), hosts);
}

/* ---- redirect ---- */

static bool is_plain(struct mt_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!mt_is_alnum(text.p[i]) && !strchr("@._+-=", text.p[i]))
			return false;
	return text.n != 0;
}

static bool was_taken(const struct ex_routing *r, const struct ex_driver *router)
{
	for (size_t i = 0; i < r->seen_count; i++)
		if (r->seen[i].router == router &&
		    mt_str_same(r->seen[i].address, r->mail.recipient))
			return true;
	return false;
}

static enum end go_on_with(struct ex_routing *r, const struct ex_driver *router,
			   struct mt_str address)
{
	const struct ex_option *option = ex_option_get(r->e->config->main, "qualify_recipient");
	const char *domain = option ? option->value : r->e->world.qualify_domain;
	if (r->seen_count == EX_SEEN_MAX)
		return unknown(r, router, NULL, "too many redirections");
	r->seen[r->seen_count].router = router;
	r->seen[r->seen_count++].address = r->mail.recipient;
	if (!memchr(address.p, '@', address.n)) {
		if (!domain)
			return unknown(r, router, NULL, "it needs $qualify_recipient");
		address = mt_str_of(mt_format(r->arena, "%.*s@%s", MT_STR_FMT(address), domain));
	}
	r->mail.recipient = address;
	ex_route_remark(r, "the recipient becomes %.*s", MT_STR_FMT(address));
	return AGAIN;
}

/* ":fail: TEXT", ":blackhole:", a file, a program, one address or several. */
static enum end redirect_to(struct ex_routing *r, const struct ex_driver *router,
			    const struct ex_option *option, struct mt_str text)
{
	step_option(r, option);
	if (is_plain(text))
		return go_on_with(r, router, text);
	if (mt_str_starts(text, ":fail:"))
		ex_route_remark(r, "bounces by router %s: %.*s", router->name, MT_STR_FMT(text));
	else if (mt_str_starts(text, ":defer:"))
		ex_route_remark(r, "waits by router %s: %.*s", router->name, MT_STR_FMT(text));
	else if (mt_str_starts(text, ":blackhole:"))
		ex_route_remark(r, "thrown away by router %s", router->name);
	else if (*text.p == '/' || *text.p == '|')
		ex_route_remark(r, "delivered to %.*s, which is not an SMTP transport",
				MT_STR_FMT(text));
	else
		ex_route_remark(r, "goes where router %s leads (ask for that address): %.*s",
				router->name, MT_STR_FMT(text));
	return ENDS;
}

static enum end take_redirect(struct ex_routing *r, const struct ex_driver *router)
{
	const struct ex_option *data = option_of(router, "data"), *file = option_of(router, "file");
	if (was_taken(r, router))
		return DECLINES;
	if (!data) {
		struct ex_result path = expand(r, mt_str_of(file ? file->value : ""));
		bool absent =
			path.end == EX_TEXT && path.text.n && *path.text.p == '/' &&
			mt_snapshot_file(r->e->snapshot, mt_strz(r->arena, path.text))->presence ==
				MT_ABSENT;
		return absent || path.end == EX_FORCED
			       ? DECLINES
			       : unknown(r, router, file,
					 path.end == EX_TEXT ? "what stands in it was not read"
							     : path.why);
	}
	struct ex_result value = expand(r, mt_str_of(data->value));
	struct mt_str text = mt_str_trim(value.text);
	if (value.end == EX_FORCED || (value.end == EX_TEXT && !text.n))
		return DECLINES;
	if (value.end != EX_TEXT)
		return unknown(r, router, data, value.why);
	ex_route_step(r, value.lines);
	return redirect_to(r, router, data, text);
}

/* ---- routers in their order ---- */

static enum end run_driver(struct ex_routing *r, const struct ex_driver *router)
{
	struct mt_str none = {"", 0};
	const char *driver = router->driver ? router->driver : "";
	if (!strcmp(driver, "redirect"))
		return take_redirect(r, router);
	if (!strcmp(driver, "manualroute"))
		return take_manual(r, router);
	if (!strcmp(driver, "ipliteral"))
		return take_literal(r, router);
	if (!strcmp(driver, "dnslookup")) /* of a literal there is nothing to look up */
		return *ex_lower(r->arena, ex_domain_part(r->mail.recipient)).p == '['
			       ? DECLINES
			       : take(r, router, none, none);
	if (!strcmp(driver, "accept"))
		return take(r, router, none, none);
	return unknown(r, router, option_of(router, "driver"), "only Exim itself can tell");
}

/* With what its prefix leaves of the local part; the next one sees the whole again. */
static enum end run_router(struct ex_routing *r, const struct ex_driver *router)
{
	struct mt_str whole = r->mail.recipient;
	struct mt_origin **tail = r->tail;
	struct doubt doubt = {0};
	enum ex_truth is = applies(r, router, &doubt);
	enum end end = DECLINES;
	if (is == EX_UNTOLD) {
		ex_route_step_router(r, router);
		return unknown(r, router, doubt.option, doubt.why);
	}
	if (is == EX_YES) {
		ex_route_step_router(r, router);
		end = run_driver(r, router);
	}
	if (end == TAKES && ex_option_on(router->options, "unseen", false)) {
		ex_route_remark(r, "router %s takes a copy as well", router->name);
		r->route->transport = NULL;
		r->route->next_hop = "";
		end = DECLINES;
	}
	if (end == DECLINES) {
		r->tail = tail;
		*tail = NULL;
	}
	if (end != AGAIN)
		r->mail.recipient = whole;
	if (end != DECLINES || is == EX_NO || ex_option_on(router->options, "more", true))
		return end;
	ex_route_step_router(r, router);
	ex_route_remark(r, "bounces: router %s lets no other try (no_more)", router->name);
	return ENDS;
}

void ex_walk_routers(struct ex_routing *r)
{
	const struct ex_driver *router = r->e->config->routers;
	while (router) {
		enum end end = run_router(r, router);
		if (end == TAKES || end == ENDS)
			return;
		router = end == AGAIN ? r->e->config->routers : router->next;
	}
	ex_route_remark(r, "bounces: no router takes it (Unrouteable address)");
}
