/* SPDX-License-Identifier: ISC */
/* config.c: sections, options and drivers of a configuration, from its logical lines (lines.h). */
#include "config.h"

#include <string.h>

#include "collect.h"
#include "sections.h"

#define LISTS_MAX	 16 /* of a kind */
#define NAME_MAX_	 63
#define SECTION_NAME_MAX 22

static struct mt_str behind(struct mt_str s, size_t n)
{
	return mt_str_part(s, n, s.n - n);
}

/* ---- where things stand --------------------------------------------------------------------------- */

/* Appends a copy of each step of `from`; returns the new end. */
static struct mt_step **add_steps(struct mt_arena *arena, struct mt_step **tail,
				  const struct mt_step *from, bool includes)
{
	for (; from; from = from->next) {
		if (from->include != includes)
			continue;
		*tail = MT_NEW(arena, struct mt_step);
		**tail = *from;
		(*tail)->next = NULL;
		tail = &(*tail)->next;
	}
	return tail;
}

const struct mt_origin *ex_origin(struct ex_reader *reader, const struct ex_logical *line)
{
	struct mt_origin *origin = mt_origin(reader->arena, line->file, line->first,
					     mt_strz(reader->arena, mt_str_trim(line->raw)), NULL);
	struct mt_step *first = NULL, **tail = &first;
	for (size_t i = 0; i < line->used_count; i++) {
		const struct ex_macro *macro = line->used[i];
		*tail = MT_NEW(reader->arena, struct mt_step);
		**tail = (struct mt_step){.name = macro->name,
					  .file = macro->origin->file,
					  .line = macro->origin->line};
		tail = add_steps(reader->arena, &(*tail)->next, macro->origin->via, false);
	}
	add_steps(reader->arena, tail, line->includes, true);
	origin->via = first;
	return origin;
}

/* ---- macros --------------------------------------------------------------------------------------- */

static struct ex_macro **find_macro(const struct ex_reader *reader, struct mt_str name)
{
	for (size_t i = 0; i < reader->macro_count; i++)
		if (mt_str_is(name, reader->macro[i]->name))
			return &reader->macro[i];
	return NULL;
}

/* A macro defined before it, or built in, that is a part of `name`; NULL: none. */
static const char *part_of(const struct ex_reader *reader, struct mt_str name)
{
	const char *value;
	for (size_t i = 0; i < name.n; i++) {
		size_t n =
			name.p[i] == '_' ? ex_builtin(behind(name, i), reader->build, &value) : 0;
		if (n)
			return mt_strz(reader->arena, mt_str_part(name, i, n));
	}
	for (size_t i = 0; i < reader->macro_count; i++)
		if (mt_str_find(name, mt_str_of(reader->macro[i]->name)))
			return reader->macro[i]->name;
	return NULL;
}

static void add_macro(struct ex_reader *reader, struct ex_macro *macro)
{
	if (reader->macro_count == EX_MACROS_MAX) {
		ex_unknown(reader, "it has more than %d macros", EX_MACROS_MAX);
		return;
	}
	if (reader->macro_count == reader->macro_room) {
		size_t room = reader->macro_room ? 2 * reader->macro_room : 32;
		struct ex_macro **more = mt_alloc(reader->arena, room * sizeof(*more));
		if (reader->macro_count)
			memcpy(more, reader->macro, reader->macro_count * sizeof(*more));
		reader->macro = more;
		reader->macro_room = room;
	}
	reader->macro[reader->macro_count++] = macro;
}

/* May it be defined, or with `again` redefined. */
static bool check_macro(struct ex_reader *reader, struct mt_str name, bool again)
{
	struct ex_macro **before = find_macro(reader, name);
	if (before && !again)
		return ex_fail_nowhere(reader,
				       "macro \"%.*s\" is already defined (use \"==\" if you "
				       "want to redefine it)",
				       MT_STR_FMT(name));
	if (before)
		return true;
	const char *part = part_of(reader, name);
	if (part && !ex_fault(EX_FAULT_NO_CLASH))
		return ex_fail_nowhere(reader,
				       "\"%.*s\" cannot be defined as a macro because previously "
				       "defined macro \"%s\" is a substring",
				       MT_STR_FMT(name), part);
	return !again || ex_fail_nowhere(reader, "can't redefine an undefined macro \"%.*s\"",
					 MT_STR_FMT(name));
}

