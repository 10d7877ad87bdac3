/* SPDX-License-Identifier: ISC */
/*
 * maincf.c: reading main.cf. Points into the file wherever one physical line suffices; expands nothing.
 *
 * Physical lines end at LF. One that is blank, or whose first non-blank is '#', is dropped, also inside
 * a continued value. Text that starts in column 1 begins a logical line, text that starts with white
 * space continues it. Where Postfix dies, reading stops: what follows does not exist for Postfix either.
 */
#include "maincf.h"

#include <string.h>

bool pf_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A physical line without its LF that counts: neither blank nor a comment. */
static bool has_text(struct mt_str physical)
{
	size_t i = 0;
	while (i < physical.n && pf_is_space(physical.p[i]))
		i++;
	return i < physical.n && physical.p[i] != '#';
}

bool pf_physical_next(struct mt_str file, size_t *at, unsigned *number,
		      struct pf_physical *physical)
{
	while (*at < file.n) {
		const char *p = file.p + *at;
		const char *lf = memchr(p, '\n', file.n - *at);
		physical->begin = *at;
		physical->text = (struct mt_str){p, lf ? (size_t)(lf - p) : file.n - *at};
		*at += physical->text.n + (lf != NULL);
		physical->end = *at;
		physical->number = ++*number;
		if (has_text(physical->text))
			return true;
	}
	return false;
}

/* The next line with text continues the logical line: comments and blank lines in between do not end it. */
static bool continues(const struct pf_physical *next, unsigned last)
{
#ifdef PF_FAULT_COMMENT_ENDS_VALUE /* planted: tests/differential/run --prove must find it */
	if (next->number != last + 1)
		return false;
#else
	(void)last;
#endif
	return pf_is_space(next->text.p[0]);
}

/* A logical line before its text is put together. */
struct extent {
	struct pf_physical first;
	size_t parts, bytes; /* physical lines and the text in them */
	size_t at, end; /* where reading goes on; end of the last line that belongs to it */
	unsigned number, last;
};

static void extend(struct extent *e, const struct pf_physical *physical)
{
	e->parts++;
	e->bytes += physical->text.n;
	e->end = e->at;
	e->last = e->number;
}

static bool measure_line(struct mt_str file, struct extent *e)
{
	if (!pf_physical_next(file, &e->at, &e->number, &e->first))
		return false;
	extend(e, &e->first);
	struct pf_physical next;
	while (pf_physical_next(file, &e->at, &e->number, &next)) {
		if (!continues(&next, e->last)) {
			e->at = next.begin;
			e->number = next.number - 1;
			break;
		}
		extend(e, &next);
	}
	return true;
}

static struct mt_str join(struct mt_arena *arena, struct mt_str file, const struct extent *e)
{
	char *p = mt_alloc(arena, e->bytes);
	size_t at = e->first.begin, n = 0;
	unsigned number = 0;
	struct pf_physical physical;
	while (n < e->bytes && pf_physical_next(file, &at, &number, &physical)) {
		memcpy(p + n, physical.text.p, physical.text.n);
		n += physical.text.n;
	}
	return (struct mt_str){p, n};
}

bool pf_line_next(struct mt_arena *arena, struct mt_str file, size_t *at, unsigned *line_number,
		  struct pf_line *line)
{
	struct extent e = {.at = *at, .number = *line_number};
	if (!measure_line(file, &e))
		return false;
	*at = e.at;
	*line_number = e.number;
	struct mt_str text = e.parts == 1 ? e.first.text : join(arena, file, &e);
	bool orphan = pf_is_space(text.p[0]);
	const char *nul = memchr(text.p, '\0', text.n);
	if (nul)
		text.n = (size_t)(nul - text.p);
	*line = (struct pf_line){.text = text,
				 .begin = e.first.begin,
				 .end = e.end,
				 .line = e.first.number,
				 .last_line = e.last,
				 .orphan = orphan};
	return true;
}

const char *pf_split_nameval(struct mt_str text, struct mt_str *name, struct mt_str *value)
{
	text = mt_str_trim(text);
	size_t n = 0;
	while (n < text.n && !pf_is_space(text.p[n]) && text.p[n] != '=')
		n++;
	if (n == 0)
		return "missing attribute name";
	size_t eq = n;
	while (eq < text.n && pf_is_space(text.p[eq]))
		eq++;
	if (eq == text.n || text.p[eq] != '=')
		return "missing '=' after attribute name";
	*name = (struct mt_str){text.p, n};
	*value = mt_str_trim((struct mt_str){text.p + eq + 1, text.n - eq - 1});
	return NULL;
}

