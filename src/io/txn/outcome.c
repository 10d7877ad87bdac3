/* SPDX-License-Identifier: ISC */
/* outcome.c: what happened, for the caller and for syslog. */
#include "io/txn/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

const char *mt_file_outcome_name(enum mt_file_outcome outcome)
{
	static const char *const names[] = {"unchanged", "changed", "rolled-back", "kept"};
	return outcome < MT_ARRAY_LEN(names) ? names[outcome] : "unknown";
}

const char *mt_end_name(enum mt_end end)
{
	static const char *const names[] = {"unchanged", "proposed", "applied",	    "unconfirmed",
					    "confirmed", "undone",   "rolled-back", "stuck"};
	return end < MT_ARRAY_LEN(names) ? names[end] : "unknown";
}

void mt_outcome_file(struct mt_engine *e, const struct mt_txn_file *file,
		     enum mt_file_outcome outcome)
{
	struct mt_file_result **at = &e->outcome->files;
	while (*at && strcmp((*at)->path, file->path) != 0)
		at = &(*at)->next;
	if (!*at)
		*at = MT_NEW(e->arena, struct mt_file_result);
	(*at)->path = file->path;
	(*at)->target = file->where;
	(*at)->outcome = outcome;
}

void mt_outcome_remark(struct mt_engine *e, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	mt_message_push(&e->outcome->remarks, mt_vmessage(e->arena, fmt, args));
	va_end(args);
}

void mt_outcome_left(struct mt_engine *e, const char *path, const char *temp)
{
	mt_outcome_remark(e,
			  "%s: the temporary %s beside it could not be removed: %s; the next fix, "
			  "undo or recover tries again",
			  path, temp, strerror(errno));
}

const char *mt_error_text(struct mt_arena *arena, const struct mt_error *error)
{
	return mt_format(arena, "%s%s%s", error->where, error->where[0] ? ": " : "",
			 error->message);
}

void mt_event(const struct mt_txn *txn, enum mt_end end, const char *why)
{
	char files[300] = "", line[1000];
	size_t n = 0;
	for (const struct mt_txn_file *f = txn->files; f && n < sizeof files; f = f->next)
		n += (size_t)snprintf(files + n, sizeof files - n, "%s%s", n ? "," : "", f->path);
	snprintf(line, sizeof line, "transaction=%s %s %s files=%s by=%s change=\"%.400s\"%s%s",
		 txn->id, txn->kind, mt_end_name(end), files, txn->who, txn->summary,
		 *why ? " because: " : "", why);
	for (char *p = line; *p; p++) /* one line, whatever is in it */
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	openlog("mtapin", LOG_PID, LOG_MAIL);
	syslog(end == MT_END_STUCK ? LOG_ALERT : LOG_NOTICE, "%s", line);
	closelog();
}

static int person(struct mt_engine *e, const struct mt_txn *txn, const char *why)
{
	memcpy(e->outcome->id, txn->id, sizeof e->outcome->id);
	e->outcome->end = MT_END_STUCK;
	e->outcome->exit_code = MT_EXIT_PERSON;
	e->outcome->why = why;
	mt_event(txn, MT_END_STUCK, why);
	return 0;
}

int mt_engine_person(struct mt_engine *e, const struct mt_txn *txn, struct mt_error *error)
{
	if (error->code != MT_EXIT_PERSON)
		return -1;
	const char *why = mt_format(e->arena, "%s; what it was before is in %s/txn/%s",
				    mt_error_text(e->arena, error), e->journal.path, txn->id);
	*error = (struct mt_error){0};
	return person(e, txn, why);
}

int mt_engine_unreadable(struct mt_engine *e, const struct mt_txn *txn)
{
	return person(e, txn,
		      mt_format(e->arena, "transaction %s %s", txn->id,
				mt_unreadable_text(&e->journal, txn)));
}
