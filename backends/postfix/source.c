/* SPDX-License-Identifier: ISC */
/* source.c: the decision algorithm of smtp(8), as measured. */
#include "source.h"

#include <string.h>

/* ---- a client service, once ---- */

static void client_dies(const struct pf_instance *instance, struct pf_client *client,
			const char *name, const char *why)
{
	if (client->fatal)
		return;
	client->fatal = why;
	client->fatal_name = name;
	client->fatal_at = pf_origin(instance, &client->scope, name);
}

/* What its own entry in master.cf makes it die of, before it reads any parameter. */
static void read_entry(const struct pf_instance *instance, struct pf_client *client)
{
	const struct pf_service *service = client->service;
	unsigned line = service->error ? service->error_line : service->where.line;
	client->fatal = service->error;
	if (!service->error && service->stray.n)
		client->fatal = mt_format(client->scope.arena,
					  "unexpected word \"%.*s\" (an option needs -o before it)",
					  MT_STR_FMT(service->stray));
	if (!client->fatal && service->command.n && service->command.p[0] == '/')
		client->fatal = mt_format(client->scope.arena,
					  "%.*s would be a file below daemon_directory, where "
					  "master(8) looks for commands",
					  MT_STR_FMT(service->command));
	if (client->fatal)
		client->fatal_at = mt_origin(client->scope.arena, instance->master_path, line,
					     client->fatal, NULL);
	client->fatal_name = client->fatal ? NULL : "";
}

/* Only a link-local address of IPv6 may name its interface, and that must exist. */
static bool numeric_in_zone(const struct mt_host *host, struct mt_str text, struct mt_addr *addr,
			    struct mt_str *zone)
{
	const char *percent = text.n ? memchr(text.p, '%', text.n) : NULL;
	if (!percent)
		return pf_numeric(text, addr);
	size_t n = (size_t)(percent - text.p);
	*zone = (struct mt_str){percent + 1, text.n - n - 1};
	if (!mt_addr_parse((struct mt_str){text.p, n}, addr) || addr->family != MT_V6 ||
	    !mt_addr_is_link_local(*addr))
		return false;
	for (size_t i = 0; i < host->addr_count; i++)
		if (mt_str_is(*zone, host->addr[i].iface))
			return true;
	return host->addresses != MT_PRESENT;
}

/* A bind address must be one number, its family one that Postfix uses. smtp(8) looks when it makes the first
 * connection of that family, dies then, and master(8) throttles the service; what is delivered over the other family
 * before that does leave (measured). */
static void read_bind(const struct pf_instance *instance, struct pf_client *client,
		      enum mt_family family)
{
	struct mt_error error = {0};
	const char *name = client->bind_name[family];
	struct mt_str *value = &client->bind[family];
	if (pf_expand(&client->scope, mt_str_of(name), value, &error) < 0) {
		client_dies(instance, client, name, mt_strdup(client->scope.arena, error.message));
		return;
	}
	struct mt_str inner = *value;
	if (!client->protocols.family[family] || !value->n)
		return;
	struct mt_addr *addr = &client->bind_addr[family];
	if (!pf_unbracket(&inner) || !numeric_in_zone(instance->model->snapshot->facts, inner, addr,
						      &client->bind_zone[family]))
		client->bad_bind[family] =
			mt_format(client->scope.arena,
				  "bad %s parameter: \"%.*s\" is not one numeric address", name,
				  MT_STR_FMT(*value));
	else if (!client->protocols.family[addr->family])
		client->bad_bind[family] =
			mt_format(client->scope.arena,
				  "%s names an %s address, which inet_protocols excludes", name,
				  mt_family_name(addr->family));
}

/* smtp_bind_address_enforce came with 3.7. */
static bool has_enforce(const struct pf_instance *instance)
{
	struct mt_str rest = mt_str_of(instance->mta->version), word;
	unsigned long major, minor;
	if (!mt_str_word(&rest, ".", &word) || !mt_str_number(word, 99, &major) ||
	    !mt_str_word(&rest, ".-", &word) || !mt_str_number(word, 99, &minor))
		return true;
	return major > 3 || (major == 3 && minor >= 7);
}

