/* SPDX-License-Identifier: ISC */
/* lookup.c: ${lookup, ${readfile and exists: what files of the snapshot say. */
#include <mtapin/backend.h>

#include <string.h>

#include "evaluate.h"
#include "items.h"
#include "lsearch.h"

/* ---- files ---- */

struct file {
	const char *path;
	const struct mt_item *item;
	struct ex_lsearch *entries;
	unsigned noted[MT_BYS]; /* whom its keys name, in that round */
};

/* Exim's user is never root. */
static bool may_read(const struct ex_world *world, const struct mt_item *item)
{
	if (item->mode < 0)
		return true;
	if (world->uid >= 0 && item->uid == world->uid)
		return item->mode & 0400;
	if (world->gid >= 0 && item->gid == world->gid)
		return item->mode & 0040;
	return item->mode & 0004 || (world->uid < 0 && (item->uid != 0 || item->gid != 0));
}

static bool denied(struct ex_eval *r, const char *path, const char *how)
{
	const struct ex_world *w = r->world;
	const char *who =
		w->uid < 0 ? "" : mt_format(r->arena, " (euid=%ld egid=%ld)", w->uid, w->gid);
	return ex_eval_fail(r, "failed to open %s%s: Permission denied%s", path, how, who);
}

/* Exim opens no file whose name has some of the mail in it. A look-up says nothing more, ${readfile that it may not. */
static bool tainted(struct ex_eval *r, const char *path, bool lookup)
{
	r->result->tainted_file = path;
	return lookup ? ex_eval_fail(r, "%s", "") : denied(r, path, "");
}

/* `how`: " for linear search", or nothing. */
static bool open_file(struct ex_eval *r, const char *path, const char *how, struct file **opened)
{
	struct ex_world *world = r->world;
	struct mt_str name = mt_str_of(path);
	struct file *file = (struct file *)mt_map_get(&world->files, name);
	if (!file) {
		file = MT_NEW(world->arena, struct file);
		*file = (struct file){.path = path,
				      .item = mt_snapshot_file(world->snapshot, path)};
		mt_map_put(&world->files, name, file);
	}
	*opened = file;
	if (file->item->presence == MT_ABSENT)
		return ex_eval_fail(r, "failed to open %s%s: No such file or directory", path, how);
	if (!mt_item_readable(file->item))
		return ex_eval_unknown(r, mt_format(r->arena, "%s was not read", path));
	return may_read(world, file->item) || denied(r, path, how);
}

/* Any beginning of a name below a folder: those that are there. */
static void note_below(struct ex_eval *r, struct mt_str before, struct mt_str after)
{
	const struct mt_snapshot *snapshot = r->world->snapshot;
	for (size_t i = 0; i < snapshot->count; i++) {
		struct mt_str name = mt_str_of(snapshot->items[i].name);
		if (snapshot->items[i].probe || name.n <= before.n + after.n ||
		    snapshot->items[i].presence == MT_ABSENT ||
		    memcmp(name.p, before.p, before.n) != 0 ||
		    memcmp(name.p + name.n - after.n, after.p, after.n) != 0)
			continue;
		name = mt_str_part(name, before.n, name.n - before.n - after.n);
		const char *slash = memchr(name.p, '/', name.n);
		if (slash && !after.n)
			name.n = (size_t)(slash - name.p);
		if (!slash || !after.n)
			ex_eval_sender(r, MT_BY_SENDER_DOMAIN, name);
	}
}

/* The sender's domain is part of the name: whose file is there? */
static void note_path(struct ex_eval *r, const struct ex_piece *path)
{
	struct mt_str text = ex_piece_text(path), domain = ex_domain_part(r->mail->sender);
	const char *at = domain.n && path->tainted ? mt_str_find(text, domain) : NULL;
	if (!at)
		return;
	size_t n = (size_t)(at - text.p), end = n + domain.n;
	note_below(r, mt_str_part(text, 0, n), mt_str_part(text, end, text.n - end));
}

