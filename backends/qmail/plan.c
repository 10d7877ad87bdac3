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
#define OTHER_FAMILY   "QM-OTHER-FAMILY"

static enum mt_family other_of(enum mt_family family)
{
	return family == MT_V4 ? MT_V6 : MT_V4;
}

/* ---- the method ---- */

/* In the order of preference where nothing decides yet: what pins and does nothing else comes first. */
static const struct qm_method methods[] = {
	{MT_METHOD_OUTGOINGIP, {"outgoingip", "outgoingip6"}, NULL},
	{MT_METHOD_BINDROUTES, {"bindroutes", "bindroutes6"}, ""},
	{MT_METHOD_OUTGOINGIPS, {"outgoingips", NULL}, ""},
	{MT_METHOD_DOMAINIPS, {"domainips", "domainips"}, "*"},
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

static bool has(const struct qmail *q, const struct qm_method *m, enum mt_family family)
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
		c.because = NULL;
	return c;
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
	for (size_t i = 0; i < MT_ARRAY_LEN(methods); i++) {
		const struct qm_method *m = &methods[i];
		const char *name = qm_method_file(q, m, family);
		if (plan->goal->method == m->method)
			return m;
		if (plan->goal->method != MT_METHOD_AUTO || !has(q, m, family))
			continue;
		if (now.because && strcmp(now.because->file, qm_control_path(plan, q, name)) == 0)
			return m;
		first = first ? first : m;
	}
	return first;
}

static const char *method_names(const struct mt_plan *plan, const struct qmail *q)
{
	struct mt_text text = MT_TEXT_INIT(plan->arena);
	for (size_t i = 0; i < MT_ARRAY_LEN(methods); i++)
		if (has(q, &methods[i], MT_V4))
			mt_text_addf(&text, "%s%s", text.n ? ", " : "",
				     mt_method_name(methods[i].method));
	return text.n ? mt_text_z(&text) : "";
}

static bool is_ours(enum mt_method method)
{
	for (size_t i = 0; i < MT_ARRAY_LEN(methods); i++)
		if (methods[i].method == method)
			return true;
	return method == MT_METHOD_AUTO;
}

/* ---- before anything else ---- */

/* Is what is pinned for one family bound for mail over the other one too. */
static bool binds_all(const struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	const struct qm_method *m = method_for(plan, q, family);
	return plan->goal->family[family].pin == MT_PIN_ADDRESS && m &&
	       (q->remote.family == QM_INDIMAIL || m->method == MT_METHOD_DOMAINIPS);
}

static bool is_for_ipv4(const struct qmail *q)
{
	return qm_remote_known(&q->remote) && !qm_remote_knows_ipv6(&q->remote) &&
	       q->remote.family != QM_ETC;
}

void qm_plan_ready(struct mt_plan *plan)
{
	const struct qmail *q = plan->mta->priv;
	if (plan->mta->unreadable) {
		mt_plan_refuse(plan, "", plan->mta->instance, "%s", plan->mta->unreadable);
		return;
	}
	if (q->me.access == QM_UNKNOWN)
		mt_plan_refuse(plan, "", q->me.path, "cannot be read (%s)", q->me.why);
	const char *names = method_names(plan, q);
	if (!is_ours(plan->goal->method))
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "the %s method is one of another mail server; here it is %s",
			       mt_method_name(plan->goal->method),
			       *names ? names : mt_method_name(MT_METHOD_OUTGOINGIP));
	if (plan->goal->family[MT_V6].pin == MT_PIN_ADDRESS && is_for_ipv4(q) &&
	    (*names || plan->goal->family[MT_V4].pin != MT_PIN_ADDRESS))
		mt_plan_refuse(plan, "", q->place.program,
			       "this qmail-remote (%s) sends over IPv4 alone, and nothing has to "
			       "be pinned for IPv6: leave --ip6 away",
			       q->remote.title);
	plan->families_settled = binds_all(plan, q, MT_V4) || binds_all(plan, q, MT_V6);
}

/* ---- not supported ---- */

static void refuse_unsupported(struct mt_plan *plan, const struct qmail *q, enum mt_family family,
			       const char *name)
{
	const char *names = method_names(plan, q);
	if (plan->goal->method != MT_METHOD_AUTO && *names) {
		mt_plan_refuse(plan, "", q->place.program,
			       "this qmail-remote (%s) does not read control/%s: it would pin "
			       "nothing. Leave --method away; here there is: %s",
			       q->remote.title, name, names);
		return;
	}
	qm_ways_out(plan, q, family, true);
	mt_plan_refuse(plan, "", q->place.program,
		       "this qmail-remote (%s) does not read control/%s: the file would pin "
		       "nothing. Ways out: a build with the outgoingip patch; the route; source "
		       "NAT; smtproutes to a local MTA",
		       q->remote.title, name);
}

