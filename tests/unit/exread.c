/* SPDX-License-Identifier: ISC */
/* exread.c: Exim's configuration as Exim reads it: the cases worth a name. */
#include "test.h"

#include <stdlib.h>

#include "../../backends/exim/config.h"

#define MAIN "/etc/exim4/exim4.conf"

static struct mt_arena *arena;
static const struct ex_build *build; /* NULL: it is not known */
static struct mt_item items[8];
static size_t item_count;
static const struct ex_config *config;

static int setup(void **state)
{
	(void)state;
	arena = mt_arena_new((size_t)16 << 20);
	build = NULL;
	item_count = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mt_arena_free(arena);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct mt_item *)a)->name, ((const struct mt_item *)b)->name);
}

/* A file of the host; text NULL: it is not there. */
static void file(const char *name, const char *text)
{
	items[item_count++] = (struct mt_item){.name = name,
					       .presence = text ? MT_PRESENT : MT_ABSENT,
					       .why = "",
					       .bytes = mt_str_of(text ? text : ""),
					       .type = 'f'};
}

static void read_files(void)
{
	static struct mt_snapshot snapshot;
	qsort(items, item_count, sizeof *items, by_name);
	snapshot = (struct mt_snapshot){
		.arena = arena, .host = "", .complete = true, .items = items, .count = item_count};
	config = ex_config_read(arena, &snapshot, MAIN, build);
	item_count = 0;
}

static void read_text(const char *text)
{
	file(MAIN, text);
	read_files();
}

static const char *main_value(const char *name)
{
	const struct ex_option *option = ex_option_get(config->main, name);
	return option ? option->value : "(absent)";
}

static const struct ex_option *transport_option(const char *transport, const char *name)
{
	const struct ex_driver *driver = ex_driver_get(config->transports, transport);
	return driver ? ex_option_get(driver->options, name) : NULL;
}

static const char *value_of(const char *transport, const char *name)
{
	const struct ex_option *option = transport_option(transport, name);
	return option ? option->value : "(absent)";
}

/* "file:line" of each step. */
static const char *steps_of(const struct mt_origin *origin)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (const struct mt_step *s = origin->via; s; s = s->next)
		mt_text_addf(&text, "%s%s %s %s:%u", text.n ? ", " : "",
			     s->include ? "include" : "macro", s->name, s->file, s->line);
	return mt_text_z(&text);
}

static void macros(void **state)
{
	(void)state;
	read_text("OUT = 192.0.2.12\n"
		  "BOTH = <; OUT ; 2001:db8::12\n"
		  "primary_hostname = xOUTy.OUT\n"
		  "begin transports\n"
		  "a:\n"
		  " driver = smtp\n"
		  " interface = BOTH\n"
		  "OUT == 192.0.2.13\n"
		  "b:\n"
		  " driver = smtp\n"
		  " interface = <; OUT\n"
		  " helo_data = mail.example.org\n");
	assert_null(config->error);
	assert_string_equal(main_value("primary_hostname"), "x192.0.2.12y.192.0.2.12");
	assert_string_equal(value_of("a", "interface"), "<; 192.0.2.12 ; 2001:db8::12");
	assert_string_equal(value_of("b", "interface"), "<; 192.0.2.13");
	const struct ex_option *a = transport_option("a", "interface");
	assert_int_equal(a->origin->line, 7);
	assert_string_equal(a->origin->text, "interface = BOTH");
	assert_string_equal(steps_of(a->origin), "macro BOTH " MAIN ":2, macro OUT " MAIN ":1");
	assert_non_null(a->macro);
	assert_string_equal(a->macro->name, "BOTH");
	assert_int_equal(a->macro->origin->line, 2);
	const struct ex_option *b = transport_option("b", "interface");
	assert_null(b->macro); /* a part of it */
	assert_string_equal(steps_of(b->origin), "macro OUT " MAIN ":8");
	assert_null(transport_option("b", "helo_data")->origin->via);
	assert_int_equal(ex_macro_get(config, "OUT")->origin->line, 8);
	assert_null(ex_macro_get(config, "OU"));
}

