/* SPDX-License-Identifier: ISC */
/*
 * audit_run.c: the run of an audit: hosts go to the fleet, their bundles to the workers, what comes
 * back to stdout and into the tally.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/audit.h"
#include "io/dns.h"
#include "io/store.h"

#define WORKERS	    4
#define BUDGET	    ((size_t)256 << 20) /* of one host, as for a command */
#define PROGRESS_MS 250

static void pump(struct mt_audit *audit);

/* ---- what is printed ---- */

static void clear_progress(const struct mt_audit *audit)
{
	if (audit->shows_progress)
		fputs("\r\033[K", stderr);
}

static void on_progress(uv_timer_t *timer)
{
	const struct mt_audit *audit = timer->data;
	fflush(stdout);
	fprintf(stderr, "\r%zu of %zu hosts, %zu not examined, %u at work\033[K",
		audit->tally.finished, audit->hosts->count, audit->tally.unexamined_count,
		audit->fleet.running + audit->pool.waiting);
}

static void put(struct mt_audit *audit, struct mt_str bytes)
{
	if (!bytes.n)
		return;
	clear_progress(audit);
	if (audit->form == MT_AUDIT_JSON && audit->printed++)
		fputs(",\n", stdout);
	mt_output_put(bytes);
	if (audit->form == MT_AUDIT_JSONL)
		putchar('\n');
	if (!audit->stored)
		fflush(stdout);
}

/* ---- a host is finished ---- */

static void finish_unexamined(struct mt_audit *audit, uint32_t i, enum mt_cause cause,
			      const char *detail)
{
	struct mt_text text = MT_TEXT_INIT(audit->scratch);
	struct mt_unexamined u = {audit->hosts->host[i].name, cause, detail};
	mt_indexes_add(&audit->tally.unexamined[cause], i);
	audit->tally.unexamined_count++;
	audit->tally.finished++;
	if (audit->form == MT_AUDIT_TEXT)
		mt_text_unexamined(&text, &audit->context->out, &u);
	else if (audit->form != MT_AUDIT_NAGIOS)
		mt_json_unexamined(&text, &u);
	put(audit, mt_text_str(&text));
	mt_arena_reset(audit->scratch);
}

static void tally_findings(struct mt_audit *audit, uint32_t i, const struct mt_model *model)
{
	struct mt_tally *tally = &audit->tally;
	int worst = -1;
	for (const struct mt_finding *f = model->findings; f; f = f->next) {
		mt_tally_finding(tally, i, f);
		if ((int)f->severity > worst)
			worst = f->severity;
	}
	if (worst < 0)
		tally->clean++;
	else
		tally->worst[worst]++;
}

static void finish_examined(struct mt_audit *audit, uint32_t i,
			    const struct mt_audit_result *result, struct mt_str output)
{
	struct mt_tally *tally = &audit->tally;
	tally->finished++;
	tally->examined++;
	tally_findings(audit, i, result->examined.model);
	if (!result->examined.model->mtas)
		mt_indexes_add(&tally->serverless, i);
	if (audit->hosts->host[i].expect) {
		tally->expected++;
		if (!result->complies)
			mt_indexes_add(&tally->differing, i);
	}
	put(audit, output);
}

/* A saved bundle that is no good is collected anew. */
static bool is_resumed(const struct mt_audit *audit, uint32_t i)
{
	return audit->resumed && audit->resumed[i / 8] >> (i % 8) & 1;
}

static struct mt_str text_of(struct mt_audit *audit, uint32_t i,
			     const struct mt_audit_result *result)
{
	const struct mt_named *host = &audit->hosts->host[i];
	struct mt_text text = MT_TEXT_INIT(audit->scratch);
	struct mt_audited a = {.name = host->name,
			       .report = {.model = result->examined.model,
					  .plan = result->examined.plan,
					  .check = result->examined.check},
			       .expect = host->expect,
			       .complies = host->expect && result->complies,
			       .refused = result->refused};
	if (audit->form == MT_AUDIT_TEXT)
		mt_text_audited(&text, &audit->context->out, &a);
	else if (audit->form != MT_AUDIT_NAGIOS)
		mt_json_audited(&text, &a);
	return mt_text_str(&text);
}

/* The handler that mt_out_of_memory() calls has no argument. */
static jmp_buf *too_much;
static void out_of_memory(void)
{
	longjmp(*too_much, 1);
}

/* What came is read, and written as text, in bounded memory: what needs more is that host's fault, and its alone. */
static bool read_result(struct mt_audit *audit, const struct mt_work *work,
			struct mt_audit_result *result, struct mt_str *output)
{
	jmp_buf here;
	volatile bool good = false;
	too_much = &here;
	void (*before)(void) = mt_set_oom_handler(out_of_memory);
	if (setjmp(here) == 0 && mt_audit_result_read(audit->scratch, audit, work->bytes, result)) {
		*output = result->cause == MT_CAUSE_NONE ? text_of(audit, work->number, result)
							 : (struct mt_str){"", 0};
		good = true;
	}
	mt_set_oom_handler(before);
	return good;
}

