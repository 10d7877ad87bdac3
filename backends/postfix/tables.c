/* SPDX-License-Identifier: ISC */
/* tables.c: which tables a parameter names, and their rows. */
#include "tables.h"

#include <string.h>

/* ---- the list in the parameter ---- */

bool pf_list_word(struct mt_str *rest, struct mt_str *word)
{
	while (rest->n && memchr(" ,\t\r\n", rest->p[0], 5)) {
		rest->p++;
		rest->n--;
	}
	size_t n = 0, depth = 0;
	while (n < rest->n && (depth || !memchr(" ,\t\r\n", rest->p[n], 5))) {
		if (rest->p[n] == '{')
			depth++;
		else if (rest->p[n] == '}' && depth)
			depth--;
		n++;
	}
	*word = (struct mt_str){rest->p, n};
	rest->p += n;
	rest->n -= n;
	return n > 0;
}

static struct mt_str unbrace(struct mt_str s)
{
	s = mt_str_trim(s);
	if (s.n >= 2 && s.p[0] == '{' && s.p[s.n - 1] == '}')
		return mt_str_trim((struct mt_str){s.p + 1, s.n - 2});
	return s;
}

static const struct {
	const char *type;
	enum pf_table_kind kind;
	const char *index; /* what the name of its index has behind that of the text */
} types[] = {
	{"hash:", PF_TABLE_TEXT, ".db"},    {"btree:", PF_TABLE_TEXT, ".db"},
	{"lmdb:", PF_TABLE_TEXT, ".lmdb"},  {"cdb:", PF_TABLE_TEXT, ".cdb"},
	{"dbm:", PF_TABLE_TEXT, ".pag"},    {"sdbm:", PF_TABLE_TEXT, ".pag"},
	{"texthash:", PF_TABLE_TEXT, NULL}, {"regexp:", PF_TABLE_PATTERN, NULL},
	{"pcre:", PF_TABLE_PATTERN, NULL},  {"pcre2:", PF_TABLE_PATTERN, NULL},
	{"cidr:", PF_TABLE_CIDR, NULL},	    {"inline:", PF_TABLE_INLINE, NULL},
	{"static:", PF_TABLE_STATIC, NULL}, {"randmap:", PF_TABLE_RANDOM, NULL},
};

static void load_table_file(const struct pf_instance *instance, struct pf_table *table,
			    struct mt_str path)
{
	table->path = mt_strz(instance->model->arena, path);
	const struct mt_item *item = mt_snapshot_file(instance->model->snapshot, table->path);
	if (mt_item_readable(item)) {
		table->text = item->bytes;
		return;
	}
	table->kind = PF_TABLE_OPAQUE;
	table->why = mt_format(instance->model->arena, "%s: %s", table->path,
			       mt_presence_name(item->presence));
}

/* Postfix itself goes by the times, too, when it warns that a database is older than its source. */
static void look_at_index(const struct pf_instance *instance, struct pf_table *table,
			  const char *suffix)
{
	const struct mt_snapshot *snapshot = instance->model->snapshot;
	const struct mt_item *text = mt_snapshot_file(snapshot, table->path), *index;
	table->index_path = mt_format(instance->model->arena, "%s%s", table->path, suffix);
	index = mt_snapshot_file(snapshot, table->index_path);
	table->index = PF_INDEX_FINE;
	if (index->presence == MT_ABSENT)
		table->index = PF_INDEX_MISSING;
	else if (index->mtime > 0 && text->mtime > index->mtime)
		table->index = PF_INDEX_OLD;
}

