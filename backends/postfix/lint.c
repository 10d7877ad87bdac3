/* SPDX-License-Identifier: ISC */
/* lint.c: findings about an instance. Each says one thing in plain words, where, and what to do. */
#include "lint.h"

#include "boot.h"

#include <string.h>

static const char *text_of(const struct pf_instance *instance, struct mt_addr addr)
{
	return mt_addr_format(instance->model->arena, addr);
}

static const struct mt_because *because(const struct pf_instance *instance, const char *name)
{
	return pf_because(instance, &instance->scope, name);
}

/* ---- broken ---- */

static void lint_mute(struct pf_instance *instance)
{
	if (instance->protocols.family[MT_V4] || instance->protocols.family[MT_V6])
		return;
	mt_model_find(instance->model, instance->mta, "PF-BROKEN",
		      because(instance, "inet_protocols"), NULL,
		      "inet_protocols names no family: nothing is sent and nothing is listened on");
}

static void lint_broken(struct pf_instance *instance)
{
	if (!instance->broken) {
		lint_mute(instance);
		return;
	}
	bool conflict =
		instance->own.wrong_family && !instance->maincf.error && !instance->protocols.fatal;
	bool master = instance->broken == instance->mastercf.error;
	mt_model_find(
		instance->model, instance->mta, conflict ? "PF-PROTO-CONFLICT" : "PF-BROKEN",
		instance->broken_at, NULL, "%s: %s", instance->broken,
		master ? "running services go on, but Postfix can neither reload nor restart"
		       : "every program of Postfix dies: mail is refused, the queue stands still");
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
	if (disabled && client->path->kind == MT_KIND_UNUSED)
		return;
	mt_model_find(instance->model, instance->mta,
		      bind	 ? "PF-BIND-UNUSABLE"
		      : conflict ? "PF-PROTO-CONFLICT"
				 : "PF-BROKEN",
		      client->fatal_at, NULL, "%.*s: %s; %sall its mail waits",
		      MT_STR_FMT(client->service->name), client->fatal,
		      disabled ? "" : "the service dies and ");
}

static void lint_bad_bind(struct pf_instance *instance, const struct pf_client *client,
			  enum mt_family family)
{
	mt_model_find(instance->model, instance->mta, "PF-BIND-UNUSABLE",
		      pf_because(instance, &client->scope, client->bind_name[family]), NULL,
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
	const struct mt_because *where = pf_because(instance, &client->scope, name);
	if (!addr.set || mt_addr_is_any(addr) || !client->protocols.family[family])
		return;
	const char *why = pf_cannot_bind(host, client, family);
	const char *then =
		client->enforce ? "is deferred" : "leaves from the kernel's choice instead";
	if (why == pf_absent)
		mt_model_find(instance->model, instance->mta, "PF-PIN-ABSENT", where, NULL,
			      "%s is pinned by %s but is %s: mail %s", text_of(instance, addr),
			      name, why, then);
	else if (why)
		mt_model_find(instance->model, instance->mta, "PF-BIND-UNUSABLE", where, NULL,
			      "%s cannot be bound by %s (%s): mail %s", text_of(instance, addr),
			      name, why, then);
}

/* One finding for a line of main.cf, however many services see it. */
static bool said_before(struct said *said, const struct pf_client *client, const char *name)
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
	    client->protocols.family[family] && client->path->kind == MT_KIND_INTERNET &&
	    !pf_cannot_bind(instance->model->snapshot->facts, client, family))
		mt_model_find(instance->model, instance->mta, "PF-BIND-UNUSABLE",
			      pf_because(instance, &client->scope, client->bind_name[family]), NULL,
			      "%.*s is bound to %s by %s: no other host can be reached, mail "
			      "is deferred",
			      MT_STR_FMT(client->service->name), what, client->bind_name[family]);
}

