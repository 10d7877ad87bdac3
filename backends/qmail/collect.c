/* SPDX-License-Identifier: ISC */
/* collect.c: collect.sh as text, and what may leave a host. */
#include "collect.h"

const char qm_collector[] =
#include "backends/qmail/collect.inc"
	;

const struct mt_redaction qm_redactions[] = {
	/* DOMAIN:HOST:PORT|USER|PASSWORD; what some builds separate by a blank is none of ours */
	{.items = "*/smtproutes*", .syntax = MT_SYNTAX_LINES, .cut = "| \t"},
	{.items = "*/qmtproutes", .syntax = MT_SYNTAX_LINES, .cut = "| \t"},
	{.items = "*/qmail-remote", .syntax = MT_SYNTAX_PROGRAM},
	{.items = "*", .syntax = MT_SYNTAX_LINES},
	{0},
};
