/* SPDX-License-Identifier: ISC */
/* lint.c: findings about a qmail. Each says one thing in plain words, where, and what to do. */
#include "qmail.h"

#include <string.h>

static const char *const pin_names[MT_FAMILIES] = {"outgoingip", "outgoingip6"};

static const char *addr_text(const struct qmail *q, struct mt_addr addr)
{
	return mt_addr_format(q->arena, addr);
}

static const struct mt_binding *v4(const struct qmail *q)
{
	return &q->transport->binding[MT_V4];
}

static struct qm_file control_file(const struct qmail *q, const char *name)
{
	return qm_file(q->model->snapshot, &q->place, name);
}

/* Is this file what decides, and known: by its line the way is as it is. */
static bool in_effect(const struct qmail *q, enum mt_family family)
{
	const struct mt_binding *binding = &q->transport->binding[family];
	return q->pin_file[family].access == QM_READ && qm_remote_known(&q->remote) &&
	       binding->origin && strcmp(binding->origin->file, q->pin_file[family].path) == 0;
}

static const char *base_name(const char *path)
{
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

/* ---- files that decide nothing ---- */

static void lint_ignored(struct qmail *q, const char *name)
{
	struct qm_file file = control_file(q, name);
	if (!qm_file_is_there(&file) || !qm_remote_known(&q->remote) ||
	    qm_remote_reads(&q->remote, name))
		return;
	mt_model_find(q->model, q->mta, "QM-IGNORED",
		      qm_origin(q, &file, file.access == QM_READ, qm_readline(file.bytes)),
		      mt_message(q->arena, "remove the file, and pin with a qmail-remote that "
					   "reads control/outgoingip, or by the route"),
		      "control/%s exists, but this qmail-remote never reads it: it pins nothing",
		      name);
}

/* ---- outgoingip ---- */

static bool family_waits(const struct qmail *q, enum mt_family family)
{
	return q->transport->binding[family].how == MT_HOW_DEFERRED;
}

/* Whose mail waits: everybody's, or that of hosts with this family alone. */
static const char *who_waits(const struct qmail *q, enum mt_family family)
{
	enum mt_how other = q->transport->binding[family == MT_V4 ? MT_V6 : MT_V4].how;
	if (family == MT_V6)
		return qm_remote_reads(&q->remote, "domainips") ? "mail to hosts with IPv6"
								: "mail to hosts with IPv6 alone";
	return other == MT_HOW_ADDRESS || other == MT_HOW_KERNEL ? "mail to hosts with IPv4 alone"
								 : "all remote mail";
}

static void lint_deferred(struct qmail *q, enum mt_family family)
{
	const struct mt_binding *binding = &q->transport->binding[family];
	bool both = family_waits(q, MT_V4) && family_waits(q, MT_V6);
	bool indimail = q->remote.family == QM_INDIMAIL && !both;
	if (!family_waits(q, family) || (both && family == MT_V6))
		return;
	mt_model_find(q->model, q->mta, indimail ? "QM-OTHER-FAMILY" : "QM-DEFERRED",
		      binding->origin, NULL, "%pM waits in the queue: %s: %s",
		      mt_phrase(q->arena, both ? "all remote mail" : who_waits(q, family)),
		      base_name(binding->origin->file), binding->note);
}

/* A secondary address that qmail's list of interfaces leaves out. */
static void lint_label(struct qmail *q)
{
	struct mt_addr addr = q->pin[MT_V4].addr;
	if (!in_effect(q, MT_V4) || !qm_remote_checks(&q->remote) || !addr.set)
		return;
	const struct mt_ifaddr *at = mt_host_addr(q->host, addr);
	if (!at || qm_is_listed(q->host, addr))
		return;
	/* With a label: it cannot be given to one that is there. */
	const char *net = mt_format(q->arena, "%s/%u", addr_text(q, at->addr), at->bits);
	struct mt_recipe *gone =
		mt_recipe(q->arena, "ip", "addr", "del", net, "dev", at->iface, NULL);
	gone->next = mt_recipe(q->arena, "ip", "addr", "add", net, "dev", at->iface, "label",
			       mt_format(q->arena, "%s:1", at->iface), NULL);
	mt_model_find(q->model, q->mta, "QM-NO-LABEL", qm_origin_pin(q, MT_V4), NULL,
		      "%s has no label of its own on %s, and this build refuses it",
		      addr_text(q, addr), at->iface)
		->command = gone;
}

static void lint_binds(struct qmail *q, const struct qm_pin *pin, const struct mt_origin *at,
		       const char *name)
{
	const struct mt_binding *binding = v4(q);
	if (pin->over_255)
		mt_model_find(q->model, q->mta, "QM-OCTET-WRAP", at, NULL, "%s binds %s: %s", name,
			      addr_text(q, pin->addr), pin->junk);
	else if (pin->junk && !pin->cr)
		mt_model_find(q->model, q->mta, "QM-PIN-JUNK", at, NULL, "%s binds %s: %s", name,
			      addr_text(q, pin->addr), pin->junk);
	else if (binding->how == MT_HOW_KERNEL && !mt_addr_is_any(pin->addr) &&
		 pin->addr.family == MT_V4)
		mt_model_find(q->model, q->mta, "QM-PIN-JUNK", at, NULL,
			      "%s names %s, which is no address to send from: the kernel chooses",
			      name, addr_text(q, pin->addr));
}

static void lint_pin(struct qmail *q, enum mt_family family)
{
	const struct qm_pin *pin = &q->pin[family];
	const struct qm_file *file = &q->pin_file[family];
	const char *name = mt_format(q->arena, "control/%s", pin_names[family]);
	const struct mt_origin *at = qm_origin_pin(q, family);
	if (!qm_remote_known(&q->remote) || file->access == QM_ABSENT)
		return;
	if (pin->crash)
		mt_model_find(q->model, q->mta, "QM-CRASH", at, NULL,
			      "%s holds no newline: qmail-remote of IndiMail dies on it", name);
	else if (pin->no_final_lf && pin->verdict == QM_BINDS)
		mt_model_find(q->model, q->mta, "QM-NO-FINAL-LF", at, NULL,
			      "%s does not end with a newline", name);
	if (pin->verdict == QM_NOTHING && pin->junk)
		mt_model_find(q->model, q->mta, "QM-PIN-JUNK", at, NULL, "%s pins nothing: %s",
			      name, pin->junk);
	if (pin->verdict != QM_BINDS || !in_effect(q, family))
		return;
	lint_binds(q, pin, at, name);
	if (pin->sometimes)
		mt_model_find(q->model, q->mta, "QM-DRAWN", at, NULL,
			      "one of %u lines of %s is drawn for each delivery: %pM", pin->lines,
			      name, mt_phrase(q->arena, pin->sometimes));
	if (family == MT_V4) {
		const struct mt_source *usual = mt_host_default_source(q->host, MT_V4);
		if (v4(q)->how == MT_HOW_ADDRESS && q->transport->kind == MT_KIND_INTERNET &&
		    mt_addr_is_private(pin->addr) && usual->reachable && usual->source.set &&
		    !mt_addr_is_private(usual->source))
			mt_model_find(q->model, q->mta, "QM-PIN-PRIVATE", at, NULL,
				      "%s is a private address, and the default route's %s is a "
				      "public one",
				      addr_text(q, pin->addr), addr_text(q, usual->source));
	}
}

/* ---- other lines that decide ---- */

/* How many of the transport's bindings this file decides: as show lists them, of IPv6 where it decides none of IPv4. */
static unsigned count_bindings(const struct qmail *q, const char *file,
			       const struct mt_binding **first)
{
	unsigned n = 0;
	for (enum mt_family f = MT_V4; !n && f < MT_FAMILIES; f++)
		for (const struct mt_binding *b = q->transport->conditional[f]; b; b = b->next)
			if (b->origin && strcmp(b->origin->file, file) == 0 && !n++)
				*first = b;
	return n;
}

static void lint_other(struct qmail *q, const char *name)
{
	const struct mt_binding *first = NULL;
	struct qm_map map;
	struct qm_choice unread;
	if (qm_map_open(q, name, &map, &unread) <= 0)
		return;
	const struct mt_origin *by = v4(q)->origin;
	if (by && strcmp(by->file, map.file.path) == 0 && q->pin_file[MT_V4].access != QM_ABSENT) {
		mt_model_find(q->model, q->mta, "QM-OTHER-PIN", by, NULL,
			      "control/%s decides before control/outgoingip, for all mail", name);
		return;
	}
	unsigned n = count_bindings(q, map.file.path, &first);
	if (!n)
		return;
	const struct mt_condition *own = first->when; /* of this file; before it what led there */
	while (own->next)
		own = own->next;
	mt_model_find(q->model, q->mta, "QM-OTHER-PIN", first->origin, NULL,
		      n == 1 ? "control/%s decides for %s: mtapin show --to and --from tell"
			     : "control/%s decides for %s and %u more: mtapin show --to and --from "
			       "tell",
		      name, own->value, n - 1);
}

/* The first route that ends on this host while the source is a public one. */
static void lint_loopback(struct qmail *q)
{
	struct qm_entries entries = {.rest = q->smtproutes.bytes};
	struct qm_route route;
	if (v4(q)->how != MT_HOW_ADDRESS || mt_addr_is_loopback(v4(q)->source))
		return;
	while (qm_route_next(&entries, &route)) {
		if (!qm_is_here(q, &route) || mt_addr_eq(route.addr, v4(q)->source))
			continue;
		mt_model_find(q->model, q->mta, "QM-LOOPBACK-SOURCE",
			      qm_origin(q, &q->smtproutes, route.number, route.host), NULL,
			      "mail routed to this host arrives there from %s: a relay that allows "
			      "only 127.0.0.1 refuses it",
			      addr_text(q, v4(q)->source));
		return;
	}
}

/* ---- all files ---- */

/* Files written on another system: the carriage return belongs to the value. */
static void lint_cr(struct qmail *q, const char *name)
{
	struct qm_file file = control_file(q, name);
	struct mt_str rest = file.bytes, line;
	if (qm_remote_known(&q->remote) && !qm_remote_reads(&q->remote, name) &&
	    strcmp(name, "me") != 0)
		return;
	for (unsigned n = 1; mt_str_line(&rest, &line); n++) {
		if (!line.n || !memchr(line.p, '\r', line.n))
			continue;
		mt_model_find(
			q->model, q->mta, "QM-CR", qm_origin(q, &file, n, qm_readline(line)), NULL,
			"control/%s holds a carriage return, which belongs to what is read", name)
			->command = mt_recipe(q->arena, "sed", "-i", "s/\\r$//", file.path, NULL);
		return;
	}
}

static bool is_backup(struct mt_str name)
{
	static const char *const ends[] = {"~",	    ".bak",	 ".orig",    ".old",   ".save",
					   ".new",  ".tmp",	 ".rpmsave", ".swp",   ".backup",
					   ".copy", ".dpkg-old", ".rpmorig", ".rpmnew"};
	for (size_t i = 0; i < MT_ARRAY_LEN(ends); i++) {
		size_t n = strlen(ends[i]);
		if (name.n > n && memcmp(name.p + name.n - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

static void lint_backups(struct qmail *q)
{
	struct mt_str rest = mt_snapshot_probe(q->model->snapshot, "qmail.names")->bytes, name;
	while (mt_str_line(&rest, &name)) {
		if (!is_backup(name))
			continue;
		mt_model_find(q->model, q->mta, "QM-BACKUP-FILE",
			      mt_origin(q->arena,
					mt_format(q->arena, "%s/%.*s", q->place.control,
						  MT_STR_FMT(name)),
					0, "", NULL),
			      mt_message(q->arena, "move it to a folder of its own"),
			      q->remote.family == QM_INDIMAIL && mt_str_starts(name, "outgoingip.")
				      ? "%.*s lies among the control files, where IndiMail takes "
					"it for the pin of one host"
				      : "%.*s lies among the control files",
			      MT_STR_FMT(name));
		return;
	}
}

void qm_lint(struct qmail *q)
{
	static const char *const all[] = {"me",		"helohost",	  "smtproutes",
					  "outgoingip", "outgoingip6",	  "outgoingips",
					  "bindroutes", "domainbindings", "domainips"};
	lint_deferred(q, MT_V4);
	lint_deferred(q, MT_V6);
	lint_ignored(q, "outgoingip");
	lint_ignored(q, "outgoingip6");
	for (const char *const *name = qm_other_pins; *name; name++)
		lint_ignored(q, *name);
	if (v4(q)->how == MT_HOW_UNKNOWN)
		mt_model_find(q->model, q->mta, "QM-SUPPORT-UNKNOWN", NULL, NULL,
			      "from where qmail-remote sends could not be found out: %s",
			      v4(q)->note);
	if (q->place.wrappers)
		mt_model_find(q->model, q->mta, "QM-WRAPPER", NULL, NULL,
			      "%s is not what delivers: it starts %s", q->place.wrappers[0],
			      q->place.program);
	lint_label(q);
	lint_pin(q, MT_V4);
	lint_pin(q, MT_V6);
	for (const char *const *name = qm_other_pins; *name; name++)
		lint_other(q, *name);
	size_t at = 0;
	for (const char *path; (path = qm_per_host(q, &at));)
		mt_model_find(q->model, q->mta, "QM-OTHER-PIN",
			      mt_origin(q->arena, path, 0, "", NULL), NULL,
			      "%s may decide for one destination: mtapin show --to tells",
			      base_name(path));
	if (q->transport->kind != MT_KIND_LOOPBACK)
		mt_model_find_leak(q->model, q->mta, q->transport, NULL);
	lint_loopback(q);
	for (size_t i = 0; i < MT_ARRAY_LEN(all); i++)
		lint_cr(q, all[i]);
	qm_lint_name(q);
	lint_backups(q);
	qm_lint_shared(q);
}