bool ex_read_macro(struct ex_reader *reader, const struct ex_logical *line)
{
	struct mt_str s = line->text, name = s;
	size_t n = 0;
	while (n < s.n && ex_is_word(s.p[n]))
		n++;
	if (n > NAME_MAX_)
		return ex_fail(reader, "macro name too long (maximum is %d characters)", NAME_MAX_);
	name.n = n;
	s = behind(s, n);
	ex_skip_space(&s);
	if (!mt_str_skip(&s, "="))
		return ex_fail(reader, "malformed macro definition");
	bool again = mt_str_skip(&s, "=");
	ex_skip_space(&s);
	if (reader->snapshot && !check_macro(reader, name, again))
		return false;
	struct ex_macro *macro = MT_NEW(reader->arena, struct ex_macro);
	struct ex_macro **before = find_macro(reader, name);
	*macro = (struct ex_macro){.name = mt_strz(reader->arena, name),
				   .value = mt_strz(reader->arena, s),
				   .unknown = line->cut,
				   .origin = ex_origin(reader, line)};
	*reader->macro_tail = macro;
	reader->macro_tail = &macro->next;
	if (before && !ex_fault(EX_FAULT_FIRST_DEFINITION))
		*before = macro;
	else
		add_macro(reader, macro);
	return true;
}

/* The macro that is all of what stands behind the '='. */
static const struct ex_macro *whole_macro(const struct ex_logical *line)
{
	const char *equals = line->raw.n ? memchr(line->raw.p, '=', line->raw.n) : NULL;
	if (!equals || !line->used_count)
		return NULL;
	size_t at = (size_t)(equals - line->raw.p) + 1;
	struct mt_str value = mt_str_trim(behind(line->raw, at));
	for (size_t i = 0; i < line->used_count; i++)
		if (mt_str_is(value, line->used[i]->name))
			return line->used[i];
	return NULL;
}

/* ---- options -------------------------------------------------------------------------------------- */

#define NOT_DISPLAYABLE "<value not displayable>"

/* Of a name whose values leave, a '*' alone is one that stands there: "route_list = * relay.example". */
static bool is_cut(const char *name, const char *value)
{
	return strchr(value, '*') && (!ex_leaves(name) || strstr(value, "**"));
}

/* An error in what was cut out of a bundle is none of the host's. */
static bool forgive(struct ex_reader *reader, const struct ex_logical *line)
{
	struct ex_config *config = reader->config;
	if (!line->cut && !reader->redacted)
		return false;
	config->error = config->error_file = NULL;
	config->error_line = 0;
	return true;
}

/* A name that the tables do not have may be one of a newer Exim. */
bool ex_may_be_newer(const struct ex_reader *reader)
{
	return reader->build && reader->build->version > EX_TABLES_VERSION;
}

static bool already_set(const struct ex_option *options, const char *name)
{
	return ex_option_get(options, name) != NULL;
}

static bool fill_value(struct ex_reader *reader, const struct ex_known *known,
		       const struct ex_written *written, const struct ex_logical *line,
		       struct ex_option *option)
{
	if (!reader->snapshot && mt_str_has(written->rest, NOT_DISPLAYABLE)) {
		option->unknown = true;
		return true;
	}
	if (!ex_read_value(reader, known, written->name, written->negated, written->rest, option) &&
	    !forgive(reader, line))
		return false;
	if (line->cut && (!option->value || is_cut(known->name, option->value)))
		option->unknown = true;
	if (option->unknown)
		option->value = "";
	return true;
}

