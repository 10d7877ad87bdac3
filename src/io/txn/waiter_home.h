/* SPDX-License-Identifier: ISC */
/*
 * waiter_home.h: where the waiter of an unconfirmed transaction lives: not where its caller does. A unit, a cron job, a CI
 * job or a session is ended by killing its control group, and whoever merely left the session dies with it (measured:
 * systemd-run --wait, KillUserProcesses=yes).
 *
 *	systemd		a transient service of its own, which systemd starts again when it is killed
 *	elsewhere	a control group of its own; none is needed where the caller is in the root group
 *
 * BUGS: of version 1 hierarchies only named ones (systemd's, OpenRC's) are left. What ends a whole container ends the
 * waiter. The empty group /mtapin-confirm stays until the next boot.
 */
#ifndef MT_OUTLIVE_H
#define MT_OUTLIVE_H

#include "io/txn/engine.h"

#define MT_NO_WAITER "HOST-NO-WAITER"

bool mt_outlive_by_systemd(void);
/* Start `mtapin recover --wait ID` as a service; engine->unit names it. */
int mt_outlive_start(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;
bool mt_outlive_is_active(struct mt_arena *arena, const char *unit);
/* Move ourselves; false: we are in a group that is killed as a whole, and cannot leave it. */
bool mt_outlive_move(struct mt_arena *arena);
/* Does the host shut down? Then nobody is to drive a service. */
bool mt_outlive_host_ends(struct mt_arena *arena);

#endif
