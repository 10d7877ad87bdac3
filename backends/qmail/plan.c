/* SPDX-License-Identifier: ISC */
/*
 * plan.c: which file pins here (outgoingip, or the line for all mail of bindroutes, outgoingips, domainips),
 * control/helohost; or why that would do nothing here, and what does instead.
 *
 * Whether a file has an effect is a matter of the program (remote.h): where it reads it, it is written; where it
 * does not, that is the answer; where it cannot be told, --accept QM-UNKNOWN-BINARY writes outgoingip.
 */
#include "plan_file.h"

#include <string.h>

#define UNKNOWN_BINARY "QM-UNKNOWN-BINARY"

/* ---- both families ---- */

/* Measured: every build takes a file of a family of its own for that family alone, and mail waits where its address is
 * on no interface. No build has a setting that stops sending over a family. */
const struct mt_families qm_families = {
	.other = MT_OTHER_LEAKS,
	.off = MT_OFF_NONE,
	.expires = "a week",
	.absent = {MT_ABSENT_WAITS, MT_ABSENT_WAITS},
	.live = MT_LIVE_DELIVERY,
	.leaks = "QM-IPV6-LEAK",
	.program = "qmail-remote",
};

/* IndiMail and s/qmail's domainips bind the one address for every destination. */
static const struct mt_families one_address = {
	.other = MT_OTHER_WAITS,
	.single = true,
	.off = MT_OFF_NONE,
	.expires = "a week",
	.absent = {MT_ABSENT_WAITS, MT_ABSENT_WAITS},
	.live = MT_LIVE_DELIVERY,
	.stops = "QM-OTHER-FAMILY",
	.ways = "the route; source NAT; smtproutes to a local MTA",
};

/* ---- methods ---- */

/* In the order of preference where nothing decides yet: what pins and does nothing else comes first. */
const struct mt_method qm_methods[] = {
	[QM_OUTGOINGIP] = {.name = "outgoingip", .title = "one address for all mail"},
	[QM_BINDROUTES] = {.name = "bindroutes",
			   .title = "addresses by destination: the line for all mail"},
	[QM_OUTGOINGIPS] = {.name = "outgoingips",
			    .title = "addresses by sender: the line for all mail. HELO becomes the "
				     "sender's domain, and is empty where a bounce is sent"},
	[QM_DOMAINIPS] = {.name = "domainips",
			  .title = "addresses by sender: the line for all mail, of both families",
			  .families = &one_address},
	{0},
};
static const struct qm_method files[] = {
	[QM_OUTGOINGIP] = {&qm_methods[QM_OUTGOINGIP], {"outgoingip", "outgoingip6"}, NULL},
	[QM_BINDROUTES] = {&qm_methods[QM_BINDROUTES], {"bindroutes", "bindroutes6"}, ""},
	[QM_OUTGOINGIPS] = {&qm_methods[QM_OUTGOINGIPS], {"outgoingips", NULL}, ""},
	[QM_DOMAINIPS] = {&qm_methods[QM_DOMAINIPS], {"domainips", "domainips"}, "*"},
};

/* Whose file it is: IndiMail has one for both. */
static enum mt_family pin_family(const struct qmail *q, enum mt_family family)
{
	return q->remote.family == QM_INDIMAIL ? MT_V4 : family;
}

const char *qm_method_file(const struct qmail *q, const struct qm_method *m, enum mt_family family)
{
	return m->name[pin_family(q, family)];
}

static bool has_file(const struct qmail *q, const struct qm_method *m, enum mt_family family)
{
	const char *name = qm_method_file(q, m, family);
	return name && qm_remote_known(&q->remote) && qm_remote_reads(&q->remote, name);
}

/* The line that decides about any mail today; because NULL: none. */
static struct qm_choice decides(const struct qmail *q, enum mt_family family)
{
	struct qm_mail any = qm_any_mail(q);
	struct qm_choice c = qm_choose(q, &any, family);
	if (c.verdict == QM_NOTHING)
		c.origin = NULL;
	return c;
}

static bool is_asked(const struct mt_plan *plan, const struct qm_method *m)
{
	return plan->asked && strcmp(plan->asked, m->method->name) == 0;
}

/* An outgoingip that is refused stops all mail, and so hides the line of a map that decides once it is mended: which
 * line that is, when outgoingip holds what is wanted. */
static struct qm_choice decides_when_mended(const struct mt_plan *plan, const struct qmail *q,
					    enum mt_family family)
{
	const struct mt_pin_goal *goal = &plan->goal->family[family];
	enum mt_family file = pin_family(q, family);
	struct qmail mended = *q;
	if (goal->pin == MT_PIN_ADDRESS && q->pin_file[file].access != QM_ABSENT)
		mended.pin[file] =
			(struct qm_pin){.verdict = QM_BINDS, .addr = goal->addr, .why = ""};
	return decides(&mended, family);
}

/* The one that was asked for; else that of the line which decides; else the first that this build has; NULL: none of
 * them. */
