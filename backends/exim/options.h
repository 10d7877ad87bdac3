/* SPDX-License-Identifier: ISC */
/* options.h: the options that Exim knows, and its drivers: options.tsv, which says what the kinds mean. */
#ifndef EX_OPTIONS_H
#define EX_OPTIONS_H

#include "config.h"

enum ex_kind {
	EX_STRING,
	EX_OWNER,
	EX_NAMES,
	EX_BOOL,
	EX_EXPAND_BOOL,
	EX_INT,
	EX_KINT,
	EX_OCTAL,
	EX_FIXED,
	EX_TIME,
	EX_TIMES,
	EX_EXPAND_TIME,
	EX_REWRITE_RULES,
	EX_REPEATS = 64, /* a flag */
};

/* Whose an option is. */
enum ex_owner {
	EX_OF_MAIN,
	EX_OF_ROUTERS,
	EX_OF_TRANSPORTS,
	EX_OF_AUTHENTICATORS,
	EX_OF_DRIVER, /* and above: the drivers, in the order of ex_drivers */
};

struct ex_known {
	const char *name;
	unsigned owner; /* of enum ex_owner */
	unsigned kind; /* of enum ex_kind, with EX_REPEATS */
	const char *needs; /* a word that `exim -bV` says of itself; "" none */
};
struct ex_known_driver {
	const char *name;
	enum ex_section section;
	unsigned owner;
};

/* It says this word of itself; "" counts. */
bool ex_build_has(const struct ex_build *build, const char *word);
/* What a build knows; NULL where it does not. */
const struct ex_known *ex_known(unsigned owner, struct mt_str name, const struct ex_build *build);
const struct ex_known_driver *ex_known_driver(enum ex_section section, struct mt_str name,
					      const struct ex_build *build);
/* A name of log_selector. */
bool ex_known_log(struct mt_str name);
/*
 * The macros that are there from the beginning: _HAVE_IPV6, _OPT_TRANSPORT_SMTP_INTERFACE. The longest name that `text`
 * begins with: its length, and what it stands for; 0: none.
 */
size_t ex_builtin(struct mt_str text, const struct ex_build *build, const char **value);

#endif