static struct pf_table *make_table(const struct pf_instance *instance, const char *file,
				   struct mt_str word)
{
	struct pf_table *table = MT_NEW(instance->model->arena, struct pf_table);
	for (; word.n && word.p[0] == '!'; word.p++, word.n--)
		; /* "not in it", in a list */
	if (mt_str_starts(word, "proxy:"))
		word = (struct mt_str){word.p + 6, word.n - 6};
	*table = (struct pf_table){.title = mt_strz(instance->model->arena, word),
				   .kind = PF_TABLE_OPAQUE,
				   .path = file,
				   .why = "this type of table cannot be read here"};
	if (word.n && word.p[0] == '/') {
		table->kind = PF_TABLE_TEXT;
		load_table_file(instance, table, word);
		return table;
	}
	for (size_t i = 0; i < MT_ARRAY_LEN(types); i++) {
		if (!mt_str_starts(word, types[i].type))
			continue;
		size_t skip = strlen(types[i].type);
		struct mt_str rest = {word.p + skip, word.n - skip};
		table->kind = types[i].kind;
		if (table->kind >= PF_TABLE_INLINE)
			table->text = unbrace(rest);
		else
			load_table_file(instance, table, rest);
		if (types[i].index)
			look_at_index(instance, table, types[i].index);
		break;
	}
	return table;
}

/* A parameter that names more is nobody's configuration; the rest is left out. */
#define TABLES_MAX 64

struct pf_table *pf_tables(const struct pf_instance *instance, const struct pf_scope *scope,
			   const char *name)
{
	struct mt_str rest = pf_get(scope, name), word;
	struct pf_table *first = NULL, **tail = &first;
	const struct mt_origin *origin = pf_origin(instance, scope, name);
	for (unsigned n = 0; n < TABLES_MAX && pf_list_word(&rest, &word); n++) {
		*tail = make_table(instance, origin ? origin->file : instance->main_path, word);
		if (origin && strcmp((*tail)->path, origin->file) == 0)
			(*tail)->line = origin->line;
		tail = &(*tail)->next;
	}
	return first;
}

struct pf_table *pf_table_named(const struct pf_instance *instance, struct mt_str text)
{
	return make_table(instance, instance->main_path, text);
}

/* ---- rows ---- */

static bool file_row(const struct pf_instance *instance, const struct pf_table *table, size_t *at,
		     unsigned *number, struct pf_row *row)
{
	struct pf_line line;
	while (pf_line_next(instance->model->arena, table->text, at, number, &line)) {
		struct mt_str text = mt_str_trim(line.text), rest = text;
		size_t n = 0;
		if (line.orphan || !text.n)
			continue;
		if (table->kind == PF_TABLE_PATTERN) {
			char slash = text.p[n++];
			while (n < text.n && text.p[n] != slash)
				n += text.p[n] == '\\' && n + 1 < text.n ? 2 : 1;
		}
		while (n < text.n && !memchr(" \t", text.p[n], 2))
			n++;
		rest.p += n;
		rest.n -= n;
		*row = (struct pf_row){{text.p, n}, mt_str_trim(rest), line.line};
		return true;
	}
	return false;
}

/* inline:{ key = value, { key = value } }; randmap:{ a, b }; static: all of it. */
static bool inline_row(const struct pf_table *table, size_t *at, struct pf_row *row)
{
	struct mt_str rest = {table->text.p + *at, table->text.n - *at}, word;
	if (table->kind == PF_TABLE_STATIC) {
		*row = (struct pf_row){{"*", 1}, table->text, 0};
		return (*at)++ == 0;
	}
	if (!pf_list_word(&rest, &word))
		return false;
	*at = (size_t)(rest.p - table->text.p);
	word = unbrace(word);
	*row = (struct pf_row){{"*", 1}, word, 0};
	const char *equals =
		table->kind == PF_TABLE_INLINE && word.n ? memchr(word.p, '=', word.n) : NULL;
	if (equals) {
		row->key = mt_str_trim((struct mt_str){word.p, (size_t)(equals - word.p)});
		row->value = mt_str_trim(
			(struct mt_str){equals + 1, (size_t)(word.p + word.n - equals - 1)});
	}
	return true;
}