struct ex_written ex_written(struct ex_reader *reader, struct mt_str s)
{
	struct ex_written w = {.name = ""};
	for (int i = 0; i < 2; i++) {
		size_t n = 0;
		while (n < s.n && ex_is_word(s.p[n]))
			n++;
		w.name = mt_strz(reader->arena, mt_str_part(s, 0, n < NAME_MAX_ ? n : NAME_MAX_));
		s = behind(s, n);
		ex_skip_space(&s);
		if (strcmp(w.name, "hide") != 0)
			break;
		w.hidden = true;
	}
	w.rest = s;
	w.plain = w.name;
	if (strncmp(w.name, "no_", 3) == 0)
		w.plain = w.name + 3;
	else if (strncmp(w.name, "not_", 4) == 0)
		w.plain = w.name + 4;
	w.negated = w.plain != w.name;
	return w;
}

bool ex_read_option(struct ex_reader *reader, const struct ex_logical *line,
		    const struct ex_known *known, const struct ex_written *written,
		    struct ex_option **options)
{
	if (!(known->kind & EX_REPEATS) && already_set(*options, known->name) &&
	    !ex_fault(EX_FAULT_OPTION_TWICE))
		return ex_fail(reader, "\"%s\" option set for the second time", written->name) ||
		       forgive(reader, line);
	struct ex_option *option = MT_NEW(reader->arena, struct ex_option);
	*option = (struct ex_option){.name = known->name, .value = "", .hidden = written->hidden};
	if (!fill_value(reader, known, written, line, option))
		return false;
	option->origin = ex_origin(reader, line);
	option->last_line = line->last;
	option->macro = whole_macro(line);
	while (*options)
		options = &(*options)->next;
	*options = option;
	return true;
}

bool ex_expect_name(struct ex_reader *reader, struct mt_str s)
{
	return (s.n && mt_is_alnum(*s.p) && !mt_is_digit(*s.p)) ||
	       ex_fail(reader, "option setting expected: %.*s", MT_STR_FMT(s));
}

bool ex_unknown_option(struct ex_reader *reader, const struct ex_logical *line, const char *fmt,
		       const char *name)
{
	if (ex_may_be_newer(reader)) {
		ex_unknown(reader, "option \"%s\" is not known here", name);
		return true;
	}
	if (line->cut)
		return true;
	struct mt_text text = MT_TEXT_INIT(reader->arena);
	struct mt_str rest = mt_str_of(fmt);
	const char *at = mt_str_find(rest, MT_STR("NAME"));
	size_t n = (size_t)(at - fmt);
	mt_text_add(&text, mt_str_part(rest, 0, n));
	mt_text_addf(&text, "%s%s", name, fmt + n + 4);
	return ex_fail(reader, "%s", mt_text_z(&text));
}

/* ---- the main section ------------------------------------------------------------------------------- */

static const struct {
	const char *word, *title;
} list_kinds[] = {{"domainlist", "domain list"},
		  {"hostlist", "host list"},
		  {"addresslist", "address list"},
		  {"localpartlist", "local part list"}};

static bool check_list_name(struct ex_reader *reader, size_t kind, const char *name)
{
	unsigned count = 0;
	bool twice = false;
	for (const struct ex_list *l = reader->config->lists; l; l = l->next) {
		bool same_kind = l->kind == list_kinds[kind].word;
		count += same_kind;
		twice = twice || (same_kind && strcmp(l->name, name) == 0);
	}
	const char *title = list_kinds[kind].title;
	if (count == LISTS_MAX)
		return ex_fail(reader, "too many named %ss (max is %d)", title, LISTS_MAX);
	return !twice || ex_fail(reader, "duplicate name \"%s\" for a named %s", name, title);
}

