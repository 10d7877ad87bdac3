/* SPDX-License-Identifier: ISC */
/* tree_files.c: the files of a tree that is not running that matter here, as far as those read name them. */
#include "tree_files.h"

#include "parameters.h"
#include "transports.h"

#include <string.h>

static void want_tables(const struct pf_instance *instance, struct mt_wanted *wanted)
{
	struct pf_references references;
	pf_references(instance, &references);
	for (const char *const *file = references.files; file && *file; file++)
		wanted->want(wanted, *file, true);
	for (const struct pf_parameter *p = pf_parameters; p->name; p++) {
		if (!(p->roles & (PF_TABLES | PF_REWRITES)))
			continue;
		const struct pf_table *table = pf_tables(
			instance, p->roles & PF_REWRITES ? &instance->cleanup : &instance->routing,
			p->name);
		for (; table; table = table->next) {
			if (table->path[0] == '/' && table->path != instance->main_path)
				wanted->want(wanted, table->path, true);
			if (table->index_path)
				wanted->want(wanted, table->index_path, false);
		}
	}
}

static void want_instance(const struct mt_snapshot *snapshot, const char *dir,
			  struct mt_wanted *wanted, bool primary)
{
	struct mt_model model = {.arena = snapshot->arena, .snapshot = snapshot};
	struct mt_mta mta = {.instance = dir, .version = "", .uid = -1};
	struct mt_str rest, word;
	wanted->want(wanted, mt_format(snapshot->arena, "%s/main.cf", dir), true);
	wanted->want(wanted, mt_format(snapshot->arena, "%s/master.cf", dir), true);
	const struct pf_instance *instance = pf_instance_read(&model, &mta);
	if (!mt_item_readable(instance->main_item))
		return;
	want_tables(instance, wanted);
	rest = pf_get(&instance->scope, "multi_instance_directories");
	while (primary && mt_str_word(&rest, " ,\t\r\n", &word))
		if (word.p[0] == '/')
			want_instance(snapshot, mt_strz(snapshot->arena, word), wanted, false);
}

void pf_wants(const struct mt_snapshot *snapshot, struct mt_wanted *wanted)
{
	want_instance(snapshot, "/etc/postfix", wanted, true);
	want_instance(snapshot, "/usr/local/etc/postfix", wanted, true);
}
