/* SPDX-License-Identifier: ISC */
/*
 * txn.h: a transaction as it is journalled: everything that applying, undoing and recovering need,
 * so that none of them depends on a model that may be gone. Pure data, in one arena.
 */
#ifndef MT_TXN_H
#define MT_TXN_H

#include <mtapin/plan.h>

#include "io/service/daemon.h"
#include "io/txn/apply.h"

struct mt_txn_file {
	const char *path, *where; /* as named; resolved when it was begun ("" not yet) */
	char temp[32]; /* name of the temporary beside it */
	bool create, remove;
	bool folder; /* created: its folder too; removed: its folder, if it is empty then */
	int mode; /* when it is created; of a removed one, what it had */
	bool owned; /* the same for owner and group; false: whoever runs this */
	long uid, gid;
	bool generated; /* made of others by a program, which may set mode and owner as well */
	bool live; /* by its run in place (not journalled) */
	char sha_made[65]; /* what that left there; "" it did not run (not journalled) */
	bool remode; /* it was there, and mode and owner are set; what they were, also of a generated one: */
	int was_mode;
	long was_uid, was_gid;
	char sha_before[65], sha_after[65]; /* "" absent */
	struct mt_str before, after;
	struct mt_edit *edits; /* from before to after */
	struct mt_txn_file *next; /* in the order of their commits */
};

/* Last line of the state file. Pending: every one before APPLIED; UNCONFIRMED is one of them. */
enum mt_txn_state {
	MT_TXN_NEW, /* prepared, nothing committed: swept away, not recovered */
	MT_TXN_STARTED, /* backups are complete; files may be committed */
	MT_TXN_COMMITTED, /* all files are; the daemon was not touched */
	MT_TXN_SERVICED, /* the daemon was told */
	MT_TXN_UNCONFIRMED, /* verified; rolled back unless confirmed before `deadline` */
	MT_TXN_ROLLING_BACK,
	MT_TXN_APPLIED,
	MT_TXN_ROLLED_BACK,
	MT_TXN_STUCK,
};
const char *mt_txn_state_name(enum mt_txn_state state);

struct mt_txn {
	char id[MT_TXN_ID];
	const char *kind, *undoes; /* "fix", "undo"; id or "" */
	const char *who, *command, *summary;
	const char *backend, *instance;
	enum mt_action action;
	bool restart_anyway; /* also without a change */
	struct mt_daemon daemon;
	struct mt_process process; /* before anything was done */
	const char *const *locks;
	struct mt_command_line *validators;
	const char *const *validate_files;
	struct mt_txn_file *files;
	int64_t confirm_ms; /* --confirm: how long it may wait; 0: it needs none */
	int64_t deadline; /* in milliseconds of CLOCK_BOOTTIME, of the boot `boot` */
	const char *boot; /* the kernel's boot id; "" */
	enum mt_txn_state state;
	bool unreadable; /* nothing but its id is known, and it counts as stuck; `summary` says why */
	char hash[65]; /* of the plan's text: what its states must be of (journal.h) */
	struct mt_txn *next;
};

/* The file with mode and owner as they were. */
static inline struct mt_txn_file mt_txn_old(const struct mt_txn_file *file)
{
	struct mt_txn_file old = *file;
	if (file->remode || (file->generated && !file->create)) {
		old.remode = true;
		old.mode = file->was_mode;
		old.owned = true;
		old.uid = file->was_uid;
		old.gid = file->was_gid;
	}
	return old;
}

/* The snapshot as it would be with the file `f` as it wants it, its bytes being these. */
const struct mt_snapshot *mt_txn_foresee(struct mt_arena *arena, const struct mt_snapshot *snapshot,
					 const struct mt_txn_file *f, struct mt_str bytes);

static inline bool mt_txn_pending(const struct mt_txn *txn)
{
	return txn->state > MT_TXN_NEW && txn->state < MT_TXN_APPLIED;
}

struct mt_txn mt_txn_empty(void); /* every text "" */

/* ---- the journal's text form, and back ---- */
#define MT_TXN_MAGIC	 "mtapin-transaction "
#define MT_TXN_VERSION	 "2" /* 1, of before any release, had no end line */
#define MT_TXN_END	 "end "
#define MT_TXN_MAX	 ((size_t)64 << 20) /* bytes of it that are read, hence written */
#define MT_TXN_FILES_MAX 4096 /* and words of every list */

/* Sets txn->hash. */
struct mt_str mt_txn_write(struct mt_arena *arena, struct mt_txn *txn);
/*
 * Linear in the text, which need not outlive the call. The texts of the edits are not filled in (mt_journal_load). Error:
 * it is not the whole of what mtapin writes, or of no files.
 */
int mt_txn_parse(struct mt_arena *arena, struct mt_str text, struct mt_txn *txn,
		 struct mt_error *error) MT_MUST_CHECK;
/* The same without the edits, which may be many: what a list of transactions needs. */
int mt_txn_parse_head(struct mt_arena *arena, struct mt_str text, struct mt_txn *txn,
		      struct mt_error *error) MT_MUST_CHECK;
/* ".mtapin-0123456789abcdef" */
bool mt_temp_name_valid(const char *name);

#endif
