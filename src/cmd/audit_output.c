/* SPDX-License-Identifier: ISC */
/* audit_output.c: the hosts of an audit on stdout as they finish, and how far it is on stderr. */
#include <stdio.h>
#include <unistd.h>

#include "cmd/audit.h"
#include "ui/audit.h"

#define SUMMARY ((size_t)256 << 20)

static void clear_progress(const struct mt_audit *audit)
{
	if (audit->progress)
		fputs("\r\033[K", stderr);
}

static void show_progress(const struct mt_audit *audit)
{
	fflush(stdout);
	fprintf(stderr, "\r%zu of %zu hosts, %zu not examined, %u at work\033[K",
		audit->tally.finished, audit->hosts->count, audit->tally.unexamined_count,
		audit->at_work);
}

static void put(struct mt_auditing *a, struct mt_str bytes)
{
	if (!bytes.n)
		return;
	clear_progress(&a->audit);
	if (a->form == MT_AUDIT_JSON)
		fputs(a->printed++ ? ",\n" : "{\"schema\":\"mtapin/1\",\"hosts\":[\n", stdout);
	mt_output_put(bytes);
	if (a->form == MT_AUDIT_JSONL)
		putchar('\n');
	if (!a->audit.stored)
		fflush(stdout);
}

static void print_examined(struct mt_audit *audit, struct mt_arena *arena,
			   const struct mt_named *host, const struct mt_audit_result *result)
{
	struct mt_auditing *a = audit->data;
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_audited audited = {.name = host->name,
				     .report = {.model = result->examined.model,
						.plan = result->examined.plan,
						.check = result->examined.check},
				     .expect = host->expect,
				     .complies = host->expect && result->complies,
				     .refused = result->refused};
	if (a->form == MT_AUDIT_TEXT)
		mt_text_audited(&text, &a->context->out, &audited);
	else if (a->form != MT_AUDIT_NAGIOS)
		mt_json_audited(&text, &audited);
	put(a, mt_text_str(&text));
}

static void print_unexamined(struct mt_audit *audit, struct mt_arena *arena,
			     const struct mt_named *host, enum mt_cause cause, const char *detail)
{
	struct mt_auditing *a = audit->data;
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_unexamined u = {host->name, cause, detail};
	if (a->form == MT_AUDIT_TEXT)
		mt_text_unexamined(&text, &a->context->out, &u);
	else if (a->form != MT_AUDIT_NAGIOS)
		mt_json_unexamined(&text, &u);
	put(a, mt_text_str(&text));
}

void mt_audit_print(struct mt_auditing *a)
{
	a->audit.examined = print_examined;
	a->audit.unexamined = print_unexamined;
	if (isatty(STDERR_FILENO) && !a->context->out.quiet)
		a->audit.progress = show_progress;
	a->audit.data = a;
}

void mt_audit_print_end(struct mt_auditing *a)
{
	struct mt_arena *arena = mt_arena_new(SUMMARY);
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_tally *tally = &a->audit.tally;
	clear_progress(&a->audit);
	if (a->form == MT_AUDIT_TEXT)
		mt_text_tally(&text, &a->context->out, tally);
	else if (a->form == MT_AUDIT_NAGIOS)
		mt_text_audit_nagios(&text, tally);
	else if (a->form == MT_AUDIT_JSON)
		mt_json_tally(&text, tally);
	if (a->form == MT_AUDIT_JSON)
		fputs("],\n", stdout);
	mt_output_put(mt_text_str(&text));
	if (a->form == MT_AUDIT_JSON)
		fputs("}\n", stdout);
	mt_arena_free(arena);
}
