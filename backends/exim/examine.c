/* SPDX-License-Identifier: ISC */
/* examine.c: what the configuration means: names, domains, transports, listeners. */
#include <string.h>

#include "exim.h"
#include "items.h"
#include "lint.h"
#include "place.h"

static const struct mt_item *probe(const struct exim *e, const char *name)
{
	return mt_snapshot_probe(e->snapshot, name);
}

/* ---- which configuration ---- */

/* Runs of blanks may be printed one blank less. */
static bool same_value(const struct ex_option *a, const struct ex_option *b)
{
	struct mt_str one = mt_str_of(a ? a->value : ""), other = mt_str_of(b ? b->value : "");
	struct mt_str word, second;
	if ((a && a->unknown) || (b && b->unknown))
		return true;
	while (mt_str_word(&one, " \t", &word))
		if (!mt_str_word(&other, " \t", &second) || !mt_str_eq(word, second))
			return false;
	return !mt_str_word(&other, " \t", &second);
}

static const struct ex_driver *next_smtp(const struct ex_driver *d)
{
	while (d && (!d->driver || strcmp(d->driver, "smtp") != 0))
		d = d->next;
	return d;
}

static bool same_transports(const struct ex_config *a, const struct ex_config *b)
{
	static const char *const names[] = {"interface", "helo_data", "hosts", "protocol"};
	const struct ex_driver *one = next_smtp(a->transports), *other = next_smtp(b->transports);
	for (; one && other; one = next_smtp(one->next), other = next_smtp(other->next)) {
		if (strcmp(one->name, other->name) != 0)
			return false;
		for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
			if (!same_value(ex_option_get(one->options, names[i]),
					ex_option_get(other->options, names[i])))
				return false;
	}
	return one == other;
}

static bool is_planned(const struct exim *e)
{
	for (const char *const *file = e->config->files; file && *file; file++)
		if (mt_snapshot_file(e->snapshot, *file)->planned)
			return true;
	return mt_snapshot_file(e->snapshot, e->file)->planned;
}

/* "DATE TIME Exim configuration error in line N of FILE:", and the next line says what. In a bundle that has left the host the
 * text may be missing. */
static void read_refusal(struct exim *e, struct mt_str said)
{
	struct mt_str line, word, about = MT_STR("Exim configuration error");
	unsigned long number = 0;
	const char *at = NULL;
	while (!at && mt_str_line(&said, &line))
		at = mt_str_find(line, about);
	if (!at)
		return;
	line = mt_str_part(line, (size_t)(at - line.p), line.n - (size_t)(at - line.p));
	e->refused = mt_strz(e->arena, mt_str_part(line, 0, line.n - 1)); /* without ':' */
	struct mt_str rest = line, file = {"", 0};
	if (mt_str_skip(&rest, "Exim configuration error in line ") &&
	    mt_str_word(&rest, " ", &word) && mt_str_number(word, INT32_MAX, &number) &&
	    mt_str_skip(&rest, " of ") && rest.n)
		file = mt_str_part(rest, 0, rest.n - 1);
	if (mt_str_line(&said, &line) && mt_str_starts(line, "  "))
		e->refused = mt_strz(e->arena, mt_str_trim(line));
	if (file.n)
		e->refused_at = ex_debian_origin(
			e->arena, e->snapshot, e->debian,
			mt_origin(e->arena, mt_strz(e->arena, file), (unsigned)number, "", NULL));
}

static void note_error(struct exim *e)
{
	const struct ex_config *c = e->config;
	e->refused = c->error;
	if (c->error && c->error_file)
		e->refused_at = ex_debian_origin(
			e->arena, e->snapshot, e->debian,
			mt_origin(e->arena, c->error_file, c->error_line, "", NULL));
}

/* Files as they are now; but what Exim says that it reads is right where it is something else. */
static void read_config(struct exim *e)
{
	const struct mt_item *said = probe(e, "exim.config"), *version = probe(e, "exim.version");
	const struct ex_build *build = ex_build_read(e->arena, version->bytes);
	e->config = ex_config_read(e->arena, e->snapshot, e->file, build);
	note_error(e);
	if (is_planned(e))
		return;
	if (mt_item_readable(version) && version->status != 0 && !e->refused)
		read_refusal(e, version->bytes);
	if (!mt_item_readable(said) || said->status != 0 || version->status != 0)
		return;
	const struct ex_config *printed = ex_config_printed(e->arena, said->bytes, build);
	if (printed->error || (!e->config->error && same_transports(e->config, printed)))
		return;
	e->config = printed;
	e->refused = NULL;
	e->differs = "Exim says that it reads other transports than stand in its files";
}

/* ---- origins ---- */

static const struct mt_origin *edited_of(const struct exim *e, const struct mt_origin *origin)
{
	return ex_debian_origin(e->arena, e->snapshot, e->debian, origin);
}

