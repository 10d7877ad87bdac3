/* SPDX-License-Identifier: ISC */
/*
 * settings.h: /etc/mtapin.conf, read through libconfuse. See mtapin.conf(5).
 *
 * The file must pass mt_trust_open(). Size, NUL bytes and nesting are checked on the bytes before the
 * parser sees them; there is no include and no environment variable in it (libconfuse would put
 * ${NAME} in).
 */
#ifndef MT_SETTINGS_H
#define MT_SETTINGS_H

#include "core/dns/dnsbl.h"
#include <mtapin/backend.h>

#define MT_SETTINGS_MAX	  ((size_t)64 << 10)
#define MT_SETTINGS_DEPTH 8

struct mt_settings {
	const char *method; /* its name; NULL: auto */
	struct mt_pin_goal family[MT_FAMILIES]; /* given: the file says so */
	const char *helo; /* NULL: not said */
	unsigned keep_backups; /* transactions kept */
	unsigned service_timeout; /* seconds for one step of the service */
	const char *const *resolvers; /* to be asked instead of the host's; NULL: not said */
	const struct mt_addr *preferred; /* addresses to pick first */
	size_t preferred_count;
	struct mt_dnsbl *lists; /* blacklists to be asked in each check; NULL none */
};

/*
 * `path` NULL: the installed file, whose absence means defaults. A path given must be there.
 * Errors: code 78, `where` is FILE:LINE (or the file or folder at fault).
 */
struct mt_settings_file {
	const char *path;
	struct mt_str bytes; /* of mt_settings_parse() */
	const struct mt_backend *const *backends; /* whose methods there are; NULL: not checked */
};
int mt_settings_load(struct mt_arena *arena, const struct mt_settings_file *file,
		     struct mt_settings *settings, struct mt_error *error) MT_MUST_CHECK;

/* The same for bytes at hand; `path` is named in messages only. */
int mt_settings_parse(struct mt_arena *arena, const struct mt_settings_file *file,
		      struct mt_settings *settings, struct mt_error *error) MT_MUST_CHECK;

/* "keep", "off", "any" or an address of this family; false: something else. */
bool mt_pin_parse(const char *text, enum mt_family family, struct mt_pin_goal *goal);

#endif
