/* SPDX-License-Identifier: ISC */
/* Debian's Exim: which scheme is in use, what it makes, whether that is what is there, and which line people edit. */
#include "test.h"

#include "../../backends/exim/debian.h"
#include "../../backends/exim/place.h"

static struct mt_arena *arena;

struct file {
	const char *path, *bytes; /* NULL: it is absent */
};

#define N "0123456789abcdef0123456789abcdef"
static const struct mt_snapshot *snapshot(bool rooted, const struct file *files)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	struct mt_snapshot *s;
	struct mt_error error = {0};
	mt_text_addf(&t, N " begin mtapin 1\n" N " host 1 raw%s mail\n", rooted ? ",tree" : "");
	for (; files->path; files++)
		if (files->bytes)
			mt_text_addf(&t,
				     N " file f present 644 0 0 1 1 %zu %s\n" N " data %zu\n%s\n" N
				       " end\n",
				     strlen(files->bytes), files->path, strlen(files->bytes),
				     files->bytes);
		else
			mt_text_addf(&t, N " file ? absent - - - - - - %s\n" N " end\n",
				     files->path);
	mt_text_addf(&t, N " done\n");
	assert_int_equal(mt_bundle_decode(arena, mt_text_str(&t), &s, &error), 0);
	return s;
}

#define SETTINGS                                                                                   \
	"# x\ndc_eximconfig_configtype='internet'\ndc_local_interfaces='127.0.0.1'\n"              \
	"dc_use_split_config='false'\nREMOTE_SMTP_INTERFACE=192.0.2.12\n"
#define TEMPLATE                                                                                   \
	"# t\n\nUPEX4CmacrosUPEX4C = 1\nprimary_hostname = a.example\nbegin transports\n"          \
	"remote_smtp:\n  driver = smtp\n"
static const struct file sources[] = {
	{EX_SETTINGS, SETTINGS},
	{EX_OWN, NULL},
	{EX_MACROS, "FOO = 1\n"},
	{EX_TEMPLATE, TEMPLATE},
	{EX_MAILNAME, "mail.example.org\n"},
	{EX_GENERATED, ".ifndef MAIN_PACKAGE_VERSION\nMAIN_PACKAGE_VERSION=4.96\n"},
	{0}};

static struct ex_made_of source_of(const struct ex_debian *d, const char *text)
{
	struct mt_str rest = d->made, line;
	for (size_t i = 0; mt_str_line(&rest, &line); i++)
		if (mt_str_is(line, text))
			return d->source[i];
	fail_msg("no line %s", text);
	return (struct ex_made_of){0};
}

static void assert_source(const struct ex_debian *d, const char *text, const char *file,
			  unsigned line)
{
	struct ex_made_of source = source_of(d, text);
	if (!file)
		assert_null(source.file);
	else
		assert_string_equal(source.file, file);
	assert_int_equal(source.line, line);
}

static void lines_have_their_sources(void **state)
{
	const struct ex_debian *d = ex_debian_read(arena, snapshot(false, sources));
	(void)state;
	assert_int_equal(d->scheme, EX_SCHEME_UNSPLIT);
	assert_null(d->failed);
	assert_null(d->unknown);
	assert_null(d->inexact);
	assert_source(d, "FOO = 1", EX_MACROS, 1);
	assert_source(d, "  driver = smtp", EX_TEMPLATE, 7);
	assert_source(d, "REMOTE_SMTP_INTERFACE=192.0.2.12", EX_SETTINGS, 5);
	assert_source(d, ".ifndef REMOTE_SMTP_INTERFACE", EX_SETTINGS, 5);
	assert_source(d, "MAIN_LOCAL_INTERFACES=127.0.0.1", EX_SETTINGS, 3);
	assert_source(d, "ETC_MAILNAME=mail.example.org", EX_MAILNAME, 1);
	assert_source(d, "MAIN_PACKAGE_VERSION=4.96", NULL, 0);
}

