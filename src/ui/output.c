/* SPDX-License-Identifier: ISC */
/* output.c: stdout, stderr and what they are connected to. */
#include "ui/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ui/escape.h"
#include "ui/json.h"

static bool want_color(const char *color, bool tty)
{
	if (color && strcmp(color, "auto") != 0)
		return strcmp(color, "always") == 0;
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	return tty && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static unsigned columns(bool tty)
{
	struct winsize size;
	return tty && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void mt_output_open(struct mt_output *out, const char *color)
{
	const char *frontend = getenv("DEBIAN_FRONTEND");
	out->unattended = frontend && strcmp(frontend, "noninteractive") == 0;
	out->tty = isatty(STDOUT_FILENO);
	out->terminal =
		out->tty && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !out->unattended;
	out->color = want_color(color, out->tty);
	out->width = columns(out->tty);
}

void mt_output_put(struct mt_str bytes)
{
	if (bytes.n)
		fwrite(bytes.p, 1, bytes.n, stdout);
}

/* One write(2), so that lines of several processes do not mix. */
static void put_stderr(struct mt_text *text)
{
	struct mt_str s = mt_text_str(text);
	fflush(stdout);
	fwrite(s.p, 1, s.n, stderr);
}

void mt_complain(struct mt_arena *arena, const char *where, const char *message)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	mt_text_addf(&text, "mtapin: ");
	mt_escape(&text, mt_str_of(where));
	mt_text_addf(&text, "%s", *where ? ": " : "");
	mt_escape(&text, mt_str_of(message));
	mt_text_addf(&text, "\n");
	put_stderr(&text);
}

const char *mt_said(const struct mt_output *out, const struct mt_message *message)
{
	return mt_message_text(out->arena, message, out->language);
}

void mt_remark_message(const struct mt_output *out, const struct mt_message *remark)
{
	if (out->quiet)
		return;
	if (out->tell)
		out->tell(out->tell_data, remark);
	else
		mt_complain(out->arena, "", mt_said(out, remark));
}

void mt_remark(const struct mt_output *out, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	mt_remark_message(out, mt_vmessage(out->arena, fmt, args));
	va_end(args);
}

void mt_remark_command(const struct mt_output *out, const struct mt_recipe *command,
		       const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const struct mt_message *remark = mt_vmessage(out->arena, fmt, args);
	va_end(args);
	if (!out->tell_command) {
		mt_remark(out, "%pM: %s", remark, mt_recipe_text(out->arena, command));
		return;
	}
	mt_remark(out, "%pM:", remark);
	if (!out->quiet)
		out->tell_command(out->tell_data, command);
}

int mt_output_error(const struct mt_output *out, const struct mt_error *error)
{
	mt_complain(out->arena, error->where, error->message);
	if (out->json)
		mt_json_error(error);
	return error->code;
}

int mt_output_close(const struct mt_output *out, int code, bool changes)
{
	bool bad = ferror(stdout);
	errno = 0;
	if (fflush(stdout) == 0 && !bad)
		return code;
	mt_complain(out->arena, "standard output", errno ? strerror(errno) : "cannot be written");
	return changes ? code : MT_EXIT_FAILED;
}
