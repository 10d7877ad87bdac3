/* SPDX-License-Identifier: ISC */
/* collect.c: collect.sh as text. */
#include "collect.h"

const char pf_collector[] =
#include "backends/postfix/collect.inc"
	;
