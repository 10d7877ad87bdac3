/* SPDX-License-Identifier: ISC */
/* lint_broken.c: what Exim refuses, now or when update-exim4.conf makes its file again; and what becomes of mail then. */
#include "lint.h"

#include <string.h>

#include "place.h"

static void find_refused(struct exim *e)
{
	bool runs = e->mta->state == MT_STATE_RUNNING;
	const struct mt_origin *where = e->refused_at;
	if (where)
		where = where->generated
				? ex_edited_line(e, where->generated, where->generated_line)
				: ex_edited_line(e, where->file, where->line);
	mt_model_find(e->model, e->mta, "EX-BROKEN", where,
		      mt_message(e->arena, "correct it: exim -bV says whether it is right"),
		      runs ? "Exim refuses its configuration (%s): nothing is delivered, and the "
			     "daemon, which still runs, dies at its next reload or restart"
			   : "Exim refuses its configuration (%s): nothing is taken or delivered, "
			     "and it does not start",
		      e->refused);
}

static void find_stale(struct exim *e)
{
	mt_model_find(e->model, e->mta, "EX-STALE",
		      mt_origin(e->arena, EX_GENERATED, e->debian->stale_line, "", NULL),
		      mt_message(e->arena, "run update-exim4.conf, or take that edit back"),
		      "%s is not what update-exim4.conf makes of %s today: an edit there does not "
		      "count yet, or one of the file itself will be lost",
		      EX_GENERATED, EX_FOLDER);
}

/* Why Exim would refuse what the sources make; NULL: it would not, or not all of them are known. */
static const char *next_error(const struct exim *e, const struct mt_origin **where)
{
	const struct ex_debian *d = e->debian;
	const struct mt_snapshot *then =
		mt_snapshot_with(e->arena, e->snapshot, EX_GENERATED, d->made);
	const struct ex_config *next = ex_config_read(
		e->arena, then, EX_GENERATED,
		ex_build_read(e->arena, mt_snapshot_probe(e->snapshot, "exim.version")->bytes));
	unsigned line = next->error_line;
	if (next->error_file && !strcmp(next->error_file, EX_GENERATED) && line &&
	    line <= d->lines && d->source[line - 1].file)
		*where = ex_edited_line(e, d->source[line - 1].file, d->source[line - 1].line);
	return next->error;
}

/* What the next run of update-exim4.conf comes to, where that is something else than there is. */
static void find_sources(struct exim *e)
{
	bool stale = e->debian->stale && !e->model->snapshot->rooted;
	const struct mt_origin *where = mt_origin(e->arena, EX_SETTINGS, 0, "", NULL);
	const char *what = e->debian->failed;
	if (!what && stale && !e->snapshot->redacted)
		what = next_error(e, &where);
	if (what)
		mt_model_find(
			e->model, e->mta, "EX-SOURCES-BROKEN", where,
			mt_message(e->arena, "correct it, then run update-exim4.conf"),
			"update-exim4.conf would fail (%s): the file of today stays in force, "
			"and Exim may not start again",
			what);
	else if (stale)
		find_stale(e);
}

void ex_lint_broken(struct exim *e)
{
	if (e->refused)
		find_refused(e);
	find_sources(e);
}
