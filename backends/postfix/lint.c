/* SPDX-License-Identifier: ISC */
/* lint.c: findings about an instance. Each says one thing in plain words, where, and what to do. */
#include "lint.h"

#include "boot_order.h"

#include <string.h>

static const char *addr_text(const struct pf_instance *instance, struct mt_addr addr)
{
	return mt_addr_format(instance->model->arena, addr);
}

static const struct mt_origin *origin(const struct pf_instance *instance, const char *name)
{
	return pf_origin(instance, &instance->scope, name);
}

/* ---- broken ---- */

static void lint_broken(struct pf_instance *instance)
{
	if (!instance->broken) {
		if (instance->protocols.family[MT_V4] || instance->protocols.family[MT_V6])
			return;
		mt_model_find(instance->model, instance->mta, "PF-BROKEN",
			      origin(instance, "inet_protocols"), NULL,
			      "inet_protocols names no family: nothing is sent and nothing is "
			      "listened on");
		return;
	}
	bool conflict =
		instance->own.wrong_family && !instance->maincf.error && !instance->protocols.fatal;
	bool master = instance->broken == instance->mastercf.error;
	mt_model_find(
		instance->model, instance->mta, conflict ? "PF-PROTO-CONFLICT" : "PF-BROKEN",
		instance->broken_at, NULL,
		master ? "%s: running services go on, but Postfix can neither reload nor restart"
		       : "%s: every program of Postfix dies: mail is refused, the queue stands "
			 "still",
		instance->broken);
}

/* ---- pins by smtp_bind_address ---- */

struct said {
	const char *const *names; /* parameters of main.cf that a finding was made of */
};

static void lint_fatal_client(struct pf_instance *instance, const struct pf_client *client)
{
	struct mt_str name = mt_str_of(client->fatal_name ? client->fatal_name : "");
	bool bind = mt_str_is(name, client->bind_name[MT_V4]) ||
		    mt_str_is(name, client->bind_name[MT_V6]);
	bool conflict = client->own.wrong_family && mt_str_is(name, "inet_interfaces");
	bool disabled = mt_str_is(name, "master_service_disable");
	if (disabled && client->transport->kind == MT_KIND_UNUSED)
		return;
	mt_model_find(instance->model, instance->mta,
		      bind	 ? "PF-BIND-UNUSABLE"
		      : conflict ? "PF-PROTO-CONFLICT"
				 : "PF-BROKEN",
		      client->fatal_at, NULL,
		      disabled ? "%.*s: %s; all its mail waits"
			       : "%.*s: %s; the service dies and all its mail waits",
		      MT_STR_FMT(client->service->name), client->fatal);
}

static void lint_bad_bind(struct pf_instance *instance, const struct pf_client *client,
			  enum mt_family family)
{
	mt_model_find(instance->model, instance->mta, "PF-BIND-UNUSABLE",
		      pf_origin(instance, &client->scope, client->bind_name[family]), NULL,
		      "%.*s: %s; the service dies at its first connection over %s, and from then "
		      "on all its mail waits",
		      MT_STR_FMT(client->service->name), client->bad_bind[family],
		      mt_family_name(family));
}

static void lint_bind(struct pf_instance *instance, const struct pf_client *client,
		      enum mt_family family)
{
	struct mt_addr addr = client->bind_addr[family];
	const struct mt_host *host = instance->model->snapshot->facts;
	const char *name = client->bind_name[family];
	const struct mt_origin *where = pf_origin(instance, &client->scope, name);
	if (!addr.set || mt_addr_is_any(addr) || !client->protocols.family[family])
		return;
	const char *why = pf_cannot_bind(host, client, family);
	if (why == pf_absent)
		mt_model_find(
			instance->model, instance->mta, "PF-PIN-ABSENT", where, NULL,
			client->enforce ? "%s is pinned by %s but is %pM: mail is deferred"
					: "%s is pinned by %s but is %pM: mail leaves from the "
					  "kernel's choice instead",
			addr_text(instance, addr), name, mt_phrase(instance->model->arena, why));
	else if (why)
		mt_model_find(instance->model, instance->mta, "PF-BIND-UNUSABLE", where, NULL,
			      client->enforce ? "%s cannot be bound by %s (%pM): mail is deferred"
					      : "%s cannot be bound by %s (%pM): mail leaves from "
						"the kernel's choice instead",
			      addr_text(instance, addr), name,
			      mt_phrase(instance->model->arena, why));
}

