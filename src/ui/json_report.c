/* SPDX-License-Identifier: ISC */
/* json_report.c: the model of a host. */
#include <time.h>

#include "ui/json.h"
#include "ui/json_part.h"

static json_t *place(const char *file, unsigned line)
{
	json_t *one = json_object();
	mt_json_set_text(one, "file", file);
	mt_json_set(one, "line", json_integer(line));
	return one;
}

/* Where the line is not what the MTA reads, or not what one may edit. */
static void set_generation(json_t *one, const struct mt_origin *origin)
{
	json_t *via = origin->via ? json_array() : NULL;
	if (origin->generated)
		mt_json_set(one, "generated", place(origin->generated, origin->generated_line));
	for (const struct mt_step *s = origin->via; s; s = s->next) {
		json_t *step = place(s->file, s->line);
		mt_json_set_text(step, "kind", s->include ? "include" : "macro");
		mt_json_set_text(step, "name", s->name);
		mt_json_append(via, step);
	}
	if (via)
		mt_json_set(one, "via", via);
	if (origin->fixed)
		mt_json_set(one, "editable", json_false());
}

json_t *mt_json_origin(const struct mt_origin *origin)
{
	json_t *list = json_array();
	for (; origin; origin = origin->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "file", origin->file);
		mt_json_set(one, "line", json_integer(origin->line));
		mt_json_set_text(one, "text", origin->text ? origin->text : "");
		set_generation(one, origin);
		mt_json_append(list, one);
	}
	return list;
}

json_t *mt_json_address(struct mt_addr addr)
{
	char buf[MT_ADDR_TEXT];
	return addr.set ? mt_json_text(mt_str_of(mt_addr_text(addr, buf))) : json_null();
}

static json_t *condition(const struct mt_condition *when)
{
	json_t *list = json_array();
	for (; when; when = when->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "by", mt_by_name(when->by));
		mt_json_set_text(one, "value", when->value);
		mt_json_append(list, one);
	}
	return list;
}

static json_t *addresses(const struct mt_binding *binding)
{
	json_t *list = json_array();
	for (size_t i = 0; i < binding->pool_count; i++)
		mt_json_append(list, mt_json_address(binding->pool[i]));
	if (!binding->pool_count && binding->how == MT_HOW_ADDRESS && binding->source.set)
		mt_json_append(list, mt_json_address(binding->source));
	return list;
}

/* What every way says. */
static void set_binding(json_t *one, const struct mt_binding *binding)
{
	mt_json_set(one, "source", mt_json_address(binding->source));
	mt_json_set_text(one, "sure", mt_confidence_name(binding->confidence));
	mt_json_set_text(one, "note", binding->note ? binding->note : "");
	mt_json_set(one, "because", mt_json_origin(binding->origin));
	if (binding->helo)
		mt_json_set_text(one, "helo", binding->helo);
}

/* "computed" is a word that came later: it is said in "bindings" alone. */
static json_t *plain(const struct mt_binding *binding)
{
	json_t *one = json_object();
	enum mt_how how = binding->how == MT_HOW_COMPUTED ? MT_HOW_UNKNOWN : binding->how;
	mt_json_set_text(one, "how", mt_how_name(how));
	set_binding(one, binding);
	return one;
}

static json_t *binding_object(const struct mt_binding *binding)
{
	json_t *one = json_object();
	mt_json_set(one, "when", condition(binding->when));
	mt_json_set_text(one, "how", mt_how_name(binding->how));
	mt_json_set(one, "addresses", addresses(binding));
	mt_json_set_text(one, "pick", mt_pick_name(binding->pick));
	mt_json_set_text(one, "absent", mt_absent_name(binding->absent));
	set_binding(one, binding);
	return one;
}

static json_t *family_bindings(const struct mt_transport *transport, enum mt_family family)
{
	json_t *list = json_array();
	for (const struct mt_binding *binding = transport->conditional[family]; binding;
	     binding = binding->next)
		mt_json_append(list, binding_object(binding));
	mt_json_append(list, binding_object(&transport->binding[family]));
	return list;
}

void mt_json_set_bindings(json_t *one, const struct mt_transport *transport)
{
	json_t *bindings = transport ? json_object() : json_null();
	mt_json_set(one, "ipv4", transport ? plain(&transport->binding[MT_V4]) : json_null());
	mt_json_set(one, "ipv6", transport ? plain(&transport->binding[MT_V6]) : json_null());
	if (transport) {
		mt_json_set(bindings, "ipv4", family_bindings(transport, MT_V4));
		mt_json_set(bindings, "ipv6", family_bindings(transport, MT_V6));
	}
	mt_json_set(one, "bindings", bindings);
}

static json_t *transports(const struct mt_transport *transport)
{
	json_t *list = json_array();
	for (; transport; transport = transport->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "name", transport->name);
		mt_json_set_text(one, "kind", mt_kind_name(transport->kind));
		mt_json_set_text(one, "helo", transport->helo);
		mt_json_set_text(one, "next_hop", transport->next_hop);
		mt_json_set_text(one, "feeds", transport->feeds);
		mt_json_set_bindings(one, transport);
		mt_json_append(list, one);
	}
	return list;
}

json_t *mt_json_listeners(const struct mt_listener *listener)
{
	json_t *list = json_array();
	for (; listener; listener = listener->next) {
		json_t *one = json_object();
		mt_json_set(one, "address", mt_json_address(listener->addr));
		mt_json_set(one, "port", json_integer(listener->port));
		mt_json_set_text(one, "service", listener->service);
		mt_json_append(list, one);
	}
	return list;
}

