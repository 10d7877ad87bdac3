/* SPDX-License-Identifier: ISC */
/* lines.c: reading logical lines. */
#include "lines.h"

#include <string.h>

#define INCLUDES_MAX 100 /* Exim has no limit but its descriptors */
#define LINE_MAX_    ((size_t)1 << 20) /* macros that double each other end here */

void ex_skip_space(struct mt_str *s)
{
	while (s->n && ex_is_space(*s->p))
		*s = mt_str_part(*s, 1, s->n - 1);
}

static struct mt_str without_space_behind(struct mt_str s)
{
	while (s.n && ex_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* ---- what ends it ------------------------------------------------------------------------------ */

static bool fail(struct ex_reader *reader, bool place, const char *fmt, va_list args)
{
	struct ex_config *config = reader->config;
	if (config->error)
		return false;
	config->error = mt_vformat(reader->arena, fmt, args);
	if (place && reader->source) {
		config->error_file = reader->source->file;
		config->error_line = reader->source->line;
	}
	return false;
}

bool ex_fail(struct ex_reader *reader, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fail(reader, true, fmt, args);
	va_end(args);
	return false;
}

bool ex_fail_nowhere(struct ex_reader *reader, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fail(reader, false, fmt, args);
	va_end(args);
	return false;
}

void ex_unknown(struct ex_reader *reader, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	if (!reader->config->unknown)
		reader->config->unknown = mt_vformat(reader->arena, fmt, args);
	va_end(args);
}

/* ---- files -------------------------------------------------------------------------------------- */

static void push_source(struct ex_reader *reader, const struct mt_item *item)
{
	struct ex_source *source = MT_NEW(reader->arena, struct ex_source), *from = reader->source;
	*source = (struct ex_source){.file = item->name,
				     .rest = item->bytes,
				     .redacted = item->presence == MT_REDACTED,
				     .from = from};
	if (from) {
		struct mt_step *step = MT_NEW(reader->arena, struct mt_step);
		*step = (struct mt_step){.include = true,
					 .name = item->name,
					 .file = from->file,
					 .line = from->line};
		step->next = (struct mt_step *)from->includes;
		source->includes = step;
	}
	reader->source = source;
	reader->redacted |= source->redacted;
	if (!mt_list_has(reader->config->files, item->name))
		mt_list_add(reader->arena, &reader->config->files, item->name);
}

/* Why a file that is there, or may be, is not known; false: that is not so. */
static bool is_unknown(struct ex_reader *reader, const struct mt_item *item, const char *name)
{
	if (mt_item_readable(item) || item->presence == MT_ABSENT)
		return false;
	ex_unknown(reader, "%s %s%s%s", name,
		   item->presence == MT_UNASKED ? "was not collected" : "cannot be read",
		   *item->why ? ": " : "", item->why);
	return true;
}

void ex_reader_open(struct ex_reader *reader, const char *file)
{
	const struct mt_item *item = mt_snapshot_file(reader->snapshot, file);
	if (is_unknown(reader, item, file))
		return;
	if (mt_item_readable(item))
		push_source(reader, item);
	else
		ex_unknown(reader, "%s is not there", file);
}

static bool too_deep(const struct ex_source *source)
{
	unsigned depth = 0;
	for (; source; source = source->from)
		depth++;
	return depth > INCLUDES_MAX;
}

/* The path as it stands, "..." taken off; beside the file that includes it where it is relative. */
static const char *included_path(struct ex_reader *reader, struct mt_str path)
{
	const char *file = reader->source->file, *slash = strrchr(file, '/');
	if (path.n && *path.p == '/')
		return mt_strz(reader->arena, path);
	return mt_format(reader->arena, "%.*s/%.*s", slash ? (int)(slash - file) : 1,
			 slash ? file : ".", MT_STR_FMT(path));
}

static bool include(struct ex_reader *reader, struct mt_str path, bool if_exists)
{
	path = mt_str_trim(path);
	if (path.n > 1 && !ex_fault(EX_FAULT_INCLUDE_KEEPS_QUOTES) && *path.p == '"' &&
	    path.p[path.n - 1] == '"')
		path = mt_str_part(path, 1, path.n - 2);
	if (if_exists && !(path.n && *path.p == '/'))
		return ex_fail(reader, ".include specifies a non-absolute path \"%.*s\"",
			       MT_STR_FMT(path));
	const char *name = included_path(reader, path);
	const struct mt_item *item = mt_snapshot_file(reader->snapshot, name);
	if (item->presence == MT_UNASKED)
		mt_list_add(reader->arena, &reader->config->uncollected, name);
	if (is_unknown(reader, item, name))
		return true;
	if (item->presence == MT_ABSENT && if_exists)
		mt_list_add(reader->arena, &reader->config->absent, name);
	else if (item->presence == MT_ABSENT || too_deep(reader->source))
		return ex_fail(reader, "failed to open included configuration file %s", name);
	else
		push_source(reader, item);
	return true;
}

/* ---- macros ------------------------------------------------------------------------------------- */

/* The bytes that a line is made of. */
struct buffer {
	struct mt_str text;
	const struct ex_macro **used;
	size_t used_count, used_room;
};

static void use(struct ex_reader *reader, struct buffer *buffer, const struct ex_macro *macro)
{
	for (size_t i = 0; i < buffer->used_count; i++)
		if (buffer->used[i] == macro)
			return;
	if (buffer->used_count == buffer->used_room) {
		size_t room = buffer->used_room ? 2 * buffer->used_room : 4;
		const struct ex_macro **more = mt_alloc(reader->arena, room * sizeof(*more));
		if (buffer->used_count)
			memcpy(more, buffer->used, buffer->used_count * sizeof(*more));
		buffer->used = more;
		buffer->used_room = room;
	}
	buffer->used[buffer->used_count++] = macro;
}

static struct mt_str replace(struct ex_reader *reader, struct mt_str s, const struct ex_macro *m)
{
	struct mt_str name = mt_str_of(m->name), value = mt_str_of(m->value);
	struct mt_text out = MT_TEXT_INIT(reader->arena);
	for (const char *p; (p = mt_str_find(s, name));) {
		if (ex_fault(EX_FAULT_WHOLE_WORDS) && p > s.p && ex_is_word(p[-1]))
			break;
		size_t before = (size_t)(p - s.p);
		mt_text_add(&out, mt_str_part(s, 0, before));
		mt_text_add(&out, value);
		s = mt_str_part(s, before + name.n, s.n - before - name.n);
		if (out.n + s.n > LINE_MAX_) {
			ex_unknown(reader, "a line with macros is longer than %zu bytes",
				   LINE_MAX_);
			return MT_STR("");
		}
	}
	mt_text_add(&out, s);
	return mt_text_str(&out);
}

static bool is_builtin_start(struct mt_str s, size_t at)
{
	return s.p[at] == '_' && at + 1 < s.n && ex_is_upper(s.p[at + 1]);
}

static struct mt_str replace_builtins(struct ex_reader *reader, struct mt_str s, bool *found)
{
	struct mt_text out = MT_TEXT_INIT(reader->arena);
	size_t done = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char *value;
		size_t n = is_builtin_start(s, i)
				   ? ex_builtin(mt_str_part(s, i, s.n - i), reader->build, &value)
				   : 0;
		if (!n)
			continue;
		mt_text_add(&out, mt_str_part(s, done, i - done));
		mt_text_add(&out, mt_str_of(value));
		done = i + n;
		i = done - 1;
		*found = true;
	}
	if (!done)
		return s;
	mt_text_add(&out, mt_str_part(s, done, s.n - done));
	return mt_text_str(&out);
}

/* The macros that are built in are looked for only if one of them could be the first macro on the line. */
static struct mt_str replace_all(struct ex_reader *reader, struct mt_str s, struct buffer *buffer,
				 bool *found)
{
	size_t first = 0;
	while (first < s.n && !ex_is_upper(s.p[first]) && !is_builtin_start(s, first))
		first++;
	if (first == s.n)
		return s;
	if (s.p[first] == '_')
		s = replace_builtins(reader, s, found);
	for (size_t i = 0; i < reader->macro_count; i++) {
		const struct ex_macro *macro = reader->macro[i];
		if (!mt_str_find(s, mt_str_of(macro->name)))
			continue;
		s = replace(reader, s, macro);
		use(reader, buffer, macro);
		*found = true;
	}
	return s;
}

/* Of a physical line all but its blanks in front, and at the beginning of a logical line the "NAME =" of a definition. */
static struct mt_str expand(struct ex_reader *reader, struct mt_str physical, bool begins,
			    struct buffer *buffer, bool *found)
{
	struct mt_str rest = physical;
	ex_skip_space(&rest);
	struct mt_str name = rest;
	if (begins && rest.n && ex_is_upper(*rest.p)) {
		while (name.n && ex_is_word(*name.p))
			name = mt_str_part(name, 1, name.n - 1);
		ex_skip_space(&name);
		if (name.n && *name.p == '=')
			rest = name;
	}
	struct mt_str after = replace_all(reader, rest, buffer, found);
	if (after.p == rest.p)
		return physical;
	struct mt_text out = MT_TEXT_INIT(reader->arena);
	mt_text_add(&out, mt_str_part(physical, 0, physical.n - rest.n));
	mt_text_add(&out, after);
	return mt_text_str(&out);
}

/* ---- conditions --------------------------------------------------------------------------------- */

enum word { IFDEF, IFNDEF, ELIFDEF, ELIFNDEF, ELSE, ENDIF, WORDS };

/* A line that begins with the word is one, even if Exim then makes nothing of it: *counts. */
static enum word condition_of(struct mt_str s, bool *counts)
{
	static const char *const words[] = {".ifdef",	 ".ifndef", ".elifdef",
					    ".elifndef", ".else",   ".endif"};
	for (enum word w = IFDEF; w < WORDS; w++) {
		size_t n = strlen(words[w]);
		if (!mt_str_starts(s, words[w]))
			continue;
		/* Exim means a tab, and asks for the letter */
		*counts = s.n == n || s.p[n] == ' ' || s.p[n] == 't' || s.p[n] == '\n';
		return w;
	}
	return WORDS;
}

static bool enter_condition(struct ex_reader *reader, enum word word, bool is_true)
{
	if (reader->depth == EX_CONDITIONS)
		return ex_fail(reader, ".%s nested too deeply", word == IFDEF ? "ifdef" : "ifndef");
	reader->outer[reader->depth++] = reader->reading;
	if (reader->reading != EX_READS)
		reader->reading = EX_SKIPS_TO_END;
	else
		reader->reading = is_true ? EX_READS : EX_SKIPS_TO_ELSE;
	return true;
}

static bool apply_condition(struct ex_reader *reader, enum word word, bool found)
{
	static const char *const names[] = {"ifdef",	"ifndef", "elifdef",
					    "elifndef", "else",	  "endif"};
	bool is_true = word == ELSE || (ex_fault(EX_FAULT_ELIFDEF_IS_ELSE) && word == ELIFDEF) ||
		       (word == IFNDEF || word == ELIFNDEF ? !found : found);
	if (word == IFDEF || word == IFNDEF)
		return enter_condition(reader, word, is_true);
	if (!reader->depth)
		return ex_fail(reader, ".%s without matching .ifdef", names[word]);
	if (word == ENDIF)
		reader->reading = reader->outer[--reader->depth];
	else if (reader->reading != EX_SKIPS_TO_ELSE)
		reader->reading = EX_SKIPS_TO_END;
	else if (is_true)
		reader->reading = EX_READS;
	return true;
}

/* ---- lines -------------------------------------------------------------------------------------- */

/* With its LF, up to the first NUL. False: all files are at their ends. */
static bool next_physical(struct ex_reader *reader, struct mt_str *physical)
{
	struct ex_source *source = reader->source;
	while (!source->rest.n && source->from)
		source = reader->source = source->from;
	if (!source->rest.n)
		return false;
	const char *lf = memchr(source->rest.p, '\n', source->rest.n);
	size_t n = lf ? (size_t)(lf - source->rest.p) + 1 : source->rest.n;
	*physical = mt_str_part(source->rest, 0, n);
	source->rest = mt_str_part(source->rest, n, source->rest.n - n);
	source->line++;
	const char *nul = memchr(physical->p, '\0', physical->n);
	if (nul)
		physical->n = (size_t)(nul - physical->p);
	return true;
}

/* A condition or an include; *taken: it is no part of a logical line. False: Exim dies. */
static bool take_directive(struct ex_reader *reader, struct mt_str s, bool found, bool *taken)
{
	bool counts = false;
	enum word word = s.n && *s.p == '.' ? condition_of(s, &counts) : WORDS;
	*taken = true;
	if (word != WORDS)
		return !counts || apply_condition(reader, word, found);
	if (reader->reading != EX_READS)
		return true;
	bool if_exists = mt_str_skip(&s, ".include_if_exists");
	if ((if_exists || mt_str_skip(&s, ".include")) && s.n && ex_is_space(*s.p))
		return include(reader, s, if_exists);
	*taken = false;
	return true;
}

static struct mt_str join(struct mt_arena *arena, struct mt_str a, struct mt_str b)
{
	if (!a.n)
		return b;
	struct mt_text out = MT_TEXT_INIT(arena);
	mt_text_add(&out, a);
	mt_text_add(&out, b);
	return mt_text_str(&out);
}

/* A physical line goes behind what there is; *ends: that is a logical line now. */
static void take_part(struct ex_reader *reader, struct buffer *buffer, struct mt_str part,
		      bool *ends)
{
	struct mt_str text = without_space_behind(join(reader->arena, buffer->text, part));
	*ends = text.n && text.p[text.n - 1] != '\\';
	if (text.n && !*ends)
		text.n--;
	buffer->text = text;
}

static bool keep_line(struct ex_reader *reader, struct ex_logical *line)
{
	struct ex_line *kept = MT_NEW(reader->arena, struct ex_line);
	*kept = (struct ex_line){.text = line->text,
				 .file = line->file,
				 .first = line->first,
				 .last = line->last,
				 .section = reader->section};
	*reader->line_tail = kept;
	reader->line_tail = &kept->next;
	if (++reader->line_count > EX_LINES_MAX)
		ex_unknown(reader, "it has more than %d lines", EX_LINES_MAX);
	return reader->line_count <= EX_LINES_MAX;
}

static void begin_line(struct ex_reader *reader, struct ex_logical *line)
{
	const struct ex_source *source = reader->source;
	*line = (struct ex_logical){
		.file = source->file, .first = source->line, .includes = source->includes};
}

/* What stands on a physical line, as it is: for a person. */
static void add_raw(struct ex_reader *reader, struct ex_logical *line, struct mt_str physical)
{
	struct mt_str raw = mt_str_trim(physical);
	if (raw.n && raw.p[raw.n - 1] == '\\')
		raw.n--;
	line->raw = join(reader->arena, line->raw, raw);
	line->crosses = line->crosses || reader->source->file != line->file;
	line->last = line->crosses ? 0 : reader->source->line;
	line->cut = line->cut || (reader->source->redacted && memchr(physical.p, '*', physical.n));
}

static bool end_of_file(struct ex_reader *reader)
{
	if (reader->depth && !reader->config->unknown)
		return ex_fail(reader, "Unexpected end of configuration file: .endif missing");
	return true;
}

/* ---- what -bP config prints ------------------------------------------------------------------- */

/* # LINE "FILE": what follows stands in that file, somewhere from that line on. */
static void take_mark(struct ex_reader *reader, struct mt_str s)
{
	struct mt_str number;
	unsigned long line;
	mt_str_skip(&s, "# ");
	if (!mt_str_word(&s, " ", &number) || !mt_str_number(number, 1UL << 31, &line))
		return;
	s = mt_str_trim(s);
	if (s.n > 2 && *s.p == '"' && s.p[s.n - 1] == '"')
		reader->source->file = mt_strz(reader->arena, mt_str_part(s, 1, s.n - 2));
}

static bool next_printed(struct ex_reader *reader, struct ex_logical *line)
{
	struct mt_str text;
	while (mt_str_line(&reader->source->rest, &text)) {
		text = mt_str_trim(text);
		if (text.n && *text.p == '#') {
			take_mark(reader, text);
		} else if (text.n) {
			*line = (struct ex_logical){
				.text = text, .raw = text, .file = reader->source->file};
			return keep_line(reader, line);
		}
	}
	return false;
}

bool ex_next_line(struct ex_reader *reader, struct ex_logical *line)
{
	if (!reader->snapshot)
		return next_printed(reader, line);
	struct buffer buffer = {.text = {NULL, 0}};
	struct mt_str physical, left = {NULL, 0};
	size_t start = 0; /* of what is no blank, in the buffer */
	bool ends = false;
	while (!ends && reader->source) {
		bool found = false, taken;
		if (!next_physical(reader, &physical)) {
			if (!end_of_file(reader) || !buffer.text.n)
				return false;
			buffer.text = join(reader->arena, buffer.text, left);
			break;
		}
		size_t used_before = buffer.used_count;
		struct mt_str part = expand(reader, physical, !buffer.text.n, &buffer, &found),
			      s = part;
		ex_skip_space(&s);
		taken = s.n && *s.p == '#';
		if (!taken && !take_directive(reader, s, found, &taken))
			return false;
		if (ex_fault(EX_FAULT_COMMENT_ENDS_LINE) && taken && buffer.text.n)
			break;
		if (taken) {
			buffer.used_count = used_before;
			left = part;
			continue;
		}
		if (!buffer.text.n) {
			begin_line(reader, line);
			start = part.n - s.n;
		}
		add_raw(reader, line, physical);
		left.n = 0;
		take_part(reader, &buffer, buffer.text.n ? s : part, &ends);
	}
	line->text = mt_str_part(buffer.text, start, buffer.text.n - start);
	line->used = buffer.used;
	line->used_count = buffer.used_count;
	for (size_t i = 0; i < line->used_count; i++)
		line->cut = line->cut || line->used[i]->unknown;
	return keep_line(reader, line);
}
