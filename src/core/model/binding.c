/* SPDX-License-Identifier: ISC */
/*
 * binding.c: which of the bindings of a transport one mail takes, and when two of them are the same.
 *
 * A condition holds, does not hold, or cannot be told here: by the address of a host that nobody looked up, or by an
 * expression of the MTA. What cannot be told matters only where it would change the answer.
 */
#include <mtapin/backend.h>

#include <string.h>

static const char *name_in(const char *const *names, size_t count, unsigned value)
{
	return value < count ? names[value] : "unknown";
}

const char *mt_by_name(enum mt_by by)
{
	static const char *const names[] = {
		"sender",   "sender-domain", "recipient", "recipient-domain",
		"next-hop", "came-in-by",    "other"};
	return name_in(names, MT_ARRAY_LEN(names), by);
}

const char *mt_pick_name(enum mt_pick pick)
{
	static const char *const names[] = {"one", "first", "any"};
	return name_in(names, MT_ARRAY_LEN(names), pick);
}

const char *mt_absent_name(enum mt_absent absent)
{
	static const char *const names[] = {"unknown", "waits", "unpinned", "other-family", "next"};
	return name_in(names, MT_ARRAY_LEN(names), absent);
}

const struct mt_condition *mt_condition(struct mt_arena *arena, enum mt_by by, const char *value,
					const struct mt_condition *next)
{
	struct mt_condition *one = MT_NEW(arena, struct mt_condition);
	*one = (struct mt_condition){by, value, next};
	return one;
}

/* "192.0.2.1" or "192.0.2.0/24", not a name. */
static bool is_network(struct mt_str text)
{
	const char *slash = text.n ? memchr(text.p, '/', text.n) : NULL;
	struct mt_addr addr;
	return mt_addr_parse((struct mt_str){text.p, slash ? (size_t)(slash - text.p) : text.n},
			     &addr);
}

const char *mt_condition_text(struct mt_arena *arena, const struct mt_condition *when)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (; when; when = when->next) {
		static const char *const words[] = {"from ", "from ",  "to ", "to ",
						    "via ",  "in by ", "if "};
		bool nobody = !*when->value &&
			      (when->by == MT_BY_SENDER || when->by == MT_BY_SENDER_DOMAIN);
		bool host = when->by == MT_BY_NEXT_HOP && is_network(mt_str_of(when->value));
		mt_text_addf(&text, "%s%s%s", text.n ? " " : "", host ? "to " : words[when->by],
			     nobody ? "<>" : when->value);
	}
	return text.n ? mt_text_z(&text) : "";
}

/* ---- two bindings ---- */

bool mt_condition_same(const struct mt_condition *a, const struct mt_condition *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (a->by != b->by || strcmp(a->value, b->value) != 0)
			return false;
	return a == b;
}

bool mt_binding_uses(const struct mt_binding *binding, struct mt_addr addr)
{
	for (size_t i = 0; i < binding->pool_count; i++)
		if (mt_addr_eq(binding->pool[i], addr))
			return true;
	return mt_addr_eq(binding->source, addr);
}

static bool same_pool(const struct mt_binding *a, const struct mt_binding *b)
{
	if (a->pick != b->pick || a->pool_count != b->pool_count)
		return false;
	for (size_t i = 0; i < a->pool_count; i++)
		if (!mt_addr_eq(a->pool[i], b->pool[i]))
			return false;
	return true;
}

bool mt_binding_same(const struct mt_binding *a, const struct mt_binding *b)
{
	return a->how == b->how &&
	       (a->how != MT_HOW_ADDRESS || (mt_addr_eq(a->source, b->source) && same_pool(a, b)));
}

/* ---- one mail ---- */

enum truth { NO, UNTOLD, YES };

struct facts {
	struct mt_str from, to, hop; /* hop: the name of the host; empty: not known */
	bool from_known;
	struct mt_addr addr; /* of the next hop; unset: not known */
};

/* "HOST", "HOST:PORT", "[HOST]:PORT" */
static struct mt_str next_hop_host(const char *next_hop)
{
	struct mt_str host = mt_str_of(next_hop);
	const char *end = host.n ? memchr(host.p, *host.p == '[' ? ']' : ':', host.n) : NULL;
	if (host.n && *host.p == '[')
		return end ? (struct mt_str){host.p + 1, (size_t)(end - host.p - 1)} : host;
	if (end && !memchr(end + 1, ':', host.n - (size_t)(end + 1 - host.p)))
		host.n = (size_t)(end - host.p);
	return host;
}

/* "example.org", or with a dot in front the names below it. */
static bool in_domain(struct mt_str name, struct mt_str domain)
{
	if (domain.n && *domain.p == '.' && name.n > domain.n)
		name = mt_str_part(name, name.n - domain.n, domain.n);
	return mt_str_same(name, domain);
}

static enum truth by_next_hop(const struct facts *f, struct mt_str value)
{
	if (is_network(value))
		return !f->addr.set ? UNTOLD : mt_addr_in_text(f->addr, value) ? YES : NO;
	if (f->hop.n)
		return in_domain(f->hop, value) ? YES : NO;
	return f->addr.set ? NO : UNTOLD;
}

