/* SPDX-License-Identifier: ISC */
/*
 * rewrite.c: the addresses as cleanup(8) puts them into the queue: canonical(5), then virtual(5). generic(5) is
 * smtp(8)'s, at delivery: it changes what the other end is told, not the way.
 *
 * Source: postfix src/cleanup/cleanup_addr.c, cleanup_map11.c, cleanup_map1n.c, src/global/mail_addr_map.c,
 * mail_addr_crunch.c, src/trivial-rewrite/rewrite.c.
 */
#include "router.h"

#include <string.h>

#define CANONICAL_DEPTH 10 /* MAX_RECURSION of cleanup_map11.c */

/* ---- one address ---- */

static bool says_yes(const struct pf_router *r, const char *name)
{
	bool yes = false;
	return pf_truth(&r->instance->routing, name, &yes) && yes;
}

/* "user" and "user@host" are completed, as the rewrite service does. */
static struct mt_str completed(const struct pf_router *r, struct mt_str address)
{
	const struct pf_scope *scope = &r->instance->routing;
	address = mt_str_trim(address);
	if (address.n && !pf_at_domain(address).n && !memchr(address.p, '@', address.n) &&
	    says_yes(r, "append_at_myorigin"))
		address = mt_str_of(mt_format(r->arena, "%.*s@%.*s", MT_STR_FMT(address),
					      MT_STR_FMT(pf_get(scope, "myorigin"))));
	struct mt_str domain = mt_str_after(address, '@');
	if (domain.n && domain.p[0] != '[' && !memchr(domain.p, '.', domain.n) &&
	    says_yes(r, "append_dot_mydomain"))
		address = mt_str_of(mt_format(r->arena, "%.*s.%.*s", MT_STR_FMT(address),
					      MT_STR_FMT(pf_get(scope, "mydomain"))));
	return address;
}

static struct mt_str with_extension(const struct pf_router *r, struct mt_str address,
				    struct mt_str extension)
{
	size_t at = address.n - pf_at_domain(address).n;
	if (!extension.n)
		return address;
	return mt_str_of(mt_format(r->arena, "%.*s%.*s%.*s", (int)at, address.p,
				   MT_STR_FMT(extension), (int)(address.n - at), address.p + at));
}

static bool has_word(struct mt_str list, const char *wanted)
{
	struct mt_str word;
	while (mt_str_word(&list, " ,\t\r\n", &word))
		if (mt_str_is(word, wanted))
			return true;
	return false;
}

/* What a table made of an address; one more than virtual_alias_expansion_limit usually allows. */
#define ADDRESSES_MAX 1001
struct addresses {
	struct mt_str at[ADDRESSES_MAX];
	size_t count;
};

/* 1 mapped, 0 not, -1 cannot tell. `kind`: the word of propagate_unmatched_extensions. */
static int map(struct pf_router *r, const char *parameter, const char *kind, struct mt_str address,
	       struct addresses *mapped)
{
	struct mt_str value, extension, local = {address.p, address.n - pf_at_domain(address).n};
	int found = pf_look_up_address(r, parameter, address, &value, &extension);
	if (found <= 0)
		return found;
	if (value.n &&
	    value.p[0] == '@') /* the same user elsewhere; the extension goes with it as below */
		value = mt_str_of(mt_format(r->arena, "%.*s%.*s", (int)(local.n - extension.n),
					    local.p, MT_STR_FMT(value)));
	if (!has_word(pf_get(r->scope, "propagate_unmatched_extensions"), kind))
		extension = (struct mt_str){"", 0};
	struct mt_str text = value, word;
	mapped->count = 0;
	while (mapped->count < ADDRESSES_MAX && mt_str_word(&text, ",", &word)) {
		word = mt_str_trim(word);
		if (word.n)
			mapped->at[mapped->count++] =
				with_extension(r, completed(r, word), extension);
	}
	return mapped->count > 0;
}

/* ---- canonical(5) ---- */

static bool canonical(struct pf_router *r, const char *parameter, const char *classes,
		      bool recipient, struct mt_str *address)
{
	struct addresses *mapped = MT_NEW(r->arena, struct addresses);
	int found = 1;
	if (!has_word(pf_get(r->scope, classes),
		      recipient ? "envelope_recipient" : "envelope_sender"))
		return true;
	for (unsigned i = 0; i < CANONICAL_DEPTH && found > 0; i++) {
		struct mt_str before = *address;
		found = map(r, parameter, "canonical", before, mapped);
		if (found > 0)
			*address = mapped->at[0];
		if (found > 0 && mt_str_same(before, *address))
			return true;
	}
	if (found > 0)
		r->route->note =
			mt_format(r->arena, "%s never ends: the mail is not accepted", parameter);
	return found == 0;
}

/* ---- virtual(5) ---- */

static const char virtual_maps[] = "virtual_alias_maps";

static bool is_among(const struct addresses *list, struct mt_str address)
{
	for (size_t i = 0; i < list->count; i++)
		if (mt_str_same(list->at[i], address))
			return true;
	return false;
}

static unsigned long list_limit(const struct pf_router *r, const char *name)
{
	unsigned long most;
	return mt_str_number(pf_get(r->scope, name), ADDRESSES_MAX - 1, &most) ? most
									       : ADDRESSES_MAX - 1;
}

