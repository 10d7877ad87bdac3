/* SPDX-License-Identifier: ISC */
/* stages.c: every file that decides about some mail only, as rules, the most specific key first. */
#include "stages.h"

#include <stdio.h>
#include <string.h>

#define RANKS 130 /* no name has more dots */

struct maker {
	const struct qmail *q;
	const struct qm_mail *mail;
	enum mt_family family;
	struct mt_arena *scratch;
	struct qm_stage *first, **tail;
};

/* ---- keys ---- */

struct key {
	struct qm_entry entry;
	struct key *next;
};
/* The more specific of two keys that both meet a mail has the higher rank; -1: no mail is met by it. */
typedef int key_rank(const struct maker *m, struct mt_str key);

struct mt_str qm_lowered(struct mt_arena *arena, struct mt_str text)
{
	char *low = mt_alloc(arena, text.n + 1);
	for (size_t i = 0; i < text.n; i++)
		low[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] | 32) : text.p[i];
	return (struct mt_str){low, text.n};
}

static int dots(struct mt_str text)
{
	int n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '.';
	return n;
}

/* Those that count, in the order of their ranks; of one key the last entry counts (constmap). */
static struct key *keys_of(const struct maker *m, const struct qm_map *map, key_rank *rank)
{
	struct key *first[RANKS] = {NULL}, **tail[RANKS], *all = NULL, **end = &all;
	struct mt_map seen = MT_MAP_INIT(m->scratch);
	struct qm_entries entries = {.rest = map->file.bytes};
	struct qm_entry entry;
	for (int i = 0; i < RANKS; i++)
		tail[i] = &first[i];
	while (qm_map_next(&entries, map->sep, &entry)) {
		int at = rank(m, entry.key);
		if (at < 0 || at >= RANKS)
			continue;
		struct mt_str low = qm_lowered(m->scratch, entry.key);
		struct key *key = (struct key *)mt_map_get(&seen, low);
		if (!key) {
			key = MT_NEW(m->scratch, struct key);
			mt_map_put(&seen, low, key);
			*tail[at] = key;
			tail[at] = &key->next;
		}
		key->entry = entry;
	}
	for (int i = RANKS - 1; i >= 0; i--)
		if (first[i]) {
			*end = first[i];
			end = tail[i];
		}
	return all;
}

/* A domain; ".DOMAIN": all below it, the longest first; "": every other one. */
static int rank_domain(const struct maker *m, struct mt_str key)
{
	(void)m;
	if (!key.n)
		return 1;
	if (memchr(key.p, '@', key.n))
		return -1; /* no domain holds one */
	if (*key.p != '.')
		return RANKS - 2;
	return dots(key) < RANKS - 4 ? 1 + dots(key) : -1;
}

/* IndiMail: the address of the sender counts first. */
static int rank_sender(const struct maker *m, struct mt_str key)
{
	bool address = key.n && memchr(key.p, '@', key.n);
	return address ? RANKS - 1 : rank_domain(m, key);
}

/* domainips: "*" where there is no other. */
static int rank_domainip(const struct maker *m, struct mt_str key)
{
	return mt_str_is(key, "*") ? 0 : rank_domain(m, key);
}

/* What qmail-remote compares is the text of the address, and that cut behind a dot. */
static bool net_of(struct mt_str key, enum mt_family family, struct mt_addr *addr, unsigned *bits)
{
	char text[MT_ADDR_TEXT], whole[MT_ADDR_TEXT + 8];
	unsigned parts = (unsigned)dots(key);
	*bits = family == MT_V6 ? 128 : 32;
	if (mt_addr_parse(key, addr))
		return addr->family == family &&
		       mt_str_same(key, mt_str_of(mt_addr_text(*addr, text)));
	if (family == MT_V6 || parts < 1 || parts > 3 || key.n > 12 || key.p[key.n - 1] != '.')
		return false;
	snprintf(whole, sizeof whole, "%.*s%s", MT_STR_FMT(key),
		 parts == 1   ? "0.0.0"
		 : parts == 2 ? "0.0"
			      : "0");
	*bits = 8 * parts;
	return mt_addr_parse(mt_str_of(whole), addr);
}

