/* SPDX-License-Identifier: ISC */
/* journal_read.c: transactions back from the disk; bytes are believed only with their SHA-256. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/fs.h"

#define PLAN_MAX  ((size_t)4 << 20)
#define STATE_MAX ((size_t)64 << 10)

static int open_txn(const struct mt_journal *j, const char *id)
{
	return openat(j->txn_dir, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static enum mt_txn_state state_named(struct mt_str name, enum mt_txn_state otherwise)
{
	for (int s = MT_TXN_STARTED; s <= MT_TXN_STUCK; s++)
		if (mt_str_is(name, mt_txn_state_name((enum mt_txn_state)s)))
			return (enum mt_txn_state)s;
	return otherwise;
}

/* The last whole line that says a state. Where it cannot be read nothing is guessed. */
static int read_state(const struct mt_journal *j, int dir, struct mt_txn *txn)
{
	struct mt_str text, line, word;
	unsigned long deadline;
	txn->state = MT_TXN_STARTED;
	if (mt_get(j->arena, dir, "state", STATE_MAX, &text))
		return errno == ENOENT ? 0 : -1;
	while (text.n && text.p[text.n - 1] != '\n')
		text.n--;
	while (mt_str_line(&text, &line)) {
		if (mt_str_word(&line, " ", &word) && mt_str_word(&line, " ", &word))
			txn->state = state_named(word, txn->state);
		if (txn->state == MT_TXN_UNCONFIRMED && mt_str_word(&line, " ", &word) &&
		    mt_str_number(word, INT64_MAX, &deadline))
			txn->deadline = (int64_t)deadline;
	}
	return 0;
}

static int read_plan(const struct mt_journal *j, const char *id, struct mt_txn *txn,
		     struct mt_error *error)
{
	struct mt_str text;
	MT_FD dir = open_txn(j, id);
	if (dir < 0 || mt_get(j->arena, dir, "plan", PLAN_MAX, &text))
		return mt_fail(error, MT_EXIT_FAILED, id, "cannot read the transaction: %s",
			       strerror(errno));
	if (mt_txn_parse(j->arena, text, txn, error))
		return -1;
	return read_state(j, dir, txn) ? mt_fail(error, MT_EXIT_FAILED, id,
						 "cannot read its state: %s", strerror(errno))
				       : 0;
}

int mt_journal_list(const struct mt_journal *j, struct mt_txn **list, struct mt_error *error)
{
	const char **names;
	size_t n = 0;
	struct mt_txn **tail = list;
	*list = NULL;
	if (j->txn_dir < 0)
		return 0;
	if (mt_list(j->arena, j->txn_dir, &names, &n))
		return mt_fail(error, MT_EXIT_FAILED, j->path, "cannot read the journal: %s",
			       strerror(errno));
	for (size_t i = 0; i < n; i++) {
		struct mt_error unreadable = {0};
		if (!mt_txn_id_valid(names[i]))
			continue;
		struct mt_txn *txn = MT_NEW(j->arena, struct mt_txn);
		*txn = mt_txn_empty();
		if (read_plan(j, names[i], txn, &unreadable)) {
			txn->state = MT_TXN_STUCK;
			txn->unreadable = true;
			txn->summary = mt_format(j->arena, "%s", unreadable.message);
		}
		snprintf(txn->id, sizeof txn->id, "%.*s", MT_TXN_ID - 1, names[i]);
		*tail = txn;
		tail = &txn->next;
	}
	return 0;
}

int mt_journal_find(const struct mt_journal *j, const char *id, struct mt_txn **txn,
		    struct mt_error *error)
{
	if (mt_journal_list(j, txn, error))
		return -1;
	while (*txn && strcmp((*txn)->id, id) != 0)
		*txn = (*txn)->next;
	if (*txn && (*txn)->unreadable)
		return mt_fail(error, MT_EXIT_FAILED, id, "%s", (*txn)->summary);
	return 0;
}

static int load_bytes(const struct mt_journal *j, int dir, const char *name, const char *sha,
		      struct mt_str *bytes)
{
	char hex[65];
	if (mt_get(j->arena, dir, name, MT_ITEM_MAX, bytes))
		return -1;
	mt_sha256_hex(*bytes, hex);
	errno = EILSEQ;
	return strcmp(hex, sha) == 0 ? 0 : -1;
}

/* The texts of the edits are slices of the new bytes. */
static int fill_edits(struct mt_txn_file *f)
{
	size_t from = 0, to = 0;
	for (struct mt_edit *e = f->edits; e; e = e->next) {
		if (e->at < from || e->length > f->before.n || e->at > f->before.n - e->length)
			return -1;
		to += e->at - from;
		if (e->text.n > f->after.n || to > f->after.n - e->text.n)
			return -1;
		e->text = mt_str_part(f->after, to, e->text.n);
		to += e->text.n;
		from = e->at + e->length;
	}
	return 0;
}

static int load_file(const struct mt_journal *j, int dir, unsigned n, struct mt_txn_file *f)
{
	if (!f->create &&
	    load_bytes(j, dir, mt_format(j->arena, "%u.before", n), f->sha_before, &f->before))
		return -1;
	if (!f->remove &&
	    load_bytes(j, dir, mt_format(j->arena, "%u.after", n), f->sha_after, &f->after))
		return -1;
	errno = EILSEQ;
	return fill_edits(f);
}

int mt_journal_load(const struct mt_journal *j, struct mt_txn *txn, struct mt_error *error)
{
	MT_FD dir = open_txn(j, txn->id);
	unsigned n = 0;
	if (dir < 0)
		return mt_fail(error, MT_EXIT_FAILED, txn->id, "no such transaction");
	for (struct mt_txn_file *f = txn->files; f; f = f->next, n++)
		if (load_file(j, dir, n, f))
			return mt_fail(error, MT_EXIT_FAILED, txn->id,
				       "its backup of %s cannot be trusted: %s", f->path,
				       errno == EILSEQ ? "it is not what was written"
						       : strerror(errno));
	return 0;
}
