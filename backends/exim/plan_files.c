/* SPDX-License-Identifier: ISC */
/* plan_files.c: where a setting stands, and where a new one goes. */
#include "plan.h"

#include <string.h>

#include "place.h"

/* ---- files -------------------------------------------------------------------------------------- */

bool ex_is_generated(const struct ex_planner *p)
{
	return p->debian->scheme == EX_SCHEME_SPLIT || p->debian->scheme == EX_SCHEME_UNSPLIT;
}

struct ex_place ex_place_of(const struct ex_planner *p, const struct mt_origin *origin)
{
	struct ex_place at = {origin->file, origin->line};
	if (origin->generated || strcmp(at.file, EX_GENERATED) != 0)
		return at;
	struct ex_made_of source = ex_debian_source(p->debian, at.line);
	return source.file ? (struct ex_place){source.file, source.line} : at;
}

struct ex_draft *ex_draft(struct ex_planner *p, const char *path)
{
	const struct mt_item *item = mt_snapshot_file(p->snapshot, path);
	struct ex_draft **at = &p->drafts;
	for (; *at; at = &(*at)->next)
		if (strcmp((*at)->path, path) == 0)
			return *at;
	if (item->presence != MT_ABSENT && (!mt_item_readable(item) || item->type != 'f')) {
		mt_plan_refuse(p->plan, "PLAN-UNREADABLE", path, "cannot be read");
		return NULL;
	}
	*at = MT_NEW(p->arena, struct ex_draft);
	**at = (struct ex_draft){
		.path = path, .item = item, .edit = {.arena = p->arena, .before = item->bytes}};
	return *at;
}

void ex_draft_note(struct ex_planner *p, struct ex_draft *draft, const char *name,
		   const char *value)
{
	mt_list_add(p->arena, &draft->settings, mt_setting_text(p->arena, name, value));
}

/* What is made of the edited files, to our own reader. */
static void make(struct ex_planner *p)
{
	const struct mt_snapshot *then = p->plan->model->snapshot;
	if (!ex_is_generated(p) || !p->plan->changes)
		return;
	for (const struct mt_change *c = p->plan->changes; c; c = c->next)
		then = mt_snapshot_with(p->arena, then, c->path, c->after);
	struct mt_str made = ex_debian_generate(p->arena, then);
	if (made.p)
		mt_plan_made(p->plan, p->plan->builds,
			     mt_snapshot_file(p->plan->model->snapshot, EX_GENERATED), made);
	else
		mt_plan_refuse(p->plan, "EX-UNKNOWN", EX_SETTINGS,
			       "what update-exim4.conf makes of the new files cannot be told here");
}

/* "managed by Puppet" at its head. */
static void check_owner(struct ex_planner *p, const struct ex_draft *draft)
{
	unsigned line;
	const struct mt_owner *owner =
		mt_file_owner(draft->edit.before, p->plan->mta->backend, &line);
	if (owner && draft->edit.first && !mt_goal_accepts(p->plan->goal, "HOST-OWNER"))
		mt_plan_refuse(p->plan, "HOST-OWNER",
			       mt_format(p->arena, "%s:%u", draft->path, line),
			       "%s writes this file and would undo the edit. Use its own knob: %pM",
			       owner->title, mt_phrase(p->arena, owner->knob));
}

void ex_finish_files(struct ex_planner *p)
{
	for (const struct ex_draft *d = p->drafts; d; d = d->next)
		check_owner(p, d);
	for (const struct ex_draft *d = p->drafts; d; d = d->next) {
		struct mt_str after = ex_edit_after(&d->edit);
		if (d->item->presence != MT_ABSENT)
			mt_plan_replace(p->plan, d->path, d->edit.before, after);
		else if (after.n)
			mt_plan_create(p->plan, d->path, after,
				       mt_snapshot_file(p->snapshot, ex_is_generated(p)
									     ? EX_SETTINGS
									     : p->config->file));
		mt_plan_settings(p->plan, d->path, d->settings);
		mt_list_add(p->arena, &p->plan->validate_files, d->path);
	}
	make(p);
}

/* ---- settings ----------------------------------------------------------------------------------- */

static void refuse_fixed(struct ex_planner *p, struct ex_place at, const char *name)
{
	mt_plan_refuse(p->plan, "EX-FIXED",
		       at.line ? mt_format(p->arena, "%s:%u", at.file, at.line) : at.file,
		       "%s cannot be edited here by itself. Change it there first", name);
}

void ex_change(struct ex_planner *p, const struct mt_origin *origin, const char *name,
	       const char *value)
{
	struct ex_place at = origin ? ex_place_of(p, origin) : (struct ex_place){"", 0};
	bool edited = at.line && !origin->fixed && strcmp(at.file, EX_SETTINGS) != 0 &&
		      !(ex_is_generated(p) && strcmp(at.file, EX_GENERATED) == 0);
	struct ex_draft *draft = edited ? ex_draft(p, at.file) : NULL;
	if (p->plan->refused)
		return;
	if (!draft || !(value ? ex_edit_value(&draft->edit, at.line, value)
			      : ex_edit_remove(&draft->edit, at.line))) {
		refuse_fixed(p, at, name);
		return;
	}
	ex_draft_note(p, draft, name, value);
}

