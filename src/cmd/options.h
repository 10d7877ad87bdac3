/* SPDX-License-Identifier: ISC */
/*
 * options.h: the one table of options. The parser, --help, the completions and the tests all read it, so
 * an option cannot exist in one and not in another.
 *
 * Options and commands are known by their full names only: a script never breaks because one was added.
 * `--name VALUE`, `--name=VALUE`, `-n`, `-qv`; `--` ends the options. Options common to all commands may
 * stand before the command.
 */
#ifndef MT_OPTIONS_H
#define MT_OPTIONS_H

#include <mtapin/base.h>

#define MT_WORDS_MAX 64

/* A repeatable option's values, NULL-terminated. */
struct mt_words {
	const char *word[MT_WORDS_MAX + 1];
	unsigned count;
};

/* What was said on the command line. The strings are argv's own. NULL, false or empty: not said. */
struct mt_options {
	bool help, version;
	bool json, quiet, verbose;
	const char *color, *config, *bundle, *root, *backend_dir;
	const char *to, *from, *wait;
	struct mt_words ip, path, accept;
	const char *ip4, *ip6, *mta, *method, *helo, *confirm, *observe, *probe, *prove;
	bool bare, restart, no_service, drop_in, dry_run, yes;
	bool script, booted, nagios;
	const char *dnsbl; /* "": without lists */
	const char *save_bundle;
	const char *since, *until, *around;
	bool events, journal;
	struct mt_words hosts, exclude, hostfile, ssh_option;
	const char *expect, *via, *bundles, *save, *fanout, *connect_timeout, *timeout;
	bool sudo, jsonl, dns;
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

extern const struct mt_option mt_option_table[]; /* name NULL ends it */

bool mt_option_belongs(const struct mt_option *option, const char *command);
/* Does `word` stand in `list`, separated by `separator`? */
bool mt_choice_has(const char *list, char separator, const char *word);

/* argv[argc] is NULL. Errors: code 64, `where` is the option or word at fault. */
int mt_options_parse(int argc, char **argv, struct mt_options *options,
		     struct mt_error *error) MT_MUST_CHECK;

#endif
