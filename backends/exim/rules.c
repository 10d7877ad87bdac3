/* SPDX-License-Identifier: ISC */
/*
 * rules.c: sections that mtapin makes nothing of, but of which Exim may die: ACLs, retry and rewrite rules; and what it
 * checks when the main section is read.
 *
 * Source: acl_read(), readconf_one_rewrite(), readconf_retries(), readconf_retry_error(), readconf_main().
 */
#include "sections.h"

#include <string.h>

static struct mt_str behind(struct mt_str s, size_t n)
{
	return mt_str_part(s, n, s.n - n);
}

static char first(struct mt_str s)
{
	return s.n ? *s.p : '\0';
}

/* ---- ACLs ------------------------------------------------------------------------------------------ */

struct condition {
	const char *name;
	bool modifier;
	const char *needs;
};
/* A modifier may not be negated. */
static const struct condition conditions[] = {
	{"acl", false, ""},
	{"add_header", true, ""},
	{"authenticated", false, ""},
	{"condition", false, ""},
	{"continue", true, ""},
	{"control", true, ""},
	{"dcc", false, "Experimental_DCC"},
	{"decode", false, "Content_Scanning"},
	{"delay", true, ""},
	{"dkim_signers", false, ""},
	{"dkim_status", false, ""},
	{"dmarc_status", false, "DMARC"},
	{"dnslists", false, ""},
	{"domains", false, ""},
	{"encrypted", false, ""},
	{"endpass", true, ""},
	{"hosts", false, ""},
	{"local_parts", false, ""},
	{"log_message", true, ""},
	{"log_reject_target", true, ""},
	{"logwrite", true, ""},
	{"malware", false, "Content_Scanning"},
	{"message", true, ""},
	{"mime_regex", false, "Content_Scanning"},
	{"queue", true, ""},
	{"ratelimit", false, ""},
	{"recipients", false, ""},
	{"regex", false, "Content_Scanning"},
	{"remove_header", true, ""},
	{"seen", false, ""},
	{"sender_domains", false, ""},
	{"senders", false, ""},
	{"set", true, ""},
	{"spam", false, "Content_Scanning"},
	{"spf", false, "SPF"},
	{"spf_guess", false, "SPF"},
	{"udpsend", true, ""},
	{"verify", false, ""},
};

static const struct condition *find_condition(const struct ex_reader *reader, struct mt_str name)
{
	for (size_t i = 0; i < MT_ARRAY_LEN(conditions); i++)
		if (mt_str_is(name, conditions[i].name))
			return !reader->build || ex_build_has(reader->build, conditions[i].needs)
				       ? &conditions[i]
				       : NULL;
	return NULL;
}

static const char *verb_of(struct mt_str name)
{
	static const char *const verbs[] = {"accept", "defer",	 "deny", "discard",
					    "drop",   "require", "warn"};
	for (size_t i = 0; i < MT_ARRAY_LEN(verbs); i++)
		if (mt_str_is(name, verbs[i]))
			return verbs[i];
	return NULL;
}

static bool begin_acl(struct ex_reader *reader, const struct ex_logical *line,
		      struct ex_sections *sections)
{
	struct mt_str rest = line->text, name = ex_read_name(reader, &rest);
	sections->in_acl = false;
	if (name.n && ex_is_upper(*name.p) && first(rest) == '=')
		return ex_read_macro(reader, line);
	if (first(rest) != ':' || !name.n)
		return ex_fail(reader, "missing or malformed ACL name");
	const char *word = mt_strz(reader->arena, name);
	if (mt_list_has(sections->acls, word))
		return ex_fail(reader, "there are two ACLs called \"%s\"", word);
	mt_list_add(reader->arena, &sections->acls, word);
	sections->in_acl = true;
	sections->verb = NULL;
	return true;
}

static bool fail_acl(struct ex_reader *reader, const char *what, struct mt_str text)
{
	return ex_fail(reader, "error in ACL: %s \"%.*s\"", what, MT_STR_FMT(text));
}

/* Behind "set": the name of a variable; *s is behind it. */
static bool skip_variable(struct ex_reader *reader, struct mt_str *s)
{
	struct mt_str all = *s;
	static const char invalid[] = "error in ACL: invalid variable name after \"set\" in ACL "
				      "modifier \"set %.*s\" (%s)";
	if (mt_str_skip(s, "dkim_verify_status") || mt_str_skip(s, "dkim_verify_reason")) {
		if (first(*s) && mt_is_alnum(first(*s)))
			return ex_fail(reader, invalid, MT_STR_FMT(all),
				       "only \"dkim_verify_status\" or \"dkim_verify_reason\" "
				       "permitted");
		ex_skip_space(s);
		return true;
	}
	if (!mt_str_skip(s, "acl_c") && !mt_str_skip(s, "acl_m"))
		return ex_fail(reader, invalid, MT_STR_FMT(all),
			       "must start \"acl_c\" or \"acl_m\"");
	if (!mt_is_digit(first(*s)) && first(*s) != '_')
		return ex_fail(reader, invalid, MT_STR_FMT(all),
			       "digit or underscore must follow acl_c or acl_m");
	for (; s->n && *s->p != '=' && !ex_is_space(*s->p); *s = behind(*s, 1))
		if (!ex_is_word(*s->p))
			return ex_fail(reader,
				       "error in ACL: invalid character \"%c\" in variable name in "
				       "ACL modifier \"set %.*s\"",
				       *s->p, MT_STR_FMT(all));
	ex_skip_space(s);
	return true;
}

