/* SPDX-License-Identifier: ISC */
/* showing.c: the host, or which way one mail takes there. */
#include "app/showing.h"

#include "app/examination.h"
#include "app/read_host.h"

/* One an MTA. */
static void find_routes(struct mt_examination *e, const struct mt_mail *mail)
{
	const struct mt_model *model = e->examined.model;
	size_t n = 0;
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		n++;
	e->examined.routes = mt_alloc(e->app->arena, (n + 1) * sizeof *e->examined.routes);
	e->examined.route_count = n;
	n = 0;
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		mt_route(model, mta, mail, &e->examined.routes[n++]);
}

/* Keys that tables would have to be asked for: those of an address that another was rewritten to. */
static bool more_to_ask(struct mt_examination *e)
{
	bool more = false;
	for (size_t i = 0; i < e->examined.route_count; i++)
		for (const char *const *key = e->examined.routes[i].ask; key && *key; key++)
			if (!mt_list_has(e->app->queries, *key)) {
				mt_list_add(e->app->arena, &e->app->queries, *key);
				more = true;
			}
	return more && mt_app_is_here(e->app);
}

/* An alias of an alias of an alias; each costs a collection. */
#define ROUNDS 8

static int examine(struct mt_examination *e, struct mt_error *error)
{
	const struct mt_showing *showing = e->data;
	struct mt_examined *found = &e->examined;
	for (unsigned round = 0; round < ROUNDS; round++) {
		if (mt_read_model(e->app, &found->model, error) != 0 ||
		    mt_need_mta(e->app, found->model, error) != 0)
			return -1;
		if (showing->mail.to)
			find_routes(e, &showing->mail);
		if (!more_to_ask(e))
			break;
	}
	found->advised = !showing->mail.to && showing->advises && found->model->snapshot->complete;
	if (found->advised)
		found->remedy = mt_remedy(found->model, NULL, e->app->settings->method);
	return 0;
}

int mt_showing_run(struct mt_app *app, struct mt_showing *showing, struct mt_error *error)
{
	struct mt_examination e = {.app = app, .examine = examine, .data = showing};
	app->queries = mt_mail_keys(app->arena, &showing->mail);
	int failed = mt_examination_run(&e, error);
	showing->examined = e.examined;
	return failed;
}
