/* SPDX-License-Identifier: ISC */
/*
 * audit.h: what an audit prints: a host as it finishes, and at the end what they have in common.
 */
#ifndef MT_UI_AUDIT_H
#define MT_UI_AUDIT_H

#include "core/audit/tally.h"
#include "ui/json.h"
#include "ui/output.h"

/* ---- one host ---- */

struct mt_audited {
	const char *name; /* as it was asked for */
	struct mt_report report; /* plan: NULL unless something is expected */
	const struct mt_expect *expect; /* NULL: nothing */
	bool complies;
	const char *refused; /* no plan could be made: why; NULL: one was, or none was asked for */
};

/* A line of facts; with -v all that `show` says; what is not as expected, and the diff that would mend it. */
void mt_text_audited(struct mt_text *text, const struct mt_output *out, const struct mt_audited *a);
/* The same as one line of JSON. */
void mt_json_audited(struct mt_text *text, const struct mt_audited *a);

struct mt_unexamined {
	const char *name;
	enum mt_cause cause;
	const char *detail; /* "" none */
};
void mt_text_unexamined(struct mt_text *text, const struct mt_output *out,
			const struct mt_unexamined *u);
void mt_json_unexamined(struct mt_text *text, const struct mt_unexamined *u);

/* ---- all of them ---- */

/* Names of hosts in short: web[001-040],mail7; with a limit on how much is spelled out. */
void mt_fold(struct mt_text *text, const struct mt_hosts *hosts, struct mt_indexes *list);

void mt_text_tally(struct mt_text *text, const struct mt_output *out, struct mt_tally *tally);
void mt_text_audit_nagios(struct mt_text *text, struct mt_tally *tally);
/* `"summary": {...}` */
void mt_json_tally(struct mt_text *text, struct mt_tally *tally);

#endif
