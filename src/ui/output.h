/* SPDX-License-Identifier: ISC */
/*
 * output.h: the result goes to stdout, everything else to stderr as `mtapin: WHERE: message`; both pass
 * the escaping sink of their format.
 */
#ifndef MT_OUTPUT_H
#define MT_OUTPUT_H

#include <mtapin/message.h>
#include <mtapin/recipe.h>

struct mt_output {
	struct mt_arena *arena;
	bool json, quiet, verbose;
	bool unattended; /* nobody is to be asked, whatever the terminal */
	bool terminal; /* stdin, stdout and stderr are one: a question can be asked */
	bool tty; /* stdout is one */
	bool color; /* of stdout */
	unsigned width; /* columns of the terminal; 0: do not wrap */
	const struct mt_language *language; /* what people are told in; NULL: English */
	/* where remarks go; NULL: stderr */
	void (*tell)(void *data, const struct mt_message *remark);
	void (*tell_command)(void *data,
			     const struct mt_recipe *command); /* NULL: they end the remark */
	void *tell_data;
};

/*
 * `color` is "auto", "always", "never" or NULL; NO_COLOR and TERM=dumb turn "auto" off (no-color.org).
 * DEBIAN_FRONTEND=noninteractive (debconf(7)): nobody is there to be asked, whatever the terminal.
 */
void mt_output_open(struct mt_output *out, const char *color);
/* The sentence for people. What programs read is mt_message_english(). */
const char *mt_said(const struct mt_output *out, const struct mt_message *message)
	__attribute__((returns_nonnull));
/* Bytes to stdout as they are (already escaped, or a diff for a pipe). */
void mt_output_put(struct mt_str bytes);
/* `mtapin: WHERE: message` on stderr, escaped; `where` may be "". */
void mt_complain(struct mt_arena *arena, const char *where, const char *message);
/* A remark on stderr, translated and escaped, or where `tell` leads, as it is; nothing with --quiet. */
void mt_remark(const struct mt_output *out, const char *fmt, ...) MT_PRINTF(2, 3);
void mt_remark_message(const struct mt_output *out, const struct mt_message *remark);
/* A remark that ends with ": COMMAND"; where `tell` leads, the command has a line of its own, which is never wrapped. */
void mt_remark_command(const struct mt_output *out, const struct mt_recipe *command,
		       const char *fmt, ...) MT_PRINTF(3, 4);
/* Say the error on stderr, with --json also on stdout; returns its code. */
int mt_output_error(const struct mt_output *out, const struct mt_error *error);
/* Flush. The exit code: `code`, or 2 when the result could not be written and nothing was changed. */
int mt_output_close(const struct mt_output *out, int code, bool changes);

#endif
