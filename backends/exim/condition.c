/* SPDX-License-Identifier: ISC */
/* condition.c: what stands behind ${if. */
#include <string.h>

#include "evaluate.h"
#include "items.h"

static const char one_argument[] = "exists isip isip4 isip6 bool bool_lax def acl ldapauth pam "
				   "pwcheck radius saslauthd and or";
static const char no_argument[] = "first_delivery queue_running";
static const char two_arguments[] =
	"< <= = == > >= crypteq eq eqi forall forall_json forall_jsons forany forany_json "
	"forany_jsons ge gei gt gti inbound_srs inlist inlisti le lei lt lti match match_address "
	"match_domain match_ip match_local_part";

/* ---- senders ---- */

enum ex_subject ex_eval_subject(const struct ex_eval *r, const struct ex_piece *piece)
{
	struct mt_str text = ex_piece_text(piece), sender = r->mail->sender;
	if (!piece->tainted || r->mail->recipient.p)
		return EX_IS_NOT;
	if (mt_str_same(text, ex_domain_part(sender)))
		return EX_IS_DOMAIN;
	return mt_str_same(text, sender) ? EX_IS_SENDER : EX_IS_PART;
}

/* Who matches "*TAIL". */
static void note_tail(struct ex_eval *r, enum ex_subject is, struct mt_str tail)
{
	bool at = tail.n && *tail.p == '@';
	if (is == EX_IS_SENDER && at)
		ex_eval_sender(r, MT_BY_SENDER_DOMAIN, mt_str_part(tail, 1, tail.n - 1));
	if (is != EX_IS_DOMAIN || !tail.n || at)
		return;
	if (*tail.p == '.') {
		ex_eval_sender(r, MT_BY_SENDER_DOMAIN, tail);
		return;
	}
	ex_eval_sender(r, MT_BY_SENDER_DOMAIN, tail);
	ex_eval_sender(r, MT_BY_SENDER_DOMAIN,
		       mt_str_of(mt_format(r->arena, ".%.*s", MT_STR_FMT(tail))));
	ex_eval_sender(r, MT_BY_OTHER, tail);
}

bool ex_eval_matches(struct ex_eval *r, const struct ex_piece *subject, struct mt_str pattern,
		     bool *matches)
{
	struct mt_str text = ex_piece_text(subject);
	enum ex_subject is = ex_eval_subject(r, subject);
	bool star = pattern.n && *pattern.p == '*';
	struct mt_str tail = star ? mt_str_part(pattern, 1, pattern.n - 1) : pattern;
	bool special =
		pattern.n && (strchr("^@+/", *pattern.p) || memchr(pattern.p, ';', pattern.n));
	if (special || is == EX_IS_PART || (is == EX_IS_SENDER && star && *tail.p != '@' && tail.n))
		return ex_eval_unknown(
			r, mt_format(r->arena, "it compares with \"%.*s\"", MT_STR_FMT(pattern)));
	if (star)
		note_tail(r, is, tail);
	else if (is == EX_IS_DOMAIN || is == EX_IS_SENDER)
		ex_eval_sender(r, is == EX_IS_SENDER ? MT_BY_SENDER : MT_BY_SENDER_DOMAIN, pattern);
	if (star && text.n >= tail.n)
		text = mt_str_part(text, text.n - tail.n, tail.n);
	*matches = mt_str_same(text, tail);
	return true;
}

/* The first item that matches decides; of a list that ends in "!x" the rest is in it. */
static bool match_domain(struct ex_eval *r, const struct ex_piece *subject, struct mt_str list,
			 bool *holds)
{
	struct ex_items items = ex_items(list);
	struct mt_str item;
	bool matches = false, negated = false;
	while (!matches && ex_item(r->arena, &items, &item)) {
		negated = item.n && *item.p == '!';
		if (negated)
			item = ex_skip_blanks(mt_str_part(item, 1, item.n - 1));
		if (!ex_eval_matches(r, subject, item, &matches))
			return false;
		if (matches)
			r->value = item;
	}
	*holds = matches != negated;
	return true;
}

/* ---- single conditions ---- */

