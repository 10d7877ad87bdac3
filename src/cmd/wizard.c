/* SPDX-License-Identifier: ISC */
/*
 * wizard.c: from "my mail does not arrive" to a verified pin: what was found, a few questions, the diff, and then
 * what `fix` does. Each answer becomes an option of `fix`, so that the line it ends with does the same.
 */
#include "cmd/wizard.h"

#include <string.h>
#include <unistd.h>

#include "cmd/fix_output.h"
#include "cmd/line.h"
#include "cmd/transaction.h"
#include "ui/text.h"
#include "ui/text_part.h"

#define CONFIRM_SECONDS "300"
#define WATCH_SECONDS	"60"

static const char untouched[] = "nothing was changed";
static const char unsure[] = "see mtapin history";
static const char stays[] = "the change stays; mtapin undo takes it back";
static const char waits[] = "the change is taken back by itself, unless mtapin confirm comes";

/* ---- the diff, and what to do with it ---- */

static struct mt_recipe *command_line(const struct mt_wizard *w)
{
	struct mt_options options = w->context->options;
	options.yes = true;
	return mt_line_of_options(w->context->arena, "fix", &options);
}

/* On one line, whatever the width: to be copied. */
static void show_command(struct mt_wizard *w, const char *title, const struct mt_recipe *command)
{
	struct mt_text text = MT_TEXT_INIT(w->context->arena);
	mt_part_command(&text, command);
	mt_dialog_say(&w->dialog, "\n%s", title);
	(void)mt_dialog_show(&w->dialog, mt_text_str(&text));
}

static enum mt_reply show_plan(struct mt_wizard *w)
{
	mt_dialog_say(&w->dialog, "\nThis is the change:");
	enum mt_reply reply = mt_dialog_show(&w->dialog, mt_fix_diff(w->context, &w->fixing));
	if (reply != MT_REPLY_QUIT)
		mt_text_plan(w->dialog.out, w->fixing.plan);
	return reply;
}

static void forget_decision(struct mt_wizard *w)
{
	w->context->options.confirm = w->context->options.observe = NULL;
	w->way = NULL;
}

static bool needs_decision(struct mt_wizard *w)
{
	return !w->failed && mt_wizard_plan(w) && !w->fixing.plan->refused &&
	       mt_fixing_has_work(&w->fixing);
}

static enum mt_reply decide(struct mt_wizard *w, bool first)
{
	bool root = geteuid() == 0;
	if (show_plan(w) == MT_REPLY_QUIT)
		return MT_REPLY_QUIT;
	struct mt_wizard_menu *m = mt_wizard_menu(
		w, root ? "Apply it?" : "Only root can apply it.",
		"Applying keeps the old files, puts the new ones in their place at once, lets the "
		"service read them and looks whether they hold; if not, the old ones come back. "
		"mtapin undo takes it back at any time.");
	if (root) {
		mt_wizard_item(m, "apply", "apply it");
		mt_wizard_item(m, "watch",
			       "apply it, and wait up to " WATCH_SECONDS
			       " s for mail that leaves, to see from where");
		mt_wizard_item(
			m, "confirm",
			mt_fixing_hook(&w->fixing)
				? "apply it, and take it back after " CONFIRM_SECONDS
				  " s, or at the next boot, unless you say that all is well"
				: "apply it, and take it back after " CONFIRM_SECONDS
				  " s unless you say that all is well (no init here would do so "
				  "after a boot)");
	}
	mt_wizard_item(m, "command", "show the command that does it");
	mt_wizard_item(m, "quit", "end, and change nothing");
	m->menu.fresh = true;
	return mt_wizard_ask(w, m, first, &w->way);
}

/* ---- the order of the questions ---- */

static const struct mt_wizard_step decision = {forget_decision, needs_decision, decide};
static const struct mt_wizard_step *const steps[] = {
	&mt_wizard_mta,	 &mt_wizard_ipv4,   &mt_wizard_ipv6,
	&mt_wizard_helo, &mt_wizard_method, &decision,
};

static enum mt_reply ask_all(struct mt_wizard *w)
{
	size_t asked[MT_ARRAY_LEN(steps)], n = 0, i = 0;
	while (i < MT_ARRAY_LEN(steps)) {
		steps[i]->forget(w); /* of an earlier pass, where somebody went back */
		if (!steps[i]->needed(w)) {
			i++;
			continue;
		}
		enum mt_reply reply = steps[i]->ask(w, n == 0);
		if (reply == MT_REPLY_QUIT)
			return reply;
		if (reply == MT_REPLY_CHOICE)
			asked[n++] = i++;
		else if (n)
			i = asked[--n];
	}
	return MT_REPLY_CHOICE;
}

/* ---- the end ---- */

static int keep_or_not(struct mt_wizard *w)
{
	const char *word = "later";
	struct mt_wizard_menu *m =
		mt_wizard_menu(w, "Send a mail to somebody, and see. Is all well?",
			       "It is in place now. Without an answer the old files come back by "
			       "themselves; later: mtapin confirm keeps it, mtapin undo does not.");
	mt_wizard_item(m, "keep", "keep it");
	mt_wizard_item(m, "undo", "take it back now");
	mt_wizard_item(m, "later", "decide later: by itself it is taken back");
	m->menu.fresh = true;
	(void)mt_wizard_ask(w, m, true, &word);
	w->context->options.operands.word[0] = w->fixing.outcome->id;
	if (strcmp(word, "keep") == 0)
		return mt_transaction_named(w->context, mt_confirm);
	if (strcmp(word, "undo") == 0)
		return mt_transaction_named(w->context, mt_undo);
	return MT_EXIT_OK;
}

