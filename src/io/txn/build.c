/* SPDX-License-Identifier: ISC */
/* build.c: which files are made, by what, and the runs in place. */
#include "io/txn/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/sys/fs.h"
#include "io/txn/build_part.h"

#define SECONDS	   60
#define SAID_MAX   500
#define LINE_SHOWN 150

struct mt_txn_file *mt_build_file(const struct mt_engine *e, const char *path)
{
	struct mt_txn_file *f = e->txn->files;
	while (f && (!f->generated || strcmp(f->path, path) != 0))
		f = f->next;
	return f;
}

/* Does it make one of the transaction's files? */
bool mt_build_is_needed(const struct mt_engine *e, const struct mt_build *build)
{
	for (const char *const *path = build->makes; path && *path; path++)
		if (mt_build_file(e, *path))
			return true;
	return false;
}

/* ---- running ------------------------------------------------------------------------------------ */

/* What it said, as one clause. */
const char *mt_build_said(struct mt_engine *e, const struct mt_run_result *result)
{
	struct mt_str text = mt_str_trim(result->err.n ? result->err : result->out);
	if (text.n > SAID_MAX)
		text.n = SAID_MAX;
	return mt_format(e->arena, "%s%s%.*s",
			 result->timed_out  ? "it did not end in time"
			 : result->overflow ? "it printed too much"
					    : mt_format(e->arena, "exit status %d", result->status),
			 text.n ? ": " : "", MT_STR_FMT(text));
}

bool mt_build_well(const struct mt_run_result *result)
{
	return result->status == 0 && !result->timed_out && !result->overflow;
}

struct mt_run mt_build_command(struct mt_engine *e, const struct mt_build *build,
			       const char *const *argv)
{
	unsigned seconds = build->seconds ? build->seconds : SECONDS;
	return (struct mt_run){.argv = argv,
			       .deadline_ms = seconds * 1000,
			       .max_output = MT_ITEM_MAX,
			       .waiting = {e->options->slow, e->options->data},
			       .what = mt_format(e->arena, "waiting for %s to end", build->title)};
}

/* ---- what it made -------------------------------------------------------------------------------- */

/* The next line that is not another one in every run. */
static bool next_line(const struct mt_build *build, struct mt_str *rest, struct mt_str *line)
{
	while (mt_str_line(rest, line)) {
		const char *const *start = build->varying;
		while (start && *start && !mt_str_starts(*line, *start))
			start++;
		if (!start || !*start)
			return true;
	}
	*line = (struct mt_str){"", 0};
	return false;
}

/* The first lines that differ; NULL: none does. */
const char *mt_build_difference(struct mt_arena *arena, const struct mt_build *build,
				struct mt_str there, struct mt_str made)
{
	struct mt_str a, b;
	bool more_a, more_b;
	do {
		more_a = next_line(build, &there, &a);
		more_b = next_line(build, &made, &b);
	} while (more_a && more_b && mt_str_eq(a, b));
	return !more_a && !more_b
		       ? NULL
		       : mt_format(arena, "-%.*s +%.*s", (int)(a.n < LINE_SHOWN ? a.n : LINE_SHOWN),
				   a.p, (int)(b.n < LINE_SHOWN ? b.n : LINE_SHOWN), b.p);
}

