/* SPDX-License-Identifier: ISC */
/* help.c: --help, written from the tables. */
#include "cmd/help.h"

#include <string.h>

#define HELP_COLUMN 26
#define HELP_WIDTH  90

/* "(a|b|c)", as many a line as fit. */
static void add_choices(struct mt_text *out, const char *choices)
{
	struct mt_str rest = mt_str_of(choices), word;
	size_t column = HELP_COLUMN;
	mt_text_addf(out, "%*s(", HELP_COLUMN, "");
	for (bool first = true; mt_str_word(&rest, "|", &word); first = false) {
		if (!first)
			mt_text_addf(out, "|");
		column += word.n + 1;
		if (column >= HELP_WIDTH) {
			mt_text_addf(out, "\n%*s", HELP_COLUMN + 1, "");
			column = HELP_COLUMN + word.n + 1;
		}
		mt_text_add(out, word);
	}
	mt_text_addf(out, ")\n");
}

static void add_option(struct mt_text *out, const struct mt_option *o)
{
	size_t start = out->n;
	if (o->letter)
		mt_text_addf(out, "  -%c, --%s", o->letter, o->name);
	else
		mt_text_addf(out, "      --%s", o->name);
	if (o->argument)
		mt_text_addf(out, o->kind == MT_OPTION_MAYBE ? "%s" : " %s", o->argument);
	size_t width = out->n - start;
	if (width + 2 > HELP_COLUMN)
		mt_text_addf(out, "\n%*s", HELP_COLUMN, "");
	else
		mt_text_addf(out, "%*s", (int)(HELP_COLUMN - width), "");
	mt_text_addf(out, "%s\n", o->help);
	if (o->choices)
		add_choices(out, o->choices);
}

/* The options of one command, or the common ones. */
static void add_options(struct mt_text *out, const struct mt_option *table, const char *title,
			const char *command)
{
	bool any = false;
	for (const struct mt_option *o = table; o->name; o++) {
		bool common = !*o->commands;
		if (command ? common || !mt_option_belongs(o, command) : !common)
			continue;
		if (!any)
			mt_text_addf(out, "\n%s:\n", title);
		any = true;
		add_option(out, o);
	}
}

static const char exit_codes[] =
	"\nExit code: 0 done; 1 a change is proposed, not made; 2 could not read, refused or\n"
	"failed, the host is as before; 3 a person must look; 64 usage; 78 configuration\n"
	"file. See mtapin(8).\n";

void mt_help_program(struct mt_text *out, const struct mt_option *table)
{
	mt_text_addf(out,
		     "Usage: mtapin [OPTION]... [COMMAND [OPTION]... [ARGUMENT]...]\n\n"
		     "From which IP address does this server's mail leave, by which line of\n"
		     "configuration, and how to pin it. Without a command: wizard on a terminal,\n"
		     "else show.\n\nCommands:\n");
	for (const struct mt_command *const *c = mt_commands; *c; c++)
		mt_text_addf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
	add_options(out, table, "Options of every command", NULL);
	mt_text_addf(out, "\n`mtapin COMMAND --help` says more.\n%s", exit_codes);
}

static void add_exits(struct mt_text *out, const char *exits)
{
	struct mt_str rest = mt_str_of(exits), line;
	while (mt_str_line(&rest, &line))
		mt_text_addf(out, "  %.*s\n", MT_STR_FMT(line));
}

void mt_help_command(struct mt_text *out, const struct mt_option *table,
		     const struct mt_command *command)
{
	mt_text_addf(out, "Usage: mtapin %s%s%s [OPTION]...%s%s\n\n%s.\n", command->name,
		     *command->usage ? " " : "", command->usage, *command->operands ? " " : "",
		     command->operands, command->summary);
	if (*command->details)
		mt_text_addf(out, "\n%s\n", command->details);
	add_options(out, table, "Options", command->name);
	add_options(out, table, "Options of every command", NULL);
	mt_text_addf(out, "\nExit code:\n");
	add_exits(out, command->exits);
	add_exits(out, MT_EXITS_ALL);
}
