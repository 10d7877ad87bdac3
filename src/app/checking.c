/* SPDX-License-Identifier: ISC */
/* checking.c: from lists and settings to a finished check. */
#include "app/checking.h"

#include <errno.h>
#include <string.h>

#include "app/examination.h"
#include "app/read_host.h"
#include "io/sys/fs.h"

/* ---- lists ---- */

/* At the end of `list`, unless it is there. */
static void pick(struct mt_arena *arena, struct mt_dnsbl **list, const struct mt_dnsbl *one)
{
	if (mt_dnsbl_get(*list, mt_str_of(one->name)))
		return;
	while (*list)
		list = &(*list)->next;
	*list = MT_NEW(arena, struct mt_dnsbl);
	**list = *one;
	(*list)->next = NULL;
}

static int pick_named(struct mt_arena *arena, struct mt_dnsbl *known, struct mt_str name,
		      struct mt_dnsbl **list, struct mt_error *error)
{
	const struct mt_dnsbl *one = mt_dnsbl_get(known, name);
	if (one && one->dead)
		return mt_fail(error, MT_EXIT_USAGE, "--dnsbl", "%s is not asked: it %s", one->name,
			       one->dead);
	if (one) {
		pick(arena, list, one);
		return 0;
	}
	struct mt_text names = MT_TEXT_INIT(arena);
	for (; known; known = known->next)
		if (!known->dead)
			mt_text_addf(&names, "%s%s", names.n ? ", " : "", known->name);
	return mt_fail(error, MT_EXIT_USAGE, "--dnsbl",
		       "no list \"%.*s\" is known; there are: %s. Others are told to "
		       "mtapin.conf, with their codes",
		       MT_STR_FMT(name), mt_text_z(&names));
}

int mt_checking_options(const struct mt_app *app, const char *said,
			struct mt_check_options *options, struct mt_error *error)
{
	const struct mt_settings *settings = app->settings;
	struct mt_dnsbl *known = NULL, *lists = NULL, **end = &known;
	struct mt_str rest = mt_str_of(said ? said : ""), name;
	/* the settings' lists are known before those of the data file */
	for (const struct mt_dnsbl *l = settings->lists; l; l = l->next)
		pick(app->arena, &known, l);
	while (*end)
		end = &(*end)->next;
	*end = mt_dnsbl_known(app->arena);
	while (mt_str_word(&rest, ",", &name))
		if (pick_named(app->arena, known, name, &lists, error) != 0)
			return -1;
	/* all that live; with lists in the settings, those */
	if (said ? !*said : settings->lists != NULL)
		for (const struct mt_dnsbl *l = settings->lists ? settings->lists : known; l;
		     l = l->next)
			if (!l->dead)
				pick(app->arena, &lists, l);
	*options = (struct mt_check_options){.lists = lists,
					     .preferred = settings->preferred,
					     .preferred_count = settings->preferred_count};
	return 0;
}

/* ---- asking ---- */

void mt_tell_asked(const struct mt_app *app, struct mt_asked asked)
{
	mt_tell(app, "asked the DNS %zu questions in %u ms, the slowest answer took %u ms",
		asked.questions, asked.total_ms, asked.slowest_ms);
}

int mt_checking_run(const struct mt_app *app, struct mt_model *model, struct mt_checking *checking,
		    struct mt_error *error)
{
	struct mt_asker *asker = NULL;
	const struct mt_item *kept = mt_snapshot_probe(model->snapshot, "dns");
	checking->dns = mt_dns_read(model->snapshot);
	bool asks = kept->presence == MT_UNASKED, outside = app->given != NULL;
	if (asks && !outside &&
	    mt_asker_open(app->arena, app->settings->resolvers, &asker, error) != 0)
		return -1;
	if (asker && !checking->silent)
		mt_asker_waiting(asker, mt_app_waiting(app));
	if (asker && checking->limit_ms)
		mt_asker_limit(asker, checking->limit_ms);
	struct mt_ask ask = {.asker = asker,
			     .elsewhere = asks && outside ? mt_ask_outside : NULL,
			     .data = app->arena,
			     .check = checking->check,
			     .options = &checking->options,
			     .dns = checking->dns};
	checking->result = mt_ask(&ask, model);
	if (asker && app->verbose)
		mt_tell_asked(app, mt_asker_asked(asker));
	mt_asker_close(asker);
	return 0;
}

/* ---- a host as a whole ---- */

static int examine(struct mt_examination *e, struct mt_error *error)
{
	struct mt_host_check *of = e->data;
	struct mt_model **model = &e->examined.model;
	struct mt_str bundle;
	if (mt_read_bundle(e->app, of->save != NULL, &bundle, error) != 0 ||
	    mt_model_of(e->app, bundle, model, error) != 0 ||
	    mt_need_mta(e->app, *model, error) != 0 ||
	    mt_checking_run(e->app, *model, &of->checking, error) != 0 ||
	    (of->save && mt_dns_save(of->checking.dns, bundle, &e->bytes, error) != 0))
		return -1;
	e->examined.check = of->checking.result;
	mt_check_report(e->examined.check);
	e->examined.advised = (*model)->snapshot->complete && of->advises;
	if (e->examined.advised)
		e->examined.remedy = mt_remedy(*model, e->examined.check, e->app->settings->method);
	return 0;
}

int mt_host_check_run(struct mt_app *app, struct mt_host_check *of, struct mt_error *error)
{
	struct mt_examination e = {.app = app, .examine = examine, .data = of};
	of->checking.check = mt_check;
	int failed = mt_examination_run(&e, error);
	of->examined = e.examined;
	if (of->examined.check)
		of->examined.check->options = &of->checking.options;
	if (!failed && of->save && mt_put_file(app->arena, of->save, e.bytes) != 0)
		failed = mt_fail(error, MT_EXIT_FAILED, of->save,
				 "the bundle cannot be written: %s", strerror(errno));
	return failed;
}
