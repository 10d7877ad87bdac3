/* SPDX-License-Identifier: ISC */
/* read.h: from the options (this host, --bundle, --root) to a model. */
#ifndef MT_CMD_READ_H
#define MT_CMD_READ_H

#include "cmd/command.h"
#include "io/collect.h"

/* Says as a remark what a wait of more than five seconds is for. */
struct mt_waiting mt_waiting_of(const struct mt_context *context);
struct mt_collect mt_collect_of(const struct mt_context *context, bool redact);
/* The bundle that the options name. Errors: code 2. */
int mt_read_bundle(const struct mt_context *context, bool redact, struct mt_str *bundle,
		   struct mt_error *error) MT_MUST_CHECK;
/* Decode it and examine what it shows. Errors: code 2. */
int mt_model_of(const struct mt_context *context, struct mt_str bundle, struct mt_model **model,
		struct mt_error *error) MT_MUST_CHECK;
/*
 * Collect raw, decode and examine; a saved bundle in a child that has nothing: what comes of that is to be looked at only.
 * The findings of refused modules are in the model. Errors: code 2.
 * An incomplete collection is not one: look at model->snapshot->complete.
 */
int mt_read_model(struct mt_context *context, struct mt_model **model,
		  struct mt_error *error) MT_MUST_CHECK;
/* No MTA: says so, with what was looked for; code 2. */
int mt_need_mta(const struct mt_context *context, const struct mt_model *model,
		struct mt_error *error) MT_MUST_CHECK;
/* Say that a transaction waits for recovery, unless another host is looked at. */
void mt_remark_pending(const struct mt_context *context);
/* This host, anew: data is the context. For the apply engine. */
int mt_recollect(void *data, struct mt_arena *arena, struct mt_snapshot **snapshot,
		 struct mt_error *error);

/* The modules that were refused, on stderr (outside: a child has none). */
void mt_registry_complain(const struct mt_context *context);

#endif