static void built_in_macros(void **state)
{
	(void)state;
	read_text(
		".ifdef _HAVE_IPV6\nqualify_domain = a_OPT_TRANSPORT_SMTP_HOSTS_TRY_DANE.\n.endif\n"
		"smtp_banner = X _HAVE_IPV6\n"
		".ifdef _OPT_MAIN_PERL_STARTUP\nthis is not read\n.endif\n");
	assert_null(config->error);
	assert_string_equal(main_value("qualify_domain"), "ay.");
	assert_string_equal(main_value("smtp_banner"), "X _HAVE_IPV6"); /* a capital comes first */
}

static void continued_lines(void **state)
{
	(void)state;
	read_text("A = x\n"
		  "smtp_banner = a \\\n"
		  "   # a comment\n"
		  "\tA\\  \n"
		  ".ifdef NEVER\n"
		  "   c\\\n"
		  ".endif\n"
		  "   # \\\n"
		  "   d # e\n"
		  "qualify_domain = q\\\n"
		  "\n"
		  "dns_retry = 2");
	assert_null(config->error);
	assert_string_equal(main_value("smtp_banner"), "a xd # e");
	assert_string_equal(main_value("qualify_domain"), "q");
	assert_string_equal(main_value("dns_retry"), "2");
	const struct ex_option *banner = ex_option_get(config->main, "smtp_banner");
	assert_int_equal(banner->origin->line, 2);
	assert_int_equal(banner->last_line, 9);
	assert_string_equal(banner->origin->text, "smtp_banner = a Ad # e");
	assert_int_equal(ex_option_get(config->main, "qualify_domain")->last_line, 11);
	read_text("smtp_banner = a\\\n # the file ends here\n");
	assert_string_equal(main_value("smtp_banner"), "a # the file ends here\n");
}

static void conditions(void **state)
{
	(void)state;
	read_text("A = 1\nB =\n"
		  ".ifdef NO\nqualify_domain = 1\n.elifdef B\nqualify_domain = 2\n.elifdef "
		  "A\nx\n.else\nx\n.endif\n"
		  ".ifndef NO\n.ifdef NO\n.ifdef A\nx\n.else\nx\n.endif\n.else\ndns_retry = "
		  "4\n.endif\n.else\nx\n.endif\n"
		  ".ifdefx A\n.ifdef\tNO\nsmtp_banner = seen\n.endif A\t\n");
	assert_string_equal(main_value("qualify_domain"), "2");
	assert_string_equal(main_value("dns_retry"), "4");
	assert_string_equal(main_value("smtp_banner"), "seen");
	assert_string_equal(config->error, ".endif without matching .ifdef");
	assert_int_equal(config->error_line, 28);
	read_text(".ifdef A\r\nx\r\n.endif\r\n");
	assert_string_equal(config->error, "Unexpected end of configuration file: .endif missing");
	assert_int_equal(config->error_line, 3);
}

static void includes(void **state)
{
	(void)state;
	file(MAIN, "M = 1\n.include \"/etc/exim4/a\" \nqualify_domain = M\n"
		   ".include_if_exists /etc/none\n");
	file("/etc/exim4/a", "N = 2\n.include sub/b\nsmtp_banner = N");
	file("/etc/exim4/sub/b", "M == 3\ndns_retry = M\n");
	file("/etc/none", NULL);
	read_files();
	assert_null(config->error);
	assert_null(config->unknown);
	assert_string_equal(main_value("qualify_domain"), "3");
	const struct ex_option *retry = ex_option_get(config->main, "dns_retry");
	assert_string_equal(retry->origin->file, "/etc/exim4/sub/b");
	assert_int_equal(retry->origin->line, 2);
	assert_string_equal(steps_of(retry->origin),
			    "macro M /etc/exim4/sub/b:1, include /etc/exim4/sub/b /etc/exim4/a:2, "
			    "include /etc/exim4/a " MAIN ":2");
	assert_string_equal(steps_of(ex_option_get(config->main, "smtp_banner")->origin),
			    "macro N /etc/exim4/a:1, include /etc/exim4/a " MAIN ":2");
	assert_string_equal(config->files[0], MAIN);
	assert_string_equal(config->files[2], "/etc/exim4/sub/b");
	assert_null(config->files[3]);
	assert_string_equal(config->absent[0], "/etc/none");
}

