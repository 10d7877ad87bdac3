/* SPDX-License-Identifier: ISC */
/*
 * options.h: the one table of options. The parser, --help, the completions and the tests all read it, so
 * an option cannot exist in one and not in another. What --method takes, and the options that go with
 * methods, stand in the tables of the backends.
 *
 * Options and commands are known by their full names only: a script never breaks because one was added.
 * `--name VALUE`, `--name=VALUE`, `-n`, `-qv`; `--` ends the options. Options common to all commands may
 * stand before the command.
 */
#ifndef MT_OPTIONS_H
#define MT_OPTIONS_H

#include <mtapin/backend.h>

#define MT_WORDS_MAX 64
#define MT_OWN_MAX   64 /* options that backends have of their own; those beyond are not taken */

/* A repeatable option's values, NULL-terminated. */
struct mt_words {
	const char *word[MT_WORDS_MAX + 1];
	unsigned count;
};

/* What was said on the command line. The strings are argv's own. NULL, false or empty: not said. */
struct mt_options {
	const struct mt_option *table; /* that it was read by */
	bool help, version;
	bool json, quiet, verbose;
	const char *color, *config, *bundle, *root, *backend_dir;
	const char *to, *from, *wait;
	struct mt_words ip, path, accept;
	const char *ip4, *ip6, *mta, *method, *helo, *confirm, *observe, *probe, *prove;
	bool restart, no_service, dry_run, yes;
	bool script, booted, nagios;
	const char *dnsbl; /* "": without lists */
	const char *save_bundle;
	const char *since, *until, *around;
	bool events, journal;
	struct mt_words hosts, exclude, hostfile, ssh_option;
	const char *expect, *via, *bundles, *save, *fanout, *connect_timeout, *timeout;
	bool sudo, jsonl, dns;
	union mt_own_field {
		bool flag;
		const char *text;
	} own[MT_OWN_MAX]; /* by the rows of the table that are `own` */
	const char *command; /* its name, NULL none */
	struct mt_words operands;
};

/* MAYBE: the value follows by = or is left out. */
enum mt_option_kind { MT_OPTION_FLAG, MT_OPTION_TEXT, MT_OPTION_WORDS, MT_OPTION_MAYBE };

struct mt_option {
	const char *name; /* without the hyphens */
	char letter; /* 0 none */
	enum mt_option_kind kind;
	size_t field; /* offset in struct mt_options */
	const char *argument; /* what --help calls the value; NULL for a flag */
	const char *choices; /* "a|b|c": the values there are; NULL: any */
	const char *commands; /* "show fix": the commands that take it; "": all */
	const char *help;
};

/* With what these backends know; name NULL ends it. */
const struct mt_option *mt_option_table(struct mt_arena *arena,
					const struct mt_backend *const *backends);

bool mt_option_belongs(const struct mt_option *option, const char *command);
/* Does `word` stand in `list`, separated by `separator`? */
bool mt_choice_has(const char *list, char separator, const char *word);

/* The own options that were said, for a goal; NULL: none. */
const struct mt_own_value *mt_options_own(struct mt_arena *arena, const struct mt_options *options);

/* argv is NULL-terminated. Errors: code 64, `where` is the option or word at fault. */
int mt_options_parse(const struct mt_option *table, char **argv, struct mt_options *options,
		     struct mt_error *error) MT_MUST_CHECK;
/* The folder of the backends that argv names, NULL: none. All else that it says is read when they are loaded. */
const char *mt_options_backend_dir(char **argv);

#endif
