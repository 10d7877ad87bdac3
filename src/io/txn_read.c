/* SPDX-License-Identifier: ISC */
/*
 * txn_read.c: text becomes a transaction, or nothing of it is believed: the hash is looked at first, and then
 * every line must be one that txn.c writes. What another version wrote is not guessed at.
 */
#include "txn.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "io/journal.h"

#define WORDS_MAX (MT_ARGV_MAX + 1)
#define HASH	  64
#define KEYS_MAX  40

/* Where the reading is. All is appended at its end, so that the time is linear in the text. */
struct line {
	struct mt_arena *arena;
	struct mt_str word[WORDS_MAX]; /* word[0] is the key; still escaped */
	size_t n;
	bool whole; /* with the edits */
	unsigned files, validators;
	struct mt_txn_file *file; /* the last one, */
	struct mt_edit **edit; /* and where its next edit goes */
	struct mt_command_line **validator;
	/* by key: the words of its list, and for how many there is room */
	size_t listed[KEYS_MAX], room[KEYS_MAX];
};

/* ---- words -------------------------------------------------------------------------------------- */

static int hex(char c)
{
	const char *digits = "0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* False: it is not as add_word() writes it. */
static bool text(const struct line *line, size_t i, const char **value)
{
	struct mt_str s = line->word[i];
	char *to = mt_alloc(line->arena, s.n + 1);
	*value = to;
	if (mt_str_is(s, "%-"))
		return true;
	for (size_t k = 0; k < s.n; k++) {
		char c = s.p[k];
		if (c == '%') {
			int high = k + 2 < s.n ? hex(s.p[k + 1]) : -1;
			int low = high < 0 ? -1 : hex(s.p[k + 2]);
			c = low < 0 ? '\0' : (char)(high << 4 | low);
			k += 2;
		}
		if (!c)
			return false;
		*to++ = c;
	}
	return true;
}

static bool number(struct mt_str word, long long *value)
{
	unsigned long v;
	if (!mt_str_number(word, (unsigned long)INT64_MAX, &v))
		return false;
	*value = (long long)v;
	return true;
}

static bool octal(struct mt_str word, int *mode)
{
	unsigned value = 0;
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] < '0' || word.p[i] > '7' || value > 0777)
			return false;
		value = value << 3 | (unsigned)(word.p[i] - '0');
	}
	*mode = (int)value;
	return word.n > 0;
}

/* "" for an absent file. */
static bool sha(struct mt_str word, char out[HASH + 1])
{
	if (mt_str_is(word, "%-"))
		return true;
	for (size_t i = 0; i < word.n; i++)
		if (!word.p[i] || !strchr("0123456789abcdef", word.p[i]))
			return false;
	if (word.n != HASH)
		return false;
	memcpy(out, word.p, HASH);
	return true;
}

static bool seconds(struct mt_str word, unsigned *value)
{
	long long n;
	if (!number(word, &n) || n > 86400)
		return false;
	*value = (unsigned)n;
	return true;
}

static bool argv(const struct line *line, struct mt_command_line *command)
{
	if (command->argv[0] || line->n > MT_ARGV_MAX)
		return false;
	for (size_t i = 1; i < line->n; i++)
		if (!text(line, i, &command->argv[i - 1]))
			return false;
	return true;
}

bool mt_temp_name_valid(const char *name)
{
	static const char prefix[] = ".mtapin-";
	size_t n = strlen(name);
	return n == sizeof prefix - 1 + 16 && strncmp(name, prefix, sizeof prefix - 1) == 0 &&
	       strspn(name + sizeof prefix - 1, "0123456789abcdef") == 16;
}

/* ---- lines -------------------------------------------------------------------------------------- */

static bool read_id(struct line *line, struct mt_txn *txn)
{
	const char *id;
	return text(line, 1, &id) && snprintf(txn->id, sizeof txn->id, "%s", id) < MT_TXN_ID;
}

static bool read_action(struct line *line, struct mt_txn *txn)
{
	for (int a = MT_ACTION_NONE; a <= MT_ACTION_RESTART; a++)
		if (mt_str_is(line->word[1], mt_action_name((enum mt_action)a))) {
			txn->action = (enum mt_action)a;
			return true;
		}
	return false;
}

static bool read_process(struct line *line, struct mt_txn *txn)
{
	long long pid, start;
	if (!number(line->word[1], &pid) || !number(line->word[2], &start))
		return false;
	txn->process = (struct mt_process){pid, start};
	return true;
}

