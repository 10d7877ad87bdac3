/* SPDX-License-Identifier: ISC */
/*
 * wizard.c: from "my mail does not arrive" to a verified pin: what was found, a few questions, the diff, and then
 * what `fix` does. Each answer becomes an option of `fix`, so that the line it ends with does the same.
 */
#include <string.h>
#include <unistd.h>

#include "cmd/evidence.h"
#include "cmd/fixing.h"
#include "cmd/line.h"
#include "cmd/read.h"
#include "cmd/transaction.h"
#include "ui/dialog.h"
#include "ui/escape.h"
#include "ui/text.h"
#include "ui/text_part.h"

#define CONFIRM_SECONDS "300"
#define WATCH_SECONDS	"60"
#define EVIDENCE_DAYS	7
#define ITEMS_MAX	(MT_CHECK_ADDRESSES + 3)

static const char untouched[] = "nothing was changed";
static const char unknown[] = "mtapin history shows whether anything was changed";
static const char done[] = "the change stays; mtapin undo takes it back";

struct wizard {
	struct mt_context *context;
	struct mt_dialog dialog;
	struct mt_fixing fixing; /* the model is read once, the plan is made anew for each answer */
	const struct mt_check *check;
	const struct mt_mta *mta;
	const struct mt_checked *row[MT_FAMILIES]; /* the address that was chosen; NULL: none */
	const char *way; /* what was chosen at last: a word of the menu of `decide` */
	bool failed; /* fixing.error says how */
};

static struct mt_arena *arena_of(const struct wizard *w)
{
	return w->context->arena;
}

/* ---- menus ---- */

struct menu {
	struct mt_menu menu;
	struct mt_menu_item item[ITEMS_MAX];
};

static struct menu *menu_new(const struct wizard *w, const char *title, const char *help)
{
	struct menu *m = MT_NEW(arena_of(w), struct menu);
	*m = (struct menu){.menu = {.title = title, .help = help, .items = m->item}};
	return m;
}

static void menu_add(struct menu *m, const char *word, const char *text)
{
	if (m->menu.count < ITEMS_MAX)
		m->item[m->menu.count++] = (struct mt_menu_item){word, text};
}

static void menu_mark(struct menu *m, const char *word)
{
	for (size_t i = 0; i < m->menu.count; i++)
		if (strcmp(m->item[i].word, word) == 0)
			m->menu.marked = i;
}

/* The word that was chosen, into `word`. */
static enum mt_reply menu_ask(struct wizard *w, struct menu *m, bool first, const char **word)
{
	size_t chosen = 0;
	m->menu.first = first;
	enum mt_reply reply = mt_dialog_ask(&w->dialog, &m->menu, &chosen);
	if (reply == MT_REPLY_CHOICE)
		*word = m->item[chosen].word;
	return reply;
}

/* ---- what was found ---- */

static bool is_outgoing(const struct mt_path *path)
{
	return path->kind == MT_KIND_INTERNET || path->kind == MT_KIND_RELAYHOST;
}

/* "192.0.2.12; main.cf:12 smtp_bind_address = 192.0.2.12" */
static const char *way_text(const struct wizard *w, const struct mt_mta *mta,
			    const struct mt_way *way)
{
	char buf[MT_ADDR_TEXT];
	struct mt_text text = MT_TEXT_INIT(arena_of(w));
	const struct mt_because *b = way->because;
	mt_text_addf(&text, "%s", mt_part_source(way, buf));
	if (b)
		mt_text_addf(&text, "; %s %s", mt_part_place(text.arena, b, mta->instance),
			     b->text);
	if (*way->note)
		mt_text_addf(&text, "; %s", way->note);
	return mt_text_z(&text);
}

/* Paths that mail of a family leaves by in the same way. */
struct group {
	const char *way;
	struct mt_text names;
	struct group *next;
};