static void note_equal(struct ex_eval *r, const struct ex_piece *a, const struct ex_piece *b)
{
	enum ex_subject is = ex_eval_subject(r, a);
	if (!b->tainted && (is == EX_IS_DOMAIN || is == EX_IS_SENDER))
		ex_eval_sender(r,
			       is == EX_IS_SENDER && ex_piece_text(b).n ? MT_BY_SENDER
									: MT_BY_SENDER_DOMAIN,
			       ex_piece_text(b));
}

/* A part of the sender that may be anything may be this too. */
static bool tells(struct ex_eval *r, const struct ex_piece *piece)
{
	struct mt_str text = ex_piece_text(piece);
	bool any = text.n && memchr(text.p, EX_ANY, text.n);
	if (any && ex_eval_subject(r, piece) == EX_IS_PART)
		return ex_eval_unknown(r, "it compares a part of the sender's address");
	if (text.n && memchr(text.p, EX_HOST, text.n))
		return ex_eval_unknown(r, "it needs $host_address");
	return true;
}

static bool compare(struct ex_eval *r, struct mt_str name, const struct ex_piece *a,
		    const struct ex_piece *b, bool *holds)
{
	if (!tells(r, a) || !tells(r, b))
		return false;
	if (mt_str_is(name, "match_domain"))
		return match_domain(r, a, ex_piece_text(b), holds);
	if (!mt_str_is(name, "eq") && !mt_str_is(name, "eqi"))
		return ex_eval_unknown(r, mt_format(r->arena, "it needs the condition \"%.*s\"",
						    MT_STR_FMT(name)));
	note_equal(r, a, b);
	note_equal(r, b, a);
	*holds = mt_str_is(name, "eq") ? mt_str_eq(ex_piece_text(a), ex_piece_text(b))
				       : mt_str_same(ex_piece_text(a), ex_piece_text(b));
	return true;
}

static bool is_address(const struct ex_eval *r, struct mt_str name, struct mt_str text)
{
	struct mt_addr addr;
	char host[] = {EX_HOST, '\0'};
	bool known = mt_addr_parse(text, &addr);
	if (mt_str_is(text, host)) {
		known = true;
		addr.family = r->mail->family;
	}
	return known &&
	       (mt_str_is(name, "isip") || (addr.family == MT_V4) == mt_str_is(name, "isip4"));
}

static bool truth(struct ex_eval *r, struct mt_str text, bool *holds)
{
	unsigned long number;
	text = mt_str_trim(text);
	if (mt_str_number(text, 1000000, &number))
		*holds = number != 0;
	else if (mt_str_same(text, MT_STR("true")) || mt_str_same(text, MT_STR("yes")))
		*holds = true;
	else if (text.n && !mt_str_same(text, MT_STR("false")) && !mt_str_same(text, MT_STR("no")))
		return ex_eval_fail(r, "unrecognised boolean value \"%.*s\"", MT_STR_FMT(text));
	return true;
}

static bool test_one(struct ex_eval *r, struct mt_str name, const struct ex_piece *a, bool *holds)
{
	if (mt_str_is(name, "exists"))
		return ex_eval_exists(r, a, holds);
	if (mt_str_is(name, "bool"))
		return truth(r, ex_piece_text(a), holds);
	if (!mt_str_starts(name, "isip"))
		return ex_eval_unknown(r, mt_format(r->arena, "it needs the condition \"%.*s\"",
						    MT_STR_FMT(name)));
	*holds = is_address(r, name, ex_piece_text(a));
	return true;
}

static bool read_def(struct ex_eval *r, bool skip, bool *holds)
{
	struct ex_piece value = EX_PIECE(r);
	bool found;
	if (ex_eval_next(r) != ':')
		return ex_eval_fail(r, "\":\" expected after \"def\"");
	struct mt_str name = ex_eval_name(r, "_");
	if (ex_is_header_name(name)) {
		while (r->s.n && ex_eval_peek(r) > ' ' && ex_eval_next(r) != ':')
			;
		return skip || ex_eval_unknown(r, "it needs the message's headers");
	}
	if (!ex_eval_variable(r, name, skip, &value, &found))
		return false;
	if (!found)
		return ex_eval_fail(r, "unknown variable \"%.*s\" after \"def:\"",
				    MT_STR_FMT(name));
	if (value.tainted)
		ex_eval_sender(r, MT_BY_SENDER_DOMAIN, MT_STR(""));
	*holds = ex_piece_text(&value).n != 0;
	return true;
}

