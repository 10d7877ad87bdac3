/* SPDX-License-Identifier: ISC */
/*
 * confirm.h: transactions that are rolled back unless they are confirmed in time. Internal to applying.
 *
 * Such a transaction is *unconfirmed* once it is verified. Its deadline is in the journal: at first, with
 * the boot id and synced before COMMIT, counted from its preparation; again when it is verified, counted
 * from then. The clock is CLOCK_BOOTTIME, so time asleep counts and no clock that is set does; on
 * another boot the deadline has passed. Nobody is needed for that but the next recover; what comes at
 * the deadline itself is the *waiter*, a process that is there before COMMIT and survives the one that started it,
 * also when that is killed with its control group (waiter_home.h). SIGTERM makes it roll back at once.
 *
 * Whoever ends a transaction (confirm, undo, recover, the waiter) holds our own lock, reads its state
 * under it, and finds either *unconfirmed* or what another one made of it.
 *
 * BUGS: where there is no systemd, which starts it again, a waiter that is killed by SIGKILL leaves the transaction
 * unconfirmed: from its deadline on recover rolls it back, and the next boot does (boot_hook.h).
 */
#ifndef MT_CONFIRM_H
#define MT_CONFIRM_H

#include "io/txn/engine.h"

/* How long those who end a transaction wait for each other. */
#define MT_CONFIRM_RACE_MS 10000

/* Boot id and first deadline, where one is asked for. Error: this kernel tells no boot id. */
int mt_confirm_arm(struct mt_arena *arena, struct mt_txn *txn,
		   struct mt_error *error) MT_MUST_CHECK;
/* Milliseconds in which it can still be confirmed; 0: none, or this is another boot. */
int64_t mt_confirm_left(const struct mt_txn *txn);
/* The deadline by the wall clock of now, "2026-11-24T09:02:03Z"; "" unless it is unconfirmed. */
const char *mt_confirm_until(struct mt_arena *arena, const struct mt_txn *txn);
/* What follows "transaction ID" for a pending one: what it waits for, and what to do. */
const char *mt_pending_text(struct mt_arena *arena, const struct mt_txn *txn);

/*
 * Before COMMIT: start the waiter of engine->txn if it needs one, and hear that it is ready. It begins to
 * act when the engine closes its end, or dies. Error: it cannot be started.
 */
int mt_waiter_start(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;
bool mt_waiter_lives(const struct mt_engine *engine);
/* Be the waiter of this transaction, as a service; the exit code. It waits until the engine that starts it has ended. */
int mt_waiter_run(const struct mt_apply_options *options, const char *id);

#endif
