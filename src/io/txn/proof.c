/* SPDX-License-Identifier: ISC */
/* proof.c: level observed: wait for a connection of the MTA, or make it connect, and judge what is seen. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/sys/clock.h"
#include "io/sys/fs.h"
#include "io/sys/run.h"
#include "io/txn/verify.h"

#define SCRATCH	   ((size_t)256 << 20)
#define PROVE_MS   15000 /* for the command that asks the MTA; it does the rest later */
#define OUTPUT_MAX 4096
#define LOG_MS	   1000 /* between two looks at the log */
#define EAGER_MS   10000 /* so long a connection that was asked for is looked for without a break */
#define PAUSE_MS   10
#define ASK_MS	   400
#define SHARE	   10 /* one part of so many of the time is spent looking */

/* ---- making it connect -------------------------------------------------------------------------- */

/* True: it was asked to. That it cannot be asked is no failure of the pin. */
static bool ask_mta(struct mt_engine *e)
{
	struct mt_error error = {0};
	struct mt_run_result result = {0};
	struct mt_run run = {.argv = e->prove,
			     .deadline_ms = PROVE_MS,
			     .max_output = OUTPUT_MAX,
			     .waiting = {e->options->slow, e->options->data},
			     .what = "waiting for the mail server to take the question"};
	if (mt_run(e->arena, &run, &result, &error)) {
		mt_outcome_remark(e, "not proved: %s", mt_error_text(e->arena, &error));
		return false;
	}
	if (result.timed_out || result.status != 0) {
		struct mt_str said = mt_str_trim(result.err.n ? result.err : result.out),
			      line = {0};
		(void)mt_str_line(&said, &line);
		mt_outcome_remark(
			e, "not proved: %s %pM: %.*s", e->prove[0],
			result.timed_out
				? mt_message(e->arena, "did not end in time")
				: mt_message(e->arena, "ended with exit status %d", result.status),
			(int)(line.n < 300 ? line.n : 300), line.p ? line.p : "");
		return false;
	}
	mt_outcome_remark(
		e, "proof: it was asked whether %s can be delivered%pM (%s)", e->prove_for,
		e->proof_note ? mt_message(e->arena, "; %pM", e->proof_note) : NULL,
		geteuid() == 0 ? "root" : mt_format(e->arena, "uid %u", (unsigned)geteuid()));
	return true;
}

/* Whoever asked for the waiting may end it. */
static bool is_over(const struct mt_engine *e)
{
	return e->waits && mt_interrupted();
}

/* ---- what was seen ------------------------------------------------------------------------------ */

static const struct mt_message *how_seen(const struct mt_engine *e)
{
	switch (e->observe.why) {
	case MT_WHY_LOG:
		return mt_message(
			e->arena,
			"the kernel announced its end, and the log of %s names the server",
			e->txn->daemon.title);
	case MT_WHY_ENDED:
		return mt_message(e->arena, "it has ended, and whose it was cannot be told");
	case MT_WHY_HIDDEN:
		return mt_message(e->arena,
				  "it is open, but whose it is may not be looked at here");
	case MT_WHY_OLDER:
		return mt_message(e->arena,
				  "the process that holds it was started before the change");
	case MT_WHY_OPEN:
		break;
	}
	return mt_message(e->arena, "a process of %s held it", e->txn->daemon.title);
}

/* What was seen besides: of a family that nothing pins, and what may mean that the pin does not hold. */
static const struct mt_message *besides(const struct mt_engine *e)
{
	const struct mt_link *link = &e->observe.unpinned, *stray = &e->observe.stray;
	if (stray->local.set)
		return mt_message(
			e->arena,
			"; but one %s has ended, an address that no path may use, and the "
			"log of %s names the server: the pin may not hold",
			mt_link_text(e->arena, stray), e->txn->daemon.title);
	return link->local.set ? mt_message(e->arena,
					    "; a connection %s was one of %s, and %s is not pinned",
					    mt_link_text(e->arena, link), e->txn->daemon.title,
					    mt_family_name(link->local.family))
			       : NULL;
}

/* What the looking was worth. */
static const struct mt_message *looking(const struct mt_engine *e)
{
	const struct mt_announce *a = &e->observe.announce;
	if (a->fd < 0)
		return mt_message(
			e->arena,
			"; looked for in the tables of open sockets, which misses what ends "
			"between two looks: the kernel's announcements cannot be had (%s)",
			strerror(a->error));
	return a->lost ? mt_message(e->arena, "; the kernel announced more than could be kept")
		       : mt_message(e->arena, "; the kernel announces each that ends");
}

static void say_nothing(struct mt_engine *e)
{
	const struct mt_observe *o = &e->observe;
	if (!e->waits)
		return;
	if (!o->pin[MT_V4].set && !o->pin[MT_V6].set)
		mt_outcome_remark(e, "not observed: no address is pinned");
	else if (is_over(e))
		mt_outcome_remark(e, "not observed: the waiting was interrupted%pM", besides(e));
	else
		mt_outcome_remark(
			e,
			"not observed: in %u s no connection from a pinned address to port "
			"25, 465 or 587 was seen%pM%pM",
			e->wait, looking(e), besides(e));
}