static void included_files_that_are_not_there(void **state)
{
	(void)state;
	file(MAIN, "dns_retry = 2\n.include /etc/none\nqualify_domain = x\n");
	file("/etc/none", NULL);
	read_files();
	assert_string_equal(config->error, "failed to open included configuration file /etc/none");
	assert_string_equal(config->error_file, MAIN);
	assert_int_equal(config->error_line, 2);
	read_text(".include /etc/none\n.ifdef A\nqualify_domain = x\n.endif\ndns_retry = 3\n");
	assert_null(config->error);
	assert_string_equal(config->unknown, "/etc/none was not collected");
	assert_string_equal(main_value("dns_retry"), "3");
	read_text(".include_if_exists none\n");
	assert_string_equal(config->error, ".include specifies a non-absolute path \"none\"");
	read_text(".include " MAIN "\n");
	assert_string_equal(config->error, "failed to open included configuration file " MAIN);
	file("/etc/other", "");
	read_files();
	assert_string_equal(config->unknown, MAIN " was not collected");
}

static void strings(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"a  b # c", "a  b # c"},
		{"\"a  b\"", "a  b"},
		{"\"\\101\\x42\\103z\\n\\\"\\\\\\q\"", "ABCz\n\"\\q"},
		{"\"\\x7f;\\4001\"", "\x7f;"}, /* \400 is a NUL, where it ends */
		{"", ""},
		{"\"\"", ""},
		{"a\"b", "a\"b"},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(cases); i++) {
		read_text(mt_format(arena, "smtp_banner = %s\n", cases[i][0]));
		assert_null(config->error);
		assert_string_equal(main_value("smtp_banner"), cases[i][1]);
	}
}

static void section_without_a_name(void **state)
{
	(void)state;
	read_text("dns_retry = 2\nbegin  \\\n");
	assert_null(config->error);
	assert_string_equal(main_value("dns_retry"), "2");
}

static void booleans_and_hide(void **state)
{
	(void)state;
	read_text("disable_ipv6\nno_split_spool_directory\nnot_queue_only\nlog_timezone = YES\n"
		  "smtp_enforce_sync=no\nhide mysql_servers = h/d/u/secret\nallow_mx_to_ip =\n"
		  "hide domainlist l = x\n"
		  "begin transports\nt:\ndriver = smtp\nmulti_domain = ${if eq{a}{b}}\n");
	assert_null(config->error);
	assert_string_equal(main_value("disable_ipv6"), "true");
	assert_string_equal(main_value("split_spool_directory"), "false");
	assert_string_equal(main_value("queue_only"), "false");
	assert_string_equal(main_value("log_timezone"), "true");
	assert_string_equal(main_value("smtp_enforce_sync"), "false");
	assert_string_equal(main_value("allow_mx_to_ip"), "true");
	assert_true(ex_option_get(config->main, "mysql_servers")->hidden);
	assert_false(ex_option_get(config->main, "disable_ipv6")->hidden);
	assert_true(config->lists->hidden);
	assert_string_equal(config->lists->value, "x");
	assert_string_equal(value_of("t", "multi_domain"), "${if eq{a}{b}}");
	assert_true(transport_option("t", "multi_domain")->boolean);
	assert_true(ex_option_on(config->main, "disable_ipv6", false));
	assert_true(ex_option_on(config->main, "accept_8bitmime", true));
}

