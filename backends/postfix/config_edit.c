/* SPDX-License-Identifier: ISC */
/*
 * config_edit.c: settings become bytes.
 *
 * A part of master.cf is an entry with the clones made of it. As long as settings only add to it they wait, and
 * become edits of the file as it was in one go. What has to see the text that an earlier step left (an option
 * taken out, set again, a clone) works on the part alone, cut out and read anew.
 */
#include "config_edit.h"

#include <string.h>

struct pf_part {
	const struct pf_service *service; /* in the file as it was */
	struct pf_setting *waiting; /* names differ; no values that are NULL */
	size_t count, room;
	struct mt_edit *edits; /* of the file as it was; NULL once it is cut out */
	struct pf_mastercf *cut; /* the part's own text; NULL: not cut out */
	struct pf_note *notes; /* of this part, the last one first */
};

struct pf_note {
	const char *name, *value;
	bool outdated; /* there is a later one of the name */
	struct pf_note *next; /* of the file */
	struct pf_note *earlier; /* of the part */
};

void pf_draft_start(const struct pf_instance *instance, struct mt_arena *arena,
		    struct pf_draft *draft)
{
	*draft = (struct pf_draft){.arena = arena,
				   .mastercf = &instance->mastercf,
				   .main = instance->maincf.bytes,
				   .services = MT_MAP_INIT(arena)};
	draft->main_notes.tail = &draft->main_notes.first;
	draft->master_notes.tail = &draft->master_notes.first;
}

/* ---- what it comes to ---- */

/* `chain`: where an older one of the name may be. */
static void note(struct pf_draft *draft, struct pf_notes *notes, struct pf_note **chain,
		 struct pf_note is)
{
	struct pf_note *new = MT_NEW(draft->arena, struct pf_note);
	for (struct pf_note *old = *chain; old; old = old->earlier)
		old->outdated |= strcmp(old->name, is.name) == 0;
	*new = is;
	new->earlier = *chain;
	*chain = new;
	*notes->tail = new;
	notes->tail = &new->next;
}

const char *const *pf_draft_settings(struct mt_arena *arena, const struct pf_notes *notes)
{
	struct mt_list list = {0};
	for (const struct pf_note *n = notes->first; n; n = n->next)
		if (!n->outdated)
			mt_list_push(arena, &list, mt_setting_text(arena, n->name, n->value));
	return list.item;
}

/* ---- main.cf ---- */

void pf_draft_main(struct pf_draft *draft, const char *name, const char *value)
{
	struct pf_maincf maincf;
	pf_maincf_parse(draft->arena, "", draft->main, &maincf);
	struct mt_edit *edits = value ? pf_maincf_set(draft->arena, &maincf, name, value)
				      : pf_maincf_unset(draft->arena, &maincf, name);
	if (!edits)
		return;
	draft->main = mt_edits_apply(draft->arena, draft->main, edits);
	note(draft, &draft->main_notes, &draft->main_notes.all,
	     (struct pf_note){.name = name, .value = value});
}

/* ---- parts of master.cf ---- */

static struct mt_str service_key(struct pf_draft *draft, struct mt_str name, struct mt_str type)
{
	return mt_str_of(mt_format(draft->arena, "%.*s %.*s", MT_STR_FMT(name), MT_STR_FMT(type)));
}

static struct pf_part *part_of(struct pf_draft *draft, const char *name, const char *type)
{
	if (!draft->parts) {
		/* In file order; of several entries with one name and type the last counts. */
		size_t n = 0;
		for (const struct pf_service *s = draft->mastercf->services; s; s = s->next)
			n++;
		draft->parts = mt_alloc(draft->arena, (n + 1) * sizeof *draft->parts);
		mt_map_reserve(&draft->services, n);
		for (const struct pf_service *s = draft->mastercf->services; s; s = s->next) {
			struct pf_part *part = &draft->parts[draft->part_count++];
			part->service = s;
			mt_map_put(&draft->services, service_key(draft, s->name, s->type), part);
		}
	}
	return (struct pf_part *)mt_map_get(&draft->services,
					    service_key(draft, mt_str_of(name), mt_str_of(type)));
}

static void cut_part(struct pf_draft *draft, struct pf_part *part, struct mt_str text)
{
	part->cut = MT_NEW(draft->arena, struct pf_mastercf);
	part->edits = NULL;
	pf_mastercf_parse(draft->arena, "", text, part->cut);
}

/* The entry's lines, with what was done to them so far. The newline that a last line lacks is added to it as soon as
 * it is touched (line_edit.h); a line that is alone here would not know how lines end in its file. */
