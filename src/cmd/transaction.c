/* SPDX-License-Identifier: ISC */
/* transaction.c: what the commands that touch transactions share. */
#include "cmd/transaction.h"

#include <errno.h>
#include <installed.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

#include "cmd/read.h"
#include "io/root.h"
#include "ui/json.h"
#include "ui/text.h"

static void progress(void *data, const char *step)
{
	const struct mt_context *context = data;
	mt_remark(&context->out, "... %s", step);
}

static const char *const *words_again(const struct mt_context *context)
{
	const struct mt_options *o = &context->options;
	const char **words = mt_alloc(context->arena, 5 * sizeof *words);
	size_t n = 0;
	if (o->backend_dir) {
		words[n++] = "--backend-dir";
		words[n++] = o->backend_dir;
	}
	if (o->config) {
		words[n++] = "--config";
		words[n++] = o->config;
	}
	return words;
}

/* Whoever sits in front of it is told what takes so long. */
struct mt_apply_options mt_apply_options_of(struct mt_context *context)
{
	const struct mt_options *o = &context->options;
	return (struct mt_apply_options){
		.arena = context->arena,
		.state_dir = MT_STATE_DIR,
		.keep_backups = context->settings.keep_backups,
		.service_timeout = context->settings.service_timeout,
		.command = context->line,
		.accept = o->accept.count ? o->accept.word : NULL,
		.boot_hook = !o->root,
		.again = words_again(context),
		.booted = o->booted,
		.no_service = o->no_service,
		.rooted = o->root != NULL,
		.propose = o->dry_run,
		/* booted: the network is on its way */
		.recollect = o->booted || o->root ? NULL : mt_recollect,
		.slow = progress,
		.progress = context->out.terminal || context->out.tell ? progress : NULL,
		.data = context,
		.backends = context->registry.backends,
	};
}

/* It is made when it is first needed, with what is above it. */
static bool may_write(struct mt_arena *arena, const char *path)
{
	while (strcmp(path, "/") != 0 && access(path, F_OK) < 0 && errno == ENOENT)
		path = dirname(mt_strdup(arena, path));
	return access(path, W_OK) == 0 || errno == EROFS;
}

int mt_need_root(const struct mt_context *context, struct mt_error *error)
{
	const struct mt_options *o = &context->options;
	if (geteuid() == 0 || o->root || may_write(context->arena, MT_STATE_DIR))
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, "", "needs root: sudo %s", context->line);
}

int mt_enter_root(const struct mt_context *context, struct mt_error *error)
{
	static const char *const reading[] = {"HOST-FOREIGN-DIR", NULL};
	const struct mt_options *o = &context->options;
	const char *const *accept = context->command->changes ? o->accept.word : reading;
	return o->root ? mt_root_enter(context->arena, o->root, accept, error) : 0;
}

int mt_transaction_print(struct mt_context *context, const struct mt_outcome *outcome)
{
	struct mt_text text = MT_TEXT_INIT(context->arena);
	if (context->out.json) {
		mt_json_outcome(context->arena, outcome);
		return outcome->exit_code;
	}
	if (outcome->end == MT_END_PROPOSED) {
		mt_text_diff(&text, outcome->changes, !context->out.tty);
		mt_output_put(mt_text_str(&text));
	} else {
		mt_text_outcome(&context->out, outcome, outcome->changes);
	}
	return outcome->exit_code;
}

int mt_transaction_named(struct mt_context *context,
			 int (*call)(const char *id, const struct mt_apply_options *options,
				     struct mt_outcome *outcome, struct mt_error *error))
{
	struct mt_error error = {0};
	struct mt_outcome outcome = {0};
	struct mt_apply_options options = mt_apply_options_of(context);
	if (!context->options.dry_run && mt_need_root(context, &error) != 0)
		return mt_output_error(&context->out, &error);
	if (mt_enter_root(context, &error) != 0 ||
	    call(context->options.operands.word[0], &options, &outcome, &error) != 0)
		return mt_output_error(&context->out, &error);
	return mt_transaction_print(context, &outcome);
}
