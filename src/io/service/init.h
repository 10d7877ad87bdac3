/* SPDX-License-Identifier: ISC */
/* init.h: the table of inits and supervisors behind service.h. */
#ifndef MT_INIT_H
#define MT_INIT_H

#include "io/service/service.h"

/* In the order in which they are asked; name NULL ends it. */
extern const struct mt_init mt_inits[];

/* The absolute path of a program in MT_RUN_PATH or /command; an absolute one is returned as it is; NULL: none. */
const char *mt_init_program(struct mt_arena *arena, const char *name);

/* The systemd unit of a process: the last component of its control group that ends in .service; NULL. */
const char *mt_init_unit(struct mt_arena *arena, struct mt_process process);
/* Is the daemon itself what this supervisor started, so that its signals reach it? */
bool mt_init_reaches(const struct mt_init *init, struct mt_process process);

#endif
