/* SPDX-License-Identifier: ISC */
/* log.c: why mail does not arrive, as logs and mailboxes tell. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/evidence.h"
#include "cmd/read.h"
#include "cmd/transaction.h"
#include "core/log_wire.h"
#include "io/confined.h"
#include "io/daemon.h"
#include "ui/escape.h"
#include "ui/log.h"

#define NEVER INT64_MIN

struct reading {
	struct mt_context *context;
	struct mt_log_tally *tally, *before; /* before: of --around; NULL */
	int64_t since, until, around; /* seconds in the log's own time; NEVER: not asked */
	long utc_offset;
	int64_t now; /* the same */
	const char *file;
	struct mt_logs logs;
	/* in the child that reads, and of what it says: */
	bool live; /* lines come as they are written: each event is said at once */
	struct mt_log_row *rows;
	size_t row_count;
	struct mt_arena *scratch;
};

/* ---- times ---- */

static int64_t seconds_of(const struct mt_log_stamp *s)
{
	return (int64_t)mt_log_day(s->year, s->month, s->day) * 86400 + s->second;
}

/* "7d", "12h": so long ago */
static bool ago(const struct reading *r, struct mt_str text, int64_t *time)
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
static int parse_time(const struct reading *r, const char *option, const char *text, int64_t *time,
		      struct mt_error *error)
{
	struct mt_log_stamp stamp;
	*time = NEVER;
	if (!text || ago(r, mt_str_of(text), time))
		return 0;
	if (!mt_log_stamp_parse(mt_str_of(text), &stamp))
		return mt_fail(error, MT_EXIT_USAGE, option,
			       "\"%s\" is no time: 2026-11-07, 2026-11-07T09:00, 7d or 12h", text);
	*time = seconds_of(&stamp);
	if (strcmp(option, "--until") == 0 && strlen(text) == 10)
		*time += 86399;
	return 0;
}

/* The moment that an id begins with, 20261124T073224.992Z-..., in UTC. */
static bool id_time(const char *id, int64_t *time)
{
	char text[20] = "0000-00-00T00:00:00";
	static const char at[] = {0, 1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 14, 15, 17, 18};
	struct mt_log_stamp stamp;
	if (strlen(id) < 15)
		return false;
	for (size_t i = 0; i < sizeof at; i++)
		text[(size_t)at[i]] = id[i];
	if (!mt_log_stamp_parse((struct mt_str){text, 19}, &stamp))
		return false;
	*time = seconds_of(&stamp);
	return true;
}

static int find_transaction(struct reading *r, struct mt_error *error)
{
	const char *wanted = r->context->options.around;
	struct mt_apply_options options = mt_apply_options_of(r->context);
	struct mt_history *list = NULL, *found = NULL;
	if (mt_history(&options, &list, error) != 0)
		return -1;
	for (; list; list = list->next)
		if (strcmp(wanted, "last") == 0 || strcmp(list->id, wanted) == 0)
			found = list;
	if (!found || !id_time(found->id, &r->around))
		return mt_fail(error, MT_EXIT_FAILED, wanted,
			       "no such transaction; mtapin history lists them");
	r->context->options.around = found->id;
	r->around += r->utc_offset;
	return 0;
}

/* ---- events ---- */

#define ROWS 256

struct rows {
	struct mt_log_row *list;
	size_t count;
};
static const struct mt_wire_field rows_fields[] = {
	{MT_WIRE_ARRAY, offsetof(struct rows, list), 0, &mt_wire_log_row,
	 offsetof(struct rows, count)},
};
static const struct mt_wire_type rows_type = {sizeof(struct rows), 0, rows_fields, 1};

/* In the child. */
static void say_rows(struct reading *r)
{
	struct mt_text text = MT_TEXT_INIT(r->scratch);
	struct rows rows = {r->rows, r->row_count};
	if (!rows.count)
		return;
	mt_wire_put(&text, &rows_type, &rows);
	mt_confined_say(mt_text_str(&text));
	mt_arena_reset(r->scratch);
	r->row_count = 0;
}

static void say(struct reading *r, const struct mt_log_seen *seen)
{
	r->rows[r->row_count++] = mt_log_row_of(r->scratch, r->file, r->tally, seen);
	if (r->live || r->row_count == ROWS)
		say_rows(r);
}