static void what_is_there_is_fresh_or_stale(void **state)
{
	const struct mt_snapshot *s = snapshot(false, sources);
	struct mt_str made = ex_debian_generate(arena, s), line, rest;
	const struct mt_snapshot *fresh = mt_snapshot_with(arena, s, EX_GENERATED, made);
	const struct ex_debian *d = ex_debian_read(arena, fresh);
	unsigned number = 0;
	(void)state;
	assert_true(ex_debian_read(arena, s)->stale);
	assert_false(d->stale);
	assert_int_equal(d->live_lines, d->lines);
	/* a line more in the middle, by hand: those behind it keep their sources */
	struct mt_text edited = MT_TEXT_INIT(arena);
	for (rest = made; mt_str_line(&rest, &line);) {
		if (mt_str_starts(line, "primary_hostname"))
			mt_text_addf(&edited, "message_size_limit = 1M\n");
		mt_text_addf(&edited, "%.*s\n", MT_STR_FMT(line));
	}
	fresh = mt_snapshot_with(arena, s, EX_GENERATED, mt_text_str(&edited));
	d = ex_debian_read(arena, fresh);
	assert_true(d->stale);
	for (rest = mt_text_str(&edited); mt_str_line(&rest, &line);) {
		number++;
		if (mt_str_starts(line, "message_size_limit")) {
			assert_int_equal(d->stale_line, number);
			assert_null(ex_debian_source(d, number).file);
		}
		if (mt_str_is(line, "  driver = smtp"))
			break;
	}
	assert_int_equal(ex_debian_source(d, number).line, 7);
	assert_null(ex_debian_source(d, 0).file);
	assert_null(ex_debian_source(d, 9999).file);
	const struct mt_origin *origin = ex_debian_origin(
		arena, fresh, d, mt_origin(arena, EX_GENERATED, number, "driver = smtp", NULL));
	assert_string_equal(origin->file, EX_TEMPLATE);
	assert_int_equal(origin->line, 7);
	assert_string_equal(origin->text, "  driver = smtp");
	assert_string_equal(origin->generated, EX_GENERATED);
	assert_int_equal(origin->generated_line, number);
	const struct mt_origin *other = mt_origin(arena, "/etc/mailips", 1, "*: x", NULL);
	assert_ptr_equal(ex_debian_origin(arena, fresh, d, other), other);
}

/* Comments stay on the host: they make no difference in a bundle that has left it. */
static void a_redacted_one_is_compared_too(void **state)
{
	const struct mt_snapshot *s = snapshot(false, sources);
	struct mt_str rest = ex_debian_generate(arena, s), line;
	struct mt_text text = MT_TEXT_INIT(arena);
	(void)state;
	while (mt_str_line(&rest, &line))
		if (mt_str_starts(line, "#"))
			mt_text_addf(&text, "# ***\n");
		else
			mt_text_addf(&text, "%.*s\n", MT_STR_FMT(line));
	const struct mt_snapshot *there =
		mt_snapshot_with(arena, s, EX_GENERATED, mt_text_str(&text));
	assert_true(ex_debian_read(arena, there)->stale);
	for (size_t i = 0; i < there->count; i++)
		if (strcmp(there->items[i].name, EX_GENERATED) == 0)
			there->items[i].presence = MT_REDACTED;
	assert_false(ex_debian_read(arena, there)->stale);
	mt_text_addf(&text, "FOO = 2\n");
	there = mt_snapshot_with(arena, there, EX_GENERATED, mt_text_str(&text));
	for (size_t i = 0; i < there->count; i++)
		if (strcmp(there->items[i].name, EX_GENERATED) == 0)
			there->items[i].presence = MT_REDACTED;
	assert_true(ex_debian_read(arena, there)->stale);
}