static void on_done(struct mt_pool *pool, const struct mt_work *work, const char *died)
{
	struct mt_audit *audit = pool->data;
	struct mt_audit_result result;
	struct mt_str output;
	if (died || !read_result(audit, work, &result, &output)) {
		mt_arena_reset(audit->scratch);
		finish_unexamined(audit, work->number, MT_CAUSE_WORKER,
				  died ? died : "the process that examined it answered nonsense");
	} else if (result.cause == MT_CAUSE_NONE) {
		finish_examined(audit, work->number, &result, output);
		mt_arena_reset(audit->scratch);
	} else if (is_resumed(audit, work->number)) {
		mt_indexes_add(&audit->again, work->number);
	} else {
		char detail[512];
		snprintf(detail, sizeof detail, "%.500s", result.detail);
		mt_arena_reset(audit->scratch);
		finish_unexamined(audit, work->number, result.cause, detail);
	}
	pump(audit);
}

/* ---- hosts in ---- */

/* A host whose bundle is in a file. */
static void put_stored(struct mt_audit *audit, uint32_t i, enum mt_audit_origin origin)
{
	char *job = malloc(1);
	if (!job)
		mt_out_of_memory();
	*job = (char)origin;
	mt_pool_put(&audit->pool, i, job, 1);
}

static const char *next_host(struct mt_fleet *fleet, size_t *number)
{
	struct mt_audit *audit = fleet->data;
	while (!audit->stopped && mt_pool_has_room(&audit->pool)) {
		if (audit->again.n) {
			uint32_t i = audit->again.at[--audit->again.n];
			audit->resumed[i / 8] &= (unsigned char)~(1u << i % 8);
			*number = i;
			return audit->hosts->host[i].name;
		}
		if (audit->at == audit->hosts->count)
			return NULL;
		uint32_t i = (uint32_t)audit->at++;
		const char *name = audit->hosts->host[i].name;
		*number = i;
		if (!audit->stored && (!audit->save || !mt_store_has(audit->save_fd, name)))
			return name;
		if (audit->resumed)
			audit->resumed[i / 8] |= (unsigned char)(1u << i % 8);
		put_stored(audit, i, audit->stored ? MT_AUDIT_STORED : MT_AUDIT_RESUMED);
	}
	return NULL;
}

static bool save(struct mt_audit *audit, uint32_t i, const struct mt_reply *answer)
{
	struct mt_str bundle = {answer->bundle, answer->size};
	if (!audit->save || mt_store_put(audit->save_fd, audit->hosts->host[i].name, bundle) == 0)
		return true;
	finish_unexamined(audit, i, MT_CAUSE_SAVE, strerror(errno));
	return false;
}

/* In front of the bundle goes the byte that says what follows. */
static void on_ended(struct mt_fleet *fleet, size_t number, struct mt_reply *answer)
{
	struct mt_audit *audit = fleet->data;
	uint32_t i = (uint32_t)number;
	if (answer->cause != MT_CAUSE_NONE) {
		finish_unexamined(audit, i, answer->cause, answer->detail);
	} else if (save(audit, i, answer)) {
		char *job = malloc(answer->size + 1);
		if (!job)
			mt_out_of_memory();
		job[0] = MT_AUDIT_LIVE;
		memcpy(job + 1, answer->bundle, answer->size);
		mt_pool_put(&audit->pool, i, job, answer->size + 1);
	}
	free(answer->bundle);
	pump(audit);
}

/* ---- the end ---- */

static void end_loop(struct mt_audit *audit)
{
	for (size_t s = 0; s < MT_ARRAY_LEN(audit->signals); s++)
		if (uv_is_active((uv_handle_t *)&audit->signals[s]))
			uv_signal_stop(&audit->signals[s]);
	uv_timer_stop(&audit->progress);
	mt_pool_close(&audit->pool);
}

static void pump(struct mt_audit *audit)
{
	mt_fleet_fill(&audit->fleet);
	bool more = !audit->stopped && (audit->at < audit->hosts->count || audit->again.n);
	if (!more && !audit->fleet.running && !audit->pool.waiting)
		end_loop(audit);
}

/* What is under way at the workers is still printed. */
static void on_signal(uv_signal_t *signal, int number)
{
	struct mt_audit *audit = signal->data;
	(void)number;
	for (size_t s = 0; s < MT_ARRAY_LEN(audit->signals); s++)
		uv_signal_stop(&audit->signals[s]); /* the next one kills */
	audit->stopped = true;
	mt_fleet_stop(&audit->fleet);
	pump(audit);
}

