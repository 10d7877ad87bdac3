/* SPDX-License-Identifier: ISC */
/* lookup.c: how tables are asked about an address, and which domains are ours. */
#include "router.h"

#include <string.h>

static void note_step(struct pf_router *r, const struct mt_origin *origin)
{
	for (; origin; origin = origin->next) {
		*r->tail = mt_origin(r->arena, origin->file, origin->line, origin->text, NULL);
		r->tail = &(*r->tail)->next;
	}
}

void pf_router_step(struct pf_router *r, const struct pf_scope *scope, const char *name)
{
	const struct mt_origin *origin = pf_origin(r->instance, scope, name);
	if (!origin)
		origin = mt_origin(r->arena, r->instance->main_path, 0,
				   mt_format(r->arena, "%s = %.*s (built in)", name,
					     MT_STR_FMT(pf_get(scope, name))),
				   NULL);
	note_step(r, origin);
}

void pf_router_cannot_tell(struct pf_router *r, const char *what)
{
	if (!*r->route->note)
		r->route->note = mt_format(r->arena, "unknown: %s", what);
}

void pf_router_step_row(struct pf_router *r, const struct pf_table *table, const struct pf_row *row)
{
	bool differs = table->index && table->kind == PF_TABLE_TEXT && !row->line;
	note_step(r, mt_origin(r->arena, table->path, row->line ? row->line : table->line,
			       mt_format(r->arena, "%s: %.*s %.*s%s", table->title,
					 MT_STR_FMT(row->key), MT_STR_FMT(row->value),
					 differs ? " (by its index; its text says otherwise)" : ""),
			       NULL));
}

void pf_router_remark(struct pf_router *r, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *text = mt_vformat(r->arena, fmt, args);
	va_end(args);
	if (!mt_str_has(mt_text_str(&r->remarks), text))
		mt_text_addf(&r->remarks, "%s%s", r->remarks.n ? "; " : "", text);
}

void pf_router_no_answer(struct pf_router *r, const struct pf_table *table)
{
	if (table->index != PF_INDEX_MISSING)
		pf_router_cannot_tell(r, table->title);
	else if (!*r->route->note)
		r->route->note = mt_format(r->arena, "%s has no index (%s): the mail waits",
					   table->title, table->index_path);
}

/* Found in the text of a table whose index is older, or in none of it: Postfix may know better. */
static void doubt(struct pf_router *r, const struct pf_table *table)
{
	const char *queries = "postfix.queries";
	if (table->index == PF_INDEX_OLD &&
	    !mt_item_readable(mt_snapshot_probe(r->instance->model->snapshot, queries)))
		pf_router_remark(r,
				 "by the text of %s, which is newer than its index: what Postfix "
				 "reads may differ",
				 table->title);
}

static void not_followed(struct pf_router *r, const struct pf_table *table)
{
	pf_router_remark(r, "not followed: %s", table->title);
	r->blind = true;
}

int pf_look_up(struct pf_router *r, const char *parameter, struct mt_str key, bool part,
	       struct mt_str *value)
{
	const struct pf_table *table = pf_tables(r->instance, r->scope, parameter);
	bool rewrites = r->scope == &r->instance->cleanup;
	struct pf_row row;
	int found = 0;
	for (; table && !found; table = table->next) {
		if (part && pf_table_is_pattern(table))
			continue;
		found = pf_table_get(r->instance, table, key, &row);
		if (found < 0 && rewrites && table->index != PF_INDEX_MISSING) {
			not_followed(r, table);
			found = 0;
			continue;
		}
		if (found < 0)
			pf_router_no_answer(r, table);
		else
			doubt(r, table);
		if (found <= 0)
			continue;
		*value = row.value;
		pf_router_step_row(r, table, &row);
	}
	return found;
}

/* ---- addresses ---- */

struct mt_str pf_at_domain(struct mt_str address)
{
	struct mt_str domain = mt_str_after(address, '@');
	return domain.n ? (struct mt_str){domain.p - 1, domain.n + 1} : domain;
}

static bool has_owner_form(struct mt_str local)
{
	return (local.n >= 6 && mt_str_same((struct mt_str){local.p, 6}, MT_STR("owner-"))) ||
	       (local.n > 8 &&
		mt_str_same((struct mt_str){local.p + local.n - 8, 8}, MT_STR("-request")));
}