static void cut_out(struct pf_draft *draft, struct pf_part *part)
{
	const struct pf_line *at = &part->service->where;
	struct mt_str file = draft->mastercf->bytes,
		      text = mt_str_part(file, at->begin, at->end - at->begin);
	if (part->cut)
		return;
	if (part->edits) {
		for (struct mt_edit *e = part->edits; e; e = e->next)
			e->at -= at->begin;
		text = mt_edits_apply(draft->arena, text, part->edits);
	} else if (at->line == at->last_line && text.p[text.n - 1] != '\n') {
		text = mt_str_of(mt_format(draft->arena, "%.*s%s", MT_STR_FMT(text),
					   pf_line_ending(file, at->begin)));
	}
	cut_part(draft, part, text);
}

static const struct pf_service *service_of(const struct pf_part *part, const char *name,
					   const char *type)
{
	return part->cut ? pf_mastercf_get(part->cut, name, type) : part->service;
}

/* Settings of a service of the part, as one step. */
static void apply_settings(struct pf_draft *draft, struct pf_part *part,
			   const struct pf_service *service, const struct pf_setting *settings,
			   size_t count)
{
	const struct pf_mastercf *file = part->cut ? part->cut : draft->mastercf;
	struct mt_edit *edits = pf_mastercf_set(draft->arena, file, service, settings, count);
	if (part->cut)
		cut_part(draft, part, mt_edits_apply(draft->arena, file->bytes, edits));
	else
		part->edits = edits;
}

static void apply_waiting(struct pf_draft *draft, struct pf_part *part)
{
	size_t count = part->count;
	part->count = 0;
	if (count)
		apply_settings(draft, part, part->service, part->waiting, count);
}

static bool option_waits(const struct pf_part *part, const char *name)
{
	for (size_t i = 0; i < part->count; i++)
		if (strcmp(part->waiting[i].name, name) == 0)
			return true;
	return false;
}

static bool option_holds(struct pf_draft *draft, const struct pf_service *service,
			 const struct pf_setting *setting)
{
	const struct pf_option *option = pf_service_option(service, mt_str_of(setting->name));
	if (!option || !setting->value)
		return !option && !setting->value;
	return mt_str_eq(option->value, pf_value(draft->arena, setting->value));
}

bool pf_draft_option(struct pf_draft *draft, const char *service, const char *name,
		     const char *value)
{
	struct pf_part *part = part_of(draft, service, "unix");
	struct pf_setting setting = {name, value};
	if (!part)
		return false;
	if (part->count && (!value || option_waits(part, name)))
		apply_waiting(draft, part);
	if (part->edits)
		cut_out(draft, part);
	const struct pf_service *found = service_of(part, service, "unix");
	if (!found || option_holds(draft, found, &setting))
		return false;
	if (part->cut || !value)
		apply_settings(draft, part, found, &setting, 1);
	else {
		if (part->count == part->room) {
			part->room += 4;
			struct pf_setting *more = mt_alloc(draft->arena, part->room * sizeof *more);
			if (part->count)
				memcpy(more, part->waiting, part->count * sizeof *more);
			part->waiting = more;
		}
		part->waiting[part->count++] = setting;
	}
	note(draft, &draft->master_notes, &part->notes,
	     (struct pf_note){.name = mt_format(draft->arena, "%s:%s", service, name),
			      .value = value});
	return true;
}

void pf_draft_clone(struct pf_draft *draft, const char *service, const char *type, const char *name)
{
	struct pf_part *part = part_of(draft, service, type);
	if (!part || pf_draft_has_service(draft, name, type))
		return;
	apply_waiting(draft, part);
	cut_out(draft, part);
	const struct pf_service *like = service_of(part, service, type);
	if (!like)
		return;
	struct mt_edit *edits = pf_mastercf_clone(draft->arena, part->cut, like, name, NULL, 0);
	cut_part(draft, part, mt_edits_apply(draft->arena, part->cut->bytes, edits));
	mt_map_put(&draft->services, service_key(draft, mt_str_of(name), mt_str_of(type)), part);
	note(draft, &draft->master_notes, &part->notes,
	     (struct pf_note){.name = name, .value = mt_format(draft->arena, "copy:%s", service)});
}

bool pf_draft_has_service(struct pf_draft *draft, const char *name, const char *type)
{
	return part_of(draft, name, type) != NULL;
}

/* ---- the end ---- */

struct mt_edit *pf_draft_master(struct pf_draft *draft)
{
	struct mt_edit *edits = NULL, **tail = &edits;
	for (size_t i = 0; i < draft->part_count; i++) {
		struct pf_part *part = &draft->parts[i];
		const struct pf_line *at = &part->service->where;
		apply_waiting(draft, part);
		*tail = part->edits;
		if (part->cut) {
			*tail = MT_NEW(draft->arena, struct mt_edit);
			**tail = (struct mt_edit){at->begin, at->end - at->begin, part->cut->bytes,
						  NULL};
		}
		while (*tail)
			tail = &(*tail)->next;
	}
	return edits;
}
