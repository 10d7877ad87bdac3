/* SPDX-License-Identifier: ISC */
/* debian.c: what update-exim4.conf makes of the sources below /etc/exim4. */
#include "debian.h"

#include <mtapin/plan.h>
#include <string.h>

#include "place.h"

#define HASHES "#####################################################"
#define INSERT "UPEX4CmacrosUPEX4C" /* the line behind which the macros are put */

/* ---- lines with their sources ---- */

struct lines {
	struct mt_text text;
	struct ex_made_of *source;
	size_t n, room;
	bool open; /* the last one has no end yet */
};

static void begin_line(struct lines *l, struct ex_made_of source)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 256;
		struct ex_made_of *more = mt_alloc(l->text.arena, room * sizeof *more);
		if (l->n)
			memcpy(more, l->source, l->n * sizeof *more);
		l->source = more;
		l->room = room;
	}
	l->source[l->n++] = source;
	l->open = true;
}

/* As cat does it: what follows a line without an end goes on in that line. */
static void feed(struct lines *l, struct mt_str bytes, const char *file, unsigned line)
{
	for (struct mt_str one; bytes.n; line++) {
		const char *start = bytes.p;
		mt_str_line(&bytes, &one);
		if (!l->open)
			begin_line(l, (struct ex_made_of){file, file ? line : 0});
		mt_text_add(&l->text, (struct mt_str){start, (size_t)(bytes.p - start)});
		l->open = bytes.p == one.p + one.n;
	}
}

static void feed_text(struct lines *l, const char *text)
{
	feed(l, mt_str_of(text), NULL, 0);
}

/* ---- values: echo $VALUE | tr A-Z a-z, and what check_ascii_pipe makes of it ---- */

struct maker {
	struct mt_arena *arena;
	const struct mt_snapshot *snapshot;
	struct ex_settings settings;
	struct ex_debian *debian;
	struct lines macros;
	bool split;
	/* what it takes from elsewhere, as the generated file has it */
	struct mt_str program, version, fqdn;
	bool fqdn_known;
};

static void unknown(struct maker *m, const char *why)
{
	if (!m->debian->unknown)
		m->debian->unknown = why;
}

/* One blank between words. */
static struct mt_str words(struct maker *m, struct mt_str value)
{
	struct mt_text text = MT_TEXT_INIT(m->arena);
	struct mt_str word;
	if (value.n && memchr(value.p, '\\', value.n))
		unknown(m, "a setting holds a backslash, which echo may interpret");
	for (bool first = true; mt_str_word(&value, " \t\n", &word); first = false) {
		if (first && mt_str_is(word, "-n"))
			unknown(m, "a setting begins with -n, which echo takes for an option");
		mt_text_addf(&text, first ? "" : " ");
		mt_text_add(&text, word);
	}
	return mt_text_str(&text);
}