bool ex_eval_exists(struct ex_eval *r, const struct ex_piece *path, bool *is)
{
	struct mt_str text = ex_piece_text(path);
	note_path(r, path);
	*is = false;
	/* of any sender, or "//": where a name was looked for and not found */
	if (!text.n || memchr(text.p, EX_ANY, text.n) || mt_str_has(text, "//")) {
		r->result->guessed = true;
		return true;
	}
	const struct mt_item *item = mt_snapshot_file(r->world->snapshot, mt_strz(r->arena, text));
	if (item->presence == MT_UNASKED && item->type == '?')
		return ex_eval_unknown(r, mt_format(r->arena, "whether %.*s exists was not asked",
						    MT_STR_FMT(text)));
	*is = item->presence != MT_ABSENT;
	return true;
}

static void add_line(struct ex_eval *r, const char *file, unsigned line, struct mt_str text)
{
	const char *shown = mt_strz(r->arena, text);
	if (r->world->backend)
		shown = mt_redact_text(r->arena, r->world->backend, file, shown);
	r->result->lines =
		mt_origin(r->arena, file, line, shown, (struct mt_origin *)r->result->lines);
}

/* With what ends a line replaced, if that is given. */
bool ex_eval_readfile(struct ex_eval *r, bool skip, struct ex_piece *out)
{
	struct ex_piece path = EX_PIECE(r), end = EX_PIECE(r);
	struct file *file;
	if (!ex_eval_braced(r, skip, "Not enough arguments for 'readfile' (min is 1)", &path))
		return false;
	ex_eval_blanks(r);
	bool replaces = ex_eval_peek(r) == '{';
	if (replaces && !ex_eval_braced(r, skip, "", &end))
		return false;
	ex_eval_blanks(r);
	if (ex_eval_next(r) != '}')
		return ex_eval_fail(r, "missing '}' after 'readfile'");
	if (skip)
		return true;
	const char *name = mt_strz(r->arena, ex_piece_text(&path));
	note_path(r, &path);
	if (path.tainted)
		return tainted(r, name, false);
	if (!open_file(r, name, "", &file))
		return false;
	struct mt_str bytes = file->item->bytes, line;
	add_line(r, name, 1, mt_str_trim(bytes));
	while (mt_str_line(&bytes, &line)) {
		bool whole = line.p + line.n != bytes.p;
		mt_text_add(&out->text, line);
		if (whole)
			mt_text_add(&out->text, replaces ? ex_piece_text(&end) : MT_STR("\n"));
	}
	return true;
}

/* ---- types of look-ups ---- */

enum { FOUND_BY_KEY, FOUND_BY_PATTERN, FOUND_BY_NETWORK, FOUND_AS_FILE, FOUND_ELSEWHERE, QUERY };
static const struct {
	const char *name;
	int how;
} types[] = {{"lsearch", FOUND_BY_KEY},
	     {"nwildlsearch", FOUND_BY_PATTERN},
	     {"wildlsearch", FOUND_BY_PATTERN},
	     {"iplsearch", FOUND_BY_NETWORK},
	     {"dsearch", FOUND_AS_FILE},
	     {"cdb", FOUND_ELSEWHERE},
	     {"dbm", FOUND_ELSEWHERE},
	     {"dbmjz", FOUND_ELSEWHERE},
	     {"dbmnz", FOUND_ELSEWHERE},
	     {"nis", FOUND_ELSEWHERE},
	     {"nis0", FOUND_ELSEWHERE},
	     {"spf", FOUND_ELSEWHERE},
	     {"json", FOUND_ELSEWHERE},
	     {"lmdb", FOUND_ELSEWHERE},
	     {"dnsdb", QUERY},
	     {"mysql", QUERY},
	     {"pgsql", QUERY},
	     {"sqlite", QUERY},
	     {"ldap", QUERY},
	     {"ldapdn", QUERY},
	     {"ldapm", QUERY},
	     {"redis", QUERY},
	     {"oracle", QUERY},
	     {"ibase", QUERY},
	     {"nisplus", QUERY},
	     {"passwd", QUERY},
	     {"whoson", QUERY},
	     {"testdb", QUERY}};

