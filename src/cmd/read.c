/* SPDX-License-Identifier: ISC */
/* read.c: from the options (this host, --bundle, --root) to a model. */
#include "cmd/read.h"

#include <installed.h>
#include <string.h>

#include "cmd/aside.h"
#include "io/apply.h"
#include "io/collect.h"
#include "io/root.h"

static void ask_domain(struct mt_arena *arena, const char *domain, const char *const **keys)
{
	mt_list_add(arena, keys, domain);
	for (const char *dot = strchr(domain + 1, '.'); dot && dot[1]; dot = strchr(dot + 1, '.')) {
		mt_list_add(arena, keys, dot);
		mt_list_add(arena, keys, dot + 1);
	}
}

/* What a table may be asked about an address: itself, without an extension, its local part, its domain and
 * the parents of that. */
static void ask_address(struct mt_arena *arena, const char *address, const char *const **keys)
{
	const char *at = strrchr(address, '@');
	size_t local = at ? (size_t)(at - address) : strlen(address);
	mt_list_add(arena, keys, address);
	if (!at)
		return;
	mt_list_add(arena, keys, mt_format(arena, "%.*s", (int)local, address));
	for (const char *mark = "+-"; *mark; mark++) {
		const char *cut = memchr(address, *mark, local);
		if (!cut || cut == address)
			continue;
		int n = (int)(cut - address);
		mt_list_add(arena, keys, mt_format(arena, "%.*s%s", n, address, at));
		mt_list_add(arena, keys, mt_format(arena, "%.*s", n, address));
	}
	mt_list_add(arena, keys, at);
	ask_domain(arena, at + 1, keys);
}

static void say(void *data, const char *what)
{
	const struct mt_context *context = data;
	mt_remark(&context->out, "... %s", what);
}

struct mt_waiting mt_waiting_of(const struct mt_context *context)
{
	return (struct mt_waiting){say, (void *)context};
}

struct mt_collect mt_collect_of(const struct mt_context *context, bool redact)
{
	const struct mt_options *o = &context->options;
	struct mt_collect collect = {.backends = context->registry.backends,
				     .redact = redact,
				     .waiting = mt_waiting_of(context)};
	if (o->to) {
		ask_address(context->arena, o->to, &collect.queries);
		mt_list_add(context->arena, &collect.queries, "*");
	}
	if (o->from)
		ask_address(context->arena, o->from, &collect.queries);
	for (const char *const *key = context->ask; key && *key; key++)
		mt_list_add(context->arena, &collect.queries, *key);
	return collect;
}

int mt_read_bundle(const struct mt_context *context, bool redact, struct mt_str *bundle,
		   struct mt_error *error)
{
	const struct mt_options *o = &context->options;
	struct mt_collect collect = mt_collect_of(context, redact);
	if (context->given) {
		*bundle = *context->given;
		return 0;
	}
	if (o->bundle)
		return mt_collect_file(context->arena, o->bundle, bundle, error);
	if (o->root)
		return mt_collect_root(context->arena, &collect, o->root, bundle, error);
	return mt_collect_local(context->arena, &collect, bundle, error);
}

int mt_model_of(const struct mt_context *context, struct mt_str bundle, struct mt_model **model,
		struct mt_error *error)
{
	struct mt_snapshot *snapshot;
	if (mt_bundle_decode(context->arena, bundle, &snapshot, error) != 0)
		return -1;
	*model = mt_examine(snapshot, context->registry.backends);
	mt_registry_findings(&context->registry, *model);
	return 0;
}

/* In the child of mt_aside(). */
static int look(struct mt_aside *aside, struct mt_error *error)
{
	return mt_read_model(aside->context, &aside->examined.model, error);
}

int mt_read_model(struct mt_context *context, struct mt_model **model, struct mt_error *error)
{
	struct mt_str bundle;
	if (context->options.bundle && !context->given) {
		struct mt_aside aside = {.context = context, .look = look};
		if (mt_aside(&aside, error) != 0)
			return -1;
		*model = aside.examined.model;
		return 0;
	}
	if (mt_read_bundle(context, false, &bundle, error) != 0)
		return -1;
	return mt_model_of(context, bundle, model, error);
}

static const char *titles(const struct mt_context *context)
{
	struct mt_text text = MT_TEXT_INIT(context->arena);
	for (size_t i = 0; i < context->registry.count; i++)
		if (context->registry.backends[i]->detect)
			mt_text_addf(&text, "%s%s", text.n ? ", " : "",
				     context->registry.backends[i]->title);
	return text.n ? mt_text_z(&text) : "nothing, since no backend is loaded";
}

void mt_registry_complain(const struct mt_context *context)
{
	const struct mt_refused_module *m = context->given ? NULL : context->registry.refused;
	for (; m; m = m->next)
		mt_complain(context->arena, m->where, m->why);
}

int mt_need_mta(const struct mt_context *context, const struct mt_model *model,
		struct mt_error *error)
{
	if (model->mtas)
		return 0;
	mt_registry_complain(context);
	return mt_fail(error, MT_EXIT_FAILED, model->snapshot->host,
		       "no mail server found (looked for: %s)%s", titles(context),
		       model->snapshot->complete ? "" : "; but the collection is incomplete");
}

void mt_remark_pending(const struct mt_context *context)
{
	struct mt_pending pending;
	if (!context->options.bundle && !context->options.root &&
	    mt_pending(MT_STATE_DIR, &pending))
		mt_remark(&context->out, "%s", pending.text);
}

int mt_recollect(void *data, struct mt_arena *arena, struct mt_snapshot **snapshot,
		 struct mt_error *error)
{
	const struct mt_context *context = data;
	struct mt_collect collect = {.backends = context->registry.backends,
				     .waiting = mt_waiting_of(context)};
	struct mt_str bundle;
	if (mt_collect_local(arena, &collect, &bundle, error) != 0)
		return -1;
	return mt_bundle_decode(arena, bundle, snapshot, error);
}
