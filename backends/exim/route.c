/* SPDX-License-Identifier: ISC */
/* route.c: one mail from its recipient to a transport, in order; routers.c walks, asking.c knows what Exim itself says. */
#include "route.h"

#include <string.h>

void ex_route_step(struct ex_routing *r, const struct mt_origin *origin)
{
	for (; origin; origin = origin->next) {
		*r->tail = MT_NEW(r->arena, struct mt_origin);
		**r->tail = *origin;
		(*r->tail)->next = NULL;
		r->tail = &(*r->tail)->next;
	}
}

void ex_route_step_router(struct ex_routing *r, const struct ex_driver *router)
{
	const struct exim *e = r->e;
	if (router->origin)
		ex_route_step(r,
			      ex_debian_origin(r->arena, e->snapshot, e->debian, router->origin));
}

void ex_route_remark(struct ex_routing *r, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *text = mt_vformat(r->arena, fmt, args), *note = r->route->note;
	va_end(args);
	r->route->note = *note ? mt_format(r->arena, "%s; %s", note, text) : text;
}

void ex_route_take(struct ex_routing *r, const char *name)
{
	const struct mt_transport *t = r->e->mta->transports;
	while (t && strcmp(t->name, name) != 0)
		t = t->next;
	r->route->transport = t;
	if (!t)
		r->route->note = mt_format(r->arena,
					   "delivered by %s, which is not an SMTP transport", name);
}

void ex_route(const struct mt_model *model, const struct mt_mta *mta, const struct mt_mail *mail,
	      struct mt_route *route)
{
	struct exim *e = (struct exim *)mta->priv;
	struct ex_routing r = {.e = e,
			       .arena = model->arena,
			       .asked = mail,
			       .route = route,
			       .tail = &route->chain};
	r.mail.recipient = mt_str_of(mail->to);
	if (mail->from)
		r.mail.sender = mt_str_of(mail->from);
	if (e->refused) {
		route->note = mt_format(r.arena, "Exim refuses its configuration: %s", e->refused);
		return;
	}
	ex_world_begin(&e->world);
	ex_walk_routers(&r);
	ex_route_ask(&r);
	if (route->transport)
		ex_route_bind(&r);
}
