/* SPDX-License-Identifier: ISC */
/*
 * command.h: a command is one file of src/cmd/ and one `const struct mt_command` in the table of
 * commands.c.
 */
#ifndef MT_COMMAND_H
#define MT_COMMAND_H

#include "app/app.h"
#include "cmd/options.h"
#include "registry.h"
#include "ui/output.h"

/* Everything a command works with. */
struct mt_context {
	struct mt_arena *arena;
	const struct mt_command *command;
	const char *line; /* what was typed, for the journal */
	struct mt_options options;
	struct mt_settings settings;
	struct mt_registry registry; /* backends are loaded before the command runs */
	struct mt_output out;
	struct mt_app
		app; /* what the work is done with: of the above, once the settings are read */
	const char *const *environment; /* of the transport of an audit, NULL-terminated */
};

#define MT_EXITS_READ "0 read it, whatever was found\n2 could not read\n"
#define MT_EXITS_CHECK                                                                             \
	"0 nothing of warning or worse\n1 warning or worse\n2 could not read\n"                    \
	"0, 1, 2, 3 with --nagios: OK, WARNING, CRITICAL, UNKNOWN\n"
#define MT_EXITS_CHANGE                                                                            \
	"0 the goal holds, verified to the levels named\n"                                         \
	"1 a change is proposed, not made\n"                                                       \
	"2 refused or failed; the host is as before\n"                                             \
	"3 a person must look; state and next command are on stderr\n"
#define MT_EXITS_AUDIT                                                                             \
	"0 nothing of warning or worse\n1 warning, worse or not as expected\n"                     \
	"2 nothing could be started\n4 some hosts were not examined\n"
#define MT_EXITS_ALL "64 usage\n78 configuration file\n"

struct mt_command {
	const char *name;
	const char *operands; /* as the usage shows them: "[ID]"; "" none */
	unsigned min, max; /* how many */
	const char *usage; /* options the usage line names: "--ip ADDRESS"; "" none */
	const char *summary; /* one line */
	const char *exits; /* "0 WHAT IT MEANS\n...", besides those that all have */
	const char *details; /* paragraphs of --help, lines of 78 columns at most */
	bool of_bundle, of_root; /* it can be about a bundle or a tree instead of this host */
	bool changes; /* it may change the host: its exit code outranks a failed write of the result */
	int (*run)(struct mt_context *context); /* an exit code */
};

extern const struct mt_command *const mt_commands[]; /* NULL-terminated, in the order of --help */
const struct mt_command *mt_command_get(const char *name); /* NULL: there is none */

/* The modules that were refused, on stderr. */
void mt_complain_refused(const struct mt_context *context);
/* mt_output_error(), and before it those modules, where no mail server was found; `model` NULL: none was read. */
int mt_host_error(const struct mt_context *context, const struct mt_model *model,
		  const struct mt_error *error);

extern const struct mt_command mt_command_audit, mt_command_backends, mt_command_check,
	mt_command_collect, mt_command_confirm, mt_command_explain, mt_command_fix,
	mt_command_history, mt_command_log, mt_command_recover, mt_command_show, mt_command_undo,
	mt_command_wizard;

/* argv to exit code: parse, help, settings, backends, run. `environment` is for the transport of an audit. */
int mt_main(char **argv, const char *const *environment);

#endif
