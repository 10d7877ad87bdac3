/* SPDX-License-Identifier: ISC */
/* app.c: who is told what is being done. */
#include "app/app.h"

#include <stdarg.h>

#include <mtapin/message.h>

void mt_tell(const struct mt_app *app, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	app->remark(app->data, mt_vmessage(app->arena, fmt, args));
	va_end(args);
}

void mt_tell_step(void *data, const char *what)
{
	const struct mt_app *app = data;
	mt_tell(app, "... %s", what);
}

struct mt_waiting mt_app_waiting(const struct mt_app *app)
{
	return (struct mt_waiting){mt_tell_step, (void *)app};
}

bool mt_app_is_here(const struct mt_app *app)
{
	return !app->bundle && !app->root;
}