static int rank_net(const struct maker *m, struct mt_str key)
{
	struct mt_addr addr;
	unsigned bits;
	if (!key.n)
		return 0;
	return net_of(key, m->family, &addr, &bits) ? (int)(bits / 8) : -1;
}

/* ---- rules ---- */

static void add(struct maker *m, struct qm_stage *stage, const struct mt_condition *when,
		const struct qm_choice *choice)
{
	struct qm_rule *rule = MT_NEW(m->scratch, struct qm_rule);
	rule->when = when;
	rule->decides = choice != NULL;
	if (choice)
		rule->choice = *choice;
	*stage->tail = rule;
	stage->tail = &rule->next;
}

static struct qm_stage *add_stage(struct maker *m)
{
	struct qm_stage *stage = MT_NEW(m->scratch, struct qm_stage);
	stage->tail = &stage->first;
	*m->tail = stage;
	m->tail = &stage->next;
	return stage;
}

static const struct mt_condition *condition_of(const struct maker *m, enum mt_by by,
					       struct mt_str key)
{
	return mt_condition(m->q->arena, by, mt_strz(m->q->arena, key), NULL);
}

static const struct mt_condition *of_sender(const struct maker *m, struct mt_str key)
{
	bool address = key.n && memchr(key.p, '@', key.n);
	return key.n ? condition_of(m, address ? MT_BY_SENDER : MT_BY_SENDER_DOMAIN, key) : NULL;
}

static const struct mt_condition *of_net(const struct maker *m, struct mt_str key)
{
	struct mt_addr addr;
	unsigned bits, whole = m->family == MT_V6 ? 128 : 32;
	if (!key.n || !net_of(key, m->family, &addr, &bits))
		return NULL;
	const char *text = mt_addr_format(m->q->arena, addr);
	if (bits < whole)
		text = mt_format(m->q->arena, "%s/%u", text, bits);
	return mt_condition(m->q->arena, MT_BY_NEXT_HOP, text, NULL);
}

/* The whole file in one rule, where it cannot be looked into; false: it is none of this build. */
static bool open_stage(struct maker *m, const char *name, struct qm_map *map,
		       struct qm_stage **stage)
{
	struct qm_choice all;
	int there = qm_map_open(m->q, name, map, &all);
	*stage = there ? add_stage(m) : NULL;
	if (there < 0)
		add(m, *stage, NULL, &all);
	return there > 0;
}

static void sender_stage(struct maker *m, const char *name)
{
	struct qm_map map;
	struct qm_stage *stage;
	if (!open_stage(m, name, &map, &stage))
		return;
	for (struct key *k = keys_of(m, &map, rank_domain); k; k = k->next) {
		struct qm_choice c = qm_choice_of_sender(m->q, &map, &k->entry, m->family);
		add(m, stage, of_sender(m, k->entry.key), k->entry.value.n ? &c : NULL);
	}
}

static void route_stage(struct maker *m, const char *name)
{
	struct qm_map map;
	struct qm_stage *stage;
	if (!open_stage(m, name, &map, &stage))
		return;
	for (struct key *k = keys_of(m, &map, rank_net); k; k = k->next) {
		struct qm_choice c = qm_choice_of(m->q, &map, &k->entry, m->family);
		add(m, stage, of_net(m, k->entry.key), k->entry.value.n ? &c : NULL);
	}
}

static void domainip_stage(struct maker *m)
{
	struct qm_map map;
	struct qm_stage *stage;
	if (!open_stage(m, "domainips", &map, &stage))
		return;
	map.sep = ':';
	for (struct key *k = keys_of(m, &map, rank_domainip); k; k = k->next) {
		struct qm_choice c = qm_choice_of_domainip(m->q, &map, &k->entry, m->family);
		bool all = mt_str_is(k->entry.key, "*");
		add(m, stage, all ? NULL : of_sender(m, k->entry.key), &c);
	}
}

