/* SPDX-License-Identifier: ISC */
/* wizard_questions.c: which mail server, address, HELO name and method; each only where it is a question. */
#include <string.h>

#include "app/choices.h"
#include "cmd/fix_options.h"
#include "cmd/wizard.h"

/* ---- menus ---- */

struct mt_wizard_menu *mt_wizard_menu(const struct mt_wizard *w, const char *title,
				      const char *help)
{
	struct mt_wizard_menu *m = MT_NEW(w->context->arena, struct mt_wizard_menu);
	*m = (struct mt_wizard_menu){.menu = {.title = title, .help = help, .items = m->item}};
	return m;
}

void mt_wizard_item(struct mt_wizard_menu *m, const char *word, const char *text)
{
	if (m->menu.count < MT_WIZARD_ITEMS)
		m->item[m->menu.count++] = (struct mt_menu_item){word, text};
}

void mt_wizard_mark(struct mt_wizard_menu *m, const char *word)
{
	for (size_t i = 0; i < m->menu.count; i++)
		if (strcmp(m->item[i].word, word) == 0)
			m->menu.marked = i;
}

enum mt_reply mt_wizard_ask(struct mt_wizard *w, struct mt_wizard_menu *m, bool first,
			    const char **word)
{
	size_t chosen = 0;
	m->menu.first = first;
	enum mt_reply reply = mt_dialog_ask(&w->dialog, &m->menu, &chosen);
	if (reply == MT_REPLY_CHOICE)
		*word = m->item[chosen].word;
	return reply;
}

/* ---- which mail server ---- */

static void forget_mta(struct mt_wizard *w)
{
	w->mta = w->fixing.model->mtas;
	w->context->options.mta = NULL;
}

static bool needs_mta(struct mt_wizard *w)
{
	return w->fixing.model->mtas->next != NULL;
}

static const char *mta_word(const struct mt_wizard *w, const struct mt_mta *mta)
{
	return mt_mta_word(w->context->arena, mta);
}

static enum mt_reply ask_mta(struct mt_wizard *w, bool first)
{
	struct mt_wizard_menu *m =
		mt_wizard_menu(w, "Which mail server is it about?",
			       "More than one sends mail from here. Each is changed by itself: "
			       "run this again for the next one.");
	for (const struct mt_mta *mta = w->fixing.model->mtas; mta; mta = mta->next)
		mt_wizard_item(m, mta_word(w, mta),
			       mt_format(w->context->arena, "%s in %s, %s", mta->backend->title,
					 mta->instance, mt_state_name(mta->state)));
	mt_wizard_mark(m, mta_word(w, mt_likely_mta(w->fixing.model)));
	enum mt_reply reply = mt_wizard_ask(w, m, first, &w->context->options.mta);
	while (reply == MT_REPLY_CHOICE &&
	       strcmp(mta_word(w, w->mta), w->context->options.mta) != 0)
		w->mta = w->mta->next;
	return reply;
}

/* ---- which address ---- */

static const char **pin_option(struct mt_wizard *w, enum mt_family family)
{
	return family == MT_V4 ? &w->context->options.ip4 : &w->context->options.ip6;
}

static const char *describe(const struct mt_wizard *w, const struct mt_checked *row)
{
	return mt_format(w->context->arena, "%s: %s%s",
			 mt_addr_format(w->context->arena, row->addr), row->verdict,
			 row->sends && row->good != MT_YES ? "; mail leaves from it today" : "");
}

static void offer_addresses(const struct mt_wizard *w, struct mt_wizard_menu *m,
			    enum mt_family family)
{
	const struct mt_host *host = w->fixing.model->snapshot->facts;
	for (const struct mt_checked *row = w->check->rows; row; row = row->next)
		if (mt_is_offered(row, family))
			mt_wizard_item(m, mt_addr_format(w->context->arena, row->addr),
				       describe(w, row));
	for (size_t i = 0; i < host->addr_count; i++) {
		const char *text = mt_addr_format(w->context->arena, host->addr[i].addr);
		if (mt_is_unseen(w->check, &host->addr[i], family))
			mt_wizard_item(m, text,
				       mt_format(w->context->arena,
						 "%s: the internet does not see it", text));
	}
}