void pf_client(const struct pf_instance *instance, const struct pf_service *service,
	       struct pf_client *client)
{
	client->service = service;
	client->scope = pf_scope_of(instance, service);
	read_entry(instance, client);
	client->lmtp = mt_str_is(pf_basename(service->command), "lmtp");
	client->bind_name[MT_V4] = client->lmtp ? "lmtp_bind_address" : "smtp_bind_address";
	client->bind_name[MT_V6] = client->lmtp ? "lmtp_bind_address6" : "smtp_bind_address6";
	pf_protocols(&client->scope, &client->protocols);
	/* A literal list that main.cf gives is the same for every service that does not set it: it
	 * may have an address for each of them. */
	const struct pf_protocols *a = &client->protocols, *b = &instance->protocols;
	bool same = instance->plain_interfaces && !a->fatal && !b->fatal &&
		    a->family[MT_V4] == b->family[MT_V4] && a->family[MT_V6] == b->family[MT_V6];
	if (same && pf_raw(&client->scope, MT_STR("inet_interfaces")).from != 'o')
		client->own = instance->own;
	else
		pf_own(&client->scope, &client->protocols, instance->model->snapshot->facts,
		       &client->own);
	if (client->protocols.fatal)
		client_dies(instance, client, "inet_protocols", client->protocols.fatal);
	if (client->own.fatal)
		client_dies(instance, client, "inet_interfaces", client->own.fatal);
	read_bind(instance, client, MT_V4);
	read_bind(instance, client, MT_V6);
	const char *name = client->lmtp ? "lmtp_bind_address_enforce" : "smtp_bind_address_enforce";
	if (has_enforce(instance) && !pf_truth(&client->scope, name, &client->enforce))
		client_dies(instance, client, name,
			    mt_format(client->scope.arena, "%s is neither yes nor no", name));
	/* which family is tried first does not matter here; a value that is no such word does */
	name = client->lmtp ? "lmtp_address_preference" : "smtp_address_preference";
	struct mt_str value = pf_get(&client->scope, name);
	if (!mt_str_same(value, MT_STR("any")) && !mt_str_same(value, MT_STR("ipv4")) &&
	    !mt_str_same(value, MT_STR("ipv6")))
		client_dies(
			instance, client, name,
			mt_format(client->scope.arena, "%s is none of any, ipv4 and ipv6", name));
	if (pf_service_disabled(instance, service))
		client_dies(instance, client, "master_service_disable",
			    "master_service_disable turns it off");
	if (instance->broken) {
		client->fatal = instance->broken;
		client->fatal_at = instance->broken_at;
		client->fatal_name = "";
	}
}

const struct pf_client *pf_client_of(const struct mt_transport *transport)
{
	return ((const struct pf_transport *)transport)->client;
}

/* ---- one way ---- */

static enum mt_confidence host_confidence(const struct mt_host *host)
{
	return host->addresses == MT_PRESENT ? MT_CONFIDENCE_YES : MT_CONFIDENCE_ASSUMED;
}

