/* SPDX-License-Identifier: ISC */
/* expression.c: reads an expression and evaluates what the snapshot can tell; the words of errors are Exim's. */
#include <string.h>

#include "evaluate.h"
#include "items.h"
#include "lsearch.h"

#define DEPTH_MAX 60

/* ---- what every part uses ---- */

bool ex_eval_fail(struct ex_eval *r, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	r->result->end = EX_FAILED;
	r->result->why = mt_vformat(r->arena, fmt, args);
	va_end(args);
	return false;
}

bool ex_eval_unknown(struct ex_eval *r, const char *why)
{
	r->result->end = EX_UNKNOWN;
	r->result->why = why;
	return false;
}

struct mt_str ex_piece_text(const struct ex_piece *piece)
{
	return mt_text_str(&piece->text);
}

char ex_eval_peek(const struct ex_eval *r)
{
	return r->s.n ? *r->s.p : '\0';
}

char ex_eval_next(struct ex_eval *r)
{
	char c = ex_eval_peek(r);
	if (r->s.n)
		r->s = mt_str_part(r->s, 1, r->s.n - 1);
	return c;
}

void ex_eval_blanks(struct ex_eval *r)
{
	r->s = ex_skip_blanks(r->s);
}

struct mt_str ex_eval_name(struct ex_eval *r, const char *more)
{
	size_t n = 0;
	while (n < r->s.n && (mt_is_alnum(r->s.p[n]) || (r->s.p[n] && strchr(more, r->s.p[n]))))
		n++;
	struct mt_str name = mt_str_part(r->s, 0, n);
	r->s = mt_str_part(r->s, n, r->s.n - n);
	return name;
}

struct mt_str ex_domain_part(struct mt_str address)
{
	return address.n && memchr(address.p, '@', address.n) ? mt_str_after(address, '@')
							      : (struct mt_str){"", 0};
}

bool ex_eval_skip(struct ex_eval *r)
{
	for (unsigned open = 1; r->s.n;) {
		char c = ex_eval_next(r);
		if (c == '\\')
			ex_eval_next(r);
		open += c == '{';
		open -= c == '}';
		if (!open)
			return true;
	}
	return ex_eval_fail(r, "missing } at end of string");
}

/* ---- text ---- */

static bool read_backslash(struct ex_eval *r, struct ex_piece *out)
{
	if (r->s.n == 1)
		return ex_eval_fail(r, "\\ at end of string");
	if (r->s.p[1] != 'N') {
		char c = ex_escape(&r->s);
		mt_text_add(&out->text, (struct mt_str){&c, 1});
		return true;
	}
	struct mt_str rest = mt_str_part(r->s, 2, r->s.n - 2);
	const char *end = mt_str_find(rest, MT_STR("\\N"));
	size_t n = end ? (size_t)(end - rest.p) : rest.n;
	mt_text_add(&out->text, mt_str_part(rest, 0, n));
	n += end ? 2 : 0;
	r->s = mt_str_part(rest, n, rest.n - n);
	return true;
}

static void read_plain(struct ex_eval *r, struct ex_piece *out)
{
	size_t n = 1;
	while (n < r->s.n && r->s.p[n] != '$' && r->s.p[n] != '}' && r->s.p[n] != '\\')
		n++;
	mt_text_add(&out->text, mt_str_part(r->s, 0, n));
	r->s = mt_str_part(r->s, n, r->s.n - n);
}

/* ---- items and operators ---- */

static const char items[] =
	"acl authresults certextract dlfunc env extract filter hash hmac if imapfolder length "
	"listextract listquote lookup map nhash perl prvs prvscheck readfile readsocket reduce run "
	"sg sort srs_encode substr tr";
static const char operators[] =
	"from_utf8 local_part quote_local_part reverse_ip time_eval time_interval "
	"utf8_domain_from_alabel utf8_domain_to_alabel utf8_localpart_from_alabel "
	"utf8_localpart_to_alabel address addresses base32 base32d base62 base62d base64 base64d "
	"domain escape escape8bit eval eval10 expand h hash headerwrap hex2b64 hexquote "
	"ipv6denorm ipv6norm l lc length listcount listnamed listnamed_a listnamed_d listnamed_h "
	"listnamed_l mask md5 nh nhash quote randint rfc2047 rfc2047d rxquote s sha1 sha2 sha256 "
	"sha3 stat str2b64 strlen substr uc utf8clean";

