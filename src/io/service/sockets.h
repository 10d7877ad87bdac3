/* SPDX-License-Identifier: ISC */
/* sockets.h: whose is it: the processes of the MTA that send mail, and the sockets that they hold. */
#ifndef MT_OWNER_H
#define MT_OWNER_H

#include "io/service/daemon.h"

struct mt_owners {
	struct mt_arena *scratch;
	struct mt_process daemon;
	const char *const *senders; /* names of programs; NULL: all below the daemon */
	bool denied; /* what one of them holds may not be seen */
	/* all there are, as first asked for; NULL: not read yet */
	struct mt_process_info *process;
	size_t count;
};

/* The sender that holds the socket of this inode; NULL: none, or it cannot be told. */
const struct mt_process_info *mt_owner_of(struct mt_owners *owners, unsigned long inode);
/* The process of this number, a sender or not; NULL: none. */
const struct mt_process_info *mt_owner_named(struct mt_owners *owners, int64_t pid, bool *sends);
/* All senders there are, in the arena. */
struct mt_process *mt_owner_all(struct mt_owners *owners, struct mt_arena *arena, size_t *count);

#endif
