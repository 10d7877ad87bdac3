/* SPDX-License-Identifier: ISC */
/*
 * bindings.c: the lines that decide about some mail only, in the order in which qmail-remote comes to them.
 *
 * Every file is a stage: rules, the most specific key first. A rule decides, or leaves it to the next stage: an entry
 * without a value does that for its key alone. The rules of all stages in a row, each under what led there, are the
 * bindings. What holds for all other mail (qm_choose of any mail) is not among them.
 */
#include "stages.h"

#include <stdio.h>
#include <string.h>

#define BINDINGS_MAX 20000 /* of one family */
#define LEFT_MAX     50000 /* rules of later stages, looked at under keys that have no value */
#define NAME_FILES   2

struct maker {
	const struct qmail *q;
	const struct qm_mail *mail;
	enum mt_family family;
	struct mt_arena *scratch;
	struct mt_binding *made, **made_tail;
	struct mt_map emitted; /* by the texts of their conditions */
	size_t count, left;
	const char *helo; /* what is said without any of them */
	struct mt_map names
		[NAME_FILES]; /* by address: of helohostbindings, and before it of helohostbyip */
};

/* ---- the stages in a row ---- */

/* Does a name that meets the key `inner` meet `outer`. */
static bool within_domain(struct mt_str inner, struct mt_str outer)
{
	if (outer.n && *outer.p == '.' && inner.n > outer.n)
		inner = mt_str_part(inner, inner.n - outer.n, outer.n);
	return mt_str_same(inner, outer);
}

static struct mt_str domain_of(const struct mt_condition *c)
{
	struct mt_str value = mt_str_of(c->value);
	return c->by == MT_BY_SENDER ? mt_str_after(value, '@') : value;
}

/* Of a mail that meets `known`: does it meet `asked`? */
enum answer { NEVER, PERHAPS, ALWAYS };

static enum answer answer_one(const struct mt_condition *known, const struct mt_condition *asked)
{
	bool senders = known->by <= MT_BY_SENDER_DOMAIN && asked->by <= MT_BY_SENDER_DOMAIN;
	if (!senders && known->by != asked->by)
		return PERHAPS;
	if (asked->by == MT_BY_SENDER && known->by == MT_BY_SENDER)
		return mt_str_same(mt_str_of(known->value), mt_str_of(asked->value)) ? ALWAYS
										     : NEVER;
	if (asked->by != MT_BY_SENDER && within_domain(domain_of(known), domain_of(asked)))
		return ALWAYS;
	return known->by != MT_BY_SENDER && within_domain(domain_of(asked), domain_of(known))
		       ? PERHAPS
		       : NEVER;
}

static enum answer answer_all(const struct mt_condition *known, const struct mt_condition *asked)
{
	enum answer all = asked ? PERHAPS : ALWAYS;
	if (!asked)
		return all;
	for (; known && all != NEVER; known = known->next) {
		enum answer one = answer_one(known, asked);
		all = one == PERHAPS ? all : one;
	}
	return all;
}

static const struct mt_condition *both(const struct maker *m, const struct mt_condition *known,
				       const struct mt_condition *more)
{
	return known ? mt_condition(m->q->arena, known->by, known->value,
				    both(m, known->next, more))
		     : more;
}

/* ---- bindings ---- */

static void index_names(struct maker *m)
{
	static const char *const files[NAME_FILES] = {"helohostbindings", "helohostbyip"};
	struct qm_map map;
	struct qm_choice unread;
	struct qm_entry entry;
	for (size_t i = 0; i < NAME_FILES; i++) {
		m->names[i] = (struct mt_map)MT_MAP_INIT(m->scratch);
		if (qm_map_open(m->q, files[i], &map, &unread) <= 0)
			continue;
		struct qm_entries entries = {.rest = map.file.bytes};
		while (qm_map_next(&entries, map.sep, &entry)) {
			struct qm_entry *kept = MT_NEW(m->scratch, struct qm_entry);
			*kept = entry;
			mt_map_put(&m->names[i], qm_lowered(m->scratch, entry.key), kept);
		}
	}
}

