/* SPDX-License-Identifier: ISC */
/*
 * boot_hook.h: what rolls an unconfirmed transaction back when the host boots before it was confirmed: one file
 * that this host's init runs before the MTA, and the link that enables it. Written and synced before
 * COMMIT, removed by whoever ends the transaction, and swept away when nothing is pending.
 *
 * It runs `mtapin recover --booted`, unless a flag in /run says that this is still the boot in which it
 * was written (a container keeps its kernel's boot id).
 *
 *	systemd		a unit in /etc/systemd/system, wanted by multi-user.target, before the MTA's units
 *	OpenRC		a script of the runlevel default, before the MTA's service
 *	sysvinit, runit	a script of rcS.d, that is before all of rc2.d and before runit's services
 *
 * BUGS: an MTA that an administrator's own script starts earlier than that has read the new files.
 */
#ifndef MT_HOOK_H
#define MT_HOOK_H

#include "io/txn/engine.h"

/* The file there would be, for the diff, if `process` (pid 0: none) is the MTA's; NULL: there can be none here. */
const struct mt_change *mt_hook_change(struct mt_arena *arena, const struct mt_daemon *daemon,
				       struct mt_process process);
/* This program, if units and scripts take its path as it is; NULL. `path` has PATH_MAX bytes. */
const char *mt_hook_program(char *path);
/* For engine->txn, if it may have to be confirmed. Error: there can be none (HOST-NO-BOOT-HOOK). */
int mt_hook_write(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;
/* Under our own lock: remove it unless a transaction is pending that needs it. */
void mt_hook_sweep(struct mt_engine *engine);

#endif