/* Its name is one that the next run sweeps away. */
static int try_in_folder(struct mt_engine *e, struct mt_error *error)
{
	char hex[17];
	if (mt_random_hex(hex, 16))
		return mt_fail(error, MT_EXIT_FAILED, e->journal.path, "no random numbers: %s",
			       strerror(errno));
	const char *name = mt_format(e->arena, ".new-build-%s", hex);
	const char *path = mt_format(e->arena, "%s/txn/%s", e->journal.path, name);
	if (MT_RETRY(mkdirat(e->journal.txn_dir, name, 0700)) < 0)
		return mt_fail(error, MT_EXIT_FAILED, path, "cannot be made: %s", strerror(errno));
	MT_FD folder = mt_open(e->journal.txn_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	int failed = folder < 0 ? mt_fail(error, MT_EXIT_FAILED, path, "cannot be opened: %s",
					  strerror(errno))
				: mt_build_try_all(e, folder, path, error);
	if (mt_remove_tree(e->journal.txn_dir, name, 1) && !failed)
		return mt_fail(error, MT_EXIT_FAILED, path, "cannot be removed: %s",
			       strerror(errno));
	return failed;
}

/* ---- which of them there are -------------------------------------------------------------------- */

/* An undo has nothing else to give what is made its old bytes back. */
void mt_build_none(struct mt_engine *e)
{
	e->builds = NULL;
	for (struct mt_txn_file **at = &e->txn->files; *at;)
		if ((*at)->generated && !e->txn->undoes[0]) {
			*at = (*at)->next;
		} else {
			(*at)->generated = false;
			at = &(*at)->next;
		}
}

/* What nobody makes any more, or was not there before, is a file like others. */
const struct mt_build *mt_build_of(const struct mt_engine *e, const struct mt_txn_file *f)
{
	const struct mt_build *build = f->generated && !f->remove ? e->builds : NULL;
	while (build && !mt_list_has(build->makes, f->path))
		build = build->next;
	return build;
}

static bool any_made(struct mt_engine *e)
{
	bool any = false;
	for (struct mt_txn_file *f = e->txn->files; f; f = f->next) {
		bool made = mt_build_of(e, f);
		if (f->generated && !f->remove && !made)
			mt_outcome_remark(e,
					  "%s: what makes it is not known here; it is put in place "
					  "as it was",
					  f->path);
		f->generated = made;
		any |= made;
	}
	return any;
}

int mt_build_try(struct mt_engine *e, struct mt_error *error)
{
	return any_made(e) ? try_in_folder(e, error) : 0;
}

/* ---- in place ----------------------------------------------------------------------------------- */

/* Is it still what was read, at the last moment? From then on what is found there is of our making. */
static int claim(struct mt_engine *e, const struct mt_build *build, struct mt_error *error)
{
	size_t i = 0;
	for (struct mt_txn_file *f = e->txn->files; f; f = f->next, i++)
		if (f->live && mt_list_has(build->makes, f->path) &&
		    mt_target_recheck(&e->targets[i], error))
			return -1;
	i = 0;
	for (struct mt_txn_file *f = e->txn->files; f; f = f->next, i++)
		if (f->live && mt_list_has(build->makes, f->path))
			e->targets[i].committed = true;
	return 0;
}

/* It sets them as it likes, and will do so again. */
static void say_mode(struct mt_engine *e, const struct mt_txn_file *f, const struct mt_target *now)
{
	const struct stat *st = &now->st;
	if (f->create || now->file < 0 ||
	    ((int)(st->st_mode & 07777) == f->was_mode && (long)st->st_uid == f->was_uid &&
	     (long)st->st_gid == f->was_gid))
		return;
	mt_outcome_remark(e, "%s has mode %04o and owner %ld:%ld now (it had %04o and %ld:%ld)",
			  f->path, (unsigned)(st->st_mode & 07777), (long)st->st_uid,
			  (long)st->st_gid, (unsigned)f->was_mode, f->was_uid, f->was_gid);
}

/* Nobody but us syncs it. */
static int look_at(struct mt_engine *e, const struct mt_build *build, struct mt_txn_file *f,
		   struct mt_error *error)
{
	struct mt_target now;
	if (mt_target_open(e->arena, f->path, &now, error))
		return -1;
	memcpy(f->sha_made, now.sha, sizeof f->sha_made);
	say_mode(e, f, &now);
	int failed = 0;
	if (now.file < 0 || strcmp(now.sha, f->sha_after) != 0)
		failed = mt_fail(
			error, MT_EXIT_FAILED, f->path,
			"%s made something else of it than in the private copy (%s)", build->title,
			now.file < 0 ? "it is not there"
				     : mt_build_difference(e->arena, build, f->after, now.bytes));
	else if (mt_sync(now.file) || mt_sync(now.dir))
		failed = mt_fail(error, MT_EXIT_FAILED, f->path, "cannot make it durable: %s",
				 strerror(errno));
	(void)!mt_target_close(&now);
	if (!failed)
		mt_outcome_file(e, f, MT_FILE_CHANGED);
	return failed;
}

/* Our lock is held by it, and by what it starts, too: nobody takes anything back while it still writes. */
static int run_live(struct mt_engine *e, const struct mt_build *build, struct mt_error *error)
{
	struct mt_run_result result;
	struct mt_spawn_place place = {.folder = -1, .keep = e->own->fd};
	struct mt_run run = mt_build_command(e, build, build->live.argv);
	run.place = &place;
	mt_engine_tell(e, "running %s", build->title);
	if (claim(e, build, error))
		return -1;
	if (mt_run(e->arena, &run, &result, error) == 0 && !mt_build_well(&result))
		(void)mt_fail(error, MT_EXIT_FAILED, build->title, "it failed (%s)",
			      mt_build_said(e, &result));
	int failed = error->code ? -1 : 0;
	for (struct mt_txn_file *f = e->txn->files; f; f = f->next)
		if (f->live && mt_list_has(build->makes, f->path) && look_at(e, build, f, error))
			failed = -1;
	return failed;
}

int mt_build_run(struct mt_engine *e, struct mt_error *error)
{
	for (const struct mt_build *build = e->builds; build; build = build->next)
		if (mt_build_is_live(build) && mt_build_is_needed(e, build) &&
		    run_live(e, build, error))
			return -1;
	return 0;
}
