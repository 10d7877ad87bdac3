/* SPDX-License-Identifier: ISC */
/* model.c: what every backend's model has in common: findings, reasons, connections seen. */
#include <mtapin/backend.h>

#include <stdlib.h>
#include <string.h>

#include "core/model/host_findings.h"
#include "core/host/snapshot.h"

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
	static const char *const names[] = {"address", "kernel",  "deferred", "off",
					    "broken",  "unknown", "computed"};
	return name_of(names, MT_ARRAY_LEN(names), how);
}

const char *mt_confidence_name(enum mt_confidence confidence)
{
	static const char *const names[] = {"yes", "assumed", "no"};
	return name_of(names, MT_ARRAY_LEN(names), confidence);
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

struct mt_origin *mt_origin(struct mt_arena *arena, const char *file, unsigned line,
			    const char *text, struct mt_origin *next)
{
	struct mt_origin *origin = MT_NEW(arena, struct mt_origin);
	*origin = (struct mt_origin){.file = file, .line = line, .text = text, .next = next};
	return origin;
}

static const struct mt_finding_row *row_in(const struct mt_finding_row *rows, const char *id)
{
	for (; rows && rows->id; rows++)
		if (strcmp(rows->id, id) == 0)
			return rows;
	return NULL;
}

/* *domain: the backend that has it; NULL: the core. */
static const struct mt_finding_row *finding_row_of(const struct mt_backend *const *backends,
						   const char *id, const char **domain)
{
	const struct mt_finding_row *row = row_in(mt_core_findings, id);
	*domain = NULL;
	for (; !row && backends && *backends; backends++) {
		row = row_in((*backends)->findings, id);
		*domain = (*backends)->name;
	}
	return row;
}

const struct mt_finding_row *mt_finding_row(const struct mt_backend *const *backends,
					    const char *id)
{
	const char *domain;
	return finding_row_of(backends, id, &domain);
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

void mt_model_find_leak(struct mt_model *model, const struct mt_mta *mta,
			const struct mt_transport *transport, const struct mt_origin *where)
{
	const struct mt_families *rule = mt_families(mta, NULL);
	const struct mt_binding *six = &transport->binding[MT_V6];
	if (rule->other != MT_OTHER_LEAKS || !rule->leaks ||
	    transport->binding[MT_V4].how != MT_HOW_ADDRESS || six->how != MT_HOW_KERNEL ||
	    !six->source.set)
		return;
	const char *source = mt_addr_format(model->arena, six->source);
	if (mta->transports->next)
		mt_model_find(model, mta, rule->leaks, where, NULL,
			      "mail by %s to hosts with IPv6 leaves from %s, which nothing pins",
			      transport->name, source);
	else
		mt_model_find(model, mta, rule->leaks, where, NULL,
			      "mail to hosts with IPv6 leaves from %s, which nothing pins", source);
}

struct mt_finding *mt_model_find(struct mt_model *model, const struct mt_mta *mta, const char *id,
				 const struct mt_origin *where, struct mt_message *deed,
				 const char *fmt, ...)
{
	const char *domain = NULL;
	const struct mt_finding_row *row = finding_row_of(model->backends, id, &domain);
	va_list args;
	if (!row)
		abort();
	va_start(args, fmt);
	struct mt_message *message = mt_vmessage(model->arena, fmt, args);
	va_end(args);
	message->domain = domain;
	if (deed)
		deed->domain = domain;
	struct mt_finding *finding = MT_NEW(model->arena, struct mt_finding);
	*finding = (struct mt_finding){.id = row->id,
				       .severity = row->severity,
				       .where = where,
				       .message = message,
				       .deed = deed,
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
	return finding->command ? mt_recipe_text(arena, finding->command)
				: mt_message_english(arena, finding->deed);
}

static bool is_like(const struct mt_transport *a, const struct mt_transport *b)
{
	return (a->kind == MT_KIND_LOOPBACK) == (b->kind == MT_KIND_LOOPBACK) &&
	       strcmp(a->name, b->name) == 0;
}

const struct mt_transport *mt_transport_like(const struct mt_mta *mta,
					     const struct mt_transport *like,
					     const struct mt_transport **from)
{
	const struct mt_transport *start = *from ? *from : mta->transports, *transport = start;
	while (transport && !is_like(transport, like))
		transport = transport->next;
	for (const struct mt_transport *p = mta->transports; !transport && p != start; p = p->next)
		if (is_like(p, like))
			transport = p;
	if (transport)
		*from = transport;
	return transport;
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

static void count_connection(struct mt_model *model, const struct mt_socket *socket)
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

static bool explains(const struct mt_binding *binding, struct mt_addr source)
{
	return binding->how == MT_HOW_UNKNOWN || binding->how == MT_HOW_COMPUTED ||
	       binding->confidence == MT_CONFIDENCE_NO ||
	       (binding->how == MT_HOW_KERNEL && !binding->source.set) ||
	       mt_binding_uses(binding, source);
}

/* Does some transport of some MTA here explain a connection from this address? Not knowing counts as yes. */
static bool explained(const struct mt_model *model, struct mt_addr source)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		for (const struct mt_transport *transport = mta->transports; transport;
		     transport = transport->next) {
			if (explains(&transport->binding[source.family], source))
				return true;
			for (const struct mt_binding *w = transport->conditional[source.family]; w;
			     w = w->next)
				if (explains(w, source))
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
			mt_model_find(
				model, mta, mta->backend->observed_differs, NULL, NULL, "%pM",
				mt_message_n(
					model->arena, seen->connections,
					"%u connection to port %u leaves from %s, which no path "
					"of the configuration uses",
					"%u connections to port %u leave from %s, which no path "
					"of the configuration uses",
					seen->connections, seen->port,
					mt_addr_text(seen->source, text)));
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
	const struct mt_host *host = model->snapshot->facts;
	for (size_t i = 0; i < host->socket_count; i++)
		if (mt_socket_is_mail(&host->socket[i]))
			count_connection(model, &host->socket[i]);
	observed_differs(model);
	mt_host_examine(model);
	return model;
}
