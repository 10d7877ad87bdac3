/* SPDX-License-Identifier: ISC */
/* validate.c: the MTA's own reader over a private copy. */
#include "io/txn/validate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/sys/fs.h"
#include "io/sys/run.h"
#include "io/txn/private_copy.h"

#define DEADLINE_MS 60000
#define OUTPUT_MAX  65536
#define SAID_MAX    500
#define WAS_BROKEN  "HOST-WAS-BROKEN"

/* What it said, with the real paths. */
static int report_validator(const struct mt_copy *copy, const char *program,
			    const struct mt_run_result *result, struct mt_error *error)
{
	struct mt_engine *e = copy->engine;
	struct mt_str said = mt_str_trim(result->err.n ? result->err : result->out);
	if (said.n > SAID_MAX)
		said.n = SAID_MAX;
	const char *text = mt_copy_real_names(copy, mt_strz(e->arena, said));
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
 * 1.3 s for 1,250, 5.7 s for 2,500, 38 s for 5,000; three times that and more on a busy machine). */
static int deadline_ms(const struct mt_engine *e)
{
	size_t bytes = 0;
	for (const struct mt_txn_file *f = e->txn->files; f; f = f->next)
		bytes += f->after.n;
	return DEADLINE_MS * (1 + (int)(bytes >> 16));
}

static int run_one(const struct mt_copy *copy, const struct mt_command_line *command,
		   struct mt_error *error)
{
	struct mt_engine *e = copy->engine;
	const char *argv[MT_ARGV_MAX + 1] = {NULL};
	struct mt_run_result result;
	struct mt_run run = {.argv = argv,
			     .deadline_ms = deadline_ms(e),
			     .max_output = OUTPUT_MAX,
			     .waiting = {e->options->slow, e->options->data},
			     .what = "waiting for the mail server's own look at the new files",
			     .interruptible = true};
	for (size_t i = 0; i < MT_ARGV_MAX && command->argv[i]; i++)
		argv[i] = mt_text_replace(e->arena, command->argv[i], "@DIR@", copy->path);
	if (mt_run(e->arena, &run, &result, error))
		return -1;
	if (mt_interrupted())
		return mt_fail(error, MT_EXIT_FAILED, "", "interrupted: nothing was changed");
	return result.status == 0 && !result.timed_out && !result.overflow
		       ? 0
		       : report_validator(copy, argv[0], &result, error);
}

static int validate_in(struct mt_copy *copy, int prepared, struct mt_error *error)
{
	const struct mt_txn *txn = copy->engine->txn;
	const char *above = mt_format(copy->engine->arena, "%s/txn/.new-%s",
				      copy->engine->journal.path, txn->id);
	if (mt_copy_begin(copy, prepared, above, "check", error))
		return -1;
	for (const char *const *f = txn->validate_files; f && *f; f++)
		if (mt_copy_add(copy, *f, error))
			return -1;
	for (const struct mt_command_line *c = txn->validators; c; c = c->next)
		if (run_one(copy, c, error))
			return -1;
	return 0;
}

int mt_validate(struct mt_engine *e, struct mt_error *error)
{
	if (!e->txn->validators)
		return 0;
	MT_FD prepared = mt_journal_prepared_dir(&e->journal, e->txn);
	struct mt_copy copy = {.engine = e, .changed = true, .above = prepared, .top = -1};
	int failed = validate_in(&copy, prepared, error);
	if (failed && strcmp(error->id, WAS_BROKEN) == 0 && mt_list_has(e->accept, WAS_BROKEN)) {
		/* A file that was broken before a change is the user's all the same. The daemon is
		 * not told of it: it could only die. What broken files mean is no expectation. */
		mt_outcome_remark(e, "%s; accepted: the service is left alone",
				  mt_error_text(e->arena, error));
		e->txn->action = MT_ACTION_NONE;
		e->wanted = NULL;
		*error = (struct mt_error){0};
		failed = 0;
	}
	if (mt_copy_end(&copy) && !failed)
		return mt_fail(error, MT_EXIT_FAILED, e->journal.path,
			       "cannot remove the validated copy: %s", strerror(errno));
	return failed;
}
