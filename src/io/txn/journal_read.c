/* SPDX-License-Identifier: ISC */
/* journal_read.c: transactions back from the disk; bytes are believed only with their SHA-256. */
#include "io/txn/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/sys/trust.h"

/* A folder of txn/, looked at by its descriptor. */
static int open_entry(const struct mt_journal *j, const char *folder, struct mt_error *error)
{
	MT_FD dir = mt_open(j->txn_dir, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (dir < 0)
		return mt_fail(error, MT_EXIT_FAILED, "", "its folder cannot be opened: %s",
			       strerror(errno));
	if (mt_trust_fd(dir, S_IFDIR, "its folder", error))
		return -1;
	int entry = dir;
	dir = -1;
	return entry;
}

/* A file of it, into the arena. */
struct wanted {
	struct mt_arena *arena;
	int dir;
	const char *name;
	size_t max;
};

static int get_file(const struct wanted *w, struct mt_str *bytes, struct mt_error *error)
{
	MT_FD fd = mt_open(w->dir, w->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && mt_trust_fd(fd, S_IFREG, w->name, error))
		return -1;
	return fd < 0 || mt_get_fd(w->arena, fd, w->max, bytes)
		       ? mt_fail(error, MT_EXIT_FAILED, w->name, "%s", strerror(errno))
		       : 0;
}

/* With its edits only if `whole`. The text, which may be long, is let go of again. */
static int read_plan(const struct mt_journal *j, int dir, bool whole, struct mt_txn *txn,
		     struct mt_error *error)
{
	struct mt_str text;
	int failed =
		get_file(&(struct wanted){j->scratch, dir, "plan", MT_TXN_MAX}, &text, error) ||
		(whole ? mt_txn_parse : mt_txn_parse_head)(j->arena, text, txn, error);
	mt_arena_reset(j->scratch);
	return failed ? -1 : 0;
}

/* The plan of the open folder that has this name. */
static int read_plan_head(const struct mt_journal *j, int dir, const char *folder,
			  struct mt_txn *txn, struct mt_error *error)
{
	if (read_plan(j, dir, false, txn, error))
		return -1;
	/* ".new-ID": the same */
	const char *id = folder + strlen(folder) - strlen(txn->id);
	return strlen(folder) >= strlen(txn->id) && strcmp(id, txn->id) == 0
		       ? 0
		       : mt_fail(error, MT_EXIT_FAILED, "", "its plan is that of transaction %s",
				 txn->id);
}

int mt_journal_read(const struct mt_journal *j, const char *folder, struct mt_txn *txn,
		    struct mt_error *error)
{
	MT_FD dir = open_entry(j, folder, error);
	return dir < 0 ? -1 : read_plan_head(j, dir, folder, txn, error);
}

static int read_txn(const struct mt_journal *j, const char *id, struct mt_txn *txn,
		    struct mt_error *error)
{
	MT_FD dir = open_entry(j, id, error);
	struct mt_str state;
	char check[17];
	if (dir < 0 || read_plan_head(j, dir, id, txn, error) ||
	    get_file(&(struct wanted){j->arena, dir, "state", MT_STATE_MAX}, &state, error))
		return -1;
	const char *why = mt_state_read(j->arena, state, txn, check);
	return why ? mt_fail(error, MT_EXIT_FAILED, "", "%s", why) : 0;
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
		if (read_txn(j, names[i], txn, &unreadable)) {
			*txn = mt_txn_empty(); /* nothing of it is believed */
			txn->state = MT_TXN_STUCK;
			txn->unreadable = true;
			txn->summary =
				mt_format(j->arena, "cannot be read: %s%s%s", unreadable.where,
					  unreadable.where[0] ? ": " : "", unreadable.message);
		}
		snprintf(txn->id, sizeof txn->id, "%.*s", MT_TXN_ID - 1, names[i]);
		*tail = txn;
		tail = &txn->next;
	}
	return 0;
}

const struct mt_txn *mt_txn_unreadable(const struct mt_txn *list)
{
	while (list && !list->unreadable)
		list = list->next;
	return list;
}

const char *mt_unreadable_text(const struct mt_journal *j, const struct mt_txn *txn)
{
	return mt_format(j->arena,
			 "%s. Whether its change stands is not known: compare the configuration "
			 "with the N.before and N.after in %s/txn/%s, put back what you want, then "
			 "move that folder out of txn",
			 txn->summary, j->path, txn->id);
}

int mt_journal_find(const struct mt_journal *j, const char *id, struct mt_txn **txn,
		    struct mt_error *error)
{
	if (mt_journal_list(j, txn, error))
		return -1;
	while (*txn && strcmp((*txn)->id, id) != 0)
		*txn = (*txn)->next;
	if (*txn && (*txn)->unreadable)
		return mt_fail(error, MT_EXIT_PERSON, id, "%s", mt_unreadable_text(j, *txn));
	return 0;
}

/* ---- bytes -------------------------------------------------------------------------------------- */

static int load_bytes(const struct wanted *w, const char *sha, struct mt_str *bytes,
		      struct mt_error *error)
{
	char hex[65];
	if (get_file(w, bytes, error))
		return -1;
	mt_sha256_hex(*bytes, hex);
	return strcmp(hex, sha) == 0
		       ? 0
		       : mt_fail(error, MT_EXIT_FAILED, w->name, "it is not what was written");
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

static int load_txn_file(const struct mt_journal *j, int dir, unsigned n, struct mt_txn_file *f,
			 struct mt_error *error)
{
	struct wanted before = {j->arena, dir, mt_format(j->arena, "%u.before", n), MT_ITEM_MAX};
	struct wanted after = {j->arena, dir, mt_format(j->arena, "%u.after", n), MT_ITEM_MAX};
	if (!f->create && load_bytes(&before, f->sha_before, &f->before, error))
		return -1;
	if (!f->remove && load_bytes(&after, f->sha_after, &f->after, error))
		return -1;
	return fill_edits(f)
		       ? mt_fail(error, MT_EXIT_FAILED, "plan", "its edits do not fit these bytes")
		       : 0;
}

static int load_bytes_of(const struct mt_journal *j, struct mt_txn *txn, struct mt_error *error)
{
	struct mt_txn whole;
	unsigned n = 0;
	MT_FD dir = open_entry(j, txn->id, error);
	if (dir < 0 || read_plan(j, dir, true, &whole, error))
		return -1;
	if (strcmp(whole.hash, txn->hash) != 0)
		return mt_fail(error, MT_EXIT_FAILED, "plan", "it was exchanged meanwhile");
	for (struct mt_txn_file *f = whole.files; f; f = f->next, n++)
		if (load_txn_file(j, dir, n, f, error))
			return -1;
	txn->files = whole.files;
	return 0;
}

int mt_journal_load(const struct mt_journal *j, struct mt_txn *txn, struct mt_error *error)
{
	struct mt_error why = {0};
	return load_bytes_of(j, txn, &why)
		       ? mt_fail(error, MT_EXIT_PERSON, txn->id,
				 "its backup cannot be trusted (%s%s%s)", why.where,
				 why.where[0] ? ": " : "", why.message)
		       : 0;
}