static struct mt_str lower(struct maker *m, struct mt_str value)
{
	char *p = mt_strz(m->arena, value);
	for (size_t i = 0; i < value.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	return (struct mt_str){p, value.n};
}

/* Its pattern replaces a byte that is not in the set and a ']' behind it, nothing else. */
static struct mt_str checked(struct maker *m, struct mt_str value)
{
	static const char set[] = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "/.!*@_~:;< [";
	struct mt_text text = MT_TEXT_INIT(m->arena);
	value = words(m, value);
	for (size_t i = 0; i < value.n; i++) {
		bool replaced =
			i + 1 < value.n && value.p[i + 1] == ']' && !strchr(set, value.p[i]);
		if (replaced && (value.p[i] & 0x80))
			unknown(m, "a setting holds letters that depend on the locale");
		mt_text_add(&text, replaced ? MT_STR("_") : mt_str_part(value, i, 1));
		i += replaced;
	}
	return words(m, mt_text_str(&text));
}

static struct mt_str lowered(struct maker *m, struct mt_str value)
{
	return checked(m, lower(m, words(m, value)));
}

static struct mt_str with_colons(struct maker *m, struct mt_str value)
{
	char *p = mt_strz(m->arena, value);
	for (size_t i = 0; i < value.n; i++)
		if (p[i] == ';')
			p[i] = ':';
	return (struct mt_str){p, value.n};
}

/* A list separated by semicolons says so, unless it says something itself. */
static struct mt_str separated(struct maker *m, const char *name)
{
	struct mt_str value = ex_setting_value(&m->settings, name), text = words(m, value);
	if (!text.n || !memchr(text.p, ';', text.n) || text.p[0] == '<')
		return value;
	if (memchr(value.p, '\'', value.n))
		unknown(m, "a list holds a quote");
	return mt_str_of(mt_format(m->arena, "<; %.*s", MT_STR_FMT(value)));
}

/* ---- macros ---- */

static struct ex_made_of set_by(const struct maker *m, const char *name)
{
	const struct ex_setting *setting = ex_setting_get(&m->settings, name);
	return setting ? (struct ex_made_of){EX_SETTINGS, setting->line} : (struct ex_made_of){0};
}

/* The text is the right side of a substitution by sed: '&' there is the line that it is put behind. */
static void put_macro(struct maker *m, const char *name, struct mt_str value,
		      struct ex_made_of source)
{
	value = lowered(m, value);
	if (memchr(value.p, '|', value.n) || strchr(name, '|'))
		m->debian->failed = "a '|' in a setting ends the command that puts it in";
	const char *text =
		mt_format(m->arena, ".ifndef %s\n%s=%.*s\n.endif\n", name, name, MT_STR_FMT(value));
	struct mt_str rest = mt_str_of(text), line;
	while (mt_str_line(&rest, &line)) {
		begin_line(&m->macros, source);
		mt_text_add(&m->macros.text, line);
		mt_text_add(&m->macros.text, MT_STR("\n"));
		m->macros.open = false;
	}
}

static void put_setting(struct maker *m, const char *macro, struct mt_str value, const char *name)
{
	put_macro(m, macro, value, set_by(m, name));
}

/* Lines that begin with a capital are macros, whatever sh made of them. */
static void put_own_macros(struct maker *m)
{
	struct mt_str rest = mt_snapshot_file(m->snapshot, EX_SETTINGS)->bytes, line;
	for (unsigned number = 1; mt_str_line(&rest, &line); number++) {
		if (!line.n || line.p[0] < 'A' || line.p[0] > 'Z' ||
		    mt_str_starts(line, "CFILEMODE="))
			continue;
		struct mt_str value = words(m, line);
		const char *equals = memchr(value.p, '=', value.n);
		if (!equals) {
			unknown(m, "a line that begins with a capital is no assignment");
			return;
		}
		size_t n = (size_t)(equals - value.p);
		put_macro(m, mt_strz(m->arena, mt_str_part(value, 0, n)),
			  mt_str_part(value, n + 1, value.n - n - 1),
			  (struct ex_made_of){EX_SETTINGS, number});
	}
}

/* The first word of /etc/mailname, with what stands before it. */
static struct mt_str mail_name(struct maker *m)
{
	struct mt_str bytes = mt_snapshot_file(m->snapshot, EX_MAILNAME)->bytes, line = MT_STR("");
	static const char more[] = "-@.";
	size_t end = 0;
	mt_str_line(&bytes, &line);
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] & 0x80)
			unknown(m, EX_MAILNAME " holds letters that depend on the locale");
	while (end < line.n && !mt_is_alnum(line.p[end]) && !strchr(more, line.p[end]))
		end++;
	if (end == line.n)
		return lowered(m, line);
	while (end < line.n && line.p[end] &&
	       (mt_is_alnum(line.p[end]) || strchr(more, line.p[end])))
		end++;
	return lowered(m, mt_str_part(line, 0, end));
}