static void lint_clients(struct pf_instance *instance)
{
	struct said said = {NULL};
	for (const struct pf_client *client = instance->clients; client; client = client->next) {
		if (client->fatal && !said_before(&said, client, client->fatal_name))
			lint_fatal_client(instance, client);
		for (int f = 0; f < MT_FAMILIES && !client->fatal; f++)
			if (client->bad_bind[f] &&
			    !said_before(&said, client, client->bind_name[f]))
				lint_bad_bind(instance, client, (enum mt_family)f);
			else if (client->bind_addr[f].set && !client->bad_bind[f] &&
				 !said_before(&said, client, client->bind_name[f])) {
				lint_bind(instance, client, (enum mt_family)f);
				lint_dead_end(instance, client, (enum mt_family)f);
			}
	}
}

/* ---- pins by inet_interfaces ---- */

static bool decides_anywhere(const struct pf_instance *instance, enum mt_family family)
{
	for (const struct mt_path *path = instance->mta->paths; path; path = path->next)
		if (path->kind == MT_KIND_INTERNET && path->way[family].how == MT_HOW_KERNEL)
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
			      because(instance, "inet_interfaces"), NULL,
			      "inet_interfaces names %zu %s addresses, so none of them is bound: "
			      "mail leaves from "
			      "the kernel's choice",
			      pf_own_count(own, (enum mt_family)f),
			      mt_family_name((enum mt_family)f));
	}
}

