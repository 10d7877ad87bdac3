/* SPDX-License-Identifier: ISC */
/* evaluate.h: the parts of the evaluation of an expression; private to expression.c, condition.c and lookup.c. */
#ifndef EX_EVALUATE_H
#define EX_EVALUATE_H

#include "expression.h"

struct ex_eval {
	struct ex_world *world;
	const struct ex_mail *mail;
	struct mt_arena *arena;
	struct mt_str s; /* what is left to read */
	struct ex_result *result; /* end, why, lines, ... once it has come to an end */
	struct mt_str value; /* $value; p NULL: none */
	unsigned depth;
};
struct ex_piece {
	struct mt_text text;
	bool tainted;
};
#define EX_PIECE(r)                                                                                \
	{                                                                                          \
		.text = MT_TEXT_INIT((r)->arena)                                                   \
	}

/* Each returns false when the evaluation has come to an end; `skip`: only to see where it ends. */
bool ex_eval_text(struct ex_eval *r, bool braced, bool skip, struct ex_piece *out);
/* "{...}" after blanks; false also where there is none, which `missing` says. */
bool ex_eval_braced(struct ex_eval *r, bool skip, const char *missing, struct ex_piece *out);
bool ex_eval_condition(struct ex_eval *r, bool skip, bool *holds);
bool ex_eval_lookup(struct ex_eval *r, bool skip, struct ex_piece *out);
bool ex_eval_readfile(struct ex_eval *r, bool skip, struct ex_piece *out);
/* The {yes}{no} of an item. */
bool ex_eval_branches(struct ex_eval *r, const char *item, bool yes, bool skip,
		      struct ex_piece *out);
bool ex_eval_exists(struct ex_eval *r, const struct ex_piece *path, bool *is);

bool ex_eval_fail(struct ex_eval *r, const char *fmt, ...) MT_PRINTF(2, 3); /* EX_FAILED; false */
bool ex_eval_unknown(struct ex_eval *r, const char *why); /* EX_UNKNOWN; false */

struct mt_str ex_piece_text(const struct ex_piece *piece);
struct mt_str ex_domain_part(struct mt_str address);
char ex_eval_peek(const struct ex_eval *r); /* '\0' at the end */
char ex_eval_next(struct ex_eval *r);
void ex_eval_blanks(struct ex_eval *r);
struct mt_str ex_eval_name(struct ex_eval *r, const char *more); /* letters, digits and `more` */
bool ex_eval_skip(struct ex_eval *r); /* behind the '}' that ends what we are in */
/* $NAME; as ex_eval_text. `found` false: Exim has no such variable. */
bool ex_eval_variable(struct ex_eval *r, struct mt_str name, bool skip, struct ex_piece *out,
		      bool *found);
void ex_eval_sender(struct ex_eval *r, enum mt_by by, struct mt_str value);
/* What of the sender a text is. */
enum ex_subject { EX_IS_NOT, EX_IS_DOMAIN, EX_IS_SENDER, EX_IS_PART };
enum ex_subject ex_eval_subject(const struct ex_eval *r, const struct ex_piece *piece);
/* A pattern of a list of domains or of nwildlsearch; who matches it is noted. False: it cannot be told. */
bool ex_eval_matches(struct ex_eval *r, const struct ex_piece *subject, struct mt_str pattern,
		     bool *matches);

bool ex_is_header_name(struct mt_str name); /* "h_from", "rheader_subject" */
bool ex_is_one_of(const char *words, struct mt_str word); /* one of those, separated by blanks */

#endif
