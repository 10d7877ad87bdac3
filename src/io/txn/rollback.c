/* SPDX-License-Identifier: ISC */
/* rollback.c: the files first, then the daemon, then a look at the old state. */
#include "io/txn/engine.h"

#include <stdio.h>
#include <string.h>

#include "io/txn/new_folder.h"
#include "io/txn/verify.h"

#define LOCK_WAIT_MS 30000

struct mt_restoration mt_restoration(struct mt_arena *arena, const struct mt_txn_file *f,
				     const struct mt_target *now)
{
	struct mt_restoration r = {.what = MT_RESTORE_TOUCHED, .bytes = f->before};
	struct mt_change change = {.before = f->before, .after = f->after, .edits = f->edits};
	struct mt_edit *back;
	bool absent = now->file < 0;
	/* what a program has made of other files for us, all of it or, cut off, its beginning, is nobody's edit; nor is it
	 * lost if somebody has removed it */
	bool made =
		f->generated && (absent || strcmp(now->sha, f->sha_made) == 0 || !now->bytes.n ||
				 (now->bytes.n < f->after.n &&
				  memcmp(now->bytes.p, f->after.p, now->bytes.n) == 0));
	/* and in place it sets mode and owner as it likes */
	bool remoded = f->sha_made[0] && !absent &&
		       ((int)(now->st.st_mode & 07777) != f->was_mode ||
			(long)now->st.st_uid != f->was_uid || (long)now->st.st_gid != f->was_gid);
	bool ours = strcmp(now->sha, f->sha_after) == 0 || made;
	bool as_we_left = f->remode && !absent && (int)(now->st.st_mode & 07777) == f->mode;
	if (strcmp(now->sha, f->sha_before) == 0)
		r.what = as_we_left || remoded ? MT_RESTORE_BYTES : MT_RESTORE_NOTHING;
	else if (f->create)
		r.what = ours ? MT_RESTORE_REMOVE : r.what;
	else if (ours)
		r.what = MT_RESTORE_BYTES;
	else if (!absent && !f->remove && mt_edits_reverse(arena, &change, now->bytes, &back))
		r = (struct mt_restoration){MT_RESTORE_BYTES,
					    mt_edits_apply(arena, now->bytes, back)};
	return r;
}

/* ---- files -------------------------------------------------------------------------------------- */

struct job {
	struct mt_txn_file *file;
	const struct mt_target *committed; /* as it was then; NULL: not known (after a crash) */
	struct mt_target target;
	struct mt_restoration restoration;
};

/* The same name may lead elsewhere now: what is there was never ours, and ours is where we do not see it. */
static int same_place(const struct job *job, struct mt_error *error)
{
	const struct mt_target *now = &job->target, *then = job->committed;
	if (job->file->where[0] && strcmp(now->where, job->file->where) != 0)
		return mt_fail(error, MT_EXIT_PERSON, job->file->path,
			       "it is another file now (%s, it was %s)", now->where,
			       job->file->where);
	if (then && (then->dir_st.st_dev != now->dir_st.st_dev ||
		     then->dir_st.st_ino != now->dir_st.st_ino))
		return mt_fail(
			error, MT_EXIT_PERSON, now->dir_path,
			"it is another folder now: the new file is in the one that was here");
	return 0;
}

static int open_job(struct mt_engine *e, struct job *job, struct mt_error *error)
{
	if (mt_folder_gone(e->arena, job->file))
		return 0; /* and MT_RESTORE_NOTHING */
	if (mt_target_open(e->arena, job->file->path, &job->target, error) ||
	    same_place(job, error))
		return -1;
	job->restoration = mt_restoration(e->arena, job->file, &job->target);
	if (job->restoration.what == MT_RESTORE_TOUCHED) {
		mt_outcome_file(e, job->file, MT_FILE_KEPT);
		return mt_fail(error, MT_EXIT_PERSON, job->file->path,
			       "somebody edited it after us: left as it is");
	}
	if (job->restoration.what == MT_RESTORE_BYTES && job->target.file >= 0 &&
	    !mt_str_eq(job->restoration.bytes, job->file->before))
		mt_outcome_remark(e,
				  "%s: somebody edited it after us; only our lines were taken back",
				  job->file->path);
	return 0;
}

