/* SPDX-License-Identifier: ISC */
/* sendmail.c: sendmail, so far only its log: its configuration is not read. */
#include <mtapin/backend.h>

#include "log.h"

const struct mt_backend MT_BACKEND_SYMBOL(sendmail) = {
	.abi = MT_ABI, .name = "sendmail", .title = "sendmail", .log = &sm_log};
