/* SPDX-License-Identifier: ISC */
/* place.c: where Exim's configuration is on a host. */
#include "place.h"

const char *const ex_places[] = {EX_OWN,
				 EX_GENERATED,
				 "/etc/exim/exim.conf",
				 "/etc/exim.conf",
				 "/usr/exim/configure",
				 "/usr/local/etc/exim/configure",
				 "/etc/mail/exim.conf",
				 "/etc/exim4/exim.conf",
				 NULL};
const char *const ex_programs[] = {"/usr/sbin/exim4",	  "/usr/sbin/exim",
				   "/usr/exim/bin/exim",  "/usr/local/sbin/exim",
				   "/usr/local/bin/exim", NULL};
const char *const ex_sections[] = {"main",  "acl",     "router", "transport",
				   "retry", "rewrite", "auth",	 NULL};

bool ex_is_there(const struct mt_snapshot *snapshot, const char *path)
{
	const struct mt_item *item = mt_snapshot_file(snapshot, path);
	return item->presence != MT_ABSENT && (item->presence != MT_UNASKED || item->type != '?');
}

bool ex_is_debian(const struct mt_snapshot *snapshot)
{
	return ex_is_there(snapshot, EX_SETTINGS);
}

/* The last line of exim -bV, where it takes the file. */
static const char *file_said(struct mt_arena *arena, const struct mt_snapshot *snapshot)
{
	const struct mt_item *version = mt_snapshot_probe(snapshot, "exim.version");
	struct mt_str rest = version->bytes, line, file = {NULL, 0};
	while (mt_str_line(&rest, &line))
		if (mt_str_skip(&line, "Configuration file is "))
			file = line;
	return version->status == 0 && file.n && mt_is_path(file) ? mt_strz(arena, file) : NULL;
}

const char *ex_file_in_use(struct mt_arena *arena, const struct mt_snapshot *snapshot)
{
	const char *said = file_said(arena, snapshot);
	if (said)
		return said;
	for (const char *const *place = ex_places; *place; place++)
		if (ex_is_there(snapshot, *place))
			return *place;
	return ex_is_debian(snapshot) ? EX_GENERATED : NULL;
}
