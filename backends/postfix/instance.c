/* SPDX-License-Identifier: ISC */
/* instance.c: main.cf and master.cf of one instance, and what makes it broken as a whole. */
#include "instance.h"

#include <string.h>

struct mt_str pf_get(const struct pf_scope *scope, const char *name)
{
	struct mt_error error = {0};
	struct mt_str value;
	if (pf_expand(scope, mt_str_of(name), &value, &error) < 0)
		return (struct mt_str){"", 0};
	return value;
}

struct pf_scope pf_scope_of(const struct pf_instance *instance, const struct pf_service *service)
{
	struct pf_scope scope = instance->scope;
	scope.service = service;
	return scope;
}

bool pf_postconf(const struct mt_snapshot *snapshot, const char *dir, const char *name,
		 struct mt_str *value)
{
	const struct mt_item *item =
		mt_snapshot_probe(snapshot, mt_format(snapshot->arena, "postfix.conf %s", dir));
	struct mt_str rest = item->bytes, line;
	size_t n = strlen(name);
	while (mt_item_readable(item) && mt_str_line(&rest, &line)) {
		if (line.n < n + 2 || memcmp(line.p, name, n) != 0 ||
		    memcmp(line.p + n, " =", 2) != 0)
			continue;
		*value = mt_str_trim((struct mt_str){line.p + n + 2, line.n - n - 2});
		return true;
	}
	return false;
}

/* ---- reasons ---- */

/* A line for people: what in it is a secret is starred. */
static struct mt_origin *origin_line(const struct pf_instance *instance, const char *file,
				     unsigned line, const char *text, struct mt_origin *next)
{
	struct mt_arena *arena = instance->model->arena;
	return mt_origin(arena, file, line,
			 mt_redact_text(arena, instance->mta->backend, file, text), next);
}

/* Lines of the parameters that a text refers to, one level deep: enough to find the macro. */
static struct mt_origin *named_lines(const struct pf_instance *instance,
				     const struct pf_scope *scope, struct mt_str text)
{
	struct mt_origin *first = NULL, **tail = &first;
	for (size_t i = 0; i + 1 < text.n; i++) {
		if (text.p[i] != '$')
			continue;
		size_t at = i + 1 + (text.p[i + 1] == '{' || text.p[i + 1] == '('), n = 0;
		while (at + n < text.n &&
		       (text.p[at + n] == '_' || (text.p[at + n] >= '0' && text.p[at + n] <= '9') ||
			((text.p[at + n] | 32) >= 'a' && (text.p[at + n] | 32) <= 'z')))
			n++;
		struct pf_raw raw = pf_raw(scope, (struct mt_str){text.p + at, n});
		if (!n || raw.from != 'm')
			continue;
		*tail = origin_line(instance, instance->main_path, raw.entry->where.line,
				    mt_format(scope->arena, "%.*s = %.*s",
					      MT_STR_FMT(raw.entry->name),
					      MT_STR_FMT(raw.entry->value)),
				    NULL);
		tail = &(*tail)->next;
	}
	return first;
}

struct mt_origin *pf_origin(const struct pf_instance *instance, const struct pf_scope *scope,
			    const char *name)
{
	struct pf_raw raw = pf_raw(scope, mt_str_of(name));
	if (raw.from == 'o')
		return origin_line(instance, instance->master_path, raw.option->line,
				   mt_format(scope->arena, "%.*s -o %s=%.*s",
					     MT_STR_FMT(scope->service->name), name,
					     MT_STR_FMT(raw.text)),
				   named_lines(instance, scope, raw.text));
	if (raw.from == 'm')
		return origin_line(instance, instance->main_path, raw.entry->where.line,
				   mt_format(scope->arena, "%s = %.*s", name, MT_STR_FMT(raw.text)),
				   named_lines(instance, scope, raw.text));
	return NULL;
}

const char *pf_where(const struct pf_instance *instance, const struct pf_scope *scope,
		     const char *name)
{
	const struct mt_origin *origin = pf_origin(instance, scope, name);
	return origin ? mt_format(scope->arena, "%s:%u", origin->file, origin->line)
		      : instance->mta->instance;
}

/* ---- reading ---- */

static void break_it(struct pf_instance *instance, const char *file, unsigned line, const char *why)
{
	if (instance->broken)
		return;
	instance->broken = why;
	instance->broken_at = mt_origin(instance->model->arena, file, line, why, NULL);
}