static struct mt_str local_domains(struct maker *m)
{
	struct mt_str names = lowered(m, ex_setting_value(&m->settings, "dc_other_hostnames"));
	struct mt_str all = mt_str_of(mt_format(m->arena, "@:localhost:%.*s", MT_STR_FMT(names)));
	while (all.n && strchr(";: ", all.p[all.n - 1]))
		all.n--;
	return with_colons(m, all);
}

static struct mt_str relay_nets(struct maker *m)
{
	struct mt_str nets = lowered(m, separated(m, "dc_relay_nets"));
	return mt_str_of(mt_format(m->arena, "%.*s%s", MT_STR_FMT(nets),
				   mt_str_starts(nets, "<;") ? " ; 127.0.0.1 ; ::1"
							     : " : 127.0.0.1 : ::::1"));
}

static struct mt_str value_or(const struct maker *m, const char *name, const char *otherwise)
{
	struct mt_str value = ex_setting_value(&m->settings, name);
	return value.n ? value : mt_str_of(otherwise);
}

/* dc_minimaldns: the name that `hostname --fqdn` says, none where it has no dot. */
static void put_host_name(struct maker *m)
{
	if (!mt_str_is(ex_setting_value(&m->settings, "dc_minimaldns"), "true"))
		return;
	put_setting(m, "DC_minimaldns", MT_STR("1"), "dc_minimaldns");
	if (!m->fqdn_known)
		m->debian->inexact = "the name that hostname --fqdn says is not known";
	else if (m->fqdn.n)
		put_setting(m, "MAIN_HARDCODE_PRIMARY_HOSTNAME", m->fqdn, "dc_minimaldns");
}

static void put_macros(struct maker *m, struct mt_str type)
{
	struct mt_str interfaces = separated(m, "dc_local_interfaces");
	struct mt_str reader = lowered(m, ex_setting_value(&m->settings, "dc_readhost"));
	struct mt_str hide = lowered(m, ex_setting_value(&m->settings, "dc_hide_mailname"));
	struct mt_str hides = ex_setting_value(&m->settings, "hide_mailname");
	bool relays = mt_str_is(type, "smarthost") || mt_str_is(type, "satellite");
	feed_text(&m->macros, "##############################################\n"
			      "# the following macro definitions were created\n");
	feed_text(&m->macros,
		  mt_format(m->arena, "# dynamically by %.*s\n", MT_STR_FMT(m->program)));
	if (interfaces.n)
		put_setting(m, "MAIN_LOCAL_INTERFACES", interfaces, "dc_local_interfaces");
	put_host_name(m);
	if (relays && mt_str_is(hide, "true") && reader.n)
		hides = MT_STR("1");
	if (hides.n)
		put_setting(m, "HIDE_MAILNAME", hides, "dc_hide_mailname");
	put_macro(m, "MAIN_PACKAGE_VERSION", m->version, (struct ex_made_of){0});
	put_setting(m, "MAIN_LOCAL_DOMAINS", local_domains(m), "dc_other_hostnames");
	put_setting(m, "MAIN_RELAY_TO_DOMAINS", separated(m, "dc_relay_domains"),
		    "dc_relay_domains");
	put_macro(m, "ETC_MAILNAME", mail_name(m), (struct ex_made_of){EX_MAILNAME, 1});
	put_setting(m, "LOCAL_DELIVERY", value_or(m, "dc_localdelivery", "mail_spool"),
		    "dc_localdelivery");
	put_setting(m, "MAIN_RELAY_NETS", relay_nets(m), "dc_relay_nets");
	put_setting(m, "DCreadhost", reader, "dc_readhost");
	put_setting(m, "DCsmarthost",
		    with_colons(m, lowered(m, ex_setting_value(&m->settings, "dc_smarthost"))),
		    "dc_smarthost");
	put_setting(m, "DC_eximconfig_configtype", type, "dc_eximconfig_configtype");
	put_setting(m, mt_format(m->arena, "DCconfig_%.*s", MT_STR_FMT(type)), MT_STR("1"),
		    "dc_eximconfig_configtype");
	put_own_macros(m);
	feed_text(&m->macros, "##############################################\n");
}