struct lookup {
	struct mt_str type; /* as written */
	int how;
	bool partial, star, star_at, expands; /* partial-..., ...*, ...*@, wildlsearch */
	struct ex_piece key, file;
};

static bool read_type(struct ex_eval *r, struct lookup *l)
{
	struct mt_str name = l->type;
	const char *comma = memchr(name.p, ',', name.n);
	if (mt_str_starts(name, "partial")) {
		const char *hyphen = memchr(name.p, '-', name.n);
		size_t n = hyphen ? (size_t)(hyphen - name.p) + 1 : 0;
		l->partial = hyphen != NULL;
		name = mt_str_part(name, n, name.n - n);
	}
	if (comma && comma >= name.p)
		name.n = (size_t)(comma - name.p);
	if (name.n > 2 && mt_str_is(mt_str_part(name, name.n - 2, 2), "*@")) {
		l->star_at = l->star = true;
		name.n -= 2;
	} else if (name.n > 1 && name.p[name.n - 1] == '*') {
		l->star = true;
		name.n--;
	}
	l->expands = mt_str_is(name, "wildlsearch");
	for (size_t i = 0; i < MT_ARRAY_LEN(types); i++) {
		l->how = types[i].how;
		if (mt_str_is(name, types[i].name))
			return true;
	}
	return ex_eval_fail(r, "unknown lookup type \"%.*s\"", MT_STR_FMT(name));
}

/* ---- finding ---- */

/* Whom the keys of a file tell apart; a "*" is for all others. */
static void note_keys(struct ex_eval *r, struct file *file, enum ex_subject is, bool star_at)
{
	enum mt_by by = is == EX_IS_SENDER ? MT_BY_SENDER : MT_BY_SENDER_DOMAIN;
	if ((is != EX_IS_SENDER && is != EX_IS_DOMAIN) || file->noted[by] == r->world->round)
		return;
	file->noted[by] = r->world->round;
	for (const struct ex_entry *e = file->entries->entries; e; e = e->next) {
		bool star = e->key.n && *e->key.p == '*';
		if (star && star_at && e->key.n > 2 && e->key.p[1] == '@')
			ex_eval_sender(r, MT_BY_SENDER_DOMAIN,
				       mt_str_part(e->key, 2, e->key.n - 2));
		else if (!star && e->key.n)
			ex_eval_sender(r, by, e->key);
	}
}

/* The name itself, "*.NAME", and so on with labels taken off in front, while two are left. */
static const struct ex_entry *find_partial(struct ex_eval *r, const struct file *file,
					   struct mt_str name)
{
	const struct ex_entry *found = ex_lsearch_find(r->arena, file->entries, name);
	while (!found && memchr(name.p, '.', name.n)) {
		struct mt_str below = mt_str_of(mt_format(r->arena, "*.%.*s", MT_STR_FMT(name)));
		found = ex_lsearch_find(r->arena, file->entries, below);
		const char *dot = memchr(name.p, '.', name.n);
		size_t n = (size_t)(dot - name.p) + 1;
		name = mt_str_part(name, n, name.n - n);
	}
	return found;
}

static bool find_by_key(struct ex_eval *r, struct lookup *l, struct file *file,
			const struct ex_entry **found)
{
	struct mt_str key = ex_piece_text(&l->key), at = ex_domain_part(key);
	enum ex_subject is = ex_eval_subject(r, &l->key);
	bool any = key.n == 1 && *key.p == EX_ANY;
	if (is == EX_IS_PART && !any)
		return ex_eval_unknown(r, "it looks up a part of the sender's address");
	note_keys(r, file, is, l->star_at);
	if (l->partial) {
		*found = find_partial(r, file, key);
		return true;
	}
	*found = ex_lsearch_find(r->arena, file->entries, key);
	if (!*found && l->star_at && at.n)
		*found = ex_lsearch_find(r->arena, file->entries,
					 mt_str_of(mt_format(r->arena, "*@%.*s", MT_STR_FMT(at))));
	return true;
}

