/* SPDX-License-Identifier: ISC */
/* collect.c: collect.sh as text, behind its lists of parameters. */
#include "collect.h"

const char pf_collector[] =
#include "backends/postfix/parameters.inc"
#include "backends/postfix/collect.inc"
	;