static struct group *group_by_way(const struct wizard *w, const struct mt_mta *mta,
				  enum mt_family family)
{
	struct group *first = NULL, **at;
	for (const struct mt_path *path = mta->paths; path; path = path->next) {
		if (!is_outgoing(path))
			continue;
		const char *way = way_text(w, mta, &path->way[family]);
		for (at = &first; *at && strcmp((*at)->way, way) != 0; at = &(*at)->next)
			;
		if (!*at) {
			*at = MT_NEW(arena_of(w), struct group);
			**at = (struct group){.way = way, .names = MT_TEXT_INIT(arena_of(w))};
		}
		mt_text_addf(&(*at)->names, "%s%s", (*at)->names.n ? ", " : "", path->name);
	}
	return first;
}

/* "IPv4 mail (smtp, relay) leaves from 192.0.2.10; kernel's choice (default route, eth0)." */
static void add_mta(const struct wizard *w, struct mt_text *text, const struct mt_mta *mta)
{
	mt_part_wrap(text, w->dialog.out,
		     mt_format(arena_of(w), "%s %s in %s, %s, says HELO %s.", mta->backend->title,
			       mta->version, mta->instance,
			       mta->state == MT_STATE_UNKNOWN ? "not known whether it runs"
							      : mt_state_name(mta->state),
			       *mta->helo ? mta->helo : "and a name that is not known"),
		     0);
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		for (struct group *g = group_by_way(w, mta, f); g; g = g->next)
			mt_part_wrap(text, w->dialog.out,
				     mt_format(arena_of(w), "%s mail (%s): %s", mt_family_name(f),
					       mt_text_z(&g->names), g->way),
				     0);
}

static enum mt_reply show_found(struct wizard *w)
{
	struct mt_text text = MT_TEXT_INIT(arena_of(w));
	struct mt_log_evidence evidence;
	for (const struct mt_mta *mta = w->fixing.model->mtas; mta; mta = mta->next)
		add_mta(w, &text, mta);
	mt_text_findings(&text, w->dialog.out, w->fixing.model, true);
	if (mt_log_evidence(w->context, EVIDENCE_DAYS, &evidence) && *evidence.text)
		mt_part_wrap(&text, w->dialog.out, evidence.text, 0);
	return mt_dialog_show(&w->dialog, mt_text_str(&text));
}

static int look(struct wizard *w)
{
	struct mt_fixing *fix = &w->fixing;
	struct mt_checking *checking = &fix->checking;
	checking->check = mt_check;
	mt_dialog_say(&w->dialog, "... reading this host");
	if (mt_checking_options(w->context, &checking->options, &fix->error) != 0 ||
	    mt_fixing_read(fix) != 0)
		return -1;
	mt_dialog_say(&w->dialog, "... asking the DNS about its addresses");
	if (mt_checking_run(w->context, fix->model, checking, &fix->error) != 0)
		return -1;
	w->check = checking->result;
	mt_check_report(checking->result);
	return 0;
}

/* ---- which mail server ---- */

static bool needs_mta(struct wizard *w)
{
	w->mta = w->fixing.model->mtas;
	w->context->options.mta = NULL;
	return w->mta->next != NULL;
}

static const char *mta_word(const struct wizard *w, const struct mt_mta *mta)
{
	return mt_format(arena_of(w), "%s:%s", mta->backend->name, mta->instance);
}

static enum mt_reply ask_mta(struct wizard *w, bool first)
{
	struct menu *m = menu_new(w, "Which mail server is it about?",
				  "More than one sends mail from here. Each is changed by itself: "
				  "run this again for the next one.");
	for (const struct mt_mta *mta = w->fixing.model->mtas; mta; mta = mta->next)
		menu_add(m, mta_word(w, mta),
			 mt_format(arena_of(w), "%s in %s, %s", mta->backend->title, mta->instance,
				   mt_state_name(mta->state)));
	enum mt_reply reply = menu_ask(w, m, first, &w->context->options.mta);
	while (reply == MT_REPLY_CHOICE &&
	       strcmp(mta_word(w, w->mta), w->context->options.mta) != 0)
		w->mta = w->mta->next;
	return reply;
}

/* ---- which address ---- */

