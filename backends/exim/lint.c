/* SPDX-License-Identifier: ISC */
/* lint.c: what is worth knowing of one Exim. */
#include "lint.h"

/* To a relay too: it sees, and may refuse, another address than the one it knows. */
static void find_leaks(struct exim *e)
{
	for (const struct mt_transport *t = e->mta->transports; t; t = t->next)
		if (t->kind == MT_KIND_INTERNET || t->kind == MT_KIND_RELAYHOST)
			mt_model_find_leak(e->model, e->mta, t, t->binding[MT_V4].origin);
}

void ex_lint(struct exim *e)
{
	find_leaks(e);
}
