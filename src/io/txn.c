/* SPDX-License-Identifier: ISC */
/*
 * txn.c: the text form of a transaction: lines "KEY WORD WORD ...". In a word every byte up to blank,
 * DEL and '%' is %XX; an empty word is "%-". A key that repeats makes a list. Unknown keys are skipped.
 */
#include "txn.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX (MT_ARGV_MAX + 1)

const char *mt_txn_state_name(enum mt_txn_state state)
{
	static const char *const names[] = {"new",	"started",     "committed",
					    "serviced", "unconfirmed", "rolling-back",
					    "applied",	"rolled-back", "stuck"};
	return state < MT_ARRAY_LEN(names) ? names[state] : "unknown";
}

/* ---- writing ------------------------------------------------------------------------------------ */

static void add_word(struct mt_text *t, const char *word)
{
	mt_text_addf(t, word[0] ? " " : " %%-");
	for (const char *p = word; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c <= ' ' || c == '%' || c == 0x7f)
			mt_text_addf(t, "%%%02X", c);
		else
			mt_text_add(t, (struct mt_str){p, 1});
	}
}

static void add(struct mt_text *t, const char *key, const char *word)
{
	mt_text_add(t, mt_str_of(key));
	add_word(t, word ? word : "");
	mt_text_add(t, MT_STR("\n"));
}

static void add_list(struct mt_text *t, const char *key, const char *const *list)
{
	for (; list && *list; list++)
		add(t, key, *list);
}

static void add_argv(struct mt_text *t, const char *key, const struct mt_command_line *command)
{
	if (!command->argv[0])
		return;
	mt_text_add(t, mt_str_of(key));
	for (size_t i = 0; i < MT_ARGV_MAX && command->argv[i]; i++)
		add_word(t, command->argv[i]);
	mt_text_add(t, MT_STR("\n"));
}

static void add_file(struct mt_text *t, const struct mt_txn_file *file)
{
	mt_text_addf(t, "file");
	add_word(t, file->path);
	add_word(t, file->where);
	add_word(t, file->temp);
	mt_text_addf(t, " %o %s", (unsigned)file->mode,
		     file->create   ? "create"
		     : file->remove ? "remove"
				    : "edit");
	add_word(t, file->sha_before);
	add_word(t, file->sha_after);
	mt_text_add(t, MT_STR("\n"));
	if (file->owned)
		mt_text_addf(t, "owner %ld %ld\n", file->uid, file->gid);
	if (file->folder)
		mt_text_addf(t, "folder-made 1\n");
	if (file->remode)
		mt_text_addf(t, "was %o %ld %ld\n", (unsigned)file->was_mode, file->was_uid,
			     file->was_gid);
	for (const struct mt_edit *e = file->edits; e; e = e->next)
		mt_text_addf(t, "edit %zu %zu %zu\n", e->at, e->length, e->text.n);
}

static void add_daemon(struct mt_text *t, const struct mt_daemon *daemon)
{
	add(t, "title", daemon->title);
	add(t, "pid-file", daemon->pid_file);
	add(t, "program", daemon->program);
	if (daemon->folder)
		add(t, "folder", daemon->folder);
	if (daemon->watch)
		mt_text_addf(t, "watch %u\n", daemon->watch);
	if (daemon->patience)
		mt_text_addf(t, "patience %u\n", daemon->patience);
	if (daemon->nudge || daemon->nudge_back)
		mt_text_addf(t, "nudge %d %d\n", daemon->nudge, daemon->nudge_back);
	add_list(t, "unit", daemon->units);
	add_argv(t, "start", &daemon->start);
	add_argv(t, "stop", &daemon->stop);
	add_argv(t, "reload", &daemon->reload);
	add_list(t, "log-bad", daemon->log_bad);
	add_list(t, "log-file", daemon->log_files);
}

static void add_confirm(struct mt_text *t, const struct mt_txn *txn)
{
	if (!txn->confirm_ms)
		return;
	mt_text_addf(t, "confirm %lld %lld", (long long)txn->confirm_ms, (long long)txn->deadline);
	add_word(t, txn->boot);
	mt_text_add(t, MT_STR("\n"));
}

