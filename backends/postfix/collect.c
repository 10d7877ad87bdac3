/* SPDX-License-Identifier: ISC */
/* collect.c: collect.sh as text, behind its lists of parameters; and what may leave a host. */
#include "collect.h"

#include "parameters.h"

const char pf_collector[] =
#include "backends/postfix/parameters.inc"
#include "backends/postfix/collect.inc"
	;

const struct mt_redaction pf_redactions[] = {
	{.items = "*/main.cf",
	 .syntax = MT_SYNTAX_ASSIGNMENTS,
	 .continuation = MT_CONTINUES_BLANK,
	 .keep = pf_parameter_names,
	 .follows = true},
	{.items = "*/master.cf",
	 .syntax = MT_SYNTAX_COLUMNS,
	 .continuation = MT_CONTINUES_BLANK,
	 .columns = 8,
	 .keep = pf_parameter_names,
	 .follows = true},
	{.items = "/etc/systemd/system/*",
	 .syntax = MT_SYNTAX_ASSIGNMENTS,
	 .keep = "Wants After StartLimitIntervalSec Restart RestartSec"},
	/* A table that may hold passwords, by its name; the others hold patterns, names, transports and next hops. */
	{.items = "*pass*"},
	{.items = "*secret*"},
	{.items = "*sasl*"},
	{.items = "*cred*"},
	{.items = "*", .syntax = MT_SYNTAX_LINES, .continuation = MT_CONTINUES_BLANK},
	{0},
};
