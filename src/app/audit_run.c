/* SPDX-License-Identifier: ISC */
/* audit_run.c: the run of an audit: hosts go to the fleet, their bundles to the workers, what comes back to the caller and
 * into the tally. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/audit_part.h"
#include "io/dns/dns.h"
#include "io/fleet/bundle_store.h"
#include "io/sys/fs.h"

#define WORKERS	    4
#define BUDGET	    ((size_t)256 << 20) /* of one host, as for a command */
#define PROGRESS_MS 250

static void pump(struct mt_audit_run *run);

/* ---- a host is finished ---- */

static void finish_unexamined(struct mt_audit_run *run, uint32_t i, enum mt_cause cause,
			      const char *detail)
{
	struct mt_audit *audit = run->audit;
	mt_tally_unexamined(&audit->tally, i, cause);
	audit->unexamined(audit, run->scratch, &run->hosts->host[i], cause, detail);
	mt_arena_reset(run->scratch);
}

/* The handler that mt_out_of_memory() calls has no argument. */
static jmp_buf *too_much;
static void out_of_memory(void)
{
	longjmp(*too_much, 1);
}

/* What came is read, and told (which is to say written as text), in bounded memory: what needs more is that host's fault,
 * and its alone. */
static bool read_result(struct mt_audit_run *run, const struct mt_work *work,
			struct mt_audit_result *result)
{
	struct mt_audit *audit = run->audit;
	jmp_buf here;
	volatile bool good = false;
	too_much = &here;
	void (*before)(void) = mt_set_oom_handler(out_of_memory);
	if (setjmp(here) == 0 && mt_audit_result_read(run->scratch, run, work->bytes, result)) {
		if (result->cause == MT_CAUSE_NONE)
			audit->examined(audit, run->scratch, &run->hosts->host[work->number],
					result);
		good = true;
	}
	mt_set_oom_handler(before);
	return good;
}

static void on_done(struct mt_pool *pool, const struct mt_work *work, const char *died)
{
	struct mt_audit_run *run = pool->data;
	struct mt_audit_result result;
	if (died || !read_result(run, work, &result)) {
		mt_arena_reset(run->scratch);
		finish_unexamined(run, work->number, MT_CAUSE_WORKER,
				  died ? died : "the process that examined it answered nonsense");
	} else if (result.cause == MT_CAUSE_NONE) {
		mt_tally_examined(&run->audit->tally, work->number, result.examined.model,
				  result.complies);
		mt_arena_reset(run->scratch);
	} else if (run->resumed && run->resumed[work->number / 8] >> (work->number % 8) & 1) {
		/* a saved bundle that is no good is collected anew */
		mt_indexes_add(run->audit->app->arena, &run->again, work->number);
	} else {
		char detail[512];
		snprintf(detail, sizeof detail, "%.500s", result.detail);
		mt_arena_reset(run->scratch);
		finish_unexamined(run, work->number, result.cause, detail);
	}
	pump(run);
}

/* ---- hosts in ---- */

/* In front of the bundle, if it is not in a file, goes the byte that says where it is. */
static void put_job(struct mt_audit_run *run, uint32_t i, enum mt_audit_origin origin,
		    struct mt_str bundle)
{
	char *job = malloc(bundle.n + 1);
	if (!job)
		mt_out_of_memory();
	*job = (char)origin;
	if (bundle.n)
		memcpy(job + 1, bundle.p, bundle.n);
	mt_pool_put(&run->pool, i, job, bundle.n + 1);
}

static const char *next_host(struct mt_fleet *fleet, size_t *number)
{
	struct mt_audit_run *run = fleet->data;
	while (!run->stopped && mt_pool_has_room(&run->pool)) {
		if (run->again.n) {
			uint32_t i = run->again.at[--run->again.n];
			run->resumed[i / 8] &= (unsigned char)~(1u << i % 8);
			*number = i;
			return run->hosts->host[i].name;
		}
		if (run->at == run->hosts->count)
			return NULL;
		uint32_t i = (uint32_t)run->at++;
		const char *name = run->hosts->host[i].name;
		*number = i;
		if (!run->audit->stored && (!run->audit->save || !mt_store_has(run->save_fd, name)))
			return name;
		if (run->resumed)
			run->resumed[i / 8] |= (unsigned char)(1u << i % 8);
		put_job(run, i, run->audit->stored ? MT_AUDIT_STORED : MT_AUDIT_RESUMED,
			(struct mt_str){"", 0});
	}
	return NULL;
}

static bool save(struct mt_audit_run *run, uint32_t i, const struct mt_reply *answer)
{
	struct mt_str bundle = {answer->bundle, answer->size};
	if (!run->audit->save || mt_store_put(run->save_fd, run->hosts->host[i].name, bundle) == 0)
		return true;
	finish_unexamined(run, i, MT_CAUSE_SAVE, strerror(errno));
	return false;
}

static void on_ended(struct mt_fleet *fleet, size_t number, struct mt_reply *answer)
{
	struct mt_audit_run *run = fleet->data;
	uint32_t i = (uint32_t)number;
	if (answer->cause != MT_CAUSE_NONE) {
		finish_unexamined(run, i, answer->cause, answer->detail);
	} else if (save(run, i, answer)) {
		put_job(run, i, MT_AUDIT_LIVE, (struct mt_str){answer->bundle, answer->size});
	}
	free(answer->bundle);
	pump(run);
}

/* ---- the end ---- */

