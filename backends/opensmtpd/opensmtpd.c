/* SPDX-License-Identifier: ISC */
/* opensmtpd.c: OpenSMTPD, so far only its log: its configuration is not read. */
#include <mtapin/backend.h>

#include "log.h"

const struct mt_backend MT_BACKEND_SYMBOL(opensmtpd) = {
	.abi = MT_ABI, .name = "opensmtpd", .title = "OpenSMTPD", .log = &os_log};