/* ---- the files ---- */

/* A source as cat reads it; what is not there is empty. */
static struct mt_str source_bytes(struct maker *m, const char *path)
{
	const struct mt_item *item = mt_snapshot_file(m->snapshot, path);
	if (mt_item_readable(item))
		return item->bytes;
	if (item->presence != MT_ABSENT)
		unknown(m, mt_format(m->arena, "%s was not collected", path));
	return MT_STR("");
}

static bool is_part_name(struct maker *m, const char *name)
{
	/* names that mean something to expr(1), which is asked whether they fit */
	static const char *const operators[] = {"match", "substr", "index", "length"};
	for (size_t i = 0; i < MT_ARRAY_LEN(operators); i++)
		if (strcmp(name, operators[i]) == 0)
			return false;
	for (const char *c = name; *c; c++) {
		if (*c == ' ')
			unknown(m, "the name of a file below " EX_CONF_D " holds a blank");
		if (!mt_is_alnum(*c) && *c != '_' && *c != '-')
			return false;
	}
	return *name != '\0';
}

static void feed_part(struct maker *m, struct lines *l, const char *path)
{
	const char *rule = mt_format(m->arena, "%s.rul", path);
	if (mt_snapshot_file(m->snapshot, rule)->type == 'f')
		path = rule;
	feed_text(l, mt_format(m->arena, HASHES "\n### %s\n" HASHES "\n", path));
	feed(l, source_bytes(m, path), path, 1);
	feed_text(l, "\n");
	feed_text(l, mt_format(m->arena, HASHES "\n### end %s\n" HASHES "\n", path));
}

/* In the order of their names: that of the snapshot. */
static void feed_section(struct maker *m, struct lines *l, const char *section)
{
	const char *folder = mt_format(m->arena, EX_CONF_D "/%s/", section);
	size_t n = strlen(folder);
	for (size_t i = 0; i < m->snapshot->count; i++) {
		const struct mt_item *item = &m->snapshot->items[i];
		if (!item->probe && strncmp(item->name, folder, n) == 0 && item->type == 'f' &&
		    is_part_name(m, item->name + n))
			feed_part(m, l, item->name);
	}
}

static void feed_files(struct maker *m, struct lines *l)
{
	if (!m->split) {
		feed(l, source_bytes(m, EX_MACROS), EX_MACROS, 1);
		feed(l, source_bytes(m, EX_TEMPLATE), EX_TEMPLATE, 1);
		return;
	}
	for (const char *const *section = ex_sections; *section; section++) {
		if (m->debian->substitutes)
			feed_text(l,
				  mt_format(m->arena, "# begin processing %s #####\n", *section));
		feed_section(m, l, *section);
		if (m->debian->substitutes)
			feed_text(l, mt_format(m->arena, "# end of %s  #####\n", *section));
	}
}

static bool is_comment(struct mt_str line)
{
	while (line.n && strchr(" \t\v\f\r", line.p[0]))
		line = mt_str_part(line, 1, line.n - 1);
	return line.n && line.p[0] == '#';
}

/* grep -v of comments, and of empty lines behind empty lines; it ends the last line. */
static void feed_without_comments(struct lines *l, const struct lines *all)
{
	struct mt_str rest = mt_text_str(&all->text), line;
	bool empty = false;
	for (size_t i = 0; mt_str_line(&rest, &line); i++) {
		if (is_comment(line) || (empty && !line.n))
			continue;
		empty = !line.n;
		begin_line(l, all->source[i]);
		mt_text_add(&l->text, line);
		mt_text_add(&l->text, MT_STR("\n"));
		l->open = false;
	}
}