static const char *unusable_file(const struct mt_item *item, const char *name,
				 struct mt_arena *arena)
{
	if (item->type == 'd')
		return mt_format(arena, "%s is a folder, not a file", name);
	switch (item->presence) {
	case MT_ABSENT:
		return mt_format(arena, "there is no %s", name);
	case MT_TOO_BIG:
		return mt_format(arena, "%s is too big to be one (%lld bytes)", name,
				 (long long)item->size);
	case MT_FAILED:
		if (item->type && item->type != 'f')
			return mt_format(arena, "%s is not a regular file", name);
		return mt_format(arena, "%s could not be read: %s", name, item->why);
	default:
		return mt_format(arena, "%s could not be read", name);
	}
}

static bool other_type(const struct mt_item *item)
{
	return item->type && item->type != 'f' && item->type != '?';
}

bool pf_is_file(const struct mt_item *item)
{
	return mt_item_readable(item) && !other_type(item);
}

/* Absent or not a file breaks Postfix; not allowed to look only blinds us. */
static bool read_config_file(struct pf_instance *instance, const struct mt_item *item,
			     const char *name)
{
	if (pf_is_file(item)) {
		if (item->mtime > instance->mta->changed)
			instance->mta->changed = item->mtime;
		return true;
	}
	instance->unreadable = true;
	if (item->presence == MT_ABSENT || other_type(item))
		break_it(instance, item->name, 0,
			 unusable_file(item, name, instance->model->arena));
	return false;
}

/* As the service sees it whose name that parameter has. */
static struct pf_scope scope_named(const struct pf_instance *instance, const char *parameter)
{
	const char *name = mt_strz(instance->scope.arena, pf_get(&instance->scope, parameter));
	const struct pf_service *service = pf_mastercf_get(&instance->mastercf, name, "unix");
	if (!service)
		service = pf_mastercf_get(&instance->mastercf, name, "fifo");
	return pf_scope_of(instance, service);
}

static void make_scopes(struct pf_instance *instance)
{
	const struct mt_snapshot *snapshot = instance->model->snapshot;
	struct mt_arena *arena = instance->model->arena;
	struct mt_str value;
	instance->scope = (struct pf_scope){
		.arena = arena,
		.maincf = &instance->maincf,
		.hostname = snapshot->host,
		.config_directory = instance->mta->instance,
		.mynetworks = "",
	};
	if (!pf_maincf_get(&instance->maincf, MT_STR("mynetworks")) &&
	    pf_postconf(snapshot, instance->mta->instance, "mynetworks", &value))
		instance->scope.mynetworks = mt_strz(arena, value);
	instance->routing = scope_named(instance, "rewrite_service_name");
	instance->queue = scope_named(instance, "queue_service_name");
	instance->cleanup = scope_named(instance, "cleanup_service_name");
}

/* "type", "name/type", or "name.type" as it was once written; "!": but not that. The first that fits decides. */
bool pf_service_disabled(const struct pf_instance *instance, const struct pf_service *service)
{
	struct mt_str rest = pf_get(&instance->scope, "master_service_disable"), word;
	while (mt_str_word(&rest, " ,\t\r\n", &word)) {
		bool disabled = true;
		size_t split = 0;
		for (; word.n && word.p[0] == '!'; word.p++, word.n--)
			disabled = !disabled;
		for (size_t i = 0; i < word.n; i++)
			if (word.p[i] == '/' || (word.p[i] == '.' && !memchr(word.p, '/', word.n)))
				split = i + 1;
		struct mt_str name = {word.p, split ? split - 1 : 0};
		struct mt_str type = {word.p + split, word.n - split};
		if (mt_str_same(type, service->type) &&
		    (!split || mt_str_same(name, service->name)))
			return disabled;
	}
	return false;
}

bool pf_defers(const struct pf_instance *instance, struct mt_str transport)
{
	struct mt_str rest = pf_get(&instance->queue, "defer_transports"), word;
	while (mt_str_word(&rest, " ,\t\r\n", &word))
		if (mt_str_eq(word, transport))
			return true;
	return false;
}

static void check_whole(struct pf_instance *instance)
{
	/* Every program but postconf(1) reads the level when it starts, and dies of one that is
	 * malformed. */
	struct mt_error error = {0};
	struct mt_str ignored;
	const struct mt_origin *at;
	if (pf_maincf_get(&instance->maincf, MT_STR("compatibility_level")) &&
	    pf_expand_text(&instance->scope,
			   MT_STR("${{$compatibility_level} >=level {0} ? {} : {}}"), &ignored,
			   &error) != 0) {
		at = pf_origin(instance, &instance->scope, "compatibility_level");
		break_it(instance, at->file, at->line,
			 mt_strdup(instance->model->arena, error.message));
	}
	pf_protocols(&instance->scope, &instance->protocols);
	pf_own(&instance->scope, &instance->protocols, instance->model->snapshot->facts,
	       &instance->own);
	struct mt_str interfaces = pf_raw(&instance->scope, MT_STR("inet_interfaces")).text;
	instance->plain_interfaces = !memchr(interfaces.p, '$', interfaces.n);
	if (instance->protocols.fatal && !instance->broken) {
		at = pf_origin(instance, &instance->scope, "inet_protocols");
		break_it(instance, at ? at->file : instance->main_path, at ? at->line : 0,
			 instance->protocols.fatal);
	}
	if (instance->own.fatal && !instance->broken) {
		at = pf_origin(instance, &instance->scope, "inet_interfaces");
		break_it(instance, at ? at->file : instance->main_path, at ? at->line : 0,
			 instance->own.fatal);
	}
}

