/* SPDX-License-Identifier: ISC */
/*
 * json.h: results as JSON, schema "mtapin/1" (tests/schema/mtapin-1.json), one document on stdout.
 *
 * Strings are Unicode: a byte that is not valid UTF-8 becomes U+FFFD. Everything else is exact; what a
 * terminal would act on is written as an escape.
 */
#ifndef MT_JSON_H
#define MT_JSON_H

#include "core/check/check.h"
#include "core/check/remedy.h"
#include "io/txn/apply.h"
#include "io/service/smtp_probe.h"
#include "registry.h"

/* What `show` and `fix` found; everything but the model may be NULL. */
struct mt_report {
	const struct mt_model *model;
	const struct mt_mail *mail;
	const struct mt_route *routes; /* of the mail: one an MTA, in the model's order */
	const struct mt_plan *plan;
	const struct mt_change
		*hook; /* written with it, and removed once it is confirmed or taken back */
	const struct mt_probe *probes;
	size_t probe_count;
	const struct mt_outcome *outcome; /* of the plan */
	const struct mt_check *check;
	const char *const *follow_up; /* once the plan is applied */
	bool advises; /* a command was looked for: */
	const struct mt_remedy *remedy;
};

void mt_json_report(const struct mt_report *report);
void mt_json_outcome(struct mt_arena *arena, const struct mt_outcome *outcome);
void mt_json_history(const struct mt_history *list);
void mt_json_error(const struct mt_error *error);
void mt_json_explain(const struct mt_finding_row *row);
void mt_json_backends(const struct mt_registry *registry);

#endif
