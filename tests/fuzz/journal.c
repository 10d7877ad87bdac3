/* SPDX-License-Identifier: ISC */
/*
 * journal.c: the plan of a transaction from any bytes: as they are, and as the lines between the first line and an end line
 * that has their hash, as somebody would seal them who can write there. What is read is what is written again, edits and
 * all, and with a byte less or another one it is nothing.
 */
#include "fuzz.h"

#include "io/txn/txn.h"

static struct mt_str seal(struct mt_arena *arena, struct mt_str lines)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	char hash[65];
	mt_text_addf(&text, MT_TXN_MAGIC MT_TXN_VERSION "\n");
	mt_text_add(&text, lines);
	mt_sha256_hex(mt_text_str(&text), hash);
	mt_text_addf(&text, MT_TXN_END "%s\n", hash);
	return mt_text_str(&text);
}

static bool reads(struct mt_arena *arena, struct mt_str text, struct mt_txn *txn)
{
	struct mt_error error = {0};
	struct mt_txn head;
	bool whole = mt_txn_parse(arena, text, txn, &error) == 0;
	bool short_of_edits = mt_txn_parse_head(arena, text, &head, &error) == 0;
	FUZZ_HOLDS(whole == short_of_edits);
	FUZZ_HOLDS(!whole || strcmp(txn->hash, head.hash) == 0);
	FUZZ_HOLDS(whole || (error.code == MT_EXIT_FAILED && error.message[0]));
	return whole;
}

/* It ends with the hash of all before. */
static void check_hash(struct mt_str text, const struct mt_txn *txn)
{
	const size_t tail = sizeof MT_TXN_END - 1 + sizeof txn->hash;
	char hash[65];
	FUZZ_HOLDS(text.n > tail);
	mt_sha256_hex(mt_str_part(text, 0, text.n - tail), hash);
	FUZZ_HOLDS(strcmp(hash, txn->hash) == 0);
	FUZZ_HOLDS(memcmp(text.p + text.n - sizeof hash, hash, sizeof hash - 1) == 0);
}

/* ---- the same transaction ----------------------------------------------------------------------- */

static void same_list(const char *const *a, const char *const *b)
{
	for (; a && *a; a++)
		FUZZ_HOLDS(b && *b && strcmp(*a, *b++) == 0);
	FUZZ_HOLDS(!b || !*b);
}

static void same_drive(const struct mt_drive *a, const struct mt_drive *b)
{
	same_list(a->command.argv, b->command.argv);
	FUZZ_HOLDS(a->by == b->by && a->signal == b->signal && a->seconds == b->seconds);
	same_list((const char *[]){a->proof, NULL}, (const char *[]){b->proof, NULL});
}

static void same_daemon(const struct mt_daemon *a, const struct mt_daemon *b)
{
	same_list((const char *[]){a->title, a->pid_file, a->program, a->folder, NULL},
		  (const char *[]){b->title, b->pid_file, b->program, b->folder, NULL});
	FUZZ_HOLDS(a->watch == b->watch && a->retry == b->retry && a->retry_back == b->retry_back);
	same_list(a->units, b->units);
	same_list(a->start.argv, b->start.argv);
	same_list(a->stop.argv, b->stop.argv);
	same_drive(&a->reload, &b->reload);
	same_drive(&a->restart, &b->restart);
	same_list(a->log_bad, b->log_bad);
	same_list(a->log_files, b->log_files);
}

static void same_file(const struct mt_txn_file *a, const struct mt_txn_file *b)
{
	const struct mt_edit *f = b->edits;
	same_list((const char *[]){a->path, a->where, a->temp, a->sha_before, a->sha_after, NULL},
		  (const char *[]){b->path, b->where, b->temp, b->sha_before, b->sha_after, NULL});
	FUZZ_HOLDS(a->create == b->create && a->remove == b->remove && a->folder == b->folder &&
		   a->mode == b->mode);
	FUZZ_HOLDS(a->owned == b->owned && a->uid == b->uid && a->gid == b->gid);
	FUZZ_HOLDS(a->generated == b->generated && a->remode == b->remode &&
		   a->was_mode == b->was_mode && a->was_uid == b->was_uid &&
		   a->was_gid == b->was_gid);
	for (const struct mt_edit *e = a->edits; e; e = e->next, f = f->next)
		FUZZ_HOLDS(f && e->at == f->at && e->length == f->length && e->text.n == f->text.n);
	FUZZ_HOLDS(!f);
}

static void same(const struct mt_txn *a, const struct mt_txn *b)
{
	const struct mt_command_line *d = b->validators;
	const struct mt_txn_file *g = b->files;
	same_list((const char *[]){a->id, a->kind, a->undoes, a->who, a->command, a->summary,
				   a->backend, a->instance, NULL},
		  (const char *[]){b->id, b->kind, b->undoes, b->who, b->command, b->summary,
				   b->backend, b->instance, NULL});
	FUZZ_HOLDS(a->action == b->action && a->process.pid == b->process.pid &&
		   a->process.start == b->process.start);
	FUZZ_HOLDS(a->confirm_ms == b->confirm_ms);
	if (a->confirm_ms)
		FUZZ_HOLDS(a->deadline == b->deadline && strcmp(a->boot, b->boot) == 0);
	same_daemon(&a->daemon, &b->daemon);
	same_list(a->locks, b->locks);
	same_list(a->validate_files, b->validate_files);
	for (const struct mt_command_line *c = a->validators; c; c = c->next, d = d->next) {
		FUZZ_HOLDS(d);
		same_list(c->argv, d->argv);
	}
	for (const struct mt_txn_file *f = a->files; f; f = f->next, g = g->next) {
		FUZZ_HOLDS(g);
		same_file(f, g);
	}
	FUZZ_HOLDS(!d && !g);
}

/* ---- a plan ------------------------------------------------------------------------------------- */

static void check_damaged(struct mt_arena *arena, struct mt_str text)
{
	struct mt_txn txn;
	char *other = mt_alloc(arena, text.n);
	memcpy(other, text.p, text.n);
	other[(text.n * 7 + (unsigned char)text.p[text.n / 2]) % text.n] ^= 1;
	FUZZ_HOLDS(!reads(arena, (struct mt_str){other, text.n}, &txn));
	FUZZ_HOLDS(!reads(arena, mt_str_part(text, 0, text.n - 1), &txn));
	FUZZ_HOLDS(!reads(arena, mt_str_part(text, 0, text.n / 2), &txn));
}

static void check_plan(struct mt_arena *arena, struct mt_str text)
{
	struct mt_txn first, second;
	if (!reads(arena, text, &first))
		return;
	check_hash(text, &first);
	FUZZ_HOLDS(first.files && mt_temp_name_valid(first.files->temp));
	struct mt_str written = mt_txn_write(arena, &first);
	check_hash(written, &first);
	FUZZ_HOLDS(reads(arena, written, &second));
	same(&first, &second);
	FUZZ_HOLDS(mt_str_eq(mt_txn_write(arena, &second), written));
	check_damaged(arena, written);
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	check_plan(arena, input);
	check_plan(arena, seal(arena, input));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
