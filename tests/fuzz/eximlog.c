/* SPDX-License-Identifier: ISC */
/* eximlog.c: any lines as those of Exim. */
#include "logline.h"

FUZZ_LOG(ex_log)
