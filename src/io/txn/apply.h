/* SPDX-License-Identifier: ISC */
/*
 * apply.h: the only code that changes a host. It executes a plan as a transaction and knows no MTA by
 * name: locks, order of commits, validators, service action and log patterns are data of the plan.
 *
 *	LOCK PRECHECK STAGE VALIDATE BACKUP COMMIT SERVICE VERIFY DONE, else ROLLBACK
 *
 * Until COMMIT nothing but a temporary beside each file (removed again) and the state folder is
 * written; SIGHUP, SIGINT, SIGQUIT and SIGTERM end the run at once, or once that is taken away. From COMMIT on they are
 * held back: they only end the waiting for a connection. A kill -9 or power cut leaves a *pending* transaction, which blocks the next one until
 * mt_recover().
 *
 * Errors: -1 and *error when the host is as before and nothing was begun (refused, busy, pending,
 * failed before COMMIT); error->id names a refusal. 0 otherwise, also for
 * a rollback: the outcome says what happened and with which exit code.
 */
#ifndef MT_APPLY_H
#define MT_APPLY_H

#include <mtapin/backend.h>

#define MT_TXN_ID 32 /* 20261124T090000.123Z-3f9a1c and its NUL */

struct mt_apply_options {
	struct mt_arena *arena; /* what the outcome holds lives here */
	const char *state_dir; /* /var/lib/mtapin; made (0700) when absent */
	unsigned keep_backups; /* transactions kept besides the first one of each file */
	unsigned service_timeout; /* seconds to wait for the daemon */
	const char *command; /* what the user typed, for the journal and history; "" */
	const char *const *accept; /* ids of refusals overruled; NULL-terminated; may be NULL */
	/* fix: rolled back unless mt_confirm() comes within so many milliseconds; 0: it stays */
	int64_t confirm_ms;
	bool boot_hook; /* fix with confirm_ms: also rolled back at the next boot (boot_hook.h) */
	const char *const *
		again; /* words that a further run of this program needs; NULL-terminated; NULL: none */
	bool booted; /* recover: the host was just booted; the time to confirm is over */
	bool no_service; /* undo, recover: touch no daemon (a plan carries its own) */
	/* The process is in a tree that does not run (mt_root_enter()): nothing is executed, no daemon looked for, and
	 * no level is verified. */
	bool rooted;
	bool propose; /* undo: compute the changes, write nothing */
	/* Collect this host anew (raw). NULL: level "config" is not reached and not asked for. */
	int (*recollect)(void *data, struct mt_arena *arena, struct mt_snapshot **snapshot,
			 struct mt_error *error);
	/* What begins now, a clause: "restarting postfix"; NULL: nobody listens */
	void (*progress)(void *data, const char *step);
	/* The same of a wait of more than five seconds: what it is for */
	void (*slow)(void *data, const char *what);
	void *data;
	const struct mt_backend *const *backends; /* NULL-terminated */
};

enum mt_file_outcome { MT_FILE_UNCHANGED, MT_FILE_CHANGED, MT_FILE_ROLLED_BACK, MT_FILE_KEPT };
/* "unchanged", "changed", "rolled-back", "kept" (somebody edited it after us: left as it is) */
const char *mt_file_outcome_name(enum mt_file_outcome outcome);

struct mt_file_result {
	const char *path; /* as the plan names it */
	const char *target; /* the file that was edited, links resolved */
	enum mt_file_outcome outcome;
	struct mt_file_result *next;
};

enum mt_end {
	MT_END_UNCHANGED, /* the goal held: no write, no restart */
	MT_END_PROPOSED, /* undo with `propose` */
	MT_END_APPLIED,
	MT_END_UNCONFIRMED, /* applied and verified; rolled back at `until` unless confirmed */
	MT_END_CONFIRMED,
	MT_END_UNDONE,
	MT_END_ROLLED_BACK, /* also: recovered */
	MT_END_STUCK, /* a person must look: `why` says at what, and the next command */
};
/* "unchanged", "proposed", "applied", "unconfirmed", "confirmed", "undone", "rolled-back", "stuck" */
const char *mt_end_name(enum mt_end end);

struct mt_outcome {
	enum mt_end end;
	int exit_code;
	char id[MT_TXN_ID]; /* "" when no transaction was made */
	struct mt_file_result *files;
	const struct mt_change *changes; /* undo: for mt_diff() */
	const char *undoes; /* undo: the id of what it takes back; "" */
	const char
		*summary; /* undo: "smtp IPv4 192.0.2.10 -> kernel"; "" where no source changes */
	bool config, service, observed; /* levels that were verified */
	/* what was done to the daemon: "reloaded by systemd, postfix@-.service"; "" */
	const char *action;
	const char *why; /* rolled back or stuck: the reason, with what was read; "" */
	struct mt_message *remarks; /* sentences for stderr; NULL: none */
	const char *until; /* unconfirmed: "2026-11-24T09:02:03Z"; "" */
};

int mt_apply(const struct mt_plan *plan, const struct mt_apply_options *options,
	     struct mt_outcome *outcome, struct mt_error *error) MT_MUST_CHECK;

/*
 * Take a transaction back, as a transaction of its own: files in reverse order, then the daemon. Where
 * a file was edited since, only our edit is reversed, if our lines are untouched; else nothing is
 * written and the outcome is *stuck*. `id` NULL: the last one that is applied and not undone. One that
 * is unconfirmed is rolled back instead, as by its deadline.
 */
int mt_undo(const char *id, const struct mt_apply_options *options, struct mt_outcome *outcome,
	    struct mt_error *error) MT_MUST_CHECK;

/*
 * Keep an unconfirmed transaction; `id` NULL: the one there is. Error: there is none, it is another
 * state's, its time is up, or the host was booted since.
 */
int mt_confirm(const char *id, const struct mt_apply_options *options, struct mt_outcome *outcome,
	       struct mt_error *error) MT_MUST_CHECK;

/*
 * Bring a pending transaction to its old state; *unchanged* when none is pending. Error: it may still be
 * confirmed.
 */
int mt_recover(const struct mt_apply_options *options, struct mt_outcome *outcome,
	       struct mt_error *error) MT_MUST_CHECK;

/* One line of history, oldest first. */
struct mt_history {
	const char *id;
	int64_t begun_ms; /* since the epoch */
	const char *kind; /* "fix", "undo" */
	/* "applied", "undone", "rolled-back", "stuck", "pending", "unconfirmed" */
	const char *state;
	const char *until; /* unconfirmed: as in the outcome; "" */
	const char *summary; /* "smtp IPv4 kernel -> 192.0.2.10" */
	const char *who, *command;
	const char *const *paths; /* NULL-terminated */
	struct mt_history *next;
};
/* An absent state folder is an empty history. Reads only. */
int mt_history(const struct mt_apply_options *options, struct mt_history **list,
	       struct mt_error *error) MT_MUST_CHECK;
struct mt_pending {
	char id[MT_TXN_ID];
	char text[600]; /* what it waits for and what to do: "transaction ID was ..." */
};
/* The pending transaction, or one that cannot be read, which may be pending; false: none, or not to be seen by this user. */
bool mt_pending(const char *state_dir, struct mt_pending *pending);

#endif
