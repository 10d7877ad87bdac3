/* SPDX-License-Identifier: ISC */
/* match_list.c: lists of names, tables and files. */
#include "match_list.h"

#include <string.h>

#define DEPTH 8 /* files that name files */

struct matcher {
	const struct pf_instance *instance;
	struct mt_str name;
	enum pf_parents parents;
	struct pf_hit *hit;
	bool found; /* some word matched: `listed` is the answer */
	bool listed;
	unsigned depth;
};

enum pf_parents pf_parent_style(const struct pf_instance *instance, const char *parameter)
{
	struct mt_str rest = pf_get(&instance->routing, "parent_domain_matches_subdomains"), word;
	while (pf_list_word(&rest, &word))
		if (mt_str_is(word, parameter))
			return PF_PARENTS_NAME;
	return PF_PARENTS_DOT;
}

static bool is_below(struct mt_str name, struct mt_str end)
{
	return name.n > end.n && mt_str_same((struct mt_str){name.p + name.n - end.n, end.n}, end);
}

static bool word_matches(const struct matcher *m, struct mt_str word)
{
	if (mt_str_same(m->name, word))
		return true;
	if (m->parents == PF_PARENTS_DOT)
		return word.n && word.p[0] == '.' && is_below(m->name, word);
	return m->parents == PF_PARENTS_NAME && word.n && is_below(m->name, word) &&
	       m->name.p[m->name.n - word.n - 1] == '.';
}

/* The name, then its parents as the list's style has them; a pattern sees the whole name only. */
static int table_matches(struct matcher *m, const struct pf_table *table)
{
	int found = pf_table_get(m->instance, table, m->name, &m->hit->row);
	bool parents = m->parents != PF_PARENTS_NONE && !pf_table_is_pattern(table);
	for (size_t i = 1; !found && parents && i < m->name.n; i++) {
		size_t skip = i + (m->parents == PF_PARENTS_NAME);
		if (m->name.p[i] == '.')
			found = pf_table_get(m->instance, table,
					     (struct mt_str){m->name.p + skip, m->name.n - skip},
					     &m->hit->row);
	}
	return found;
}

static int walk_list(struct matcher *m, struct mt_str list, bool negated);

static int walk_file(struct matcher *m, const struct pf_table *file, bool negated)
{
	struct pf_line line;
	size_t at = 0;
	unsigned number = 0;
	int result = 0;
	m->depth++;
	while (!result && !m->found &&
	       pf_line_next(m->instance->model->arena, file->text, &at, &number, &line))
		result = line.orphan ? 0 : walk_list(m, line.text, negated);
	m->depth--;
	return result;
}

static int walk_word(struct matcher *m, struct mt_str word, bool negated)
{
	bool dictionary = word.p[0] != '[' && memchr(word.p, ':', word.n);
	if (!dictionary && word.p[0] != '/') {
		m->found = word_matches(m, word);
		m->listed = !negated;
		m->hit->table = NULL;
		return 0;
	}
	const struct pf_table *table = pf_table_named(m->instance, word);
	m->hit->table = table;
	if (!dictionary)
		return table->kind == PF_TABLE_OPAQUE || m->depth == DEPTH
			       ? -1
			       : walk_file(m, table, negated);
	int found = table_matches(m, table);
	m->found = found > 0;
	m->listed = !negated;
	return found < 0 ? -1 : 0;
}

static int walk_list(struct matcher *m, struct mt_str list, bool negated)
{
	struct mt_str word;
	int result = 0;
	while (!result && !m->found && pf_list_word(&list, &word)) {
		bool not = negated;
		for (; word.n && word.p[0] == '!'; word.p++, word.n--)
			not = !not ;
		if (word.n)
			result = walk_word(m, word, not );
	}
	return result;
}

int pf_match(const struct pf_instance *instance, const char *parameter, struct mt_str name,
	     enum pf_parents parents, struct pf_hit *hit)
{
	struct matcher m = {.instance = instance, .name = name, .parents = parents, .hit = hit};
	*hit = (struct pf_hit){NULL, {{"", 0}, {"", 0}, 0}};
	if (walk_list(&m, pf_get(&instance->routing, parameter), false) < 0)
		return -1;
	return m.found && m.listed;
}