const struct mt_snapshot *mt_txn_foresee(struct mt_arena *arena, const struct mt_snapshot *snapshot,
					 const struct mt_txn_file *f, struct mt_str bytes)
{
	const struct mt_item as = {.mode = f->mode, .uid = f->uid, .gid = f->gid};
	const struct mt_snapshot *then = mt_snapshot_with(arena, snapshot, f->path, bytes);
	return f->remode ? mt_snapshot_mode(arena, then, f->path, &as) : then;
}

struct mt_str mt_txn_write(struct mt_arena *arena, const struct mt_txn *txn)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	mt_text_addf(&t, "mtapin-transaction 1\n");
	add(&t, "id", txn->id);
	add(&t, "kind", txn->kind);
	add(&t, "undoes", txn->undoes);
	add(&t, "who", txn->who);
	add(&t, "command", txn->command);
	add(&t, "summary", txn->summary);
	add(&t, "backend", txn->backend);
	add(&t, "instance", txn->instance);
	add(&t, "action", mt_action_name(txn->action));
	mt_text_addf(&t, "process %lld %lld\n", (long long)txn->process.pid,
		     (long long)txn->process.start);
	add_confirm(&t, txn);
	add_daemon(&t, &txn->daemon);
	add_list(&t, "lock", txn->locks);
	for (const struct mt_command_line *c = txn->validators; c; c = c->next)
		add_argv(&t, "validator", c);
	add_list(&t, "validate-file", txn->validate_files);
	for (const struct mt_txn_file *f = txn->files; f; f = f->next)
		add_file(&t, f);
	return mt_text_str(&t);
}

/* ---- reading ------------------------------------------------------------------------------------ */

struct line {
	struct mt_arena *arena;
	const char *word[WORDS_MAX + 1]; /* word[0] is the key; NULL after the last */
	size_t n;
};

