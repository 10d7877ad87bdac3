/* SPDX-License-Identifier: ISC */
/*
 * txn_read.c: text becomes a transaction, or nothing of it is believed: the hash is looked at first, and then
 * every line must be one that txn.c writes. What another version wrote is not guessed at.
 */
#include "io/txn/txn.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "io/txn/journal.h"
#include "io/txn/txn_words.h"

bool mt_temp_name_valid(const char *name)
{
	static const char prefix[] = ".mtapin-";
	size_t n = strlen(name);
	return n == sizeof prefix - 1 + 16 && strncmp(name, prefix, sizeof prefix - 1) == 0 &&
	       strspn(name + sizeof prefix - 1, "0123456789abcdef") == 16;
}

/* ---- lines -------------------------------------------------------------------------------------- */

static bool read_id(struct mt_txn_line *line, struct mt_txn *txn)
{
	const char *id;
	return mt_word_text(line, 1, &id) &&
	       snprintf(txn->id, sizeof txn->id, "%s", id) < MT_TXN_ID;
}

static bool read_action(struct mt_txn_line *line, struct mt_txn *txn)
{
	for (int a = MT_ACTION_NONE; a <= MT_ACTION_RESTART; a++)
		if (mt_str_is(line->word[1], mt_action_name((enum mt_action)a))) {
			txn->action = (enum mt_action)a;
			return true;
		}
	return false;
}

static bool read_process(struct mt_txn_line *line, struct mt_txn *txn)
{
	long long pid, start;
	if (!mt_word_number(line->word[1], &pid) || !mt_word_number(line->word[2], &start))
		return false;
	txn->process = (struct mt_process){pid, start};
	return true;
}

static bool read_confirm(struct mt_txn_line *line, struct mt_txn *txn)
{
	long long ms, deadline;
	if (!mt_word_number(line->word[1], &ms) || !mt_word_number(line->word[2], &deadline))
		return false;
	txn->confirm_ms = ms;
	txn->deadline = deadline;
	return mt_word_text(line, 3, &txn->boot);
}

static bool read_watch(struct mt_txn_line *line, struct mt_txn *txn)
{
	return mt_word_seconds(line->word[1], &txn->daemon.watch);
}

/* How long its restart may take. */
static bool read_time_limit(struct mt_txn_line *line, struct mt_txn *txn)
{
	txn->daemon.restart.by = MT_DRIVE_WAIT;
	return mt_word_seconds(line->word[1], &txn->daemon.restart.seconds);
}

/* "reload BY SIGNAL SECONDS PROOF" */
static bool read_drive(struct mt_txn_line *line, struct mt_txn *txn)
{
	long long by, signal;
	struct mt_drive *drive = mt_str_is(line->word[1], "reload")    ? &txn->daemon.reload
				 : mt_str_is(line->word[1], "restart") ? &txn->daemon.restart
								       : NULL;
	if (!drive || !mt_word_number(line->word[2], &by) || by >= MT_DRIVES ||
	    by == MT_DRIVE_INIT || by == MT_DRIVE_WAIT || !mt_word_number(line->word[3], &signal) ||
	    signal > 64 || !mt_word_seconds(line->word[4], &drive->seconds) ||
	    !mt_word_text(line, 5, &drive->proof))
		return false;
	drive->by = (enum mt_drive_by)by;
	drive->signal = (int)signal;
	drive->proof = drive->proof[0] ? drive->proof : NULL;
	return true;
}

static bool read_retries(struct mt_txn_line *line, struct mt_txn *txn)
{
	long long forth, back;
	if (!mt_word_number(line->word[1], &forth) || !mt_word_number(line->word[2], &back))
		return false;
	txn->daemon.retry = forth != 0;
	txn->daemon.retry_back = back != 0;
	return true;
}

static bool read_start(struct mt_txn_line *line, struct mt_txn *txn)
{
	return mt_words_argv(line, &txn->daemon.start);
}

static bool read_stop(struct mt_txn_line *line, struct mt_txn *txn)
{
	return mt_words_argv(line, &txn->daemon.stop);
}

static bool read_reload(struct mt_txn_line *line, struct mt_txn *txn)
{
	return mt_words_argv(line, &txn->daemon.reload.command);
}

static bool read_validator(struct mt_txn_line *line, struct mt_txn *txn)
{
	(void)txn;
	if (++line->validators > MT_TXN_FILES_MAX)
		return false;
	struct mt_command_line *command = MT_NEW(line->arena, struct mt_command_line);
	*line->validator = command;
	line->validator = &command->next;
	return mt_words_argv(line, command);
}

/* What is created had no bytes, and what is removed has none: else one of the two is not what was done. */
static bool read_change(struct mt_str word, struct mt_txn_file *file)
{
	file->create = mt_str_is(word, "create");
	file->remove = mt_str_is(word, "remove");
	return (file->create || file->remove || mt_str_is(word, "edit")) &&
	       file->create == !file->sha_before[0] && file->remove == !file->sha_after[0];
}