/* The first line whose key matches. */
static bool find_by_pattern(struct ex_eval *r, const struct lookup *l, const struct file *file,
			    const struct ex_entry **found)
{
	for (const struct ex_entry *e = file->entries->entries; e && !*found; e = e->next) {
		bool matches = false;
		if (l->expands &&
		    (memchr(e->key.p, '$', e->key.n) || memchr(e->key.p, '\\', e->key.n)))
			return ex_eval_unknown(r, "a key of the file is an expression");
		if (!ex_eval_matches(r, &l->key, e->key, &matches))
			return false;
		*found = matches ? e : NULL;
	}
	return true;
}

static bool find_by_network(struct ex_eval *r, const struct lookup *l, const struct file *file,
			    const struct ex_entry **found)
{
	struct mt_str key = ex_piece_text(&l->key);
	struct mt_addr addr;
	if (key.n && *key.p == EX_HOST)
		return ex_eval_unknown(r, "it needs $host_address");
	if (!mt_addr_parse(key, &addr))
		return ex_eval_fail(
			r,
			"lookup of \"%.*s\" gave DEFER: \"%.*s\" is not a valid iplsearch "
			"key (an IP address, with optional CIDR mask, is wanted): in a "
			"host list, use net-iplsearch as the search type",
			MT_STR_FMT(key), MT_STR_FMT(key));
	for (const struct ex_entry *e = file->entries->entries; e && !*found; e = e->next)
		*found = mt_addr_in_text(addr, e->key) ? e : NULL;
	return true;
}

/* A key of a bundle that has left the host: '*' in place of each byte. */
static bool is_cut(const struct file *file)
{
	if (file->item->presence != MT_REDACTED)
		return false;
	for (const struct ex_entry *e = file->entries->entries; e; e = e->next)
		if (mt_str_has(e->key, "**"))
			return true;
	return false;
}

static bool find_line(struct ex_eval *r, struct lookup *l, const struct ex_entry **found)
{
	struct file *file;
	const char *path = mt_strz(r->arena, ex_piece_text(&l->file));
	if (l->file.tainted)
		return tainted(r, path, true);
	if (!open_file(r, path, " for linear search", &file))
		return false;
	if (!file->entries)
		file->entries = ex_lsearch_read(r->world->arena, file->item->bytes);
	/* nothing is found by an empty key, but what is for all others */
	bool told = !ex_piece_text(&l->key).n	 ? true
		    : l->how == FOUND_BY_KEY	 ? find_by_key(r, l, file, found)
		    : l->how == FOUND_BY_PATTERN ? find_by_pattern(r, l, file, found)
						 : find_by_network(r, l, file, found);
	if (told && !*found && l->star)
		*found = ex_lsearch_find(r->arena, file->entries, MT_STR("*"));
	if (told && !*found && is_cut(file))
		return ex_eval_unknown(r, mt_format(r->arena, "what %s says was taken out", path));
	if (!told || !*found)
		return told;
	if (file->item->presence == MT_REDACTED &&
	    memchr((*found)->value.p, '*', (*found)->value.n))
		return ex_eval_unknown(r, mt_format(r->arena, "what %s says was taken out", path));
	add_line(r, path, (*found)->line, (*found)->text);
	return true;
}

