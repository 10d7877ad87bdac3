/* SPDX-License-Identifier: ISC */
/* harmless.c: does the text of an expression, or of a router, hold anything that does more than to read files. */
#include "harmless.h"

#include <string.h>

#include "evaluate.h"
#include "items.h"

static const char good_items[] =
	"extract filter hash hmac if length listextract listquote lookup map nhash "
	"readfile reduce sg substr tr";
static const char good_operators[] =
	"address addresses base32 base32d base62 base62d base64 base64d domain escape escape8bit "
	"eval eval10 from_utf8 h hash headerwrap hex2b64 hexquote ipv6denorm ipv6norm l lc length "
	"listcount local_part mask md5 nh nhash quote quote_local_part reverse_ip rfc2047 rfc2047d "
	"rxquote s sha1 sha2 sha256 sha3 str2b64 strlen substr time_eval time_interval uc "
	"utf8clean";
static const char bad_conditions[] = "acl ldapauth pam pwcheck radius saslauthd";
static const char good_lookups[] =
	"lsearch wildlsearch nwildlsearch iplsearch dsearch cdb dbm dbmnz dbmjz";
static const char bad_lookups[] =
	"dnsdb ibase json ldap ldapdn ldapm lmdb mysql nis nis0 nisplus oracle passwd pgsql redis "
	"spf sqlite testdb whoson";

static const char *holds(const struct exim *e, const char *mark, struct mt_str name)
{
	return mt_format(e->arena, "it holds %s%.*s", mark, MT_STR_FMT(name));
}

static bool is_of_word(char c)
{
	return mt_is_alnum(c) || c == '_';
}

static struct mt_str from(struct mt_str s, size_t n)
{
	return mt_str_part(s, n, s.n - n);
}

static struct mt_str leading_word(struct mt_str s)
{
	size_t n = 0;
	while (n < s.n && is_of_word(s.p[n]))
		n++;
	return mt_str_part(s, 0, n);
}

/* ---- look-ups ---- */

/* "partial1-lsearch*@,ret=full" is one of lsearch. */
static struct mt_str base_of(struct mt_str type)
{
	if (mt_str_starts(type, "partial")) {
		const char *end = memchr(type.p, '-', type.n);
		if (!end)
			end = memchr(type.p, ')', type.n);
		type = end ? from(type, (size_t)(end - type.p) + 1) : type;
	}
	return leading_word(type);
}

/* Keys of wildlsearch are expanded. */
static bool expands_nothing(const struct exim *e, struct mt_str file)
{
	const struct mt_item *item =
		mt_snapshot_file(e->snapshot, mt_strz(e->arena, mt_str_trim(file)));
	return item->presence == MT_PRESENT && !mt_str_has(item->bytes, "$");
}

static const char *harm_in_type(const struct exim *e, struct mt_str type, struct mt_str file)
{
	struct mt_str base = base_of(type);
	if (!ex_is_one_of(good_lookups, base) || !base.n)
		return holds(e, "a look-up of the type ", type);
	if (mt_str_is(base, "wildlsearch") && !expands_nothing(e, file))
		return holds(e, "a look-up whose keys are expanded: ", type);
	return NULL;
}

/* Behind "${lookup": "{KEY} TYPE {FILE}", or without a key what asks a database. */
static const char *harm_in_lookup(const struct exim *e, struct mt_str rest)
{
	struct ex_result none = {0};
	struct ex_eval r = {.arena = e->arena, .s = ex_skip_blanks(rest), .result = &none};
	if (ex_eval_next(&r) != '{' || !ex_eval_skip(&r))
		return "it holds a look-up in a database";
	r.s = ex_skip_blanks(r.s);
	size_t n = 0;
	while (n < r.s.n && r.s.p[n] != '{' && !ex_is_blank(r.s.p[n]))
		n++;
	struct mt_str type = mt_str_part(r.s, 0, n), file = ex_skip_blanks(from(r.s, n));
	const char *end = file.n ? memchr(file.p, '}', file.n) : NULL;
	if (!end || *file.p != '{')
		return "it holds a look-up that is not understood";
	return harm_in_type(e, type, mt_str_part(file, 1, (size_t)(end - file.p) - 1));
}

/* ---- expressions ---- */

/* Behind "${" */
static const char *harm_in_item(const struct exim *e, struct mt_str rest)
{
	struct mt_str name = leading_word(rest), behind = from(rest, name.n);
	char next = behind.n ? *behind.p : '\0';
	if (next == '}')
		return NULL;
	if (next == ':') {
		const char *bar = memchr(name.p, '_', name.n);
		struct mt_str plain = bar ? mt_str_part(name, 0, (size_t)(bar - name.p)) : name;
		return ex_is_one_of(good_operators, name) || ex_is_one_of(good_operators, plain)
			       ? NULL
			       : holds(e, "${", name);
	}
	if (!name.n || !ex_is_one_of(good_items, name))
		return holds(e, "${", name);
	return mt_str_is(name, "lookup") ? harm_in_lookup(e, behind) : NULL;
}

