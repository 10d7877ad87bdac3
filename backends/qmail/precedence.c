/* SPDX-License-Identifier: ISC */
/*
 * precedence.c: which line decides about a mail. In order: domainbindings (by sender), bindroutes (by destination; with
 * IndiMail before domainbindings), outgoingips and domainips (by sender), outgoingip.HOST of IndiMail, outgoingip.
 *
 * Source: qmail-remote.c and timeoutconn.c of the builds that read these files; measured (tests/vectors/qmail).
 * An outgoingip that is refused stops all mail, whichever other line would have decided.
 */
#include "qmail.h"

#include <string.h>

/* ---- maps ---- */

/* A file that this build reads and that is there; false: it is as if empty. */
static bool open_map(const struct qmail *q, const char *name, struct qm_map *map)
{
	if (!qm_remote_known(&q->remote) || !qm_remote_reads(&q->remote, name))
		return false;
	const char *other = strcmp(name, "domainbindings") == 0
				    ? qm_variable(&q->place, "DOMAINBINDINGS")
				    : NULL;
	map->file = qm_file(q->model->snapshot, &q->place, other ? other : name);
	map->sep = qm_remote_separator(&q->remote);
	return map->file.access != QM_ABSENT;
}

int qm_map_open(const struct qmail *q, const char *name, struct qm_map *map,
		struct qm_choice *choice)
{
	if (!open_map(q, name, map))
		return 0;
	if (map->file.access == QM_READ)
		return 1;
	*choice = (struct qm_choice){.verdict = map->file.access == QM_ERROR ? QM_WAITS : QM_OPEN,
				     .origin = qm_origin(q, &map->file, 0, MT_STR("")),
				     .why = map->file.why};
	return -1;
}

struct qm_choice qm_choice_of(const struct qmail *q, const struct qm_map *map,
			      const struct qm_entry *entry, enum mt_family family)
{
	struct mt_str text = {entry->key.p, entry->key.n + 1 + entry->value.n};
	struct qm_choice c = {.verdict = QM_BINDS,
			      .why = "",
			      .origin = qm_origin(q, &map->file, entry->number, text)};
	if (!qm_scan(&q->remote, entry->value, family, &c.addr)) {
		c.verdict = QM_WAITS;
		c.why = "what follows the separator does not start with an address";
	}
	return c;
}

void qm_mind_family(const struct qmail *q, enum mt_family family, struct qm_choice *c)
{
	if (c->verdict != QM_BINDS || !c->addr.set || mt_addr_is_any(c->addr) ||
	    c->addr.family == family)
		return;
	c->verdict = QM_WAITS;
	c->why = mt_format(q->arena, "an %s address is bound for all mail",
			   mt_family_name(c->addr.family));
}

/* The entry of a sender: with IndiMail first of the whole address. An empty value is none. */
static bool by_sender(const struct qmail *q, const struct qm_map *map, const struct qm_mail *mail,
		      struct qm_entry *entry)
{
	struct mt_str domain = mail->sender_known ? mt_str_after(mail->sender, '@') : MT_STR("");
	if (q->remote.family == QM_INDIMAIL && mail->sender_known && !mail->sender.n)
		return false;
	if (q->remote.family == QM_INDIMAIL && mail->sender.n &&
	    qm_map_get(map->file.bytes, map->sep, mail->sender, entry) && entry->value.n)
		return true;
	return qm_map_domain(map->file.bytes, map->sep, domain, entry) && entry->value.n;
}

struct qm_choice qm_choice_of_sender(const struct qmail *q, const struct qm_map *map,
				     const struct qm_entry *entry, enum mt_family family)
{
	struct qm_choice c = qm_choice_of(q, map, entry, family);
	c.helo_is_sender = true;
	c.checked = family == MT_V4 && qm_remote_checks(&q->remote);
	return c;
}

static bool try_sender_map(const struct qmail *q, const struct qm_mail *mail, enum mt_family family,
			   const char *name, struct qm_choice *choice)
{
	struct qm_map map;
	struct qm_entry entry;
	int there = qm_map_open(q, name, &map, choice);
	if (there <= 0)
		return there < 0;
	if (!by_sender(q, &map, mail, &entry))
		return false;
	*choice = qm_choice_of_sender(q, &map, &entry, family);
	choice->helo = mail->sender_known ? mt_str_after(mail->sender, '@') : MT_STR("");
	return true;
}

struct qm_domainip qm_domainip(struct mt_str value)
{
	struct qm_domainip d = {.addr = value};
	const char *end = value.p + value.n;
	const char *percent = value.n ? memchr(value.p, '%', value.n) : NULL;
	const char *from = percent ? percent : value.p;
	const char *bar = value.n ? memchr(from, '|', (size_t)(end - from)) : NULL;
	if (bar && bar > value.p) {
		d.named = true;
		d.helo = (struct mt_str){bar + 1, (size_t)(end - bar - 1)};
		d.addr.n = (size_t)(bar - value.p);
	}
	if (percent && percent > value.p)
		d.addr.n = (size_t)(percent - value.p);
	return d;
}