static void forget_address(struct mt_wizard *w, enum mt_family family)
{
	*pin_option(w, family) = NULL;
	w->row[family] = NULL;
}

static bool needs_address(const struct mt_wizard *w, enum mt_family family)
{
	static const struct mt_goal plain = {0};
	struct mt_wizard_menu *m = mt_wizard_menu(w, "", "");
	offer_addresses(w, m, family);
	return m->menu.count && mt_mta_sends(w->fixing.model, w->mta, &plain, family);
}

static enum mt_reply ask_address(struct mt_wizard *w, enum mt_family family, bool first)
{
	const char *name = mt_family_name(family), **word = pin_option(w, family);
	enum mt_off off =
		mt_families(w->mta, NULL)->off; /* by whatever method: that is asked for later */
	struct mt_wizard_menu *m = mt_wizard_menu(
		w,
		mt_format(w->context->arena,
			  "From which %s address shall mail leave? * is recommended.", name),
		"The address is what other mail servers see: they look up its name (PTR), whether "
		"the name leads back to it, whether it fits the name this server says (HELO), and "
		"whether it stands on a blacklist. Take the one for which all of that is right.");
	offer_addresses(w, m, family);
	if (family == MT_V6 && off != MT_OFF_NONE)
		mt_wizard_item(m, "off",
			       off == MT_OFF_BOUNCES
				       ? "off: do not send over IPv6 (mail to hosts that have "
					 "nothing else bounces)"
				       : "off: do not send over IPv6 (mail to hosts that have "
					 "nothing else waits)");
	mt_wizard_item(m, "keep", mt_format(w->context->arena, "keep: leave %s as it is", name));
	struct mt_pin_goal best = mt_recommended_pin(w->check, w->mta, family);
	mt_wizard_mark(m, best.pin == MT_PIN_ADDRESS ? mt_addr_format(w->context->arena, best.addr)
			  : best.pin == MT_PIN_OFF   ? "off"
						     : "keep");
	const char *advice = mt_check_advice(w->check, family);
	if (*advice)
		mt_dialog_say(&w->dialog, "\nNo %s address is good yet: %s", name, advice);
	enum mt_reply reply = mt_wizard_ask(w, m, first, word);
	struct mt_addr addr;
	if (reply == MT_REPLY_CHOICE && mt_addr_parse(mt_str_of(*word), &addr))
		w->row[family] = mt_checked_row(w->check, addr);
	return reply;
}

static void forget_ipv4(struct mt_wizard *w)
{
	forget_address(w, MT_V4);
}

static bool needs_ipv4(struct mt_wizard *w)
{
	return needs_address(w, MT_V4);
}

static enum mt_reply ask_ipv4(struct mt_wizard *w, bool first)
{
	return ask_address(w, MT_V4, first);
}

static void forget_ipv6(struct mt_wizard *w)
{
	forget_address(w, MT_V6);
}

static bool needs_ipv6(struct mt_wizard *w)
{
	return needs_address(w, MT_V6);
}

static enum mt_reply ask_ipv6(struct mt_wizard *w, bool first)
{
	return ask_address(w, MT_V6, first);
}

/* ---- HELO ---- */

static const struct mt_checked *pinned(const struct mt_wizard *w)
{
	return w->row[MT_V4] ? w->row[MT_V4] : w->row[MT_V6];
}

static void forget_helo(struct mt_wizard *w)
{
	w->context->options.helo = NULL;
}

static bool needs_helo(struct mt_wizard *w)
{
	return mt_wants_helo(pinned(w));
}