bool ex_is_shells(const struct ex_planner *p, const struct mt_origin *origin)
{
	return strcmp(ex_place_of(p, origin).file, EX_SETTINGS) == 0;
}

/* Debian's schemes: the macro file, which is part of the main section; one that is split is read in alphabetical order. */
static const char *macro_file(const struct ex_planner *p)
{
	if (!ex_is_generated(p))
		return p->config->file;
	return p->debian->scheme == EX_SCHEME_SPLIT ? EX_SPLIT_MACROS : EX_MACROS;
}

void ex_add_main(struct ex_planner *p, const char *name, const char *value)
{
	struct ex_draft *draft = ex_draft(p, macro_file(p));
	const char *text = mt_format(p->arena, "%s = %s", name, value);
	if (!draft)
		return;
	if (ex_is_generated(p))
		ex_edit_append(&draft->edit, text);
	else
		ex_edit_main(&draft->edit, text);
	ex_draft_note(p, draft, name, value);
}

void ex_add_option(struct ex_planner *p, const struct ex_driver *driver, const char *name,
		   const char *value)
{
	const struct ex_option *kind = ex_option_get(driver->options, "driver");
	struct ex_place head = ex_place_of(p, driver->origin);
	struct ex_place at = kind ? ex_place_of(p, kind->origin) : head;
	struct ex_draft *draft;
	if (!at.line || (ex_is_generated(p) && strcmp(at.file, EX_GENERATED) == 0)) {
		refuse_fixed(p, at, driver->name);
		return;
	}
	draft = ex_draft(p, at.file);
	if (!draft)
		return;
	ex_edit_option(&draft->edit, strcmp(head.file, at.file) == 0 ? head.line : 0, at.line,
		       mt_format(p->arena, "%s = %s", name, value));
	ex_draft_note(p, draft, mt_format(p->arena, "%s:%s", driver->name, name), value);
}

/* ---- macros ------------------------------------------------------------------------------------- */

/* "NAME = MACRO": the macro. Empty: it is not. */
static struct mt_str value_is_macro(struct mt_str line, const char *name)
{
	const struct mt_str none = {NULL, 0};
	line = mt_str_trim(line);
	if (!mt_str_skip(&line, name))
		return none;
	line = mt_str_trim(line);
	if (!mt_str_skip(&line, "="))
		return none;
	line = mt_str_trim(line);
	if (!line.n || *line.p < 'A' || *line.p > 'Z')
		return none;
	for (size_t i = 0; i < line.n; i++)
		if (!mt_is_alnum(line.p[i]) && line.p[i] != '_')
			return none;
	return line;
}

/* The next driver, or section. */
static bool ends_driver(struct mt_str line)
{
	line = mt_str_trim(line);
	if (mt_str_starts(line, "begin "))
		return true;
	size_t n = 0;
	while (n < line.n && (mt_is_alnum(line.p[n]) || line.p[n] == '_'))
		n++;
	return n && n + 1 == line.n && line.p[n] == ':';
}

const char *ex_offered_macro(const struct ex_planner *p, const struct ex_driver *driver,
			     const char *name)
{
	const struct mt_origin *at = driver->origin;
	const char *file = at->generated ? at->generated : at->file;
	unsigned head = at->generated ? at->generated_line : at->line, n = 0;
	struct mt_str rest = mt_snapshot_file(p->snapshot, file)->bytes, line, macro;
	while (mt_str_line(&rest, &line)) {
		if (++n <= head)
			continue;
		if (ends_driver(line))
			break;
		macro = value_is_macro(line, name);
		if (macro.n)
			return mt_strz(p->arena, macro);
	}
	return NULL;
}

static bool uses_otherwise(struct mt_str line, const char *macro, const char *name)
{
	line = mt_str_trim(line);
	if (!line.n || *line.p == '#' || mt_str_starts(line, ".if") || !mt_str_has(line, macro))
		return false;
	struct mt_str left = line;
	return !mt_str_is(value_is_macro(line, name), macro) &&
	       !(mt_str_skip(&left, macro) && mt_str_starts(mt_str_trim(left), "="));
}

bool ex_macro_is_of(const struct ex_planner *p, const char *macro, const char *name)
{
	for (const char *const *file = p->config->files; file && *file; file++) {
		struct mt_str rest = mt_snapshot_file(p->snapshot, *file)->bytes, line;
		while (mt_str_line(&rest, &line))
			if (uses_otherwise(line, macro, name))
				return false;
	}
	return true;
}