static const struct qm_method *method_for(const struct mt_plan *plan, const struct qmail *q,
					  enum mt_family family)
{
	struct qm_choice now = decides_when_mended(plan, q, family);
	const struct qm_method *first = NULL;
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++) {
		const struct qm_method *m = &files[i];
		const char *name = qm_method_file(q, m, family);
		if (is_asked(plan, m))
			return m;
		if (plan->asked || !has_file(q, m, family))
			continue;
		if (now.origin && strcmp(now.origin->file, qm_control_path(plan, q, name)) == 0)
			return m;
		first = first ? first : m;
	}
	return first;
}

static const char *method_names(const struct mt_plan *plan, const struct qmail *q)
{
	struct mt_text text = MT_TEXT_INIT(plan->arena);
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++)
		if (has_file(q, &files[i], MT_V4))
			mt_text_addf(&text, "%s%s", text.n ? ", " : "", files[i].method->name);
	return text.n ? mt_text_z(&text) : "";
}

void qm_find_methods(struct qmail *q)
{
	const struct mt_method **list =
		mt_alloc(q->arena, (MT_ARRAY_LEN(files) + 1) * sizeof *list);
	size_t n = 0;
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++)
		if (has_file(q, &files[i], MT_V4))
			list[n++] = files[i].method;
	if (!n) /* what a build that has one is looked for by */
		list[n++] = &qm_methods[QM_OUTGOINGIP];
	list[n] = NULL;
	q->mta->methods = list;
	q->mta->title = q->remote.title;
	if (q->remote.family == QM_INDIMAIL)
		q->mta->families = &one_address;
}

void qm_alternatives(struct mt_plan *plan, enum mt_family family)
{
	qm_ways_out(plan, plan->mta->priv, family, false);
}

/* ---- before anything else ---- */

void qm_plan_ready(struct mt_plan *plan)
{
	const struct qmail *q = plan->mta->priv;
	if (plan->mta->unreadable) {
		mt_plan_refuse(plan, "QM-NO-CONTROL", plan->mta->instance, "%s",
			       plan->mta->unreadable);
		return;
	}
	if (q->me.access == QM_UNKNOWN)
		mt_plan_refuse(plan, "PLAN-UNREADABLE", q->me.path, "cannot be read (%s)",
			       q->me.why);
	const char *names = method_names(plan, q);
	if (plan->goal->family[MT_V6].pin == MT_PIN_ADDRESS && qm_remote_known(&q->remote) &&
	    !qm_remote_knows_ipv6(&q->remote) && q->remote.family != QM_ETC &&
	    (*names || plan->goal->family[MT_V4].pin != MT_PIN_ADDRESS))
		mt_plan_refuse(plan, "QM-IPV4-ONLY", q->place.program,
			       "this qmail-remote (%s) sends over IPv4 alone, and nothing has to "
			       "be pinned for IPv6: leave --ip6 away",
			       q->remote.title);
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		const struct qm_method *m = method_for(plan, q, f);
		plan->families[f] = mt_families(plan->mta, m ? m->method : plan->method);
	}
}

/* ---- not supported ---- */

static void refuse_unsupported(struct mt_plan *plan, const struct qmail *q, enum mt_family family,
			       const char *name)
{
	const char *names = method_names(plan, q);
	if (plan->asked && *names) {
		mt_plan_refuse(plan, "QM-NOT-READ", q->place.program,
			       "this qmail-remote (%s) does not read control/%s: it would pin "
			       "nothing. Leave --method away; here there is: %s",
			       q->remote.title, name, names);
		return;
	}
	qm_ways_out(plan, q, family, true);
	mt_plan_refuse(plan, "QM-NOT-READ", q->place.program,
		       "this qmail-remote (%s) does not read control/%s: the file would pin "
		       "nothing. Ways out: a build with the outgoingip patch; the route; source "
		       "NAT; smtproutes to a local MTA",
		       q->remote.title, name);
}

/* ---- other lines ---- */

/* ---- one family ---- */

static bool on_trust(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	if (!mt_goal_accepts(plan->goal, UNKNOWN_BINARY)) {
		mt_plan_refuse(plan, UNKNOWN_BINARY, q->place.program,
			       "whether the file has an effect cannot be told: %pM",
			       mt_phrase(plan->arena, q->remote.why));
		return false;
	}
	mt_plan_remark(plan,
		       "accepted " UNKNOWN_BINARY ": %pM. Whether mail leaves from the address is "
		       "not known until a connection is seen",
		       mt_phrase(plan->arena, q->remote.why));
	plan->on_trust[family] = true;
	return true;
}