/* ---- the word of Postfix itself ---- */

/* Parameters that plans write: what was said of their old value may be history. */
static bool is_planned_parameter(struct mt_str name)
{
	return mt_str_is(name, "inet_interfaces") || mt_str_is(name, "inet_protocols") ||
	       mt_str_is(name, "mynetworks") || mt_str_starts(name, "smtp_") ||
	       mt_str_starts(name, "lmtp_");
}

/* "file DIR/main.cf: parameter myhostname: bad parameter value: x", "bad numerical configuration: NAME = x". */
static const struct pf_entry *blamed(const struct pf_instance *instance, struct mt_str message)
{
	struct mt_str word;
	while (mt_str_word(&message, " :,\"", &word)) {
		const struct pf_entry *entry = pf_maincf_get(&instance->maincf, word);
		if (entry)
			return entry;
	}
	return NULL;
}

/* The line it died of, with the warning that came before it: "postmap: fatal: ...". */
static const char *last_words(struct mt_arena *arena, struct mt_str said)
{
	static const char fatal[] = "postmap: fatal: ", warning[] = "postmap: warning: ";
	struct mt_str line, before = {"", 0};
	while (mt_str_line(&said, &line)) {
		if (mt_str_starts(line, warning) && !mt_str_has(line, "overriding earlier entry"))
			before = (struct mt_str){line.p + sizeof warning - 1,
						 line.n - (sizeof warning - 1)};
		if (!mt_str_starts(line, fatal))
			continue;
		line = (struct mt_str){line.p + sizeof fatal - 1, line.n - (sizeof fatal - 1)};
		return before.n ? mt_format(arena, "%.*s (%.*s)", MT_STR_FMT(line),
					    MT_STR_FMT(before))
				: mt_strz(arena, line);
	}
	return NULL;
}

/* The collector lets a program of Postfix load main.cf, as `fix` does with its copy: of what is read wrongly
 * here, or not at all, that program dies all the same. */
static void hear_verdict(struct pf_instance *instance)
{
	const struct mt_model *model = instance->model;
	const struct mt_item *item =
		mt_snapshot_probe(model->snapshot, mt_format(model->arena, "postfix.valid %s",
							     instance->mta->instance));
	const char *why = mt_item_readable(item) && item->status == 1
				  ? last_words(model->arena, item->bytes)
				  : NULL;
	if (instance->broken || !why || strstr(why, "Permission denied")) /* of who looks */
		return;
	const struct pf_entry *entry = blamed(instance, mt_str_of(why));
	if (instance->main_item->planned && (!entry || is_planned_parameter(entry->name)))
		return;
	break_it(instance, instance->main_path, entry ? entry->where.line : 0, why);
	instance->condemned = true;
}

struct pf_instance *pf_instance_read(struct mt_model *model, struct mt_mta *mta)
{
	struct mt_arena *arena = model->arena;
	struct pf_instance *instance = MT_NEW(arena, struct pf_instance);
	instance->model = model;
	instance->mta = mta;
	instance->main_path = mt_format(arena, "%s/main.cf", mta->instance);
	instance->master_path = mt_format(arena, "%s/master.cf", mta->instance);
	instance->main_item = mt_snapshot_file(model->snapshot, instance->main_path);
	instance->master_item = mt_snapshot_file(model->snapshot, instance->master_path);
	bool main_ok = read_config_file(instance, instance->main_item, "main.cf");
	bool master_ok = read_config_file(instance, instance->master_item, "master.cf");
	pf_maincf_parse(arena, instance->main_path,
			main_ok ? instance->main_item->bytes : MT_STR(""), &instance->maincf);
	pf_mastercf_parse(arena, instance->master_path,
			  master_ok ? instance->master_item->bytes : MT_STR(""),
			  &instance->mastercf);
	make_scopes(instance);
	if (instance->maincf.error)
		break_it(instance, instance->main_path, instance->maincf.error_line,
			 instance->maincf.error);
	if (main_ok) {
		check_whole(instance);
		hear_verdict(instance);
	}
	if (instance->mastercf.error)
		break_it(instance, instance->master_path, instance->mastercf.error_line,
			 instance->mastercf.error);
	return instance;
}