static json_t *route(const struct mt_route *r)
{
	json_t *one = json_object();
	const struct mt_transport *transport = r->transport;
	mt_json_set(one, "path",
		    transport ? mt_json_text(mt_str_of(transport->name)) : json_null());
	mt_json_set(one, "kind",
		    transport ? mt_json_text(mt_str_of(mt_kind_name(transport->kind)))
			      : json_null());
	mt_json_set(one, "helo",
		    transport ? mt_json_text(mt_str_of(transport->helo)) : json_null());
	/* The ways of this mail: "paths" says what holds for any mail by that service. */
	mt_json_set_bindings(one, transport);
	mt_json_set_text(one, "next_hop", r->next_hop);
	mt_json_set_text(one, "note", r->note);
	mt_json_set(one, "because", mt_json_origin(r->chain));
	return one;
}

static json_t *mtas(const struct mt_report *report)
{
	json_t *list = json_array();
	const struct mt_route *r = report->routes;
	for (const struct mt_mta *mta = report->model->mtas; mta; mta = mta->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "backend", mta->backend->name);
		mt_json_set_text(one, "instance", mta->instance);
		mt_json_set_text(one, "version", mta->version);
		mt_json_set_text(one, "state", mt_state_name(mta->state));
		mt_json_set_text(one, "helo", mta->helo);
		if (r)
			mt_json_set(one, "route", route(r++));
		mt_json_set(one, "paths", transports(mta->transports));
		mt_json_set(one, "listeners", mt_json_listeners(mta->listeners));
		mt_json_append(list, one);
	}
	return list;
}

static json_t *observed(const struct mt_observed *seen)
{
	json_t *list = json_array();
	for (; seen; seen = seen->next) {
		json_t *one = json_object();
		mt_json_set(one, "source", mt_json_address(seen->source));
		mt_json_set(one, "port", json_integer(seen->port));
		mt_json_set(one, "connections", json_integer(seen->connections));
		mt_json_set(one, "ours", json_boolean(seen->ours));
		mt_json_append(list, one);
	}
	return list;
}

static json_t *findings(struct mt_arena *arena, const struct mt_finding *finding)
{
	json_t *list = json_array();
	for (; finding; finding = finding->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "id", finding->id);
		mt_json_set_text(one, "severity", mt_severity_name(finding->severity));
		mt_json_set_text(one, "message", mt_message_english(arena, finding->message));
		mt_json_set(one, "where", mt_json_origin(finding->where));
		mt_json_set_text(one, "fix", mt_finding_fix(arena, finding));
		mt_json_set(one, "instance",
			    finding->mta ? mt_json_text(mt_str_of(finding->mta->instance))
					 : json_null());
		mt_json_append(list, one);
	}
	return list;
}

static json_t *remedies(struct mt_arena *arena, const struct mt_remedy *remedy)
{
	json_t *list = json_array();
	for (; remedy; remedy = remedy->next)
		mt_json_append(list,
			       mt_json_text(mt_str_of(mt_recipe_text(arena, remedy->command))));
	return list;
}

static json_t *date(int64_t seconds)
{
	char text[32];
	time_t when = (time_t)seconds;
	struct tm tm;
	if (seconds <= 0 || !gmtime_r(&when, &tm) ||
	    !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return json_null();
	return mt_json_text(mt_str_of(text));
}

static json_t *mail(const struct mt_mail *m)
{
	json_t *one = json_object();
	mt_json_set_text(one, "to", m->to);
	mt_json_set(one, "from", m->from ? mt_json_text(mt_str_of(m->from)) : json_null());
	return one;
}

static json_t *probes(const struct mt_report *report)
{
	json_t *list = json_array();
	char addr[MT_ADDR_TEXT];
	for (size_t i = 0; i < report->probe_count; i++) {
		const struct mt_probe *p = &report->probes[i];
		json_t *one = json_object();
		mt_json_set_text(one, "source", mt_addr_text(p->from, addr));
		mt_json_set_text(one, "remote", mt_addr_text(p->to, addr));
		mt_json_set(one, "port", json_integer(p->port));
		mt_json_set_text(one, "result", mt_probe_end_name(p->end));
		mt_json_set_text(one, "text", p->text);
		mt_json_append(list, one);
	}
	return list;
}

json_t *mt_json_host(const struct mt_report *report)
{
	const struct mt_snapshot *snapshot = report->model->snapshot;
	json_t *root = mt_json_root();
	mt_json_set_text(root, "host", snapshot->host);
	mt_json_set(root, "collected", date(snapshot->time));
	mt_json_set(root, "complete", json_boolean(snapshot->complete));
	mt_json_set(root, "redacted", json_boolean(snapshot->redacted));
	if (report->mail)
		mt_json_set(root, "mail", mail(report->mail));
	mt_json_set(root, "mtas", mtas(report));
	mt_json_set(root, "observed", observed(report->model->observed));
	mt_json_set(root, "findings", findings(report->model->arena, report->model->findings));
	if (report->advises)
		mt_json_set(root, "remedy", remedies(report->model->arena, report->remedy));
	if (report->check)
		mt_json_set(root, "check", mt_json_check(report->check));
	if (report->plan)
		mt_json_set(root, "plan", mt_json_plan(report->plan, report->hook));
	if (report->probe_count)
		mt_json_set(root, "probes", probes(report));
	if (report->outcome)
		mt_json_set(root, "transaction",
			    mt_json_transaction(report->model->arena, report->outcome));
	if (report->follow_up)
		mt_json_set(root, "follow_up", mt_json_texts(report->follow_up));
	return root;
}

void mt_json_report(const struct mt_report *report)
{
	mt_json_print(mt_json_host(report));
}