/* Behind a line that begins with INSERT the macros and an empty line. */
static void feed_with_macros(struct maker *m, struct lines *l, const struct lines *all)
{
	struct mt_str rest = mt_text_str(&all->text), line, macros, macro;
	for (size_t i = 0; mt_str_line(&rest, &line); i++) {
		bool ends = line.p + line.n != rest.p;
		struct mt_str whole = {line.p, line.n + ends};
		begin_line(l, all->source[i]);
		mt_text_add(&l->text,
			    m->debian->substitutes && mt_str_starts(line, INSERT) ? line : whole);
		l->open = !ends;
		if (!m->debian->substitutes || !mt_str_starts(line, INSERT))
			continue;
		mt_text_add(&l->text, MT_STR("\n"));
		macros = mt_text_str(&m->macros.text);
		for (size_t j = 0; mt_str_line(&macros, &macro); j++) {
			begin_line(l, m->macros.source[j]);
			for (size_t k = 0; k < macro.n; k++)
				mt_text_add(&l->text,
					    macro.p[k] == '&' ? line : mt_str_part(macro, k, 1));
			mt_text_add(&l->text, MT_STR("\n"));
		}
		l->open = false;
		if (ends) {
			begin_line(l, (struct ex_made_of){0});
			mt_text_add(&l->text, MT_STR("\n"));
			l->open = false;
		}
	}
}