/* Of a tree the next start makes the file; of a running host it is what it is. */
static void a_tree_is_read_as_it_will_be(void **state)
{
	const struct mt_snapshot *tree = snapshot(true, sources), *host = snapshot(false, sources);
	(void)state;
	struct mt_str bytes =
		mt_snapshot_file(ex_debian_snapshot(arena, tree), EX_GENERATED)->bytes;
	assert_true(mt_str_has(bytes, "primary_hostname = a.example"));
	assert_ptr_equal(ex_debian_snapshot(arena, host), host);
}

static const struct ex_debian *with_settings(const char *settings)
{
	struct file files[] = {{EX_SETTINGS, settings}, {EX_TEMPLATE, TEMPLATE},
			       {EX_MACROS, NULL},	{EX_MAILNAME, NULL},
			       {EX_OWN, NULL},		{EX_CONF_D "/main/10_a", "A = 1\n"},
			       {EX_CONF_D, NULL},	{0}};
	return ex_debian_read(arena, snapshot(false, files));
}

static void schemes(void **state)
{
	static const struct file own[] = {{EX_SETTINGS, SETTINGS}, {EX_OWN, "x = 1\n"}, {0}};
	static const struct file other[] = {{"/etc/exim.conf", "x = 1\n"}, {0}};
	(void)state;
	assert_int_equal(ex_debian_read(arena, snapshot(false, own))->scheme, EX_SCHEME_OWN);
	assert_int_equal(ex_debian_read(arena, snapshot(false, other))->scheme, EX_SCHEME_NONE);
	assert_int_equal(with_settings("dc_use_split_config=TRUE\n")->scheme, EX_SCHEME_SPLIT);
	assert_string_equal(with_settings("dc_use_split_config=TRUE\n")->failed,
			    "there is no " EX_CONF_D);
	assert_non_null(
		with_settings("dc_eximconfig_configtype=local\ndc_use_split_config=yes\n")->failed);
	assert_non_null(with_settings("dc_eximconfig_configtype=local\n")->inexact);
	assert_null(with_settings("dc_eximconfig_configtype=none\n")->inexact);
	assert_false(with_settings("dc_eximconfig_configtype=none\n")->substitutes);
}

/* What is no assignment, or is more than one, is not known: never guessed. */
static void a_script_is_not_known(void **state)
{
	static const char *const scripts[] = {
		"echo x\n",   "dc_x=`a`\n",	 "dc_x=$(a)\n",	    "dc_x='a\n",
		"dc_x=1 y\n", "export dc_x=1\n", "dc_x=$HOME\n",    "UPEX4C_version=1\n",
		"PATH=/x\n",  "; dc_x=1\n",	 "dc_x=\"a\\b\"\n", "dc_x=a\\b\n"};
	(void)state;
	for (size_t i = 0; i < MT_ARRAY_LEN(scripts); i++) {
		const struct ex_debian *d = with_settings(scripts[i]);
		assert_non_null(d->unknown);
		assert_null(d->made.p);
	}
	assert_null(with_settings("a='b'\"c\"d; dc_x=\"$a ${a}\" # x\n")->unknown);
	struct ex_settings s =
		ex_settings_read(arena, MT_STR("a='b'\"c\"d; dc_x=\"$a ${a}\" # x\na='1\n2'\nb=2"));
	assert_true(mt_str_is(ex_setting_value(&s, "dc_x"), "bcd bcd"));
	assert_true(mt_str_is(ex_setting_value(&s, "a"), "1\n2"));
	assert_int_equal(ex_setting_get(&s, "b")->line, 4);
	assert_null(ex_setting_get(&s, "c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_have_their_sources),
		cmocka_unit_test(what_is_there_is_fresh_or_stale),
		cmocka_unit_test(a_redacted_one_is_compared_too),
		cmocka_unit_test(a_tree_is_read_as_it_will_be),
		cmocka_unit_test(schemes),
		cmocka_unit_test(a_script_is_not_known),
	};
	arena = mt_arena_new((size_t)64 << 20);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
