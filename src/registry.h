/* SPDX-License-Identifier: ISC */
/* registry.h: finds, checks and loads the backends. */
#ifndef MT_REGISTRY_H
#define MT_REGISTRY_H

#include <mtapin/backend.h>

#endif