static bool read_confirm(struct line *line, struct mt_txn *txn)
{
	long long ms, deadline;
	if (!number(line->word[1], &ms) || !number(line->word[2], &deadline))
		return false;
	txn->confirm_ms = ms;
	txn->deadline = deadline;
	return text(line, 3, &txn->boot);
}

static bool read_watch(struct line *line, struct mt_txn *txn)
{
	return seconds(line->word[1], &txn->daemon.watch);
}

static bool read_patience(struct line *line, struct mt_txn *txn)
{
	return seconds(line->word[1], &txn->daemon.patience);
}

static bool read_nudge(struct line *line, struct mt_txn *txn)
{
	long long forth, back;
	if (!number(line->word[1], &forth) || !number(line->word[2], &back))
		return false;
	txn->daemon.nudge = forth != 0;
	txn->daemon.nudge_back = back != 0;
	return true;
}

static bool read_start(struct line *line, struct mt_txn *txn)
{
	return argv(line, &txn->daemon.start);
}

static bool read_stop(struct line *line, struct mt_txn *txn)
{
	return argv(line, &txn->daemon.stop);
}

static bool read_reload(struct line *line, struct mt_txn *txn)
{
	return argv(line, &txn->daemon.reload);
}

static bool read_validator(struct line *line, struct mt_txn *txn)
{
	(void)txn;
	if (++line->validators > MT_TXN_FILES_MAX)
		return false;
	struct mt_command_line *command = MT_NEW(line->arena, struct mt_command_line);
	*line->validator = command;
	line->validator = &command->next;
	return argv(line, command);
}

/* What is created had no bytes, and what is removed has none: else one of the two is not what was done. */
static bool read_change(struct mt_str word, struct mt_txn_file *file)
{
	file->create = mt_str_is(word, "create");
	file->remove = mt_str_is(word, "remove");
	return (file->create || file->remove || mt_str_is(word, "edit")) &&
	       file->create == !file->sha_before[0] && file->remove == !file->sha_after[0];
}

static bool read_file(struct line *line, struct mt_txn *txn)
{
	struct mt_txn_file *file = MT_NEW(line->arena, struct mt_txn_file);
	const char *temp;
	*(line->file ? &line->file->next : &txn->files) = file;
	line->file = file;
	line->edit = &file->edits;
	if (++line->files > MT_TXN_FILES_MAX || !text(line, 1, &file->path) ||
	    !text(line, 2, &file->where) || !text(line, 3, &temp))
		return false;
	if (file->path[0] != '/' || file->where[0] != '/' || !mt_temp_name_valid(temp))
		return false;
	memcpy(file->temp, temp, strlen(temp) + 1);
	return octal(line->word[4], &file->mode) && sha(line->word[6], file->sha_before) &&
	       sha(line->word[7], file->sha_after) && read_change(line->word[5], file);
}

static bool read_owner(struct line *line, struct mt_txn *txn)
{
	(void)txn;
	long long uid, gid;
	if (!line->file || !number(line->word[1], &uid) || !number(line->word[2], &gid))
		return false;
	line->file->owned = true;
	line->file->uid = (long)uid;
	line->file->gid = (long)gid;
	return true;
}

static bool read_folder(struct line *line, struct mt_txn *txn)
{
	(void)txn;
	return line->file && (line->file->folder = mt_str_is(line->word[1], "1"));
}

static bool read_was(struct line *line, struct mt_txn *txn)
{
	(void)txn;
	long long uid, gid;
	if (!line->file || !octal(line->word[1], &line->file->was_mode) ||
	    !number(line->word[2], &uid) || !number(line->word[3], &gid))
		return false;
	line->file->remode = true;
	line->file->was_uid = (long)uid;
	line->file->was_gid = (long)gid;
	return true;
}

