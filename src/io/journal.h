/* SPDX-License-Identifier: ISC */
/*
 * journal.h: transactions on disk, below the state folder (0700, root's or the caller's):
 *
 *	lock			our own lock
 *	txn/ID/plan		the transaction (txn.c)
 *	txn/ID/state		a line a step: "TIME STATE"; "TIME unconfirmed DEADLINE"; a last line
 *				without LF does not count
 *	txn/ID/N.before, N.after	exact bytes of the Nth file, counted from 0; absent: the file was
 *	txn/.new-ID/		being prepared: nothing is committed; swept away by the next run
 *	txn/.old-ID/		being removed
 *
 * Every write is synced before the next step. A transaction becomes one by the rename of .new-ID, when
 * its backups are complete. An ID is UTC time to the millisecond and random digits, and sorts after
 * every earlier one even if the clock went back.
 */
#ifndef MT_JOURNAL_H
#define MT_JOURNAL_H

#include "io/txn.h"

struct mt_journal {
	struct mt_arena *arena;
	const char *path; /* of the state folder */
	int state_dir, txn_dir; /* -1: absent (only when not created) */
};
#define MT_JOURNAL_NONE                                                                            \
	{                                                                                          \
		.state_dir = -1, .txn_dir = -1                                                     \
	}

/* `create`: make the folders. Refused when somebody else owns or may write one of them. */
int mt_journal_open(struct mt_arena *arena, const char *path, bool create,
		    struct mt_journal *journal, struct mt_error *error) MT_MUST_CHECK;
void mt_journal_close(struct mt_journal *journal);

/* All transactions without their bytes, oldest first. One that cannot be read is *stuck*. */
int mt_journal_list(const struct mt_journal *journal, struct mt_txn **list,
		    struct mt_error *error) MT_MUST_CHECK;
/* One of them, NULL when there is none of that id; error also when it cannot be read. */
int mt_journal_find(const struct mt_journal *journal, const char *id, struct mt_txn **txn,
		    struct mt_error *error) MT_MUST_CHECK;
/* Read the bytes of one of them and compare with their SHA-256. */
int mt_journal_load(const struct mt_journal *journal, struct mt_txn *txn,
		    struct mt_error *error) MT_MUST_CHECK;
bool mt_txn_id_valid(const char *id);

/* Remove what a killed run left: prepared transactions with their temporaries, lock files. */
void mt_journal_sweep(const struct mt_journal *journal);
/* Remove a file's temporary, if it is still there. With the bytes `loaded` only if it holds ours; false:
 * it holds somebody's, and stays. */
bool mt_txn_drop_temp(struct mt_arena *arena, const struct mt_txn_file *file, bool loaded);
/* Write .new-ID with plan, bytes and state "started"; draws the id. */
int mt_journal_prepare(const struct mt_journal *journal, struct mt_txn *txn,
		       struct mt_error *error) MT_MUST_CHECK;
/* The folder of a prepared transaction: for the copies to validate. */
int mt_journal_prepared_dir(const struct mt_journal *journal, const struct mt_txn *txn);
int mt_journal_begin(const struct mt_journal *journal, struct mt_txn *txn,
		     struct mt_error *error) MT_MUST_CHECK;
void mt_journal_abandon(const struct mt_journal *journal, const struct mt_txn *txn);
/* Append a state, with an unconfirmed one its deadline. After an error the one before stands. */
int mt_journal_state(const struct mt_journal *journal, struct mt_txn *txn, enum mt_txn_state state,
		     struct mt_error *error) MT_MUST_CHECK;
/* Keep the first transaction of every file and the last `keep`; the unfinished ones stay. */
void mt_journal_prune(const struct mt_journal *journal, unsigned keep);

#endif
