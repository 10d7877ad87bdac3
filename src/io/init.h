/* SPDX-License-Identifier: ISC */
/* init.h: the table of inits and supervisors behind service.h. */
#ifndef MT_INIT_H
#define MT_INIT_H

#include "io/service.h"

/* In the order in which they are asked; name NULL ends it. */
extern const struct mt_init mt_inits[];

/* The absolute path of a program in MT_RUN_PATH; an absolute one is returned as it is; NULL: none. */
const char *mt_init_program(struct mt_arena *arena, const char *name);

#endif
