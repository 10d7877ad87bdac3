/* SPDX-License-Identifier: ISC */
/* options.c: options.tsv and builtin.tsv as tables, and what of them a build has. */
#include "options.h"

#include <string.h>

/* The drivers, X(WORD IN options.tsv, NAME, SECTION); in the order of their owners. */
#define DRIVERS(X)                                                                                 \
	X(ACCEPT, "accept", EX_ROUTERS)                                                            \
	X(DNSLOOKUP, "dnslookup", EX_ROUTERS)                                                      \
	X(IPLITERAL, "ipliteral", EX_ROUTERS)                                                      \
	X(IPLOOKUP, "iplookup", EX_ROUTERS)                                                        \
	X(MANUALROUTE, "manualroute", EX_ROUTERS)                                                  \
	X(QUERYPROGRAM, "queryprogram", EX_ROUTERS)                                                \
	X(REDIRECT, "redirect", EX_ROUTERS)                                                        \
	X(APPENDFILE, "appendfile", EX_TRANSPORTS)                                                 \
	X(AUTOREPLY, "autoreply", EX_TRANSPORTS)                                                   \
	X(LMTP, "lmtp", EX_TRANSPORTS)                                                             \
	X(PIPE, "pipe", EX_TRANSPORTS)                                                             \
	X(SMTP, "smtp", EX_TRANSPORTS)                                                             \
	X(CRAM_MD5, "cram_md5", EX_AUTHENTICATORS)                                                 \
	X(CYRUS_SASL, "cyrus_sasl", EX_AUTHENTICATORS)                                             \
	X(DOVECOT, "dovecot", EX_AUTHENTICATORS)                                                   \
	X(EXTERNAL, "external", EX_AUTHENTICATORS)                                                 \
	X(GSASL, "gsasl", EX_AUTHENTICATORS)                                                       \
	X(HEIMDAL_GSSAPI, "heimdal_gssapi", EX_AUTHENTICATORS)                                     \
	X(PLAINTEXT, "plaintext", EX_AUTHENTICATORS)                                               \
	X(SPA, "spa", EX_AUTHENTICATORS)                                                           \
	X(TLS, "tls", EX_AUTHENTICATORS)

enum {
	MAIN = EX_OF_MAIN,
	ROUTERS = EX_OF_ROUTERS,
	TRANSPORTS = EX_OF_TRANSPORTS,
	AUTHENTICATORS = EX_OF_AUTHENTICATORS,
	BEFORE_DRIVERS = EX_OF_DRIVER - 1,
#define OWNER_OF(word, name, section) word,
	DRIVERS(OWNER_OF)
#undef OWNER_OF
};
enum {
	STRING = EX_STRING,
	OWNER = EX_OWNER,
	NAMES = EX_NAMES,
	BOOL = EX_BOOL,
	EXPAND_BOOL = EX_EXPAND_BOOL,
	INT = EX_INT,
	KINT = EX_KINT,
	OCTAL = EX_OCTAL,
	FIXED = EX_FIXED,
	TIME = EX_TIME,
	TIMES = EX_TIMES,
	EXPAND_TIME = EX_EXPAND_TIME,
	REWRITE = EX_REWRITE_RULES,
	REPEATS = EX_REPEATS,
};

static const struct ex_known_driver drivers[] = {
#define DRIVER(word, name, section) {name, section, word},
	DRIVERS(DRIVER)
#undef DRIVER
};

#define ROW(name, owner, kind, needs) {name, owner, kind, needs},
static const struct ex_known options[] = {
#include "backends/exim/options.rows"
};
#undef ROW

struct builtin {
	const char *name, *value, *needs;
};
#define ROW(name, value, needs) {name, value, needs},
static const struct builtin builtins[] = {
#include "backends/exim/builtin.rows"
};
#undef ROW

static bool is_word_byte(char c)
{
	return mt_is_alnum(c) || c == '_';
}

bool ex_build_has(const struct ex_build *build, const char *word)
{
	struct mt_str needle = mt_str_of(word), rest = build->text;
	if (!*word)
		return true;
	for (const char *p; (p = mt_str_find(rest, needle));) {
		size_t end = (size_t)(p - build->text.p) + needle.n;
		bool whole = (p == build->text.p || !is_word_byte(p[-1])) &&
			     (end == build->text.n || !is_word_byte(build->text.p[end]));
		if (whole)
			return true;
		rest = mt_str_part(build->text, end, build->text.n - end);
	}
	return false;
}