static const char **pin_option(struct wizard *w, enum mt_family family)
{
	return family == MT_V4 ? &w->context->options.ip4 : &w->context->options.ip6;
}

static bool is_offered(const struct mt_checked *row, enum mt_family family)
{
	return row->addr.family == family && row->at && row->at->up;
}

static bool needs_address(struct wizard *w, enum mt_family family)
{
	static const struct mt_goal plain = {0};
	const struct mt_checked *row = w->check->rows;
	*pin_option(w, family) = NULL;
	w->row[family] = NULL;
	while (row && !is_offered(row, family))
		row = row->next;
	return row && mt_mta_sends(w->fixing.model, w->mta, &plain, family);
}

static const char *describe(const struct wizard *w, const struct mt_checked *row)
{
	return mt_format(arena_of(w), "%s: %s%s", mt_addr_format(arena_of(w), row->addr),
			 row->verdict,
			 row->sends && row->good != MT_YES ? "; mail leaves from it today" : "");
}

/* What a new HELO name would make good; the first of them. */
static const struct mt_checked *nearly_good(const struct wizard *w, enum mt_family family)
{
	for (const struct mt_checked *row = w->check->rows; row; row = row->next)
		if (is_offered(row, family) && row->good == MT_NO && *row->confirmed &&
		    !row->helo_is_ptr && row->listed < MT_LISTED_POLICY)
			return row;
	return NULL;
}

static void mark_address(const struct wizard *w, struct menu *m, enum mt_family family)
{
	const struct mt_checked *best = mt_check_best(w->check, family);
	if (!best)
		best = nearly_good(w, family);
	menu_mark(m, best ? mt_addr_format(arena_of(w), best->addr) : "keep");
	/* known to be bad, all of them: refused by those who ask for reverse DNS */
	if (!best && family == MT_V6) {
		const struct mt_checked *row = w->check->rows;
		while (row && (!is_offered(row, family) || row->good != MT_UNKNOWN))
			row = row->next;
		menu_mark(m, row ? "keep" : "off");
	}
}

static enum mt_reply ask_address(struct wizard *w, enum mt_family family, bool first)
{
	const char *name = mt_family_name(family), **word = pin_option(w, family);
	struct menu *m = menu_new(
		w,
		mt_format(arena_of(w), "From which %s address shall mail leave? * is recommended.",
			  name),
		"The address is what other mail servers see: they look up its name (PTR), whether "
		"the name leads back to it, whether it fits the name this server says (HELO), and "
		"whether it stands on a blacklist. Take the one for which all of that is right.");
	for (const struct mt_checked *row = w->check->rows; row; row = row->next)
		if (is_offered(row, family))
			menu_add(m, mt_addr_format(arena_of(w), row->addr), describe(w, row));
	if (family == MT_V6)
		menu_add(m, "off",
			 "off: do not send over IPv6 (mail to hosts that have nothing else "
			 "bounces)");
	menu_add(m, "keep", mt_format(arena_of(w), "keep: leave %s as it is", name));
	mark_address(w, m, family);
	const char *advice = mt_check_advice(w->check, family);
	if (*advice)
		mt_dialog_say(&w->dialog, "\nNo %s address is good yet: %s", name, advice);
	enum mt_reply reply = menu_ask(w, m, first, word);
	for (const struct mt_checked *row = w->check->rows; row && *word; row = row->next)
		if (is_offered(row, family) &&
		    strcmp(*word, mt_addr_format(arena_of(w), row->addr)) == 0)
			w->row[family] = row;
	return reply;
}

static bool needs_ipv4(struct wizard *w)
{
	return needs_address(w, MT_V4);
}

static enum mt_reply ask_ipv4(struct wizard *w, bool first)
{
	return ask_address(w, MT_V4, first);
}

static bool needs_ipv6(struct wizard *w)
{
	return needs_address(w, MT_V6);
}

static enum mt_reply ask_ipv6(struct wizard *w, bool first)
{
	return ask_address(w, MT_V6, first);
}

/* ---- HELO ---- */

