/* SPDX-License-Identifier: ISC */
/* model.c: what every backend's model has in common: findings, reasons, connections seen. */
#include <mtapin/backend.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/check.h"
#include "core/host_findings.h"
#include "core/snapshot.h"

static const char *name_of(const char *const *names, size_t count, unsigned value)
{
	return value < count ? names[value] : "unknown";
}

const char *mt_kind_name(enum mt_kind kind)
{
	static const char *const names[] = {"internet", "relayhost", "loopback",
					    "local",	"unused",    "unknown"};
	return name_of(names, MT_ARRAY_LEN(names), kind);
}

const char *mt_how_name(enum mt_how how)
{
	static const char *const names[] = {"address", "kernel", "deferred",
					    "off",     "broken", "unknown"};
	return name_of(names, MT_ARRAY_LEN(names), how);
}

const char *mt_sure_name(enum mt_sure sure)
{
	static const char *const names[] = {"yes", "assumed", "no"};
	return name_of(names, MT_ARRAY_LEN(names), sure);
}

const char *mt_severity_name(enum mt_severity severity)
{
	static const char *const names[] = {"note", "warning", "error"};
	return name_of(names, MT_ARRAY_LEN(names), severity);
}

const char *mt_state_name(enum mt_state state)
{
	static const char *const names[] = {"unknown", "stopped", "running"};
	return name_of(names, MT_ARRAY_LEN(names), state);
}

struct mt_because *mt_because(struct mt_arena *arena, const char *file, unsigned line,
			      const char *text, struct mt_because *next)
{
	struct mt_because *because = MT_NEW(arena, struct mt_because);
	*because = (struct mt_because){file, line, text, next};
	return because;
}

static const struct mt_finding_row *row_in(const struct mt_finding_row *rows, const char *id)
{
	for (; rows && rows->id; rows++)
		if (strcmp(rows->id, id) == 0)
			return rows;
	return NULL;
}

const struct mt_finding_row *mt_finding_row(const struct mt_backend *const *backends,
					    const char *id)
{
	const struct mt_finding_row *row = row_in(mt_host_findings, id);
	if (!row)
		row = row_in(mt_check_findings, id);
	for (; !row && backends && *backends; backends++)
		row = row_in((*backends)->findings, id);
	return row;
}

/* Errors first; within a severity in the order in which they were found. */
static void insert(struct mt_model *model, struct mt_finding *finding)
{
	struct mt_finding **at = &model->findings;
	for (int severity = MT_ERROR; severity >= (int)finding->severity; severity--)
		if (model->last[severity])
			at = &model->last[severity]->next;
	finding->next = *at;
	*at = finding;
	model->last[finding->severity] = finding;
}

void mt_finding_raise(struct mt_model *model, struct mt_finding *finding, enum mt_severity severity)
{
	struct mt_finding **at = &model->findings, *before = NULL;
	if (finding->severity >= severity)
		return;
	for (; *at != finding; at = &(*at)->next)
		before = *at;
	*at = finding->next;
	if (model->last[finding->severity] == finding)
		model->last[finding->severity] =
			before && before->severity == finding->severity ? before : NULL;
	finding->severity = severity;
	insert(model, finding);
}

struct mt_finding *mt_model_find(struct mt_model *model, const struct mt_mta *mta, const char *id,
				 const struct mt_because *where, const char *deed, const char *fmt,
				 ...)
{
	const struct mt_finding_row *row = mt_finding_row(model->backends, id);
	char message[1024];
	va_list args;
	if (!row)
		abort();
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	struct mt_finding *finding = MT_NEW(model->arena, struct mt_finding);
	*finding = (struct mt_finding){.id = row->id,
				       .severity = row->severity,
				       .where = where,
				       .message = mt_strdup(model->arena, message),
				       .deed = deed ? mt_strdup(model->arena, deed) : "",
				       .mta = mta};
	insert(model, finding);
	return finding;
}

const char *mt_mta_word(struct mt_arena *arena, const struct mt_mta *mta)
{
	return mt_format(arena, "%s:%s", mta->backend->name, mta->instance);
}

const char *mt_finding_fix(struct mt_arena *arena, const struct mt_finding *finding)
{
	return finding->command ? mt_recipe_text(arena, finding->command) : finding->deed;
}

static bool is_like(const struct mt_path *a, const struct mt_path *b)
{
	return (a->kind == MT_KIND_LOOPBACK) == (b->kind == MT_KIND_LOOPBACK) &&
	       strcmp(a->name, b->name) == 0;
}

