/* SPDX-License-Identifier: ISC */
/* lint.c: findings about a qmail. Each says one thing in plain words, where, and what to do. */
#include "qmail.h"

#include <string.h>

static const char *text_of(const struct qmail *q, struct mt_addr addr)
{
	return mt_addr_format(q->arena, addr);
}

static const struct mt_way *v4(const struct qmail *q)
{
	return &q->path->way[MT_V4];
}

/* Is outgoingip what decides, and known. */
static bool in_effect(const struct qmail *q)
{
	return q->outgoingip.access == QM_READ && q->remote.seen == QM_PLAIN &&
	       qm_remote_reads(&q->remote, "outgoingip") && !qm_remote_reads_other(&q->remote);
}

/* ---- files that decide nothing ---- */

static void lint_ignored(struct qmail *q, const char *name)
{
	struct qm_file file = qm_file(q->model->snapshot, name);
	bool there = file.access == QM_READ || file.access == QM_ERROR;
	if (!there || q->remote.seen != QM_PLAIN || qm_remote_reads(&q->remote, name))
		return;
	mt_model_find(q->model, q->mta, "QM-IGNORED",
		      qm_because(q, &file, file.access == QM_READ, qm_readline(file.bytes)),
		      "remove the file, and pin with a qmail-remote that reads control/outgoingip, "
		      "or by the route",
		      "control/%s exists, but this qmail-remote never reads it: it pins nothing",
		      name);
}

static void lint_unknown(struct qmail *q)
{
	if (v4(q)->how == MT_HOW_UNKNOWN)
		mt_model_find(q->model, q->mta, "QM-SUPPORT-UNKNOWN", NULL, NULL,
			      "from where qmail-remote sends could not be found out: %s",
			      v4(q)->note);
}

/* ---- outgoingip ---- */

static void lint_deferred(struct qmail *q)
{
	const struct mt_way *way = v4(q);
	if (way->how == MT_HOW_DEFERRED)
		mt_model_find(q->model, q->mta, "QM-DEFERRED", way->because, NULL,
			      "all remote mail waits in the queue: %s: %s",
			      strrchr(way->because->file, '/') + 1, way->note);
}

static void lint_pin(struct qmail *q)
{
	if (!in_effect(q) || !q->pin.addr.set)
		return;
	if (q->pin.junk)
		mt_model_find(q->model, q->mta, "QM-PIN-JUNK", qm_because_pin(q), NULL,
			      "control/outgoingip binds %s: %s", text_of(q, q->pin.addr),
			      q->pin.junk);
	else if (q->pins_nothing)
		mt_model_find(q->model, q->mta, "QM-PIN-JUNK", qm_because_pin(q), NULL,
			      "control/outgoingip names %s, which is no address to send from: the "
			      "kernel chooses",
			      text_of(q, q->pin.addr));
	if (q->pin.no_final_lf)
		mt_model_find(q->model, q->mta, "QM-NO-FINAL-LF", qm_because_pin(q), NULL,
			      "control/outgoingip does not end with a newline");
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
			      qm_because(q, &q->smtproutes, route.number, route.host), NULL,
			      "mail routed to this host arrives there from %s: a relay that allows "
			      "only 127.0.0.1 refuses it",
			      text_of(q, v4(q)->source));
		return;
	}
}

/* ---- the name ---- */

static bool is_host_name(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++) {
		char c = *name | 32;
		if ((c < 'a' || c > 'z') && (*name < '0' || *name > '9') && *name != '-' &&
		    *name != '.')
			return false;
	}
	return true;
}

static void lint_helo(struct qmail *q)
{
	const struct qm_file *file = q->helohost.access == QM_ABSENT ? &q->me : &q->helohost;
	const struct mt_way *way = v4(q);
	if (file->access != QM_READ)
		return;
	if (!is_host_name(q->path->helo))
		mt_model_find(q->model, q->mta, "QM-HELO-BAD",
			      qm_because(q, file, 1, qm_readline(file->bytes)), NULL,
			      "qmail-remote says this line in HELO as it stands, and it is no name "
			      "of a host");
	else if (way->how == MT_HOW_ADDRESS && q->path->kind == MT_KIND_INTERNET)
		mt_model_find(q->model, q->mta, "QM-HELO-PIN", NULL, NULL,
			      "qmail-remote says HELO %s from %s: the reverse DNS of that address "
			      "should be this name",
			      q->path->helo, text_of(q, way->source));
}

void qm_lint(struct qmail *q)
{
	lint_deferred(q);
	lint_ignored(q, "outgoingip");
	for (const char *const *name = qm_other_pins; *name; name++)
		lint_ignored(q, *name);
	lint_unknown(q);
	lint_pin(q);
	lint_loopback(q);
	lint_helo(q);
}
