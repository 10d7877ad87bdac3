/* SPDX-License-Identifier: ISC */
/*
 * plan_map.c: tables that `interface` and `helo_data` are looked up in by the domain of the sender: /etc/mailips of cPanel,
 * /etc/virtual/domainips of DirectAdmin. Each delivery reads them.
 *
 * Measured: "domain: A" pins IPv4 alone, "domain: A;B" both where the list is one of "<;"; in another list the value may
 * itself begin with "<;". A line "*" counts for lsearch* and the wild ones.
 */
#include "plan.h"

#include <string.h>

#include "place.h"

/* ---- which table -------------------------------------------------------------------------------- */

static void skip_blanks(struct mt_str *s)
{
	while (s->n && strchr(" \t", *s->p))
		*s = mt_str_part(*s, 1, s->n - 1);
}

/* "{TEXT}" off *rest; what is inside is part of no deeper braces here. */
static bool braced(struct mt_str *rest, struct mt_str *text)
{
	size_t depth = 0, n = 0;
	skip_blanks(rest);
	for (; n < rest->n; n++) {
		depth += rest->p[n] == '{';
		depth -= rest->p[n] == '}';
		if (!depth)
			break;
	}
	if (n < 1 || n >= rest->n || *rest->p != '{')
		return false;
	*text = mt_str_trim(mt_str_part(*rest, 1, n - 1));
	*rest = mt_str_part(*rest, n + 1, rest->n - n - 1);
	return true;
}

/* Of "lsearch", "lsearch*", "wildlsearch", "nwildlsearch", with options behind a comma. */
static bool read_kind(struct mt_str *rest, struct ex_map *map)
{
	skip_blanks(rest);
	map->first_counts = mt_str_skip(rest, "wild") || mt_str_skip(rest, "nwild");
	if (!mt_str_skip(rest, "lsearch"))
		return false;
	map->star = mt_str_skip(rest, "*") || map->first_counts;
	if (mt_str_skip(rest, ","))
		while (rest->n && !strchr(" \t{", *rest->p))
			*rest = mt_str_part(*rest, 1, rest->n - 1);
	return true;
}

static bool is_by_domain(struct mt_str key)
{
	if (mt_str_skip(&key, "${lc:") && key.n && key.p[key.n - 1] == '}')
		key.n--;
	return mt_str_is(key, "$sender_address_domain") ||
	       mt_str_is(key, "${sender_address_domain}");
}

/* Whatever the key: is it the same table, and takes "*"? cPanel asks once more with a key of its own. */
static bool read_lookup(struct mt_arena *arena, struct mt_str rest, struct ex_map *map)
{
	struct mt_str key, file;
	struct ex_map found = {NULL};
	if (!braced(&rest, &key) || !read_kind(&rest, &found) || !braced(&rest, &file) ||
	    !mt_is_path(file))
		return false;
	if (!map->file && is_by_domain(key)) {
		map->file = mt_strz(arena, file);
		map->first_counts = found.first_counts;
	}
	if (map->file && mt_str_is(file, map->file))
		map->star = map->star || found.star;
	return true;
}

struct ex_map ex_map_of(struct mt_arena *arena, const char *expression)
{
	struct ex_map map = {NULL};
	struct mt_str rest = mt_str_trim(mt_str_of(expression));
	if (mt_str_starts(rest, "<") && rest.n > 1)
		map.separator = rest.p[1];
	for (const char *at; (at = mt_str_find(rest, MT_STR("${lookup")));) {
		rest = mt_str_part(rest, (size_t)(at - rest.p) + 8,
				   rest.n - (size_t)(at - rest.p) - 8);
		(void)read_lookup(arena, rest, &map);
	}
	return map;
}

/*
 * cPanel writes /etc/mailips and /etc/mailhelo anew where "Send mail from the account's IP address" is on: there is a file for
 * that, and a line of what WHM keeps. Else they are the administrator's, as DirectAdmin's tables are.
 */
