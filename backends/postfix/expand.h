/* SPDX-License-Identifier: ISC */
/*
 * expand.h: the value of a parameter as a program of Postfix sees it: built-in default < main.cf <
 * the service's own -o, with $name, ${name?...}, ${name:...}, ${{a} op {b} ? {c} : {d}} expanded in that very
 * order of precedence.
 *
 * Source: postfix src/util/mac_parse.c, mac_expand.c, dict.c (dict_eval), global/mail_conf_str.c;
 * built-in defaults: `postconf -d` of 3.7.11 (defaults.c, data).
 */
#ifndef PF_EXPAND_H
#define PF_EXPAND_H

#include "mastercf.h"

/* What an instance's programs see. `service` may be NULL (the other programs: main.cf only). */
struct pf_scope {
	struct mt_arena *arena;
	const struct pf_maincf *maincf;
	const struct pf_service *service;
	/* values that Postfix computes at run time, used as built-in defaults where main.cf is silent: "" unknown */
	const char *hostname; /* gethostname(): default of myhostname */
	const char *config_directory;
	const char *mynetworks; /* today's computed default */
	bool files_only; /* no defaults at all; normally false */
};

/*
 * The raw (unexpanded) text that decides `name`, and where it stands.
 * from: 'o' a -o of the service, 'm' main.cf, 'd' built-in default, 0: no such parameter (then empty).
 */
struct pf_raw {
	char from;
	struct mt_str text;
	const struct pf_option *option;
	const struct pf_entry *entry;
};
struct pf_raw pf_raw(const struct pf_scope *scope, struct mt_str name);

/*
 * The expanded value. Errors in Postfix's sense ("unreasonable macro call nesting", "truncated macro
 * reference", ...): -1, `where` is file:line of the entry that holds the bad text.
 * An unknown $name is empty. The value may point into the file. Bounded: beyond 2^20 pieces and bytes it is an error.
 */
int pf_expand(const struct pf_scope *scope, struct mt_str name, struct mt_str *value,
	      struct mt_error *error) MT_MUST_CHECK;
/* The same for a text that is not a parameter's own value. */
int pf_expand_text(const struct pf_scope *scope, struct mt_str text, struct mt_str *value,
		   struct mt_error *error) MT_MUST_CHECK;
/* Expanded and read as boolean ("yes"/"no" in any letters); false when neither: the program dies of it. */
bool pf_truth(const struct pf_scope *scope, const char *name, bool *truth);

/* The built-in default text of a parameter (not expanded); false when there is none of that name. */
bool pf_default(struct mt_str name, struct mt_str *text);

#endif
