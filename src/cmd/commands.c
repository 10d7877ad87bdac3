/* SPDX-License-Identifier: ISC */
/* commands.c: the table of commands, and the way from argv to one of them. */
#include "cmd/command.h"

#include <config.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/help.h"
#include "cmd/line.h"
#include "io/sys/confine.h"

/* Room for a large bundle several times over: bytes, model, edited model. */
#define BUDGET ((size_t)256 << 20)

const struct mt_command *const mt_commands[] = {
	&mt_command_wizard,   &mt_command_show,
	&mt_command_check,    &mt_command_fix,
	&mt_command_undo,     &mt_command_confirm,
	&mt_command_history,  &mt_command_recover,
	&mt_command_audit,    &mt_command_collect,
	&mt_command_log,      &mt_command_explain,
	&mt_command_backends, NULL,
};

const struct mt_command *mt_command_get(const char *name)
{
	for (const struct mt_command *const *c = mt_commands; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

void mt_complain_refused(const struct mt_context *context)
{
	for (const struct mt_refused_module *m = context->registry.refused; m; m = m->next)
		mt_complain(context->arena, m->where, m->why);
}

int mt_host_error(const struct mt_context *context, const struct mt_model *model,
		  const struct mt_error *error)
{
	if (model && !model->mtas)
		mt_complain_refused(context);
	return mt_output_error(&context->out, error);
}

static void version(struct mt_text *out)
{
	mt_text_addf(out, "mtapin %s\n", PACKAGE_VERSION);
}

static void list_parts(struct mt_text *out, const char *title, unsigned parts)
{
	const char *separator = "";
	mt_text_addf(out, "%s: ", title);
	for (unsigned part = 1; part < MT_CONFINE_ALL; part <<= 1) {
		if (!(parts & part))
			continue;
		mt_text_addf(out, "%s%s", separator, mt_confine_name((enum mt_confine_part)part));
		separator = ", ";
	}
	mt_text_addf(out, *separator ? "\n" : "nothing\n");
}

/* And what holds the children that read foreign bytes, on this kernel and for this user. */
static void version_and_walls(struct mt_text *out)
{
	unsigned lacks = mt_confine_lacks();
	version(out);
	list_parts(out, "what reads foreign bytes is confined by", MT_CONFINE_ALL & ~lacks);
	list_parts(out, "lacking here", lacks);
}

/* --help, else --version. */
static int say(struct mt_context *context)
{
	struct mt_text text = MT_TEXT_INIT(context->arena);
	const struct mt_options *o = &context->options;
	if (o->help && o->command)
		mt_help_command(&text, o->table, context->command);
	else if (o->help)
		mt_help_program(&text, o->table);
	else if (o->verbose)
		version_and_walls(&text);
	else
		version(&text);
	mt_output_put(mt_text_str(&text));
	return MT_EXIT_OK;
}

static int check_usage(const struct mt_command *command, const struct mt_options *o,
		       struct mt_error *error)
{
	if (o->bundle && o->root)
		return mt_fail(error, MT_EXIT_USAGE, "--root",
			       "cannot be had together with --bundle");
	if ((o->bundle && !command->of_bundle) || (o->root && !command->of_root))
		return mt_fail(error, MT_EXIT_USAGE, o->bundle ? "--bundle" : "--root",
			       "%s works on running hosts only", command->name);
	if (o->operands.count > command->max)
		return mt_fail(error, MT_EXIT_USAGE, o->operands.word[command->max],
			       "stray argument: %s takes %s", command->name,
			       command->max ? command->operands : "none");
	if (o->operands.count < command->min)
		return mt_fail(error, MT_EXIT_USAGE, command->name, "needs %s", command->operands);
	return 0;
}

/* Somebody sits there and asks for nothing in particular, or somebody wants to read. */
static const struct mt_command *without_name(const struct mt_context *context)
{
	const struct mt_options *o = &context->options;
	bool asks = context->out.terminal && !o->json && !o->quiet && !o->bundle && !o->root;
	return asks ? &mt_command_wizard : &mt_command_show;
}

static int find_command(struct mt_context *context, struct mt_error *error)
{
	const char *name = context->options.command;
	context->command = name ? mt_command_get(name) : without_name(context);
	if (context->command)
		return 0;
	return mt_fail(error, MT_EXIT_USAGE, name, "unknown command; mtapin --help lists them");
}

/* An id that overrules nothing is a slip of the pen, and what was meant still stands. */
static int check_accept(const struct mt_context *context, struct mt_error *error)
{
	const struct mt_words *ids = &context->options.accept;
	for (unsigned i = 0; i < ids->count; i++) {
		const char *id = ids->word[i];
		const struct mt_finding_row *row = mt_finding_row(context->registry.backends, id);
		if (!row)
			return mt_fail(error, MT_EXIT_USAGE, "--accept",
				       "there is no id \"%s\": a refusal names the one that "
				       "overrules it",
				       id);
		if (!row->accept)
			return mt_fail(error, MT_EXIT_USAGE, "--accept",
				       "nothing overrules %s; mtapin explain says what to do", id);
	}
	return 0;
}

static void say_remark(void *data, const struct mt_message *remark)
{
	const struct mt_context *context = data;
	mt_remark_message(&context->out, remark);
}

static int prepare_command(struct mt_context *context, struct mt_error *error)
{
	const struct mt_registry *r = &context->registry;
	/* a method of a backend that was refused is no mistake in the file */
	const struct mt_settings_file file = {.path = context->options.config,
					      .backends = r->refused ? NULL : r->backends};
	if (check_usage(context->command, &context->options, error) != 0 ||
	    mt_settings_load(context->arena, &file, &context->settings, error) != 0)
		return -1;
	context->app = (struct mt_app){.arena = context->arena,
				       .registry = r,
				       .settings = &context->settings,
				       .bundle = context->options.bundle,
				       .root = context->options.root,
				       .verbose = context->options.verbose,
				       .remark = say_remark,
				       .data = context};
	return check_accept(context, error);
}

static int run_command(struct mt_context *context, char **argv)
{
	struct mt_error error = {0};
	mt_registry_load(context->arena, mt_options_backend_dir(argv), &context->registry);
	const struct mt_option *table = mt_option_table(context->arena, context->registry.backends);
	int parsed = mt_options_parse(table, argv, &context->options, &error);
	context->line = mt_recipe_text(context->arena, mt_line_of(context->arena, argv + !!*argv));
	context->out.json = context->options.json;
	context->out.quiet = context->options.quiet;
	context->out.verbose = context->options.verbose;
	mt_output_open(&context->out, context->options.color);
	struct mt_error unknown = {0};
	if (find_command(context, &unknown) != 0) /* before what is wrong with its options */
		return mt_output_error(&context->out, &unknown);
	if (parsed != 0)
		return mt_output_error(&context->out, &error);
	if (context->options.help || context->options.version)
		return say(context);
	if (prepare_command(context, &error) != 0)
		return mt_output_error(&context->out, &error);
	return context->command->run(context);
}

static void out_of_memory(void)
{
	static const char message[] = "mtapin: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
	(void)ignored;
	_exit(MT_EXIT_FAILED);
}

int mt_main(char **argv, const char *const *environment)
{
	mt_set_oom_handler(out_of_memory);
	struct mt_arena *arena = mt_arena_new(BUDGET);
	struct mt_context *context = MT_NEW(arena, struct mt_context);
	context->arena = context->out.arena = arena;
	context->environment = environment;
	int code = run_command(context, argv);
	code = mt_output_close(&context->out, code, context->command && context->command->changes);
	mt_arena_free(arena);
	return code;
}
