/* SPDX-License-Identifier: ISC */
/* lint_tables.c: tables that Postfix cannot open, or that do not say what their text says; rows that stop it. */
#include "lint.h"

#include "parameters.h"

static void lint_index(struct pf_instance *instance, const struct pf_table *table,
		       const char *parameter, const struct mt_origin *where)
{
	struct mt_model *model = instance->model;
	bool missing = table->index == PF_INDEX_MISSING;
	struct mt_finding *f =
		missing ? mt_model_find(model, instance->mta, "PF-TABLE-STALE", where, NULL,
					"%s has no index %s: mail for which %s is asked waits",
					table->title, table->index_path, parameter)
			: mt_model_find(model, instance->mta, "PF-TABLE-STALE", where, NULL,
					"%s was changed after its index %s was made: what was "
					"changed does not count",
					table->path, table->index_path);
	f->command = mt_recipe(model->arena, "postmap", table->title);
	if (missing)
		mt_finding_raise(model, f, MT_ERROR);
}

void pf_lint_tables(struct pf_instance *instance)
{
	const char *const *said = NULL;
	/* A sender's own transport that is none: measured, qmgr(8) asks for it again every second, and
	 * nothing else. */
	const struct pf_reference *r = instance->references->first;
	while (r && !r->null)
		r = r->following;
	if (r)
		mt_model_find(instance->model, instance->mta, "PF-BROKEN", r->origin, NULL,
			      "%s gives a null transport: the first mail that it is for "
			      "stops the queue manager, and all mail waits",
			      r->feed);
	for (const struct pf_parameter *p = pf_parameters; p->name; p++) {
		if (!(p->roles & (PF_TABLES | PF_REWRITES)))
			continue;
		const struct pf_scope *scope =
			p->roles & PF_REWRITES ? &instance->cleanup : &instance->routing;
		const struct pf_table *table = pf_tables(instance, scope, p->name);
		for (; table; table = table->next) {
			if (table->index <= PF_INDEX_FINE || mt_list_has(said, table->title))
				continue;
			mt_list_add(instance->model->arena, &said, table->title);
			lint_index(instance, table, p->name, pf_origin(instance, scope, p->name));
		}
	}
}