/* Nobody was asked: `otherwise`. */
static bool has(const struct ex_build *build, const char *word, bool otherwise)
{
	return !*word || (build ? ex_build_has(build, word) : otherwise);
}

const struct ex_known *ex_known(unsigned owner, struct mt_str name, const struct ex_build *build)
{
	for (size_t i = 0; i < MT_ARRAY_LEN(options); i++)
		if (options[i].owner == owner && mt_str_is(name, options[i].name))
			return has(build, options[i].needs, true) ? &options[i] : NULL;
	return NULL;
}

const struct ex_known_driver *ex_known_driver(enum ex_section section, struct mt_str name,
					      const struct ex_build *build)
{
	for (size_t i = 0; i < MT_ARRAY_LEN(drivers); i++)
		if (drivers[i].section == section && mt_str_is(name, drivers[i].name))
			return has(build, drivers[i].name, true) ? &drivers[i] : NULL;
	return NULL;
}

/* Does `text` begin with this name in capital letters. */
static bool skip_capitals(struct mt_str *text, const char *name)
{
	size_t n = strlen(name);
	if (text->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name[i];
		if (text->p[i] != (c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c))
			return false;
	}
	*text = mt_str_part(*text, n, text->n - n);
	return true;
}

static const char *const sections[] = {[EX_ROUTERS] = "ROUTER",
				       [EX_TRANSPORTS] = "TRANSPORT",
				       [EX_AUTHENTICATORS] = "AUTHENTICATOR"};

/* _DRIVER_TRANSPORT_SMTP */
static size_t driver_builtin(struct mt_str text, const struct ex_build *build)
{
	size_t best = 0;
	for (size_t i = 0; i < MT_ARRAY_LEN(drivers); i++) {
		struct mt_str rest = text;
		if (mt_str_skip(&rest, sections[drivers[i].section]) && mt_str_skip(&rest, "_") &&
		    skip_capitals(&rest, drivers[i].name) && text.n - rest.n > best &&
		    has(build, drivers[i].name, true))
			best = text.n - rest.n;
	}
	return best;
}

/* MAIN_, TRANSPORTS_, TRANSPORT_SMTP_ */
static bool skip_owner(struct mt_str *text, unsigned owner)
{
	static const char *const common[] = {"MAIN_", "ROUTERS_", "TRANSPORTS_", "AUTHENTICATORS_"};
	if (owner < EX_OF_DRIVER)
		return mt_str_skip(text, common[owner]);
	const struct ex_known_driver *driver = &drivers[owner - EX_OF_DRIVER];
	return mt_str_skip(text, sections[driver->section]) && mt_str_skip(text, "_") &&
	       skip_capitals(text, driver->name) && mt_str_skip(text, "_");
}

static size_t option_builtin(struct mt_str text, const struct ex_build *build)
{
	size_t best = 0;
	for (size_t i = 0; i < MT_ARRAY_LEN(options); i++) {
		const struct ex_known *o = &options[i];
		struct mt_str rest = text;
		if (!skip_owner(&rest, o->owner) || !skip_capitals(&rest, o->name) ||
		    text.n - rest.n <= best || !has(build, o->needs, false))
			continue;
		if (o->owner < EX_OF_DRIVER ||
		    has(build, drivers[o->owner - EX_OF_DRIVER].name, true))
			best = text.n - rest.n;
	}
	return best;
}

size_t ex_builtin(struct mt_str text, const struct ex_build *build, const char **value)
{
	struct mt_str rest = text;
	size_t best = 0;
	*value = "y";
	if (mt_str_skip(&rest, "_OPT_"))
		best = option_builtin(rest, build);
	else if (mt_str_skip(&rest, "_DRIVER_"))
		best = driver_builtin(rest, build);
	if (best)
		return best + (text.n - rest.n);
	for (size_t i = 0; i < MT_ARRAY_LEN(builtins); i++) {
		size_t n = strlen(builtins[i].name);
		if (n <= best || !mt_str_starts(text, builtins[i].name) ||
		    !has(build, builtins[i].needs, false))
			continue;
		best = n;
		*value = builtins[i].value;
	}
	return best;
}

bool ex_known_log(struct mt_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] >= 'A' && name.p[i] <= 'Z')
			return false;
	for (size_t i = 0; i < MT_ARRAY_LEN(builtins); i++) {
		struct mt_str whole = mt_str_of(builtins[i].name);
		if (mt_str_skip(&whole, "_LOG_") && mt_str_same(whole, name))
			return true;
	}
	return false;
}
