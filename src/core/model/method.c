/* SPDX-License-Identifier: ISC */
/* method.c: look-ups in the tables of methods, their options and their rules. */
#include <mtapin/backend.h>

#include <string.h>

static const char *name_in(const char *const *names, size_t count, unsigned value)
{
	return value < count ? names[value] : "unknown";
}

const char *mt_other_name(enum mt_other other)
{
	static const char *const names[] = {"leaks", "waits", "fails"};
	return name_in(names, MT_ARRAY_LEN(names), other);
}

const char *mt_off_name(enum mt_off off)
{
	static const char *const names[] = {"bounces", "waits", "none"};
	return name_in(names, MT_ARRAY_LEN(names), off);
}

const char *mt_live_name(enum mt_live live)
{
	static const char *const names[] = {"delivery", "process", "built", "update", "restart"};
	return name_in(names, MT_ARRAY_LEN(names), live);
}

const struct mt_families *mt_families(const struct mt_mta *mta, const struct mt_method *method)
{
	static const struct mt_families usual = {.other = MT_OTHER_LEAKS, .off = MT_OFF_BOUNCES};
	if (method && method->families)
		return method->families;
	if (mta->families)
		return mta->families;
	return mta->backend->families ? mta->backend->families : &usual;
}

/* ---- methods ---- */

const char *mt_method_name(const struct mt_method *method)
{
	return method ? method->name : "auto";
}

const struct mt_method *mt_method_get(const struct mt_backend *backend, const char *name)
{
	for (const struct mt_method *m = backend->methods; m && m->name; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

const struct mt_method *const *mt_mta_methods(struct mt_arena *arena, const struct mt_mta *mta)
{
	const struct mt_method *all = mta->backend->methods;
	size_t n = 0;
	if (mta->methods)
		return mta->methods;
	while (all && all[n].name)
		n++;
	const struct mt_method **list = mt_alloc(arena, (n + 1) * sizeof *list);
	for (size_t i = 0; i < n; i++)
		list[i] = &all[i];
	list[n] = NULL;
	return list;
}

const char *const *mt_method_names(struct mt_arena *arena, const struct mt_backend *const *backends)
{
	const char *const *names = NULL;
	mt_list_add(arena, &names, mt_method_name(NULL));
	for (; *backends; backends++)
		for (const struct mt_method *m = (*backends)->methods; m && m->name; m++)
			if (!mt_list_has(names, m->name))
				mt_list_add(arena, &names, m->name);
	return names;
}

const struct mt_own_option *mt_own_option_get(const struct mt_backend *backend, const char *name)
{
	for (const struct mt_own_option *o = backend->options; o && o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

/* ---- is a table good ---- */

/* a-z and 0-9, `inside` within: what a shell and a list of choices take as one word */
static bool is_word(const char *name, const char *inside)
{
	for (const char *p = name; *p; p++)
		if ((*p < 'a' || *p > 'z') && !mt_is_digit(*p) &&
		    (p == name || !p[1] || !strchr(inside, *p)))
			return false;
	return *name != '\0';
}

static bool has_finding(const struct mt_backend *backend, const char *id)
{
	const struct mt_finding_row *row = backend->findings;
	while (row && row->id && strcmp(row->id, id) != 0)
		row++;
	return row && row->id;
}

/* Ids that no table explains would stop the program where they are said. */
static const char *families_fault(struct mt_arena *arena, const struct mt_backend *backend,
				  const struct mt_families *rule)
{
	if (rule && rule->leaks && !has_finding(backend, rule->leaks))
		return mt_format(arena, "it has no finding %s", rule->leaks);
	if (rule && rule->stops && !has_finding(backend, rule->stops))
		return mt_format(arena, "it has no finding %s", rule->stops);
	return NULL;
}

static const char *option_fault(struct mt_arena *arena, const struct mt_own_option *o,
				const struct mt_backend *const *before)
{
	if (!is_word(o->name, "-") || !o->help)
		return mt_format(arena, "its option \"%s\" has no good name or no help", o->name);
	for (; *before; before++) {
		const struct mt_own_option *other = mt_own_option_get(*before, o->name);
		if (other && !other->argument != !o->argument)
			return mt_format(arena, "its option --%s takes %s, that of %s does not",
					 o->name, o->argument ? "a value" : "no value",
					 (*before)->name);
	}
	return NULL;
}

static const char *method_fault(struct mt_arena *arena, const struct mt_backend *backend,
				const struct mt_method *m)
{
	if (!is_word(m->name, "_") || !m->title || strcmp(m->name, mt_method_name(NULL)) == 0 ||
	    mt_method_get(backend, m->name) != m)
		return mt_format(arena,
				 "its method \"%s\" has no title or no good name, or is one of two",
				 m->name);
	for (const char *const *name = m->options; name && *name; name++)
		if (!mt_own_option_get(backend, *name))
			return mt_format(arena, "its method %s names an option --%s that it lacks",
					 m->name, *name);
	return families_fault(arena, backend, m->families);
}

const char *mt_methods_fault(struct mt_arena *arena, const struct mt_backend *backend,
			     const struct mt_backend *const *before)
{
	const char *fault = families_fault(arena, backend, backend->families);
	for (const struct mt_own_option *o = backend->options; !fault && o && o->name; o++)
		fault = option_fault(arena, o, before);
	for (const struct mt_method *m = backend->methods; !fault && m && m->name; m++)
		fault = method_fault(arena, backend, m);
	return fault;
}