/* cPanel's own: the domain of the local user who submitted the mail; none of mail that came by SMTP. */
static bool read_perl(struct ex_eval *r, bool skip, struct ex_piece *out)
{
	struct mt_str rest = ex_skip_blanks(r->s);
	bool known = mt_str_starts(rest, "{get_sender_from_uid}");
	if (!ex_eval_skip(r))
		return false;
	if (r->world->no_perl)
		return ex_eval_fail(r,
				    "\"${perl\" encountered, but this facility is not included in "
				    "this binary");
	if (skip)
		return true;
	if (!r->world->perl)
		return ex_eval_fail(r, "A setting of perl_startup is needed when using the Perl "
				       "interpreter");
	if (!known)
		return ex_eval_unknown(r, "it needs ${perl");
	char any[] = {EX_ANY, '\0'};
	mt_text_add(&out->text, mt_str_of(any));
	out->tainted = true;
	r->result->guessed = true;
	return true;
}

static bool read_if(struct ex_eval *r, bool skip, struct ex_piece *out)
{
	struct mt_str before = r->value;
	bool holds = false;
	if (!ex_eval_condition(r, skip, &holds) || !ex_eval_branches(r, "if", holds, skip, out))
		return false;
	r->value = before;
	return true;
}

static bool read_item(struct ex_eval *r, struct mt_str name, bool skip, struct ex_piece *out)
{
	if (mt_str_is(name, "if"))
		return read_if(r, skip, out);
	if (mt_str_is(name, "lookup"))
		return ex_eval_lookup(r, skip, out);
	if (mt_str_is(name, "readfile"))
		return ex_eval_readfile(r, skip, out);
	if (mt_str_is(name, "perl"))
		return read_perl(r, skip, out);
	return skip ? ex_eval_skip(r)
		    : ex_eval_unknown(r, mt_format(r->arena, "it needs ${%.*s", MT_STR_FMT(name)));
}

static struct mt_str upper(struct mt_arena *arena, struct mt_str s)
{
	char *text = mt_alloc(arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		text[i] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - ('a' - 'A') : s.p[i]);
	return (struct mt_str){text, s.n};
}

static bool is_plain_address(struct mt_str text)
{
	size_t ats = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (!mt_is_alnum(text.p[i]) && !strchr("@._+=-\001", text.p[i]))
			return false;
		ats += text.p[i] == '@';
	}
	return ats < 2;
}

static bool apply(struct ex_eval *r, struct mt_str name, struct mt_str text, struct mt_str *to)
{
	struct mt_str domain = ex_domain_part(text);
	*to = text;
	if (mt_str_is(name, "lc"))
		*to = ex_lower(r->arena, text);
	else if (mt_str_is(name, "uc"))
		*to = upper(r->arena, text);
	else if (mt_str_is(name, "domain") && is_plain_address(text))
		*to = domain;
	else if (mt_str_is(name, "local_part") && is_plain_address(text))
		*to = mt_str_part(text, 0, domain.n ? text.n - domain.n - 1 : text.n);
	else if (!mt_str_is(name, "address") || !is_plain_address(text))
		return ex_eval_unknown(r,
				       mt_format(r->arena, "it needs ${%.*s:", MT_STR_FMT(name)));
	return true;
}

static bool is_operator(struct mt_str name)
{
	const char *bar = name.n ? memchr(name.p, '_', name.n) : NULL;
	return ex_is_one_of(operators, name) ||
	       (bar && ex_is_one_of(operators, mt_str_part(name, 0, (size_t)(bar - name.p))));
}

static bool read_operator(struct ex_eval *r, struct mt_str name, bool skip, struct ex_piece *out)
{
	struct ex_piece argument = EX_PIECE(r);
	struct mt_str text;
	ex_eval_next(r);
	if (!ex_eval_text(r, true, skip, &argument))
		return false;
	ex_eval_next(r);
	if (!is_operator(name))
		return ex_eval_fail(r, "unknown expansion operator \"%.*s\"", MT_STR_FMT(name));
	if (skip)
		return true;
	if (!apply(r, name, ex_piece_text(&argument), &text))
		return false;
	mt_text_add(&out->text, text);
	out->tainted = out->tainted || argument.tainted;
	return true;
}

/* ---- what begins with '$' ---- */

static const char *acl_rule(struct mt_str name)
{
	if (!mt_str_starts(name, "acl_"))
		return "";
	if (name.n < 5 || (name.p[4] != 'c' && name.p[4] != 'm'))
		return " (user-defined ACL variables must start acl_c or acl_m)";
	return " (6th character of a user-defined ACL variable must be a digit or underscore)";
}

