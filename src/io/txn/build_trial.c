/* SPDX-License-Identifier: ISC */
/* build_trial.c: runs on private copies, before anything is written. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/txn/build_part.h"
#include "io/txn/private_copy.h"
#include "io/txn/verify.h"

/* ---- running ------------------------------------------------------------------------------------ */

/* Somebody who can do nothing but read: what the files say is executed (m4 has a syscmd). */
static int find_user(const char *name, struct mt_spawn_place *place, struct mt_error *error)
{
	errno = 0;
	const struct passwd *pw = name && geteuid() == 0 ? getpwnam(name) : NULL;
	if (!name || geteuid() != 0)
		return 0;
	if (!pw || pw->pw_uid == 0)
		return mt_fail(error, MT_EXIT_FAILED, name, "there is no such user to run it as");
	place->other_user = true;
	place->uid = pw->pw_uid;
	place->gid = pw->pw_gid;
	return 0;
}

static const char *folder_of(struct mt_arena *arena, const char *path)
{
	return mt_strz(arena, (struct mt_str){path, (size_t)(strrchr(path, '/') - path)});
}

/* The folders that the copies stand in for. */
static const char *const *mounts_of(struct mt_engine *e, const struct mt_build *build)
{
	const char *const *mounts = NULL;
	struct stat st;
	for (const char *const *path = build->reads; path && *path; path++)
		if (stat(*path, &st) == 0 && S_ISDIR(st.st_mode))
			mt_list_add(e->arena, &mounts, *path);
	for (const char *const *path = build->makes; path && *path; path++)
		if (!mt_list_has(mounts, folder_of(e->arena, *path)))
			mt_list_add(e->arena, &mounts, folder_of(e->arena, *path));
	return mounts;
}

static int run_in(struct mt_engine *e, const struct mt_build *build, const struct mt_copy *copy,
		  struct mt_run_result *result, struct mt_error *error)
{
	const char *argv[MT_ARGV_MAX + 1] = {NULL};
	struct mt_spawn_place place = {.folder = copy->top, .keep = -1};
	/* as another user it cannot come from above */
	const char *dir = build->user ? "." : copy->path;
	struct mt_run run = mt_build_command(e, build, argv);
	for (size_t i = 0; i < MT_ARGV_MAX && build->trial.argv[i]; i++)
		argv[i] = mt_text_replace(e->arena, build->trial.argv[i], "@DIR@", dir);
	run.place = &place;
	run.interruptible = true;
	if (build->mounted)
		place.mounts = mounts_of(e, build);
	return find_user(build->user, &place, error) || mt_run(e->arena, &run, result, error) ? -1
											      : 0;
}

/* ---- a private run ------------------------------------------------------------------------------ */

struct trial {
	struct mt_engine *e;
	const struct mt_build *build;
	int folder; /* for the copies */
	const char *path;
	bool changed; /* with the edits */
	struct mt_str *made; /* by build->makes */
};

static int fill(struct trial *t, struct mt_copy *copy, struct mt_error *error)
{
	for (const char *const *path = t->build->reads; path && *path; path++)
		if (mt_copy_add(copy, *path, error))
			return -1;
	for (const char *const *path = t->build->makes; path && *path; path++)
		if (mt_copy_add_folder_of(copy, *path, error))
			return -1;
	return 0;
}

static int take(struct trial *t, const struct mt_copy *copy, const struct mt_run_result *result,
		struct mt_error *error)
{
	const char *const *path = t->build->makes;
	for (size_t i = 0; path[i]; i++) {
		t->made[i] = result->out;
		if (!t->build->prints && mt_copy_read(copy, path[i], &t->made[i]))
			return mt_fail(error, MT_EXIT_FAILED, path[i],
				       "%s has not made it in a private copy: %s", t->build->title,
				       strerror(errno));
		if (!t->made[i].n)
			return mt_fail(error, MT_EXIT_FAILED, path[i],
				       "what %s makes in a private copy is empty", t->build->title);
	}
	return 0;
}

static int run_trial(struct trial *t, struct mt_copy *copy, struct mt_error *error)
{
	struct mt_run_result result;
	if (mt_copy_begin(copy, t->folder, t->path, t->changed ? "new" : "old", error) ||
	    fill(t, copy, error) || run_in(t->e, t->build, copy, &result, error))
		return -1;
	if (mt_interrupted())
		return mt_fail(error, MT_EXIT_FAILED, "", "interrupted: nothing was changed");
	if (!mt_build_well(&result))
		return mt_fail(error, MT_EXIT_FAILED, t->build->title,
			       "it refuses %s, tried on a private copy (%s)",
			       t->changed ? "the new files" : "the files as they are",
			       mt_copy_real_names(copy, mt_build_said(t->e, &result)));
	return take(t, copy, &result, error);
}

static int try_one(struct trial *t, struct mt_error *error)
{
	size_t n = 0;
	while (t->build->makes[n])
		n++;
	t->made = mt_alloc(t->e->arena, (n + 1) * sizeof *t->made);
	struct mt_copy copy = {.engine = t->e,
			       .changed = t->changed,
			       .checked = true,
			       .left_out = t->build->makes,
			       .top = -1};
	int failed = run_trial(t, &copy, error);
	if (mt_copy_end(&copy) && !failed)
		return mt_fail(error, MT_EXIT_FAILED, t->path, "cannot remove a private copy: %s",
			       strerror(errno));
	return failed;
}

/* ---- is what is there what the sources give? ---------------------------------------------------- */

static int say_stale(struct trial *t, const char *path, const char *differs, struct mt_error *error)
{
	const char *id = t->build->stale ? t->build->stale : "";
	snprintf(error->id, sizeof error->id, "%s", id);
	return mt_fail(error, MT_EXIT_FAILED, path,
		       "it is not what %s makes of its sources today (%s): somebody's edit would "
		       "go live, or be lost, with this change. Run %s first, or undo that edit%s%s",
		       t->build->title, differs, t->build->title,
		       *id ? "; all the same: --accept " : "", id);
}