static const struct mt_checked *pinned(const struct wizard *w)
{
	return w->row[MT_V4] ? w->row[MT_V4] : w->row[MT_V6];
}

static bool needs_helo(struct wizard *w)
{
	const struct mt_checked *row = pinned(w);
	w->context->options.helo = NULL;
	return row && *row->confirmed && !row->helo_is_ptr && mt_is_fqdn(mt_str_of(row->confirmed));
}

static enum mt_reply ask_helo(struct wizard *w, bool first)
{
	const struct mt_checked *row = pinned(w);
	const char *word = NULL;
	struct menu *m = menu_new(
		w,
		mt_format(arena_of(w),
			  "%s is called %s, but the server says HELO %s from it. Which name shall "
			  "it say?",
			  mt_addr_format(arena_of(w), row->addr), row->confirmed, row->helo),
		"HELO is how a mail server introduces itself. It should be the name of the address "
		"it speaks from; many receivers give a different one a worse mark. Only what is "
		"said while sending changes, not the name of the host.");
	menu_add(m, row->confirmed, mt_format(arena_of(w), "%s", row->confirmed));
	menu_add(m, "keep", "keep: leave it as it is");
	menu_mark(m, row->helo_resolves == MT_YES ? "keep" : row->confirmed);
	enum mt_reply reply = menu_ask(w, m, first, &word);
	w->context->options.helo = word && strcmp(word, "keep") != 0 ? word : NULL;
	return reply;
}

/* ---- the plan, and by which method ---- */

/* False: it failed, or no address was asked for. */
static bool make_plan(struct wizard *w)
{
	struct mt_fixing *fix = &w->fixing;
	*fix = (struct mt_fixing){.context = w->context,
				  .model = fix->model,
				  .checking = fix->checking,
				  .report = {.model = fix->model}};
	if (!w->context->options.ip4 && !w->context->options.ip6)
		return false;
	w->failed = mt_fixing_wish(fix) != 0 || mt_fixing_plan(fix) != 0;
	return !w->failed;
}

static bool harms(const struct mt_impact *impact)
{
	return impact->lost || (impact->loopback_paths && *impact->loopback_paths);
}

static const struct mt_plan *plan_by(const struct wizard *w, enum mt_method method)
{
	struct mt_goal *goal = MT_NEW(arena_of(w), struct mt_goal);
	*goal = w->fixing.wish.goal;
	goal->method = method;
	return mt_plan(w->fixing.model, w->mta, goal, w->context->registry.backends, false);
}

static unsigned count(const struct mt_listener *l)
{
	unsigned n = 0;
	for (; l; l = l->next)
		n++;
	return n;
}

static const char *consequences(const struct wizard *w, const struct mt_plan *plan)
{
	return mt_format(arena_of(w), "%s: %s; listeners closed: %u, opened: %u",
			 mt_method_name(plan->method),
			 plan->action == MT_ACTION_NONE ? "the service is left alone"
			 : plan->action == MT_ACTION_RELOAD
				 ? "the service is reloaded"
				 : "the service is restarted, no mail is taken meanwhile",
			 count(plan->impact.lost), count(plan->impact.opened));
}

/* Only when what would be chosen is refused or has a price, and there is another way. */
static bool needs_method(struct wizard *w)
{
	w->context->options.method = NULL;
	if (!make_plan(w))
		return false;
	const struct mt_plan *plan = w->fixing.report.plan;
	if (!plan->refused && !harms(&plan->impact))
		return false;
	for (enum mt_method m = MT_METHOD_AUTO + 1; m < MT_METHODS; m++)
		if ((plan->refused || m != plan->method) && !plan_by(w, m)->refused)
			return true;
	return false;
}