static bool check_condition(struct ex_reader *reader, struct ex_sections *sections,
			    const struct condition *c, struct mt_str s, bool negated)
{
	if (negated && c->modifier)
		return ex_fail(reader,
			       "error in ACL: ACL error: negation is not allowed with \"%s\"",
			       c->name);
	bool endpass = strcmp(c->name, "endpass") == 0;
	if (endpass && strcmp(sections->verb, "accept") != 0 &&
	    strcmp(sections->verb, "discard") != 0)
		return ex_fail(reader, "error in ACL: ACL error: \"%s\" is not allowed with \"%s\"",
			       c->name, sections->verb);
	if (strcmp(c->name, "set") == 0 && !skip_variable(reader, &s))
		return false;
	return endpass || first(s) == '=' ||
	       ex_fail(reader, "error in ACL: \"=\" missing after ACL \"%s\" %s", c->name,
		       c->modifier ? "modifier" : "condition");
}

static bool skip_not(struct mt_str *s)
{
	return mt_str_skip(s, "!");
}

bool ex_read_acl_line(struct ex_reader *reader, const struct ex_logical *line,
		      struct ex_sections *sections)
{
	struct mt_str s = line->text;
	bool negated = sections->in_acl && skip_not(&s);
	struct mt_str name = ex_read_name(reader, &s);
	if (!sections->in_acl || first(s) == ':' ||
	    (name.n && ex_is_upper(*name.p) && first(s) == '='))
		return begin_acl(reader, line, sections);
	const char *verb = verb_of(name);
	if (!verb && !sections->verb)
		return ex_fail(reader, "error in ACL: unknown ACL verb \"%.*s\" in \"%.*s\"",
			       MT_STR_FMT(name), MT_STR_FMT(line->text));
	if (verb) {
		if (negated)
			return fail_acl(reader, "malformed ACL line", line->text);
		sections->verb = verb;
		if (!s.n)
			return true;
		negated = skip_not(&s);
		name = ex_read_name(reader, &s);
	}
	const struct condition *c = find_condition(reader, name);
	if (!c)
		return fail_acl(reader, "unknown ACL condition/modifier in", line->text);
	return check_condition(reader, sections, c, s, negated);
}

/* ---- rewriting --------------------------------------------------------------------------------------- */

bool ex_read_rewrite(struct ex_reader *reader, struct mt_str s, bool *envelope)
{
	struct mt_str key = ex_dequote(reader->arena, &s);
	ex_skip_space(&s);
	if (!s.n)
		return ex_fail(reader, "missing rewrite replacement string");
	ex_dequote(reader->arena, &s);
	for (; s.n; s = behind(s, 1)) {
		if (!*s.p || !strchr(" \tqwhsftcbrEFTQRS", *s.p))
			return ex_fail(reader,
				       "unknown rewrite flag character '%c' (could be missing "
				       "quotes round replacement item)",
				       *s.p);
		if (*s.p == 'S' && first(key) != '^' && !mt_str_starts(key, "\\N^"))
			return ex_fail(reader, "rewrite rule has the S flag but is not a regular "
					       "expression");
		*envelope = *envelope || strchr("EFTS", *s.p);
	}
	return true;
}

/* ---- retry rules -------------------------------------------------------------------------------------- */

static bool is_one_of(struct mt_str s, const char *const *words)
{
	for (; *words; words++)
		if (mt_str_same(s, mt_str_of(*words)))
			return true;
	return false;
}

/* strncmpic(LITERAL, s, length of s): Exim takes the beginning of a word for the word. */
static bool begins_word(struct mt_str s, const char *word)
{
	size_t n = strlen(word);
	return s.n <= n && mt_str_same(s, mt_str_part(mt_str_of(word), 0, s.n));
}

static bool fail_4xx(struct ex_reader *reader, struct mt_str s)
{
	return ex_fail(reader,
		       "%.4s_4 must be followed by xx, dx, or dd, where x is literal and d is any "
		       "digit",
		       s.p);
}

