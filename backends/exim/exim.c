/* SPDX-License-Identifier: ISC */
/* exim.c: Exim, so far only its log: its configuration is not read. */
#include <mtapin/backend.h>

#include "log.h"

const struct mt_backend MT_BACKEND_SYMBOL(exim) = {
	.abi = MT_ABI, .name = "exim", .title = "Exim", .log = &ex_log};