static int hex(char c)
{
	const char *digits = "0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

static const char *unescape(struct mt_arena *arena, struct mt_str s)
{
	char *out = mt_alloc(arena, s.n + 1), *to = out;
	if (mt_str_is(s, "%-"))
		return out;
	for (size_t i = 0; i < s.n; i++) {
		int high = -1, low = -1;
		if (s.p[i] == '%' && i + 2 < s.n) {
			high = hex(s.p[i + 1]);
			low = hex(s.p[i + 2]);
		}
		if (high >= 0 && low >= 0)
			i += 2;
		*to++ = high >= 0 && low >= 0 ? (char)(high << 4 | low) : s.p[i];
	}
	return out;
}

static bool split_line(struct mt_str text, struct line *line)
{
	struct mt_str word;
	line->n = 0;
	memset(line->word, 0, sizeof line->word);
	while (line->n < WORDS_MAX && mt_str_word(&text, " ", &word))
		line->word[line->n++] = unescape(line->arena, word);
	return line->n > 1;
}

static bool number(const char *word, long long *value)
{
	unsigned long v;
	if (!word || !mt_str_number(mt_str_of(word), (unsigned long)INT64_MAX, &v))
		return false;
	*value = (long long)v;
	return true;
}

static bool read_argv(const struct line *line, struct mt_command_line *command)
{
	for (size_t i = 1; i < line->n && i <= MT_ARGV_MAX - 1; i++)
		command->argv[i - 1] = line->word[i];
	return true;
}

static bool read_validator(const struct line *line, struct mt_txn *txn)
{
	struct mt_command_line **tail = &txn->validators;
	while (*tail)
		tail = &(*tail)->next;
	*tail = MT_NEW(line->arena, struct mt_command_line);
	return read_argv(line, *tail);
}

static bool octal(const char *word, int *mode)
{
	unsigned value = 0;
	for (; *word; word++) {
		if (*word < '0' || *word > '7' || value > 07777)
			return false;
		value = value << 3 | (unsigned)(*word - '0');
	}
	*mode = (int)value;
	return true;
}

static struct mt_txn_file *last_file(struct mt_txn *txn)
{
	struct mt_txn_file *file = txn->files;
	while (file && file->next)
		file = file->next;
	return file;
}

static bool read_file(const struct line *line, struct mt_txn *txn)
{
	struct mt_txn_file *file = MT_NEW(line->arena, struct mt_txn_file), *last = last_file(txn);
	if (line->n != 8 || !octal(line->word[4], &file->mode))
		return false;
	file->path = line->word[1];
	file->where = line->word[2];
	snprintf(file->temp, sizeof file->temp, "%s", line->word[3]);
	file->create = strcmp(line->word[5], "create") == 0;
	file->remove = strcmp(line->word[5], "remove") == 0;
	snprintf(file->sha_before, sizeof file->sha_before, "%s", line->word[6]);
	snprintf(file->sha_after, sizeof file->sha_after, "%s", line->word[7]);
	*(last ? &last->next : &txn->files) = file;
	return true;
}

static bool read_owner(const struct line *line, struct mt_txn *txn)
{
	struct mt_txn_file *file = last_file(txn);
	long long uid, gid;
	if (!file || !number(line->word[1], &uid) || !number(line->word[2], &gid))
		return false;
	file->owned = true;
	file->uid = (long)uid;
	file->gid = (long)gid;
	return true;
}

static bool read_folder(const struct line *line, struct mt_txn *txn)
{
	struct mt_txn_file *file = last_file(txn);
	if (!file || line->n != 2)
		return false;
	return file->folder = true;
}

static bool read_was(const struct line *line, struct mt_txn *txn)
{
	struct mt_txn_file *file = last_file(txn);
	long long uid, gid;
	if (!file || line->n != 4 || !octal(line->word[1], &file->was_mode) ||
	    !number(line->word[2], &uid) || !number(line->word[3], &gid))
		return false;
	file->remode = true;
	file->was_uid = (long)uid;
	file->was_gid = (long)gid;
	return true;
}

static bool seconds(const char *word, unsigned *value)
{
	long long n;
	if (!number(word, &n) || n > 86400)
		return false;
	*value = (unsigned)n;
	return true;
}

static bool read_watch(const struct line *line, struct mt_txn *txn)
{
	return seconds(line->word[1], &txn->daemon.watch);
}

static bool read_patience(const struct line *line, struct mt_txn *txn)
{
	return seconds(line->word[1], &txn->daemon.patience);
}

static bool read_nudge(const struct line *line, struct mt_txn *txn)
{
	long long forth, back;
	if (line->n != 3 || !number(line->word[1], &forth) || !number(line->word[2], &back))
		return false;
	txn->daemon.nudge = forth != 0;
	txn->daemon.nudge_back = back != 0;
	return true;
}

/* The texts follow from the new bytes, once these are loaded (journal.c). */
static bool read_edit(const struct line *line, struct mt_txn *txn)
{
	struct mt_txn_file *file = last_file(txn);
	long long at, length, size;
	if (!file || !number(line->word[1], &at) || !number(line->word[2], &length) ||
	    !number(line->word[3], &size))
		return false;
	struct mt_edit *edit = MT_NEW(line->arena, struct mt_edit);
	*edit = (struct mt_edit){(size_t)at, (size_t)length, {NULL, (size_t)size}, NULL};
	*(file->edits ? &file->last_edit->next : &file->edits) = edit;
	file->last_edit = edit;
	return true;
}

static bool read_process(const struct line *line, struct mt_txn *txn)
{
	long long pid, start;
	if (!number(line->word[1], &pid) || !number(line->word[2], &start))
		return false;
	txn->process = (struct mt_process){pid, start};
	return true;
}

static bool read_confirm(const struct line *line, struct mt_txn *txn)
{
	long long ms, deadline;
	if (line->n != 4 || !number(line->word[1], &ms) || !number(line->word[2], &deadline))
		return false;
	txn->confirm_ms = ms;
	txn->deadline = deadline;
	txn->boot = line->word[3];
	return true;
}

static bool read_action(const struct line *line, struct mt_txn *txn)
{
	for (int a = MT_ACTION_NONE; a <= MT_ACTION_RESTART; a++)
		if (strcmp(line->word[1], mt_action_name((enum mt_action)a)) == 0) {
			txn->action = (enum mt_action)a;
			return true;
		}
	return false;
}

static bool read_id(const struct line *line, struct mt_txn *txn)
{
	return snprintf(txn->id, sizeof txn->id, "%s", line->word[1]) < (int)sizeof txn->id;
}

static bool read_start(const struct line *line, struct mt_txn *txn)
{
	return read_argv(line, &txn->daemon.start);
}

static bool read_stop(const struct line *line, struct mt_txn *txn)
{
	return read_argv(line, &txn->daemon.stop);
}

static bool read_reload(const struct line *line, struct mt_txn *txn)
{
	return read_argv(line, &txn->daemon.reload);
}

enum form { TEXT, LIST, CALL };
static const struct key {
	const char *name;
	enum form form;
	size_t offset;
	bool (*read)(const struct line *line, struct mt_txn *txn);
} keys[] = {
#define TEXT_KEY(name, field)                                                                      \
	{                                                                                          \
		name, TEXT, offsetof(struct mt_txn, field), NULL                                   \
	}
#define LIST_KEY(name, field)                                                                      \
	{                                                                                          \
		name, LIST, offsetof(struct mt_txn, field), NULL                                   \
	}
#define CALL_KEY(name, read)                                                                       \
	{                                                                                          \
		name, CALL, 0, read                                                                \
	}
	CALL_KEY("id", read_id),
	TEXT_KEY("kind", kind),
	TEXT_KEY("undoes", undoes),
	TEXT_KEY("who", who),
	TEXT_KEY("command", command),
	TEXT_KEY("summary", summary),
	TEXT_KEY("backend", backend),
	TEXT_KEY("instance", instance),
	CALL_KEY("action", read_action),
	CALL_KEY("process", read_process),
	CALL_KEY("confirm", read_confirm),
	TEXT_KEY("title", daemon.title),
	TEXT_KEY("pid-file", daemon.pid_file),
	TEXT_KEY("program", daemon.program),
	TEXT_KEY("folder", daemon.folder),
	CALL_KEY("watch", read_watch),
	CALL_KEY("patience", read_patience),
	CALL_KEY("nudge", read_nudge),
	LIST_KEY("unit", daemon.units),
	CALL_KEY("start", read_start),
	CALL_KEY("stop", read_stop),
	CALL_KEY("reload", read_reload),
	LIST_KEY("log-bad", daemon.log_bad),
	LIST_KEY("log-file", daemon.log_files),
	LIST_KEY("lock", locks),
	CALL_KEY("validator", read_validator),
	LIST_KEY("validate-file", validate_files),
	CALL_KEY("file", read_file),
	CALL_KEY("owner", read_owner),
	CALL_KEY("folder-made", read_folder),
	CALL_KEY("was", read_was),
	CALL_KEY("edit", read_edit),
};

static bool read_line(const struct line *line, struct mt_txn *txn)
{
	for (size_t i = 0; i < MT_ARRAY_LEN(keys); i++) {
		char *field = (char *)txn + keys[i].offset;
		if (strcmp(keys[i].name, line->word[0]) != 0)
			continue;
		if (keys[i].form == CALL)
			return keys[i].read(line, txn);
		if (keys[i].form == LIST)
			mt_list_add(line->arena, (const char *const **)(void *)field,
				    line->word[1]);
		else
			*(const char **)(void *)field = line->word[1];
		return true;
	}
	return true;
}

struct mt_txn mt_txn_empty(void)
{
	return (struct mt_txn){.kind = "",
			       .undoes = "",
			       .who = "",
			       .command = "",
			       .summary = "",
			       .backend = "",
			       .instance = "",
			       .boot = "",
			       .daemon = {.title = "", .pid_file = "", .program = ""}};
}

int mt_txn_parse(struct mt_arena *arena, struct mt_str text, struct mt_txn *txn,
		 struct mt_error *error)
{
	struct line line = {.arena = arena};
	struct mt_str rest = text, raw;
	*txn = mt_txn_empty();
	if (!mt_str_line(&rest, &raw) || !mt_str_is(raw, "mtapin-transaction 1"))
		return mt_fail(error, MT_EXIT_FAILED, "", "not a transaction of this version");
	while (mt_str_line(&rest, &raw))
		if (split_line(raw, &line) && !read_line(&line, txn))
			return mt_fail(error, MT_EXIT_FAILED, "", "a damaged line: %s",
				       line.word[0]);
	return 0;
}
