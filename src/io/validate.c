/* SPDX-License-Identifier: ISC */
/* validate.c: the MTA's own reader over a private copy. */
#include "validate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/fs.h"
#include "io/run.h"

#define DEADLINE_MS 30000
#define OUTPUT_MAX  65536
#define SAID_MAX    500
#define AGE_SECONDS 60
#define WAS_BROKEN  "HOST-WAS-BROKEN"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* New bytes of a changed file, else what is there. */
static int bytes_of(struct mt_engine *e, const char *path, struct mt_str *bytes,
		    struct mt_error *error)
{
	struct mt_target target;
	for (const struct mt_txn_file *f = e->txn->files; f; f = f->next)
		if (strcmp(f->path, path) == 0) {
			*bytes = f->after;
			return 0;
		}
	int failed = mt_target_open(e->arena, path, &target, error);
	*bytes = target.bytes;
	mt_target_close(&target);
	return failed;
}

static int copy(struct mt_engine *e, int dir, const char *path, struct mt_error *error)
{
	struct mt_str bytes;
	struct timespec times[2] = {{0}};
	const char *name = base_name(path);
	if (bytes_of(e, path, &bytes, error))
		return -1;
	times[0].tv_sec = times[1].tv_sec = time(NULL) - AGE_SECONDS;
	if (mt_put_new(dir, name, bytes) ||
	    MT_RETRY(utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW)) < 0)
		return mt_fail(error, MT_EXIT_FAILED, path, "cannot copy it for validation: %s",
			       strerror(errno));
	return 0;
}

static const char *replace(struct mt_arena *arena, const char *text, const char *what,
			   const char *by)
{
	struct mt_text out = MT_TEXT_INIT(arena);
	for (const char *at; (at = strstr(text, what)); text = at + strlen(what)) {
		mt_text_add(&out, (struct mt_str){text, (size_t)(at - text)});
		mt_text_add(&out, mt_str_of(by));
	}
	mt_text_add(&out, mt_str_of(text));
	return mt_text_z(&out);
}

/* What it said, with the real folder's name. */
static int report(struct mt_engine *e, const char *program, const struct mt_run_result *result,
		  struct mt_error *error)
{
	struct mt_str said = mt_str_trim(result->err.n ? result->err : result->out);
	if (said.n > SAID_MAX)
		said.n = SAID_MAX;
	const char *first = e->txn->validate_files ? e->txn->validate_files[0] : "";
	const char *real =
		mt_strz(e->arena, (struct mt_str){first, (size_t)(base_name(first) - first)});
	const char *copies =
		mt_format(e->arena, "%s/txn/.new-%s/check/", e->journal.path, e->txn->id);
	const char *text = replace(e->arena, mt_strz(e->arena, said), copies, real);
	bool undo = e->txn->undoes[0] != '\0';
	if (undo)
		snprintf(error->id, sizeof error->id, WAS_BROKEN);
	return mt_fail(error, MT_EXIT_FAILED, program, "it refuses %s%s%s%s",
		       undo ? "what it was before" : "the new configuration",
		       result->timed_out ? " (no answer in time)" : "",
		       text[0] ? mt_format(e->arena, ": %s", text) : "",
		       undo ? "; --accept " WAS_BROKEN " gives that back all the same" : "");
}

/* Longer for longer files: what postconf -n takes grows with the square of the services in master.cf (measured:
 * 1.3 s for 1,250, 5.7 s for 2,500, 38 s for 5,000 on a busy machine). */
static int deadline_ms(const struct mt_engine *e)
{
	size_t bytes = 0;
	for (const struct mt_txn_file *f = e->txn->files; f; f = f->next)
		bytes += f->after.n;
	return DEADLINE_MS * (1 + (int)(bytes >> 17));
}

static int run_one(struct mt_engine *e, const struct mt_command_line *command, const char *dir,
		   struct mt_error *error)
{
	const char *argv[MT_ARGV_MAX + 1] = {NULL};
	struct mt_run_result result;
	struct mt_run run = {.argv = argv,
			     .deadline_ms = deadline_ms(e),
			     .max_output = OUTPUT_MAX,
			     .waiting = {e->options->slow, e->options->data},
			     .what = "waiting for the mail server's own look at the new files",
			     .interruptible = true};
	for (size_t i = 0; i < MT_ARGV_MAX && command->argv[i]; i++)
		argv[i] = replace(e->arena, command->argv[i], "@DIR@", dir);
	if (mt_run(e->arena, &run, &result, error))
		return -1;
	if (mt_interrupted())
		return mt_fail(error, MT_EXIT_FAILED, "", "interrupted: nothing was changed");
	return result.status == 0 && !result.timed_out && !result.overflow
		       ? 0
		       : report(e, argv[0], &result, error);
}

static int validate_in(struct mt_engine *e, int prepared, struct mt_error *error)
{
	if (MT_RETRY(mkdirat(prepared, "check", 0700)) < 0)
		return mt_fail(error, MT_EXIT_FAILED, e->journal.path,
			       "cannot make a folder for validation: %s", strerror(errno));
	MT_FD dir = mt_open(prepared, "check", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	const char *path = mt_format(e->arena, "%s/txn/.new-%s/check", e->journal.path, e->txn->id);
	for (const char *const *f = e->txn->validate_files; f && *f; f++)
		if (copy(e, dir, *f, error))
			return -1;
	for (const struct mt_command_line *c = e->txn->validators; c; c = c->next)
		if (run_one(e, c, path, error))
			return -1;
	return 0;
}

/* A file that was broken before a change is the user's all the same. The daemon is not told of it: it could
 * only die. What broken files mean is no expectation. */
static int let_be(struct mt_engine *e, struct mt_error *error)
{
	mt_outcome_remark(e, "%s; accepted: the service is left alone",
			  mt_error_text(e->arena, error));
	e->txn->action = MT_ACTION_NONE;
	e->wanted = NULL;
	*error = (struct mt_error){0};
	return 0;
}

int mt_validate(struct mt_engine *e, struct mt_error *error)
{
	if (!e->txn->validators)
		return 0;
	MT_FD prepared = mt_journal_prepared_dir(&e->journal, e->txn);
	int failed = validate_in(e, prepared, error);
	if (failed && strcmp(error->id, WAS_BROKEN) == 0 && mt_list_has(e->accept, WAS_BROKEN))
		failed = let_be(e, error);
	if (mt_remove_tree(prepared, "check", 1) && !failed)
		return mt_fail(error, MT_EXIT_FAILED, e->journal.path,
			       "cannot remove the validated copy: %s", strerror(errno));
	return failed;
}
