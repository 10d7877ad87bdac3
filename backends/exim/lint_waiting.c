/* SPDX-License-Identifier: ISC */
/* lint_waiting.c: mail that waits because of a setting. The note of such a binding is what Exim logs; its words tell the cause. */
#include "lint.h"

#include <string.h>

static const struct cause {
	const char *words, *id, *deed;
} causes[] = {
	{"configuration error", "EX-TAINTED",
	 "take the name out of a look-up (dsearch, lsearch): its result is not tainted"},
	{"failed to open ", "EX-MAP-UNREAD", "create the file, or let Exim's user read it"},
	{"failed to expand helo_data", "EX-HELO-FAILS",
	 "give it a name to fall back to: {$primary_hostname}"},
	{"is not a valid IP address", "EX-INVALID-ITEM",
	 "write addresses alone, with <; in front and ; between them"},
	{"defer (99)", "EX-ABSENT", "add the address to an interface, or pin one that is there"},
	{"", "EX-DEFERRED", "write an address of this host"},
};

static const struct cause *cause_of(const struct mt_transport *t, const struct mt_binding *b)
{
	const struct cause *cause = causes;
	const char *tainted = ex_transport_of(t)->tainted_file;
	bool expands = strstr(b->note, "failed to expand") != NULL;
	if (tainted && expands && (!strstr(b->note, "failed to open ") || strstr(b->note, tainted)))
		return cause; /* the log says "Permission denied", or nothing */
	while (!strstr(b->note, cause->words))
		cause++;
	return cause;
}

/* Whose mail waits. Of hosts that have both families the IPv6 address is tried first; "defer (-1)" and the like end the whole
 * mail, an address that cannot be bound only that host. */
static const char *who_waits(const struct mt_transport *t, int family)
{
	const struct mt_binding *b = &t->binding[family];
	enum mt_how other = t->binding[family == MT_V4 ? MT_V6 : MT_V4].how;
	if (other == MT_HOW_DEFERRED || other == MT_HOW_OFF)
		return "all mail";
	if (family == MT_V6 && mt_str_starts(mt_str_of(b->note), "defer (-"))
		return "mail to hosts with IPv6";
	return family == MT_V6 ? "mail to hosts with IPv6 alone" : "mail to hosts with IPv4 alone";
}

/* `who` is its subject. A name that only may fail is a warning. */
static void find(struct exim *e, const struct cause *cause, const struct mt_binding *b,
		 const struct mt_message *who)
{
	bool binds = b->source.set && !mt_str_starts(mt_str_of(b->note), "defer (-");
	const char *from = mt_addr_format(e->arena, b->source);
	struct mt_finding *finding = mt_model_find(
		e->model, e->mta, cause->id, b->origin, mt_phrase(e->arena, cause->deed), "%pM",
		binds ? mt_message(e->arena, "%pM waits in the queue for %s: %s", who, from,
				   b->note)
		      : mt_message(e->arena, "%pM waits in the queue: %s", who, b->note));
	mt_finding_raise(e->model, finding, MT_ERROR);
}

/* Of mail that no condition meets; false: none waits. */
static bool find_usual(struct exim *e, const struct mt_transport *t)
{
	const struct cause *before = NULL;
	for (int f = 0; f < MT_FAMILIES; f++) {
		const struct mt_binding *b = &t->binding[f];
		const struct cause *cause = cause_of(t, b);
		if (b->how != MT_HOW_DEFERRED || before == cause)
			continue;
		before = cause;
		find(e, cause, b,
		     mt_message(e->arena, "%pM by %s", mt_phrase(e->arena, who_waits(t, f)),
				t->name));
	}
	return before != NULL;
}

/* Of senders that some line names: the first of them for each cause. */
static void find_conditional(struct exim *e, const struct mt_transport *t, enum mt_family family,
			     const char *const **said)
{
	for (const struct mt_binding *b = t->conditional[family]; b; b = b->next) {
		const struct cause *cause = cause_of(t, b);
		if (b->how != MT_HOW_DEFERRED || mt_list_has(*said, cause->id))
			continue;
		mt_list_add(e->arena, said, cause->id);
		find(e, cause, b,
		     mt_message(
			     e->arena, "%pM by %s over %s",
			     mt_message(e->arena, "mail %s", mt_condition_text(e->arena, b->when)),
			     t->name, mt_family_name(family)));
	}
}

void ex_lint_waiting(struct exim *e)
{
	for (const struct mt_transport *t = e->mta->transports; t; t = t->next) {
		const char *const *said = NULL;
		if (!ex_is_used(t) || find_usual(e, t))
			continue;
		find_conditional(e, t, MT_V4, &said);
		find_conditional(e, t, MT_V6, &said);
	}
}