/* That a boot would not take it back was said where it was chosen. */
static void confirm_later(struct mt_wizard *w)
{
	struct mt_options *o = &w->context->options;
	o->confirm = CONFIRM_SECONDS;
	if (!mt_fixing_hook(&w->fixing) && o->accept.count < MT_WORDS_MAX)
		o->accept.word[o->accept.count++] = "HOST-NO-BOOT-HOOK";
}

static const char *promise_of(const struct mt_outcome *outcome)
{
	if (!outcome)
		return untouched;
	return outcome->end == MT_END_APPLIED	    ? stays
	       : outcome->end == MT_END_UNCONFIRMED ? waits
						    : unsure;
}

static int apply(struct mt_wizard *w)
{
	if (strcmp(w->way, "confirm") == 0)
		confirm_later(w);
	if (strcmp(w->way, "watch") == 0)
		w->context->options.observe = WATCH_SECONDS;
	if (!mt_wizard_plan(w))
		return mt_output_error(&w->context->out, &w->fixing.error);
	const struct mt_recipe *line = command_line(w);
	w->context->line = mt_recipe_text(w->context->arena, line);
	mt_dialog_hold(true); /* the engine looks whether one came, as long as that can end it */
	int code = mt_fix_apply(w->context, &w->fixing);
	const struct mt_outcome *outcome = w->fixing.outcome;
	mt_dialog_promise(&w->dialog, promise_of(outcome));
	mt_dialog_hold(false);
	if (outcome && outcome->end == MT_END_UNCONFIRMED)
		code = keep_or_not(w);
	if (code == MT_EXIT_OK)
		show_command(w, "The same by one command:", line);
	return code;
}

static int end(struct mt_wizard *w)
{
	if (w->failed)
		return mt_output_error(&w->context->out, &w->fixing.error);
	if (!w->fixing.plan) {
		mt_dialog_say(&w->dialog, "Nothing of this host sends to the internet by itself: "
					  "there is no address to choose.");
		return MT_EXIT_OK;
	}
	if (w->fixing.plan->refused) {
		mt_fix_refused(w->context, &w->fixing);
		show_command(w,
			     "Nothing was changed. The command would have been:", command_line(w));
		return MT_EXIT_FAILED;
	}
	if (!mt_fixing_has_work(&w->fixing)) {
		mt_dialog_say(&w->dialog, "\nThere is nothing to change: it is so already.");
		return MT_EXIT_OK;
	}
	if (strcmp(w->way, "command") != 0 && strcmp(w->way, "quit") != 0)
		return apply(w);
	if (strcmp(w->way, "command") == 0)
		show_command(w, "This does it:", command_line(w));
	mt_dialog_say(&w->dialog, "%s", untouched);
	return MT_EXIT_CHANGE;
}

static int guide(struct mt_wizard *w)
{
	mt_dialog_promise(&w->dialog, untouched);
	mt_dialog_say(&w->dialog,
		      "mtapin: from which address does the mail of this server leave, and is it "
		      "the right one? Nothing is changed before you say so; Ctrl-C ends it.");
	mt_tell_pending(&w->context->app);
	if (mt_wizard_look(w) != 0)
		return mt_host_error(w->context, w->fixing.model, &w->fixing.error);
	if (mt_wizard_show(w) == MT_REPLY_QUIT || ask_all(w) == MT_REPLY_QUIT) {
		mt_dialog_say(&w->dialog, "\n%s", untouched);
		return MT_EXIT_CHANGE;
	}
	return end(w);
}

static int run_wizard(struct mt_context *context)
{
	struct mt_wizard w = {.context = context, .fixing = {.app = &context->app}};
	struct mt_error error = {0};
	if (context->out.json)
		mt_fail(&error, MT_EXIT_USAGE, "--json",
			"the wizard speaks to people: see mtapin fix");
	if (context->out.unattended)
		mt_fail(&error, MT_EXIT_USAGE, "DEBIAN_FRONTEND",
			"is noninteractive: nobody is asked; see mtapin fix --yes");
	if (error.code || mt_dialog_open(&context->out, &w.dialog, &error) != 0)
		return mt_output_error(&context->out, &error);
	int code = guide(&w);
	mt_dialog_close(&w.dialog);
	return code;
}

const struct mt_command mt_command_wizard = {
	.name = "wizard",
	.operands = "",
	.usage = "",
	.exits = MT_EXITS_CHANGE,
	.summary = "Ask a few questions, and fix it",
	.details = "Shows from where mail leaves and what is wrong with that, lets choose the "
		   "address, shows\n"
		   "the change and applies it as fix does. Enter takes the recommended answer, ? "
		   "explains, b\n"
		   "goes back, q and Ctrl-C end it; nothing is changed before the last question. "
		   "On a terminal\n"
		   "this is what mtapin does without a command; without one that is show.",
	.changes = true,
	.run = run_wizard,
};