static bool is_4xx(struct mt_str s)
{
	if (s.n != 8)
		return false;
	if (mt_is_digit(s.p[6]))
		return mt_is_digit(s.p[7]) || s.p[7] == 'x';
	return s.p[6] == 'x' && s.p[7] == 'x';
}

static bool check_timeout_error(struct ex_reader *reader, struct mt_str more)
{
	static const char *const extras[] = {"A",	  "MX",		"connect",
					     "connect_A", "connect_MX", "DNS"};
	for (size_t i = 0; i < MT_ARRAY_LEN(extras); i++)
		if (begins_word(more, extras[i]))
			return true;
	return ex_fail(reader, "\"A\", \"MX\", or \"connect\" expected after \"timeout\"");
}

static bool check_retry_error(struct ex_reader *reader, struct mt_str s)
{
	static const char *const codes[] = {"mail_4", "rcpt_4", "data_4", NULL};
	size_t n = 0;
	while (n < s.n && s.p[n] != '_')
		n++;
	struct mt_str word = mt_str_part(s, 0, n), more = behind(s, n < s.n ? n + 1 : n);
	bool has_more = n < s.n;
	if (mt_str_same(word, MT_STR("quota")))
		return !has_more || (ex_read_time(&more, '\0') >= 0 && !more.n) ||
		       ex_fail(reader, "bad time value");
	if (mt_str_same(word, MT_STR("refused")))
		return !has_more || begins_word(more, "MX") || begins_word(more, "A") ||
		       ex_fail(reader, "A or MX expected after \"refused\"");
	if (mt_str_same(word, MT_STR("timeout")))
		return !has_more || check_timeout_error(reader, more);
	if (s.n >= 6 && is_one_of(mt_str_part(s, 0, 6), codes))
		return is_4xx(s) || fail_4xx(reader, s);
	if ((mt_str_same(word, MT_STR("auth")) && begins_word(more, "failed")) ||
	    begins_word(s, "lost_connection") || begins_word(s, "tls_required") ||
	    begins_word(s, "lookup") || mt_str_is(word, "*"))
		return true;
	return ex_fail(reader, "unknown or malformed retry error \"%.*s\"", MT_STR_FMT(s));
}

/* A fixed-point number in thousandths, up to the end of `s`; -1: it is none. */
static long read_fixed(struct mt_str s)
{
	long value = 0, part = 100;
	if (!mt_is_digit(first(s)))
		return -1;
	for (; mt_is_digit(first(s)); s = behind(s, 1))
		value = (value * 10 + (*s.p - '0')) % 1000000;
	value *= 1000;
	if (mt_str_skip(&s, "."))
		for (; mt_is_digit(first(s)); s = behind(s, 1), part /= 10)
			value += (*s.p - '0') * part;
	return s.n ? -1 : value;
}

/* ",TIME" or ",NUMBER" */
static bool read_argument(struct ex_reader *reader, struct mt_str *s, bool fixed, long *value)
{
	if (!mt_str_skip(s, ","))
		return ex_fail(reader, "comma expected");
	ex_skip_space(s);
	size_t n = 0;
	while (n < s->n && (mt_is_alnum(s->p[n]) || (fixed && s->p[n] == '.')))
		n++;
	struct mt_str word = mt_str_part(*s, 0, n);
	*s = behind(*s, n);
	if (s->n && !ex_is_space(*s->p) && *s->p != ',' && *s->p != ';')
		return ex_fail(reader, "comma or semicolon expected");
	*value = fixed ? read_fixed(word) : ex_read_time(&word, '\0');
	return true;
}

static bool read_retry_item(struct ex_reader *reader, struct mt_str *s)
{
	char letter = (char)(*s->p & ~0x20);
	long timeout, interval = 0, factor = 1000;
	*s = behind(*s, 1);
	if (!read_argument(reader, s, false, &timeout))
		return false;
	if (!strchr("FGH", letter) || !letter)
		return ex_fail(reader, "unknown retry rule letter");
	if (!read_argument(reader, s, false, &interval) ||
	    (letter != 'F' && !read_argument(reader, s, true, &factor)))
		return false;
	if (timeout <= 0 || interval <= 0 || factor < 1000)
		return ex_fail(reader, "bad parameters for retry rule");
	ex_skip_space(s);
	if (s->n && !mt_str_skip(s, ";"))
		return ex_fail(reader, "semicolon expected");
	ex_skip_space(s);
	return true;
}

static bool read_senders(struct ex_reader *reader, struct mt_str *s)
{
	ex_skip_space(s);
	if (!mt_str_skip(s, "="))
		return ex_fail(reader, "\"=\" expected after \"senders\" in retry rule");
	ex_skip_space(s);
	ex_dequote(reader->arena, s);
	return true;
}

