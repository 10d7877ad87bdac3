/* SPDX-License-Identifier: ISC */
/* postfixlog.c: any lines as those of Postfix. */
#include "logline.h"

FUZZ_LOG(pf_log)
