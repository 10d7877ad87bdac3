/* SPDX-License-Identifier: ISC */
/* read_host.c: from the host that is looked at (this one, a bundle, a tree) to a model. */
#include "app/read_host.h"

#include <string.h>

#include "app/examination.h"
#include "io/collect/collect.h"
#include "io/collect/tree.h"

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

const char *const *mt_mail_keys(struct mt_arena *arena, const struct mt_mail *mail)
{
	const char *const *keys = NULL;
	if (mail->to) {
		ask_address(arena, mail->to, &keys);
		mt_list_add(arena, &keys, "*");
	}
	if (mail->from) /* tables know the empty sender as <> */
		ask_address(arena, *mail->from ? mail->from : "<>", &keys);
	return keys;
}

struct mt_collect mt_collect_of(const struct mt_app *app, bool redact)
{
	return (struct mt_collect){.backends = app->registry->backends,
				   .redact = redact,
				   .queries = app->queries,
				   .waiting = mt_app_waiting(app)};
}

int mt_read_bundle(const struct mt_app *app, bool redact, struct mt_str *bundle,
		   struct mt_error *error)
{
	struct mt_collect collect = mt_collect_of(app, redact);
	if (app->given) {
		*bundle = *app->given;
		return 0;
	}
	if (app->bundle)
		return mt_collect_file(app->arena, app->bundle, bundle, error);
	if (app->root)
		return mt_collect_root(app->arena, &collect, app->root, bundle, error);
	return mt_collect_local(app->arena, &collect, bundle, error);
}

int mt_model_of(const struct mt_app *app, struct mt_str bundle, struct mt_model **model,
		struct mt_error *error)
{
	struct mt_snapshot *snapshot;
	if (mt_bundle_decode(app->arena, bundle, &snapshot, error) != 0)
		return -1;
	*model = mt_examine(snapshot, app->registry->backends);
	mt_registry_findings(app->registry, *model);
	return 0;
}

static int examine_host(struct mt_examination *e, struct mt_error *error)
{
	return mt_read_model(e->app, &e->examined.model, error);
}

int mt_read_model(struct mt_app *app, struct mt_model **model, struct mt_error *error)
{
	struct mt_str bundle;
	if (app->bundle && !app->given) {
		struct mt_examination e = {.app = app, .examine = examine_host};
		if (mt_examination_run(&e, error) != 0)
			return -1;
		*model = e.examined.model;
		return 0;
	}
	if (mt_read_bundle(app, false, &bundle, error) != 0)
		return -1;
	return mt_model_of(app, bundle, model, error);
}

static const char *titles(const struct mt_app *app)
{
	struct mt_text text = MT_TEXT_INIT(app->arena);
	for (size_t i = 0; i < app->registry->count; i++)
		if (app->registry->backends[i]->detect)
			mt_text_addf(&text, "%s%s", text.n ? ", " : "",
				     app->registry->backends[i]->title);
	return text.n ? mt_text_z(&text) : "nothing, since no backend is loaded";
}

int mt_need_mta(const struct mt_app *app, const struct mt_model *model, struct mt_error *error)
{
	if (model->mtas)
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, model->snapshot->host,
		       "no mail server found (looked for: %s)%s", titles(app),
		       model->snapshot->complete ? "" : "; but the collection is incomplete");
}