bool ex_map_is_rewritten(const struct mt_snapshot *snapshot, const char *file)
{
	struct mt_str rest = mt_snapshot_file(snapshot, "/etc/exim.conf.localopts")->bytes, line;
	if (strcmp(file, "/etc/mailips") != 0 && strcmp(file, "/etc/mailhelo") != 0)
		return false;
	if (ex_is_there(snapshot, "/var/cpanel/per_domain_mailips"))
		return true;
	while (mt_str_line(&rest, &line))
		if (mt_str_is(mt_str_trim(line), "per_domain_mailips=1"))
			return true;
	return false;
}

/* ---- the line ----------------------------------------------------------------------------------- */

static const char *key_of(const struct ex_planner *p)
{
	const char *domain = mt_goal_own(p->plan->goal, EX_SENDER);
	return domain ? domain : "*";
}

/* The address that the line has today. */
static struct mt_addr address_in(struct mt_str value, enum mt_family family)
{
	struct mt_addr addr;
	struct mt_str word;
	if (mt_str_starts(value, "<") && value.n > 1)
		value = mt_str_part(value, 2, value.n - 2);
	while (mt_str_word(&value, "; \t\r\n", &word))
		if (mt_addr_parse(word, &addr) && addr.family == family)
			return addr;
	return (struct mt_addr){.set = false};
}

static struct mt_addr wanted(const struct ex_planner *p, struct mt_str now, enum mt_family family)
{
	const struct mt_pin_goal *goal = &p->plan->goal->family[family];
	if (goal->pin == MT_PIN_ADDRESS)
		return goal->addr;
	return goal->pin == MT_PIN_KEEP ? address_in(now, family) : (struct mt_addr){.set = false};
}

static const char *value_of(const struct ex_planner *p, const struct ex_map *map, struct mt_str now)
{
	struct mt_addr four = wanted(p, now, MT_V4), six = wanted(p, now, MT_V6);
	const char *a = mt_addr_format(p->arena, four), *b = mt_addr_format(p->arena, six);
	if (!six.set)
		return a;
	if (map->separator && map->separator != ':')
		return four.set ? mt_format(p->arena, "%s%c%s", a, map->separator, b) : b;
	return four.set ? mt_format(p->arena, "<; %s ; %s", a, b) : mt_format(p->arena, "<; %s", b);
}

static bool put(struct ex_planner *p, const struct ex_map *map, const char *value)
{
	struct ex_draft *draft = ex_draft(p, map->file);
	if (!draft)
		return false;
	ex_edit_map(&draft->edit, key_of(p), value, map->first_counts);
	ex_draft_note(p, draft, key_of(p), value);
	return true;
}

/* More than the table decides about mail that no line names: what comes of ours cannot be told. */
static bool is_sure(struct ex_planner *p, const struct mt_transport *transport, const char *file)
{
	if (p->plan->only || (transport->binding[MT_V4].how != MT_HOW_COMPUTED &&
			      transport->binding[MT_V6].how != MT_HOW_COMPUTED))
		return true;
	if (!mt_goal_accepts(p->plan->goal, "EX-MAP-UNSURE")) {
		mt_plan_refuse(
			p->plan, "EX-MAP-UNSURE", file,
			"%s asks more than this table (%s): whether its line for all mail has "
			"an effect cannot be told",
			transport->name, transport->binding[MT_V4].note);
		return false;
	}
	mt_plan_remark(p->plan,
		       "accepted EX-MAP-UNSURE: whether mail leaves from the address is not known "
		       "until a connection is seen");
	p->plan->on_trust[MT_V4] = p->plan->on_trust[MT_V6] = true;
	return true;
}

bool ex_pin_map(struct ex_planner *p, const struct mt_transport *transport,
		const struct ex_option *interface)
{
	struct ex_map map = ex_map_of(p->arena, interface ? interface->value : "");
	if (!map.file || (!map.star && !p->plan->only) || !is_sure(p, transport, map.file))
		return false;
	struct mt_str file = mt_snapshot_file(p->snapshot, map.file)->bytes;
	const char *value = value_of(p, &map, ex_map_value(p->arena, file, key_of(p)));
	return put(p, &map, *value ? value : NULL);
}

bool ex_helo_map(struct ex_planner *p, const struct ex_option *helo, const char *name)
{
	struct ex_map map = ex_map_of(p->arena, helo->value);
	return map.file && (map.star || mt_goal_own(p->plan->goal, EX_SENDER)) &&
	       put(p, &map, name);
}
