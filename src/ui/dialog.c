/* SPDX-License-Identifier: ISC */
/* dialog.c: plain questions on the terminal. */
#include "ui/dialog.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "ui/escape.h"
#include "ui/text_part.h"

#define DIALOG_TRIES 20
#define LINE_SIZE    256
#define WIDTH_MIN    40
#define WIDTH_USUAL  80 /* of a terminal that does not say: a serial line */

/* ---- interruption ---- */

static const char *volatile promise;
static volatile int promise_tty = -1;
static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static void interrupted(int number)
{
	static const char head[] = "\nmtapin: interrupted: ";
	const char *text = promise;
	if (text) {
		(void)!write(promise_tty, head, sizeof head - 1);
		(void)!write(promise_tty, text, strlen(text));
		(void)!write(promise_tty, "\n", 1);
	}
	raise(number); /* SA_RESETHAND: this one ends the process once the handler returns */
}

static void heed_signals(void)
{
	struct sigaction action = {.sa_handler = interrupted, .sa_flags = (int)SA_RESETHAND}, old;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < MT_ARRAY_LEN(signals); i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

void mt_dialog_hold(bool hold)
{
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < MT_ARRAY_LEN(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

void mt_dialog_promise(struct mt_dialog *dialog, const char *text)
{
	promise_tty = dialog->tty;
	promise = text;
}

/* ---- the terminal ---- */

static void measure(struct mt_dialog *dialog)
{
	struct winsize size = {0};
	if (ioctl(dialog->tty, TIOCGWINSZ, &size) != 0 || !size.ws_col)
		size.ws_col = WIDTH_USUAL;
	dialog->out->width = size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
	dialog->rows = size.ws_row;
}

/* POSIX, 8.2: the first of these that is set and not empty names the locale. */
static bool speaks_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

static struct mt_str in_ascii(struct mt_text *text)
{
	struct mt_text ascii = MT_TEXT_INIT(text->arena);
	struct mt_str s = mt_text_str(text);
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x80)
			mt_text_add(&ascii, (struct mt_str){s.p + i, 1});
		else
			mt_text_addf(&ascii, "\\x%02x", (unsigned)(unsigned char)s.p[i]);
	return mt_text_str(&ascii);
}

/* How many rows of the screen a line takes. */
static unsigned rows_of(const struct mt_dialog *dialog, struct mt_str line)
{
	size_t n = mt_columns(line);
	return n ? (unsigned)((n - 1) / dialog->out->width + 1) : 1;
}

static unsigned rows_of_text(const struct mt_dialog *dialog, struct mt_str text)
{
	struct mt_str line;
	unsigned rows = 0;
	while (mt_str_line(&text, &line))
		rows += rows_of(dialog, line);
	return rows;
}

/* A terminal that hung up is noticed by the next read. */
static void put_text(struct mt_dialog *dialog, struct mt_text *text)
{
	dialog->used += rows_of_text(dialog, mt_text_str(text));
	fflush(stdout);
	(void)!mt_write_all(dialog->tty, speaks_utf8() ? mt_text_str(text) : in_ascii(text));
}

static void add_paragraphs(const struct mt_dialog *dialog, struct mt_text *text, const char *s)
{
	struct mt_str rest = mt_str_of(s), line;
	while (mt_str_line(&rest, &line))
		mt_part_wrap(text, dialog->out, mt_strz(text->arena, line), 0);
}

void mt_dialog_say(struct mt_dialog *dialog, const char *fmt, ...)
{
	struct mt_text text = MT_TEXT_INIT(dialog->out->arena);
	va_list args;
	va_start(args, fmt);
	add_paragraphs(dialog, &text,
		       mt_said(dialog->out, mt_vmessage(dialog->out->arena, fmt, args)));
	va_end(args);
	put_text(dialog, &text);
}

static void tell(void *data, const struct mt_message *remark)
{
	mt_dialog_say(data, "%pM", remark);
}

static void tell_command(void *data, const struct mt_recipe *command)
{
	struct mt_dialog *dialog = data;
	struct mt_text text = MT_TEXT_INIT(dialog->out->arena);
	mt_part_command(&text, command);
	put_text(dialog, &text);
}

int mt_dialog_open(struct mt_output *out, struct mt_dialog *dialog, struct mt_error *error)
{
	*dialog = (struct mt_dialog){.out = out};
	dialog->tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (dialog->tty < 0 || !isatty(dialog->tty)) {
		mt_fd_close(&dialog->tty);
		return mt_fail(error, MT_EXIT_USAGE, "/dev/tty",
			       "there is no terminal to ask on; for scripts: mtapin fix --ip "
			       "ADDRESS --yes");
	}
	out->tty = true;
	out->tell = tell;
	out->tell_command = tell_command;
	out->tell_data = dialog;
	measure(dialog);
	heed_signals();
	return 0;
}

void mt_dialog_close(struct mt_dialog *dialog)
{
	promise = NULL;
	dialog->out->tell = NULL;
	dialog->out->tell_command = NULL;
	mt_fd_close(&dialog->tty);
}

/* ---- reading ---- */

/* The rest of a line that was longer, and whatever else waits. */
static void forget_input(struct mt_dialog *dialog)
{
	tcflush(dialog->tty, TCIFLUSH);
}

/* One line without its end and the blanks around it, cut to the buffer. false: end of input, hung up. */
static bool read_reply(struct mt_dialog *dialog, char *line)
{
	ssize_t n;
	dialog->used = 0;
	do
		n = read(dialog->tty, line, LINE_SIZE - 1);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	if (line[n - 1] != '\n')
		forget_input(dialog);
	line[n] = '\0';
	measure(dialog); /* it may have been resized */
	struct mt_str s = mt_str_trim(mt_str_of(line));
	memmove(line, s.p, s.n);
	line[s.n] = '\0';
	return true;
}

/* ---- pages ---- */

/* As many lines of `rest` as fit on the screen but one row, and at least one. */
static struct mt_str page(const struct mt_dialog *dialog, struct mt_str *rest)
{
	struct mt_str all = *rest, next = *rest, line;
	unsigned used = 0;
	while (mt_str_line(&next, &line)) {
		used += rows_of(dialog, line);
		if (dialog->rows && used > dialog->rows - 1 && rest->p != all.p)
			break;
		*rest = next;
	}
	return (struct mt_str){all.p, (size_t)(rest->p - all.p)};
}

/* Before what was written scrolls away. The line that was typed, into `line`; false: end of input. */
static bool pause_for(struct mt_dialog *dialog, char *line)
{
	struct mt_text text = MT_TEXT_INIT(dialog->out->arena);
	mt_text_addf(&text, "-- more: Enter; q: skip it -- ");
	put_text(dialog, &text);
	return read_reply(dialog, line);
}

enum mt_reply mt_dialog_show(struct mt_dialog *dialog, struct mt_str rest)
{
	char line[LINE_SIZE] = "";
	if (dialog->rows && dialog->used &&
	    dialog->used + rows_of_text(dialog, rest) >= dialog->rows && !pause_for(dialog, line))
		return MT_REPLY_QUIT;
	while (rest.n && strcmp(line, "q") != 0) {
		struct mt_text text = MT_TEXT_INIT(dialog->out->arena);
		mt_text_add(&text, page(dialog, &rest));
		put_text(dialog, &text);
		if (rest.n && !pause_for(dialog, line))
			return MT_REPLY_QUIT;
	}
	return MT_REPLY_CHOICE;
}

/* ---- menus ---- */

static struct mt_str menu_text(const struct mt_dialog *dialog, const struct mt_menu *menu)
{
	struct mt_text text = MT_TEXT_INIT(dialog->out->arena);
	mt_text_addf(&text, "\n");
	mt_part_wrap(&text, dialog->out, menu->title, 0);
	for (size_t i = 0; i < menu->count; i++) {
		size_t start = text.n;
		mt_text_addf(&text, "%c %2zu  ", i == menu->marked ? '*' : ' ', i + 1);
		mt_part_wrap(&text, dialog->out, menu->items[i].text, text.n - start);
	}
	return mt_text_str(&text);
}

static void add_prompt(struct mt_text *text, const struct mt_menu *menu)
{
	mt_text_addf(text, "[Enter: %zu, ?: help, %sq: end] ", menu->marked + 1,
		     menu->first ? "" : "b: back, ");
}

static bool is_choice(const struct mt_menu *menu, const char *line, size_t *chosen)
{
	unsigned long number;
	*chosen = menu->marked;
	if (!*line)
		return true;
	if (mt_str_number(mt_str_of(line), menu->count, &number) && number) {
		*chosen = number - 1;
		return true;
	}
	for (*chosen = 0; *chosen < menu->count; ++*chosen)
		if (menu->items[*chosen].word && strcmp(menu->items[*chosen].word, line) == 0)
			return true;
	return false;
}

/* "" asks; "?" explains; anything else was no answer. */
static void prompt(struct mt_dialog *dialog, const struct mt_menu *menu, const char *line)
{
	struct mt_text text = MT_TEXT_INIT(dialog->out->arena);
	if (strcmp(line, "?") == 0)
		add_paragraphs(dialog, &text, menu->help);
	else if (*line)
		add_paragraphs(dialog, &text,
			       mt_format(text.arena,
					 "\"%s\" is none of these: a number from 1 to %zu, ?, %sq",
					 line, menu->count, menu->first ? "" : "b, "));
	add_prompt(&text, menu);
	if (menu->fresh || *line)
		forget_input(dialog);
	put_text(dialog, &text);
}

enum mt_reply mt_dialog_ask(struct mt_dialog *dialog, const struct mt_menu *menu, size_t *chosen)
{
	char line[LINE_SIZE] = "";
	if (mt_dialog_show(dialog, menu_text(dialog, menu)) == MT_REPLY_QUIT)
		return MT_REPLY_QUIT;
	for (int i = 0; i < DIALOG_TRIES; i++) {
		prompt(dialog, menu, line);
		if (!read_reply(dialog, line) || strcmp(line, "q") == 0)
			return MT_REPLY_QUIT;
		if (strcmp(line, "b") == 0 && !menu->first)
			return MT_REPLY_BACK;
		if (is_choice(menu, line, chosen))
			return MT_REPLY_CHOICE;
	}
	return MT_REPLY_QUIT;
}