static bool read_file_line(struct mt_txn_line *line, struct mt_txn *txn)
{
	struct mt_txn_file *file = MT_NEW(line->arena, struct mt_txn_file);
	const char *temp;
	*(line->file ? &line->file->next : &txn->files) = file;
	line->file = file;
	line->edit = &file->edits;
	if (++line->files > MT_TXN_FILES_MAX || !mt_word_text(line, 1, &file->path) ||
	    !mt_word_text(line, 2, &file->where) || !mt_word_text(line, 3, &temp))
		return false;
	if (file->path[0] != '/' || file->where[0] != '/' || !mt_temp_name_valid(temp))
		return false;
	memcpy(file->temp, temp, strlen(temp) + 1);
	return mt_word_octal(line->word[4], &file->mode) &&
	       mt_word_sha(line->word[6], file->sha_before) &&
	       mt_word_sha(line->word[7], file->sha_after) && read_change(line->word[5], file);
}

static bool read_owner(struct mt_txn_line *line, struct mt_txn *txn)
{
	(void)txn;
	long long uid, gid;
	if (!line->file || !mt_word_number(line->word[1], &uid) ||
	    !mt_word_number(line->word[2], &gid))
		return false;
	line->file->owned = true;
	line->file->uid = (long)uid;
	line->file->gid = (long)gid;
	return true;
}

static bool read_folder(struct mt_txn_line *line, struct mt_txn *txn)
{
	(void)txn;
	return line->file && (line->file->folder = mt_str_is(line->word[1], "1"));
}

/* "MODE UID GID" as they were */
static bool read_before(struct mt_txn_line *line)
{
	long long uid, gid;
	if (!line->file || !mt_word_octal(line->word[1], &line->file->was_mode) ||
	    !mt_word_number(line->word[2], &uid) || !mt_word_number(line->word[3], &gid))
		return false;
	line->file->was_uid = (long)uid;
	line->file->was_gid = (long)gid;
	return true;
}

static bool read_was(struct mt_txn_line *line, struct mt_txn *txn)
{
	(void)txn;
	return read_before(line) && (line->file->remode = true);
}

static bool read_generated(struct mt_txn_line *line, struct mt_txn *txn)
{
	(void)txn;
	return read_before(line) && (line->file->generated = true);
}

/* The texts follow from the new bytes, once these are loaded (journal_read.c). */
static bool read_edit(struct mt_txn_line *line, struct mt_txn *txn)
{
	(void)txn;
	long long at, length, size;
	if (!line->file || !mt_word_number(line->word[1], &at) ||
	    !mt_word_number(line->word[2], &length) || !mt_word_number(line->word[3], &size))
		return false;
	if (!line->whole)
		return true;
	*line->edit = MT_NEW(line->arena, struct mt_edit);
	**line->edit = (struct mt_edit){(size_t)at, (size_t)length, {NULL, (size_t)size}, NULL};
	line->edit = &(*line->edit)->next;
	return true;
}

enum form { TEXT, LIST, CALL };
static const struct key {
	const char *name;
	enum form form;
	size_t words; /* of the line, its key among them; 0: some */
	size_t offset;
	bool (*read)(struct mt_txn_line *line, struct mt_txn *txn);
} keys[] = {
#define TEXT_KEY(name, field)                                                                      \
	{                                                                                          \
		name, TEXT, 2, offsetof(struct mt_txn, field), NULL                                \
	}
#define LIST_KEY(name, field)                                                                      \
	{                                                                                          \
		name, LIST, 2, offsetof(struct mt_txn, field), NULL                                \
	}
#define CALL_KEY(name, words, read)                                                                \
	{                                                                                          \
		name, CALL, words, 0, read                                                         \
	}
	CALL_KEY("edit", 4, read_edit), /* first: there may be many */
	CALL_KEY("id", 2, read_id),
	TEXT_KEY("kind", kind),
	TEXT_KEY("undoes", undoes),
	TEXT_KEY("who", who),
	TEXT_KEY("command", command),
	TEXT_KEY("summary", summary),
	TEXT_KEY("backend", backend),
	TEXT_KEY("instance", instance),
	CALL_KEY("action", 2, read_action),
	CALL_KEY("process", 3, read_process),
	CALL_KEY("confirm", 4, read_confirm),
	TEXT_KEY("title", daemon.title),
	TEXT_KEY("pid-file", daemon.pid_file),
	TEXT_KEY("program", daemon.program),
	TEXT_KEY("folder", daemon.folder),
	CALL_KEY("watch", 2, read_watch),
	CALL_KEY("patience", 2, read_time_limit),
	CALL_KEY("drive", 6, read_drive),
	CALL_KEY("nudge", 3, read_retries),
	LIST_KEY("unit", daemon.units),
	CALL_KEY("start", 0, read_start),
	CALL_KEY("stop", 0, read_stop),
	CALL_KEY("reload", 0, read_reload),
	LIST_KEY("log-bad", daemon.log_bad),
	LIST_KEY("log-file", daemon.log_files),
	LIST_KEY("lock", locks),
	CALL_KEY("validator", 0, read_validator),
	LIST_KEY("validate-file", validate_files),
	CALL_KEY("file", 8, read_file_line),
	CALL_KEY("owner", 3, read_owner),
	CALL_KEY("folder-made", 2, read_folder),
	CALL_KEY("was", 4, read_was),
	CALL_KEY("generated", 4, read_generated),
};
_Static_assert(MT_ARRAY_LEN(keys) <= MT_TXN_KEYS, "a list for every key");