bool ex_read_retry(struct ex_reader *reader, struct mt_str s)
{
	size_t n = 0;
	ex_dequote(reader->arena, &s);
	ex_skip_space(&s);
	while (n < s.n && (unsigned char)s.p[n] > ' ' && s.p[n] != '\x7f')
		n++;
	if (!n)
		return ex_fail(reader, "missing error type in retry rule");
	if (!check_retry_error(reader, mt_str_part(s, 0, n)))
		return false;
	s = behind(s, n);
	ex_skip_space(&s);
	if (mt_str_skip(&s, "senders") && !read_senders(reader, &s))
		return false;
	ex_skip_space(&s);
	while (s.n)
		if (!read_retry_item(reader, &s))
			return false;
	return true;
}

/* ---- the main section as a whole ------------------------------------------------------------------------ */

/* The value where it is set, and nothing of it has to be expanded or was cut; NULL else. */
static const char *plain(const struct ex_reader *reader, const char *name)
{
	const struct ex_option *option = ex_option_get(reader->config->main, name);
	return option && !option->unknown && !strchr(option->value, '$') ? option->value : NULL;
}

static bool check_log_path(struct ex_reader *reader)
{
	const char *value = plain(reader, "log_file_path");
	struct mt_str list = mt_str_of(value ? value : "");
	char separator = ':';
	for (struct mt_str item; ex_next_item(reader->arena, &list, &separator, &item);)
		if (item.n && !mt_str_is(item, "syslog") && !mt_str_has(item, "%s"))
			return ex_fail_nowhere(reader,
					       "log_file_path \"%.*s\" does not contain \"%%s\"",
					       MT_STR_FMT(item));
	return true;
}

static bool check_facility(struct ex_reader *reader)
{
	static const char *const names[] = {"mail",   "user",	"news",	  "uucp",   "local0",
					    "local1", "local2", "local3", "local4", "local5",
					    "local6", "local7", "daemon", NULL};
	const char *value = plain(reader, "syslog_facility");
	if (!value)
		return true;
	struct mt_str s = mt_str_of(value);
	if (s.n >= 4 && mt_str_same(mt_str_part(s, 0, 4), MT_STR("log_")))
		s = behind(s, 4);
	return is_one_of(s, names) ||
	       ex_fail_nowhere(reader, "failed to interpret syslog_facility \"%s\"", value);
}

static long number(const struct ex_reader *reader, const char *name, long otherwise)
{
	const char *value = plain(reader, name);
	struct mt_str s = mt_str_of(value ? value : "");
	long number = otherwise;
	bool over;
	ex_read_number(&s, 0, &number, &over);
	return number;
}

static bool check_numbers(struct ex_reader *reader)
{
	const struct ex_option *per_host =
		ex_option_get(reader->config->main, "smtp_accept_max_per_host");
	if (number(reader, "smtp_accept_max", 20) == 0 &&
	    (number(reader, "smtp_accept_queue", 0) > 0 || per_host))
		return ex_fail_nowhere(reader,
				       "smtp_accept_max must be set if smtp_accept_queue or "
				       "smtp_accept_max_per_host is set");
	return number(reader, "tls_dh_max_bits", 2236) >= 1024 ||
	       ex_fail_nowhere(reader,
			       "tls_dh_max_bits is too small, must be at least 1024 for interop");
}

/* "+name -name": each is one of the macros _LOG_NAME, in small letters. */
static bool check_log_selector(struct ex_reader *reader)
{
	const char *value = plain(reader, "log_selector");
	struct mt_str s = mt_str_of(value ? value : "");
	for (ex_skip_space(&s); s.n; ex_skip_space(&s)) {
		size_t n = 1;
		if (*s.p != '+' && *s.p != '-')
			return ex_fail_nowhere(
				reader,
				"malformed log_selector setting: + or - expected but "
				"found \"%.*s\"",
				MT_STR_FMT(s));
		while (n < s.n && ex_is_word(s.p[n]))
			n++;
		if (!ex_known_log(mt_str_part(s, 1, n - 1)) && !ex_may_be_newer(reader))
			return ex_fail_nowhere(reader, "unknown log_selector setting: %.*s", (int)n,
					       s.p);
		s = behind(s, n);
	}
	return true;
}

bool ex_check_main(struct ex_reader *reader)
{
	const struct ex_option *main = reader->config->main;
	if (ex_option_on(main, "local_sender_retain", false) &&
	    ex_option_on(main, "local_from_check", true))
		return ex_fail_nowhere(reader,
				       "both local_from_check and local_sender_retain are set; "
				       "this combination is not allowed");
	if (!check_log_path(reader) || !check_facility(reader) || !check_numbers(reader))
		return false;
	if (ex_option_get(main, "openssl_options") && reader->build &&
	    ex_build_has(reader->build, "GnuTLS"))
		return ex_fail_nowhere(reader, "openssl_options is set but we're using GnuTLS");
	return check_log_selector(reader);
}
