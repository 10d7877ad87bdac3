/* SPDX-License-Identifier: ISC */
/*
 * plan.c: control/outgoingip and outgoingip6 (one address and a newline, nothing else), control/helohost; or why
 * that would do nothing here, and what does instead.
 *
 * Whether the file has an effect is a matter of the program (remote.h): where it reads it, it is written; where it
 * does not, that is the answer; where it cannot be told, --accept QM-UNKNOWN-BINARY writes it.
 */
#include "qmail.h"

#include <string.h>

#define UNKNOWN_BINARY "QM-UNKNOWN-BINARY"

static const char *const pin_names[MT_FAMILIES] = {"outgoingip", "outgoingip6"};

/* ---- before anything else ---- */

void qm_plan_ready(struct mt_plan *plan)
{
	const struct qmail *q = plan->mta->priv;
	if (plan->mta->unreadable)
		mt_plan_refuse(plan, "", plan->mta->instance, "%s", plan->mta->unreadable);
	else if (q->me.access == QM_UNKNOWN)
		mt_plan_refuse(plan, "", q->me.path, "cannot be read (%s)", q->me.why);
	if (plan->goal->method != MT_METHOD_AUTO && plan->goal->method != MT_METHOD_OUTGOINGIP)
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "the %s method is one of another mail server; here it is %s",
			       mt_method_name(plan->goal->method),
			       mt_method_name(MT_METHOD_OUTGOINGIP));
}

/* ---- not supported ---- */

static void add_way_out(struct mt_plan *plan, const char *title, const struct mt_recipe *command)
{
	struct mt_alternative **at = &plan->alternatives;
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(plan->arena, struct mt_alternative);
	**at = (struct mt_alternative){
		.method = MT_METHOD_AUTO, .title = title, .command = command};
}

/* A chain that rewrites the source of what this user sends to port 25. */
static struct mt_recipe *source_nat(struct mt_plan *plan, enum mt_family family, const char *addr)
{
	const char *table = family == MT_V6 ? "ip6" : "ip";
	struct mt_recipe *first =
		mt_recipe(plan->arena, "nft", "add", "table", table, "mail", NULL);
	struct mt_recipe *chain =
		mt_recipe(plan->arena, "nft", "add", "chain", table, "mail", "out",
			  "{ type nat hook postrouting priority srcnat; }", NULL);
	struct mt_recipe *rule =
		mt_recipe(plan->arena, "nft", "add", "rule", table, "mail", "out", NULL);
	if (plan->mta->uid >= 0)
		mt_recipe_add(plan->arena, rule, "meta", "skuid",
			      mt_format(plan->arena, "%ld", plan->mta->uid), NULL);
	mt_recipe_add(plan->arena, rule, "tcp", "dport", "25", "snat", "to", addr, NULL);
	first->next = chain;
	chain->next = rule;
	return first;
}

/* What gives this source without the file, as commands to copy. */
static void add_ways_out(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	const char *addr = mt_addr_format(plan->arena, plan->goal->family[family].addr);
	add_way_out(plan, "a qmail-remote with the outgoingip patch, of which this says 1",
		    mt_recipe(plan->arena, "grep", "-caxz", "control/outgoingip", q->place.program,
			      NULL));
	add_way_out(plan, "the route: every connection that chooses no source itself",
		    mt_recipe(plan->arena, "sh", "-c",
			      family == MT_V6 ? "ip -6 route change $(ip -6 route show default | "
						"sed \"s/ src [^ ]*//;q\") src $0"
					      : "ip -4 route change $(ip -4 route show default | "
						"sed \"s/ src [^ ]*//;q\") src $0",
			      addr, NULL));
	add_way_out(plan, "source NAT: mail alone", source_nat(plan, family, addr));
	add_way_out(plan, "a local MTA that binds, by smtproutes",
		    mt_recipe(plan->arena, "sh", "-c", "echo :127.0.0.1:10025 >>\"$0\"",
			      mt_format(plan->arena, "%s/smtproutes", q->place.control), NULL));
}

static void refuse_unsupported(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	add_ways_out(plan, q, family);
	mt_plan_refuse(plan, "", q->place.program,
		       "this qmail-remote (%s) does not read control/%s: the file would pin "
		       "nothing. Ways out: a build with the outgoingip patch; the route; source "
		       "NAT; smtproutes to a local MTA",
		       q->remote.title, pin_names[family]);
}

static void refuse_unknown(struct mt_plan *plan, const struct qmail *q)
{
	mt_plan_refuse(plan, UNKNOWN_BINARY, q->place.program,
		       "whether the file has an effect cannot be told: %s", q->remote.why);
}

/* ---- other lines ---- */

/* A line of another file decides for all mail: what is written here would not count. */
static bool decided_elsewhere(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	struct qm_mail any = qm_any_mail(q);
	struct qm_choice c = qm_choose(q, &any, family);
	if (!c.because || c.verdict == QM_NOTHING ||
	    strcmp(c.because->file, q->pin_file[family].path) == 0 ||
	    (q->remote.family == QM_INDIMAIL &&
	     strcmp(c.because->file, q->pin_file[MT_V4].path) == 0))
		return false;
	mt_plan_refuse(plan, "", mt_format(plan->arena, "%s:%u", c.because->file, c.because->line),
		       "this line decides before control/%s (%s). Edit it, or take it out, first",
		       pin_names[family], c.because->text);
	return true;
}

static const char *of_no_file(const struct qm_file *file)
{
	if (file->access == QM_UNKNOWN)
		return file->why;
	return NULL;
}

/* ---- writing ---- */

/* The bytes of a file as they are, be it one that qmail-remote may not read. */
static const struct mt_item *item_of(const struct qmail *q, const char *path)
{
	return mt_snapshot_file(q->model->snapshot, path);
}