static bool listens_on(const struct pf_instance *instance, const char *text, unsigned port)
{
	struct mt_addr addr;
	mt_addr_parse(mt_str_of(text), &addr);
	for (const struct mt_listener *l = instance->mta->listeners; l; l = l->next)
		if (l->port == port && l->addr.family == addr.family &&
		    (mt_addr_is_any(l->addr) || mt_addr_eq(l->addr, addr)))
			return true;
	return false;
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
	return instance->own.count && !instance->own.unsure && has_hostless_smtp(instance) &&
	       instance->protocols.family[MT_V4] && !listens_on(instance, "127.0.0.1", 25);
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
	const struct mt_because *where = because(instance, "inet_interfaces");
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

static void lint_listeners(struct pf_instance *instance)
{
	const struct mt_host *host = instance->model->snapshot->facts;
	for (const struct mt_listener *l = instance->mta->listeners; l; l = l->next)
		if (!mt_addr_is_any(l->addr) && !mt_addr_usable(host, l->addr))
			mt_model_find(instance->model, instance->mta, "PF-LISTEN-ABSENT",
				      mt_because(instance->model->arena, l->file, l->line,
						 l->service, NULL),
				      NULL,
				      "%s listens on %s, which is on no interface: the master "
				      "process dies at the next "
				      "reload or start",
				      l->service, text_of(instance, l->addr));
}

/* ---- what the paths show together ---- */

static void lint_leak(struct pf_instance *instance, const struct mt_path *path)
{
	const struct mt_way *v4 = &path->way[MT_V4], *v6 = &path->way[MT_V6];
	if (v4->how != MT_HOW_ADDRESS || v6->how != MT_HOW_KERNEL || !v6->source.set)
		return;
	mt_model_find(instance->model, instance->mta, "PF-IPV6-LEAK", v4->because, NULL,
		      "mail by %s to hosts with IPv6 leaves from %s, which nothing pins",
		      path->name, text_of(instance, v6->source));
}

static const struct mt_path *pinned_path(const struct mt_mta *mta, enum mt_family family)
{
	for (const struct mt_path *path = mta->paths; path; path = path->next)
		if (path->kind == MT_KIND_INTERNET && path->way[family].how == MT_HOW_ADDRESS)
			return path;
	return NULL;
}

static void lint_partial(struct pf_instance *instance, const struct mt_path *path,
			 const struct mt_path *pinned, enum mt_family family)
{
	const struct mt_way *way = &path->way[family];
	bool leak = family == MT_V4 && path->way[MT_V6].how == MT_HOW_ADDRESS;
	if (way->how != MT_HOW_KERNEL || !way->source.set || (!pinned && !leak))
		return;
	if (!pinned)
		mt_model_find(instance->model, instance->mta, "PF-PIN-PARTIAL",
			      path->way[MT_V6].because, NULL,
			      "%s is pinned for IPv6, but over IPv4 it leaves from %s, which "
			      "nothing pins",
			      path->name, text_of(instance, way->source));
	else
		mt_model_find(instance->model, instance->mta, "PF-PIN-PARTIAL",
			      pinned->way[family].because, NULL,
			      "%s is pinned for %s, but %s is not: its mail leaves from %s",
			      pinned->name, mt_family_name(family), path->name,
			      text_of(instance, way->source));
}

static void lint_loopback_source(struct pf_instance *instance, const struct mt_path *path)
{
	for (int f = 0; f < MT_FAMILIES; f++) {
		const struct mt_way *way = &path->way[f];
		if (way->how == MT_HOW_ADDRESS && !mt_addr_is_loopback(way->source))
			mt_model_find(instance->model, instance->mta, "PF-LOOPBACK-SOURCE",
				      way->because, NULL,
				      "%s reaches %s from %s: a filter that allows only 127.0.0.1 "
				      "refuses it",
				      path->name, path->next_hop, text_of(instance, way->source));
	}
}

static void lint_paths(struct pf_instance *instance)
{
	const struct mt_path *v4 = pinned_path(instance->mta, MT_V4);
	const struct mt_path *v6 = pinned_path(instance->mta, MT_V6);
	bool leak = false;
	for (const struct mt_path *path = instance->mta->paths; path; path = path->next) {
		if (path->kind == MT_KIND_LOOPBACK)
			lint_loopback_source(instance, path);
		if (path->kind != MT_KIND_INTERNET)
			continue;
		if (!leak)
			lint_leak(instance, path);
		leak |= path->way[MT_V4].how == MT_HOW_ADDRESS &&
			path->way[MT_V6].how == MT_HOW_KERNEL && path->way[MT_V6].source.set;
		lint_partial(instance, path, v4, MT_V4);
		if (!leak)
			lint_partial(instance, path, v6, MT_V6);
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
			      mt_because(model->arena, instance->main_path, line, "", NULL),
			      owner->knob, "%s writes this main.cf", owner->title);
	for (size_t i = 0; i < MT_ARRAY_LEN(watched); i++) {
		const struct pf_entry *entry =
			pf_maincf_get(&instance->maincf, mt_str_of(watched[i]));
		const struct pf_entry *earlier =
			entry ? pf_maincf_shadowed(&instance->maincf, entry) : NULL;
		if (earlier)
			mt_model_find(
				model, instance->mta, "PF-DUPLICATE",
				mt_because(model->arena, instance->main_path, earlier->where.line,
					   mt_format(model->arena, "%s = %.*s", watched[i],
						     MT_STR_FMT(earlier->value)),
					   NULL),
				NULL, "%s is set twice; line %u counts, line %u has no effect",
				watched[i], entry->where.line, earlier->where.line);
	}
	if (instance->maincf.no_final_lf)
		mt_model_find(model, instance->mta, "PF-NO-FINAL-LF",
			      mt_because(model->arena, instance->main_path, 0, "", NULL), NULL,
			      "main.cf does not end with a newline: postconf -e may glue a new "
			      "line to the last one");
	if (instance->mastercf.no_final_lf)
		mt_model_find(model, instance->mta, "PF-NO-FINAL-LF",
			      mt_because(model->arena, instance->master_path, 0, "", NULL), NULL,
			      "master.cf does not end with a newline: postconf -Me may glue a new "
			      "line to the last one");
}

static void lint_pinned(struct pf_instance *instance)
{
	const struct mt_path *path = pinned_path(instance->mta, MT_V4);
	if (!path)
		path = pinned_path(instance->mta, MT_V6);
	if (!path)
		return;
	const struct mt_way *way =
		&path->way[path->way[MT_V4].how == MT_HOW_ADDRESS ? MT_V4 : MT_V6];
	mt_model_find(
		instance->model, instance->mta, "PF-HELO-PIN", NULL, NULL,
		"%s says HELO %s from %s: the reverse DNS of that address should be this name",
		path->name, path->helo, text_of(instance, way->source));
	bool by_bind = way->because && strstr(way->because->text, "bind_address");
	if (by_bind && !pf_client_of(path)->enforce)
		mt_model_find(
			instance->model, instance->mta, "PF-ENFORCE-OFF", way->because, NULL,
			"if %s goes away, mail leaves from another address instead of waiting",
			text_of(instance, way->source));
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
	lint_listeners(instance);
	pf_boot_lint(instance);
	lint_paths(instance);
	lint_pinned(instance);
}
