/* SPDX-License-Identifier: ISC */
/* sendmaillog.c: any lines as those of sendmail. */
#include "logline.h"

FUZZ_LOG(sm_log)