static enum truth holds_term(const struct facts *f, const struct mt_condition *c)
{
	struct mt_str value = mt_str_of(c->value);
	bool holds = false;
	switch (c->by) {
	case MT_BY_SENDER:
		holds = f->from_known && mt_str_same(f->from, value);
		break;
	case MT_BY_SENDER_DOMAIN:
		holds = f->from_known && in_domain(mt_str_after(f->from, '@'), value);
		break;
	case MT_BY_RECIPIENT:
		holds = mt_str_same(f->to, value);
		break;
	case MT_BY_RECIPIENT_DOMAIN:
		holds = in_domain(mt_str_after(f->to, '@'), value);
		break;
	case MT_BY_NEXT_HOP:
		return by_next_hop(f, value);
	case MT_BY_CAME_IN: /* a mail that is asked for was submitted on this host */
		break;
	default:
		return UNTOLD;
	}
	return holds ? YES : NO;
}

/* All terms together; *untold is the first that cannot be told. */
static enum truth condition_holds(const struct facts *f, const struct mt_condition *when,
				  const struct mt_condition **untold)
{
	enum truth all = YES;
	for (; when; when = when->next) {
		enum truth one = holds_term(f, when);
		if (one == UNTOLD && all == YES)
			*untold = when;
		if (one < all)
			all = one;
		if (one == NO)
			return NO;
	}
	return all;
}

/* What may be, where one that cannot be told about differs from what else would be. */
static struct mt_binding open(struct mt_arena *arena, const struct mt_binding *maybe,
			      const struct mt_condition *untold)
{
	bool hop = untold->by == MT_BY_NEXT_HOP;
	return (struct mt_binding){
		.how = hop ? MT_HOW_UNKNOWN : MT_HOW_COMPUTED,
		.confidence = MT_CONFIDENCE_NO,
		.note = hop ? "the address of the destination decides"
			    : mt_format(arena, "only the MTA can tell: %s", untold->value),
		.origin = maybe->origin};
}

/* The first of those that hold. */
static struct mt_binding choose_binding(struct mt_arena *arena,
					const struct mt_transport *transport, enum mt_family family,
					const struct facts *facts)
{
	const struct mt_binding *maybe = NULL, *taken = &transport->binding[family];
	const struct mt_condition *untold = NULL, *first = NULL;
	bool differs = false;
	for (const struct mt_binding *b = transport->conditional[family]; b; b = b->next) {
		enum truth is = condition_holds(facts, b->when, &untold);
		if (is == NO)
			continue;
		if (is == YES) {
			taken = b;
			break;
		}
		differs = differs || (maybe && !mt_binding_same(maybe, b));
		if (!maybe) {
			maybe = b;
			first = untold;
		}
	}
	struct mt_binding one = maybe && (differs || !mt_binding_same(maybe, taken))
					? open(arena, maybe, first)
					: *taken;
	one.next = NULL;
	return one;
}

static bool has_by(const struct mt_binding *list, enum mt_by by)
{
	for (; list; list = list->next)
		for (const struct mt_condition *c = list->when; c; c = c->next)
			if (c->by == by)
				return true;
	return false;
}

/* The name belongs to the transport, as far as IPv6 is not another one. */
static void settle_names(struct mt_transport *transport, const struct mt_route *route)
{
	const char *name[MT_FAMILIES];
	for (int f = 0; f < MT_FAMILIES; f++)
		name[f] = route->helo[f]	       ? route->helo[f]
			  : transport->binding[f].helo ? transport->binding[f].helo
						       : transport->helo;
	transport->helo = name[MT_V4];
	transport->binding[MT_V4].helo = NULL;
	transport->binding[MT_V6].helo =
		transport->binding[MT_V6].how != MT_HOW_OFF && strcmp(name[MT_V6], name[MT_V4]) != 0
			? name[MT_V6]
			: NULL;
}

void mt_route(const struct mt_model *model, const struct mt_mta *mta, const struct mt_mail *mail,
	      struct mt_route *route)
{
	*route = (struct mt_route){.next_hop = "", .note = "this backend cannot tell"};
	if (mta->unreadable)
		route->note = mta->unreadable;
	if (!mta->backend->route || mta->unreadable)
		return;
	route->note = "";
	mta->backend->route(model, mta, mail, route);
	if (!route->transport)
		return;
	struct mt_transport *transport = MT_NEW(model->arena, struct mt_transport);
	struct facts facts = {.from = mt_str_of(mail->from ? mail->from : ""),
			      .from_known = mail->from != NULL,
			      .to = mt_str_of(mail->to),
			      .hop = next_hop_host(route->next_hop),
			      .addr = route->hop};
	struct mt_addr literal;
	if (mt_addr_parse(facts.hop, &literal)) {
		facts.addr = facts.addr.set ? facts.addr : literal;
		facts.hop.n = 0;
	}
	*transport = *route->transport;
	transport->next = NULL;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		transport->binding[f] = choose_binding(model->arena, route->transport, f, &facts);
		transport->conditional[f] = NULL;
		if (has_by(route->transport->conditional[f], MT_BY_CAME_IN))
			route->note =
				mt_format(model->arena,
					  "%s%sover %s: as submitted on this host; what came "
					  "in from elsewhere may leave otherwise",
					  route->note, *route->note ? "; " : "", mt_family_name(f));
	}
	settle_names(transport, route);
	route->transport = transport;
}
