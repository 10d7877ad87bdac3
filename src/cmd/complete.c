/* SPDX-License-Identifier: ISC */
/* complete.c: completions of bash, zsh and fish, written from the tables. */
#include <string.h>

#include "cmd/help.h"

/* What may follow an option, as far as a shell can know. */
static bool takes(const struct mt_option *o, const char *what)
{
	return o->argument && strcmp(o->argument, what) == 0;
}

/* The choices, separated by blanks. */
static void add_choices(struct mt_text *out, const struct mt_option *o)
{
	for (const char *p = o->choices; *p; p++)
		mt_text_addf(out, "%c", *p == '|' ? ' ' : *p);
}

/* For a word in single quotes; a byte of `special` gets a backslash. */
static void add_quoted(struct mt_text *out, const char *s, const char *special)
{
	for (; *s; s++)
		mt_text_addf(out, *s == '\'' ? "'\\''" : strchr(special, *s) ? "\\%c" : "%c", *s);
}

/* ---- bash ---- */

static void add_names(struct mt_text *out, const struct mt_option *table, const char *command)
{
	for (const struct mt_option *o = table; o->name; o++) {
		if (command ? !*o->commands || !mt_option_belongs(o, command) : *o->commands)
			continue;
		if (o->letter)
			mt_text_addf(out, " -%c", o->letter);
		mt_text_addf(out, " --%s", o->name);
	}
}

static void add_values(struct mt_text *out, const struct mt_option *o)
{
	mt_text_addf(out, "\t--%s)\n", o->name);
	if (o->choices) {
		mt_text_addf(out, "\t\tCOMPREPLY=($(compgen -W '");
		add_choices(out, o);
		mt_text_addf(out, "' -- \"$cur\"))\n");
	} else if (takes(o, "FILE")) {
		mt_text_addf(out, "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n");
	} else if (takes(o, "DIR")) {
		mt_text_addf(out, "\t\tCOMPREPLY=($(compgen -d -- \"$cur\"))\n");
	} else {
		mt_text_addf(out, "\t\tCOMPREPLY=()\n");
	}
	mt_text_addf(out, "\t\treturn\n\t\t;;\n");
}

static void add_bash_commands(struct mt_text *out, const struct mt_option *table)
{
	mt_text_addf(out,
		     "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n\t\tcase $word in\n");
	for (const struct mt_command *const *c = mt_commands; *c; c++) {
		mt_text_addf(out, "\t\t%s) words='", (*c)->name);
		add_names(out, table, (*c)->name);
		mt_text_addf(out, "' ;;\n");
	}
	mt_text_addf(out, "\t\tesac\n\tdone\n");
}

void mt_complete_bash(struct mt_text *out, const struct mt_option *table)
{
	mt_text_addf(out,
		     "# SPDX-License-Identifier: ISC\n"
		     "# bash completion for mtapin; written from the option table, do not edit\n"
		     "_mtapin() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} word words\n"
		     "\tcase ${COMP_WORDS[COMP_CWORD-1]} in\n");
	for (const struct mt_option *o = table; o->name; o++)
		if (o->argument && o->kind != MT_OPTION_MAYBE)
			add_values(out, o);
	mt_text_addf(out, "\tesac\n\twords='");
	for (const struct mt_command *const *c = mt_commands; *c; c++)
		mt_text_addf(out, " %s", (*c)->name);
	mt_text_addf(out, "'\n");
	add_bash_commands(out, table);
	mt_text_addf(out, "\tCOMPREPLY=($(compgen -W \"$words");
	add_names(out, table, NULL);
	mt_text_addf(out, "\" -- \"$cur\"))\n}\ncomplete -F _mtapin mtapin\n");
}

/* ---- zsh ---- */

static void add_zsh_value(struct mt_text *out, const struct mt_option *o)
{
	if (!o->argument)
		return;
	mt_text_addf(out, o->kind == MT_OPTION_MAYBE ? "::" : ":");
	add_quoted(out, o->argument, "[]:\\");
	mt_text_addf(out, ":");
	if (o->choices) {
		mt_text_addf(out, "(");
		add_choices(out, o);
		mt_text_addf(out, ")");
	} else if (takes(o, "FILE")) {
		mt_text_addf(out, "_files");
	} else if (takes(o, "DIR")) {
		mt_text_addf(out, "_files -/");
	}
}

/* An optspec of _arguments: '*--name=[what it does]:VALUE:action', and one for the letter. */
static void add_zsh_option(struct mt_text *out, const struct mt_option *o)
{
	static const char *const marks[] = {"", "=", "=", "=-"};
	const char *many = o->kind == MT_OPTION_WORDS ? "*" : "";
	for (int letter = o->letter ? 1 : 0; letter >= 0; letter--) {
		if (letter)
			mt_text_addf(out, "\t\t'%s-%c%s[", many, o->letter, o->argument ? "+" : "");
		else
			mt_text_addf(out, "\t\t'%s--%s%s[", many, o->name, marks[o->kind]);
		add_quoted(out, o->help, "[]:\\");
		mt_text_addf(out, "]");
		add_zsh_value(out, o);
		mt_text_addf(out, "'\n");
	}
}