/* Of a mail that meets it; false: it is one of many. */
static bool sender_domain(const struct mt_condition *when, struct mt_str *domain)
{
	for (; when; when = when->next) {
		bool sender = when->by == MT_BY_SENDER || when->by == MT_BY_SENDER_DOMAIN;
		*domain = sender ? domain_of(when) : MT_STR("");
		if (sender && (when->by == MT_BY_SENDER || !domain->n || *domain->p != '.'))
			return true;
	}
	return false;
}

/* Stages that are looked at twice (IndiMail) come to the same conditions again: the first ones decided. */
static bool is_emitted(const struct maker *m, const struct mt_condition *when)
{
	return mt_map_get(&m->emitted, mt_str_of(mt_condition_text(m->scratch, when))) != NULL;
}

static void emit(struct maker *m, const struct mt_condition *when, const struct qm_choice *choice)
{
	struct qm_choice c = *choice;
	if (is_emitted(m, when))
		return;
	mt_map_put(&m->emitted, mt_str_of(mt_condition_text(m->scratch, when)), when);
	struct mt_binding *binding = MT_NEW(m->q->arena, struct mt_binding);
	if (m->q->remote.family == QM_INDIMAIL)
		qm_mind_family(m->q, m->family, &c);
	char text[MT_ADDR_TEXT];
	struct mt_str addr = mt_str_of(mt_addr_text(c.addr, text));
	for (size_t i = 0; c.verdict == QM_BINDS && addr.n && i < NAME_FILES; i++) {
		const struct qm_entry *entry = mt_map_get(&m->names[i], addr);
		if (entry && entry->value.n) {
			c.helo = entry->value;
			c.helo_is_sender = false;
		}
	}
	bool told = !c.helo_is_sender || sender_domain(when, &c.helo);
	qm_binding(m->q, m->mail, m->family, &c, binding);
	const char *name = qm_name_of(m->q, &c);
	bool sends = binding->how == MT_HOW_ADDRESS || binding->how == MT_HOW_KERNEL;
	if (sends && told && strcmp(name, m->helo) != 0)
		binding->helo = name;
	if (sends && !told && !*binding->note)
		binding->note = "HELO is the sender's domain";
	binding->when = when;
	*m->made_tail = binding;
	m->made_tail = &binding->next;
	m->count++;
}

/* What of it is not looked at may be anything. */
static void give_up_stages(struct maker *m, const struct mt_condition *when, const char *why)
{
	struct qm_choice open = {.verdict = QM_OPEN, .why = why, .confidence = MT_CONFIDENCE_NO};
	emit(m, when, &open);
}

/* The rules of this stage and of those behind it, for mail that meets `known`. */
static void flatten(struct maker *m, const struct qm_stage *stage, const struct mt_condition *known)
{
	for (const struct qm_rule *r = stage ? stage->first : NULL; r; r = r->next) {
		enum answer is = answer_all(known, r->when);
		if (m->count >= BINDINGS_MAX)
			return;
		if (known && !m->left--) {
			m->left = 0;
			give_up_stages(m, known, "too many lines to tell");
			return;
		}
		if (is == NEVER)
			continue;
		const struct mt_condition *when = is == ALWAYS ? known : both(m, known, r->when);
		if (!when && r->decides)
			return; /* all other mail */
		if (r->decides)
			emit(m, when, &r->choice);
		else if (!is_emitted(m, when))
			flatten(m, stage->next, when);
		if (is == ALWAYS)
			return;
	}
	if (stage)
		flatten(m, stage->next, known);
}

struct mt_binding *qm_bindings(const struct qmail *q, const struct qm_mail *mail,
			       enum mt_family family, const char *helo)
{
	struct maker m = {.q = q,
			  .mail = mail,
			  .family = family,
			  .helo = helo,
			  .scratch = mt_arena_beside(q->arena),
			  .left = LEFT_MAX};
	m.made_tail = &m.made;
	m.emitted = (struct mt_map)MT_MAP_INIT(m.scratch);
	index_names(&m);
	flatten(&m, qm_stages(q, mail, family, m.scratch), NULL);
	if (m.count >= BINDINGS_MAX)
		give_up_stages(
			&m,
			mt_condition(q->arena, MT_BY_OTHER,
				     mt_format(q->arena, "a line behind the first %d says so",
					       BINDINGS_MAX),
				     NULL),
			"too many lines to tell");
	mt_arena_free(m.scratch);
	return m.made;
}