struct qm_choice qm_choice_of_domainip(const struct qmail *q, const struct qm_map *map,
				       const struct qm_entry *entry, enum mt_family family)
{
	struct qm_domainip part = qm_domainip(entry->value);
	bool six = part.addr.n && memchr(part.addr.p, ':', part.addr.n);
	struct qm_choice c = qm_choice_of(q, map, entry, six ? MT_V6 : MT_V4);
	if (!qm_scan(&q->remote, part.addr, six ? MT_V6 : MT_V4, &c.addr))
		c.verdict = QM_WAITS;
	c.named = part.named;
	c.helo = part.helo;
	qm_mind_family(q, family, &c);
	return c;
}

/* domainips: for one domain, else for all ("*"). */
static bool try_domainips(const struct qmail *q, const struct qm_mail *mail, enum mt_family family,
			  struct qm_choice *choice)
{
	struct qm_map map;
	struct qm_entry entry;
	struct mt_str domain = mail->sender_known ? mt_str_after(mail->sender, '@') : MT_STR("");
	int there = qm_map_open(q, "domainips", &map, choice);
	if (there <= 0)
		return there < 0;
	map.sep = ':';
	if (!qm_map_domain(map.file.bytes, ':', domain, &entry) &&
	    !qm_map_get(map.file.bytes, ':', MT_STR("*"), &entry))
		return false;
	*choice = qm_choice_of_domainip(q, &map, &entry, family);
	return true;
}

/* bindroutes: by the address of the destination, or what its numbers start with ("10.77."). */
static bool by_destination(const struct qm_map *map, struct mt_addr dest, struct qm_entry *entry)
{
	char text[MT_ADDR_TEXT];
	mt_addr_text(dest, text);
	struct mt_str key = mt_str_of(text);
	while (!qm_map_get(map->file.bytes, map->sep, key, entry)) {
		if (!key.n)
			return false;
		do
			key.n--;
		while (key.n && key.p[key.n - 1] != '.');
	}
	return entry->value.n > 0;
}

/* Keys that some mail alone meets. */
static bool has_keys(const struct qm_map *map)
{
	struct qm_entries entries = {.rest = map->file.bytes};
	struct qm_entry entry;
	while (qm_map_next(&entries, map->sep, &entry))
		if (entry.key.n && !mt_str_is(entry.key, "*"))
			return true;
	return false;
}

static bool try_bindroutes(const struct qmail *q, const struct qm_mail *mail, enum mt_family family,
			   struct qm_choice *choice)
{
	const char *name =
		family == MT_V6 && q->remote.family == QM_CLASSIC ? "bindroutes6" : "bindroutes";
	struct qm_map map;
	struct qm_entry entry;
	int there = qm_map_open(q, name, &map, choice);
	if (there <= 0)
		return there < 0;
	struct mt_addr dest = mail->dest.family == family ? mail->dest : (struct mt_addr){0};
	bool found = by_destination(&map, dest, &entry);
	if (found)
		*choice = qm_choice_of(q, &map, &entry, family);
	/* no key of these can be an IPv6 address: it ends at the first colon */
	bool never = family == MT_V6 && map.sep == ':';
	if (mail->host_known && !dest.set && !never && has_keys(&map)) {
		*choice = (struct qm_choice){.verdict = QM_OPEN,
					     .origin = qm_origin(q, &map.file, 0, MT_STR("")),
					     .why = "the address of the destination decides"};
		return true;
	}
	return found;
}

const char *qm_per_host(const struct qmail *q, size_t *at)
{
	const struct mt_snapshot *s = q->model->snapshot;
	const char *name = q->remote.family == QM_INDIMAIL ? "outgoingip."
			   : q->remote.family == QM_QSMTP  ? "smtproutes.d/"
							   : NULL;
	size_t n = strlen(q->place.control), m = name ? strlen(name) : 0;
	while (name && *at < s->count) {
		const struct mt_item *item = &s->items[(*at)++];
		struct mt_str path = mt_str_of(item->name);
		if (!item->probe && item->type == 'f' && path.n > n + 1 + m &&
		    mt_str_starts(path, q->place.control) && memcmp(path.p + n + 1, name, m) == 0)
			return item->name;
	}
	return NULL;
}

/* ---- outgoingip ---- */

static struct qm_choice of_pin(const struct qmail *q, const struct qm_pin *pin,
			       const struct mt_origin *origin)
{
	return (struct qm_choice){.verdict = pin->verdict,
				  .addr = pin->addr,
				  .drawn = pin->drawn,
				  .drawn_count = pin->drawn_count,
				  .origin = origin,
				  .why = pin->why,
				  .confidence =
					  pin->sometimes ? MT_CONFIDENCE_NO : MT_CONFIDENCE_YES,
				  .checked = qm_remote_checks(&q->remote)};
}