static void kernel_chooses(const struct pf_instance *instance, enum mt_family family,
			   const struct pf_next_hop *next, struct mt_binding *binding)
{
	const struct mt_host *host = instance->model->snapshot->facts;
	struct mt_arena *arena = instance->model->arena;
	binding->how = MT_HOW_KERNEL;
	if (next && next->hop == PF_HOP_SELF) {
		if (next->addr.set)
			binding->source = next->addr;
		else
			mt_addr_parse(family == MT_V6 ? MT_STR("::1") : MT_STR("127.0.0.1"),
				      &binding->source);
		binding->confidence = MT_CONFIDENCE_YES;
		if (!*binding->note)
			binding->note = "kernel's choice on this host";
		return;
	}
	const struct mt_source *source = next && next->addr.set
						 ? mt_host_source(host, next->addr)
						 : mt_host_default_source(host, family);
	binding->source = source->reachable ? source->source : (struct mt_addr){0};
	binding->confidence = host->addresses == MT_UNASKED ? MT_CONFIDENCE_ASSUMED
			      : source->asked		    ? MT_CONFIDENCE_YES
							    : MT_CONFIDENCE_NO;
	if (*binding->note)
		return;
	if (source->reachable)
		binding->note = mt_format(arena, "kernel's choice (%s%s%s)",
					  source->gateway ? "default route" : "on link",
					  *source->iface ? ", " : "", source->iface);
	else
		binding->note = host->addresses == MT_UNASKED
					? "kernel's choice (this host's routes were not asked)"
					: mt_format(arena, "kernel's choice (no %s route)",
						    mt_family_name(family));
}

const char pf_absent[] = "not an address of this host";

const char *pf_cannot_bind(const struct mt_host *host, const struct pf_client *client,
			   enum mt_family family)
{
	struct mt_addr addr = client->bind_addr[family], inner = {.set = true, .family = MT_V4};
	struct mt_str zone = client->bind_zone[family];
	if (addr.family != family)
		return "wrong address family";
	if (family == MT_V6 && mt_addr_is_link_local(addr) && !zone.n)
		return "a link-local address needs its interface (%NAME)";
	if (mt_addr_is_mapped(addr)) {
		memcpy(inner.b, addr.b + 12, 4);
		addr = inner;
	}
	bool local = family == MT_V4 && mt_addr_is_loopback(addr); /* all of 127/8 is */
	if (!local && !mt_addr_usable(host, addr))
		return pf_absent;
	if (zone.n && host->addresses == MT_PRESENT &&
	    !mt_str_is(zone, mt_host_addr(host, addr)->iface))
		return "not an address of that interface";
	return NULL;
}

/* smtp_bind_address(6) is set: inet_interfaces is not consulted any more, whatever happens. */
static void bind_client(const struct pf_instance *instance, const struct pf_client *client,
			enum mt_family family, const struct pf_next_hop *next,
			struct mt_binding *binding)
{
	const struct mt_host *host = instance->model->snapshot->facts;
	struct mt_addr addr = client->bind_addr[family];
	bool elsewhere = !next || next->hop != PF_HOP_SELF;
	const char *why = pf_cannot_bind(host, client, family);
	char text[MT_ADDR_TEXT];
	binding->origin = pf_origin(instance, &client->scope, client->bind_name[family]);
	binding->confidence = host_confidence(host);
	if (mt_addr_is_any(addr)) {
		binding->note = "the any-address pins nothing: kernel's choice";
		kernel_chooses(instance, family, next, binding);
	} else if (why) {
		binding->note = mt_format(client->scope.arena, "cannot bind %s: %s",
					  mt_addr_text(addr, text), why);
		if (client->enforce)
			binding->how = MT_HOW_DEFERRED;
		else
			kernel_chooses(instance, family, next, binding);
	} else if (mt_addr_is_loopback(addr) && elsewhere) {
		binding->how = MT_HOW_DEFERRED;
		binding->note = "bound to loopback, which cannot reach other hosts";
	} else if (mt_addr_is_mapped(addr)) {
		binding->how = MT_HOW_DEFERRED;
		binding->note = "bound to an address of IPv4, which cannot reach hosts by IPv6";
	} else {
		binding->how = MT_HOW_ADDRESS;
		binding->source = addr;
		binding->absent = client->enforce ? MT_ABSENT_WAITS : MT_ABSENT_UNPINNED;
	}
}