static void sections(void **state)
{
	(void)state;
	read_text(
		"Begin RETRY\n* * F,2h,15m; G,16h,1h,1.5\n"
		"begin acl\nc:\n accept hosts = :\n !verify = sender\nA = x\nd:\n deny\n"
		"begin router\nr:\n driver = redirect\n data = A\n condition = 1\n condition = 2\n"
		"s:\n driver = dnslookup\n transport = ${t}\n"
		"begin rewrites\n*@a b E\n"
		"begin transports\nt :\n driver = \"smtp\"\nB = c\nu:\n driver = pipe\n command = "
		"B\n"
		"begin authenticators\np:\n driver = plaintext\n public_name = PLAIN\n");
	assert_null(config->error);
	assert_string_equal(config->routers->name, "r");
	assert_string_equal(config->routers->next->driver, "dnslookup");
	assert_null(config->routers->next->next);
	const struct ex_option *first = ex_option_get(config->routers->options, "condition");
	assert_string_equal(first->value, "1");
	assert_string_equal(first->next->value, "2");
	assert_string_equal(config->transports->driver, "smtp");
	assert_int_equal(config->transports->origin->line, 22);
	assert_string_equal(value_of("u", "command"), "c");
	assert_string_equal(config->authenticators->name, "p");
	assert_int_equal(config->transports->section, EX_TRANSPORTS);
}

/* What Exim 4.96 says of each. */
static const struct {
	const char *text;
	unsigned line; /* 0: it names none */
	const char *error;
} refused[] = {
	{"A = 1\nA = 2\n", 0,
	 "macro \"A\" is already defined (use \"==\" if you want to redefine it)"},
	{"A == 1\n", 0, "can't redefine an undefined macro \"A\""},
	{"A = 1\nXAY = 2\n", 0,
	 "\"XAY\" cannot be defined as a macro because previously defined macro \"A\" is a "
	 "substring"},
	{"X_HAVE_TLS = 2\n", 0,
	 "\"X_HAVE_TLS\" cannot be defined as a macro because previously defined macro "
	 "\"_HAVE_TLS\" is a substring"},
	{"A\n", 1, "malformed macro definition"},
	{"foo = 1\n", 1, "main option \"foo\" unknown"},
	{"dns_retry = 1\n\nhide dns_retry = 1\n", 3,
	 "\"dns_retry\" option set for the second time"},
	{"dns_retry\n", 1, "unexpected end of line (data missing) after dns_retry"},
	{"dns_retry 3\n", 1, "missing \"=\" after dns_retry"},
	{"no_dns_retry = 3\n", 1, "negation prefix applied to a non-boolean option"},
	{"dns_retry = x\n", 1, "integer expected for dns_retry"},
	{"dns_retry = 1 # one\n", 1,
	 "extra characters follow integer value for dns_retry (# is comment only at line start)"},
	{"dns_retry = 3G\n", 1, "absolute value of integer \"3G\" is too large (overflow)"},
	{"dns_retrans = 5\n", 1, "invalid time value for dns_retrans"},
	{"delay_warning = 2h:1h\n", 1, "time value out of order for delay_warning"},
	{"queue_only_load = x\n", 1, "fixed-point number expected for queue_only_load"},
	{"disable_ipv6 = maybe\n", 1,
	 "\"maybe\" is not a valid value for the \"disable_ipv6\" option"},
	{"no_disable_ipv6 = yes\n", 1, "extra characters follow boolean option no_disable_ipv6"},
	{"smtp_banner = \"a\n", 1, "missing quote at end of string value for smtp_banner"},
	{"smtp_banner = \"a\" b\n", 1, "extra characters follow string value for smtp_banner"},
	{"= x\n", 1, "option setting expected: = x"},
	{"domainlist a = x\ndomainlist a = y\n", 2, "duplicate name \"a\" for a named domain list"},
	{"domainlists a = x\n", 1, "unrecognized configuration line"},
	{"log_file_path = /x\n", 0, "log_file_path \"/x\" does not contain \"%s\""},
	{"log_selector = +all foo\n", 0,
	 "malformed log_selector setting: + or - expected but found \"foo\""},
	{"begin foo\n", 1, "\"foo\" is not a known configuration section name"},
	{"begin acl\nbegin acls\n", 2, "\"acls\" section is repeated in the configuration file"},
	{"begin acl\nx:\n allow\n", 3, "error in ACL: unknown ACL verb \"allow\" in \"allow\""},
	{"begin acl\nx:\n deny\n !message = x\n", 4,
	 "error in ACL: ACL error: negation is not allowed with \"message\""},
	{"begin acl\nx:\n deny endpass\n", 3,
	 "error in ACL: ACL error: \"endpass\" is not allowed with \"deny\""},
	{"begin retry\n* * F,1h\n", 2, "comma expected"},
	{"begin retry\n* foo\n", 2, "unknown or malformed retry error \"foo\""},
	{"begin rewrite\n*@a b X\n", 2,
	 "unknown rewrite flag character 'X' (could be missing quotes round replacement item)"},
	{"begin transports\ndriver = smtp\n", 2, "transport name missing"},
	{"begin transports\nt:\ninterface = x\n", 3,
	 "option \"interface\" unknown (\"driver\" must be specified before any private options)"},
	{"begin transports\nt:\ndriver = smtp\ninterfac = x\n", 4, "option \"interfac\" unknown"},
	{"begin transports\nt:\ndriver = smtpx\n", 3,
	 "transport t: cannot find transport driver \"smtpx\""},
	{"begin transports\nt:\ndriver = smtp\nt:\n", 0, "there are two transports called \"t\""},
	{"begin transports\nt:\nu:\n", 0, "no driver defined for transport \"t\""},
	{"begin transports\nt:\ndriver = smtp\nX = 1\nport = 25\n", 5, "transport name missing"},
	{"begin transports\nt:\ndriver = smtp\ndata_timeout = 0s\n", 0,
	 "command, data, or final timeout value is zero for t transport"},
	{"begin routers\nr:\ndriver = accept\n", 0,
	 "r router:\na transport is required for this router"},
	{"begin routers\nr:\ndriver = redirect\ndata = x\npass_router = r\n", 0,
	 "new_router \"r\" does not follow \"r\" router"},
	{"begin authenticators\na:\ndriver = cram_md5\n", 0,
	 "no public name specified for the a authenticator"},
	{"begin local_scan\n", 1,
	 "local_scan() options not supported: (LOCAL_SCAN_HAS_OPTIONS not defined in "
	 "Local/Makefile)"},
};

