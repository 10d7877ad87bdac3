/* SPDX-License-Identifier: ISC */
/* opensmtpdlog.c: any lines as those of OpenSMTPD. */
#include "logline.h"

FUZZ_LOG(os_log)