/* The definition makes the line of the option, which Exim reads. */
static const struct mt_origin *edited_macro(const struct exim *e, const struct ex_option *option)
{
	struct mt_origin *copy = MT_NEW(e->arena, struct mt_origin);
	struct mt_step *step = MT_NEW(e->arena, struct mt_step);
	*copy = *edited_of(e, option->macro->origin);
	*step = (struct mt_step){.name = option->macro->name,
				 .file = copy->file,
				 .line = copy->line,
				 .next = (struct mt_step *)copy->via};
	copy->via = step;
	if (copy->generated) {
		copy->generated = option->origin->file;
		copy->generated_line = option->origin->line;
	}
	return copy;
}

const struct mt_origin *ex_edited(const struct exim *e, const struct ex_option *option)
{
	if (option->macro && option->macro->origin)
		return edited_macro(e, option);
	return option->origin ? edited_of(e, option->origin) : NULL;
}

/* ---- names ---- */

/* "NAME = VALUE" of exim -bP NAME. */
static const char *said_main(const struct exim *e, const char *name)
{
	struct mt_str rest = probe(e, "exim.main")->bytes, line;
	while (!is_planned(e) && mt_str_line(&rest, &line))
		if (mt_str_skip(&line, name) && mt_str_skip(&line, " = "))
			return mt_strz(e->arena, line);
	return NULL;
}

/* As it stands: Exim expands neither of them. */
static const char *main_name(const struct exim *e, const char *name)
{
	const struct ex_option *option = ex_option_get(e->config->main, name);
	return option && !option->unknown ? option->value : said_main(e, name);
}

/* Without a setting it is what the host calls itself, by the DNS if that is no whole name. */
static const char *host_name(const struct exim *e)
{
	const char *host = e->snapshot->host;
	return mt_is_fqdn(mt_str_of(host)) ? host : NULL;
}

static void read_names(struct exim *e)
{
	struct ex_world *world = &e->world;
	world->primary_hostname = main_name(e, "primary_hostname");
	if (!world->primary_hostname)
		world->primary_hostname = host_name(e);
	world->qualify_domain = main_name(e, "qualify_domain");
	if (!world->qualify_domain)
		world->qualify_domain = world->primary_hostname;
	e->mta->helo = world->primary_hostname ? world->primary_hostname : "";
	if (world->qualify_domain && mt_is_fqdn(mt_str_of(world->qualify_domain)))
		e->mta->domain = world->qualify_domain;
}

/* Those that a list names by themselves. */
static void read_domains(struct exim *e)
{
	for (const struct ex_list *list = e->config->lists; list; list = list->next) {
		struct ex_items items = ex_items(mt_str_of(list->value));
		struct mt_str item;
		if (strcmp(list->kind, "domainlist") != 0 || list->hidden ||
		    strchr(list->value, '$'))
			continue;
		while (ex_item(e->arena, &items, &item))
			if (mt_str_is(item, "@") && e->world.primary_hostname)
				mt_mta_domain(e->model, e->mta,
					      mt_str_of(e->world.primary_hostname));
			else
				mt_mta_domain(e->model, e->mta, item);
	}
}

/* "NAME UID GID" */
static void read_user(struct exim *e)
{
	struct mt_str said = probe(e, "exim.user")->bytes, word;
	unsigned long uid, gid;
	e->world.uid = e->world.gid = -1;
	if (!mt_str_word(&said, " ", &word) || !mt_str_word(&said, " \n", &word) ||
	    !mt_str_number(word, INT32_MAX, &uid))
		return;
	e->world.uid = (long)uid;
	if (mt_str_word(&said, " \n", &word) && mt_str_number(word, INT32_MAX, &gid))
		e->world.gid = (long)gid;
}

static void read_times(struct exim *e)
{
	for (const char *const *file = e->config->files; file && *file; file++) {
		const struct mt_item *item = mt_snapshot_file(e->snapshot, *file);
		if (item->mtime > e->mta->changed)
			e->mta->changed = item->mtime;
	}
}

static bool lacks_perl(const struct exim *e)
{
	const struct ex_build *build = ex_build_read(e->arena, probe(e, "exim.version")->bytes);
	return build && mt_str_has(build->text, "Support for:") &&
	       !mt_str_has(build->text, " Perl");
}

void ex_examine(struct mt_model *model, struct mt_mta *mta, const char *file)
{
	struct exim *e = MT_NEW(model->arena, struct exim);
	*e = (struct exim){
		.model = model,
		.mta = mta,
		.arena = model->arena,
		.host = model->snapshot->facts,
		.snapshot = ex_debian_snapshot(model->arena, model->snapshot),
		.file = file,
		.world = {.arena = model->arena, .snapshot = NULL, .backend = mta->backend}};
	e->world.snapshot = e->snapshot;
	e->debian = ex_debian_read(e->arena, e->snapshot);
	mta->priv = e;
	read_config(e);
	read_user(e);
	e->world.perl = ex_option_get(e->config->main, "perl_startup") != NULL;
	e->world.no_perl = lacks_perl(e);
	read_names(e);
	read_domains(e);
	read_times(e);
	ex_transports(e);
	ex_listeners(e);
	ex_lint(e);
	if (!mta->transports && e->config->unknown)
		mta->unreadable = e->config->unknown;
	else if (!mta->transports && e->refused)
		mta->unreadable =
			mt_format(e->arena, "Exim refuses its configuration: %s", e->refused);
}
