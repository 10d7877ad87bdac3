/* SPDX-License-Identifier: ISC */
/* wants.c: the files of a tree that is not running that matter here, as far as those read name them. */
#include "collect.h"

#include <string.h>

#include "config.h"
#include "debian.h"
#include "place.h"

/* ---- maps ---- */

/* The path at `text`, a '*' for what Exim expands in it. */
static const char *path_at(struct mt_arena *arena, const char *text)
{
	struct mt_text path = MT_TEXT_INIT(arena);
	while (*text && !strchr(" \t{};:,\"<>", *text)) {
		unsigned depth = 0;
		if (*text != '$') {
			mt_text_add(&path, (struct mt_str){text++, 1});
			continue;
		}
		text++;
		do {
			depth += *text == '{';
			depth -= depth && *text == '}';
			text += *text != '\0';
		} while (*text && (depth || mt_is_alnum(*text) || *text == '_'));
		mt_text_add(&path, MT_STR("*"));
	}
	return mt_text_z(&path);
}

/* DIR/NAME/REST for each folder NAME of DIR; DIR/NAMEREST for each file. */
static void want_many(const struct mt_snapshot *snapshot, struct mt_wanted *wanted,
		      const char *pattern)
{
	const char *star = strchr(pattern, '*'), *slash = star;
	while (*slash != '/')
		slash--;
	if (slash == pattern || slash + 1 != star || strchr(star + 1, '*'))
		return;
	size_t n = (size_t)(slash - pattern);
	const char *folder = mt_strz(snapshot->arena, (struct mt_str){pattern, n});
	if (star[1] != '/') {
		wanted->want_in(wanted, folder, star + 1);
		return;
	}
	wanted->want_in(wanted, folder, "");
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct mt_item *item = &snapshot->items[i];
		if (!item->probe && item->type == 'd' && strncmp(item->name, folder, n) == 0 &&
		    item->name[n] == '/' && !strchr(item->name + n + 1, '/'))
			wanted->want(wanted,
				     mt_format(snapshot->arena, "%s%s", item->name, star + 1),
				     true);
	}
}

static bool is_secret(const char *path)
{
	static const char *const parts[] = {"pass",	  "secret", "cred", "sasl",
					    "relay.conf", ".key",   ".pem"};
	for (size_t i = 0; i < MT_ARRAY_LEN(parts); i++)
		if (strstr(path, parts[i]))
			return true;
	return false;
}

/* Files that a value names. */
static void want_value(const struct mt_snapshot *snapshot, struct mt_wanted *wanted,
		       const char *value)
{
	for (const char *c = value; *c; c++) {
		if (*c != '/' || (c > value && !strchr(" \t{;:,\"<>", c[-1])))
			continue;
		const char *path = path_at(snapshot->arena, c);
		if (strchr(path, '*'))
			want_many(snapshot, wanted, path);
		else if (path[1] && mt_is_path(mt_str_of(path)))
			wanted->want(wanted, path, !is_secret(path));
	}
}

static void want_values(const struct mt_snapshot *snapshot, struct mt_wanted *wanted,
			const struct ex_driver *drivers)
{
	static const char *const names[] = {"interface",  "helo_data",	"transport",
					    "route_list", "route_data", "domains"};
	for (const struct ex_driver *driver = drivers; driver; driver = driver->next)
		for (size_t i = 0; i < MT_ARRAY_LEN(names); i++) {
			const struct ex_option *option = ex_option_get(driver->options, names[i]);
			if (option)
				want_value(snapshot, wanted, option->value);
		}
}

/* ---- files ---- */

static void want_configuration(const struct mt_snapshot *snapshot, struct mt_wanted *wanted,
			       const char *file)
{
	const struct ex_config *config = ex_config_read(
		snapshot->arena, ex_debian_snapshot(snapshot->arena, snapshot), file, NULL);
	for (const char *const *name = config->uncollected; name && *name; name++)
		wanted->want(wanted, *name, true);
	want_values(snapshot, wanted, config->transports);
	want_values(snapshot, wanted, config->routers);
	for (const struct ex_list *list = config->lists; list; list = list->next)
		want_value(snapshot, wanted, list->value);
}

static void want_debian(struct mt_wanted *wanted, struct mt_arena *arena)
{
	static const char *const files[] = {EX_MACROS, EX_SPLIT_MACROS, EX_TEMPLATE, EX_MAILNAME,
					    EX_MAKER};
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++)
		wanted->want(wanted, files[i], true);
	wanted->want(wanted, EX_FOLDER "/passwd.client", false);
	wanted->want(wanted, EX_CONF_D, false);
	for (const char *const *section = ex_sections; *section; section++)
		wanted->want_in(wanted, mt_format(arena, EX_CONF_D "/%s", *section), "");
}

/* Maps that panels keep, and what tells whether cPanel writes its maps by itself. */
static void want_panels(struct mt_wanted *wanted, struct mt_arena *arena)
{
	static const char *const maps[] = {"/etc/mailips", "/etc/mailhelo",
					   "/etc/exim.conf.localopts", "/etc/virtual/domainips",
					   "/etc/virtual/helo_data"};
	static const char *const switches[] = {"per_domain_mailips", "custom_mailips",
					       "custom_mailhelo", "use_rdns_for_helo"};
	for (size_t i = 0; i < MT_ARRAY_LEN(maps); i++)
		wanted->want(wanted, maps[i], true);
	for (size_t i = 0; i < MT_ARRAY_LEN(switches); i++)
		wanted->want(wanted, mt_format(arena, "/var/cpanel/%s", switches[i]), false);
}

void ex_wants(const struct mt_snapshot *snapshot, struct mt_wanted *wanted)
{
	const char *file = ex_file_in_use(snapshot->arena, snapshot);
	wanted->want(wanted, "/usr/sbin/sendmail", false);
	for (const char *const *program = ex_programs; *program; program++)
		wanted->want(wanted, *program, false);
	wanted->want(wanted, EX_SETTINGS, true);
	for (const char *const *place = ex_places; *place; place++)
		wanted->want(wanted, *place, true);
	if (!file)
		return;
	if (ex_is_debian(snapshot))
		want_debian(wanted, snapshot->arena);
	want_panels(wanted, snapshot->arena);
	want_configuration(snapshot, wanted, file);
}