static int write_job(struct mt_engine *e, struct job *job, struct mt_error *error)
{
	struct mt_target *t = &job->target;
	const struct mt_txn_file old = mt_txn_old(job->file);
	if (job->restoration.what != MT_RESTORE_NOTHING) {
		memcpy(t->temp, job->file->temp, sizeof t->temp);
		if (job->restoration.what == MT_RESTORE_REMOVE)
			mt_target_stage_removal(t);
		else if (mt_engine_stage(&old, t, job->restoration.bytes, error))
			return -1;
		if (mt_target_commit(t, error))
			return -1;
		if (old.create)
			mt_folder_drop(e->arena, job->file);
	}
	mt_outcome_file(e, job->file,
			job->restoration.what == MT_RESTORE_NOTHING ? MT_FILE_UNCHANGED
								    : MT_FILE_ROLLED_BACK);
	return 0;
}

/* The first `committed` files, the last one first; all of them are looked at before one is written. */
static int restore(struct mt_engine *e, size_t committed, struct mt_error *error)
{
	size_t n = committed, i = 0;
	int failed = 0;
	struct job *jobs = mt_alloc(e->arena, (n + 1) * sizeof *jobs);
	for (struct mt_txn_file *f = e->txn->files; f && i < n; f = f->next, i++)
		jobs[n - 1 - i] = (struct job){.file = f,
					       .committed = e->count ? &e->targets[i] : NULL,
					       .target = MT_TARGET_NONE};
	for (i = 0; i < n && !failed; i++)
		failed = open_job(e, &jobs[i], error);
	for (i = 0; i < n && !failed; i++)
		failed = write_job(e, &jobs[i], error);
	for (i = 0; i < n; i++)
		if (mt_target_close(&jobs[i].target))
			mt_outcome_left(e, jobs[i].file->path, jobs[i].target.temp);
	return failed;
}

static void drop_temps(struct mt_engine *e)
{
	for (const struct mt_txn_file *f = e->txn->files; f; f = f->next)
		switch (mt_txn_drop_temp(e->arena, f, false)) {
		case MT_TEMP_GONE:
			break;
		case MT_TEMP_THEIRS:
			mt_outcome_remark(
				e, "%s: an edit that somebody made meanwhile is beside it, in %s",
				f->path, f->temp);
			break;
		case MT_TEMP_LEFT:
			mt_outcome_left(e, f->path, f->temp);
		}
}

/* How many of the files, in their order, may hold our edit. What never did is somebody else's, however
 * it looks now; after a crash nobody knows, and all are looked at. */
static size_t count_committed(const struct mt_engine *e)
{
	size_t files = 0, committed = 0;
	for (const struct mt_txn_file *f = e->txn->files; f; f = f->next)
		files++;
	while (committed < e->count && e->targets[committed].committed)
		committed++;
	return e->count ? committed : files;
}

static int restore_files(struct mt_engine *e, size_t committed, struct mt_error *error)
{
	for (size_t i = 0; i < e->count; i++)
		(void)mt_target_close(&e->targets[i]); /* what it leaves drop_temps() finds */
	drop_temps(e);
	if (!e->locks &&
	    mt_lock_files(e->arena, e->txn->locks, (struct mt_lock_timeout){.ms = LOCK_WAIT_MS},
			  &e->locks, error))
		return -1;
	int failed = restore(e, committed, error);
	mt_unlock(&e->locks);
	return failed;
}

/* ---- daemon ------------------------------------------------------------------------------------- */

/* What brings the daemon back to the old files. One that was not told of the new ones may have read them
 * all the same: a part of it that started meanwhile, or because somebody else told it. */
