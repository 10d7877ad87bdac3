/* SPDX-License-Identifier: ISC */
/* collect.c: collect.sh as text. */
#include "collect.h"

const char qm_collector[] =
#include "backends/qmail/collect.inc"
	;