/* One finding for a line of main.cf, however many services see it. */
static bool bind_said_before(struct said *said, const struct pf_client *client, const char *name)
{
	if (!name || pf_raw(&client->scope, mt_str_of(name)).from == 'o')
		return false;
	if (mt_list_has(said->names, name))
		return true;
	mt_list_add(client->scope.arena, &said->names, name);
	return false;
}

/* Bound, and to no avail. */
static void lint_dead_end(struct pf_instance *instance, const struct pf_client *client,
			  enum mt_family family)
{
	struct mt_addr addr = client->bind_addr[family];
	const char *what = mt_addr_is_loopback(addr) ? "loopback" : "an IPv4 address";
	if ((mt_addr_is_loopback(addr) || mt_addr_is_mapped(addr)) &&
	    client->protocols.family[family] && client->transport->kind == MT_KIND_INTERNET &&
	    !pf_cannot_bind(instance->model->snapshot->facts, client, family))
		mt_model_find(instance->model, instance->mta, "PF-BIND-UNUSABLE",
			      pf_origin(instance, &client->scope, client->bind_name[family]), NULL,
			      "%.*s is bound to %pM by %s: no other host can be reached, mail "
			      "is deferred",
			      MT_STR_FMT(client->service->name),
			      mt_phrase(instance->model->arena, what), client->bind_name[family]);
}

static void lint_clients(struct pf_instance *instance)
{
	struct said said = {NULL};
	for (const struct pf_client *client = instance->clients; client; client = client->next) {
		if (client->fatal && !bind_said_before(&said, client, client->fatal_name))
			lint_fatal_client(instance, client);
		for (int f = 0; f < MT_FAMILIES && !client->fatal; f++)
			if (client->bad_bind[f] &&
			    !bind_said_before(&said, client, client->bind_name[f]))
				lint_bad_bind(instance, client, (enum mt_family)f);
			else if (client->bind_addr[f].set && !client->bad_bind[f] &&
				 !bind_said_before(&said, client, client->bind_name[f])) {
				lint_bind(instance, client, (enum mt_family)f);
				lint_dead_end(instance, client, (enum mt_family)f);
			}
	}
}

/* ---- pins by inet_interfaces ---- */

static bool decides_anywhere(const struct pf_instance *instance, enum mt_family family)
{
	for (const struct mt_transport *transport = instance->mta->transports; transport;
	     transport = transport->next)
		if (transport->kind == MT_KIND_INTERNET &&
		    transport->binding[family].how == MT_HOW_KERNEL)
			return true;
	return false;
}

static void lint_lost(struct pf_instance *instance)
{
	const struct pf_own *own = &instance->own;
	for (int f = 0; f < MT_FAMILIES; f++) {
		struct mt_addr pinned = {0};
		for (size_t i = 0; i < own->count; i++)
			if (own->addr[i].family == (enum mt_family)f &&
			    !mt_addr_is_loopback(own->addr[i]))
				pinned = own->addr[i];
		if (!pinned.set || pf_own_count(own, (enum mt_family)f) < 2 ||
		    !decides_anywhere(instance, (enum mt_family)f))
			continue;
		mt_model_find(instance->model, instance->mta, "PF-PIN-LOST",
			      origin(instance, "inet_interfaces"), NULL,
			      "inet_interfaces names %zu %s addresses, so none of them is bound: "
			      "mail leaves from "
			      "the kernel's choice",
			      pf_own_count(own, (enum mt_family)f),
			      mt_family_name((enum mt_family)f));
	}
}

static bool has_hostless_smtp(const struct pf_instance *instance)
{
	for (const struct pf_service *s = instance->mastercf.services; s; s = s->next) {
		struct pf_endpoint end = pf_endpoint(s);
		if (pf_listens(instance, s) && !end.host.n && end.port == 25)
			return true;
	}
	return false;
}

bool pf_loopback_closed(const struct pf_instance *instance)
{
	struct mt_addr loopback;
	mt_addr_parse(MT_STR("127.0.0.1"), &loopback);
	return instance->own.count && !instance->own.unsure && has_hostless_smtp(instance) &&
	       instance->protocols.family[MT_V4] && !pf_listens_at(instance, loopback, 25);
}

