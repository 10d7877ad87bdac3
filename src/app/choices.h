/* SPDX-License-Identifier: ISC */
/* choices.h: what there is to choose on a host, what is recommended, and where there is nothing to ask: for the wizard. */
#ifndef MT_APP_CHOICES_H
#define MT_APP_CHOICES_H

#include "app/fixing.h"

/* Does mail leave the host by it? */
bool mt_is_outgoing(const struct mt_transport *transport);
/* The first MTA that runs, or the first. */
const struct mt_mta *mt_likely_mta(const struct mt_model *model);

/* An address of this host to send from. */
bool mt_is_offered(const struct mt_checked *row, enum mt_family family);
/* One that the check has no word about: the world does not see it. */
bool mt_is_unseen(const struct mt_check *check, const struct mt_ifaddr *at, enum mt_family family);
/* What the check says of it; NULL: nothing. */
const struct mt_checked *mt_checked_row(const struct mt_check *check, struct mt_addr addr);
/* What to do with a family: an address, keep or off. */
struct mt_pin_goal mt_recommended_pin(const struct mt_check *check, const struct mt_mta *mta,
				      enum mt_family family);
/* Is there a better name to say from this address? */
bool mt_wants_helo(const struct mt_checked *row);

/* The plan of a fix, had it this method; for its goal as it is. */
const struct mt_plan *mt_plan_by(const struct mt_fixing *fixing, const struct mt_method *method);
/* Only when what would be chosen is refused, has a price or leaves a line behind, and there is another way. */
bool mt_method_matters(const struct mt_fixing *fixing);

#endif
