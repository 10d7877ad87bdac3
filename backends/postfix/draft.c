/* SPDX-License-Identifier: ISC */
/* draft.c: settings become bytes, step by step. */
#include "draft.h"

void pf_draft_start(const struct pf_instance *instance, struct pf_draft *draft)
{
	*draft = (struct pf_draft){.instance = instance,
				   .main = instance->maincf.bytes,
				   .master = instance->mastercf.bytes};
}

void pf_draft_main(struct pf_draft *draft, const char *name, const char *value)
{
	struct mt_arena *arena = draft->instance->model->arena;
	struct pf_maincf maincf;
	pf_maincf_parse(arena, "", draft->main, &maincf);
	struct mt_edit *edits = value ? pf_maincf_set(arena, &maincf, name, value)
				      : pf_maincf_unset(arena, &maincf, name);
	if (!edits)
		return;
	draft->main = mt_edits_apply(arena, draft->main, edits);
	mt_settings_note(arena, &draft->main_settings, name, value);
}

void pf_draft_option(struct pf_draft *draft, const char *service, const char *name,
		     const char *value)
{
	struct mt_arena *arena = draft->instance->model->arena;
	struct pf_mastercf mastercf;
	pf_mastercf_parse(arena, "", draft->master, &mastercf);
	const struct pf_service *found = pf_mastercf_get(&mastercf, service, "unix");
	struct pf_setting setting = {name, value};
	struct mt_edit *edits =
		found ? pf_mastercf_set(arena, &mastercf, found, &setting, 1) : NULL;
	if (!edits)
		return;
	draft->master = mt_edits_apply(arena, draft->master, edits);
	mt_settings_note(arena, &draft->master_settings, mt_format(arena, "%s:%s", service, name),
			 value);
}

void pf_draft_clone(struct pf_draft *draft, const char *service, const char *type, const char *name)
{
	struct mt_arena *arena = draft->instance->model->arena;
	struct pf_mastercf mastercf;
	pf_mastercf_parse(arena, "", draft->master, &mastercf);
	const struct pf_service *like = pf_mastercf_get(&mastercf, service, type);
	struct mt_edit *edits =
		like ? pf_mastercf_clone(arena, &mastercf, like, name, NULL, 0) : NULL;
	if (!edits)
		return;
	draft->master = mt_edits_apply(arena, draft->master, edits);
	mt_settings_note(arena, &draft->master_settings, name,
			 mt_format(arena, "copy:%s", service));
}

bool pf_draft_has_service(const struct pf_draft *draft, const char *name, const char *type)
{
	struct pf_mastercf mastercf;
	pf_mastercf_parse(draft->instance->model->arena, "", draft->master, &mastercf);
	return pf_mastercf_get(&mastercf, name, type) != NULL;
}