static enum mt_reply ask_method(struct wizard *w, bool first)
{
	const struct mt_plan *usual = w->fixing.report.plan;
	struct menu *m = menu_new(
		w, "There is more than one way to do it, and it matters which. By which line?",
		"inet_interfaces: the line that hosting manuals name. It also decides where the "
		"server listens.\n"
		"smtp_bind_address: only what is sent.\n"
		"service: only what is sent, for each client service by itself.");
	for (enum mt_method method = MT_METHOD_AUTO + 1; method < MT_METHODS; method++) {
		const struct mt_plan *plan = plan_by(w, method);
		if (!plan->refused)
			menu_add(m, mt_method_name(method), consequences(w, plan));
	}
	if (!usual->refused)
		menu_mark(m, mt_method_name(usual->method));
	return menu_ask(w, m, first, &w->context->options.method);
}

/* ---- the diff, and what to do with it ---- */

static const char *command_line(const struct wizard *w)
{
	struct mt_options options = w->context->options;
	options.yes = true;
	return mt_line_of_options(arena_of(w), "fix", &options);
}

/* On one line, whatever the width: to be copied. */
static void show_command(struct wizard *w, const char *title, const char *command)
{
	struct mt_text text = MT_TEXT_INIT(arena_of(w));
	mt_escape(&text, mt_str_of(command));
	mt_text_addf(&text, "\n");
	mt_dialog_say(&w->dialog, "\n%s", title);
	(void)mt_dialog_show(&w->dialog, mt_text_str(&text));
}

static enum mt_reply show_plan(struct wizard *w)
{
	mt_dialog_say(&w->dialog, "\nThis is the change:");
	enum mt_reply reply = mt_dialog_show(&w->dialog, mt_fixing_diff(&w->fixing));
	if (reply != MT_REPLY_QUIT)
		mt_text_plan(w->dialog.out, w->fixing.report.plan);
	return reply;
}

static bool needs_decision(struct wizard *w)
{
	w->context->options.confirm = w->context->options.observe = NULL;
	w->way = NULL;
	return !w->failed && make_plan(w) && !w->fixing.report.plan->refused &&
	       mt_fixing_has_work(&w->fixing);
}

static enum mt_reply decide(struct wizard *w, bool first)
{
	bool root = geteuid() == 0;
	if (show_plan(w) == MT_REPLY_QUIT)
		return MT_REPLY_QUIT;
	struct menu *m = menu_new(
		w, root ? "Apply it?" : "Only root can apply it.",
		"Applying keeps the old files, puts the new ones in their place at once, lets the "
		"service read them and looks whether they hold; if not, the old ones come back. "
		"mtapin undo takes it back at any time.");
	if (root) {
		menu_add(m, "apply", "apply it");
		menu_add(m, "watch",
			 "apply it, and wait up to " WATCH_SECONDS
			 " s for mail that leaves, to see from where");
		menu_add(m, "confirm",
			 mt_fixing_hook(&w->fixing)
				 ? "apply it, and take it back after " CONFIRM_SECONDS
				   " s, or at the next boot, unless you say that all is well"
				 : "apply it, and take it back after " CONFIRM_SECONDS
				   " s unless you say that all is well (no init here would do so "
				   "after a boot)");
	}
	menu_add(m, "command", "show the command that does it");
	menu_add(m, "quit", "end, and change nothing");
	m->menu.grave = true;
	return menu_ask(w, m, first, &w->way);
}

/* ---- the order of the questions ---- */

static const struct step {
	/* Is it a question on this host? Forgets its answer. */
	bool (*needed)(struct wizard *w);
	enum mt_reply (*ask)(struct wizard *w, bool first);
} steps[] = {
	{needs_mta, ask_mta},	{needs_ipv4, ask_ipv4},	    {needs_ipv6, ask_ipv6},
	{needs_helo, ask_helo}, {needs_method, ask_method}, {needs_decision, decide},
};

static enum mt_reply ask_all(struct wizard *w)
{
	size_t asked[MT_ARRAY_LEN(steps)], n = 0, i = 0;
	while (i < MT_ARRAY_LEN(steps)) {
		enum mt_reply reply = MT_REPLY_CHOICE;
		if (!steps[i].needed(w)) {
			i++;
			continue;
		}
		reply = steps[i].ask(w, n == 0);
		if (reply == MT_REPLY_QUIT)
			return reply;
		if (reply == MT_REPLY_BACK)
			i = asked[--n];
		else
			asked[n++] = i++;
	}
	return MT_REPLY_CHOICE;
}

