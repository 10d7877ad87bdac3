/* SPDX-License-Identifier: ISC */
/* tree_files.h: mt_backend.wants of Postfix. */
#ifndef PF_WANTS_H
#define PF_WANTS_H

#include <mtapin/backend.h>

void pf_wants(const struct mt_snapshot *snapshot, struct mt_wanted *wanted);

#endif
