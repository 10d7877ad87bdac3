/* SPDX-License-Identifier: ISC */
/* checking.c: from lists and settings to a finished check. */
#include "app/checking.h"

#include "app/examination.h"
#include "app/read_host.h"

/* ---- lists ---- */

struct picker {
	const struct mt_app *app;
	struct mt_dnsbl *known; /* those of the settings before those of the data file */
	struct mt_dnsbl *first, **at; /* picked */
	struct mt_error *error;
};

static const char *names(struct picker *p)
{
	struct mt_text text = MT_TEXT_INIT(p->app->arena);
	for (const struct mt_dnsbl *l = p->known; l; l = l->next)
		if (!l->dead)
			mt_text_addf(&text, "%s%s", text.n ? ", " : "", l->name);
	return mt_text_z(&text);
}

static void pick(struct picker *p, const struct mt_dnsbl *list)
{
	if (mt_dnsbl_get(p->first, mt_str_of(list->name)))
		return;
	*p->at = MT_NEW(p->app->arena, struct mt_dnsbl);
	**p->at = *list;
	(*p->at)->next = NULL;
	p->at = &(*p->at)->next;
}

static int pick_named(struct picker *p, struct mt_str name)
{
	const struct mt_dnsbl *list = mt_dnsbl_get(p->known, name);
	if (!list)
		return mt_fail(p->error, MT_EXIT_USAGE, "--dnsbl",
			       "no list \"%.*s\" is known; there are: %s. Others are told to "
			       "mtapin.conf, with their codes",
			       MT_STR_FMT(name), names(p));
	if (list->dead)
		return mt_fail(p->error, MT_EXIT_USAGE, "--dnsbl", "%s is not asked: it %s",
			       list->name, list->dead);
	pick(p, list);
	return 0;
}

/* All that live; with lists in the settings, those. */
static void pick_all(struct picker *p)
{
	const struct mt_dnsbl *own = p->app->settings->lists;
	for (const struct mt_dnsbl *l = own ? own : p->known; l; l = l->next)
		if (!l->dead)
			pick(p, l);
}

/* The settings' lists, then the data file's. */
static void know(struct picker *p)
{
	struct mt_dnsbl *own = NULL, **at = &own;
	for (const struct mt_dnsbl *l = p->app->settings->lists; l; l = l->next) {
		*at = MT_NEW(p->app->arena, struct mt_dnsbl);
		**at = *l;
		at = &(*at)->next;
	}
	*at = mt_dnsbl_known(p->app->arena);
	p->known = own;
}

int mt_checking_options(const struct mt_app *app, const char *said,
			struct mt_check_options *options, struct mt_error *error)
{
	const struct mt_settings *settings = app->settings;
	struct picker p = {.app = app, .error = error};
	struct mt_str rest = mt_str_of(said ? said : ""), name;
	p.at = &p.first;
	know(&p);
	while (mt_str_word(&rest, ",", &name))
		if (pick_named(&p, name) != 0)
			return -1;
	if (said ? !*said : settings->lists != NULL)
		pick_all(&p);
	*options = (struct mt_check_options){.lists = p.first,
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
	if (mt_read_bundle(e->app, of->saves, &bundle, error) != 0 ||
	    mt_model_of(e->app, bundle, model, error) != 0 ||
	    mt_need_mta(e->app, *model, error) != 0 ||
	    mt_checking_run(e->app, *model, &of->checking, error) != 0 ||
	    (of->saves && mt_dns_save(of->checking.dns, bundle, &e->bytes, error) != 0))
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
	of->bundle = e.bytes;
	if (of->examined.check)
		of->examined.check->options = &of->checking.options;
	return failed;
}
