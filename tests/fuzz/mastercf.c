/* SPDX-License-Identifier: ISC */
/* mastercf.c: any bytes as master.cf. Positions stay inside; options set on a service read back. */
#include "fuzz.h"

#include "backends/postfix/mastercf.h"

static void check_services(const struct pf_mastercf *file)
{
	for (const struct pf_service *s = file->services; s; s = s->next) {
		FUZZ_HOLDS(s->where.begin < s->where.end && s->where.end <= file->bytes.n);
		pf_service_is_client(s);
		pf_service_option(s, MT_STR("smtp_bind_address"));
	}
}

/* An option that smtp(8) does not know, or a brace that is never closed, ends the reading of options
 * for good: nothing can be added to such a service. */
static bool plain(const struct pf_service *service)
{
	struct mt_str text = service->where.text, word;
	size_t at = 0;
	int depth = 0;
	for (size_t i = 0; i < text.n; i++)
		depth += (text.p[i] == '{') - (text.p[i] == '}');
	for (size_t n = 0; pf_word_next(text, &at, &word); n++) {
		if (n < 8)
			continue;
		if (!mt_str_starts(word, "-o"))
			return false;
		if (word.n == 2)
			pf_word_next(text, &at, &word);
	}
	return !depth;
}

static const struct pf_service *client(const struct pf_mastercf *file)
{
	const struct pf_service *s = file->services;
	while (s && !(pf_service_is_client(s) && !s->error && !s->stray.n && plain(s)))
		s = s->next;
	return s;
}

/* The n-th service counts from the start in both files: an edit of options moves none. */
static const struct pf_service *same_place(const struct pf_mastercf *before,
					   const struct pf_mastercf *after,
					   const struct pf_service *service)
{
	const struct pf_service *b = before->services, *a = after->services;
	for (; b && a && b != service; b = b->next)
		a = a->next;
	return a;
}

static void check_set(struct mt_arena *arena, const struct pf_mastercf *before)
{
	static const struct pf_setting settings[] = {{"smtp_bind_address", "192.0.2.1"},
						     {"inet_interfaces", "192.0.2.1, ::1"}};
	const struct pf_service *service = client(before);
	struct pf_mastercf after;
	if (!service)
		return;
	struct mt_edit *edits = pf_mastercf_set(arena, before, service, settings, 2);
	pf_mastercf_parse(arena, "master.cf", mt_edits_apply(arena, before->bytes, edits), &after);
	FUZZ_HOLDS(!after.error);
	service = same_place(before, &after, service);
	FUZZ_HOLDS(service != NULL);
	for (size_t i = 0; i < 2; i++) {
		const struct pf_option *o = pf_service_option(service, mt_str_of(settings[i].name));
		FUZZ_HOLDS(o && mt_str_is(o->value, settings[i].value));
	}
	FUZZ_HOLDS(!pf_mastercf_set(arena, &after, service, settings, 2));
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	struct pf_mastercf file;
	pf_mastercf_parse(arena, "master.cf", input, &file);
	check_services(&file);
	if (!file.error && !file.has_nul)
		check_set(arena, &file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