static uint32_t name_hash(struct mt_str s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619u;
	return h;
}

/* ---- the index: entries sorted by hash, name, place in the file ---------------------------------
 * Sorted rather than a hash table: names that collide on purpose then cost no more than others.
 */
static int compare_entries(uint32_t hash, struct mt_str name, const struct pf_entry *b)
{
	if (hash != b->hash)
		return hash < b->hash ? -1 : 1;
	if (name.n != b->name.n)
		return name.n < b->name.n ? -1 : 1;
	return memcmp(name.p, b->name.p, name.n);
}

static void merge_entries(const struct pf_entry **to, const struct pf_entry **from, size_t middle,
			  size_t n)
{
	size_t a = 0, b = middle;
	for (size_t i = 0; i < n; i++) {
		bool left = b == n || (a < middle &&
				       compare_entries(from[a]->hash, from[a]->name, from[b]) <= 0);
		to[i] = left ? from[a++] : from[b++];
	}
}

/* Bottom up: runs of one, two, four, ... */
static const struct pf_entry **sort_entries(const struct pf_entry **a,
					    const struct pf_entry **spare, size_t n)
{
	for (size_t run = 1; run < n; run *= 2) {
		for (size_t i = 0; i < n; i += 2 * run) {
			size_t here = n - i < 2 * run ? n - i : 2 * run;
			merge_entries(spare + i, a + i, run < here ? run : here, here);
		}
		const struct pf_entry **t = a;
		a = spare;
		spare = t;
	}
	return a;
}

/* Index of the first entry that is greater than (name, ...): behind the last one of that name. */
static size_t behind(const struct pf_maincf *m, struct mt_str name)
{
	uint32_t hash = name_hash(name);
	size_t low = 0, high = m->slots;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_entries(hash, name, m->slot[middle]) < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct pf_entry *pf_maincf_get(const struct pf_maincf *maincf, struct mt_str name)
{
	size_t i = behind(maincf, name);
	return i > 0 && mt_str_eq(maincf->slot[i - 1]->name, name) ? maincf->slot[i - 1] : NULL;
}

const struct pf_entry *pf_maincf_shadowed(const struct pf_maincf *maincf,
					  const struct pf_entry *entry)
{
	const struct pf_entry *first = NULL;
	for (size_t i = behind(maincf, entry->name); i > 0; i--) {
		const struct pf_entry *e = maincf->slot[i - 1];
		if (!mt_str_eq(e->name, entry->name))
			break;
		if (e->where.begin < entry->where.begin && !mt_str_eq(e->value, entry->value))
			first = e;
	}
	return first;
}

/* ---- the file ---- */

static bool take_parameter(struct mt_arena *arena, struct pf_maincf *m, const struct pf_line *line,
			   struct pf_entry ***tail)
{
	struct mt_str name, value;
	m->error = pf_split_nameval(line->text, &name, &value);
	if (m->error) {
		m->error_line = line->line;
		return false;
	}
	struct pf_entry *entry = MT_NEW(arena, struct pf_entry);
	*entry = (struct pf_entry){
		.name = name, .value = value, .where = *line, .hash = name_hash(name)};
	**tail = entry;
	*tail = &entry->next;
	m->count++;
	return true;
}

void pf_maincf_parse(struct mt_arena *arena, const char *path, struct mt_str bytes,
		     struct pf_maincf *maincf)
{
	*maincf = (struct pf_maincf){.path = path, .bytes = bytes};
	maincf->no_final_lf = bytes.n && bytes.p[bytes.n - 1] != '\n';
	maincf->has_nul = bytes.n && memchr(bytes.p, '\0', bytes.n);
	struct pf_entry **tail = &maincf->entries;
	size_t at = 0;
	unsigned number = 0;
	struct pf_line line;
	while (pf_line_next(arena, bytes, &at, &number, &line)) {
		if (line.orphan)
			maincf->orphan_line = line.line;
		else if (!take_parameter(arena, maincf, &line, &tail))
			break;
	}
	maincf->slots = maincf->count;
	const struct pf_entry **a = mt_alloc(arena, 2 * maincf->count * sizeof *a + 1);
	size_t i = 0;
	for (const struct pf_entry *e = maincf->entries; e; e = e->next)
		a[i++] = e;
	maincf->slot = sort_entries(a, a + maincf->count, maincf->count);
}
