/* SPDX-License-Identifier: ISC */
/* host_range.h: a list of host names with ranges in them, spelled out. Internal to host_list.c. */
#ifndef MT_HOST_NAMES_H
#define MT_HOST_NAMES_H

#include "core/audit/host_list.h"

#define MT_RANGES_MAX 4 /* in one name */

struct mt_names {
	const char *where; /* for errors: option, or FILE:LINE */
	struct mt_error *error;
	size_t *spelled; /* counted over all lists */
	int (*each)(struct mt_names *names, struct mt_str name); /* not 0 ends it */
};

/* Stands for "to be taken out". */
extern const struct mt_expect mt_excluded;

int mt_names_expand(struct mt_names *names, struct mt_str list) MT_MUST_CHECK;
void mt_names_where(char *where, size_t size, const char *file, unsigned line);

#endif
