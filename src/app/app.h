/* SPDX-License-Identifier: ISC */
/*
 * app.h: what the work between commands and io is done with: memory, backends, settings, the host that is looked at,
 * and who is told on the way. No option is parsed here, and nothing printed: a remark is a message to the caller.
 */
#ifndef MT_APP_H
#define MT_APP_H

#include "io/settings/settings.h"
#include "io/sys/run.h"
#include "registry.h"

struct mt_app {
	struct mt_arena *arena;
	const struct mt_registry *registry;
	const struct mt_settings *settings;
	const char *bundle, *root; /* a saved bundle or a tree is looked at; NULL both: this host */
	/* keys that tables of the host are asked for (`show --to`); NULL-terminated, NULL: none */
	const char *const *queries;
	/* In a child that has nothing: the bundle, read already; the DNS is asked outside. NULL: this is no such child. */
	const struct mt_str *given;
	bool verbose; /* figures are told as well */
	void (*remark)(void *data, const struct mt_message *remark);
	void *data; /* of remark */
};

/* A remark; `fmt` as for mt_message(). */
void mt_tell(const struct mt_app *app, const char *fmt, ...) MT_PRINTF(2, 3);
/* "... WHAT": what begins now, or what a wait is for; `app` is the struct mt_app, as data of a callback. */
void mt_tell_step(void *app, const char *what);
/* Tells what a wait of more than five seconds is for. */
struct mt_waiting mt_app_waiting(const struct mt_app *app);
/* This host, and not a bundle or a tree. */
bool mt_app_is_here(const struct mt_app *app);

#endif