/* One that the caller ignores stays ignored. */
static void catch_signals(struct mt_audit *audit)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	for (size_t s = 0; s < MT_ARRAY_LEN(numbers); s++) {
		struct sigaction action;
		uv_signal_init(&audit->loop, &audit->signals[s]);
		audit->signals[s].data = audit;
		if (sigaction(numbers[s], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			uv_signal_start(&audit->signals[s], on_signal, numbers[s]);
	}
}

static void not_asked(struct mt_audit *audit)
{
	while (audit->again.n)
		finish_unexamined(audit, audit->again.at[--audit->again.n], MT_CAUSE_INTERRUPTED,
				  "");
	while (audit->at < audit->hosts->count)
		finish_unexamined(audit, (uint32_t)audit->at++, MT_CAUSE_INTERRUPTED, "");
}

/* ---- the whole ---- */

/* Those that wait for the DNS need no core. */
static unsigned workers(const struct mt_audit *audit)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (audit->context->options.dns)
		return MT_POOL_MAX;
	return cores < 1 ? 1 : cores > WORKERS ? WORKERS : (unsigned)cores;
}

/* Whom they will ask; that there is somebody to ask is seen before any host is. */
static int find_resolvers(struct mt_audit *audit, struct mt_error *error)
{
	struct mt_context *context = audit->context;
	struct mt_asker *asker;
	if (!context->options.dns)
		return 0;
	if (mt_asker_open(context->arena, context->settings.resolvers, &asker, error) != 0)
		return -1;
	audit->tally.resolvers = mt_strdup(context->arena, mt_asker_resolvers(asker));
	mt_asker_close(asker);
	return 0;
}

static void open_all(struct mt_audit *audit)
{
	struct mt_context *context = audit->context;
	struct mt_collect collect = {.backends = context->registry.backends, .redact = true};
	audit->scratch = mt_arena_new(BUDGET);
	audit->tally.arena = context->arena;
	audit->check_options.preferred = context->settings.preferred;
	audit->check_options.preferred_count = context->settings.preferred_count;
	audit->tally.hosts = audit->hosts;
	audit->tally.backends = context->registry.backends;
	audit->resumed = audit->save ? mt_alloc(context->arena, audit->hosts->count / 8 + 1) : NULL;
	audit->fleet.loop = audit->pool.loop = &audit->loop;
	audit->fleet.data = audit->pool.data = audit;
	audit->fleet.next = next_host;
	audit->fleet.ended = on_ended;
	audit->fleet.transport = &audit->transport;
	audit->pool.before = mt_audit_before;
	audit->pool.work = mt_audit_work;
	audit->pool.reply = context->options.dns ? mt_audit_reply : NULL;
	audit->pool.done = on_done;
	audit->pool.budget = BUDGET;
	audit->pool.count = workers(audit);
	mt_pool_open(context->arena, &audit->pool);
	mt_fleet_open(context->arena, &audit->fleet, &collect);
	catch_signals(audit);
	uv_timer_init(&audit->loop, &audit->progress);
	audit->progress.data = audit;
	audit->shows_progress = isatty(STDERR_FILENO) && !context->out.quiet;
	if (audit->shows_progress)
		uv_timer_start(&audit->progress, on_progress, PROGRESS_MS, PROGRESS_MS);
}

static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void close_all(struct mt_audit *audit)
{
	uv_walk(&audit->loop, close_handle, NULL);
	uv_run(&audit->loop, UV_RUN_DEFAULT);
	uv_loop_close(&audit->loop);
	mt_tally_free(&audit->tally);
	free(audit->again.at);
	mt_arena_free(audit->scratch);
}

static void print_end(struct mt_audit *audit)
{
	struct mt_text text = MT_TEXT_INIT(audit->scratch);
	clear_progress(audit);
	if (audit->form == MT_AUDIT_TEXT)
		mt_text_tally(&text, &audit->context->out, &audit->tally);
	else if (audit->form == MT_AUDIT_NAGIOS)
		mt_text_audit_nagios(&text, &audit->tally);
	else if (audit->form == MT_AUDIT_JSON)
		mt_json_tally(&text, &audit->tally);
	if (audit->form == MT_AUDIT_JSON)
		fputs("],\n", stdout);
	mt_output_put(mt_text_str(&text));
	if (audit->form == MT_AUDIT_JSON)
		fputs("}\n", stdout);
}

int mt_audit_run(struct mt_audit *audit, struct mt_error *error)
{
	if (find_resolvers(audit, error) != 0)
		return -1;
	int failed = uv_loop_init(&audit->loop);
	if (failed < 0)
		return mt_fail(error, MT_EXIT_FAILED, "audit", "cannot be started: %s",
			       uv_strerror(failed));
	open_all(audit);
	if (audit->form == MT_AUDIT_JSON)
		fputs("{\"schema\":\"mtapin/1\",\"hosts\":[\n", stdout);
	fflush(stdout);
	pump(audit);
	uv_run(&audit->loop, UV_RUN_DEFAULT);
	not_asked(audit);
	print_end(audit);
	close_all(audit);
	return 0;
}