/* One that is not there yet is nobody's. */
static int check_stale(struct trial *t, struct mt_error *error)
{
	t->changed = false;
	if (t->build->stale && mt_list_has(t->e->accept, t->build->stale)) {
		t->e->stale = true;
		return 0;
	}
	bool there = true;
	for (const char *const *path = t->build->makes; *path; path++) {
		const struct mt_txn_file *f = mt_build_file(t->e, *path);
		there &= f && !f->create;
	}
	if (!there)
		return 0;
	if (try_one(t, error))
		return -1;
	for (size_t i = 0; t->build->makes[i]; i++) {
		const char *path = t->build->makes[i];
		const char *differs = mt_build_difference(
			t->e->arena, t->build, mt_build_file(t->e, path)->before, t->made[i]);
		if (differs)
			return say_stale(t, path, differs, error);
	}
	return 0;
}

/* ---- what comes of the edits -------------------------------------------------------------------- */

static void set_after(struct trial *t, struct mt_txn_file *f, struct mt_str made)
{
	/* a date in a comment is no reason to write */
	if (!mt_build_is_live(t->build) && !f->create &&
	    !mt_build_difference(t->e->arena, t->build, f->before, made))
		made = f->before;
	f->after = made;
	f->live = mt_build_is_live(t->build);
	mt_sha256_hex(f->after, f->sha_after);
	f->edits = mt_edits_between(t->e->arena, f->before, f->after);
}

static int try_build(struct trial *t, struct mt_error *error)
{
	if (access(t->build->trial.argv[0], X_OK) < 0)
		return mt_fail(error, MT_EXIT_FAILED, t->build->trial.argv[0], "cannot be run: %s",
			       strerror(errno));
	if (check_stale(t, error))
		return -1;
	t->changed = true;
	if (try_one(t, error))
		return -1;
	for (size_t i = 0; t->build->makes[i]; i++) {
		struct mt_txn_file *f = mt_build_file(t->e, t->build->makes[i]);
		if (!f)
			return mt_fail(error, MT_EXIT_FAILED, t->build->makes[i],
				       "%s makes it too, and the plan does not say so",
				       t->build->title);
		set_after(t, f, t->made[i]);
	}
	return 0;
}

/* Behind their sources, and what is made in place behind what we put there: so a rollback begins with it. */
static void sort_files(struct mt_txn *txn)
{
	struct mt_txn_file *rest[3] = {NULL}, **tail[3] = {&rest[0], &rest[1], &rest[2]};
	for (struct mt_txn_file *f = txn->files, *next; f; f = next) {
		size_t i = f->live ? 2 : f->generated ? 1 : 0;
		next = f->next;
		f->next = NULL;
		*tail[i] = f;
		tail[i] = &f->next;
	}
	*tail[1] = rest[2];
	*tail[0] = rest[1];
	txn->files = rest[0];
}

/* What comes out as it was is not written. */
static void drop_unchanged(struct mt_txn *txn)
{
	for (struct mt_txn_file **at = &txn->files; *at;)
		if ((*at)->generated && !(*at)->live && !(*at)->create && !(*at)->remove &&
		    strcmp((*at)->sha_before, (*at)->sha_after) == 0)
			*at = (*at)->next;
		else
			at = &(*at)->next;
}

/* What was there before the change may have lacked an edit that was let go live with it: the sources still have it. */
static int say_stays(struct mt_engine *e, const char *differs, struct mt_error *error)
{
	const struct mt_build *build = e->builds;
	while (build && !(build->stale && mt_build_is_needed(e, build)))
		build = build->next;
	const char *id = build ? build->stale : "";
	snprintf(error->id, sizeof error->id, "%s", id);
	return mt_fail(error, MT_EXIT_FAILED, e->txn->daemon.title,
		       "what is made of the old files does not mean what it did before the change: "
		       "%s. If an edit of somebody else went live with the change, it stays%s%s",
		       differs, *id ? ": --accept " : "", id);
}

/* The same look as after COMMIT: a file may be accepted by its program and mean something else. With edits of somebody
 * else, if that is accepted, it is what there will be. */
static int check_meaning(struct mt_engine *e, struct mt_error *error)
{
	if (!e->now || !e->wanted)
		return 0;
	const struct mt_mta *found = mt_verify_foresee(e, e->now);
	const char *differs =
		found ? mt_mta_differs(e->arena, e->wanted, found) : "it is not there any more";
	if (!differs)
		return 0;
	if (found && !e->stale && e->txn->undoes[0])
		return say_stays(e, differs, error);
	if (!found || !e->stale)
		return mt_fail(error, MT_EXIT_FAILED, e->txn->daemon.title,
			       "what is made of the edited files does not mean what was planned: "
			       "%s",
			       differs);
	mt_outcome_remark(e, "with what somebody else has edited: %s", differs);
	e->wanted = found;
	if (e->old)
		e->txn->summary = mt_mta_summary(e->arena, e->old, found);
	if (e->txn->undoes[0])
		e->outcome->summary = e->txn->summary;
	return 0;
}

int mt_build_try_all(struct mt_engine *e, int folder, const char *path, struct mt_error *error)
{
	for (const struct mt_build *build = e->builds; build; build = build->next) {
		struct trial t = {.e = e, .build = build, .folder = folder, .path = path};
		if (mt_build_is_needed(e, build) && try_build(&t, error))
			return -1;
	}
	sort_files(e->txn);
	if (check_meaning(e, error))
		return -1;
	drop_unchanged(e->txn);
	return 0;
}
