/* SPDX-License-Identifier: ISC */
/* fix_probe.c: which address talks to whom, and what is said of it. */
#include "app/fix_probe.h"

#include <stdio.h>

#define CONNECT_MS 10000
#define TALK_MS	   12000

/* The name that the first transport to the internet will say; an address literal where it is not known. */
static const char *helo_of(struct mt_arena *arena, const struct mt_plan *plan, struct mt_addr from)
{
	const struct mt_transport *transport = plan->mta->transports;
	while (transport && transport->kind != MT_KIND_INTERNET)
		transport = transport->next;
	const char *helo = plan->goal->helo ? plan->goal->helo
			   : !transport	    ? NULL
			   : transport->binding[from.family].helo
				   ? transport->binding[from.family].helo
				   : transport->helo;
	return helo && mt_is_hostname(mt_str_of(helo))
		       ? helo
		       : mt_format(arena, from.family == MT_V6 ? "[IPv6:%s]" : "[%s]",
				   mt_addr_format(arena, from));
}

static void prepare_probes(const struct mt_app *app, const struct mt_plan *plan,
			   const struct mt_place *place, const struct mt_addr to[MT_FAMILIES],
			   struct mt_probes *probes)
{
	for (int f = 0; f < MT_FAMILIES; f++) {
		const struct mt_pin_goal *goal = &plan->goal->family[f];
		if (goal->pin != MT_PIN_ADDRESS)
			continue;
		if (!to[f].set) {
			mt_tell(app, "probe: %s has no %s address: nothing is tried from %s",
				place->host, mt_family_name((enum mt_family)f),
				mt_addr_format(app->arena, goal->addr));
			continue;
		}
		probes->probe[probes->count++] =
			(struct mt_probe){.from = goal->addr,
					  .to = to[f],
					  .port = place->port,
					  .helo = helo_of(app->arena, plan, goal->addr),
					  .connect_ms = CONNECT_MS,
					  .talk_ms = TALK_MS};
	}
}

static const char *line_of(struct mt_arena *arena, const struct mt_probe *p)
{
	static const char *const prefix[] = {"no connection: ", "it refuses: ", "", ""};
	return mt_format(arena, "from %s to %s port %u: %s%s%s", mt_addr_format(arena, p->from),
			 mt_addr_format(arena, p->to), p->port, prefix[p->end], p->text,
			 p->end == MT_PROBE_REFUSED ? "; so there is a way there and back, and the "
						      "change goes on"
						    : "");
}

static int judge_probes(const struct mt_app *app, const struct mt_plan *plan,
			const struct mt_probes *probes, struct mt_error *error)
{
	for (size_t i = 0; i < probes->count; i++) {
		const struct mt_probe *p = &probes->probe[i];
		const char *line = line_of(app->arena, p);
		if (p->end != MT_PROBE_NOTHING ||
		    mt_list_has(plan->goal->accept, MT_PROBE_FAILED)) {
			mt_tell(app, "probe: %s", line);
			continue;
		}
		if (!error->code)
			snprintf(error->id, sizeof error->id, MT_PROBE_FAILED);
		mt_fail(error, MT_EXIT_FAILED, "--probe",
			"%s. Nothing was changed; --accept " MT_PROBE_FAILED " does without", line);
	}
	return error->code ? -1 : 0;
}

int mt_probe_plan(const struct mt_app *app, const struct mt_plan *plan,
		  const struct mt_place *place, struct mt_probes *probes, struct mt_error *error)
{
	struct mt_addr to[MT_FAMILIES];
	*probes = (struct mt_probes){.count = 0};
	if (plan->mta->other_netns)
		return mt_fail(error, MT_EXIT_FAILED, "--probe",
			       "%s runs in another network namespace: run mtapin inside that one",
			       plan->mta->backend->title);
	if (mt_place_resolve(app->arena, place, to, error))
		return -1;
	prepare_probes(app, plan, place, to, probes);
	if (!probes->count)
		return mt_fail(
			error, MT_EXIT_FAILED, "--probe",
			"there is no address to try: nothing is pinned, or %s has no address of "
			"that family",
			place->host);
	mt_probe(app->arena, probes->probe, probes->count, mt_app_waiting(app));
	return judge_probes(app, plan, probes, error);
}