struct mt_str pf_without_extension(const struct pf_router *r, struct mt_str address)
{
	struct mt_str set = pf_get(&r->instance->routing, "recipient_delimiter");
	struct mt_str domain = pf_at_domain(address), local = {address.p, address.n - domain.n};
	size_t n = 0;
	while (n < local.n && !(set.n && memchr(set.p, local.p[n], set.n)))
		n++;
	bool dash = set.n && memchr(set.p, '-', set.n);
	if (n == 0 || n == local.n || (dash && has_owner_form(local)))
		return MT_STR("");
	return mt_str_of(mt_format(r->arena, "%.*s%.*s", (int)n, local.p, MT_STR_FMT(domain)));
}

/* ---- address classes ---- */

/* Is the domain in the list of a parameter? -1: cannot tell (noted). */
int pf_is_listed(struct pf_router *r, const char *parameter, struct mt_str domain)
{
	struct pf_hit hit;
	enum pf_parents parents = strcmp(parameter, "relay_domains") == 0
					  ? pf_parent_style(r->instance, parameter)
					  : PF_PARENTS_NONE;
	int in = pf_match(r->instance, parameter, domain, parents, &hit);
	if (in < 0 && strcmp(parameter, "virtual_alias_domains") == 0 &&
	    hit.table->index != PF_INDEX_MISSING) {
		not_followed(r, hit.table); /* virtual_alias_maps, unless it is set */
		return 0;
	}
	if (in < 0)
		pf_router_no_answer(r, hit.table);
	else if (in && hit.table)
		pf_router_step_row(r, hit.table, &hit.row);
	if (in >= 0 && hit.table)
		doubt(r, hit.table);
	return in;
}

/* "[192.0.2.1]": is it an address that Postfix takes for its own? -1: cannot tell (noted). */
static int own_literal(struct pf_router *r, struct mt_str domain)
{
	const struct pf_own *own = &r->instance->own;
	const struct mt_host *host = r->instance->model->snapshot->facts;
	struct mt_str rest = pf_get(&r->instance->routing, "proxy_interfaces"), word;
	struct mt_addr addr, proxy;
	if (!pf_literal(domain, &addr))
		return 0;
	while (mt_str_word(&rest, " ,\t\r\n", &word))
		if (pf_unbracket(&word) && pf_numeric(word, &proxy) && mt_addr_eq(proxy, addr)) {
			r->own_by = "proxy_interfaces";
			return 1;
		}
	r->own_by = "inet_interfaces";
	if (own->loopback_only || mt_addr_is_loopback(addr))
		return mt_addr_is_loopback(addr) &&
		       (own->all || own->loopback_only || pf_own_has(own, addr));
	if (!own->all && own->unsure && !pf_own_has(own, addr)) {
		pf_router_cannot_tell(r, "inet_interfaces holds a name that was not resolved");
		return -1;
	}
	if (!own->all)
		return pf_own_has(own, addr);
	if (host->addresses != MT_PRESENT)
		pf_router_cannot_tell(r, "which addresses this host has");
	return host->addresses != MT_PRESENT ? -1 : mt_host_addr(host, addr) != NULL;
}

int pf_is_local(struct pf_router *r, struct mt_str domain)
{
	int own = own_literal(r, domain);
	return own ? own : pf_is_listed(r, "mydestination", domain);
}

/* ---- by address ---- */

int pf_look_up_address(struct pf_router *r, const char *parameter, struct mt_str address,
		       struct mt_str *value, struct mt_str *extension)
{
	struct mt_str at = pf_at_domain(address), bare = pf_without_extension(r, address);
	struct mt_str local = {address.p, address.n - at.n}, cut = {"", 0};
	if (bare.n)
		cut = mt_str_part(local, bare.n - at.n, local.n - (bare.n - at.n));
	int found = pf_look_up(r, parameter, address, false, value), ours = 0;
	*extension = (struct mt_str){"", 0};
	if (!found && bare.n && (found = pf_look_up(r, parameter, bare, true, value)))
		*extension = cut;
	if (found || !at.n)
		return found;
	struct mt_str domain = mt_str_after(address, '@');
	ours = mt_str_same(domain, pf_get(r->scope, "myorigin")) || pf_is_local(r, domain);
	if (ours > 0)
		found = pf_look_up(r, parameter, local, true, value);
	if (ours < 0)
		return -1;
	if (!found && ours && bare.n &&
	    (found = pf_look_up(r, parameter, (struct mt_str){bare.p, bare.n - at.n}, true, value)))
		*extension = cut;
	return found ? found : pf_look_up(r, parameter, at, true, value);
}

bool pf_has_tables(const struct pf_router *r, const char *parameter)
{
	return pf_tables(r->instance, r->scope, parameter) != NULL;
}