static enum mt_action action_back(const struct mt_engine *e, struct mt_process now)
{
	if (!mt_engine_serves(e))
		return MT_ACTION_NONE;
	if (!now.pid)
		return MT_ACTION_RESTART;
	if (e->txn->action == MT_ACTION_RELOAD)
		return MT_ACTION_RELOAD;
	if (!mt_process_same(now, e->txn->process))
		return MT_ACTION_RESTART;
	return mt_service_reloads(&e->txn->daemon) ? MT_ACTION_RELOAD : MT_ACTION_NONE;
}

static int restore_daemon(struct mt_engine *e, struct mt_error *error)
{
	struct mt_process now = mt_daemon_find(&e->txn->daemon);
	enum mt_action action = action_back(e, now);
	if (e->service.ending && mt_process_same(now, e->txn->process))
		return mt_fail(error, MT_EXIT_PERSON, e->txn->daemon.title,
			       "it still finishes its work");
	if (action == MT_ACTION_NONE)
		return 0;
	e->service.before = now.pid ? now : (struct mt_process){0};
	e->service.after_failure = true;
	e->missing = NULL;
	mt_watch_begin(e->arena, &e->txn->daemon, &e->watch);
	return mt_engine_serve(e, action, error);
}

static int look(struct mt_engine *e, struct mt_error *error)
{
	e->outcome->config = e->outcome->service = e->outcome->observed = false;
	if (e->options->recollect && e->old) {
		if (mt_verify_config(e, e->old, error))
			return -1;
		e->outcome->config = true;
	}
	if (mt_engine_serves(e)) {
		if (!mt_daemon_find(&e->txn->daemon).pid)
			return mt_fail(error, MT_EXIT_PERSON, e->txn->daemon.title,
				       "it does not run");
		e->outcome->service = true;
	}
	return 0;
}

static int stuck(struct mt_engine *e, bool restored, const struct mt_error *problem)
{
	struct mt_error ignored = {0};
	(void)!mt_journal_state(&e->journal, e->txn, MT_TXN_STUCK, &ignored);
	e->outcome->end = MT_END_STUCK;
	e->outcome->exit_code = MT_EXIT_PERSON;
	e->outcome->why = mt_format(e->arena, "%s%s%s: %s; the old files are in %s/txn/%s",
				    e->outcome->why, e->outcome->why[0] ? "; " : "",
				    restored ? "the old files are back, but" : "not rolled back",
				    mt_error_text(e->arena, problem), e->journal.path, e->txn->id);
	mt_event(e->txn, MT_END_STUCK, e->outcome->why);
	return 0;
}

int mt_rollback(struct mt_engine *e, const struct mt_error *why)
{
	struct mt_error problem = {0}, unwritten = {0};
	size_t committed = count_committed(e);
	e->outcome->why = why->code ? mt_error_text(e->arena, why) : "";
	mt_engine_tell(e, "taking it back%s%s", e->outcome->why[0] ? ": " : "", e->outcome->why);
	bool journal_fails =
		mt_journal_state(&e->journal, e->txn, MT_TXN_ROLLING_BACK, &unwritten) != 0;
	if (restore_files(e, committed, &problem))
		return stuck(e, false, &problem);
	if (committed && (restore_daemon(e, &problem) || look(e, &problem)))
		return stuck(e, true, &problem);
	if (committed && e->txn->daemon.retry_back && !e->options->no_service)
		mt_engine_retry(e);
	if (mt_journal_state(&e->journal, e->txn, MT_TXN_ROLLED_BACK, &unwritten) || journal_fails)
		mt_outcome_remark(e, "%s: run mtapin recover to close transaction %s",
				  mt_error_text(e->arena, &unwritten), e->txn->id);
	e->outcome->end = MT_END_ROLLED_BACK;
	e->outcome->exit_code = MT_EXIT_FAILED;
	mt_event(e->txn, MT_END_ROLLED_BACK, e->outcome->why);
	return 0;
}
