/* SPDX-License-Identifier: ISC */
/* choices.c: what there is to choose on a host, what is recommended, and where there is nothing to ask. */
#include "app/choices.h"

bool mt_is_outgoing(const struct mt_transport *transport)
{
	return transport->kind == MT_KIND_INTERNET || transport->kind == MT_KIND_RELAYHOST;
}

const struct mt_mta *mt_likely_mta(const struct mt_model *model)
{
	const struct mt_mta *mta = model->mtas;
	while (mta && mta->state != MT_STATE_RUNNING)
		mta = mta->next;
	return mta ? mta : model->mtas;
}

/* ---- addresses ---- */

bool mt_is_offered(const struct mt_checked *row, enum mt_family family)
{
	return row->addr.family == family && row->at && row->at->up;
}

const struct mt_checked *mt_checked_row(const struct mt_check *check, struct mt_addr addr)
{
	const struct mt_checked *row = check->rows;
	while (row && !mt_addr_eq(row->addr, addr))
		row = row->next;
	return row;
}

bool mt_is_unseen(const struct mt_check *check, const struct mt_ifaddr *at, enum mt_family family)
{
	return at->addr.family == family && at->up && !at->link_scope && !at->host_scope &&
	       !mt_addr_is_loopback(at->addr) && !mt_addr_is_link_local(at->addr) &&
	       !mt_checked_row(check, at->addr);
}

struct mt_pin_goal mt_recommended_pin(const struct mt_check *check, const struct mt_mta *mta,
				      enum mt_family family)
{
	const struct mt_checked *row = mt_check_best(check, family);
	/* else the first that a new HELO name would make good */
	for (const struct mt_checked *r = check->rows; !row && r; r = r->next)
		if (r->addr.family == family && r->lacks_helo)
			row = r;
	if (row)
		return (struct mt_pin_goal){
			.pin = MT_PIN_ADDRESS, .given = true, .addr = row->addr};
	struct mt_pin_goal goal = {.pin = MT_PIN_KEEP, .given = true};
	/* Known to be bad, all of them: refused by those who ask for reverse DNS. What bounces is lost, so that is not
	 * recommended by itself. By whatever method: it is asked for only later. */
	if (family == MT_V6 && mt_families(mta, NULL)->off == MT_OFF_WAITS) {
		row = check->rows;
		while (row && (!mt_is_offered(row, family) || row->good != MT_UNKNOWN))
			row = row->next;
		goal.pin = row ? MT_PIN_KEEP : MT_PIN_OFF;
	}
	return goal;
}

bool mt_wants_helo(const struct mt_checked *row)
{
	return row && *row->confirmed && !row->helo_is_ptr && mt_is_fqdn(mt_str_of(row->confirmed));
}

/* ---- methods ---- */

const struct mt_plan *mt_plan_by(const struct mt_fixing *fix, const struct mt_method *method)
{
	struct mt_goal *goal = MT_NEW(fix->app->arena, struct mt_goal);
	*goal = fix->request.goal;
	goal->method = method->name;
	return mt_plan(fix->model, fix->plan->mta, goal, fix->app->registry->backends, false);
}

/* Is the line that decides today one of another method? The administrator may have meant all that it does. */
static bool moves_away(const struct mt_plan *plan, const struct mt_method *const *methods)
{
	for (const struct mt_method *const *m = methods; *m; m++)
		for (const struct mt_transport *transport = plan->mta->transports; transport;
		     transport = transport->next)
			for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
				const struct mt_origin *b = transport->binding[f].origin;
				if (mt_is_outgoing(transport) && b && *m != plan->method &&
				    (*m)->starts && mt_str_starts(mt_str_of(b->text), (*m)->starts))
					return true;
			}
	return false;
}

bool mt_method_matters(const struct mt_fixing *fix)
{
	const struct mt_plan *plan = fix->plan;
	const struct mt_method *const *methods = mt_mta_methods(fix->app->arena, plan->mta);
	bool harms = plan->impact.lost || plan->impact.loopback_transports.n;
	if (!plan->refused && (!mt_fixing_has_work(fix) || (!harms && !moves_away(plan, methods))))
		return false;
	for (const struct mt_method *const *m = methods; *m; m++)
		if ((plan->refused || *m != plan->method) && !mt_plan_by(fix, *m)->refused)
			return true;
	return false;
}