static void errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < MT_ARRAY_LEN(refused); i++) {
		read_text(refused[i].text);
		assert_non_null(config->error);
		assert_string_equal(config->error, refused[i].error);
		assert_int_equal(config->error_line, refused[i].line);
		assert_int_equal(config->error_file != NULL, refused[i].line != 0);
	}
}

static void builds(void **state)
{
	(void)state;
	const char *text = "perl_startup = x\n.ifdef _HAVE_PERL\ndns_retry = 9\n.endif\n";
	read_text(text);
	assert_null(config->error); /* some Exim has it */
	assert_string_equal(main_value("dns_retry"), "(absent)");
	build = ex_build_read(arena,
			      MT_STR("Exim version 4.96 #2 built x\nSupport for: iconv() GnuTLS\n"
				     "Transports: appendfile/maildir pipe smtp\n"));
	assert_int_equal(build->version, 496);
	read_text(text);
	assert_string_equal(config->error, "main option \"perl_startup\" unknown");
	read_text("begin transports\nt:\ndriver = lmtp\n");
	assert_string_equal(config->error, "transport t: cannot find transport driver \"lmtp\"");
	build = ex_build_read(
		arena, MT_STR("2026 a warning\nExim version 4.98.2 #2\nSupport for: Perl\n"));
	assert_int_equal(build->version, 498);
	read_text(text);
	assert_null(config->error);
	assert_string_equal(main_value("dns_retry"), "9");
	read_text("new_in_498 = x\n");
	assert_null(config->error);
	assert_string_equal(config->unknown, "option \"new_in_498\" is not known here");
	assert_null(ex_build_read(arena, MT_STR("exim: permission denied\n")));
}