const struct mt_path *mt_path_like(const struct mt_mta *mta, const struct mt_path *like,
				   const struct mt_path **from)
{
	const struct mt_path *start = *from ? *from : mta->paths, *path = start;
	while (path && !is_like(path, like))
		path = path->next;
	for (const struct mt_path *p = mta->paths; !path && p != start; p = p->next)
		if (is_like(p, like))
			path = p;
	if (path)
		*from = path;
	return path;
}

unsigned mt_listener_count(const struct mt_listener *list)
{
	unsigned n = 0;
	for (; list; list = list->next)
		n++;
	return n;
}

bool mt_model_worst(const struct mt_model *model, enum mt_severity *worst)
{
	if (model->findings)
		*worst = model->findings->severity;
	return model->findings != NULL;
}

void mt_mta_domain(struct mt_model *model, struct mt_mta *mta, struct mt_str name)
{
	size_t count = 0;
	if (!mt_is_fqdn(name))
		return;
	for (const char *const *d = mta->domains; d && *d; d++, count++)
		if (mt_str_same(mt_str_of(*d), name))
			return;
	if (count < MT_DOMAINS_MAX)
		mt_list_add(model->arena, &mta->domains, mt_strz(model->arena, name));
}

/* ---- connections seen ---- */

static const struct mt_mta *owner_of(const struct mt_model *model, const struct mt_socket *socket)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		if (mta->uid >= 0 && mta->uid == socket->uid && !mta->other_netns)
			return mta;
	return NULL;
}

bool mt_socket_is_mail(const struct mt_socket *socket)
{
	unsigned port = socket->remote_port;
	return !socket->listening && (port == 25 || port == 465 || port == 587) &&
	       !mt_addr_is_loopback(socket->remote);
}

static void count(struct mt_model *model, const struct mt_socket *socket)
{
	bool ours = !socket->time_wait && owner_of(model, socket);
	struct mt_observed **at = &model->observed;
	for (; *at; at = &(*at)->next) {
		struct mt_observed *seen = *at;
		if (mt_addr_eq(seen->source, socket->local) && seen->port == socket->remote_port &&
		    seen->ours == ours) {
			seen->connections++;
			return;
		}
	}
	*at = MT_NEW(model->arena, struct mt_observed);
	**at = (struct mt_observed){socket->local, socket->remote_port, 1, ours, NULL};
}

static void observe(struct mt_model *model)
{
	const struct mt_host *host = model->snapshot->facts;
	for (size_t i = 0; i < host->socket_count; i++)
		if (mt_socket_is_mail(&host->socket[i]))
			count(model, &host->socket[i]);
}

/* Does some path of some MTA here explain a connection from this address? Not knowing counts as yes. */
static bool explained(const struct mt_model *model, struct mt_addr source)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		for (const struct mt_path *path = mta->paths; path; path = path->next) {
			const struct mt_way *way = &path->way[source.family];
			if (way->how == MT_HOW_UNKNOWN || way->sure == MT_SURE_NO ||
			    (way->how == MT_HOW_KERNEL && !way->source.set))
				return true;
			if (mt_addr_eq(way->source, source))
				return true;
		}
	return false;
}

/* Long enough for every idle delivery process of before an edit to be gone: 100 s of max_idle and a margin. */
#define SETTLED 160

static const struct mt_mta *settled_mta(const struct mt_model *model)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		if (model->snapshot->time - mta->changed < SETTLED)
			return NULL;
	return model->mtas;
}

static void observed_differs(struct mt_model *model)
{
	const struct mt_mta *mta = settled_mta(model);
	char text[MT_ADDR_TEXT];
	for (const struct mt_observed *seen = model->observed; mta && seen; seen = seen->next)
		if (seen->ours && mta->backend->observed_differs && !explained(model, seen->source))
			mt_model_find(model, mta, mta->backend->observed_differs, NULL, NULL,
				      "%u connection%s to port %u leave%s from %s, which no path "
				      "of the configuration uses",
				      seen->connections, seen->connections == 1 ? "" : "s",
				      seen->port, seen->connections == 1 ? "s" : "",
				      mt_addr_text(seen->source, text));
}

struct mt_model *mt_examine(const struct mt_snapshot *snapshot,
			    const struct mt_backend *const *backends)
{
	struct mt_model *model = MT_NEW(snapshot->arena, struct mt_model);
	*model = (struct mt_model){
		.arena = snapshot->arena, .snapshot = snapshot, .backends = backends};
	for (const struct mt_backend *const *b = backends; *b; b++)
		if ((*b)->detect)
			(*b)->detect(model, *b);
	for (struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		mta->backend->examine(model, mta);
	observe(model);
	observed_differs(model);
	mt_host_examine(model);
	return model;
}