/* ---- other lines ---- */

/* A line of another file decides for all mail: what is written here would not count. */
static bool decided_elsewhere(struct mt_plan *plan, const struct qmail *q, enum mt_family family,
			      const char *name)
{
	struct qm_choice c = decides_when_mended(plan, q, family);
	if (!c.because || strcmp(c.because->file, qm_control_path(plan, q, name)) == 0 ||
	    strcmp(c.because->file, q->pin_file[pin_family(q, family)].path) == 0)
		return false;
	mt_plan_refuse(plan, "", mt_format(plan->arena, "%s:%u", c.because->file, c.because->line),
		       "this line decides before control/%s (%s). Edit it, or take it out, first",
		       name, c.because->text);
	return true;
}

/* Mail that other lines decide about, and that therefore leaves as before. */
static void tell_exceptions(struct mt_plan *plan, const struct qmail *q)
{
	const char *path;
	size_t at = 0;
	if (plan->goal->family[MT_V4].pin != MT_PIN_ADDRESS &&
	    plan->goal->family[MT_V6].pin != MT_PIN_ADDRESS)
		return;
	for (const char *const *name = qm_other_pins; *name; name++) {
		struct qm_entry entry;
		unsigned n = qm_exceptions(q, *name, &entry);
		bool to = strncmp(*name, "bindroutes", strlen("bindroutes")) == 0;
		if (n)
			mt_plan_remark(plan,
				       "does not follow the pin: mail %s %.*s%s (%s:%u): mtapin "
				       "show --to and --from tell",
				       to ? "to" : "from", MT_STR_FMT(entry.key),
				       n == 1 ? "" : mt_format(plan->arena, " and %u more", n - 1),
				       *name, entry.number);
	}
	while ((path = qm_per_host(q, &at)))
		mt_plan_remark(plan, "may not follow the pin: mail to the host that %s is for",
			       path);
}

/* ---- the families ---- */

/* IndiMail and s/qmail bind the one address for every destination: mail over the other family waits from then on,
 * whatever keep means. Nothing is lost where that is so already. */
static bool loses_other(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	enum mt_family other = other_of(family);
	const struct mt_way *now = &plan->mta->paths->way[family];
	const char *name = mt_family_name(other), *option = other == MT_V6 ? "--ip6" : "--ip4";
	const char *addr = mt_addr_format(plan->arena, plan->goal->family[family].addr);
	if (!binds_all(plan, q, family))
		return false;
	if (plan->goal->family[other].pin == MT_PIN_ADDRESS) {
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "%s binds one address for both families: pin one of them",
			       q->remote.title);
		return true;
	}
	bool already =
		now->how == MT_HOW_ADDRESS && plan->mta->paths->way[other].how == MT_HOW_DEFERRED;
	if (already || !mt_mta_sends(plan->model, plan->mta, plan->goal, other))
		return false;
	if (mt_goal_accepts(plan->goal, OTHER_FAMILY)) {
		mt_plan_remark(plan, "accepted " OTHER_FAMILY ": mail to hosts with %s alone waits",
			       name);
		return false;
	}
	qm_ways_out(plan, q, family, false);
	mt_plan_refuse(plan, OTHER_FAMILY, plan->mta->instance,
		       "%s binds %s for every destination: mail to hosts that have %s alone would "
		       "wait, and bounce after a week, so %s keep cannot be kept. Ways out that "
		       "leave %s alone: the route; source NAT; smtproutes to a local MTA",
		       q->remote.title, addr, name, option, name);
	return true;
}

static void refuse_off(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	const char *name = mt_family_name(family), *option = family == MT_V6 ? "--ip6" : "--ip4";
	if (binds_all(plan, q, other_of(family)))
		mt_plan_refuse(
			plan, "", plan->mta->instance,
			"%s has no setting that stops sending over %s; with an %s address "
			"pinned mail to hosts with %s alone waits (%s keep --accept " OTHER_FAMILY
			")",
			q->remote.title, name, mt_family_name(other_of(family)), name, option);
	else
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "qmail-remote has no setting that stops sending over %s: "
			       "%s keep leaves it as it is",
			       name, option);
}

/* ---- one family ---- */

static bool on_trust(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	if (!mt_goal_accepts(plan->goal, UNKNOWN_BINARY)) {
		mt_plan_refuse(plan, UNKNOWN_BINARY, q->place.program,
			       "whether the file has an effect cannot be told: %s", q->remote.why);
		return false;
	}
	mt_plan_remark(plan,
		       "accepted " UNKNOWN_BINARY ": %s. Whether mail leaves from the address is "
		       "not known until a connection is seen",
		       q->remote.why);
	plan->on_trust[family] = true;
	return true;
}

