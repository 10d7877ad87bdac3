/* SPDX-License-Identifier: ISC */
/* engine.c: LOCK PRECHECK STAGE VALIDATE BACKUP COMMIT SERVICE VERIFY DONE. */
#include "io/txn/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/txn/new_folder.h"
#include "io/sys/clock.h"
#include "io/sys/fs.h"
#include "io/txn/build.h"
#include "io/txn/boot_hook.h"
#include "io/txn/confirm.h"
#include "io/txn/validate.h"
#include "io/txn/verify.h"

#define LOCK_WAIT_MS 5000 /* for the files of the plan */
#define TO_THE_END   ((size_t)1 << 20)

/* ---- PRECHECK ----------------------------------------------------------------------------------- */

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
	if (file->remove) {
		/* What a removed file gets back when it is made again. */
		file->mode = (int)(target->st.st_mode & 07777);
		file->owned = true;
		file->uid = (long)target->st.st_uid;
		file->gid = (long)target->st.st_gid;
	}
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
					 .watch = &e->watch,
					 .asked = e->asked,
					 .waiting = mt_engine_waiting(e),
					 .timeout_ms = e->options->service_timeout * 1000};
	if (!mt_engine_serves(e))
		return 0;
	e->missing = mt_listeners_missing(e->arena, e->old, txn->process);
	return mt_service_find(&e->service, txn->action, error);
}

static int take_locks(struct mt_engine *e, struct mt_error *error)
{
	/* noted first: of a run that is killed now the journal knows nothing, and its lock files
	 * would stay (a main.cf.lock of git config did so in 13 of 45 kills, and its next run
	 * refused) */
	if (mt_lock_note(e->arena, e->own, e->txn->locks, error) ||
	    mt_lock_files(e->arena, e->txn->locks,
			  (struct mt_lock_timeout){
				  .ms = LOCK_WAIT_MS,
				  .interruptible = true,
				  .waiting = mt_engine_waiting(e),
				  .what = "waiting for whoever holds a lock of the configuration"},
			  &e->locks, error))
		return -1;
	return 0;
}

static int precheck(struct mt_engine *e, struct mt_error *error)
{
	size_t n = 0;
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
		else if (!f->live && mt_engine_stage(f, &e->targets[i], f->after, error))
			return -1;
	}
	return 0;
}

static int begin_run(struct mt_engine *e, struct mt_error *error)
{
	/* behind COMMIT an allocation that fails would end a run with 2 although the host is not as
	 * before */
	mt_arena_reserve(e->arena, TO_THE_END);
	return mt_journal_begin(&e->journal, e->txn, error);
}

/* What was prepared stays where a temporary could not be removed: the next sweep knows its name from there. */
static int give_up_commit(struct mt_engine *e, struct mt_error *error)
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
		if (f->live)
			continue;
		if (mt_target_commit(&e->targets[i], error))
			return -1;
		if (f->remove)
			mt_folder_drop(e->arena, f);
		mt_outcome_file(e, f, MT_FILE_CHANGED);
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

void mt_engine_retry(struct mt_engine *e)
{
	struct mt_process now = mt_daemon_find(&e->txn->daemon);
	if (!now.pid || kill((pid_t)now.pid, SIGALRM) < 0)
		return;
	e->outcome->action = mt_format(e->arena, "%s%ssent ALRM to %s", e->outcome->action,
				       e->outcome->action[0] ? ", " : "", e->txn->daemon.title);
}

static int verify_commit(struct mt_engine *e, struct mt_error *error)
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
	if (e->txn->daemon.retry)
		mt_engine_retry(e);
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

int mt_engine_run(struct mt_engine *e, struct mt_error *error)
{
	static int (*const before_commit[])(struct mt_engine *, struct mt_error *) = {
		take_locks,  mt_build_try,  precheck,	     prepare,  stage,
		mt_validate, mt_hook_write, mt_waiter_start, begin_run};
	struct mt_error why = {0};
	mt_engine_tell(e, "trying the new files as copies, and keeping the old ones");
	mt_engine_hold(e);
	for (size_t i = 0; i < MT_ARRAY_LEN(before_commit); i++) {
		if (mt_interrupted())
			mt_fail(error, MT_EXIT_FAILED, "", "interrupted: nothing was changed");
		if (error->code || before_commit[i](e, error))
			return give_up_commit(e, error);
	}
	memcpy(e->outcome->id, e->txn->id, sizeof e->outcome->id);
	mt_engine_tell(e, "putting them in place: transaction %s", e->txn->id);
	if (commit(e, &why) || mt_build_run(e, &why) || serve(e, &why) || verify_commit(e, &why))
		return mt_rollback(e, &why);
	if (e->txn->confirm_ms)
		return finish_unconfirmed(e, &why);
	if (mt_journal_state(&e->journal, e->txn, MT_TXN_APPLIED, &why))
		return mt_rollback(e, &why);
	e->outcome->end = e->txn->undoes[0] ? MT_END_UNDONE : MT_END_APPLIED;
	e->outcome->exit_code = MT_EXIT_OK;
	mt_event(e->txn, e->outcome->end, "");
	mt_journal_prune(&e->journal, e->options->keep_backups);
	return 0;
}