bool pf_mynetworks_shrunk(const struct pf_instance *instance)
{
	struct mt_addr loopback;
	mt_addr_parse(MT_STR("127.0.0.1"), &loopback);
	return instance->own.count && !instance->own.unsure &&
	       !pf_maincf_get(&instance->maincf, MT_STR("mynetworks")) &&
	       !pf_own_has(&instance->own, loopback);
}

static void lint_interfaces(struct pf_instance *instance)
{
	const struct mt_origin *where = origin(instance, "inet_interfaces");
	lint_lost(instance);
	if (pf_loopback_closed(instance))
		mt_model_find(instance->model, instance->mta, "PF-LOOPBACK-CLOSED", where, NULL,
			      "127.0.0.1:25 is closed: local programs that send through localhost "
			      "are refused");
	if (pf_mynetworks_shrunk(instance))
		mt_model_find(instance->model, instance->mta, "PF-MYNETWORKS-SHRUNK", where, NULL,
			      "mynetworks is computed from inet_interfaces and no longer contains "
			      "127.0.0.0/8");
	if (instance->own.named)
		mt_model_find(instance->model, instance->mta, "PF-DNS-NAME", where, NULL,
			      "inet_interfaces depends on a host name: a DNS change moves or "
			      "removes the pin");
}

/* ---- what the transports show together ---- */

static const struct mt_transport *pinned_transport(const struct mt_mta *mta, enum mt_family family)
{
	for (const struct mt_transport *transport = mta->transports; transport;
	     transport = transport->next)
		if (transport->kind == MT_KIND_INTERNET &&
		    transport->binding[family].how == MT_HOW_ADDRESS)
			return transport;
	return NULL;
}

static void lint_partial(struct pf_instance *instance, const struct mt_transport *transport,
			 const struct mt_transport *pinned, enum mt_family family)
{
	const struct mt_binding *binding = &transport->binding[family];
	bool leak = family == MT_V4 && transport->binding[MT_V6].how == MT_HOW_ADDRESS;
	if (binding->how != MT_HOW_KERNEL || !binding->source.set || (!pinned && !leak))
		return;
	if (!pinned)
		mt_model_find(instance->model, instance->mta, "PF-PIN-PARTIAL",
			      transport->binding[MT_V6].origin, NULL,
			      "%s is pinned for IPv6, but over IPv4 it leaves from %s, which "
			      "nothing pins",
			      transport->name, addr_text(instance, binding->source));
	else
		mt_model_find(instance->model, instance->mta, "PF-PIN-PARTIAL",
			      pinned->binding[family].origin, NULL,
			      "%s is pinned for %s, but %s is not: its mail leaves from %s",
			      pinned->name, mt_family_name(family), transport->name,
			      addr_text(instance, binding->source));
}

static void lint_loopback_source(struct pf_instance *instance, const struct mt_transport *transport)
{
	for (int f = 0; f < MT_FAMILIES; f++) {
		const struct mt_binding *binding = &transport->binding[f];
		if (binding->how == MT_HOW_ADDRESS && !mt_addr_is_loopback(binding->source))
			mt_model_find(instance->model, instance->mta, "PF-LOOPBACK-SOURCE",
				      binding->origin, NULL,
				      "%s reaches %s from %s: a filter that allows only 127.0.0.1 "
				      "refuses it",
				      transport->name, transport->next_hop,
				      addr_text(instance, binding->source));
	}
}

static void lint_transports(struct pf_instance *instance)
{
	const struct mt_transport *v4 = pinned_transport(instance->mta, MT_V4);
	const struct mt_transport *v6 = pinned_transport(instance->mta, MT_V6);
	bool leak = false;
	for (const struct mt_transport *transport = instance->mta->transports; transport;
	     transport = transport->next) {
		if (transport->kind == MT_KIND_LOOPBACK)
			lint_loopback_source(instance, transport);
		if (transport->kind != MT_KIND_INTERNET)
			continue;
		if (!leak)
			mt_model_find_leak(instance->model, instance->mta, transport,
					   transport->binding[MT_V4].origin);
		leak |= transport->binding[MT_V4].how == MT_HOW_ADDRESS &&
			transport->binding[MT_V6].how == MT_HOW_KERNEL &&
			transport->binding[MT_V6].source.set;
		lint_partial(instance, transport, v4, MT_V4);
		if (!leak)
			lint_partial(instance, transport, v6, MT_V6);
	}
}