bool pf_table_row(const struct pf_instance *instance, const struct pf_table *table, size_t *at,
		  unsigned *line, struct pf_row *row)
{
	if (table->kind == PF_TABLE_OPAQUE)
		return false;
	if (table->kind >= PF_TABLE_INLINE)
		return *at <= table->text.n && inline_row(table, at, row);
	return file_row(instance, table, at, line, row);
}

bool pf_table_is_pattern(const struct pf_table *table)
{
	return table->kind == PF_TABLE_PATTERN || table->kind == PF_TABLE_CIDR ||
	       table->kind == PF_TABLE_RANDOM;
}

/* Was this key among those that the host was asked for. */
static bool was_asked(const struct mt_snapshot *snapshot, struct mt_str key)
{
	const struct mt_item *item = mt_snapshot_probe(snapshot, "postfix.queries");
	struct mt_str rest = item->bytes, line;
	while (mt_item_readable(item) && mt_str_line(&rest, &line))
		if (mt_str_same(line, key))
			return true;
	return false;
}

/* `postmap -q -` asked on the host: "KEY<tab>VALUE" of each key it has, "postmap: ..." of what went wrong. */
static int asked_on_host(const struct pf_instance *instance, const struct pf_table *table,
			 struct mt_str key, struct pf_row *row)
{
	const struct mt_snapshot *snapshot = instance->model->snapshot;
	const struct mt_item *item = mt_snapshot_probe(
		snapshot, mt_format(instance->model->arena, "postfix.query %s", table->title));
	struct mt_str rest = item->bytes, line;
	bool failed = !mt_item_readable(item) || item->status > 1;
	if (!failed && !was_asked(snapshot, key)) {
		const char *text = mt_strz(instance->model->arena, key);
		if (instance->unasked && !mt_list_has(*instance->unasked, text))
			mt_list_add(instance->model->arena, instance->unasked, text);
		return -1;
	}
	while (!failed && mt_str_line(&rest, &line)) {
		const char *tab = line.n ? memchr(line.p, '\t', line.n) : NULL;
		size_t n = tab ? (size_t)(tab - line.p) : 0;
		if (mt_str_starts(line, "postmap: fatal:") ||
		    mt_str_starts(line, "postmap: error:"))
			failed = true;
		else if (tab && mt_str_same((struct mt_str){line.p, n}, key)) {
			*row = (struct pf_row){
				key, mt_str_trim((struct mt_str){tab + 1, line.n - n - 1}), 0};
			return 1;
		}
	}
	return failed ? -1 : 0;
}

/* In which line of the text the index has it from; 0: in none. */
static unsigned row_line(const struct pf_instance *instance, const struct pf_table *table,
			 const struct pf_row *found)
{
	struct pf_row row;
	size_t at = 0;
	unsigned line = 0;
	while (pf_table_row(instance, table, &at, &line, &row))
		if (mt_str_same(row.key, found->key) && mt_str_eq(row.value, found->value))
			return row.line;
	return 0;
}

int pf_table_get(const struct pf_instance *instance, const struct pf_table *table,
		 struct mt_str key, struct pf_row *row)
{
	size_t at = 0;
	unsigned line = 0;
	if (table->index == PF_INDEX_MISSING)
		return -1;
	if (table->kind == PF_TABLE_OPAQUE || table->kind == PF_TABLE_PATTERN ||
	    table->kind == PF_TABLE_CIDR || table->index) {
		int asked = asked_on_host(instance, table, key, row);
		if (asked > 0 && table->kind == PF_TABLE_TEXT)
			row->line = row_line(instance, table, row);
		if (asked >= 0 || table->kind != PF_TABLE_TEXT)
			return asked;
	}
	if (table->kind == PF_TABLE_RANDOM) {
		struct pf_row second;
		if (!pf_table_row(instance, table, &at, &line, row))
			return 0;
		return pf_table_row(instance, table, &at, &line, &second) ? -1 : 1;
	}
	while (pf_table_row(instance, table, &at, &line, row))
		if (table->kind == PF_TABLE_STATIC || mt_str_same(row->key, key))
			return 1;
	return 0;
}