/* Outside. */
static bool heard(struct mt_confined *c, struct mt_str said)
{
	struct reading *r = c->data;
	struct rows rows;
	if (!r->context->options.events || !mt_wire_get(r->scratch, said, NULL, &rows_type, &rows))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		mt_log_event_line(&r->context->out, &rows.list[i]);
	if (rows.count == 1)
		fflush(stdout);
	mt_arena_reset(r->scratch);
	return true;
}

static void take(void *data, const struct mt_log_seen *seen)
{
	struct reading *r = data;
	int64_t time = (int64_t)seen->day * 86400 + seen->second;
	bool dated = seen->day != MT_LOG_NO_DAY;
	if ((r->since != NEVER && (!dated || time < r->since)) ||
	    (r->until != NEVER && (!dated || time > r->until)))
		return;
	if (r->around != NEVER && (!dated || time < 2 * r->around - r->now))
		return; /* as long before as it is ago now */
	/* A log has whole seconds. What it wrote in that of the transaction's id is of before: an id
	 * is made before the first file is touched. */
	if (r->context->options.events)
		say(r, seen);
	else
		mt_log_tally_add(r->before && time <= r->around ? r->before : r->tally, seen);
}

static void entering(void *data, const char *name)
{
	struct reading *r = data;
	const char *slash = strrchr(name, '/');
	r->file = slash ? slash + 1 : name;
	say_rows(r);
	r->live = true;
	for (const struct mt_logfile *f = r->logs.files; f; f = f->next)
		if (f->name == name)
			r->live = !f->regular;
}

/* ---- reading, in a child that has nothing but what was opened ---- */

#define CHILD_BUDGET ((size_t)128 << 20)
#define RESULT_MAX   ((size_t)32 << 20)
#define PROCESSOR    600 /* seconds: enough for a terabyte */
#define FOR_EVER     (366u * 86400u) /* standard input ends when it ends */
#define SCRATCH	     ((size_t)64 << 20)

/* What became of an input. */
struct read_one {
	struct mt_log_facts facts;
	uint64_t bytes;
	unsigned long_lines, code;
	const char *why;
};
static const struct mt_wire_field one_fields[] = {
	{MT_WIRE_INSIDE, offsetof(struct read_one, facts), 1, &mt_wire_log_facts, 0},
	{MT_WIRE_INT64, offsetof(struct read_one, bytes), 0, NULL, 0},
	{MT_WIRE_UINT, offsetof(struct read_one, long_lines), UINT32_MAX, NULL, 0},
	{MT_WIRE_UINT, offsetof(struct read_one, code), MT_EXIT_CONFIG, NULL, 0},
	{MT_WIRE_TEXT, offsetof(struct read_one, why), 0, NULL, 0},
};
static const struct mt_wire_type one_type = {sizeof(struct read_one), 0, one_fields,
					     MT_ARRAY_LEN(one_fields)};
struct read_all {
	struct mt_log_tally *tally, *before;
	struct read_one *file;
	size_t count;
};
static const struct mt_wire_field all_fields[] = {
	{MT_WIRE_POINTER, offsetof(struct read_all, tally), 0, &mt_wire_tally, 0},
	{MT_WIRE_POINTER, offsetof(struct read_all, before), 0, &mt_wire_tally, 0},
	{MT_WIRE_ARRAY, offsetof(struct read_all, file), 0, &one_type,
	 offsetof(struct read_all, count)},
};
static const struct mt_wire_type all_type = {sizeof(struct read_all), 0, all_fields,
					     MT_ARRAY_LEN(all_fields)};

static size_t count_of(const struct mt_logfile *f)
{
	size_t n = 0;
	for (; f; f = f->next)
		n++;
	return n;
}

static void work(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result)
{
	struct reading *r = c->data;
	struct read_all all = {.tally = r->tally, .before = r->before};
	unsigned opened = 0;
	r->scratch = mt_arena_new(SCRATCH);
	r->rows = mt_alloc(arena, ROWS * sizeof *r->rows);
	for (struct mt_logfile *f = r->logs.files; f; f = f->next)
		if (f->fd >= 0)
			f->fd = c->inputs[opened++];
	mt_logs_parse(&r->logs);
	say_rows(r);
	all.file = mt_alloc(arena, (count_of(r->logs.files) + 1) * sizeof *all.file);
	for (const struct mt_logfile *f = r->logs.files; f; f = f->next)
		all.file[all.count++] =
			(struct read_one){f->facts, f->bytes, f->long_lines,
					  (unsigned)f->error.code, f->error.message};
	mt_log_tally_finish(r->tally);
	if (r->before)
		mt_log_tally_finish(r->before);
	mt_wire_put(result, &all_type, &all);
}