/* The name of a header may hold anything but blanks, up to its ':'. */
static void read_header_name(struct ex_eval *r)
{
	while (r->s.n && ex_eval_peek(r) > ' ')
		if (ex_eval_next(r) == ':')
			return;
}

static bool read_variable(struct ex_eval *r, bool skip, struct ex_piece *out)
{
	struct mt_str name = ex_eval_name(r, "_");
	bool found = true;
	if (ex_is_header_name(name)) {
		read_header_name(r);
		return skip || ex_eval_unknown(r, "it needs the message's headers");
	}
	if (!ex_eval_variable(r, name, skip, out, &found))
		return false;
	return found || ex_eval_fail(r, "unknown variable name \"%.*s\"%s", MT_STR_FMT(name),
				     acl_rule(name));
}

static bool read_braced_variable(struct ex_eval *r, struct mt_str name, bool skip,
				 struct ex_piece *out)
{
	bool found;
	if (ex_eval_next(r) != '}')
		return ex_eval_fail(r,
				    "\"${%.*s\" is not a known operator (or a } is missing in a "
				    "variable reference)",
				    MT_STR_FMT(name));
	if (!ex_eval_variable(r, name, skip, out, &found))
		return false;
	return found || ex_eval_fail(r, "unknown variable in \"${%.*s}\"%s", MT_STR_FMT(name),
				     acl_rule(name));
}

/* What a pattern has matched. */
static bool read_number(struct ex_eval *r, bool braced, bool skip)
{
	while (mt_is_digit(ex_eval_peek(r)))
		ex_eval_next(r);
	if (braced && ex_eval_next(r) != '}')
		return ex_eval_fail(r, "} expected after number");
	return skip || ex_eval_unknown(r, "it needs what a pattern has matched");
}

static bool read_dollar(struct ex_eval *r, bool skip, struct ex_piece *out)
{
	ex_eval_next(r);
	bool braced = ex_eval_peek(r) == '{';
	if (!braced && mt_is_alnum(ex_eval_peek(r)) && !mt_is_digit(ex_eval_peek(r)))
		return read_variable(r, skip, out);
	if (braced)
		ex_eval_next(r);
	if (mt_is_digit(ex_eval_peek(r)))
		return read_number(r, braced, skip);
	if (!braced)
		return ex_eval_fail(r, "$ not followed by letter, digit, or {");
	if (!mt_is_alnum(ex_eval_peek(r)))
		return ex_eval_fail(r, "letter or digit expected after ${");
	struct mt_str name = ex_eval_name(r, "_-");
	if (ex_is_one_of(items, name))
		return read_item(r, name, skip, out);
	if (ex_eval_peek(r) == ':')
		return read_operator(r, name, skip, out);
	return read_braced_variable(r, name, skip, out);
}

bool ex_eval_text(struct ex_eval *r, bool braced, bool skip, struct ex_piece *out)
{
	if (r->depth >= DEPTH_MAX)
		return ex_eval_unknown(r, "it is nested too deep");
	r->depth++;
	while (r->s.n && !(braced && ex_eval_peek(r) == '}')) {
		char c = ex_eval_peek(r);
		if (c == '\\' && !read_backslash(r, out))
			return false;
		if (c == '$' && !read_dollar(r, skip, out))
			return false;
		if (c != '\\' && c != '$')
			read_plain(r, out);
	}
	r->depth--;
	return !braced || r->s.n || ex_eval_fail(r, "missing } at end of string");
}

bool ex_eval_braced(struct ex_eval *r, bool skip, const char *missing, struct ex_piece *out)
{
	ex_eval_blanks(r);
	if (ex_eval_peek(r) != '{')
		return ex_eval_fail(r, "%s", missing);
	ex_eval_next(r);
	if (!ex_eval_text(r, true, skip, out))
		return false;
	ex_eval_next(r);
	return true;
}

/* ---- the branches of an item ---- */

static bool curly(struct ex_eval *r, const char *where)
{
	return ex_eval_fail(r,
			    "curly-bracket problem in conditional yes/no parsing: %s\n remaining "
			    "string is '%.*s'",
			    where, MT_STR_FMT(r->s));
}