static bool may_write(struct mt_plan *plan, const struct qmail *q, enum mt_family family,
		      const struct qm_method *m)
{
	const char *name = qm_method_file(q, m, family);
	if (!qm_remote_known(&q->remote))
		return on_trust(plan, q, family);
	if (!has_file(q, m, family)) {
		refuse_unsupported(plan, q, family, name ? name : m->name[MT_V4]);
		return false;
	}
	/* a line of another file may decide for all mail: what is written here would not count */
	struct qm_choice c = decides_when_mended(plan, q, family);
	if (!c.origin || strcmp(c.origin->file, qm_control_path(plan, q, name)) == 0 ||
	    strcmp(c.origin->file, q->pin_file[pin_family(q, family)].path) == 0)
		return true;
	mt_plan_refuse(plan, "QM-OTHER-PIN",
		       mt_format(plan->arena, "%s:%u", c.origin->file, c.origin->line),
		       "this line decides before control/%s (%s). Edit it, or take it out, first",
		       name, c.origin->text);
	return false;
}

/* Then it has to be right too, whichever line pins: a pin in a map alone would leave all mail waiting. */
static bool stopped_by_pin_file(const struct qmail *q, enum mt_family family)
{
	const struct qm_file *file = &q->pin_file[pin_family(q, family)];
	struct qm_choice c = decides(q, family);
	return c.origin && strcmp(c.origin->file, file->path) == 0 && qm_refuses(q, &c);
}

static void pin(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	struct mt_addr addr = plan->goal->family[family].addr;
	const struct qm_method *m = method_for(plan, q, family);
	m = m ? m : &files[0];
	if (!may_write(plan, q, family, m))
		return;
	plan->method = m->method;
	if (m->method == &qm_methods[QM_OUTGOINGIP] && qm_remote_checks(&q->remote) &&
	    family == MT_V4 && !qm_is_listed(q->host, addr) && mt_host_addr(q->host, addr))
		mt_plan_refuse(plan, "QM-NO-LABEL", q->place.program,
			       "this build refuses an address without a label of its own, and all "
			       "mail would wait: add it with one first (ip addr add ... label "
			       "IFACE:1)");
	if (m->method == &qm_methods[QM_OUTGOINGIPS])
		mt_plan_remark(plan, "outgoingips also makes HELO the sender's domain, and empty "
				     "where a bounce is sent");
	if (m->method == &qm_methods[QM_DOMAINIPS] && family == MT_V4)
		mt_plan_remark(plan,
			       "%s binds the address for IPv6 too, which fails: mail to hosts that "
			       "it reaches over IPv6 waits",
			       q->remote.title);
	qm_put_pin(plan, q, m, family);
	if (m->method != &qm_methods[QM_OUTGOINGIP] && stopped_by_pin_file(q, family))
		qm_put_pin(plan, q, &files[0], family);
}

static void unpin_family(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	struct mt_addr now = decides(q, MT_V4).addr;
	/* the one line of IndiMail is of the family that its address is of */
	if (q->remote.family == QM_INDIMAIL && family != (now.set ? now.family : MT_V4))
		return;
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++)
		if (!plan->asked || is_asked(plan, &files[i]))
			qm_drop_pin(plan, q, &files[i], family);
}

void qm_plan(struct mt_plan *plan)
{
	const struct qmail *q = plan->mta->priv;
	if (!plan->method)
		plan->method = &qm_methods[QM_OUTGOINGIP];
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		switch (plan->goal->family[f].pin) {
		case MT_PIN_ADDRESS:
			pin(plan, q, f);
			break;
		case MT_PIN_ANY:
			unpin_family(plan, q, f);
			break;
		case MT_PIN_OFF: /* it is off, else it was refused */
		case MT_PIN_KEEP:
			break;
		}
	}
	const char *helo = plan->goal->helo;
	if (helo &&
	    (q->helohost.access != QM_READ || !mt_str_is(qm_readline(q->helohost.bytes), helo)))
		qm_put(plan, q, "helohost", mt_str_of(mt_format(plan->arena, "%s\n", helo)), helo);
	if (plan->refused)
		return;
	for (const struct mt_change *c = plan->changes; c; c = c->next)
		mt_list_add(plan->arena, &plan->validate_files, c->path);
	if (!plan->changes) {
		/* it stands there already: these are the files */
		for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
			const struct qm_method *m = method_for(plan, q, f);
			const char *name = m ? qm_method_file(q, m, f) : NULL;
			if (plan->goal->family[f].pin == MT_PIN_ADDRESS && name)
				mt_list_add(plan->arena, &plan->validate_files,
					    qm_control_path(plan, q, name));
		}
		if (helo)
			mt_list_add(plan->arena, &plan->validate_files, q->helohost.path);
	}
	/* Files of Qsmtp for one destination, of which nothing is read but that they are there. */
	const char *path;
	size_t at = 0;
	bool pins = plan->goal->family[MT_V4].pin == MT_PIN_ADDRESS ||
		    plan->goal->family[MT_V6].pin == MT_PIN_ADDRESS;
	while (pins && q->remote.family == QM_QSMTP && (path = qm_per_host(q, &at)))
		mt_plan_remark(plan, "may not follow the pin: mail to the host that %s is for",
			       path);
	qm_plan_service(plan, q);
}
