/* SPDX-License-Identifier: ISC */
/* json.c: results as JSON. */
#include "ui/json.h"

#include "ui/json_part.h"
#include "ui/json_value.h"

void mt_json_error(const struct mt_error *error)
{
	json_t *inner = json_object();
	mt_json_set(inner, "code", json_integer(error->code));
	mt_json_set_text(inner, "message", error->message);
	mt_json_set_text(inner, "where", error->where);
	mt_json_set_text(inner, "id", error->id);
	json_t *root = mt_json_root();
	mt_json_set(root, "error", inner);
	mt_json_print(root);
}

void mt_json_explain(const struct mt_finding_row *row)
{
	json_t *inner = json_object();
	mt_json_set_text(inner, "id", row->id);
	mt_json_set_text(inner, "severity", mt_severity_name(row->severity));
	mt_json_set_text(inner, "title", row->title);
	mt_json_set_text(inner, "explanation", row->explanation);
	mt_json_set(inner, "accept", json_boolean(row->accept));
	json_t *root = mt_json_root();
	mt_json_set(root, "explain", inner);
	mt_json_print(root);
}

static json_t *families_of(const struct mt_families *rule)
{
	if (!rule)
		return json_null();
	json_t *one = json_object(), *absent = json_object();
	mt_json_set_text(absent, "ipv4", mt_absent_name(rule->absent[MT_V4]));
	mt_json_set_text(absent, "ipv6", mt_absent_name(rule->absent[MT_V6]));
	mt_json_set_text(one, "other", mt_other_name(rule->other));
	mt_json_set(one, "single", json_boolean(rule->single));
	mt_json_set_text(one, "off", mt_off_name(rule->off));
	mt_json_set(one, "off_by",
		    rule->off_by ? mt_json_text(mt_str_of(rule->off_by)) : json_null());
	mt_json_set(one, "absent", absent);
	mt_json_set_text(one, "live", mt_live_name(rule->live));
	return one;
}

static json_t *methods_of(const struct mt_backend *backend)
{
	json_t *list = json_array();
	for (const struct mt_method *m = backend->methods; m && m->name; m++) {
		json_t *one = json_object();
		mt_json_set_text(one, "name", m->name);
		mt_json_set_text(one, "title", m->title);
		mt_json_set(one, "listeners", json_boolean(m->listeners));
		mt_json_set(one, "restarts", json_boolean(m->restarts));
		mt_json_set(one, "options", mt_json_texts(m->options));
		mt_json_set(one, "families", m->families ? families_of(m->families) : json_null());
		mt_json_append(list, one);
	}
	return list;
}

static json_t *backends_of(const struct mt_registry *registry)
{
	json_t *list = json_array();
	for (size_t i = 0; i < registry->count; i++) {
		const struct mt_backend *backend = registry->backends[i];
		json_t *one = json_object();
		mt_json_set_text(one, "name", backend->name);
		mt_json_set_text(one, "title", backend->title);
		mt_json_set_text(one, "path", registry->paths[i]);
		mt_json_set(one, "changes", json_boolean(backend->plan));
		mt_json_set(one, "methods", methods_of(backend));
		mt_json_set(one, "families", families_of(backend->families));
		mt_json_append(list, one);
	}
	return list;
}

static json_t *refused_of(const struct mt_registry *registry)
{
	json_t *list = json_array();
	for (const struct mt_refused_module *m = registry->refused; m; m = m->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "path", m->path);
		mt_json_set_text(one, "where", m->where);
		mt_json_set_text(one, "message", m->why);
		mt_json_append(list, one);
	}
	return list;
}

void mt_json_backends(const struct mt_registry *registry)
{
	json_t *root = mt_json_root();
	mt_json_set(root, "backends", backends_of(registry));
	mt_json_set(root, "refused", refused_of(registry));
	mt_json_print(root);
}
