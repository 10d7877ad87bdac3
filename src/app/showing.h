/* SPDX-License-Identifier: ISC */
/* showing.h: what `show` shows: the host, or which way one mail takes there. */
#ifndef MT_APP_SHOWING_H
#define MT_APP_SHOWING_H

#include "app/app.h"
#include "core/audit/examined.h"

struct mt_showing {
	struct mt_mail mail; /* `to` NULL: none */
	bool advises; /* a remedy is looked for, where no mail is asked about */
	/* what comes of it; the model also where that is all there is, and an error: */
	struct mt_examined examined;
};
/* Errors: code 2. */
int mt_showing_run(struct mt_app *app, struct mt_showing *showing,
		   struct mt_error *error) MT_MUST_CHECK;

#endif