static bool take_result(struct reading *r, struct mt_str bytes)
{
	struct read_all all;
	size_t i = 0;
	if (!mt_wire_get(r->context->arena, bytes, NULL, &all_type, &all) || !all.tally ||
	    !all.before != !r->before || all.count != count_of(r->logs.files) ||
	    !mt_log_tally_tie(all.tally, r->tally) ||
	    (all.before && !mt_log_tally_tie(all.before, r->tally)))
		return false;
	r->tally = all.tally;
	r->before = all.before;
	for (struct mt_logfile *f = r->logs.files; f; f = f->next, i++) {
		f->facts = all.file[i].facts;
		f->bytes = all.file[i].bytes;
		f->long_lines = all.file[i].long_lines;
		if (all.file[i].code)
			mt_fail(&f->error, MT_EXIT_FAILED, f->name, "%s", all.file[i].why);
	}
	return true;
}

/* All that was opened. */
static int read_aside(struct reading *r, struct mt_error *error)
{
	struct mt_pages result = {0};
	char why[MT_CONFINED_WHY];
	struct mt_confined c = {.data = r,
				.work = work,
				.heard = heard,
				.budget = CHILD_BUDGET,
				.result_max = RESULT_MAX,
				.seconds = FOR_EVER,
				.processor = PROCESSOR};
	c.inputs = mt_alloc(r->context->arena, (count_of(r->logs.files) + 1) * sizeof *c.inputs);
	for (const struct mt_logfile *f = r->logs.files; f; f = f->next)
		if (f->fd >= 0)
			c.inputs[c.input_count++] = f->fd;
	r->scratch = mt_arena_new(SCRATCH);
	int failed = mt_confined_run(&c, &result, why);
	if (failed)
		mt_fail(error, MT_EXIT_FAILED, "log", "%s", why);
	else if (!take_result(r, mt_pages_str(&result)))
		failed = mt_fail(error, MT_EXIT_FAILED, "log",
				 "the process that read it answered nonsense");
	mt_arena_free(r->scratch);
	mt_pages_free(&result);
	mt_logs_end(&r->logs);
	return failed;
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

static bool is_no_log(const struct mt_logfile *f)
{
	return f->bytes && f->facts.kind == MT_LOG_LINES && !f->facts.framed;
}

/* A sentence each; true: it could not be read, or not to its end. */
static bool account_for(struct mt_context *context, const struct mt_logfile *f)
{
	const char *empty = emptiness(f);
	if (f->error.code) {
		mt_complain(context->arena, f->name, f->error.message);
		return true;
	}
	if (is_no_log(f)) {
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

static bool account(struct mt_context *context, const struct mt_logfile *files)
{
	bool bad = false;
	for (const struct mt_logfile *f = files; f; f = f->next)
		bad |= account_for(context, f);
	return bad;
}

/* ---- reading ---- */

static int read_logs(struct reading *r, struct mt_error *error)
{
	const struct mt_options *o = &r->context->options;
	for (unsigned i = 0; i < o->operands.count; i++)
		mt_logs_read(&r->logs, o->operands.word[i]);
	if (o->journal)
		mt_logs_journal(&r->logs);
	else if (!o->operands.count && !mt_logs_default(&r->logs, r->context->registry.backends))
		return mt_fail(error, MT_EXIT_FAILED, "",
			       "no mail log found on this host (/var/log/mail.log, "
			       "/var/log/maillog, the journal, ...): "
			       "name the files: mtapin log FILE...");
	return read_aside(r, error);
}

/* What events are counted in, and who reads them. */
static void start(struct reading *r)
{
	struct mt_arena *arena = r->context->arena;
	const struct mt_options *o = &r->context->options;
	const struct mt_log_causes *causes = mt_log_causes_new(arena, true);
	const struct mt_log_providers *providers = mt_log_providers_new(arena);
	r->tally = mt_log_tally_new(arena, causes, providers);
	r->before = o->around ? mt_log_tally_new(arena, causes, providers) : NULL;
	r->logs = (struct mt_logs){
		.arena = arena, .every_line = o->events, .entering = entering, .data = r};
	r->logs.not_before = r->since == NEVER ? 0 : r->since - r->utc_offset;
	r->logs.reader = mt_log_reader_new(arena, r->context->registry.backends,
					   (struct mt_log_sink){.take = take, .data = r});
	mt_logs_begin(&r->logs);
}

static int prepare(struct reading *r, struct mt_error *error)
{
	const struct mt_options *o = &r->context->options;
	r->now = mt_logs_now(&r->utc_offset) + r->utc_offset;
	r->around = NEVER;
	if (parse_time(r, "--since", o->since, &r->since, error) != 0 ||
	    parse_time(r, "--until", o->until, &r->until, error) != 0 ||
	    (o->around && find_transaction(r, error) != 0))
		return -1;
	if ((o->bundle || o->root) && !o->operands.count)
		return mt_fail(
			error, MT_EXIT_USAGE, o->bundle ? "--bundle" : "--root",
			"says whose addresses to compare with: name the FILE to read as well");
	start(r);
	return 0;
}

/* No address that a reply named is one of this host's: it need not be asked who pins what. */
static bool elsewhere(const struct mt_context *context, const struct mt_log_tally *tally)
{
	if (context->options.bundle || context->options.root)
		return false;
	for (size_t i = 0; i < tally->address_count; i++)
		if (mt_addr_bindable(tally->address[i].addr))
			return false;
	return true;
}

/* This host, where a reply named an address of it. */
static const struct mt_model *model_of(struct mt_context *context,
				       const struct mt_log_report *report)
{
	struct mt_model *model;
	struct mt_error error = {0};
	if (!report->tally->address_count || report->elsewhere)
		return NULL;
	if (mt_read_model(context, &model, &error) == 0)
		return model;
	mt_remark(&context->out, "the addresses in replies are not compared with this host's: %s",
		  error.message);
	return NULL;
}

static void print(struct reading *r)
{
	struct mt_context *context = r->context;
	struct mt_log_report report = {.tally = r->tally,
				       .before = r->before,
				       .around = context->options.around,
				       .elsewhere = elsewhere(context, r->tally),
				       .since = context->options.since,
				       .until = context->options.until};
	report.model = model_of(context, &report);
	if (context->out.json) {
		mt_json_log(context->arena, &report, r->logs.files);
		return;
	}
	struct mt_text text = MT_TEXT_INIT(context->arena);
	mt_text_log(&text, &context->out, &report, r->logs.files);
	mt_output_put(mt_text_str(&text));
}

static int run(struct mt_context *context)
{
	struct mt_error error = {0};
	struct reading r = {.context = context};
	if (prepare(&r, &error) != 0 || read_logs(&r, &error) != 0)
		return mt_output_error(&context->out, &error);
	bool bad = account(context, r.logs.files);
	if (!context->options.events)
		print(&r);
	return bad ? MT_EXIT_FAILED : MT_EXIT_OK;
}

bool mt_log_evidence(struct mt_context *context, unsigned days, struct mt_log_evidence *evidence)
{
	struct reading r = {.context = context, .until = NEVER, .around = NEVER};
	*evidence = (struct mt_log_evidence){.days = days, .text = ""};
	if (context->options.bundle || context->options.root)
		return false;
	r.now = mt_logs_now(&r.utc_offset) + r.utc_offset;
	r.since = r.now - (int64_t)days * 86400;
	start(&r);
	struct mt_error ignored = {0};
	if (!mt_logs_default(&r.logs, context->registry.backends) || read_aside(&r, &ignored) != 0)
		return false;
	const struct mt_log_counts *n = &r.tally->total;
	evidence->sent = n->sent;
	evidence->refused = n->deferred + n->bounced;
	evidence->address = n->address;
	if (n->address)
		evidence->text = mt_format(
			context->arena, "last %u days: %llu refusal%s at the sending address", days,
			(unsigned long long)n->address, n->address == 1 ? " points" : "s point");
	return true;
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
	.run = run,
};