static void what_exim_prints(void **state)
{
	(void)state;
	config = ex_config_printed(
		arena,
		MT_STR("# Exim Configuration (4.96)\n# 1 \"/etc/exim4/exim4.conf\"\nFOO = FOOBAR\n"
		       "primary_hostname = FOOBAR\nhide mysql_servers = <value not displayable>\n"
		       "# 3 \"/etc/exim4/exim4.conf\"\n# 1 \"/etc/exim4/t\"\n\nbegin transports\n\n"
		       "  smtp:\n    driver = smtp\n    interface = <; 192.0.2.1 \\\n"
		       "# 3 \"/etc/exim4/exim4.conf\"\n    port = 26\n"),
		NULL);
	assert_null(config->error);
	assert_string_equal(main_value("primary_hostname"), "FOOBAR"); /* replaced once */
	assert_true(ex_option_get(config->main, "mysql_servers")->unknown);
	assert_string_equal(main_value("mysql_servers"), "");
	assert_string_equal(value_of("smtp", "interface"), "<; 192.0.2.1 \\");
	assert_string_equal(transport_option("smtp", "interface")->origin->file, "/etc/exim4/t");
	assert_int_equal(transport_option("smtp", "interface")->origin->line, 0);
	assert_string_equal(transport_option("smtp", "port")->origin->file, MAIN);
}

static void bytes_taken_out(void **state)
{
	(void)state;
	file(MAIN, "************\nM = ****\ndns_retry = **\nhide mysql_servers = ***/***\n"
		   "qualify_domain = a\nbegin transports\nt:\n  driver = smtp\n  interface = M\n"
		   "  port = **\n  **** = **\n");
	items[0].presence = MT_REDACTED;
	read_files();
	assert_null(config->error);
	assert_true(ex_option_get(config->main, "dns_retry")->unknown);
	assert_true(ex_option_get(config->main, "mysql_servers")->unknown);
	assert_string_equal(main_value("qualify_domain"), "a");
	assert_false(ex_option_get(config->main, "qualify_domain")->unknown);
	assert_true(transport_option("t", "interface")->unknown);
	assert_true(transport_option("t", "port")->unknown);
}

/* Macros that double each other end somewhere. */
static void exploding_macros(void **state)
{
	(void)state;
	struct mt_text text = MT_TEXT_INIT(arena);
	mt_text_addf(&text, "A = aaaaaaaaaaaaaaaa\n");
	for (char c = 'B'; c <= 'Z'; c++)
		mt_text_addf(&text, "%c = %c%c%c%c\n", c, c - 1, c - 1, c - 1, c - 1);
	read_text(mt_text_z(&text));
	assert_non_null(config->unknown);
	text.n = 0;
	for (unsigned i = 1000; i <= 2000; i++)
		mt_text_addf(&text, "M%u = x\n", i);
	read_text(mt_text_z(&text));
	assert_string_equal(config->unknown, "it has more than 1000 macros");
	text.n = 0;
	mt_text_addf(&text, "begin acl\nx:\n");
	for (unsigned i = 0; i < 30001; i++)
		mt_text_addf(&text, "deny\n");
	read_text(mt_text_z(&text));
	assert_null(config->error);
	assert_string_equal(config->unknown, "it has more than 30000 lines");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(macros),
		TEST(built_in_macros),
		TEST(continued_lines),
		TEST(conditions),
		TEST(includes),
		TEST(included_files_that_are_not_there),
		TEST(strings),
		TEST(section_without_a_name),
		TEST(booleans_and_hide),
		TEST(sections),
		TEST(errors),
		TEST(builds),
		TEST(what_exim_prints),
		TEST(bytes_taken_out),
		TEST(exploding_macros),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