static void end_loop(struct mt_audit_run *run)
{
	for (size_t s = 0; s < MT_ARRAY_LEN(run->signals); s++)
		if (uv_is_active((uv_handle_t *)&run->signals[s]))
			uv_signal_stop(&run->signals[s]);
	uv_timer_stop(&run->progress);
	mt_pool_close(&run->pool);
}

static void pump(struct mt_audit_run *run)
{
	mt_fleet_fill(&run->fleet);
	bool more = !run->stopped && (run->at < run->hosts->count || run->again.n);
	if (!more && !run->fleet.running && !run->pool.waiting)
		end_loop(run);
}

/* What is under way at the workers is still printed. */
static void on_signal(uv_signal_t *signal, int number)
{
	struct mt_audit_run *run = signal->data;
	(void)number;
	for (size_t s = 0; s < MT_ARRAY_LEN(run->signals); s++)
		uv_signal_stop(&run->signals[s]); /* the next one kills */
	run->stopped = true;
	mt_fleet_stop(&run->fleet);
	pump(run);
}

/* One that the caller ignores stays ignored. */
static void catch_signals(struct mt_audit_run *run)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	for (size_t s = 0; s < MT_ARRAY_LEN(numbers); s++) {
		struct sigaction action;
		uv_signal_init(&run->loop, &run->signals[s]);
		run->signals[s].data = run;
		if (sigaction(numbers[s], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			uv_signal_start(&run->signals[s], on_signal, numbers[s]);
	}
}

static void not_asked(struct mt_audit_run *run)
{
	while (run->again.n)
		finish_unexamined(run, run->again.at[--run->again.n], MT_CAUSE_INTERRUPTED, "");
	while (run->at < run->hosts->count)
		finish_unexamined(run, (uint32_t)run->at++, MT_CAUSE_INTERRUPTED, "");
}

/* ---- the whole ---- */

/* Those that wait for the DNS need no core. */
static unsigned workers(const struct mt_audit *audit)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (audit->dns)
		return MT_POOL_MAX;
	return cores < 1 ? 1 : cores > WORKERS ? WORKERS : (unsigned)cores;
}

/* Whom they will ask; that there is somebody to ask is seen before any host is. */
static int find_resolvers(struct mt_audit *audit, struct mt_error *error)
{
	const struct mt_app *app = audit->app;
	struct mt_asker *asker;
	if (!audit->dns)
		return 0;
	if (mt_asker_open(app->arena, app->settings->resolvers, &asker, error) != 0)
		return -1;
	audit->tally.resolvers = mt_strdup(app->arena, mt_asker_resolvers(asker));
	mt_asker_close(asker);
	return 0;
}

/* Pipes for as many children as there may be. */
static void raise_descriptors(unsigned fanout)
{
	struct rlimit limit;
	rlim_t need = 64 + 4 * (rlim_t)fanout;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
		return;
	limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void on_progress(uv_timer_t *timer)
{
	struct mt_audit_run *run = timer->data;
	run->audit->at_work = run->fleet.running + run->pool.waiting;
	run->audit->progress(run->audit);
}

static void open_all(struct mt_audit_run *run)
{
	struct mt_audit *audit = run->audit;
	const struct mt_settings *settings = audit->app->settings;
	struct mt_collect collect = {.backends = audit->app->registry->backends, .redact = true};
	run->hosts = audit->hosts;
	run->scratch = mt_arena_new(BUDGET);
	run->check_options.preferred = settings->preferred;
	run->check_options.preferred_count = settings->preferred_count;
	run->resumed = audit->save ? mt_alloc(audit->app->arena, run->hosts->count / 8 + 1) : NULL;
	audit->tally.arena = audit->app->arena;
	audit->tally.hosts = audit->hosts;
	audit->tally.backends = audit->app->registry->backends;
	run->fleet.loop = run->pool.loop = &run->loop;
	run->fleet.data = run->pool.data = run;
	run->fleet.next = next_host;
	run->fleet.ended = on_ended;
	run->fleet.ssh = &audit->ssh;
	run->fleet.fanout = audit->fanout;
	run->pool.before = mt_audit_before;
	run->pool.work = mt_audit_work;
	run->pool.reply = audit->dns ? mt_audit_reply : NULL;
	run->pool.done = on_done;
	run->pool.budget = BUDGET;
	run->pool.count = workers(audit);
	mt_pool_open(audit->app->arena, &run->pool);
	mt_fleet_open(audit->app->arena, &run->fleet, &collect);
	catch_signals(run);
	uv_timer_init(&run->loop, &run->progress);
	run->progress.data = run;
	if (audit->progress)
		uv_timer_start(&run->progress, on_progress, PROGRESS_MS, PROGRESS_MS);
}

static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void close_all(struct mt_audit_run *run)
{
	uv_walk(&run->loop, close_handle, NULL);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	uv_loop_close(&run->loop);
	mt_arena_free(run->scratch);
	mt_fd_close(&run->save_fd);
}

int mt_audit_run(struct mt_audit *audit, struct mt_error *error)
{
	struct mt_audit_run *run = MT_NEW(audit->app->arena, struct mt_audit_run);
	run->audit = audit;
	run->save_fd = -1;
	if ((audit->save && mt_store_open(audit->save, &run->save_fd, error) != 0) ||
	    find_resolvers(audit, error) != 0)
		return -1;
	raise_descriptors(audit->fanout);
	int failed = uv_loop_init(&run->loop);
	if (failed < 0)
		return mt_fail(error, MT_EXIT_FAILED, "audit", "cannot be started: %s",
			       uv_strerror(failed));
	open_all(run);
	pump(run);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	not_asked(run);
	close_all(run);
	return 0;
}
