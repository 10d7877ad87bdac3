/* SPDX-License-Identifier: ISC */
/* spawn_place.h: the part of mt_spawn() for a child that has a place. */
#ifndef MT_SPAWN_PLACE_H
#define MT_SPAWN_PLACE_H

#include "io/sys/spawn.h"

/* All descriptors of ours are close-on-exec. */
int mt_spawn_in_place(const struct mt_spawn *spawn, pid_t *pid);

#endif