/* ---- the end ---- */

static int keep_or_not(struct wizard *w)
{
	const char *word = "later";
	struct menu *m =
		menu_new(w, "Send a mail to somebody, and see. Is all well?",
			 "It is in place now. Without an answer the old files come back by "
			 "themselves; later: mtapin confirm keeps it, mtapin undo does not.");
	menu_add(m, "keep", "keep it");
	menu_add(m, "undo", "take it back now");
	menu_add(m, "later", "decide later: by itself it is taken back");
	m->menu.grave = true;
	(void)menu_ask(w, m, true, &word);
	w->context->options.operands.word[0] = w->fixing.report.outcome->id;
	if (strcmp(word, "keep") == 0)
		return mt_transaction_named(w->context, mt_confirm);
	if (strcmp(word, "undo") == 0)
		return mt_transaction_named(w->context, mt_undo);
	return MT_EXIT_OK;
}

/* That a boot would not take it back was said where it was chosen. */
static void confirm_later(struct wizard *w)
{
	struct mt_options *o = &w->context->options;
	o->confirm = CONFIRM_SECONDS;
	if (!mt_fixing_hook(&w->fixing) && o->accept.count < MT_WORDS_MAX)
		o->accept.word[o->accept.count++] = "HOST-NO-BOOT-HOOK";
}

static int apply(struct wizard *w)
{
	if (strcmp(w->way, "confirm") == 0)
		confirm_later(w);
	if (strcmp(w->way, "watch") == 0)
		w->context->options.observe = WATCH_SECONDS;
	if (!make_plan(w))
		return mt_output_error(&w->context->out, &w->fixing.error);
	w->context->line = command_line(w);
	mt_dialog_promise(&w->dialog, unknown);
	int code = mt_fixing_apply(&w->fixing);
	const struct mt_outcome *outcome = w->fixing.report.outcome;
	mt_dialog_promise(&w->dialog, outcome && code == MT_EXIT_OK ? done : unknown);
	if (outcome && outcome->end == MT_END_UNCONFIRMED)
		code = keep_or_not(w);
	if (code == MT_EXIT_OK)
		show_command(w, "The same by one command:", w->context->line);
	return code;
}

static int end(struct wizard *w)
{
	if (w->failed)
		return mt_output_error(&w->context->out, &w->fixing.error);
	if (!w->fixing.report.plan) {
		mt_dialog_say(&w->dialog, "Nothing of this host sends to the internet by itself: "
					  "there is no address to choose.");
		return MT_EXIT_OK;
	}
	if (w->fixing.report.plan->refused) {
		mt_fixing_refused(&w->fixing);
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

static int guide(struct wizard *w)
{
	mt_dialog_promise(&w->dialog, untouched);
	mt_dialog_say(&w->dialog,
		      "mtapin: from which address does the mail of this server leave, and is it "
		      "the right one? Nothing is changed before you say so; Ctrl-C ends it.");
	mt_remark_pending(w->context);
	if (look(w) != 0)
		return mt_output_error(&w->context->out, &w->fixing.error);
	if (show_found(w) == MT_REPLY_QUIT || ask_all(w) == MT_REPLY_QUIT) {
		mt_dialog_say(&w->dialog, "\n%s", untouched);
		return MT_EXIT_CHANGE;
	}
	return end(w);
}

static int run(struct mt_context *context)
{
	struct wizard w = {.context = context, .fixing = {.context = context}};
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
	.summary = "Ask a few questions, and fix it",
	.details = "Shows from where mail leaves and what is wrong with that, lets choose the "
		   "address, shows\n"
		   "the change and applies it as fix does. Enter takes the recommended answer, ? "
		   "explains, b\n"
		   "goes back, q and Ctrl-C end it; nothing is changed before the last question. "
		   "On a terminal\n"
		   "this is what mtapin does without a command; without one that is show.",
	.changes = true,
	.run = run,
};
