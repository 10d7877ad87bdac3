/* SPDX-License-Identifier: ISC */
/* dialog.c: plain questions on the terminal. */
#include "ui/dialog.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "io/fs.h"
#include "ui/escape.h"
#include "ui/text_part.h"

#define DIALOG_TRIES 20
#define LINE_SIZE    256
#define WIDTH_MIN    40

/* ---- interruption ---- */

static const char *volatile promise;
static volatile int promise_tty = -1;
static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static void interrupted(int number)
{
	const char *text = promise;
	ssize_t ignored = 0;
	if (text) {
		ignored = write(promise_tty, "\nmtapin: interrupted: ", 22);
		ignored = write(promise_tty, text, strlen(text));
		ignored = write(promise_tty, "\n", 1);
	}
	(void)ignored;
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

void mt_dialog_promise(struct mt_dialog *dialog, const char *text)
{
	promise_tty = dialog->tty;
	promise = text;
}

/* ---- the terminal ---- */

static void measure(struct mt_dialog *dialog)
{
	struct winsize size;
	dialog->out.width = dialog->rows = 0;
	if (ioctl(dialog->tty, TIOCGWINSZ, &size) != 0 || !size.ws_col)
		return;
	dialog->out.width = size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
	dialog->rows = size.ws_row;
}

int mt_dialog_open(const struct mt_output *out, struct mt_dialog *dialog, struct mt_error *error)
{
	*dialog = (struct mt_dialog){.out = *out};
	dialog->tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (dialog->tty < 0 || !isatty(dialog->tty)) {
		mt_fd_close(&dialog->tty);
		return mt_fail(error, MT_EXIT_USAGE, "/dev/tty",
			       "there is no terminal to ask on; for scripts: mtapin fix --ip "
			       "ADDRESS --yes");
	}
	dialog->out.tty = true;
	measure(dialog);
	heed_signals();
	return 0;
}

void mt_dialog_close(struct mt_dialog *dialog)
{
	promise = NULL;
	mt_fd_close(&dialog->tty);
}

static void put(struct mt_dialog *dialog, struct mt_text *text)
{
	if (mt_write_all(dialog->tty, mt_text_str(text)) != 0)
		text->n = 0; /* it hung up: the next read says so */
}

static void add_paragraphs(struct mt_dialog *dialog, struct mt_text *text, const char *paragraphs)
{
	struct mt_str rest = mt_str_of(paragraphs), line;
	while (mt_str_line(&rest, &line))
		mt_part_wrap(text, &dialog->out, mt_strz(text->arena, line), 0);
}

void mt_dialog_say(struct mt_dialog *dialog, const char *fmt, ...)
{
	struct mt_text text = MT_TEXT_INIT(dialog->out.arena);
	va_list args;
	va_start(args, fmt);
	add_paragraphs(dialog, &text, mt_vformat(dialog->out.arena, fmt, args));
	va_end(args);
	put(dialog, &text);
}

/* ---- reading ---- */

/* The rest of a line that was longer, and whatever else waits. */
static void forget_input(struct mt_dialog *dialog)
{
	tcflush(dialog->tty, TCIFLUSH);
}

/* One line without its end and the blanks around it, cut to the buffer. false: end of input, hung up. */
static bool read_line(struct mt_dialog *dialog, char *line)
{
	ssize_t n;
	do
		n = read(dialog->tty, line, LINE_SIZE - 1);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	if (line[n - 1] != '\n')
		forget_input(dialog);
	line[n] = '\0';
	struct mt_str s = mt_str_trim(mt_str_of(line));
	memmove(line, s.p, s.n);
	line[s.n] = '\0';
	return true;
}

/* ---- pages ---- */

/* How many rows of the screen a line takes. */
static unsigned rows_of(const struct mt_dialog *dialog, struct mt_str line)
{
	size_t n = mt_columns(line);
	return n && dialog->out.width ? (unsigned)((n - 1) / dialog->out.width + 1) : 1;
}

/* As many lines of `rest` as fit on the screen, but one. */
static struct mt_str page(const struct mt_dialog *dialog, struct mt_str *rest)
{
	struct mt_str all = *rest, line;
	unsigned used = 0;
	for (struct mt_str next = *rest; mt_str_line(&next, &line); *rest = next) {
		used += rows_of(dialog, line);
		if (dialog->rows && used > dialog->rows - 1 && next.p != all.p && rest->p != all.p)
			break;
	}
	return (struct mt_str){all.p, (size_t)(rest->p - all.p)};
}

enum mt_reply mt_dialog_show(struct mt_dialog *dialog, struct mt_str rest)
{
	char line[LINE_SIZE];
	measure(dialog);
	while (rest.n) {
		struct mt_text text = MT_TEXT_INIT(dialog->out.arena);
		mt_text_add(&text, page(dialog, &rest));
		mt_text_addf(&text, "%s", rest.n ? "-- more: Enter; q: skip it -- " : "");
		put(dialog, &text);
		if (!rest.n)
			break;
		forget_input(dialog);
		if (!read_line(dialog, line))
			return MT_REPLY_QUIT;
		if (strcmp(line, "q") == 0)
			break;
	}
	return MT_REPLY_CHOICE;
}

/* ---- menus ---- */

static void add_menu(struct mt_dialog *dialog, struct mt_text *text, const struct mt_menu *menu)
{
	mt_text_addf(text, "\n");
	mt_part_wrap(text, &dialog->out, menu->title, 0);
	for (size_t i = 0; i < menu->count; i++) {
		const struct mt_menu_item *item = &menu->items[i];
		size_t start = text->n;
		mt_text_addf(text, "%c %2zu  ", i == menu->marked ? '*' : ' ', i + 1);
		mt_part_wrap(text, &dialog->out, item->text, text->n - start);
	}
}

static void add_prompt(struct mt_text *text, const struct mt_menu *menu)
{
	mt_text_addf(text, "[Enter = %zu, ? explains, %sq ends] > ", menu->marked + 1,
		     menu->first ? "" : "b back, ");
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

static void explain(struct mt_dialog *dialog, const struct mt_menu *menu, const char *line)
{
	struct mt_text text = MT_TEXT_INIT(dialog->out.arena);
	if (strcmp(line, "?") == 0)
		add_paragraphs(dialog, &text, menu->help);
	else
		add_paragraphs(dialog, &text,
			       mt_format(text.arena,
					 "\"%s\" is none of these: a number from 1 to %zu, ?, %sq",
					 line, menu->count, menu->first ? "" : "b, "));
	add_prompt(&text, menu);
	forget_input(dialog);
	put(dialog, &text);
}

enum mt_reply mt_dialog_ask(struct mt_dialog *dialog, const struct mt_menu *menu, size_t *chosen)
{
	struct mt_text text = MT_TEXT_INIT(dialog->out.arena);
	char line[LINE_SIZE];
	measure(dialog);
	add_menu(dialog, &text, menu);
	add_prompt(&text, menu);
	forget_input(dialog);
	put(dialog, &text);
	for (int i = 0; i < DIALOG_TRIES && read_line(dialog, line); i++) {
		if (strcmp(line, "q") == 0)
			return MT_REPLY_QUIT;
		if (strcmp(line, "b") == 0 && !menu->first)
			return MT_REPLY_BACK;
		if (is_choice(menu, line, chosen))
			return MT_REPLY_CHOICE;
		explain(dialog, menu, line);
	}
	return MT_REPLY_QUIT;
}
