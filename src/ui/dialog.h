/* SPDX-License-Identifier: ISC */
/*
 * dialog.h: plain questions on the terminal: text, a numbered menu, an answer and Enter. Nothing else is asked of
 * the terminal, so that a serial line, a dumb one, tmux and ssh do equally well.
 *
 *	Enter		the marked answer
 *	a number	that answer; so does its word
 *	?		what the question means
 *	b		the question before
 *	q, end of input	ends it
 *
 * It speaks to /dev/tty, whatever stdin and stdout are. Output is escaped, wrapped to the terminal and, without
 * colour, holds no ESC, CR or backspace; where the locale is not UTF-8, nothing but ASCII. An answer that does not
 * fit is asked for again, DIALOG_TRIES times at most, and what was pasted behind it is thrown away.
 *
 * SIGINT, SIGTERM, SIGHUP, SIGQUIT: the promise (what is true until now) is written and the process ends by the
 * signal.
 */
#ifndef MT_DIALOG_H
#define MT_DIALOG_H

#include "ui/output.h"

struct mt_menu_item {
	const char *word; /* what may be typed instead of the number; NULL none */
	const char *text; /* one sentence; foreign bytes are escaped here */
};

struct mt_menu {
	const char *title; /* the question */
	const char *help; /* what ? says, paragraphs separated by LF */
	const struct mt_menu_item *items;
	size_t count;
	size_t marked; /* index of what Enter means */
	bool first; /* there is no question before */
	bool fresh; /* what was typed before it was asked is not the answer */
};

enum mt_reply { MT_REPLY_CHOICE, MT_REPLY_BACK, MT_REPLY_QUIT };

struct mt_dialog {
	struct mt_output *out; /* becomes that of the terminal: width, remarks */
	int tty;
	unsigned rows; /* 0 not known */
	unsigned used; /* rows written since something was typed */
};

/* Errors: code 64, there is no terminal. One at a time: it has the signals. */
int mt_dialog_open(struct mt_output *out, struct mt_dialog *dialog,
		   struct mt_error *error) MT_MUST_CHECK;
void mt_dialog_close(struct mt_dialog *dialog);
/* What is true if it is interrupted from now on: "nothing was changed". A text that lives as long. */
void mt_dialog_promise(struct mt_dialog *dialog, const char *text);
/* Hold these signals back until the next promise is certain; then let them through. */
void mt_dialog_hold(bool hold);

/* Paragraphs, separated by LF; escaped and wrapped. */
void mt_dialog_say(struct mt_dialog *dialog, const char *fmt, ...) MT_PRINTF(2, 3);
/* Text that a writer made; page by page when it is longer than the screen. */
enum mt_reply mt_dialog_show(struct mt_dialog *dialog, struct mt_str text);
/* `chosen` is an index of the menu's items. */
enum mt_reply mt_dialog_ask(struct mt_dialog *dialog, const struct mt_menu *menu, size_t *chosen);

#endif
