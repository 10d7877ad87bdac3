/* SPDX-License-Identifier: ISC */
/*
 * journal.h: transactions on disk, below the state folder (0700, root's or the caller's):
 *
 *	lock			our own lock
 *	txn/ID/plan		the transaction (txn.c), which ends with its own hash
 *	txn/ID/state		a line a step: "CHECK TIME STATE", "CHECK TIME unconfirmed DEADLINE"
 *	txn/ID/N.before, N.after	exact bytes of the Nth file, counted from 0; absent: the file was
 *	txn/.new-ID/		being prepared: nothing is committed; swept away by the next run
 *	txn/.old-ID/		being removed
 *
 * Every write is synced before the next step. A transaction becomes one by the rename of .new-ID, when
 * its backups are complete. An ID is UTC time to the millisecond and random digits, and sorts after
 * every earlier one even if the clock went back.
 *
 * What is read runs programs and writes files as root. So every folder and file of it, down from "/", must
 * belong to root or the caller and be written by nobody else; and what is not to the byte what was written is
 * *unreadable*, which a person must look at (exit code 3): never a transaction of fewer files, or of another state. CHECK
 * is of the line, the CHECK before it and, the first, the hash of the plan. A last line without LF does not count, and
 * neither does a broken one with a good one after it: a crash cuts lines short, and the next line ends them.
 */
#ifndef MT_JOURNAL_H
#define MT_JOURNAL_H

#include "io/txn/txn.h"

/* Levels of folders in one of those: private copies keep their paths. */
#define MT_TREE_DEPTH 24

struct mt_journal {
	struct mt_arena *arena;
	const char *path; /* of the state folder */
	int state_dir, txn_dir; /* -1: absent (only when not created) */
	struct mt_arena *
		scratch; /* for a plan's text: there from the beginning, since lists are read behind COMMIT too */
};
#define MT_JOURNAL_NONE                                                                            \
	{                                                                                          \
		.state_dir = -1, .txn_dir = -1                                                     \
	}

/* `create`: make the folders. Refused when somebody else owns or may write one of them. */
int mt_journal_open(struct mt_arena *arena, const char *path, bool create,
		    struct mt_journal *journal, struct mt_error *error) MT_MUST_CHECK;
void mt_journal_close(struct mt_journal *journal);

/* All transactions without their bytes and edits, oldest first. One that cannot be read is *stuck*. */
int mt_journal_list(const struct mt_journal *journal, struct mt_txn **list,
		    struct mt_error *error) MT_MUST_CHECK;
/* One of them, NULL when there is none of that id; error (code 3) also when it cannot be read. */
int mt_journal_find(const struct mt_journal *journal, const char *id, struct mt_txn **txn,
		    struct mt_error *error) MT_MUST_CHECK;
/* The first of a list that cannot be read; NULL: none. */
const struct mt_txn *mt_txn_unreadable(const struct mt_txn *list);
/* Why, and what a person can do. */
const char *mt_unreadable_text(const struct mt_journal *journal, const struct mt_txn *txn);
/* Read the bytes and edits of one of them and compare with their SHA-256. Error: code 3. */
int mt_journal_load(const struct mt_journal *journal, struct mt_txn *txn,
		    struct mt_error *error) MT_MUST_CHECK;
bool mt_txn_id_valid(const char *id);
/* The moment that a valid id begins with, in milliseconds since the epoch. */
int64_t mt_txn_id_ms(const char *id);
/* Milliseconds since the epoch as "20261124T090000.123Z". */
void mt_format_time(char *text, size_t size, int64_t ms);

/* One of txn/, or being prepared, without its bytes, edits and state. */
int mt_journal_read(const struct mt_journal *journal, const char *folder, struct mt_txn *txn,
		    struct mt_error *error) MT_MUST_CHECK;

/* Remove what a killed run left: prepared transactions with their temporaries, lock files; and temporaries that an
 * earlier one could not remove. */
void mt_journal_sweep(const struct mt_journal *journal);
enum mt_temp {
	MT_TEMP_GONE,
	MT_TEMP_THEIRS, /* it holds what somebody else wrote, and stays */
	MT_TEMP_LEFT, /* errno says why it could not be removed */
};
/* Remove a file's temporary, if it is still there: any, of a transaction that was only prepared; else one that holds ours
 * (a part of it only where the bytes are loaded). */
enum mt_temp mt_txn_drop_temp(struct mt_arena *arena, const struct mt_txn_file *file,
			      bool prepared);
/* Write .new-ID with plan, bytes and state "started"; draws the id. */
int mt_journal_prepare(const struct mt_journal *journal, struct mt_txn *txn,
		       struct mt_error *error) MT_MUST_CHECK;
/* The folder of a prepared transaction: for the copies to validate. */
int mt_journal_prepared_dir(const struct mt_journal *journal, const struct mt_txn *txn);
int mt_journal_begin(const struct mt_journal *journal, struct mt_txn *txn,
		     struct mt_error *error) MT_MUST_CHECK;
void mt_journal_abandon(const struct mt_journal *journal, const struct mt_txn *txn);
/* "CHECK TIME STATE\n", the first of a transaction */
struct mt_str mt_state_first(struct mt_arena *arena, const struct mt_txn *txn);
/* The last state of a file's text into txn->state and txn->deadline; CHECK is that line's. NULL, or why nothing of it is
 * believed. */
const char *mt_state_read(struct mt_arena *arena, struct mt_str text, struct mt_txn *txn,
			  char check[17]);
#define MT_STATE_MAX ((size_t)1 << 20)
/* Append a state, with an unconfirmed one its deadline. After an error the one before stands. */
int mt_journal_state(const struct mt_journal *journal, struct mt_txn *txn, enum mt_txn_state state,
		     struct mt_error *error) MT_MUST_CHECK;
/* Keep the first transaction of every file and the last `keep`; the unfinished ones stay. */
void mt_journal_prune(const struct mt_journal *journal, unsigned keep);

#endif
