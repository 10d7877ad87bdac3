/* SPDX-License-Identifier: ISC */
/*
 * audit.h: what an audit prints: a host as it finishes, and at the end what they have in common.
 *
 * The tally keeps a few numbers a host (its index in each list it belongs to), never what it said.
 */
#ifndef MT_UI_AUDIT_H
#define MT_UI_AUDIT_H

#include "core/cause.h"
#include "core/hosts.h"
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

struct mt_indexes {
	uint32_t *at; /* from malloc */
	size_t n, cap;
};
void mt_indexes_add(struct mt_indexes *list, uint32_t i);

struct mt_group {
	enum mt_severity severity;
	const char *id, *message, *deed; /* of the first one */
	const struct mt_recipe *command; /* the same */
	bool message_differs, fix_differs;
	struct mt_indexes hosts;
	struct mt_group *next;
};

struct mt_tally {
	struct mt_arena *arena;
	const struct mt_hosts *hosts;
	const struct mt_backend *const *backends; /* where titles are looked up */
	const char *resolvers; /* of the DNS, asked from here; NULL: it was not asked */
	struct mt_group *groups; /* errors first, in the order of their first host */
	size_t finished, examined;
	size_t worst[MT_ERROR + 1]; /* hosts whose worst finding is a note, a warning, an error */
	size_t clean; /* without any */
	size_t expected; /* hosts of which something is expected */
	struct mt_indexes differing; /* those of them that do not comply */
	struct mt_indexes serverless; /* without any mail server */
	struct mt_indexes unexamined[MT_CAUSES];
	size_t unexamined_count;
};

/* Note a finding of host `i`; texts are copied when they are new. */
void mt_tally_finding(struct mt_tally *tally, uint32_t i, const struct mt_finding *finding);
void mt_tally_free(struct mt_tally *tally);

/* Names of hosts in short: web[001-040],mail7; with a limit on how much is spelled out. */
void mt_fold(struct mt_text *text, const struct mt_hosts *hosts, struct mt_indexes *list);

void mt_text_tally(struct mt_text *text, const struct mt_output *out, struct mt_tally *tally);
void mt_text_audit_nagios(struct mt_text *text, struct mt_tally *tally);
/* `"summary": {...}` */
void mt_json_tally(struct mt_text *text, struct mt_tally *tally);

#endif
