/* SPDX-License-Identifier: ISC */
/* read_host.h: from the host that is looked at (this one, a bundle, a tree) to a model. */
#ifndef MT_APP_READ_HOST_H
#define MT_APP_READ_HOST_H

#include "app/app.h"
#include "io/collect/collect.h"

/* What tables would be asked for this mail; NULL: nothing. */
const char *const *mt_mail_keys(struct mt_arena *arena, const struct mt_mail *mail);
struct mt_collect mt_collect_of(const struct mt_app *app, bool redact);
/* The bundle of the host. Errors: code 2. */
int mt_read_bundle(const struct mt_app *app, bool redact, struct mt_str *bundle,
		   struct mt_error *error) MT_MUST_CHECK;
/* Decode it and examine what it shows; the findings of refused modules are in the model. Errors: code 2. */
int mt_model_of(const struct mt_app *app, struct mt_str bundle, struct mt_model **model,
		struct mt_error *error) MT_MUST_CHECK;
/*
 * Collect raw, decode and examine; a saved bundle in a child that has nothing: what comes of that is to be looked at only.
 * Errors: code 2. An incomplete collection is not one: look at model->snapshot->complete.
 */
int mt_read_model(struct mt_app *app, struct mt_model **model,
		  struct mt_error *error) MT_MUST_CHECK;
/* No MTA is an error that says what was looked for; code 2. */
int mt_need_mta(const struct mt_app *app, const struct mt_model *model,
		struct mt_error *error) MT_MUST_CHECK;

#endif