/* ---- notes ---- */

static const char *const watched[] = {"inet_interfaces",    "inet_protocols", "smtp_bind_address",
				      "smtp_bind_address6", "smtp_helo_name", "myhostname"};

static void lint_file(struct pf_instance *instance)
{
	struct mt_model *model = instance->model;
	unsigned line;
	const struct mt_owner *owner =
		mt_file_owner(instance->maincf.bytes, instance->mta->backend, &line);
	if (owner && !mt_host_owner(model->snapshot->facts, instance->mta->backend))
		mt_model_find(model, instance->mta, "HOST-OWNER",
			      mt_origin(model->arena, instance->main_path, line, "", NULL),
			      mt_phrase(model->arena, owner->knob), "%s writes this main.cf",
			      owner->title);
	for (size_t i = 0; i < MT_ARRAY_LEN(watched); i++) {
		const struct pf_entry *entry =
			pf_maincf_get(&instance->maincf, mt_str_of(watched[i]));
		const struct pf_entry *earlier =
			entry ? pf_maincf_shadowed(&instance->maincf, entry) : NULL;
		if (earlier)
			mt_model_find(
				model, instance->mta, "PF-DUPLICATE",
				mt_origin(model->arena, instance->main_path, earlier->where.line,
					  mt_format(model->arena, "%s = %.*s", watched[i],
						    MT_STR_FMT(earlier->value)),
					  NULL),
				NULL, "%s is set twice; line %u counts, line %u has no effect",
				watched[i], entry->where.line, earlier->where.line);
	}
	if (instance->maincf.no_final_lf)
		mt_model_find(model, instance->mta, "PF-NO-FINAL-LF",
			      mt_origin(model->arena, instance->main_path, 0, "", NULL), NULL,
			      "main.cf does not end with a newline: postconf -e may glue a new "
			      "line to the last one");
	if (instance->mastercf.no_final_lf)
		mt_model_find(model, instance->mta, "PF-NO-FINAL-LF",
			      mt_origin(model->arena, instance->master_path, 0, "", NULL), NULL,
			      "master.cf does not end with a newline: postconf -Me may glue a new "
			      "line to the last one");
}

static void lint_pinned(struct pf_instance *instance)
{
	const struct mt_transport *transport = pinned_transport(instance->mta, MT_V4);
	if (!transport)
		transport = pinned_transport(instance->mta, MT_V6);
	if (!transport)
		return;
	const struct mt_binding *binding =
		&transport
			 ->binding[transport->binding[MT_V4].how == MT_HOW_ADDRESS ? MT_V4 : MT_V6];
	mt_model_find(
		instance->model, instance->mta, "PF-HELO-PIN", NULL, NULL,
		"%s says HELO %s from %s: the reverse DNS of that address should be this name",
		transport->name, transport->helo, addr_text(instance, binding->source));
	bool by_bind = binding->origin && strstr(binding->origin->text, "bind_address");
	if (by_bind && !pf_client_of(transport)->enforce)
		mt_model_find(
			instance->model, instance->mta, "PF-ENFORCE-OFF", binding->origin, NULL,
			"if %s goes away, mail leaves from another address instead of waiting",
			addr_text(instance, binding->source));
}

void pf_lint(struct pf_instance *instance)
{
	lint_broken(instance);
	if (instance->unreadable)
		return;
	lint_file(instance);
	if (instance->maincf.error || instance->broken)
		return;
	pf_lint_tables(instance);
	lint_clients(instance);
	lint_interfaces(instance);
	const struct mt_host *host = instance->model->snapshot->facts;
	for (const struct mt_listener *l = instance->mta->listeners; l; l = l->next)
		if (!mt_addr_is_any(l->addr) && !mt_addr_usable(host, l->addr))
			mt_model_find(instance->model, instance->mta, "PF-LISTEN-ABSENT",
				      mt_origin(instance->model->arena, l->file, l->line,
						l->service, NULL),
				      NULL,
				      "%s listens on %s, which is on no interface: the master "
				      "process dies at the next "
				      "reload or start",
				      l->service, addr_text(instance, l->addr));
	pf_boot_lint(instance);
	lint_transports(instance);
	lint_pinned(instance);
}
