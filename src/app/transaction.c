/* SPDX-License-Identifier: ISC */
/* transaction.c: what a transaction needs of the host that is looked at, and of who runs it. */
#include "app/transaction.h"

#include <errno.h>
#include <installed.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

#include "io/collect/collect.h"
#include "io/collect/tree.h"

/* This host, anew. */
static int recollect(void *data, struct mt_arena *arena, struct mt_snapshot **snapshot,
		     struct mt_error *error)
{
	const struct mt_app *app = data;
	struct mt_collect collect = {.backends = app->registry->backends,
				     .waiting = mt_app_waiting(app)};
	struct mt_str bundle;
	if (mt_collect_local(arena, &collect, &bundle, error) != 0)
		return -1;
	return mt_bundle_decode(arena, bundle, snapshot, error);
}

struct mt_apply_options mt_apply_options_of(struct mt_app *app)
{
	return (struct mt_apply_options){
		.arena = app->arena,
		.state_dir = MT_STATE_DIR,
		.keep_backups = app->settings->keep_backups,
		.service_timeout = app->settings->service_timeout,
		.command = "",
		.boot_hook = !app->root,
		.rooted = app->root != NULL,
		.recollect = app->root ? NULL : recollect,
		.slow = mt_tell_step,
		.data = app,
		.backends = app->registry->backends,
	};
}

/* It is made when it is first needed, with what is above it. */
static bool may_write(struct mt_arena *arena, const char *path)
{
	while (strcmp(path, "/") != 0 && access(path, F_OK) < 0 && errno == ENOENT)
		path = dirname(mt_strdup(arena, path));
	return access(path, W_OK) == 0 || errno == EROFS;
}

int mt_need_root(const struct mt_app *app, const char *line, struct mt_error *error)
{
	if (geteuid() == 0 || app->root || may_write(app->arena, MT_STATE_DIR))
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, "", "needs root: sudo %s", line);
}

int mt_enter_root(const struct mt_app *app, const char *const *accept, struct mt_error *error)
{
	return app->root ? mt_root_enter(app->arena, app->root, accept, error) : 0;
}

void mt_tell_pending(const struct mt_app *app)
{
	struct mt_pending pending;
	if (mt_app_is_here(app) && mt_pending(MT_STATE_DIR, &pending))
		mt_tell(app, "%s", pending.text);
}