static enum mt_reply ask_helo(struct mt_wizard *w, bool first)
{
	const struct mt_checked *row = pinned(w);
	const char *word = NULL;
	struct mt_wizard_menu *m = mt_wizard_menu(
		w,
		mt_format(w->context->arena,
			  "%s is called %s, but the server says HELO %s from it. Which name shall "
			  "it say?",
			  mt_addr_format(w->context->arena, row->addr), row->confirmed, row->helo),
		"HELO is how a mail server introduces itself. It should be the name of the address "
		"it speaks from; many receivers give a different one a worse mark. Only what is "
		"said while sending changes, not the name of the host.");
	mt_wizard_item(m, row->confirmed, mt_format(w->context->arena, "%s", row->confirmed));
	mt_wizard_item(m, "keep", "keep: leave it as it is");
	mt_wizard_mark(m, row->helo_resolves == MT_YES ? "keep" : row->confirmed);
	enum mt_reply reply = mt_wizard_ask(w, m, first, &word);
	w->context->options.helo = word && strcmp(word, "keep") != 0 ? word : NULL;
	return reply;
}

/* ---- the plan, and by which method ---- */

bool mt_wizard_plan(struct mt_wizard *w)
{
	struct mt_fixing *fix = &w->fixing;
	*fix = (struct mt_fixing){.app = fix->app, .model = fix->model, .checking = fix->checking};
	if (!w->context->options.ip4 && !w->context->options.ip6)
		return false;
	w->failed = mt_fix_options(w->context, &fix->request, &fix->error) != 0 ||
		    mt_fixing_plan(fix) != 0;
	return !w->failed;
}

static const struct mt_method *const *methods(const struct mt_wizard *w)
{
	return mt_mta_methods(w->context->arena, w->mta);
}

static const char *consequences(const struct mt_wizard *w, const struct mt_plan *plan)
{
	const struct mt_message *why;
	enum mt_action action = mt_plan_action(plan, &why);
	return mt_format(
		w->context->arena, "%s: %s; listeners closed: %u, opened: %u", mt_plan_method(plan),
		action == MT_ACTION_NONE ? "the service is left alone"
		: action == MT_ACTION_RELOAD
			? "the service is reloaded"
			: "the service is restarted, no mail is taken meanwhile",
		mt_listener_count(plan->impact.lost), mt_listener_count(plan->impact.opened));
}

static void forget_method(struct mt_wizard *w)
{
	w->context->options.method = NULL;
}

static bool needs_method(struct mt_wizard *w)
{
	return mt_wizard_plan(w) && mt_method_matters(&w->fixing);
}

static enum mt_reply ask_method(struct mt_wizard *w, bool first)
{
	const struct mt_plan *usual = w->fixing.plan;
	struct mt_text help = MT_TEXT_INIT(w->context->arena);
	for (const struct mt_method *const *method = methods(w); *method; method++)
		mt_text_addf(&help, "%s%s: %s.", help.n ? "\n" : "", (*method)->name,
			     (*method)->title);
	struct mt_wizard_menu *m = mt_wizard_menu(
		w, "There is more than one way to do it, and it matters which. By which line?",
		mt_text_z(&help));
	for (const struct mt_method *const *method = methods(w); *method; method++) {
		const struct mt_plan *plan = mt_plan_by(&w->fixing, *method);
		if (!plan->refused)
			mt_wizard_item(m, (*method)->name, consequences(w, plan));
	}
	if (!usual->refused)
		mt_wizard_mark(m, mt_plan_method(usual));
	return mt_wizard_ask(w, m, first, &w->context->options.method);
}

const struct mt_wizard_step mt_wizard_mta = {forget_mta, needs_mta, ask_mta};
const struct mt_wizard_step mt_wizard_ipv4 = {forget_ipv4, needs_ipv4, ask_ipv4};
const struct mt_wizard_step mt_wizard_ipv6 = {forget_ipv6, needs_ipv6, ask_ipv6};
const struct mt_wizard_step mt_wizard_helo = {forget_helo, needs_helo, ask_helo};
const struct mt_wizard_step mt_wizard_method = {forget_method, needs_method, ask_method};