/* The texts follow from the new bytes, once these are loaded (journal_read.c). */
static bool read_edit(struct line *line, struct mt_txn *txn)
{
	(void)txn;
	long long at, length, size;
	if (!line->file || !number(line->word[1], &at) || !number(line->word[2], &length) ||
	    !number(line->word[3], &size))
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
	bool (*read)(struct line *line, struct mt_txn *txn);
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
	CALL_KEY("patience", 2, read_patience),
	CALL_KEY("nudge", 3, read_nudge),
	LIST_KEY("unit", daemon.units),
	CALL_KEY("start", 0, read_start),
	CALL_KEY("stop", 0, read_stop),
	CALL_KEY("reload", 0, read_reload),
	LIST_KEY("log-bad", daemon.log_bad),
	LIST_KEY("log-file", daemon.log_files),
	LIST_KEY("lock", locks),
	CALL_KEY("validator", 0, read_validator),
	LIST_KEY("validate-file", validate_files),
	CALL_KEY("file", 8, read_file),
	CALL_KEY("owner", 3, read_owner),
	CALL_KEY("folder-made", 2, read_folder),
	CALL_KEY("was", 4, read_was),
};
_Static_assert(MT_ARRAY_LEN(keys) <= KEYS_MAX, "a list for every key");

static bool split(struct mt_str raw, struct line *line)
{
	line->n = 0;
	while (line->n < WORDS_MAX && mt_str_word(&raw, " ", &line->word[line->n]))
		line->n++;
	return line->n > 1 && !raw.n;
}

/* Not mt_list_add(), which copies the whole list for every word. */
static bool append(struct line *line, size_t key, const char ***list)
{
	size_t n = line->listed[key];
	if (n >= MT_TXN_FILES_MAX)
		return false;
	if (n + 1 >= line->room[key]) {
		line->room[key] = line->room[key] ? 2 * line->room[key] : 8;
		const char **more = mt_alloc(line->arena, line->room[key] * sizeof *more);
		*list = n ? memcpy(more, *list, n * sizeof *more) : more;
	}
	line->listed[key]++;
	return text(line, 1, &(*list)[n]);
}

static bool read_line(struct line *line, struct mt_txn *txn)
{
	size_t i = 0;
	while (i < MT_ARRAY_LEN(keys) && !mt_str_is(line->word[0], keys[i].name))
		i++;
	if (i == MT_ARRAY_LEN(keys) || (keys[i].words && line->n != keys[i].words))
		return false;
	char *field = (char *)txn + keys[i].offset;
	if (keys[i].form == CALL)
		return keys[i].read(line, txn);
	return keys[i].form == LIST ? append(line, i, (const char ***)(void *)field)
				    : text(line, 1, (const char **)(void *)field);
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static int refuse(struct mt_error *error, const char *why)
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
static int check(struct mt_str whole, struct mt_str *body, char hash[HASH + 1],
		 struct mt_error *error)
{
	static const char first[] = MT_TXN_MAGIC MT_TXN_VERSION "\n";
	const size_t head = sizeof first - 1, tail = sizeof MT_TXN_END - 1 + HASH + 1;
	if (!whole.n)
		return refuse(error, "its plan is empty");
	if (!mt_str_starts(whole, first))
		return refuse(error, stranger(whole));
	if (whole.n < head + tail || whole.p[whole.n - 1] != '\n' ||
	    !mt_str_starts(mt_str_part(whole, whole.n - tail, tail), MT_TXN_END))
		return refuse(error, "its plan is cut off, or something follows its end");
	mt_sha256_hex(mt_str_part(whole, 0, whole.n - tail), hash);
	if (memcmp(whole.p + whole.n - 1 - HASH, hash, HASH) != 0)
		return refuse(error, "its plan is damaged: it has not the hash that it ends with");
	*body = mt_str_part(whole, head, whole.n - head - tail);
	return 0;
}

static int parse(struct line *line, struct mt_str whole, struct mt_txn *txn, struct mt_error *error)
{
	struct mt_str rest, raw;
	*txn = mt_txn_empty();
	line->validator = &txn->validators;
	if (check(whole, &rest, txn->hash, error))
		return -1;
	for (unsigned long n = 2; mt_str_line(&rest, &raw); n++)
		if (!split(raw, line) || !read_line(line, txn))
			return mt_fail(error, MT_EXIT_FAILED, "",
				       "line %lu of its plan is none that this version writes", n);
	if (!txn->files)
		return refuse(error, "its plan has no files");
	return mt_txn_id_valid(txn->id) ? 0 : refuse(error, "its plan has no id");
}

int mt_txn_parse(struct mt_arena *arena, struct mt_str text, struct mt_txn *txn,
		 struct mt_error *error)
{
	return parse(&(struct line){.arena = arena, .whole = true}, text, txn, error);
}

int mt_txn_parse_head(struct mt_arena *arena, struct mt_str text, struct mt_txn *txn,
		      struct mt_error *error)
{
	return parse(&(struct line){.arena = arena}, text, txn, error);
}
