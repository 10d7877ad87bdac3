/* SPDX-License-Identifier: ISC */
/* transaction.h: what a transaction needs of the host that is looked at, and of who runs it. */
#ifndef MT_APP_TRANSACTION_H
#define MT_APP_TRANSACTION_H

#include "app/app.h"
#include "io/txn/apply.h"

/* Options of the engine, as far as the app and its settings say; a wait is told, a step is not. */
struct mt_apply_options mt_apply_options_of(struct mt_app *app);
/* Who may not write the state folder can apply nothing. Error: says so, with the command that could; `line` is what was typed. */
int mt_need_root(const struct mt_app *app, const char *line, struct mt_error *error) MT_MUST_CHECK;
/* Of a tree: from here on its files are all there is (mt_root_enter()). `accept` as there. */
int mt_enter_root(const struct mt_app *app, const char *const *accept,
		  struct mt_error *error) MT_MUST_CHECK;
/* Tell that a transaction waits for recovery, unless another host is looked at. */
void mt_tell_pending(const struct mt_app *app);

#endif
