/* SPDX-License-Identifier: ISC */
/* wants.c: the files of a tree that is not running that matter here, as far as those read name them. */
#include "collect.h"

#include <string.h>

#include "place.h"

/* ---- files that are included: as they are named, no macro in it ---- */

static void want_includes(const struct mt_snapshot *snapshot, struct mt_wanted *wanted,
			  const char *file, unsigned depth)
{
	struct mt_str rest = mt_snapshot_file(snapshot, file)->bytes, line;
	while (depth && mt_str_line(&rest, &line)) {
		line = mt_str_trim(line);
		if (!mt_str_skip(&line, ".include_if_exists") && !mt_str_skip(&line, ".include"))
			continue;
		struct mt_str path = mt_str_trim(line);
		if (mt_str_skip(&path, "\""))
			mt_str_word(&path, "\"", &path);
		if (path.p == line.p || !mt_is_path(path))
			continue;
		const char *name = mt_strz(snapshot->arena, path);
		wanted->want(wanted, name, true);
		want_includes(snapshot, wanted, name, depth - 1);
	}
}

static void want_debian(struct mt_wanted *wanted, struct mt_arena *arena)
{
	static const char *const files[] = {EX_MACROS, EX_TEMPLATE, EX_MAILNAME, EX_MAKER};
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++)
		wanted->want(wanted, files[i], true);
	wanted->want(wanted, EX_FOLDER "/passwd.client", false);
	wanted->want(wanted, EX_CONF_D, false);
	for (const char *const *section = ex_sections; *section; section++)
		wanted->want_in(wanted, mt_format(arena, EX_CONF_D "/%s", *section), "");
}

static void want_panels(struct mt_wanted *wanted)
{
	static const char *const maps[] = {"/etc/mailips", "/etc/mailhelo",
					   "/etc/exim.conf.localopts", "/etc/virtual/domainips",
					   "/etc/virtual/helo_data"};
	for (size_t i = 0; i < MT_ARRAY_LEN(maps); i++)
		wanted->want(wanted, maps[i], true);
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
	want_panels(wanted);
	want_includes(snapshot, wanted, file, 8);
}
