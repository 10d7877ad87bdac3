/* SPDX-License-Identifier: ISC */
/* text_part.h: the pieces that the text writers share. */
#ifndef MT_TEXT_PART_H
#define MT_TEXT_PART_H

#include "ui/output.h"
#include <mtapin/model.h>

enum mt_ink { MT_INK_HEAD, MT_INK_ERROR, MT_INK_WARNING, MT_INK_NOTE };

/* Escaped; in colour where the output has it. */
void mt_part_ink(struct mt_text *text, const struct mt_output *out, enum mt_ink ink, const char *s);
/* Escaped and filled up with blanks to `width` columns. */
void mt_part_pad(struct mt_text *text, const char *s, size_t width);
/* The text wrapped at blanks to the terminal. It starts at column `at`; the lines below are indented by MT_INDENT, those
 * of a paragraph of its own (`at` is 0) are not. */
void mt_part_wrap(struct mt_text *text, const struct mt_output *out, const char *s, size_t at);
/* A command, to be copied: on one line, whatever the width. */
void mt_part_command(struct mt_text *text, const struct mt_recipe *command);
/* Below a finding or a host: the command, or the deed in words; neither: nothing. */
void mt_part_advice(struct mt_text *text, const struct mt_output *out,
		    const struct mt_recipe *command, const struct mt_message *deed);
/* "main.cf:12" where the file lies in the folder `instance`, else the whole path; "" no file. */
const char *mt_part_place(struct mt_arena *arena, const struct mt_origin *origin,
			  const char *instance);

/* "  (makes sendmail.cf:283; macro X of FILE:LINE; not to be edited)", behind the text of a line; or nothing. */
void mt_part_generated(struct mt_text *text, const struct mt_origin *origin, const char *instance);

/* The source address of a way, or the word for having none; into buf[MT_ADDR_TEXT]. */
const char *mt_part_source(const struct mt_binding *binding, char *buf);

#define MT_INDENT 8 /* of what belongs to the line above */

#endif
