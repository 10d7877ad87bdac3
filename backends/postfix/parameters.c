/* SPDX-License-Identifier: ISC */
/* parameters.c: parameters.tsv as a table. */
#include "parameters.h"

#include <stddef.h>

enum {
	ASKED = PF_ASKED,
	TABLES = PF_TABLES,
	REWRITES = PF_REWRITES,
	WORDS = PF_WORDS,
	ACTIONS = PF_ACTIONS,
	SENDS = PF_SENDS,
	SERVICES = PF_SERVICES,
	RELAYED = PF_RELAYED,
	READ = PF_READ,
};

const struct pf_parameter pf_parameters[] = {
#define ROW(name, roles, unused) {name, roles},
#include "backends/postfix/parameters.rows"
#undef ROW
	{NULL, 0},
};

const char pf_parameter_names[] =
#define ROW(name, roles, unused) name " "
#include "backends/postfix/parameters.rows"
#undef ROW
	;
