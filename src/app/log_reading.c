/* SPDX-License-Identifier: ISC */
/* log_reading.c: logs and mailboxes, read in a child that has nothing, to a tally or to events one by one. */
#include "app/log_reading.h"

#include <stddef.h>
#include <string.h>

#include "app/read_host.h"
#include "app/transaction.h"
#include "core/log/log_wire.h"
#include "io/service/daemon.h"
#include "io/sys/confined.h"

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
static void say_rows(struct mt_log_reading *r)
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

/* Outside. */
static bool heard(struct mt_confined *c, struct mt_str said)
{
	struct mt_log_reading *r = c->data;
	struct rows rows;
	if (!r->events || !mt_wire_get(r->scratch, said, NULL, &rows_type, &rows))
		return false;
	r->events(r->data, rows.list, rows.count);
	mt_arena_reset(r->scratch);
	return true;
}

static void take_event(void *data, const struct mt_log_seen *seen)
{
	struct mt_log_reading *r = data;
	int64_t time = (int64_t)seen->day * 86400 + seen->second;
	bool dated = seen->day != MT_LOG_NO_DAY;
	if ((r->since != MT_LOG_ALWAYS && (!dated || time < r->since)) ||
	    (r->until != MT_LOG_ALWAYS && (!dated || time > r->until)))
		return;
	if (r->around != MT_LOG_ALWAYS && (!dated || time < 2 * r->around - r->now))
		return; /* as long before as it is ago now */
	if (r->events) {
		r->rows[r->row_count++] = mt_log_row_of(r->scratch, r->file, r->tally, seen);
		if (r->live || r->row_count == ROWS)
			say_rows(r);
		return;
	}
	/* A log has whole seconds. What it wrote in that of the transaction's id is of before: an id is made before
	 * the first file is touched. */
	mt_log_tally_add(r->before && time <= r->around ? r->before : r->tally, seen);
}

static void entering(void *data, const char *name)
{
	struct mt_log_reading *r = data;
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
	struct mt_log_reading *r = c->data;
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

static bool take_result(struct mt_log_reading *r, struct mt_str bytes)
{
	struct read_all all;
	size_t i = 0;
	if (!mt_wire_get(r->app->arena, bytes, NULL, &all_type, &all) || !all.tally ||
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
static int read_aside(struct mt_log_reading *r, struct mt_error *error)
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
	c.inputs = mt_alloc(r->app->arena, (count_of(r->logs.files) + 1) * sizeof *c.inputs);
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

/* ---- the whole ---- */

struct mt_log_reading mt_log_reading_new(struct mt_app *app)
{
	struct mt_log_reading r = {.app = app,
				   .since = MT_LOG_ALWAYS,
				   .until = MT_LOG_ALWAYS,
				   .around = MT_LOG_ALWAYS};
	r.now = mt_logs_now(&r.utc_offset) + r.utc_offset;
	return r;
}

const char *mt_log_reading_around(struct mt_log_reading *r, const char *id, struct mt_error *error)
{
	struct mt_apply_options options = mt_apply_options_of(r->app);
	struct mt_history *list = NULL, *found = NULL;
	if (mt_history(&options, &list, error) != 0)
		return NULL;
	for (; list; list = list->next)
		if (strcmp(id, "last") == 0 || strcmp(list->id, id) == 0)
			found = list;
	if (!found) {
		mt_fail(error, MT_EXIT_FAILED, id,
			"no such transaction; mtapin history lists them");
		return NULL;
	}
	r->around = found->begun_ms / 1000 + r->utc_offset;
	return found->id;
}

/* What events are counted in, and who reads them. */
static void start_reading(struct mt_log_reading *r)
{
	struct mt_arena *arena = r->app->arena;
	const struct mt_log_causes *causes = mt_log_causes_new(arena, true);
	const struct mt_log_providers *providers = mt_log_providers_new(arena);
	r->tally = mt_log_tally_new(arena, causes, providers);
	r->before = r->around != MT_LOG_ALWAYS ? mt_log_tally_new(arena, causes, providers) : NULL;
	r->logs = (struct mt_logs){
		.arena = arena, .every_line = r->events != NULL, .entering = entering, .data = r};
	r->logs.not_before = r->since == MT_LOG_ALWAYS ? 0 : r->since - r->utc_offset;
	r->logs.reader = mt_log_reader_new(arena, r->app->registry->backends,
					   (struct mt_log_sink){.take = take_event, .data = r});
	mt_logs_begin(&r->logs);
}

int mt_log_reading_run(struct mt_log_reading *r, const char *const *names, bool journal,
		       struct mt_error *error)
{
	bool named = names && *names;
	start_reading(r);
	for (; names && *names; names++)
		mt_logs_read(&r->logs, *names);
	if (journal)
		mt_logs_journal(&r->logs);
	else if (!named && !mt_logs_default(&r->logs, r->app->registry->backends))
		return mt_fail(error, MT_EXIT_FAILED, "",
			       "no mail log found on this host (/var/log/mail.log, "
			       "/var/log/maillog, the journal, ...): "
			       "name the files: mtapin log FILE...");
	return read_aside(r, error);
}

/* No address that a reply named is one of this host's: it need not be asked who pins what. */
static bool elsewhere(const struct mt_log_reading *r)
{
	if (!mt_app_is_here(r->app))
		return false;
	for (size_t i = 0; i < r->tally->address_count; i++)
		if (mt_addr_bindable(r->tally->address[i].addr))
			return false;
	return true;
}

void mt_log_reading_report(const struct mt_log_reading *r, struct mt_log_report *report)
{
	struct mt_model *model;
	struct mt_error error = {0};
	*report = (struct mt_log_report){
		.tally = r->tally, .before = r->before, .elsewhere = elsewhere(r)};
	if (!r->tally->address_count || report->elsewhere)
		return;
	if (mt_read_model(r->app, &model, &error) == 0)
		report->model = model;
	else
		mt_tell(r->app, "the addresses in replies are not compared with this host's: %s",
			error.message);
}