/* `s` is behind the word: "_cache NAME = VALUE" */
static bool read_list(struct ex_reader *reader, const struct ex_logical *line, size_t kind,
		      struct mt_str s)
{
	size_t n = 0;
	mt_str_skip(&s, "_cache");
	if (!s.n || !ex_is_space(*s.p))
		return ex_fail(reader, "unrecognized configuration line");
	ex_skip_space(&s);
	while (n < s.n && ex_is_word(s.p[n]))
		n++;
	const char *name = mt_strz(reader->arena, mt_str_part(s, 0, n));
	s = behind(s, n);
	ex_skip_space(&s);
	if (!check_list_name(reader, kind, name))
		return false;
	if (!mt_str_skip(&s, "="))
		return ex_fail(reader, "missing '=' after \"%s\"", name);
	ex_skip_space(&s);
	struct ex_list *list = MT_NEW(reader->arena, struct ex_list), **tail;
	*list = (struct ex_list){.kind = list_kinds[kind].word,
				 .name = name,
				 .value = ex_read_string(reader, s, name),
				 .hidden = mt_str_starts(line->text, "hide"),
				 .origin = ex_origin(reader, line)};
	for (tail = &reader->config->lists; *tail;)
		tail = &(*tail)->next;
	*tail = list;
	return list->value != NULL;
}

static bool read_main_line(struct ex_reader *reader, const struct ex_logical *line)
{
	struct mt_str s = line->text, rest = s;
	if (s.n && ex_is_upper(*s.p))
		return ex_read_macro(reader, line);
	if (mt_str_skip(&rest, "hide") && rest.n && ex_is_space(*rest.p))
		ex_skip_space(&rest);
	else
		rest = s;
	for (size_t kind = 0; kind < MT_ARRAY_LEN(list_kinds); kind++)
		if (mt_str_skip(&rest, list_kinds[kind].word))
			return read_list(reader, line, kind, rest) || forgive(reader, line);
	if (!ex_expect_name(reader, s))
		return forgive(reader, line);
	struct ex_written written = ex_written(reader, s);
	const struct ex_known *known =
		ex_known(EX_OF_MAIN, mt_str_of(written.plain), reader->build);
	if (!known)
		return ex_unknown_option(reader, line, "main option \"NAME\" unknown",
					 written.name);
	return ex_read_option(reader, line, known, &written, &reader->config->main);
}

/* ---- sections --------------------------------------------------------------------------------------- */

static const char *const section_names[EX_SECTIONS] = {
	[EX_ACL] = "acls",
	[EX_AUTHENTICATORS] = "authenticators",
	[EX_LOCAL_SCAN] = "local_scans",
	[EX_RETRY] = "retrys",
	[EX_REWRITE] = "rewrites",
	[EX_ROUTERS] = "routers",
	[EX_TRANSPORTS] = "transports",
};

static bool is_begin(struct mt_str s)
{
	return s.n >= 6 && mt_str_same(mt_str_part(s, 0, 6), MT_STR("begin "));
}

/* The section that "begin NAME" begins. */
static bool enter_section(struct ex_reader *reader, const struct ex_logical *line, unsigned *had)
{
	struct mt_str name = behind(line->text, 6);
	ex_skip_space(&name);
	name.n = name.n < SECTION_NAME_MAX ? name.n : SECTION_NAME_MAX;
	const char *plural = name.n && (name.p[name.n - 1] | 0x20) == 's' ? "" : "s";
	struct mt_str whole =
		mt_str_of(mt_format(reader->arena, "%.*s%s", MT_STR_FMT(name), plural));
	enum ex_section section = EX_ACL;
	while (section < EX_SECTIONS && !mt_str_same(whole, mt_str_of(section_names[section])))
		section++;
	if (section == EX_SECTIONS)
		return ex_fail(reader, "\"%.*s\" is not a known configuration section name",
			       MT_STR_FMT(name));
	if (*had & 1U << section)
		return ex_fail(reader, "\"%.*s\" section is repeated in the configuration file",
			       MT_STR_FMT(name));
	*had |= 1U << section;
	reader->section = section;
	return section != EX_LOCAL_SCAN ||
	       ex_fail(reader, "local_scan() options not supported: (LOCAL_SCAN_HAS_OPTIONS not "
			       "defined in Local/Makefile)");
}

