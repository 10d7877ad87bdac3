/* SPDX-License-Identifier: ISC */
/* engine_open.c: what stands around the state machine: signals, the journal, our own lock, who is told; and what the
 * transaction may run today. */
#include "io/txn/engine.h"

#include <stdarg.h>
#include <time.h>

#include "io/sys/fs.h"
#include "io/txn/boot_hook.h"
#include "io/txn/build.h"
#include "io/txn/confirm.h"

static void ending_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGQUIT);
}

void mt_engine_hold(struct mt_engine *e)
{
	sigset_t set;
	ending_signals(&set);
	if (e->blocked)
		sigprocmask(SIG_BLOCK, &set, NULL);
}

void mt_engine_tell(struct mt_engine *e, const char *fmt, ...)
{
	va_list args;
	if (!e->options->progress)
		return;
	va_start(args, fmt);
	e->options->progress(e->options->data, mt_vformat(e->arena, fmt, args));
	va_end(args);
}

void mt_engine_wait(struct mt_engine *e, unsigned seconds, const char *what)
{
	if (seconds * 1000 > MT_SLOW_MS && e->options->slow)
		e->options->slow(e->options->data, what);
	else
		mt_engine_tell(e, "%s", what);
}

static void release_signals(struct mt_engine *e)
{
	sigset_t set;
	if (!e->blocked)
		return;
	sigemptyset(&set);
	if (e->committed)
		ending_signals(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	while (sigtimedwait(&set, NULL, &(struct timespec){0}) > 0)
		;
	sigprocmask(SIG_SETMASK, &e->mask, NULL);
	e->blocked = false;
}

int mt_engine_idle(struct mt_engine *e, struct mt_error *error)
{
	struct mt_txn *list;
	if (mt_journal_list(&e->journal, &list, error))
		return -1;
	for (; list; list = list->next)
		if (mt_txn_pending(list))
			return mt_fail(error, MT_EXIT_FAILED, list->id, "this transaction %s",
				       mt_pending_text(e->arena, list));
		else if (list->unreadable) /* it may be pending */
			return mt_fail(error, MT_EXIT_PERSON, list->id, "this transaction %s",
				       mt_unreadable_text(&e->journal, list));
	return 0;
}

struct mt_waiting mt_engine_waiting(const struct mt_engine *e)
{
	return (struct mt_waiting){e->options->slow, e->options->data};
}

int mt_engine_open(struct mt_engine *e, struct mt_error *error)
{
	e->journal = (struct mt_journal)MT_JOURNAL_NONE;
	e->arena = e->options->arena;
	e->waiter = -1;
	e->observe.announce = (struct mt_announce)MT_ANNOUNCE_NONE;
	e->outcome->action = e->outcome->why = e->outcome->until = "";
	e->outcome->undoes = e->outcome->summary = "";
	/* What a full disk or a reader that went away sends is an error of write(2) here, from the
	 * first one on. */
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	e->blocked = sigprocmask(SIG_BLOCK, &set, &e->mask) == 0;
	if (mt_journal_open(e->arena, e->options->state_dir, true, &e->journal, error) ||
	    mt_lock_own(e->arena,
			(struct mt_lock_wait){e->journal.state_dir, e->lock_wait_ms,
					      mt_engine_waiting(e)},
			&e->own, error))
		return -1;
	mt_journal_sweep(&e->journal);
	return 0;
}

void mt_engine_close(struct mt_engine *e)
{
	struct mt_error ignored = {0};
	for (size_t i = 0; i < e->count; i++)
		if (mt_target_close(&e->targets[i]))
			mt_outcome_left(e, e->targets[i].path, e->targets[i].temp);
	mt_unlock(&e->locks);
	if (e->own) {
		(void)!mt_lock_note(e->arena, e->own, NULL, &ignored);
		mt_hook_sweep(e);
	}
	mt_unlock(&e->own);
	mt_journal_close(&e->journal);
	mt_announce_close(&e->observe.announce);
	mt_fd_close(&e->waiter); /* it looks into the journal now */
	release_signals(e);
}

int mt_engine_call(struct mt_engine *e, const char *id,
		   int (*work)(struct mt_engine *e, const char *id, struct mt_error *error),
		   struct mt_error *error)
{
	*e->outcome = (struct mt_outcome){0};
	if (id && !mt_txn_id_valid(id))
		return mt_fail(error, MT_EXIT_FAILED, "",
			       "not a transaction id: see mtapin history");
	int failed = mt_engine_open(e, error) || work(e, id, error) ? -1 : 0;
	mt_engine_close(e);
	return failed;
}

void mt_engine_today(struct mt_engine *e, const struct mt_mta *mta)
{
	struct mt_daemon *daemon = &e->txn->daemon, then = *daemon;
	const struct mt_plan *today = mta ? mt_plan_service(e->arena, mta) : NULL;
	if (e->options->rooted)
		return;
	e->txn->validators = today ? today->validators : NULL;
	e->builds = today ? today->builds : NULL;
	daemon->start = daemon->stop = (struct mt_command_line){.argv = {NULL}};
	daemon->reload.command = daemon->restart.command = daemon->start;
	if (!today)
		return;
	*daemon = today->daemon;
	daemon->pid_file = daemon->pid_file ? daemon->pid_file : "";
	daemon->watch = then.watch;
	daemon->retry = then.retry;
	daemon->retry_back = then.retry_back;
}

void mt_engine_offline(struct mt_engine *e)
{
	if (!e->options->rooted)
		return;
	e->txn->action = MT_ACTION_NONE;
	e->txn->daemon = (struct mt_daemon){.title = e->txn->daemon.title, .pid_file = ""};
	e->txn->validators = NULL;
	mt_build_none(e);
}