static bool read_fail(struct ex_eval *r, const char *item, bool take)
{
	struct mt_str word = ex_eval_name(r, "_");
	if (!mt_str_is(word, "fail"))
		return ex_eval_fail(r, "syntax error in \"%s\" item - \"fail\" expected", item);
	ex_eval_blanks(r);
	if (ex_eval_peek(r) != '}')
		return curly(r, "did not close with '}' after forcedfail");
	ex_eval_next(r);
	if (take) {
		r->result->end = EX_FORCED;
		r->result->why = mt_format(r->arena, "\"%s\" failed and \"fail\" requested", item);
	}
	return !take;
}

bool ex_eval_branches(struct ex_eval *r, const char *item, bool yes, bool skip,
		      struct ex_piece *out)
{
	struct ex_piece unused = EX_PIECE(r);
	bool take = yes && !skip;
	ex_eval_blanks(r);
	if (ex_eval_peek(r) == '}') { /* without any */
		ex_eval_next(r);
		if (take)
			mt_text_add(&out->text, *item == 'i' ? MT_STR("true") : r->value);
		return true;
	}
	if (ex_eval_peek(r) != '{')
		return curly(r, "'yes' part did not start with '{'");
	ex_eval_next(r);
	if (!ex_eval_text(r, true, !take, take ? out : &unused))
		return false;
	ex_eval_next(r);
	ex_eval_blanks(r);
	take = !yes && !skip;
	if (ex_eval_peek(r) != '{' && ex_eval_peek(r) != '}')
		return read_fail(r, item, take);
	if (ex_eval_peek(r) == '{') {
		ex_eval_next(r);
		if (!ex_eval_text(r, true, !take, take ? out : &unused))
			return false;
		ex_eval_next(r);
		ex_eval_blanks(r);
	}
	if (ex_eval_peek(r) != '}')
		return curly(r, "did not close with '}'");
	ex_eval_next(r);
	return true;
}

/* ---- the whole ---- */

void ex_world_begin(struct ex_world *world)
{
	world->senders = NULL;
	world->senders_tail = &world->senders;
	world->senders_by = (struct mt_map)MT_MAP_INIT(world->arena);
	if (!world->round++)
		world->files = (struct mt_map)MT_MAP_INIT(world->arena);
}

void ex_world_sender(struct ex_world *world, enum mt_by by, struct mt_str value)
{
	char kind = (char)('0' + by);
	struct mt_str key =
		ex_lower(world->arena,
			 mt_str_of(mt_format(world->arena, "%c%.*s", kind, MT_STR_FMT(value))));
	if (mt_map_get(&world->senders_by, key))
		return;
	struct ex_sender *sender = MT_NEW(world->arena, struct ex_sender);
	*sender = (struct ex_sender){.by = by, .value = mt_str_part(key, 1, key.n - 1)};
	mt_map_put(&world->senders_by, key, sender);
	*world->senders_tail = sender;
	world->senders_tail = &sender->next;
}

void ex_eval_sender(struct ex_eval *r, enum mt_by by, struct mt_str value)
{
	ex_world_sender(r->world, by, value);
}

/* With a '*' for what may be anything. */
static const char *readable(struct mt_arena *arena, const char *why)
{
	char *text = mt_strdup(arena, why);
	for (char *p = text; *p; p++)
		if (*p == EX_ANY || *p == EX_HOST)
			*p = '*';
	return text;
}

struct ex_result ex_expand(struct ex_world *world, const struct ex_mail *mail,
			   struct mt_str expression)
{
	struct ex_result result = {.end = EX_TEXT, .why = ""};
	struct ex_eval r = {.world = world,
			    .mail = mail,
			    .arena = world->arena,
			    .s = expression,
			    .result = &result};
	struct ex_piece out = EX_PIECE(&r);
	if (!ex_eval_text(&r, false, false, &out)) {
		result.why = readable(world->arena, result.why);
		return result;
	}
	result.text = ex_piece_text(&out);
	result.tainted = out.tainted;
	if (result.text.n && memchr(result.text.p, EX_HOST, result.text.n)) {
		result.end = EX_UNKNOWN;
		result.why = "it is the address of the host that is connected to";
	}
	return result;
}

bool ex_can_fail(struct mt_str expression)
{
	struct mt_str rest = expression;
	for (const char *at; (at = mt_str_find(rest, MT_STR("fail}"))) != NULL;) {
		size_t n = (size_t)(at - rest.p);
		while (n && ex_is_blank(rest.p[n - 1]))
			n--;
		if (n && rest.p[n - 1] == '}')
			return true;
		n = (size_t)(at - rest.p) + 5;
		rest = mt_str_part(rest, n, rest.n - n);
	}
	return false;
}