static void add_zsh_options(struct mt_text *out, const struct mt_option *table, const char *command)
{
	for (const struct mt_option *o = table; o->name; o++)
		if (command ? *o->commands && mt_option_belongs(o, command) : !*o->commands)
			add_zsh_option(out, o);
}

void mt_complete_zsh(struct mt_text *out, const struct mt_option *table)
{
	mt_text_addf(out,
		     "#compdef mtapin\n"
		     "# SPDX-License-Identifier: ISC\n"
		     "# zsh completion for mtapin; written from the option table, do not edit\n"
		     "_mtapin() {\n\tlocal state\n\tlocal -a common commands own\n\tcommon=(\n");
	add_zsh_options(out, table, NULL);
	mt_text_addf(out, "\t)\n\tcommands=(\n");
	for (const struct mt_command *const *c = mt_commands; *c; c++) {
		mt_text_addf(out, "\t\t'%s:", (*c)->name);
		add_quoted(out, (*c)->summary, "\\");
		mt_text_addf(out, "'\n");
	}
	mt_text_addf(out, "\t)\n\t_arguments -C $common '1: :->command' '*:: :->rest'\n"
			  "\tcase $state in\n\tcommand) _describe command commands; return ;;\n"
			  "\trest) ;;\n\t*) return ;;\n\tesac\n\tcase $words[1] in\n");
	for (const struct mt_command *const *c = mt_commands; *c; c++) {
		mt_text_addf(out, "\t%s) own=(\n", (*c)->name);
		add_zsh_options(out, table, (*c)->name);
		mt_text_addf(out, "\t\t) ;;\n");
	}
	mt_text_addf(out, "\tesac\n\t_arguments $common $own '*:file:_files'\n}\n_mtapin \"$@\"\n");
}

/* ---- fish ---- */

static void add_fish_option(struct mt_text *out, const struct mt_option *o, const char *condition)
{
	mt_text_addf(out, "complete -c mtapin -n '%s' -l %s", condition, o->name);
	if (o->letter)
		mt_text_addf(out, " -s %c", o->letter);
	if (o->choices) {
		mt_text_addf(out, " -x -a '");
		add_choices(out, o);
		mt_text_addf(out, "'");
	} else if (takes(o, "FILE")) {
		mt_text_addf(out, " -r -F");
	} else if (takes(o, "DIR")) {
		mt_text_addf(out, " -x -a '(__fish_complete_directories)'");
	} else if (o->argument && o->kind != MT_OPTION_MAYBE) {
		mt_text_addf(out, " -x");
	}
	mt_text_addf(out, " -d '");
	add_quoted(out, o->help, "\\");
	mt_text_addf(out, "'\n");
}

static void add_fish_command(struct mt_text *out, const struct mt_option *table,
			     const struct mt_command *command)
{
	mt_text_addf(out, "complete -c mtapin -n __mtapin_needs_command -a %s -d '", command->name);
	add_quoted(out, command->summary, "\\");
	mt_text_addf(out, "'\n");
	for (const struct mt_option *o = table; o->name; o++)
		if (*o->commands && mt_option_belongs(o, command->name))
			add_fish_option(out, o,
					mt_format(out->arena, "__mtapin_is %s", command->name));
}

void mt_complete_fish(struct mt_text *out, const struct mt_option *table)
{
	mt_text_addf(out,
		     "# SPDX-License-Identifier: ISC\n"
		     "# fish completion for mtapin; written from the option table, do not edit\n"
		     "function __mtapin_command\n\tfor word in (commandline -opc)[2..-1]\n"
		     "\t\tswitch $word\n\t\t\tcase");
	for (const struct mt_command *const *c = mt_commands; *c; c++)
		mt_text_addf(out, " %s", (*c)->name);
	mt_text_addf(out,
		     "\n\t\t\t\techo $word\n\t\t\t\treturn\n\t\tend\n\tend\nend\n"
		     "function __mtapin_is\n\ttest \"$(__mtapin_command)\" = $argv[1]\nend\n"
		     "function __mtapin_needs_command\n\ttest -z \"$(__mtapin_command)\"\nend\n"
		     "complete -c mtapin -n __mtapin_needs_command -f\n");
	for (const struct mt_option *o = table; o->name; o++)
		if (!*o->commands)
			add_fish_option(out, o, "true");
	for (const struct mt_command *const *c = mt_commands; *c; c++)
		add_fish_command(out, table, *c);
}