/* ---- IndiMail ---- */

/* Rules behind the last one that decides say nothing. */
static void trim_stage(struct qm_stage *stage)
{
	struct qm_rule **end = &stage->first;
	for (struct qm_rule **at = &stage->first; *at; at = &(*at)->next)
		if ((*at)->decides)
			end = &(*at)->next;
	*end = NULL;
	stage->tail = end;
}

/* outgoingip.HOST, and outgoingip for every other one: those that are refused, or those that are not. */
static void file_stage(struct maker *m, bool refused)
{
	const struct qmail *q = m->q;
	struct qm_stage *stage = add_stage(m);
	struct qm_mail mail = *m->mail;
	struct qm_choice c;
	size_t at = 0;
	bool by_host = !qm_variable(&q->place, "OUTGOINGIP");
	for (const char *path; by_host && (path = qm_per_host(q, &at));) {
		mail.host_known = true;
		mail.host = mt_str_of(strrchr(path, '/') + sizeof "/outgoingip." - 1);
		c = qm_choose_file(q, &mail);
		bool decides = refused == (c.verdict == QM_WAITS);
		add(m, stage, condition_of(m, MT_BY_RECIPIENT_DOMAIN, mail.host),
		    decides ? &c : NULL);
	}
	c = qm_choose_file(q, m->mail);
	add(m, stage, NULL, refused == (c.verdict == QM_WAITS) ? &c : NULL);
	trim_stage(stage);
}

static void domainbindings_stage(struct maker *m, bool refused)
{
	struct qm_map map;
	struct qm_stage *stage;
	if (!open_stage(m, "domainbindings", &map, &stage))
		return;
	for (struct key *k = keys_of(m, &map, rank_sender); k; k = k->next) {
		struct qm_choice c = qm_choice_of_sender(m->q, &map, &k->entry, m->family);
		bool value = k->entry.value.n > 0;
		bool decides = value && refused == (c.verdict == QM_WAITS);
		if (decides && !k->entry.key.n) /* the null sender is looked up nowhere */
			add(m, stage, condition_of(m, MT_BY_SENDER, MT_STR("")), NULL);
		/* without a value an address is as if it did not stand there */
		if (value || !memchr(k->entry.key.p, '@', k->entry.key.n))
			add(m, stage, of_sender(m, k->entry.key), decides ? &c : NULL);
	}
	trim_stage(stage);
}

static void make_stages(struct maker *m)
{
	bool six = m->family == MT_V6 && m->q->remote.family == QM_CLASSIC;
	struct qm_choice base = qm_outgoingip(m->q, m->family);
	if (m->q->remote.family == QM_INDIMAIL) {
		/* What is refused in its own files stops a mail before bindroutes are read. */
		file_stage(m, true);
		domainbindings_stage(m, true);
		route_stage(m, "bindroutes");
		domainbindings_stage(m, false);
		file_stage(m, false);
		return;
	}
	if (m->q->remote.family == QM_CLASSIC && qm_refuses(m->q, &base))
		return; /* all mail waits */
	sender_stage(m, six ? "domainbindings6" : "domainbindings");
	route_stage(m, six ? "bindroutes6" : "bindroutes");
	if (m->family == MT_V4)
		sender_stage(m, "outgoingips");
	domainip_stage(m);
	add(m, add_stage(m), NULL, &base);
}

struct qm_stage *qm_stages(const struct qmail *q, const struct qm_mail *mail, enum mt_family family,
			   struct mt_arena *scratch)
{
	struct maker maker = {.q = q, .mail = mail, .family = family, .scratch = scratch};
	maker.tail = &maker.first;
	make_stages(&maker);
	return maker.first;
}
