/* SPDX-License-Identifier: ISC */
/* service_part.h: what finding out who is in charge of a daemon and driving it share. */
#ifndef MT_SERVICE_PART_H
#define MT_SERVICE_PART_H

#include "io/service/service.h"

/* How this action is done, as the backend says. */
const struct mt_drive *mt_service_drive(const struct mt_service *service, enum mt_action action);
/* Past whoever is in charge? One that is down can only be started. */
bool mt_service_drives_itself(const struct mt_service *service, enum mt_action action);
/* Is it reloaded through the unit, if it can? A supervisor is asked only when the MTA has no command for it. */
bool mt_service_reloads_unit(const struct mt_service *service);
/* "signal 1 (Hangup)" */
const char *mt_service_signal(const struct mt_service *service, int signal);

#endif