static void unbound(const struct pf_instance *instance, const struct pf_client *client,
		    enum mt_family family, const struct pf_next_hop *next,
		    struct mt_binding *binding)
{
	struct mt_addr single = pf_own_single(&client->own, family);
	if (client->own.unsure) {
		binding->how = MT_HOW_UNKNOWN;
		binding->confidence = MT_CONFIDENCE_NO;
		binding->note = "inet_interfaces holds a name that was not resolved";
		binding->origin = pf_origin(instance, &client->scope, "inet_interfaces");
	} else if (single.set) {
		binding->how = MT_HOW_ADDRESS;
		binding->source = single;
		binding->absent =
			MT_ABSENT_WAITS; /* the service is fatal then, whatever enforce says */
		binding->confidence = client->own.named
					      ? MT_CONFIDENCE_ASSUMED
					      : host_confidence(instance->model->snapshot->facts);
		binding->origin = pf_origin(instance, &client->scope, "inet_interfaces");
	} else {
		kernel_chooses(instance, family, next, binding);
	}
}

/* A literal next hop has one family; the other is never used for it. */
static bool excluded(const struct pf_instance *instance, const struct pf_client *client,
		     enum mt_family family, const struct pf_next_hop *next,
		     struct mt_binding *binding)
{
	const bool *used = client->protocols.family;
	if (used[family] && (!next || !next->addr.set || next->addr.family == family))
		return false;
	binding->how = MT_HOW_OFF;
	if (used[family]) {
		binding->note = mt_format(client->scope.arena, "the next hop is an %s address",
					  mt_family_name(next->addr.family));
		return true;
	}
	binding->origin = pf_origin(instance, &client->scope, "inet_protocols");
	binding->note = mt_format(client->scope.arena, "inet_protocols excludes %s",
				  mt_family_name(family));
	if (!used[MT_V4] && !used[MT_V6]) { /* "all network protocols are disabled", 4.4.4 */
		binding->how = MT_HOW_DEFERRED;
		binding->note = "inet_protocols names no family: all mail waits";
	}
	return true;
}

static void add_note(const struct pf_client *client, struct mt_binding *binding, const char *note)
{
	binding->note = mt_format(client->scope.arena, "%s%s%s", binding->note,
				  *binding->note ? "; " : "", note);
}

/* What holds until something else happens, or only then. */
static void limit_family(const struct pf_instance *instance, const struct pf_client *client,
			 enum mt_family family, const struct pf_next_hop *next,
			 struct mt_binding *binding)
{
	enum mt_family other = family == MT_V4 ? MT_V6 : MT_V4;
	bool meets_other = !next || !next->addr.set; /* else it connects to this family only */
	if (client->bad_bind[other] && meets_other && client->protocols.family[other]) {
		if (binding->confidence == MT_CONFIDENCE_YES)
			binding->confidence = MT_CONFIDENCE_ASSUMED;
		add_note(client, binding,
			 mt_format(client->scope.arena,
				   "only until the first connection over %s, of which the service "
				   "dies; then its mail waits",
				   mt_family_name(other)));
	}
	if (pf_defers(instance, client->service->name))
		add_note(client, binding, "only when the queue is flushed: defer_transports");
}

void pf_binding(const struct pf_instance *instance, const struct pf_client *client,
		enum mt_family family, const struct pf_next_hop *next, struct mt_binding *binding)
{
	*binding = (struct mt_binding){.note = ""};
	if (client->fatal) {
		binding->how = MT_HOW_BROKEN;
		binding->note = client->fatal;
		binding->origin = client->fatal_at;
	} else if (instance->unreadable) {
		binding->how = MT_HOW_UNKNOWN;
		binding->confidence = MT_CONFIDENCE_NO;
		binding->note = "main.cf or master.cf could not be read";
	} else if (excluded(instance, client, family, next, binding)) {
		return;
	} else if (client->bad_bind[family]) {
		binding->how = MT_HOW_BROKEN;
		binding->note = client->bad_bind[family];
		binding->origin = pf_origin(instance, &client->scope, client->bind_name[family]);
	} else {
		if (client->bind[family].n)
			bind_client(instance, client, family, next, binding);
		else
			unbound(instance, client, family, next, binding);
		limit_family(instance, client, family, next, binding);
	}
}