static bool split_words(struct mt_str raw, struct mt_txn_line *line)
{
	line->n = 0;
	while (line->n < MT_TXN_WORDS && mt_str_word(&raw, " ", &line->word[line->n]))
		line->n++;
	return line->n > 1 && !raw.n;
}

static bool read_plan_line(struct mt_txn_line *line, struct mt_txn *txn)
{
	size_t i = 0;
	while (i < MT_ARRAY_LEN(keys) && !mt_str_is(line->word[0], keys[i].name))
		i++;
	if (i == MT_ARRAY_LEN(keys) || (keys[i].words && line->n != keys[i].words))
		return false;
	char *field = (char *)txn + keys[i].offset;
	if (keys[i].form == CALL)
		return keys[i].read(line, txn);
	if (keys[i].form != LIST)
		return mt_word_text(line, 1, (const char **)(void *)field);
	/* not mt_list_add(), which copies the whole list for every word */
	const char ***list = (const char ***)(void *)field;
	size_t n = line->listed[i];
	if (n >= MT_TXN_FILES_MAX)
		return false;
	if (n + 1 >= line->room[i]) {
		line->room[i] = line->room[i] ? 2 * line->room[i] : 8;
		const char **more = mt_alloc(line->arena, line->room[i] * sizeof *more);
		*list = n ? memcpy(more, *list, n * sizeof *more) : more;
	}
	line->listed[i]++;
	return mt_word_text(line, 1, &(*list)[n]);
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static int refuse_text(struct mt_error *error, const char *why)
{
	return mt_fail(error, MT_EXIT_FAILED, "", "%s", why);
}

/* Why a text does not begin like a plan of this version. */
static const char *stranger(struct mt_str whole)
{
	struct mt_str version;
	unsigned long number;
	const size_t magic = sizeof MT_TXN_MAGIC - 1;
	if (!mt_str_starts(whole, MT_TXN_MAGIC) || !mt_str_line(&whole, &version) ||
	    !mt_str_number(mt_str_part(version, magic, version.n - magic), 999, &number))
		return "its plan is nothing that mtapin writes";
	return number < 2 ? "its plan is of a mtapin from before the first release"
			  : "its plan is of a later version of mtapin";
}

/* Is it what was written, from the first line to the end line? *body: the lines between them. */
static int check(struct mt_str whole, struct mt_str *body, char hash[MT_TXN_HASH + 1],
		 struct mt_error *error)
{
	static const char first[] = MT_TXN_MAGIC MT_TXN_VERSION "\n";
	const size_t head = sizeof first - 1, tail = sizeof MT_TXN_END - 1 + MT_TXN_HASH + 1;
	if (!whole.n)
		return refuse_text(error, "its plan is empty");
	if (!mt_str_starts(whole, first))
		return refuse_text(error, stranger(whole));
	if (whole.n < head + tail || whole.p[whole.n - 1] != '\n' ||
	    !mt_str_starts(mt_str_part(whole, whole.n - tail, tail), MT_TXN_END))
		return refuse_text(error, "its plan is cut off, or something follows its end");
	mt_sha256_hex(mt_str_part(whole, 0, whole.n - tail), hash);
	if (memcmp(whole.p + whole.n - 1 - MT_TXN_HASH, hash, MT_TXN_HASH) != 0)
		return refuse_text(error,
				   "its plan is damaged: it has not the hash that it ends with");
	*body = mt_str_part(whole, head, whole.n - head - tail);
	return 0;
}

static int parse_plan(struct mt_txn_line *line, struct mt_str whole, struct mt_txn *txn,
		      struct mt_error *error)
{
	struct mt_str rest, raw;
	*txn = mt_txn_empty();
	line->validator = &txn->validators;
	if (check(whole, &rest, txn->hash, error))
		return -1;
	for (unsigned long n = 2; mt_str_line(&rest, &raw); n++)
		if (!split_words(raw, line) || !read_plan_line(line, txn))
			return mt_fail(error, MT_EXIT_FAILED, "",
				       "line %lu of its plan is none that this version writes", n);
	if (!txn->files)
		return refuse_text(error, "its plan has no files");
	return mt_txn_id_valid(txn->id) ? 0 : refuse_text(error, "its plan has no id");
}

int mt_txn_parse(struct mt_arena *arena, struct mt_str text, struct mt_txn *txn,
		 struct mt_error *error)
{
	return parse_plan(&(struct mt_txn_line){.arena = arena, .whole = true}, text, txn, error);
}

int mt_txn_parse_head(struct mt_arena *arena, struct mt_str text, struct mt_txn *txn,
		      struct mt_error *error)
{
	return parse_plan(&(struct mt_txn_line){.arena = arena}, text, txn, error);
}
