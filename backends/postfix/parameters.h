/* SPDX-License-Identifier: ISC */
/* parameters.h: the parameters of Postfix that matter here: parameters.tsv, which says what the roles mean. */
#ifndef PF_PARAMETERS_H
#define PF_PARAMETERS_H

enum pf_role {
	PF_ASKED = 1,
	PF_TABLES = 2,
	PF_REWRITES = 4,
	PF_WORDS = 8,
	PF_ACTIONS = 16, /* the name is "*_END" */
	PF_SENDS = 32,
	PF_SERVICES = 64,
	PF_RELAYED = 128,
	PF_READ = 256,
};
struct pf_parameter {
	const char *name;
	unsigned roles; /* of enum pf_role */
};
extern const struct pf_parameter pf_parameters[]; /* name NULL ends them */
extern const char pf_parameter_names[]; /* all of them, separated by blanks */

#endif
