/* SPDX-License-Identifier: ISC */
/* engine.c: LOCK PRECHECK STAGE VALIDATE BACKUP COMMIT SERVICE VERIFY DONE. */
#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/confirm.h"
#include "io/folder.h"
#include "io/fs.h"
#include "io/hook.h"
#include "io/validate.h"
#include "io/verify.h"

#define LOCK_WAIT_MS 5000
#define TO_THE_END   ((size_t)1 << 20)

/* ---- LOCK --------------------------------------------------------------------------------------- */

/* What a full disk or a reader that went away sends is an error of write(2) here, from the first one on. */
static void hold_errors(struct mt_engine *e)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	e->blocked = sigprocmask(SIG_BLOCK, &set, &e->mask) == 0;
}

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

bool mt_engine_interrupted(void)
{
	return mt_interrupted();
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

static struct mt_waiting slow_of(const struct mt_engine *e)
{
	return (struct mt_waiting){e->options->slow, e->options->data};
}

int mt_engine_open(struct mt_engine *e, struct mt_error *error)
{
	e->journal = (struct mt_journal)MT_JOURNAL_NONE;
	e->arena = e->options->arena;
	e->waiter = -1;
	e->observe.announce = (struct mt_announce)MT_ANNOUNCE_NONE;
	e->nat = "";
	e->outcome->action = e->outcome->why = e->outcome->remarks = e->outcome->until = "";
	e->outcome->undoes = e->outcome->summary = "";
	hold_errors(e);
	if (mt_journal_open(e->arena, e->options->state_dir, true, &e->journal, error) ||
	    mt_lock_own(e->arena,
			(struct mt_lock_wait){e->journal.state_dir, e->lock_wait_ms, slow_of(e)},
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
	daemon->start = daemon->stop = daemon->reload = (struct mt_command_line){{NULL}, NULL};
	if (!today)
		return;
	*daemon = today->daemon;
	daemon->pid_file = daemon->pid_file ? daemon->pid_file : "";
	daemon->watch = then.watch;
	daemon->nudge = then.nudge;
	daemon->nudge_back = then.nudge_back;
}

void mt_engine_offline(struct mt_engine *e)
{
	if (!e->options->rooted)
		return;
	e->txn->action = MT_ACTION_NONE;
	e->txn->daemon = (struct mt_daemon){.title = e->txn->daemon.title, .pid_file = ""};
	e->txn->validators = NULL;
}

/* ---- PRECHECK ----------------------------------------------------------------------------------- */

/* What a removed file gets back when it is made again. */
static void remember_owner(struct mt_txn_file *file, const struct stat *st)
{
	file->mode = (int)(st->st_mode & 07777);
	file->owned = true;
	file->uid = (long)st->st_uid;
	file->gid = (long)st->st_gid;
}

static int precheck_file(struct mt_engine *e, struct mt_txn_file *file, struct mt_target *target,
			 struct mt_error *error)
{
	if (mt_folder_make(e->arena, file, error) ||
	    mt_target_open(e->arena, file->path, target, error) ||
	    mt_target_check(e->arena, target, e->accept, error))
		return -1;
	file->where = target->where;
	if (strcmp(target->sha, file->sha_before) != 0)
		return mt_fail(error, MT_EXIT_FAILED, file->path,
			       "it was changed since the plan was made: run the command again");
	if (mt_target_draw(target, error))
		return -1;
	memcpy(file->temp, target->temp, sizeof file->temp);
	if (file->remove)
		remember_owner(file, &target->st);
	file->was_mode = (int)(target->st.st_mode & 07777);
	file->was_uid = (long)target->st.st_uid;
	file->was_gid = (long)target->st.st_gid;
	return 0;
}

bool mt_engine_serves(const struct mt_engine *e)
{
	return e->txn->action != MT_ACTION_NONE && e->txn->process.pid != 0;
}

static int precheck_service(struct mt_engine *e, struct mt_error *error)
{
	struct mt_txn *txn = e->txn;
	txn->process = mt_daemon_find(&txn->daemon);
	e->service = (struct mt_service){.arena = e->arena,
					 .daemon = &txn->daemon,
					 .before = txn->process,
					 .asked = e->asked,
					 .waiting = slow_of(e),
					 .timeout_ms = e->options->service_timeout * 1000};
	if (!mt_engine_serves(e))
		return 0;
	e->missing = mt_listeners_missing(e->arena, e->old, txn->process);
	return mt_service_find(&e->service, txn->action, error);
}

static int precheck(struct mt_engine *e, struct mt_error *error)
{
	size_t n = 0;
	if (mt_lock_note(e->arena, e->own, e->txn->locks, error) ||
	    mt_lock_files(e->arena, e->txn->locks,
			  (struct mt_lock_patience){
				  .ms = LOCK_WAIT_MS,
				  .interruptible = true,
				  .waiting = slow_of(e),
				  .what = "waiting for whoever holds a lock of the configuration"},
			  &e->locks, error))
		return -1;
	for (struct mt_txn_file *f = e->txn->files; f; f = f->next)
		n++;
	e->targets = mt_alloc(e->arena, (n + 1) * sizeof *e->targets);
	for (struct mt_txn_file *f = e->txn->files; f; f = f->next) {
		e->targets[e->count] = (struct mt_target)MT_TARGET_NONE;
		if (precheck_file(e, f, &e->targets[e->count++], error))
			return -1;
	}
	return precheck_service(e, error);
}

/* ---- STAGE, VALIDATE, BACKUP -------------------------------------------------------------------- */

static int prepare(struct mt_engine *e, struct mt_error *error)
{
	if (mt_confirm_arm(e->arena, e->txn, error))
		return -1;
	return mt_journal_prepare(&e->journal, e->txn, error);
}

int mt_engine_stage(const struct mt_txn_file *file, struct mt_target *target, struct mt_str bytes,
		    struct mt_error *error)
{
	target->owned = file->owned;
	target->remode = file->remode;
	target->uid = (uid_t)file->uid;
	target->gid = (gid_t)file->gid;
	return mt_target_stage(target, bytes, file->mode, error);
}

static int stage(struct mt_engine *e, struct mt_error *error)
{
	size_t i = 0;
	for (struct mt_txn_file *f = e->txn->files; f; f = f->next, i++) {
		if (f->remove)
			mt_target_stage_removal(&e->targets[i]);
		else if (mt_engine_stage(f, &e->targets[i], f->after, error))
			return -1;
	}
	return 0;
}

static int begin(struct mt_engine *e, struct mt_error *error)
{
	/* behind COMMIT an allocation that fails would end a run with 2 although the host is not as before */
	mt_arena_reserve(e->arena, TO_THE_END);
	return mt_journal_begin(&e->journal, e->txn, error);
}

/* What was prepared stays where a temporary could not be removed: the next sweep knows its name from there. */
static int give_up(struct mt_engine *e, struct mt_error *error)
{
	bool left = false;
	size_t n = strlen(error->message);
	for (size_t i = 0; i < e->count; i++)
		if (mt_target_close(&e->targets[i])) {
			left = true;
			snprintf(error->message + n, sizeof error->message - n,
				 "; and %s/%s could not be removed: %s", e->targets[i].dir_path,
				 e->targets[i].temp, strerror(errno));
		}
	for (const struct mt_txn_file *f = e->txn->files; f; f = f->next)
		if (f->create)
			mt_folder_drop(e->arena, f);
	if (e->txn->id[0] && !left)
		mt_journal_abandon(&e->journal, e->txn);
	e->count = 0;
	return -1;
}

/* ---- COMMIT, SERVICE, VERIFY -------------------------------------------------------------------- */

static int commit(struct mt_engine *e, struct mt_error *error)
{
	size_t i = 0;
	e->committed = true;
	mt_watch_begin(e->arena, &e->txn->daemon, &e->watch);
	mt_observe_begin(e->arena, &e->observe, e->txn->process);
	for (struct mt_txn_file *f = e->txn->files; f; f = f->next, i++) {
		if (mt_target_commit(&e->targets[i], error))
			return -1;
		if (f->remove)
			mt_folder_drop(e->arena, f);
		mt_outcome_file(e, f, MT_FATE_CHANGED);
	}
	mt_unlock(&e->locks);
	return mt_journal_state(&e->journal, e->txn, MT_TXN_COMMITTED, error);
}

int mt_engine_serve(struct mt_engine *e, enum mt_action action, struct mt_error *error)
{
	struct mt_process now;
	mt_engine_tell(e, "%s %s, by %s", action == MT_ACTION_RELOAD ? "reloading" : "restarting",
		       e->txn->daemon.title, mt_service_title(&e->service, action));
	int failed = mt_service_act(&e->service, action, &now, error);
	e->outcome->action = mt_format(e->arena, "%s by %s",
				       action == MT_ACTION_RELOAD ? "reloaded" : "restarted",
				       mt_service_title(&e->service, action));
	e->service.before = now;
	/* what was sent to the daemon has reached it one second later; it was looked at for two */
	mt_observe_told(&e->observe, 1000);
	return failed ? mt_verify_quote(e, error) : 0;
}

static int serve(struct mt_engine *e, struct mt_error *error)
{
	if (!mt_engine_serves(e))
		return 0;
	/* written before it is done: recover must know that it may have been */
	if (mt_journal_state(&e->journal, e->txn, MT_TXN_SERVICED, error))
		return -1;
	return mt_engine_serve(e, e->txn->action, error);
}

void mt_engine_nudge(struct mt_engine *e)
{
	struct mt_process now = mt_daemon_find(&e->txn->daemon);
	if (!now.pid || kill((pid_t)now.pid, SIGALRM) < 0)
		return;
	e->outcome->action = mt_format(e->arena, "%s%ssent ALRM to %s", e->outcome->action,
				       e->outcome->action[0] ? ", " : "", e->txn->daemon.title);
}

static int verify(struct mt_engine *e, struct mt_error *error)
{
	mt_engine_tell(e, "looking whether it holds");
	if (e->options->recollect) {
		if (mt_verify_config(e, e->wanted, error))
			return -1;
		e->outcome->config = true;
	}
	if (mt_engine_serves(e)) {
		if (mt_verify_service(e, e->wanted, error))
			return -1;
		e->outcome->service = true;
	}
	if (e->txn->daemon.nudge)
		mt_engine_nudge(e);
	return e->txn->process.pid ? mt_verify_watch(e, error) : 0;
}

/* The time to confirm begins when there is something to be seen. */
static int finish_unconfirmed(struct mt_engine *e, struct mt_error *why)
{
	if (!mt_waiter_lives(e)) {
		mt_fail(why, MT_EXIT_FAILED, "", "the process that would take it back is gone");
		return mt_rollback(e, why);
	}
	e->txn->deadline = mt_boot_ms() + e->txn->confirm_ms;
	if (mt_journal_state(&e->journal, e->txn, MT_TXN_UNCONFIRMED, why))
		return mt_rollback(e, why);
	e->outcome->end = MT_END_UNCONFIRMED;
	e->outcome->until = mt_confirm_until(e->arena, e->txn);
	e->outcome->exit_code = MT_EXIT_OK;
	mt_event(e->txn, MT_END_UNCONFIRMED, mt_format(e->arena, "until %s", e->outcome->until));
	return 0;
}

static int finish(struct mt_engine *e, struct mt_error *why)
{
	if (e->txn->confirm_ms)
		return finish_unconfirmed(e, why);
	if (mt_journal_state(&e->journal, e->txn, MT_TXN_APPLIED, why))
		return mt_rollback(e, why);
	e->outcome->end = e->txn->undoes[0] ? MT_END_UNDONE : MT_END_APPLIED;
	e->outcome->exit_code = MT_EXIT_OK;
	mt_event(e->txn, e->outcome->end, "");
	mt_journal_prune(&e->journal, e->options->keep_backups);
	return 0;
}

int mt_engine_run(struct mt_engine *e, struct mt_error *error)
{
	static int (*const before_commit[])(struct mt_engine *, struct mt_error *) = {
		precheck, prepare, stage, mt_validate, mt_hook_write, mt_waiter_start, begin};
	struct mt_error why = {0};
	mt_engine_tell(e, "trying the new files as copies, and keeping the old ones");
	mt_engine_hold(e);
	for (size_t i = 0; i < MT_ARRAY_LEN(before_commit); i++) {
		if (mt_interrupted())
			mt_fail(error, MT_EXIT_FAILED, "", "interrupted: nothing was changed");
		if (error->code || before_commit[i](e, error))
			return give_up(e, error);
	}
	memcpy(e->outcome->id, e->txn->id, sizeof e->outcome->id);
	mt_engine_tell(e, "putting them in place: transaction %s", e->txn->id);
	if (commit(e, &why) || serve(e, &why) || verify(e, &why))
		return mt_rollback(e, &why);
	return finish(e, &why);
}