/* A name in a folder; what is below it tells that it is there. */
static bool find_name(struct ex_eval *r, const struct lookup *l, bool *found)
{
	struct mt_str key = ex_piece_text(&l->key), folder = ex_piece_text(&l->file);
	const struct mt_snapshot *snapshot = r->world->snapshot;
	const char *path = mt_strz(r->arena, folder);
	const struct mt_item *item = mt_snapshot_file(snapshot, path);
	if (l->file.tainted)
		return tainted(r, path, true);
	if (item->presence == MT_ABSENT)
		return ex_eval_fail(r,
				    "failed to open %s for directory search: No such file or "
				    "directory",
				    path);
	if (memchr(key.p ? key.p : "", '/', key.n))
		return ex_eval_fail(
			r,
			"lookup of \"%.*s\" gave DEFER: key for dsearch lookup contains a "
			"slash: %.*s",
			MT_STR_FMT(key), MT_STR_FMT(key));
	struct mt_str prefix = mt_str_of(mt_format(r->arena, "%s/", path)), none = {"", 0};
	if (ex_eval_subject(r, &l->key) == EX_IS_DOMAIN)
		note_below(r, prefix, none);
	bool any = false;
	struct mt_str full = mt_str_of(mt_format(r->arena, "%s%.*s", prefix.p, MT_STR_FMT(key)));
	for (size_t i = 0; i < snapshot->count; i++) {
		struct mt_str name = mt_str_of(snapshot->items[i].name);
		if (snapshot->items[i].probe || snapshot->items[i].presence == MT_ABSENT ||
		    !mt_str_starts(name, prefix.p))
			continue;
		any = true;
		if (key.n && mt_str_starts(name, full.p) &&
		    (name.n == full.n || name.p[full.n] == '/'))
			*found = true;
	}
	if (!any && item->type == '?')
		return ex_eval_unknown(r,
				       mt_format(r->arena, "the names in %s were not asked", path));
	r->result->guessed = r->result->guessed || !*found;
	return true;
}

static bool find(struct ex_eval *r, struct lookup *l, struct mt_str *value, bool *found)
{
	const struct ex_entry *entry = NULL;
	bool partial = l->partial && (l->how != FOUND_BY_KEY || !r->mail->recipient.p ||
				      !mt_str_starts(l->type, "partial-"));
	if (l->how == QUERY || l->how == FOUND_ELSEWHERE || partial)
		return ex_eval_unknown(
			r, mt_format(r->arena, "it needs ${lookup %.*s", MT_STR_FMT(l->type)));
	if (l->how == FOUND_AS_FILE) {
		*value = ex_piece_text(&l->key);
		return find_name(r, l, found);
	}
	if (!find_line(r, l, &entry))
		return false;
	*found = entry != NULL;
	if (entry)
		*value = entry->value;
	return true;
}

bool ex_eval_lookup(struct ex_eval *r, bool skip, struct ex_piece *out)
{
	struct lookup l = {.key = EX_PIECE(r), .file = EX_PIECE(r)};
	struct mt_str before = r->value, value = {0};
	bool found = false;
	ex_eval_blanks(r);
	bool keyed = ex_eval_peek(r) == '{';
	if (keyed && !ex_eval_braced(r, skip, "", &l.key))
		return false;
	ex_eval_blanks(r);
	l.type = r->s;
	while (r->s.n && ex_eval_peek(r) != '{' && !ex_is_blank(ex_eval_peek(r)))
		ex_eval_next(r);
	l.type.n -= r->s.n;
	if (!l.type.n || !mt_is_alnum(*l.type.p))
		return ex_eval_fail(r, "missing lookup type");
	if (!read_type(r, &l))
		return false;
	if (!keyed && l.how != QUERY)
		return ex_eval_fail(r, "missing {key} for single-key \"%.*s\" lookup",
				    MT_STR_FMT(l.type));
	if (keyed && l.how == QUERY)
		return ex_eval_fail(
			r,
			"a single key was given for lookup type \"%.*s\", which is not a "
			"single-key lookup type",
			MT_STR_FMT(l.type));
	if (!ex_eval_braced(r, skip, "missing '{' for lookup file-or-query arg", &l.file))
		return false;
	if (!skip && !find(r, &l, &value, &found))
		return false;
	r->value = found ? value : before;
	if (!ex_eval_branches(r, "lookup", found, skip, out))
		return false;
	r->value = before;
	return true;
}