static bool may_write(struct mt_plan *plan, const struct qmail *q, enum mt_family family,
		      const struct qm_method *m)
{
	const char *name = qm_method_file(q, m, family);
	if (!qm_remote_known(&q->remote))
		return on_trust(plan, q, family);
	if (has(q, m, family))
		return !decided_elsewhere(plan, q, family, name);
	refuse_unsupported(plan, q, family, name ? name : m->name[MT_V4]);
	return false;
}

/* Then it has to be right too, whichever line pins: a pin in a map alone would leave all mail waiting. */
static bool stopped_by_pin_file(const struct qmail *q, enum mt_family family)
{
	const struct qm_file *file = &q->pin_file[pin_family(q, family)];
	struct qm_choice c = decides(q, family);
	return c.because && strcmp(c.because->file, file->path) == 0 && qm_refuses(q, &c);
}

static void pin(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	struct mt_addr addr = plan->goal->family[family].addr;
	const struct qm_method *m = method_for(plan, q, family);
	m = m ? m : &methods[0];
	if (!may_write(plan, q, family, m))
		return;
	plan->method = m->method;
	if (m->method == MT_METHOD_OUTGOINGIP && qm_remote_checks(&q->remote) && family == MT_V4 &&
	    !qm_is_listed(q->host, addr) && mt_host_addr(q->host, addr))
		mt_plan_refuse(plan, "", q->place.program,
			       "this build refuses an address without a label of its own, and all "
			       "mail would wait: add it with one first (ip addr add ... label "
			       "IFACE:1)");
	if (m->method == MT_METHOD_OUTGOINGIPS)
		mt_plan_remark(plan, "outgoingips also makes HELO the sender's domain, and empty "
				     "where a bounce is sent");
	if (m->method == MT_METHOD_DOMAINIPS && family == MT_V4)
		mt_plan_remark(plan,
			       "%s binds the address for IPv6 too, which fails: mail to hosts that "
			       "it reaches over IPv6 waits",
			       q->remote.title);
	qm_put_pin(plan, q, m, family);
	if (m->method != MT_METHOD_OUTGOINGIP && stopped_by_pin_file(q, family))
		qm_put_pin(plan, q, &methods[0], family);
}

static void unpin(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	struct mt_addr now = decides(q, MT_V4).addr;
	/* the one line of IndiMail is of the family that its address is of */
	if (q->remote.family == QM_INDIMAIL && family != (now.set ? now.family : MT_V4))
		return;
	for (size_t i = 0; i < MT_ARRAY_LEN(methods); i++)
		if (plan->goal->method == MT_METHOD_AUTO || plan->goal->method == methods[i].method)
			qm_drop_pin(plan, q, &methods[i], family);
}

static void plan_family(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	switch (plan->goal->family[family].pin) {
	case MT_PIN_ADDRESS:
		if (!loses_other(plan, q, family))
			pin(plan, q, family);
		break;
	case MT_PIN_ANY:
		unpin(plan, q, family);
		break;
	case MT_PIN_OFF:
		if (plan->mta->paths->way[family].how != MT_HOW_OFF)
			refuse_off(plan, q, family);
		break;
	case MT_PIN_KEEP:
		break;
	}
}

static void plan_helo(struct mt_plan *plan, const struct qmail *q)
{
	const char *name = plan->goal->helo;
	if (!name ||
	    (q->helohost.access == QM_READ && mt_str_is(qm_readline(q->helohost.bytes), name)))
		return;
	qm_put(plan, q, "helohost", mt_str_of(mt_format(plan->arena, "%s\n", name)), name);
}

/* The files in which what is wanted stands already. */
static void name_files(struct mt_plan *plan, const struct qmail *q)
{
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		const struct qm_method *m = method_for(plan, q, f);
		const char *name = m ? qm_method_file(q, m, f) : NULL;
		if (plan->goal->family[f].pin == MT_PIN_ADDRESS && name)
			mt_list_add(plan->arena, &plan->validate_files,
				    qm_control_path(plan, q, name));
	}
	if (plan->goal->helo)
		mt_list_add(plan->arena, &plan->validate_files, q->helohost.path);
}

void qm_plan(struct mt_plan *plan)
{
	const struct qmail *q = plan->mta->priv;
	plan->method = MT_METHOD_OUTGOINGIP;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (plan->goal->family[f].pin == MT_PIN_OFF)
			plan_family(plan, q, f);
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (plan->goal->family[f].pin != MT_PIN_OFF)
			plan_family(plan, q, f);
	plan_helo(plan, q);
	if (plan->refused)
		return;
	for (const struct mt_change *c = plan->changes; c; c = c->next)
		mt_list_add(plan->arena, &plan->validate_files, c->path);
	if (!plan->changes)
		name_files(plan, q);
	tell_exceptions(plan, q);
	qm_plan_service(plan, q);
}
