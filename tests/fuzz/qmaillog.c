/* SPDX-License-Identifier: ISC */
/* qmaillog.c: any lines as those of qmail. */
#include "logline.h"

FUZZ_LOG(qm_log)