struct qm_choice qm_choose_file(const struct qmail *q, const struct qm_mail *mail)
{
	const char *variable = qm_variable(&q->place, "OUTGOINGIP");
	struct qm_pin pin;
	if (variable && *variable) {
		struct mt_str text = mt_str_of(variable);
		struct qm_choice c = {
			.verdict = QM_BINDS,
			.why = "",
			.origin =
				mt_origin(q->arena, q->place.program, 0,
					  mt_format(q->arena, "OUTGOINGIP=%.60s", variable), NULL)};
		if (!mt_str_starts(text, "::") && !qm_scan(&q->remote, text, MT_V4, &c.addr)) {
			c.verdict = QM_WAITS;
			c.why = "the variable does not start with an address";
		}
		return c;
	}
	if (mail->host_known && mail->host.n && mail->host.n < 200) {
		struct qm_file file =
			qm_file(q->model->snapshot, &q->place,
				mt_format(q->arena, "outgoingip.%.*s", MT_STR_FMT(mail->host)));
		qm_pin(q->arena, &q->remote, &file, MT_V4, &pin);
		if (file.access == QM_READ || file.access == QM_ERROR)
			return of_pin(q, &pin, qm_origin(q, &file, pin.line, file.bytes));
	}
	return of_pin(q, &q->pin[MT_V4], qm_origin_pin(q, MT_V4));
}

struct qm_choice qm_outgoingip(const struct qmail *q, enum mt_family family)
{
	struct qm_choice c = of_pin(q, &q->pin[family], qm_origin_pin(q, family));
	c.checked = c.checked && family == MT_V4;
	return c;
}

/* ---- the whole ---- */

void qm_name_by_address(const struct qmail *q, struct qm_choice *choice)
{
	static const char *const names[] = {"helohostbindings", "helohostbyip"};
	char text[MT_ADDR_TEXT];
	struct qm_map map;
	struct qm_entry entry;
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++) {
		if (!open_map(q, names[i], &map) || map.file.access != QM_READ)
			continue;
		mt_addr_text(choice->addr, text);
		if (qm_map_get(map.file.bytes, map.sep, mt_str_of(text), &entry) && entry.value.n) {
			choice->helo = entry.value;
			choice->helo_is_sender = false;
		}
	}
}

bool qm_refuses(const struct qmail *q, const struct qm_choice *c)
{
	return c->verdict == QM_WAITS ||
	       (c->verdict == QM_BINDS && c->checked && !mt_addr_is_any(c->addr) &&
		!qm_is_listed(q->host, c->addr));
}

/* It reads its files first, and what is refused there stops all mail: outgoingip, then domainbindings, which also set
 * the name; bindroutes only when it connects, then the name is settled. */
static struct qm_choice choose_indimail(const struct qmail *q, const struct qm_mail *mail,
					enum mt_family family)
{
	struct qm_choice c = qm_choose_file(q, mail), by_route;
	if (c.verdict == QM_WAITS)
		return c;
	if (try_sender_map(q, mail, family, "domainbindings", &c) && c.verdict != QM_BINDS)
		return c;
	if (c.verdict == QM_BINDS && c.addr.set)
		qm_name_by_address(q, &c);
	if (try_bindroutes(q, mail, family, &by_route)) {
		by_route.helo = c.helo;
		by_route.helo_is_sender = c.helo_is_sender;
		c = by_route;
	}
	qm_mind_family(q, family, &c);
	return c;
}

struct qm_choice qm_choose(const struct qmail *q, const struct qm_mail *mail, enum mt_family family)
{
	if (q->remote.family == QM_INDIMAIL)
		return choose_indimail(q, mail, family);
	bool six = family == MT_V6 && q->remote.family == QM_CLASSIC;
	struct qm_choice base = qm_outgoingip(q, family), c = base;
	if (!(q->remote.family == QM_CLASSIC && qm_refuses(q, &base)) &&
	    !try_sender_map(q, mail, family, six ? "domainbindings6" : "domainbindings", &c) &&
	    !try_bindroutes(q, mail, family, &c) &&
	    !(family == MT_V4 && try_sender_map(q, mail, family, "outgoingips", &c)) &&
	    !try_domainips(q, mail, family, &c))
		c = base;
	if (c.verdict == QM_BINDS && c.addr.set)
		qm_name_by_address(q, &c);
	return c;
}

struct qm_mail qm_any_mail(const struct qmail *q)
{
	struct qm_mail mail = {0};
	mail.routed =
		qm_route_of(q->smtproutes.bytes, MT_STR(""), &mail.route) && mail.route.host.n;
	if (mail.routed)
		mail.dest = mail.route.addr;
	return mail;
}
