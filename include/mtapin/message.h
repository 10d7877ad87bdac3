/* SPDX-License-Identifier: ISC */
/*
 * message.h: sentences as data. What is said is a format and its typed arguments; the writers make the sentence of it: in
 * the user's language for people, always the English one for JSON, diffs, the journal and syslog.
 *
 * The format is the English sentence in the syntax of printf(3), and the key under which a catalogue has its translation,
 * which may put the arguments in another order ("%2$s ... %1$s"). Besides %s, %c and the conversions of integers (with a
 * width, a precision and the flags - and 0) there is
 *
 *	%pM	const struct mt_message *: a clause or sentence inside of it, translated with it (NULL: nothing)
 *
 * A word or clause of ours that stands inside a sentence is such a message; %s is for what no language changes: names,
 * addresses, options, commands, lines of files. A number that a noun follows is a plural: mt_message_n().
 */
#ifndef MTAPIN_MESSAGE_H
#define MTAPIN_MESSAGE_H

#include <mtapin/base.h>

enum mt_arg_kind { MT_ARG_TEXT, MT_ARG_NUMBER, MT_ARG_MESSAGE };

struct mt_arg {
	enum mt_arg_kind kind;
	const char *text; /* TEXT: foreign bytes; the writers escape them */
	int64_t number; /* NUMBER */
	const struct mt_message *message; /* MESSAGE */
};

#define MT_ARG_TEXT_MAX 4096 /* bytes: longer ones are cut */
#define MT_MESSAGE_ARGS 16 /* of one message, a '*' counts */

struct mt_message {
	/* text domain: the name of the backend whose sentence it may be; NULL: that of the message around it, or the
	 * program's own. A sentence that a backend's catalogue does not have is looked for in the program's. */
	const char *domain;
	const char *format;
	const char *plural; /* format where `n` is not 1; NULL: there is none */
	unsigned long n;
	const struct mt_arg
		*arg; /* in the order of the English format; the number of a '*' is one, too */
	size_t arg_count;
	struct mt_message *next; /* of a list */
};

/* Texts are copied, `fmt` is not: it is a literal. A conversion that is not named above aborts. */
struct mt_message *mt_message(struct mt_arena *arena, const char *fmt, ...) MT_PRINTF(2, 3)
	__attribute__((returns_nonnull));
struct mt_message *mt_vmessage(struct mt_arena *arena, const char *fmt, va_list args)
	MT_PRINTF(2, 0) __attribute__((returns_nonnull));
/* A sentence of a table: a literal without conversions (and without '%'). NULL of NULL. */
struct mt_message *mt_phrase(struct mt_arena *arena, const char *literal);
/* For a count of something: both formats take the same arguments, of which `n` is one. */
struct mt_message *mt_message_n(struct mt_arena *arena, unsigned long n, const char *singular,
				const char *plural, ...) MT_PRINTF(3, 5) MT_PRINTF(4, 5)
	__attribute__((returns_nonnull));
/* A deep copy, into another arena; NULL of NULL. Not what follows in a list. */
struct mt_message *mt_message_copy(struct mt_arena *arena, const struct mt_message *message);
/* The same sentence with the same arguments; NULL is no message. */
bool mt_message_eq(const struct mt_message *a, const struct mt_message *b);
/* Append to a list. */
void mt_message_push(struct mt_message **list, struct mt_message *message);

/* Where translations come from. */
struct mt_language {
	/* The format to use for a message whose own are `singular` and `plural` (NULL: it has one); `domain` NULL: the
	 * program's own. Never NULL: where there is no translation, the English one. */
	const char *(*find)(const struct mt_language *language, const char *domain,
			    const struct mt_message *message);
};
/* The English format of a message. */
const char *mt_message_format(const struct mt_message *message);

/* The sentence, with its arguments as they are; `language` NULL: English. Nothing of NULL. A translation whose conversions
 * do not fit the arguments is printed by the arguments. */
void mt_message_put(struct mt_text *out, const struct mt_message *message,
		    const struct mt_language *language);
const char *mt_message_text(struct mt_arena *arena, const struct mt_message *message,
			    const struct mt_language *language) __attribute__((returns_nonnull));
const char *mt_message_english(struct mt_arena *arena, const struct mt_message *message)
	__attribute__((returns_nonnull));

#endif
