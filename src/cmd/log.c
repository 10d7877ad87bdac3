/* SPDX-License-Identifier: ISC */
/* log.c: why mail does not arrive, as logs and mailboxes tell. */
#include <stdio.h>
#include <string.h>

#include "app/log_reading.h"
#include "cmd/command.h"
#include "ui/log.h"

/* ---- times ---- */

/* "7d", "12h": so long ago */
static bool ago(const struct mt_log_reading *r, struct mt_str text, int64_t *time)
{
	unsigned long n;
	char unit = text.n > 1 ? text.p[text.n - 1] : '\0';
	if ((unit != 'd' && unit != 'h') ||
	    !mt_str_number(mt_str_part(text, 0, text.n - 1), 100000, &n))
		return false;
	*time = r->now - (int64_t)n * (unit == 'd' ? 86400 : 3600);
	return true;
}

/* A date alone means all of its day. */
static int parse_time(const struct mt_log_reading *r, const char *option, const char *text,
		      int64_t *time, struct mt_error *error)
{
	struct mt_log_stamp stamp;
	*time = MT_LOG_ALWAYS;
	if (!text || ago(r, mt_str_of(text), time))
		return 0;
	if (!mt_log_stamp_parse(mt_str_of(text), &stamp))
		return mt_fail(error, MT_EXIT_USAGE, option,
			       "\"%s\" is no time: 2026-11-07, 2026-11-07T09:00, 7d or 12h", text);
	*time = (int64_t)mt_log_day(stamp.year, stamp.month, stamp.day) * 86400 + stamp.second;
	if (strcmp(option, "--until") == 0 && strlen(text) == 10)
		*time += 86399;
	return 0;
}

/* ---- what became of the files ---- */

static const char *emptiness(const struct mt_logfile *f)
{
	if (!f->bytes)
		return "is empty";
	if (!f->facts.claimed && f->facts.kind == MT_LOG_MAILBOX)
		return "holds no bounce";
	return f->facts.claimed ? NULL : "holds no line of a mail server that is known";
}

/* A sentence each; true: it could not be read, or not to its end. */
static bool account_for(struct mt_context *context, const struct mt_logfile *f)
{
	const char *empty = emptiness(f);
	if (f->error.code) {
		mt_complain(context->arena, f->name, f->error.message);
		return true;
	}
	if (f->bytes && f->facts.kind == MT_LOG_LINES && !f->facts.framed) {
		mt_complain(context->arena, f->name,
			    f->facts.nul ? "is binary: neither a mail log nor a mailbox"
					 : "is neither a mail log nor a mailbox: no line begins "
					   "with a date");
		return true;
	}
	if (empty)
		mt_remark(&context->out, "%s: %s", f->name, empty);
	if (f->long_lines)
		mt_remark(
			&context->out,
			"%s: %u lines are longer than %zu KiB: only their beginning was looked at",
			f->name, f->long_lines, MT_LOG_LINE_MAX >> 10);
	if (f->rotated)
		mt_remark(
			&context->out,
			"%s: was rotated while it was read: what was written since is not counted",
			f->name);
	return false;
}

/* ---- reading and printing ---- */

static void print_events(void *data, const struct mt_log_row *row, size_t count)
{
	const struct mt_context *context = data;
	for (size_t i = 0; i < count; i++)
		mt_log_event_line(&context->out, &row[i]);
	if (count == 1)
		fflush(stdout);
}

static int prepare(struct mt_context *context, struct mt_log_reading *r, struct mt_error *error)
{
	struct mt_options *o = &context->options;
	if (o->events) {
		r->events = print_events;
		r->data = context;
	}
	if (parse_time(r, "--since", o->since, &r->since, error) != 0 ||
	    parse_time(r, "--until", o->until, &r->until, error) != 0)
		return -1;
	if (o->around) {
		o->around = mt_log_reading_around(r, o->around, error);
		if (!o->around)
			return -1;
	}
	if (!mt_app_is_here(r->app) && !o->operands.count)
		return mt_fail(
			error, MT_EXIT_USAGE, o->bundle ? "--bundle" : "--root",
			"says whose addresses to compare with: name the FILE to read as well");
	return 0;
}

static void print(struct mt_context *context, const struct mt_log_reading *r)
{
	struct mt_log_report report;
	mt_log_reading_report(r, &report);
	report.around = context->options.around;
	report.since = context->options.since;
	report.until = context->options.until;
	if (context->out.json) {
		mt_json_log(context->arena, &report, r->logs.files);
		return;
	}
	struct mt_text text = MT_TEXT_INIT(context->arena);
	mt_text_log(&text, &context->out, &report, r->logs.files);
	mt_output_put(mt_text_str(&text));
}

static int run_log(struct mt_context *context)
{
	const struct mt_options *o = &context->options;
	struct mt_error error = {0};
	struct mt_log_reading r = mt_log_reading_new(&context->app);
	if (prepare(context, &r, &error) != 0 ||
	    mt_log_reading_run(&r, o->operands.word, o->journal, &error) != 0)
		return mt_output_error(&context->out, &error);
	bool bad = false;
	for (const struct mt_logfile *f = r.logs.files; f; f = f->next)
		bad |= account_for(context, f);
	if (!o->events)
		print(context, &r);
	return bad ? MT_EXIT_FAILED : MT_EXIT_OK;
}

const struct mt_command mt_command_log = {
	.name = "log",
	.operands = "[FILE...]",
	.max = MT_WORDS_MAX,
	.usage = "",
	.exits = MT_EXITS_READ,
	.summary = "Tell from mail logs and bounces why mail does not arrive",
	.details = "Reads the logs of every backend (.gz and .zst too), mailboxes of bounces and "
		   "the\n"
		   "journal's export; - is standard input, globs are expanded; without FILE what "
		   "this\n"
		   "host has. Counts what was delivered, refused and deferred, and says which "
		   "refusals\n"
		   "point at the sending address.\n"
		   "Times are 2026-11-07, 2026-11-07T09:00, 7d or 12h, in the log's own zone.",
	.of_bundle = true,
	.of_root = true,
	.run = run_log,
};
