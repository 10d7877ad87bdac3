/* SPDX-License-Identifier: ISC */
/* transaction.c: what the commands that touch transactions share. */
#include "cmd/transaction.h"

#include "ui/json.h"
#include "ui/text.h"

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

struct mt_apply_options mt_transaction_options(struct mt_context *context)
{
	const struct mt_options *o = &context->options;
	struct mt_apply_options options = mt_apply_options_of(&context->app);
	options.command = context->line;
	options.accept = o->accept.count ? o->accept.word : NULL;
	options.again = words_again(context);
	options.booted = o->booted;
	if (o->booted) /* the network is on its way */
		options.recollect = NULL;
	options.no_service = o->no_service;
	options.propose = o->dry_run;
	if (context->out.terminal || context->out.tell) /* somebody sits in front of it */
		options.progress = mt_tell_step;
	return options;
}

const char *const *mt_transaction_accept(const struct mt_context *context)
{
	static const char *const reading[] = {"HOST-FOREIGN-DIR", NULL};
	return context->command->changes ? context->options.accept.word : reading;
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
		for (const struct mt_message *m = outcome->remarks; m; m = m->next)
			mt_remark(&context->out, "%pM", m);
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
	struct mt_apply_options options = mt_transaction_options(context);
	if (!context->options.dry_run && mt_need_root(&context->app, context->line, &error) != 0)
		return mt_output_error(&context->out, &error);
	if (mt_enter_root(&context->app, mt_transaction_accept(context), &error) != 0 ||
	    call(context->options.operands.word[0], &options, &outcome, &error) != 0)
		return mt_output_error(&context->out, &error);
	return mt_transaction_print(context, &outcome);
}
