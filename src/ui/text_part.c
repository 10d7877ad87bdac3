/* SPDX-License-Identifier: ISC */
/* text_part.c: the pieces that the text writers share. */
#include "ui/text_part.h"

#include <string.h>

#include "ui/escape.h"

void mt_part_ink(struct mt_text *text, const struct mt_output *out, enum mt_ink ink, const char *s)
{
	static const char *const sgr[] = {"1", "1;31", "33", "36"};
	if (out->color)
		mt_text_addf(text, "\033[%sm", sgr[ink]);
	mt_escape(text, mt_str_of(s));
	if (out->color)
		mt_text_addf(text, "\033[0m");
}

void mt_part_pad(struct mt_text *text, const char *s, size_t width)
{
	size_t start = text->n;
	mt_escape(text, mt_str_of(s));
	struct mt_str all = mt_text_str(text);
	size_t columns = mt_columns((struct mt_str){all.p + start, all.n - start});
	if (columns < width)
		mt_text_addf(text, "%*s", (int)(width - columns), "");
}

void mt_part_wrap(struct mt_text *text, const struct mt_output *out, const char *s, size_t at)
{
	struct mt_str rest = mt_str_of(mt_escaped(text->arena, s)), word;
	size_t indent = at ? MT_INDENT : 0;
	bool first = true;
	while (mt_str_word(&rest, " ", &word)) {
		size_t n = mt_columns(word), blank = first ? 0 : 1;
		if (out->width && at > indent && at + blank + n > out->width) {
			mt_text_addf(text, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			mt_text_addf(text, " ");
			at++;
		}
		mt_text_add(text, word);
		at += n;
		first = false;
	}
	mt_text_addf(text, "\n");
}

void mt_part_command(struct mt_text *text, const struct mt_recipe *command)
{
	mt_escape(text, mt_str_of(mt_recipe_text(text->arena, command)));
	mt_text_addf(text, "\n");
}

void mt_part_advice(struct mt_text *text, const struct mt_output *out,
		    const struct mt_recipe *command, const struct mt_message *deed)
{
	if (command || deed)
		mt_text_addf(text, "%*s", MT_INDENT, "");
	if (command)
		mt_part_command(text, command);
	else if (deed)
		mt_part_wrap(text, out, mt_said(out, deed), MT_INDENT);
}

static const char *place_of(struct mt_arena *arena, const char *file, unsigned line,
			    const char *instance)
{
	size_t n = strlen(instance);
	if (n && strncmp(file, instance, n) == 0 && file[n] == '/' && file[n + 1])
		file += n + 1;
	return line ? mt_format(arena, "%s:%u", file, line) : file;
}

const char *mt_part_place(struct mt_arena *arena, const struct mt_origin *origin,
			  const char *instance)
{
	return place_of(arena, origin->file, origin->line, instance);
}

void mt_part_generated(struct mt_text *text, const struct mt_origin *origin, const char *instance)
{
	const char *separator = "  (";
	if (origin->generated) {
		mt_text_addf(text, "%smakes ", separator);
		mt_escape(text, mt_str_of(place_of(text->arena, origin->generated,
						   origin->generated_line, instance)));
		separator = "; ";
	}
	for (const struct mt_step *s = origin->via; s; s = s->next) {
		mt_text_addf(text, "%s%s ", separator, s->include ? "include" : "macro");
		mt_escape(text, mt_str_of(s->name));
		if (*s->file)
			mt_text_addf(text, " of ");
		mt_escape(text, mt_str_of(place_of(text->arena, s->file, s->line, instance)));
		separator = "; ";
	}
	if (origin->fixed)
		mt_text_addf(text, "%snot to be edited", separator);
	if (origin->generated || origin->via || origin->fixed)
		mt_text_addf(text, ")");
}

const char *mt_part_source(const struct mt_binding *binding, char *buf)
{
	if (binding->source.set &&
	    (binding->how == MT_HOW_ADDRESS || binding->how == MT_HOW_KERNEL))
		return mt_addr_text(binding->source, buf);
	return binding->how == MT_HOW_ADDRESS || binding->how == MT_HOW_KERNEL
		       ? "?"
		       : mt_how_name(binding->how);
}