static bool read_line(struct ex_reader *reader, const struct ex_logical *line,
		      struct ex_sections *sections)
{
	switch (reader->section) {
	case EX_MAIN:
		return read_main_line(reader, line);
	case EX_ACL:
		return ex_read_acl_line(reader, line, sections) || forgive(reader, line);
	case EX_AUTHENTICATORS:
	case EX_ROUTERS:
	case EX_TRANSPORTS:
		return ex_read_driver_line(reader, line, sections) || forgive(reader, line);
	case EX_RETRY:
		return ex_read_retry(reader, line->text) || forgive(reader, line);
	case EX_REWRITE: {
		bool envelope;
		return ex_read_rewrite(reader, line->text, &envelope) || forgive(reader, line);
	}
	default:
		return true;
	}
}

static bool end_section(struct ex_reader *reader, struct ex_sections *sections)
{
	if (reader->section == EX_MAIN)
		return ex_check_main(reader);
	return ex_end_drivers(reader, sections);
}

static void read_all(struct ex_reader *reader)
{
	struct ex_sections sections = {0};
	struct ex_logical line;
	while (ex_next_line(reader, &line)) {
		if (is_begin(line.text) && !mt_str_trim(behind(line.text, 6)).n)
			break; /* no name, and Exim takes it for the end of the file */
		if (!is_begin(line.text)) {
			if (!read_line(reader, &line, &sections) || reader->config->error)
				return;
		} else if (!end_section(reader, &sections) ||
			   !enter_section(reader, &line, &sections.had)) {
			return;
		}
	}
	if (!reader->config->error)
		end_section(reader, &sections);
}

static struct ex_reader reader_of(struct mt_arena *arena, const struct mt_snapshot *snapshot,
				  const char *file, const struct ex_build *build)
{
	struct ex_config *config = MT_NEW(arena, struct ex_config);
	*config = (struct ex_config){.file = file};
	return (struct ex_reader){.arena = arena,
				  .snapshot = snapshot,
				  .build = build,
				  .config = config,
				  .macro_tail = &config->macros,
				  .line_tail = &config->lines};
}

const struct ex_config *ex_config_read(struct mt_arena *arena, const struct mt_snapshot *snapshot,
				       const char *file, const struct ex_build *build)
{
	struct ex_reader reader = reader_of(arena, snapshot, file, build);
	ex_reader_open(&reader, file);
	if (reader.source)
		read_all(&reader);
	return reader.config;
}

const struct ex_config *ex_config_printed(struct mt_arena *arena, struct mt_str printed,
					  const struct ex_build *build)
{
	struct ex_reader reader = reader_of(arena, NULL, "", build);
	struct ex_source source = {.file = "", .rest = printed};
	reader.source = &source;
	read_all(&reader);
	return reader.config;
}

/* ---- what others ask ---------------------------------------------------------------------------------- */

const struct ex_option *ex_option_get(const struct ex_option *options, const char *name)
{
	while (options && strcmp(options->name, name) != 0)
		options = options->next;
	return options;
}

const struct ex_driver *ex_driver_get(const struct ex_driver *drivers, const char *name)
{
	while (drivers && strcmp(drivers->name, name) != 0)
		drivers = drivers->next;
	return drivers;
}

const struct ex_macro *ex_macro_get(const struct ex_config *config, const char *name)
{
	const struct ex_macro *last = NULL;
	for (const struct ex_macro *m = config->macros; m; m = m->next)
		if (strcmp(m->name, name) == 0)
			last = m;
	return last;
}

bool ex_option_on(const struct ex_option *options, const char *name, bool otherwise)
{
	const struct ex_option *option = ex_option_get(options, name);
	return option ? strcmp(option->value, "true") == 0 : otherwise;
}

const struct ex_build *ex_build_read(struct mt_arena *arena, struct mt_str bV)
{
	struct mt_str rest = bV, line;
	while (mt_str_line(&rest, &line)) {
		struct mt_str number;
		unsigned long major, minor;
		if (!mt_str_skip(&line, "Exim version ") || !mt_str_word(&line, " .", &number) ||
		    !mt_str_number(number, 99, &major) || !mt_str_word(&line, " ._", &number) ||
		    !mt_str_number(number, 99, &minor))
			continue;
		struct ex_build *build = MT_NEW(arena, struct ex_build);
		*build = (struct ex_build){.version = (unsigned)(major * 100 + minor), .text = bV};
		return build;
	}
	return NULL;
}