/* A word that is a condition where '{' follows it: "acl {{...}}". */
static const char *harm_in_word(const struct exim *e, struct mt_str word, struct mt_str behind)
{
	behind = ex_skip_blanks(behind);
	bool condition = behind.n && *behind.p == '{';
	return condition && ex_is_one_of(bad_conditions, word) ? holds(e, "the condition ", word)
							       : NULL;
}

/* "TYPE;" within a list. */
static const char *harm_in_items(const struct exim *e, struct mt_str list)
{
	for (size_t i = 0; i < list.n; i++) {
		if (list.p[i] != ';')
			continue;
		size_t from_here = i;
		while (from_here && !strchr(" \t:!{}<;\n", list.p[from_here - 1]))
			from_here--;
		struct mt_str type = mt_str_part(list, from_here, i - from_here);
		struct mt_str base = base_of(type);
		if (ex_is_one_of(bad_lookups, base) || mt_str_is(base, "wildlsearch"))
			return holds(e, "a look-up of the type ", type);
	}
	return NULL;
}

/* What was read in a file, where a look-up may be an item of it: a condition that takes a list. */
static bool reads_list(struct mt_str s)
{
	bool reads = mt_str_has(s, "${lookup") || mt_str_has(s, "${readfile");
	return reads && (mt_str_has(s, "match_domain") || mt_str_has(s, "match_address") ||
			 mt_str_has(s, "match_local_part") || mt_str_has(s, "match_ip"));
}

const char *ex_harm_in(const struct exim *e, struct mt_str s)
{
	const char *harm = harm_in_items(e, s);
	if (!harm && reads_list(s))
		harm = "a file is read as a list";
	while (s.n && !harm) {
		struct mt_str word = leading_word(s);
		if (word.n) {
			harm = harm_in_word(e, word, from(s, word.n));
			s = from(s, word.n);
			continue;
		}
		if (mt_str_starts(s, "${"))
			harm = harm_in_item(e, from(s, 2));
		s = from(s, 1);
	}
	return harm;
}

/* ---- lists ---- */

const char *ex_harm_in_list(const struct exim *e, struct mt_str list)
{
	const char *harm = ex_harm_in(e, list);
	/* what is read may be a look-up again */
	if (!harm && (mt_str_has(list, "${lookup") || mt_str_has(list, "${readfile")))
		harm = "a file is read as a list";
	return harm;
}

/* ---- routers ---- */

static const char list_options[] = "domains local_parts senders";

const char *ex_harm_in_router(const struct exim *e, const struct ex_driver *router)
{
	const char *driver = router->driver ? router->driver : "", *harm = NULL;
	bool own =
		ex_is_one_of("accept dnslookup ipliteral manualroute redirect", mt_str_of(driver));
	if (!own)
		return mt_format(e->arena, "it is of the driver %s", driver);
	if (!strcmp(driver, "redirect") && ex_option_get(router->options, "allow_filter"))
		return "a user's filter is run by it";
	if (!ex_option_on(router->options, "address_test", true))
		return "exim -bt passes over it (address_test)";
	for (const struct ex_option *o = router->options; o && !harm; o = o->next) {
		struct mt_str value = mt_str_of(o->value);
		if (o->unknown)
			return mt_format(e->arena, "its %s is not shown", o->name);
		harm = ex_is_one_of(list_options, mt_str_of(o->name)) ? ex_harm_in_list(e, value)
								      : ex_harm_in(e, value);
	}
	return harm;
}

/* ---- what is read for any mail ---- */

/* Of a connection that comes in, or of a message: no part of finding a way. */
static bool is_elsewhere(const char *name)
{
	static const char *const beginnings[] = {
		"acl_",		 "auth_",  "bounce_",	"check_",	"chunking_",
		"dkim_",	 "dmarc_", "dsn_",	"helo_",	"message_",
		"pipelining_",	 "prdr_",  "received_", "smtp_",	"spf_",
		"system_filter", "tls_",   "warn_",	"delay_warning"};
	for (size_t i = 0; i < MT_ARRAY_LEN(beginnings); i++)
		if (!strncmp(name, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

const char *ex_harm_in_main(const struct exim *e)
{
	const char *harm = NULL;
	if (e->config->unknown || e->refused)
		return "not all of the configuration is known";
	if (ex_option_on(e->config->main, "perl_at_start", false))
		return "it starts Perl (perl_at_start)";
	for (const struct ex_option *o = e->config->main; o && !harm; o = o->next)
		if (!is_elsewhere(o->name) && strcmp(o->name, "perl_startup") != 0)
			harm = o->unknown ? "a main option is not shown"
					  : ex_harm_in(e, mt_str_of(o->value));
	for (const struct ex_list *list = e->config->lists; list && !harm; list = list->next)
		harm = ex_harm_in_list(e, mt_str_of(list->value));
	for (const struct ex_line *line = e->config->lines; line && !harm; line = line->next)
		if (line->section == EX_REWRITE)
			harm = ex_harm_in(e, line->text);
	return harm;
}
