/* SPDX-License-Identifier: ISC */
/*
 * engine.h: the state machine that fix, undo and recover share. Internal to applying.
 */
#ifndef MT_ENGINE_H
#define MT_ENGINE_H

#include <signal.h>

#include "io/file/atomic.h"
#include "io/txn/journal.h"
#include "io/file/lock.h"
#include "io/service/observe.h"
#include "io/service/service.h"

struct mt_engine {
	struct mt_arena *arena;
	const struct mt_apply_options *options;
	const char *const *accept;
	struct mt_outcome *outcome;
	struct mt_journal journal;
	unsigned lock_wait_ms; /* how long another mtapin is waited for */
	struct mt_lock *own, *locks;
	struct mt_txn *txn;
	const struct mt_build
		*builds; /* what makes the generated ones of its files, as the backend says today */
	bool stale; /* they may take edits of somebody else with them: accepted */
	struct mt_target *targets; /* one for each of txn->files */
	size_t count;
	struct mt_service service;
	struct mt_watch watch;
	struct mt_observe observe; /* fix: no pin is set in it otherwise */
	const char *const *prove; /* what makes the MTA connect; NULL: nothing */
	const char *prove_for; /* the recipient */
	const struct mt_message *proof_note; /* of the plan; NULL: none */
	const struct mt_message
		*nat; /* what follows an address: " (before NAT on this host: ...)"; "" none */
	unsigned wait; /* seconds for which connections, and the log, are looked at */
	bool waits; /* the user asked for it */
	bool asked; /* fix: the restart is asked for, and nothing needs it */
	/* What the files must mean afterwards, and what they meant before; NULL: not known. */
	const struct mt_mta *wanted, *old;
	const struct mt_snapshot
		*now; /* what was collected before anything was changed; NULL: nothing was */
	/* Sockets that were predicted before and not there: they are not waited for. */
	const struct mt_listener *missing;
	sigset_t mask; /* of the caller */
	bool blocked, committed; /* blocked: `mask` is to be restored */
	const char *unit; /* the service that the waiter is; NULL: a process of ours */
	int waiter; /* our end of the line to it (confirm.h); -1: none */
};

/* LOCK: open the journal, take our lock, sweep up after a killed run. */
int mt_engine_open(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;
/* Error, with what to do, when a transaction is pending. */
int mt_engine_idle(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;
/* Let go of everything. After COMMIT the signals that came meanwhile are dropped. */
void mt_engine_close(struct mt_engine *engine);
/* What ends a transaction of the journal: `id` may be NULL; else it must be one. Opened and closed here. */
int mt_engine_call(struct mt_engine *engine, const char *id,
		   int (*work)(struct mt_engine *engine, const char *id, struct mt_error *error),
		   struct mt_error *error) MT_MUST_CHECK;
/*
 * What to run is not the journal's to say: the daemon, the validators and the builds of engine->txn become those that the backend names
 * today for `mta`, and where it is NULL no program of its own is run at all. What was only to be watched stays.
 */
void mt_engine_today(struct mt_engine *engine, const struct mt_mta *mta);
/* In a tree that does not run there is no daemon, and its programs are not ours to run. */
void mt_engine_offline(struct mt_engine *engine);
/* Nothing was written, and a person must decide: where the error says so (code 3) the outcome is *stuck*, the error
 * taken back, and the result 0; else -1. */
int mt_engine_person(struct mt_engine *engine, const struct mt_txn *txn, struct mt_error *error);
/* The same for a transaction that cannot be read. Always 0. */
int mt_engine_unreadable(struct mt_engine *engine, const struct mt_txn *txn);
/* PRECHECK to DONE or ROLLBACK, for engine->txn. */
int mt_engine_run(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;

/* Restore the old bytes, then the daemon, then look; `why` becomes the outcome's. Always 0. */
int mt_rollback(struct mt_engine *engine, const struct mt_error *why);
/* The same for a pending transaction of the journal, which is what was asked for: exit code 0 when it is
 * rolled back. Error: it could not be begun. `why` may be "". */
int mt_engine_revert(struct mt_engine *engine, struct mt_txn *txn, const char *why,
		     struct mt_error *error) MT_MUST_CHECK;

/*
 * From here on the signals that end a run are held back: something is about to be written that would be left behind. Until
 * COMMIT they are looked for (mt_interrupted), and what was written is taken away first. Before this they end the run at
 * once: reading a journal, and waiting for another mtapin, leaves nothing.
 */
void mt_engine_hold(struct mt_engine *engine);
/* Say what begins now. */
void mt_engine_tell(struct mt_engine *engine, const char *fmt, ...) MT_PRINTF(2, 3);

/* Who is told what a wait is for. */
struct mt_waiting mt_engine_waiting(const struct mt_engine *engine);
/* The same, said to everybody where it takes more than five seconds. */
void mt_engine_wait(struct mt_engine *engine, unsigned seconds, const char *what);

/* SERVICE, when there is something to do: action, daemon, locks and process are the transaction's. */
int mt_engine_serve(struct mt_engine *engine, enum mt_action action,
		    struct mt_error *error) MT_MUST_CHECK;
/* What it put off because of other files it may try at once. */
void mt_engine_retry(struct mt_engine *engine);
bool mt_engine_serves(const struct mt_engine *engine);

/* Stage what the transaction wants of a file, with the owner it wants. */
int mt_engine_stage(const struct mt_txn_file *file, struct mt_target *target, struct mt_str bytes,
		    struct mt_error *error) MT_MUST_CHECK;

/* What gives a file its state before a transaction, from what is there now. */
enum mt_restore {
	MT_RESTORE_NOTHING, /* it is so already */
	MT_RESTORE_BYTES, /* `bytes` are to be written (exactly the old ones, or ours taken out) */
	MT_RESTORE_REMOVE,
	MT_RESTORE_TOUCHED, /* somebody edited our lines, or removed or made the file */
};
struct mt_restoration {
	enum mt_restore what;
	struct mt_str bytes;
};
struct mt_restoration mt_restoration(struct mt_arena *arena, const struct mt_txn_file *file,
				     const struct mt_target *now);

/* ---- outcome ---- */
void mt_outcome_file(struct mt_engine *engine, const struct mt_txn_file *file,
		     enum mt_file_outcome outcome);
void mt_outcome_remark(struct mt_engine *engine, const char *fmt, ...) MT_PRINTF(2, 3);
const char *mt_error_text(struct mt_arena *arena, const struct mt_error *error);
/* The user on whose behalf this runs. */
const char *mt_who(struct mt_arena *arena);
/* A temporary could not be removed; errno says why. */
void mt_outcome_left(struct mt_engine *engine, const char *path, const char *temp);
/* One line to syslog; `why` may be "". */
void mt_event(const struct mt_txn *txn, enum mt_end end, const char *why);

#endif