/* {{A}{B}...}: once it is decided the rest is not evaluated. */
static bool read_group(struct ex_eval *r, bool all, bool skip, bool *holds)
{
	const char *name = all ? "and" : "or";
	bool one = false;
	*holds = all;
	ex_eval_blanks(r);
	if (ex_eval_next(r) != '{')
		return ex_eval_fail(r, "missing { after \"%s\"", name);
	for (ex_eval_blanks(r); ex_eval_peek(r) != '}'; ex_eval_blanks(r)) {
		if (ex_eval_next(r) != '{')
			return ex_eval_fail(
				r,
				"each subcondition inside an \"%s{...}\" condition must "
				"be in its own {}",
				name);
		bool decided = *holds != all;
		if (!ex_eval_condition(r, skip || decided, &one)) {
			if (r->result->end != EX_UNKNOWN)
				r->result->why =
					mt_format(r->arena, "%s inside \"%s{...}\" condition",
						  r->result->why, name);
			return false;
		}
		if (!decided)
			*holds = one;
		ex_eval_blanks(r);
		if (ex_eval_next(r) != '}')
			return ex_eval_fail(r, "missing } at end of condition inside \"%s\" group",
					    name);
	}
	ex_eval_next(r);
	return true;
}

/* One that is not evaluated here: `count` braces, whatever stands in them. */
static bool pass_over(struct ex_eval *r, struct mt_str name, unsigned count, bool skip)
{
	while (count--) {
		ex_eval_blanks(r);
		if (ex_eval_next(r) != '{')
			return ex_eval_fail(r, "missing { after \"%.*s\"", MT_STR_FMT(name));
		if (!ex_eval_skip(r))
			return false;
	}
	return skip || ex_eval_unknown(r, mt_format(r->arena, "it needs the condition \"%.*s\"",
						    MT_STR_FMT(name)));
}

static bool is_evaluated(struct mt_str name)
{
	return ex_is_one_of("exists isip isip4 isip6 bool eq eqi match_domain", name);
}

static bool read_plain_condition(struct ex_eval *r, struct mt_str name, bool skip, bool *holds)
{
	struct ex_piece a = EX_PIECE(r), b = EX_PIECE(r);
	const char *missing = mt_format(r->arena, "missing { after \"%.*s\"", MT_STR_FMT(name));
	bool two = ex_is_one_of(two_arguments, name);
	if (!two && !ex_is_one_of(one_argument, name) && !ex_is_one_of(no_argument, name))
		return ex_eval_fail(r, "unknown condition \"%.*s\"", MT_STR_FMT(name));
	if (!is_evaluated(name))
		return pass_over(r, name, two ? 2 : ex_is_one_of(one_argument, name), skip);
	if (!ex_eval_braced(r, skip, missing, &a))
		return false;
	missing = mt_format(r->arena, "missing 2nd string in {} after \"%.*s\"", MT_STR_FMT(name));
	if (two && !ex_eval_braced(r, skip, missing, &b))
		return false;
	if (skip)
		return true;
	return two ? compare(r, name, &a, &b, holds) : test_one(r, name, &a, holds);
}

static struct mt_str condition_name(struct ex_eval *r)
{
	struct mt_str s = r->s;
	if (!strchr("<=>", ex_eval_peek(r)))
		return ex_eval_name(r, "_");
	ex_eval_next(r);
	if (ex_eval_peek(r) == '=')
		ex_eval_next(r);
	return mt_str_part(s, 0, s.n - r->s.n);
}

bool ex_eval_condition(struct ex_eval *r, bool skip, bool *holds)
{
	bool wanted = true, one = false;
	ex_eval_blanks(r);
	for (; ex_eval_peek(r) == '!'; ex_eval_blanks(r)) {
		ex_eval_next(r);
		wanted = !wanted;
	}
	struct mt_str name = condition_name(r);
	bool all = mt_str_is(name, "and"), read;
	if (!name.n)
		return ex_eval_fail(r, "condition name expected, but found \"%.*s\"",
				    (int)(r->s.n < 16 ? r->s.n : 16), r->s.p);
	if (mt_str_is(name, "def"))
		read = read_def(r, skip, &one);
	else if (all || mt_str_is(name, "or"))
		read = read_group(r, all, skip, &one);
	else
		read = read_plain_condition(r, name, skip, &one);
	*holds = one == wanted;
	return read;
}
