/* SPDX-License-Identifier: ISC */
/* fix_probe.h: fix --probe: try the new addresses before anything is written. */
#ifndef MT_APP_FIX_PROBE_H
#define MT_APP_FIX_PROBE_H

#include "app/app.h"
#include "io/service/smtp_probe.h"

#define MT_PROBE_FAILED "HOST-PROBE-FAILED"

/* The results, for the report. */
struct mt_probes {
	struct mt_probe probe[MT_FAMILIES];
	size_t count;
};
/*
 * From each address that the plan pins. What came is told. Error: nothing answers one of
 * them (with the id, unless that is accepted), there is nothing to try, or the place does not resolve.
 */
int mt_probe_plan(const struct mt_app *app, const struct mt_plan *plan,
		  const struct mt_place *place, struct mt_probes *probes,
		  struct mt_error *error) MT_MUST_CHECK;

#endif
