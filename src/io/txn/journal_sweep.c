/* SPDX-License-Identifier: ISC */
/* journal_sweep.c: what killed and failed runs left, and transactions that are no longer kept. */
#include "io/txn/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/txn/new_folder.h"
#include "io/sys/fs.h"
#include "io/file/lock.h"

/* ---- temporaries -------------------------------------------------------------------------------- */

static bool is_prefix(struct mt_str start, struct mt_str whole)
{
	return start.n <= whole.n && memcmp(start.p, whole.p, start.n) == 0;
}

/* After a kill in the very step of a commit it can hold what somebody wrote. */
static bool is_our_temp(struct mt_str bytes, const struct mt_txn_file *f)
{
	char sha[65];
	mt_sha256_hex(bytes, sha);
	return !bytes.n || strcmp(sha, f->sha_before) == 0 || strcmp(sha, f->sha_after) == 0 ||
	       is_prefix(bytes, f->before) || is_prefix(bytes, f->after);
}

enum mt_temp mt_txn_drop_temp(struct mt_arena *arena, const struct mt_txn_file *f, bool prepared)
{
	struct mt_str bytes;
	size_t n = (size_t)(strrchr(f->where, '/') - f->where) + 1;
	MT_FD dir = mt_open(AT_FDCWD, mt_strz(arena, (struct mt_str){f->where, n}),
			    O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return errno == ENOENT ? MT_TEMP_GONE : MT_TEMP_LEFT;
	if (!prepared && mt_get(arena, dir, f->temp, MT_ITEM_MAX, &bytes))
		return errno == ENOENT ? MT_TEMP_GONE : MT_TEMP_LEFT;
	if (!prepared && !is_our_temp(bytes, f))
		return MT_TEMP_THEIRS;
	if (MT_RETRY(unlinkat(dir, f->temp, 0)) < 0)
		return errno == ENOENT ? MT_TEMP_GONE : MT_TEMP_LEFT;
	(void)mt_sync(dir);
	return MT_TEMP_GONE;
}

/* ---- sweeping ----------------------------------------------------------------------------------- */

static void sweep_prepared(const struct mt_journal *j, const char *name)
{
	struct mt_txn txn;
	struct mt_error ignored = {0};
	if (mt_journal_read(j, name, &txn, &ignored) == 0) {
		for (const struct mt_txn_file *f = txn.files; f; f = f->next) {
			(void)mt_txn_drop_temp(j->arena, f, true);
			if (f->create)
				mt_folder_drop(j->arena, f);
		}
		mt_lock_sweep(j->arena, txn.locks);
	}
	mt_remove_tree(j->txn_dir, name, MT_TREE_DEPTH);
}

void mt_journal_sweep(const struct mt_journal *j)
{
	const char **names;
	size_t n;
	if (mt_list(j->arena, j->txn_dir, &names, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (strncmp(names[i], ".new-", 5) == 0)
			sweep_prepared(j, names[i]);
		else if (strncmp(names[i], ".old-", 5) == 0)
			mt_remove_tree(j->txn_dir, names[i], MT_TREE_DEPTH);
	/* Lock files and temporaries that an earlier run could not remove, or was killed with. The
	 * temporaries of one that is pending are looked at when it is taken back, with its bytes. */
	struct mt_txn *list;
	struct mt_error ignored = {0};
	if (mt_journal_list(j, &list, &ignored))
		return;
	for (; list; list = list->next) {
		mt_lock_sweep(j->arena, list->locks);
		for (const struct mt_txn_file *f = list->files; f && !mt_txn_pending(list);
		     f = f->next)
			(void)mt_txn_drop_temp(j->arena, f, false);
	}
}

/* ---- keeping ------------------------------------------------------------------------------------ */

/* Does it hold the oldest backup of one of its files? */
static bool is_first(const struct mt_txn *list, const struct mt_txn *txn)
{
	for (const struct mt_txn_file *f = txn->files; f; f = f->next) {
		bool earlier = false;
		for (const struct mt_txn *t = list; t != txn && !earlier; t = t->next)
			for (const struct mt_txn_file *g = t->files; g; g = g->next)
				earlier |= strcmp(f->path, g->path) == 0;
		if (!earlier)
			return true;
	}
	return false;
}

void mt_journal_prune(const struct mt_journal *j, unsigned keep)
{
	struct mt_txn *list, *txn;
	struct mt_error ignored = {0};
	unsigned count = 0;
	if (mt_journal_list(j, &list, &ignored))
		return;
	for (txn = list; txn; txn = txn->next)
		count++;
	for (txn = list; txn && count > keep; txn = txn->next, count--) {
		if (txn->state < MT_TXN_APPLIED || !txn->files || is_first(list, txn))
			continue;
		/* out of the list in one step: half of it, after a kill, would be one that cannot be read */
		const char *old = mt_format(j->arena, ".old-%s", txn->id);
		if (MT_RETRY(renameat(j->txn_dir, txn->id, j->txn_dir, old)) == 0)
			mt_remove_tree(j->txn_dir, old, MT_TREE_DEPTH);
	}
}
