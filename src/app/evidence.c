/* SPDX-License-Identifier: ISC */
/* evidence.c: what this host's mail logs say of the sending address. */
#include "app/evidence.h"

#include "app/log_reading.h"

bool mt_log_evidence(struct mt_app *app, unsigned days, struct mt_log_evidence *evidence)
{
	struct mt_log_reading r = mt_log_reading_new(app);
	struct mt_error ignored = {0};
	*evidence = (struct mt_log_evidence){.days = days, .text = ""};
	if (!mt_app_is_here(app))
		return false;
	r.since = r.now - (int64_t)days * 86400;
	if (mt_log_reading_run(&r, NULL, false, &ignored) != 0)
		return false;
	const struct mt_log_counts *n = &r.tally->total;
	evidence->sent = n->sent;
	evidence->refused = n->deferred + n->bounced;
	evidence->address = n->address;
	if (n->address)
		evidence->text = mt_format(
			app->arena, "last %u days: %llu refusal%s at the sending address", days,
			(unsigned long long)n->address, n->address == 1 ? " points" : "s point");
	return true;
}