static void tell(struct mt_plan *plan, const char *path, const char *name, const char *value)
{
	const char **settings = mt_alloc(plan->arena, 2 * sizeof *settings);
	settings[0] = mt_setting_text(plan->arena, name, value);
	mt_plan_settings(plan, path, settings);
}

static void put(struct mt_plan *plan, const struct qmail *q, const char *name, struct mt_str bytes)
{
	const char *path = mt_format(plan->arena, "%s/%s", q->place.control, name);
	const struct mt_item *item = item_of(q, path), *me = item_of(q, q->me.path);
	if (item->presence == MT_ABSENT && item->link)
		mt_plan_refuse(plan, "", path, "is a symbolic link that points nowhere: remove it");
	else if (item->presence == MT_ABSENT)
		mt_plan_create(plan, path, bytes, me);
	else if (item->type == 'd')
		mt_plan_refuse(plan, "", path, "is a folder: remove it first (rmdir)");
	else if (!mt_item_readable(item))
		mt_plan_refuse(plan, "", path, "cannot be read (%s)",
			       *item->why ? item->why : mt_presence_name(item->presence));
	else
		mt_plan_put(plan, path, item, bytes, me);
	tell(plan, path, name, mt_strz(plan->arena, bytes));
}

static void drop(struct mt_plan *plan, const struct qmail *q, const char *name)
{
	const char *path = mt_format(plan->arena, "%s/%s", q->place.control, name);
	const struct mt_item *item = item_of(q, path);
	if (item->presence == MT_ABSENT)
		return;
	if (item->type == 'd' || !mt_item_readable(item))
		mt_plan_refuse(plan, "", path,
			       item->type == 'd' ? "is a folder: remove it first (rmdir)"
						 : "cannot be read");
	else
		mt_plan_remove(plan, path, item->bytes);
	tell(plan, path, name, NULL);
}

static const char *file_for(const struct qmail *q, enum mt_family family)
{
	return pin_names[q->remote.family == QM_INDIMAIL ? MT_V4 : family];
}

static bool may_write(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	const char *name = file_for(q, family);
	if (!qm_remote_known(&q->remote)) {
		if (!mt_goal_accepts(plan->goal, UNKNOWN_BINARY)) {
			refuse_unknown(plan, q);
			return false;
		}
		mt_plan_remark(plan,
			       "accepted " UNKNOWN_BINARY
			       ": %s. Whether mail leaves from the address is not known until a "
			       "connection is seen",
			       q->remote.why);
		plan->on_trust[family] = true;
		return true;
	}
	if (qm_remote_reads(&q->remote, name))
		return !decided_elsewhere(plan, q, family);
	refuse_unsupported(plan, q, family);
	return false;
}

/* Already so: what is written is exact, and may be read. */
static bool holds(const struct qmail *q, enum mt_family family, struct mt_addr addr)
{
	const struct qm_file *file = &q->pin_file[family];
	return file->access == QM_READ && qm_pin_is_exact(file->bytes, addr);
}

static void pin(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	struct mt_addr addr = plan->goal->family[family].addr;
	enum mt_family slot = q->remote.family == QM_INDIMAIL ? MT_V4 : family;
	const char *why = of_no_file(&q->pin_file[slot]);
	if (!may_write(plan, q, family) || holds(q, slot, addr))
		return;
	if (why)
		mt_plan_refuse(plan, "", q->pin_file[slot].path, "cannot be read (%s)", why);
	if (qm_remote_checks(&q->remote) && family == MT_V4 && !qm_is_listed(q->host, addr) &&
	    mt_host_addr(q->host, addr))
		mt_plan_refuse(plan, "", q->place.program,
			       "this build refuses an address without a label of its own, and all "
			       "mail would wait: add it with one first (ip addr add ... label "
			       "IFACE:1)");
	char text[MT_ADDR_TEXT];
	put(plan, q, file_for(q, family),
	    mt_str_of(mt_format(plan->arena, "%s\n", mt_addr_text(addr, text))));
}

static void plan_family(struct mt_plan *plan, const struct qmail *q, enum mt_family family)
{
	switch (plan->goal->family[family].pin) {
	case MT_PIN_ADDRESS:
		pin(plan, q, family);
		break;
	case MT_PIN_ANY:
		if (family == MT_V4 || q->remote.family != QM_INDIMAIL)
			drop(plan, q, pin_names[family]);
		break;
	case MT_PIN_OFF:
		if (plan->mta->paths->way[family].how != MT_HOW_OFF)
			mt_plan_refuse(plan, "", plan->mta->instance,
				       "qmail-remote has no setting that stops sending over %s: "
				       "%s keep leaves it as it is",
				       mt_family_name(family), family == MT_V6 ? "--ip6" : "--ip4");
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
	put(plan, q, "helohost", mt_str_of(mt_format(plan->arena, "%s\n", name)));
}

static bool both_on_one_line(const struct mt_plan *plan, const struct qmail *q)
{
	return q->remote.family == QM_INDIMAIL && plan->goal->family[MT_V4].pin == MT_PIN_ADDRESS &&
	       plan->goal->family[MT_V6].pin == MT_PIN_ADDRESS;
}

void qm_plan(struct mt_plan *plan)
{
	const struct qmail *q = plan->mta->priv;
	plan->method = MT_METHOD_OUTGOINGIP;
	if (both_on_one_line(plan, q)) {
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "IndiMail has one outgoingip for both families: pin one of them, "
			       "the other with keep");
		return;
	}
	for (int f = 0; f < MT_FAMILIES; f++)
		plan_family(plan, q, (enum mt_family)f);
	plan_helo(plan, q);
	if (!plan->refused)
		qm_plan_service(plan, q);
}
