/* SPDX-License-Identifier: ISC */
/*
 * txn.c: a transaction becomes text: lines "KEY WORD WORD ...". In a word every byte up to blank, DEL and
 * '%' is %XX; an empty word is "%-". A key that repeats makes a list. The last line is "end HASH", the
 * SHA-256 of all before it: a plan that lost its last lines would else be one of fewer files, and taking
 * that back does nothing and says that it did.
 */
#include "io/txn/txn.h"

#include <stdio.h>
#include <string.h>

const char *mt_txn_state_name(enum mt_txn_state state)
{
	static const char *const names[] = {"new",	"started",     "committed",
					    "serviced", "unconfirmed", "rolling-back",
					    "applied",	"rolled-back", "stuck"};
	return state < MT_ARRAY_LEN(names) ? names[state] : "unknown";
}

/* ---- writing ------------------------------------------------------------------------------------ */

static void add_plan_word(struct mt_text *t, const char *word)
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

static void add_field(struct mt_text *t, const char *key, const char *word)
{
	mt_text_add(t, mt_str_of(key));
	add_plan_word(t, word ? word : "");
	mt_text_add(t, MT_STR("\n"));
}

static void add_list(struct mt_text *t, const char *key, const char *const *list)
{
	for (; list && *list; list++)
		add_field(t, key, *list);
}

static void add_argv(struct mt_text *t, const char *key, const struct mt_command_line *command)
{
	if (!command->argv[0])
		return;
	mt_text_add(t, mt_str_of(key));
	for (size_t i = 0; i < MT_ARGV_MAX && command->argv[i]; i++)
		add_plan_word(t, command->argv[i]);
	mt_text_add(t, MT_STR("\n"));
}

static void add_plan_file(struct mt_text *t, const struct mt_txn_file *file)
{
	mt_text_addf(t, "file");
	add_plan_word(t, file->path);
	add_plan_word(t, file->where);
	add_plan_word(t, file->temp);
	mt_text_addf(t, " %o %s", (unsigned)file->mode,
		     file->create   ? "create"
		     : file->remove ? "remove"
				    : "edit");
	add_plan_word(t, file->sha_before);
	add_plan_word(t, file->sha_after);
	mt_text_add(t, MT_STR("\n"));
	if (file->owned)
		mt_text_addf(t, "owner %ld %ld\n", file->uid, file->gid);
	if (file->folder)
		mt_text_addf(t, "folder-made 1\n");
	if (file->generated)
		mt_text_addf(t, "generated %o %ld %ld\n", (unsigned)file->was_mode, file->was_uid,
			     file->was_gid);
	if (file->remode)
		mt_text_addf(t, "was %o %ld %ld\n", (unsigned)file->was_mode, file->was_uid,
			     file->was_gid);
	for (const struct mt_edit *e = file->edits; e; e = e->next)
		mt_text_addf(t, "edit %zu %zu %zu\n", e->at, e->length, e->text.n);
}

/* Its command is not: nobody would run what a journal names. */
static void add_drive(struct mt_text *t, const char *action, const struct mt_drive *drive)
{
	if (drive->by == MT_DRIVE_WAIT) {
		mt_text_addf(t, "patience %u\n", drive->seconds);
		return;
	}
	if (drive->by == MT_DRIVE_INIT)
		return;
	mt_text_addf(t, "drive %s %d %d %u", action, (int)drive->by, drive->signal, drive->seconds);
	add_plan_word(t, drive->proof ? drive->proof : "");
	mt_text_add(t, MT_STR("\n"));
}

static void add_daemon(struct mt_text *t, const struct mt_daemon *daemon)
{
	add_field(t, "title", daemon->title);
	add_field(t, "pid-file", daemon->pid_file);
	add_field(t, "program", daemon->program);
	if (daemon->folder)
		add_field(t, "folder", daemon->folder);
	if (daemon->watch)
		mt_text_addf(t, "watch %u\n", daemon->watch);
	if (daemon->retry || daemon->retry_back)
		mt_text_addf(t, "nudge %d %d\n", daemon->retry, daemon->retry_back);
	add_list(t, "unit", daemon->units);
	add_argv(t, "start", &daemon->start);
	add_argv(t, "stop", &daemon->stop);
	add_argv(t, "reload", &daemon->reload.command);
	add_drive(t, "reload", &daemon->reload);
	add_drive(t, "restart", &daemon->restart);
	add_list(t, "log-bad", daemon->log_bad);
	add_list(t, "log-file", daemon->log_files);
}

const struct mt_snapshot *mt_txn_foresee(struct mt_arena *arena, const struct mt_snapshot *snapshot,
					 const struct mt_txn_file *f, struct mt_str bytes)
{
	const struct mt_item as = {.mode = f->mode, .uid = f->uid, .gid = f->gid};
	const struct mt_snapshot *then = mt_snapshot_with(arena, snapshot, f->path, bytes);
	return f->remode ? mt_snapshot_mode(arena, then, f->path, &as) : then;
}

struct mt_str mt_txn_write(struct mt_arena *arena, struct mt_txn *txn)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	mt_text_addf(&t, MT_TXN_MAGIC MT_TXN_VERSION "\n");
	add_field(&t, "id", txn->id);
	add_field(&t, "kind", txn->kind);
	add_field(&t, "undoes", txn->undoes);
	add_field(&t, "who", txn->who);
	add_field(&t, "command", txn->command);
	add_field(&t, "summary", txn->summary);
	add_field(&t, "backend", txn->backend);
	add_field(&t, "instance", txn->instance);
	add_field(&t, "action", mt_action_name(txn->action));
	mt_text_addf(&t, "process %lld %lld\n", (long long)txn->process.pid,
		     (long long)txn->process.start);
	if (txn->confirm_ms) {
		mt_text_addf(&t, "confirm %lld %lld", (long long)txn->confirm_ms,
			     (long long)txn->deadline);
		add_plan_word(&t, txn->boot);
		mt_text_add(&t, MT_STR("\n"));
	}
	add_daemon(&t, &txn->daemon);
	add_list(&t, "lock", txn->locks);
	for (const struct mt_command_line *c = txn->validators; c; c = c->next)
		add_argv(&t, "validator", c);
	add_list(&t, "validate-file", txn->validate_files);
	for (const struct mt_txn_file *f = txn->files; f; f = f->next)
		add_plan_file(&t, f);
	mt_sha256_hex(mt_text_str(&t), txn->hash);
	mt_text_addf(&t, MT_TXN_END "%s\n", txn->hash);
	return mt_text_str(&t);
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