static int not_accepted(struct pf_router *r, const char *why)
{
	r->route->note = mt_format(r->arena, "%s %s: the mail is not accepted", virtual_maps, why);
	return -1;
}

struct expansion {
	struct addresses list; /* what it leads to so far */
	struct addresses been; /* those that lead to themselves */
	struct addresses mapped; /* what one look-up gave */
};

/* One address of the list until nothing is left to map. What else it leads to is put behind the others. */
static int expand_alias(struct pf_router *r, struct expansion *e, size_t which)
{
	unsigned long most = list_limit(r, "virtual_alias_recursion_limit");
	struct mt_str *at = &e->list.at[which];
	if (e->list.count > list_limit(r, "virtual_alias_expansion_limit"))
		return not_accepted(r, "leads to more addresses than "
				       "virtual_alias_expansion_limit allows");
	for (unsigned long i = 0; !is_among(&e->been, *at); i++) {
		struct mt_str before = *at;
		if (i >= most)
			return not_accepted(r, "never ends");
		int found = map(r, virtual_maps, "virtual", before, &e->mapped);
		if (found <= 0)
			return found;
		*at = e->mapped.at[0];
		for (size_t k = 1; k < e->mapped.count && e->list.count < ADDRESSES_MAX; k++)
			e->list.at[e->list.count++] = e->mapped.at[k];
		if (is_among(&e->mapped, before) && e->been.count < ADDRESSES_MAX)
			e->been.at[e->been.count++] = before;
	}
	return 0;
}

#define SHOWN 8 /* of the addresses that an alias leads to */

static void name_others(struct pf_router *r, const struct addresses *list)
{
	struct mt_text text = MT_TEXT_INIT(r->arena);
	size_t shown = 0, left = 0;
	for (size_t i = 1; i < list->count; i++) {
		bool again = false;
		for (size_t k = 0; k < i && !again; k++)
			again = mt_str_same(list->at[k], list->at[i]);
		if (again)
			continue;
		if (shown == SHOWN)
			left++;
		else
			mt_text_addf(&text, "%s%.*s", shown++ ? ", " : "", MT_STR_FMT(list->at[i]));
	}
	if (left)
		mt_text_addf(&text, " and %zu more", left);
	if (shown)
		pf_router_remark(r, "its alias leads to %s, too (ask for each)", mt_text_z(&text));
}

static bool virtual_alias(struct pf_router *r, struct mt_str *address)
{
	struct expansion *e = MT_NEW(r->arena, struct expansion);
	struct mt_origin *aside, **chain = r->tail;
	int found = 0;
	e->list.at[e->list.count++] = *address;
	for (size_t i = 0; i < e->list.count && found >= 0; i++) {
		found = expand_alias(r, e, i);
		if (i == 0) { /* the chain is that of the first */
			chain = r->tail;
			r->tail = &aside;
		}
	}
	r->tail = chain;
	*address = e->list.at[0];
	if (found >= 0)
		name_others(r, &e->list);
	return found >= 0;
}

/* ---- both ---- */

static bool rewrite_sender(struct pf_router *r)
{
	if (!r->from_known || !r->from.n)
		return true;
	return canonical(r, "sender_canonical_maps", "sender_canonical_classes", false, &r->from) &&
	       canonical(r, "canonical_maps", "canonical_classes", false, &r->from);
}

static bool rewrite_recipient(struct pf_router *r)
{
	return canonical(r, "recipient_canonical_maps", "recipient_canonical_classes", true,
			 &r->to) &&
	       canonical(r, "canonical_maps", "canonical_classes", true, &r->to) &&
	       virtual_alias(r, &r->to);
}

static bool map_both(struct pf_router *r)
{
	const struct pf_instance *instance = r->instance;
	if (has_word(pf_get(&instance->scope, "receive_override_options"), "no_address_mappings")) {
		pf_router_step(r, &instance->scope, "receive_override_options");
		return true;
	}
	r->scope = &instance->cleanup;
	/* masquerade_domains cuts the sender's domain, which tables by sender then see. */
	struct mt_str classes = pf_get(r->scope, "masquerade_classes");
	if (pf_get(r->scope, "masquerade_domains").n &&
	    ((r->from.n && has_word(classes, "envelope_sender")) ||
	     has_word(classes, "envelope_recipient")))
		pf_router_remark(r, "not followed: masquerade_domains");
	bool good = rewrite_sender(r) && rewrite_recipient(r);
	r->scope = &instance->routing;
	return good;
}

bool pf_rewrite(struct pf_router *r)
{
	struct mt_str to = r->to, from = r->from;
	r->to = completed(r, to);
	if (from.n)
		r->from = completed(r, from);
	bool good = map_both(r);
	r->domain = mt_str_after(r->to, '@');
	if (!mt_str_same(from, r->from))
		pf_router_remark(r, "the sender becomes %.*s", MT_STR_FMT(r->from));
	if (!mt_str_same(to, r->to))
		pf_router_remark(r, "the recipient becomes %.*s", MT_STR_FMT(r->to));
	return good;
}