/* ---- waiting ------------------------------------------------------------------------------------ */

struct wait {
	struct mt_engine *e;
	struct mt_arena *scratch; /* emptied before each look */
	struct mt_process daemon;
	int64_t begin, end, log; /* log: when it is looked at next */
	bool asked;
	bool hinted;
	struct mt_link hint;
	enum mt_sight_why why;
	int64_t ask; /* when the log is asked next whose connection has ended */
};

static int look_at_log(struct wait *w, struct mt_error *error)
{
	const struct mt_daemon *daemon = &w->e->txn->daemon;
	int64_t now = mt_now_ms();
	if (!w->e->wait || (now < w->log && now < w->end))
		return 0;
	w->log = now + LOG_MS;
	w->daemon = mt_daemon_find(daemon);
	const char *bad = mt_watch_bad(w->scratch, &w->e->watch, true);
	if (bad)
		return mt_fail(error, MT_EXIT_FAILED, daemon->title, "its log says: %s", bad);
	return w->daemon.pid
		       ? 0
		       : mt_fail(error, MT_EXIT_FAILED, daemon->title, "it does not run any more");
}

/* A line of the log comes a moment after the connection has ended; the journal takes a process each time. */
static enum mt_sight ask_log(struct wait *w)
{
	struct mt_observe *o = &w->e->observe;
	int64_t now = mt_now_ms();
	if (!mt_observe_asks(o) || (now < w->ask && now < w->end))
		return MT_SIGHT_NOTHING;
	bool first = !w->ask;
	w->ask = now + (first ? ASK_MS / 2 : ASK_MS);
	return first && now < w->end ? MT_SIGHT_NOTHING
				     : mt_observe_ask_log(w->scratch, o, w->daemon, &w->e->watch);
}

static void pause_after(const struct wait *w, int64_t cost)
{
	int64_t now = mt_now_ms(), ms = cost * SHARE > PAUSE_MS ? cost * SHARE : PAUSE_MS;
	if (w->asked && now - w->begin < EAGER_MS)
		ms = 1;
	if (ms > w->end - now)
		ms = w->end > now ? w->end - now : 1;
	mt_sleep_ms((unsigned)ms);
}

/* 1: seen; 0: the time is over; -1: *error. */
static int wait_for_connection(struct wait *w, struct mt_error *error)
{
	for (;;) {
		mt_arena_reset(w->scratch);
		int64_t before = mt_now_ms();
		if (look_at_log(w, error))
			return -1;
		bool last = mt_now_ms() >= w->end || is_over(w->e);
		struct mt_observe *o = &w->e->observe;
		enum mt_sight sight = mt_observe_look(w->scratch, o, w->daemon);
		if (sight == MT_SIGHT_HINT) {
			w->hinted = true;
			w->hint = o->link;
			w->why = o->why;
		}
		if (sight < MT_SIGHT_PINNED)
			sight = ask_log(w);
		if (sight == MT_SIGHT_WRONG)
			return mt_fail(
				error, MT_EXIT_FAILED, w->e->txn->daemon.title,
				"the pin does not hold: a connection %s began after the change%s",
				mt_link_text(w->e->arena, &w->e->observe.link),
				mt_message_english(w->e->arena, w->e->nat));
		if (sight == MT_SIGHT_PINNED)
			return 1;
		if (last)
			return 0;
		pause_after(w, mt_now_ms() - before);
	}
}

int mt_verify_watch(struct mt_engine *e, struct mt_error *error)
{
	struct wait w = {.e = e, .daemon = mt_daemon_find(&e->txn->daemon)};
	w.scratch = mt_arena_new(SCRATCH);
	if (e->wait)
		mt_engine_wait(e, e->wait,
			       mt_format(e->arena,
					 e->waits ? "waiting up to %u s for a connection; an "
						    "interrupt ends the waiting, the change stays"
						  : "watching its log for %u s",
					 e->wait));
	w.asked = e->prove && ask_mta(e);
	w.begin = w.end = mt_now_ms();
	if (w.asked || !e->prove)
		w.end += (int64_t)e->wait * 1000;
	int seen = wait_for_connection(&w, error);
	mt_arena_free(w.scratch);
	if (seen < 0)
		return -1;
	if (e->txn->daemon.watch && !is_over(e) && mt_watch_is_there(&e->watch))
		e->outcome->service = true;
	mt_verify_log(e);
	if (seen) {
		const struct mt_observe *o = &e->observe;
		enum mt_family other = o->link.local.family == MT_V4 ? MT_V6 : MT_V4;
		e->outcome->observed = true;
		mt_outcome_remark(e, "observed: %s%pM; %pM%pM%pM", mt_link_text(e->arena, &o->link),
				  e->nat, how_seen(e),
				  o->pin[other].set ? mt_message(e->arena, "; not yet over %s",
								 mt_family_name(other))
						    : NULL,
				  besides(e));
	} else if (w.hinted && e->waits) {
		e->observe.link = w.hint;
		e->observe.why = w.why;
		mt_outcome_remark(e, "a hint only: %s%pM; %pM%pM",
				  mt_link_text(e->arena, &e->observe.link), e->nat, how_seen(e),
				  besides(e));
	} else {
		say_nothing(e);
	}
	return 0;
}
