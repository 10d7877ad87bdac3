/* SPDX-License-Identifier: ISC */
/* route.h: which client service carries one mail: trivial-rewrite(8) and qmgr(8), as far as text tells. */
#ifndef PF_ROUTE_H
#define PF_ROUTE_H

#include "client_services.h"

void pf_route(const struct mt_model *model, const struct mt_mta *mta, const struct mt_mail *mail,
	      struct mt_route *route);

#endif
