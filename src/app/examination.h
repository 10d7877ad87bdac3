/* SPDX-License-Identifier: ISC */
/* examination.h: what a command makes of a host; of a saved bundle in a child that has nothing (io/sys/confined.h). */
#ifndef MT_APP_EXAMINATION_H
#define MT_APP_EXAMINATION_H

#include "app/app.h"
#include "core/audit/examined.h"

struct mt_examination {
	struct mt_app *app; /* in the child its own copy, with the bytes of the bundle */
	/* Fill in what follows; in the child mt_read_model() gives the model of the bundle, and questions to the DNS are
	 * asked outside. -1 and an error: that is what comes back, with the model if there is one. */
	int (*examine)(struct mt_examination *e, struct mt_error *error);
	void *data; /* the caller's */
	struct mt_examined examined;
	struct mt_str bytes; /* of a file that is to be written; p NULL none */
};

/* 0: e->examined is what came of it, in the arena of the app; what was to be told was. Errors: those of `examine`; the
 * bundle cannot be read; the child died: code 2. */
int mt_examination_run(struct mt_examination *e, struct mt_error *error) MT_MUST_CHECK;

#endif