/* Of bytes that grep takes for no text it prints nothing, by the locale of whoever runs it. */
static bool is_text(struct mt_str bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.p[i];
		size_t more = c < 0x80	 ? 0
			      : c < 0xc2 ? 9
			      : c < 0xe0 ? 1
			      : c < 0xf0 ? 2
			      : c < 0xf5 ? 3
					 : 9;
		if (!c || more == 9 || i + more >= bytes.n)
			return false;
		for (; more; more--)
			if (((unsigned char)bytes.p[++i] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static void feed_header(struct lines *l, bool split)
{
	feed_text(l, "#########\n"
		     "# WARNING WARNING WARNING\n# WARNING WARNING WARNING\n"
		     "# WARNING WARNING WARNING\n# WARNING WARNING WARNING\n"
		     "# WARNING WARNING WARNING\n"
		     "# This file was generated dynamically from\n");
	feed_text(l, split ? "# split config files in the " EX_CONF_D "/ directory.\n"
			   : "# non-split config (" EX_MACROS "\n# and " EX_TEMPLATE ").\n");
	feed_text(l, "# The config files are supplemented with package installation/configuration\n"
		     "# settings managed by debconf. This data is stored in\n"
		     "# " EX_SETTINGS "\n"
		     "# Any changes you make here will be lost.\n"
		     "# See /usr/share/doc/exim4-base/README.Debian.gz and update-exim4.conf(8)\n"
		     "# for instructions of customization.\n"
		     "# WARNING WARNING WARNING\n# WARNING WARNING WARNING\n"
		     "# WARNING WARNING WARNING\n# WARNING WARNING WARNING\n"
		     "# WARNING WARNING WARNING\n#########\n");
}

/* ---- all of it ---- */

/* What the program knows from elsewhere stands in the file that it made last. */
static void read_live(struct maker *m)
{
	struct mt_str rest = mt_snapshot_file(m->snapshot, EX_GENERATED)->bytes, line, value;
	bool minimal = false;
	m->program = MT_STR(EX_MAKER);
	while (mt_str_line(&rest, &line)) {
		value = line;
		if (mt_str_skip(&value, "# dynamically by /"))
			m->program = mt_str_part(line, line.n - value.n - 1, value.n + 1);
		else if (mt_str_skip(&value, "MAIN_PACKAGE_VERSION="))
			m->version = value;
		else if (mt_str_skip(&value, "MAIN_HARDCODE_PRIMARY_HOSTNAME="))
			m->fqdn = value;
		else if (mt_str_is(line, "DC_minimaldns=1"))
			minimal = true;
		else if (mt_str_starts(line, "DC_eximconfig_configtype="))
			break; /* behind it are macros of people */
	}
	m->fqdn_known = minimal;
	rest = mt_snapshot_file(m->snapshot, EX_MAKER)->bytes;
	while (!m->version.n && mt_str_line(&rest, &line))
		if (mt_str_skip(&line, "UPEX4C_version=\""))
			mt_str_word(&line, "\"", &m->version);
	if (!m->version.n)
		m->debian->inexact = "the version of the package is not known";
}

/* Variables of the program itself, or of sh. */
static void look_at_settings(struct maker *m)
{
	if (m->settings.unknown)
		unknown(m, mt_format(m->arena, "%s is a script: %s", EX_SETTINGS,
				     m->settings.unknown));
	for (const struct ex_setting *s = m->settings.first; s; s = s->next)
		if ((mt_str_starts(s->name, "UPEX4C_") && !mt_str_is(s->name, "UPEX4C_comments")) ||
		    mt_str_is(s->name, "PATH") || mt_str_is(s->name, "IFS"))
			unknown(m, mt_format(m->arena, "%s sets a variable of update-exim4.conf",
					     EX_SETTINGS));
}

static bool keeps_comments(const struct maker *m)
{
	struct mt_str keeps = ex_setting_value(&m->settings, "UPEX4C_comments");
	if (!keeps.n)
		keeps = value_or(m, "ue4c_keepcomments", "no");
	return !mt_str_is(keeps, "no");
}

static bool is_type(struct mt_str type)
{
	static const char *const types[] = {"satellite", "smarthost", "local", "internet"};
	for (size_t i = 0; i < MT_ARRAY_LEN(types); i++)
		if (mt_str_is(type, types[i]))
			return true;
	return false;
}

/* What ends it before it has made anything. */
static const char *cannot(const struct maker *m, struct mt_str split)
{
	if (m->split)
		return ex_is_there(m->snapshot, EX_CONF_D) ? NULL : "there is no " EX_CONF_D;
	if (!m->debian->substitutes)
		return NULL;
	if (!mt_str_is(split, "false"))
		return "dc_use_split_config is neither true nor false";
	return ex_is_there(m->snapshot, EX_TEMPLATE) ? NULL : "there is no " EX_TEMPLATE;
}

static void make(struct maker *m)
{
	struct ex_debian *d = m->debian;
	struct lines all = {.text = MT_TEXT_INIT(m->arena)},
		     kept = {.text = MT_TEXT_INIT(m->arena)};
	struct lines made = {.text = MT_TEXT_INIT(m->arena)};
	struct mt_str split = lower(m, words(m, value_or(m, "dc_use_split_config", "false")));
	struct mt_str type = lowered(m, ex_setting_value(&m->settings, "dc_eximconfig_configtype"));
	m->split = mt_str_is(split, "true");
	d->scheme = m->split ? EX_SCHEME_SPLIT : EX_SCHEME_UNSPLIT;
	d->substitutes = is_type(type);
	look_at_settings(m);
	d->failed = cannot(m, split);
	if (d->failed || d->unknown)
		return;
	read_live(m);
	if (!d->substitutes)
		d->inexact = NULL;
	else
		put_macros(m, type);
	feed_files(m, &all);
	if (keeps_comments(m))
		kept = all;
	else
		feed_without_comments(&kept, &all);
	feed_header(&made, m->split);
	feed_with_macros(m, &made, &kept);
	if (!is_text(mt_text_str(&all.text)))
		unknown(m, "a source holds bytes that are no text");
	if (d->failed || d->unknown)
		return;
	d->made = mt_text_str(&made.text);
	d->source = made.source;
	d->lines = made.n;
}

/* Its comments did not leave the host. */
static struct mt_str without_comments(struct maker *m, struct mt_str bytes)
{
	struct mt_text text = MT_TEXT_INIT(m->arena);
	struct mt_str line;
	while (mt_str_line(&bytes, &line)) {
		mt_text_add(&text, is_comment(line) ? MT_STR("#") : line);
		mt_text_add(&text, line.p + line.n < bytes.p ? MT_STR("\n") : MT_STR(""));
	}
	return mt_text_str(&text);
}

/* The lines of the file as it is, by what is the same in both. */
static void compare(struct maker *m)
{
	struct ex_debian *d = m->debian;
	const struct mt_item *item = mt_snapshot_file(m->snapshot, EX_GENERATED);
	struct lines live = {.text = MT_TEXT_INIT(m->arena)};
	struct mt_str made = d->made, there = item->bytes, rest, line, text;
	size_t i = 0;
	if (!mt_item_readable(item) || !made.p)
		return;
	if (item->presence == MT_REDACTED) {
		made = without_comments(m, made);
		there = without_comments(m, there);
	}
	rest = made;
	for (const struct mt_edit *e = mt_edits_between(m->arena, made, there); e; e = e->next) {
		while (rest.p < made.p + e->at && mt_str_line(&rest, &line))
			begin_line(&live, d->source[i++]);
		d->stale_line = d->stale ? d->stale_line : (unsigned)live.n + 1;
		d->stale = true;
		while (rest.p < made.p + e->at + e->length && mt_str_line(&rest, &line))
			i++;
		for (text = e->text; mt_str_line(&text, &line);)
			begin_line(&live, (struct ex_made_of){0});
	}
	while (mt_str_line(&rest, &line))
		begin_line(&live, d->source[i++]);
	d->live = live.source;
	d->live_lines = live.n;
}

const struct ex_debian *ex_debian_read(struct mt_arena *arena, const struct mt_snapshot *snapshot)
{
	struct ex_debian *debian = MT_NEW(arena, struct ex_debian);
	const struct mt_item *settings = mt_snapshot_file(snapshot, EX_SETTINGS);
	struct maker m = {.arena = arena,
			  .snapshot = snapshot,
			  .debian = debian,
			  .macros = {.text = MT_TEXT_INIT(arena)}};
	if (!ex_is_debian(snapshot))
		return debian;
	if (ex_is_there(snapshot, EX_OWN)) {
		debian->scheme = EX_SCHEME_OWN;
		return debian;
	}
	debian->scheme = EX_SCHEME_UNSPLIT;
	if (!mt_item_readable(settings)) {
		debian->unknown = EX_SETTINGS " cannot be read";
		return debian;
	}
	m.settings = ex_settings_read(arena, settings->bytes);
	make(&m);
	compare(&m);
	return debian;
}

struct mt_str ex_debian_generate(struct mt_arena *arena, const struct mt_snapshot *snapshot)
{
	return ex_debian_read(arena, snapshot)->made;
}

const struct mt_snapshot *ex_debian_snapshot(struct mt_arena *arena,
					     const struct mt_snapshot *snapshot)
{
	if (!snapshot->rooted)
		return snapshot;
	struct mt_str made = ex_debian_generate(arena, snapshot);
	return made.p ? mt_snapshot_with(arena, snapshot, EX_GENERATED, made) : snapshot;
}

struct ex_made_of ex_debian_source(const struct ex_debian *debian, unsigned line)
{
	if (line == 0 || line > debian->live_lines)
		return (struct ex_made_of){0};
	return debian->live[line - 1];
}

static const char *line_text(struct mt_arena *arena, const struct mt_snapshot *snapshot,
			     struct ex_made_of source)
{
	struct mt_str rest = mt_snapshot_file(snapshot, source.file)->bytes, line = {"", 0};
	for (unsigned i = 0; i < source.line && mt_str_line(&rest, &line);)
		i++;
	return mt_strz(arena, line);
}

const struct mt_origin *ex_debian_origin(struct mt_arena *arena, const struct mt_snapshot *snapshot,
					 const struct ex_debian *debian,
					 const struct mt_origin *origin)
{
	struct ex_made_of source = {0};
	if (origin && !origin->generated && strcmp(origin->file, EX_GENERATED) == 0)
		source = ex_debian_source(debian, origin->line);
	if (!source.file)
		return origin;
	struct mt_origin *edited = mt_origin(arena, source.file, source.line,
					     line_text(arena, snapshot, source), origin->next);
	edited->generated = origin->file;
	edited->generated_line = origin->line;
	edited->via = origin->via;
	edited->fixed = origin->fixed;
	return edited;
}
