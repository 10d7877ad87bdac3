/* SPDX-License-Identifier: ISC */
/* aside.h: what a command makes of a saved bundle, in a child that has nothing (io/confined.h). */
#ifndef MT_CMD_ASIDE_H
#define MT_CMD_ASIDE_H

#include "cmd/command.h"
#include "core/examined.h"

struct mt_aside {
	/* In the child its own copy, with the bytes of the bundle. */
	struct mt_context *context;
	/* In the child: fill in what follows; mt_read_model() gives the model of the bundle there, and questions to the DNS
	 * are asked outside. -1 and an error: that is what comes back, with the model if there is one. */
	int (*look)(struct mt_aside *aside, struct mt_error *error);
	void *data; /* the caller's */
	struct mt_examined examined;
	struct mt_str bytes; /* of a file that is to be written; p NULL none */
};

/* 0: aside->examined is what came of it, in the arena of the context; its remarks were made. Errors: those of `look`; the
 * bundle cannot be read; the child died: code 2. */
int mt_aside(struct mt_aside *aside, struct mt_error *error) MT_MUST_CHECK;

#endif
