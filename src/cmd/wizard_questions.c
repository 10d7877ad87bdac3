/* SPDX-License-Identifier: ISC */
/* wizard_questions.c: which mail server, address, HELO name and method; each only where it is a question. */
#include <string.h>

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

static bool needs_mta(struct mt_wizard *w)
{
	w->mta = w->fixing.model->mtas;
	w->context->options.mta = NULL;
	return w->mta->next != NULL;
}

static const char *mta_word(const struct mt_wizard *w, const struct mt_mta *mta)
{
	return mt_mta_word(w->context->arena, mta);
}

/* The first that runs, or the first. */
static const struct mt_mta *likely(const struct mt_wizard *w)
{
	const struct mt_mta *mta = w->fixing.model->mtas;
	while (mta && mta->state != MT_STATE_RUNNING)
		mta = mta->next;
	return mta ? mta : w->fixing.model->mtas;
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
	mt_wizard_mark(m, mta_word(w, likely(w)));
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

static bool is_offered(const struct mt_checked *row, enum mt_family family)
{
	return row->addr.family == family && row->at && row->at->up;
}

static const char *describe(const struct mt_wizard *w, const struct mt_checked *row)
{
	return mt_format(w->context->arena, "%s: %s%s",
			 mt_addr_format(w->context->arena, row->addr), row->verdict,
			 row->sends && row->good != MT_YES ? "; mail leaves from it today" : "");
}

static const struct mt_checked *row_of(const struct mt_wizard *w, struct mt_addr addr)
{
	const struct mt_checked *row = w->check->rows;
	while (row && !mt_addr_eq(row->addr, addr))
		row = row->next;
	return row;
}

/* An address that the check has no word about: the world does not see it. */
static bool is_private(const struct mt_wizard *w, const struct mt_ifaddr *at, enum mt_family family)
{
	return at->addr.family == family && at->up && !at->link_scope && !at->host_scope &&
	       !mt_addr_is_loopback(at->addr) && !mt_addr_is_link_local(at->addr) &&
	       !row_of(w, at->addr);
}

static void offer_addresses(const struct mt_wizard *w, struct mt_wizard_menu *m,
			    enum mt_family family)
{
	const struct mt_host *host = w->fixing.model->snapshot->facts;
	for (const struct mt_checked *row = w->check->rows; row; row = row->next)
		if (is_offered(row, family))
			mt_wizard_item(m, mt_addr_format(w->context->arena, row->addr),
				       describe(w, row));
	for (size_t i = 0; i < host->addr_count; i++) {
		const char *text = mt_addr_format(w->context->arena, host->addr[i].addr);
		if (is_private(w, &host->addr[i], family))
			mt_wizard_item(m, text,
				       mt_format(w->context->arena,
						 "%s: the internet does not see it", text));
	}
}

static bool needs_address(struct mt_wizard *w, enum mt_family family)
{
	static const struct mt_goal plain = {0};
	struct mt_wizard_menu *m = mt_wizard_menu(w, "", "");
	*pin_option(w, family) = NULL;
	w->row[family] = NULL;
	offer_addresses(w, m, family);
	return m->menu.count && mt_mta_sends(w->fixing.model, w->mta, &plain, family);
}

/* What a new HELO name would make good; the first of them. */
static const struct mt_checked *nearly_good(const struct mt_wizard *w, enum mt_family family)
{
	const struct mt_checked *row = w->check->rows;
	while (row && (row->addr.family != family || !row->lacks_helo))
		row = row->next;
	return row;
}

static void mark_address(const struct mt_wizard *w, struct mt_wizard_menu *m, enum mt_family family)
{
	const struct mt_checked *best = mt_check_best(w->check, family);
	if (!best)
		best = nearly_good(w, family);
	mt_wizard_mark(m, best ? mt_addr_format(w->context->arena, best->addr) : "keep");
	/* known to be bad, all of them: refused by those who ask for reverse DNS */
	if (!best && family == MT_V6) {
		const struct mt_checked *row = w->check->rows;
		while (row && (!is_offered(row, family) || row->good != MT_UNKNOWN))
			row = row->next;
		mt_wizard_mark(m, row ? "keep" : "off");
	}
}

static enum mt_reply ask_address(struct mt_wizard *w, enum mt_family family, bool first)
{
	const char *name = mt_family_name(family), **word = pin_option(w, family);
	struct mt_wizard_menu *m = mt_wizard_menu(
		w,
		mt_format(w->context->arena,
			  "From which %s address shall mail leave? * is recommended.", name),
		"The address is what other mail servers see: they look up its name (PTR), whether "
		"the name leads back to it, whether it fits the name this server says (HELO), and "
		"whether it stands on a blacklist. Take the one for which all of that is right.");
	offer_addresses(w, m, family);
	if (family == MT_V6)
		mt_wizard_item(m, "off",
			       "off: do not send over IPv6 (mail to hosts that have nothing else "
			       "bounces)");
	mt_wizard_item(m, "keep", mt_format(w->context->arena, "keep: leave %s as it is", name));
	mark_address(w, m, family);
	const char *advice = mt_check_advice(w->check, family);
	if (*advice)
		mt_dialog_say(&w->dialog, "\nNo %s address is good yet: %s", name, advice);
	enum mt_reply reply = mt_wizard_ask(w, m, first, word);
	struct mt_addr addr;
	if (reply == MT_REPLY_CHOICE && mt_addr_parse(mt_str_of(*word), &addr))
		w->row[family] = row_of(w, addr);
	return reply;
}

static bool needs_ipv4(struct mt_wizard *w)
{
	return needs_address(w, MT_V4);
}

static enum mt_reply ask_ipv4(struct mt_wizard *w, bool first)
{
	return ask_address(w, MT_V4, first);
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

static bool needs_helo(struct mt_wizard *w)
{
	const struct mt_checked *row = pinned(w);
	w->context->options.helo = NULL;
	return row && *row->confirmed && !row->helo_is_ptr && mt_is_fqdn(mt_str_of(row->confirmed));
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
	return impact->lost || impact->loopback_paths.n;
}

static const struct mt_plan *plan_by(const struct mt_wizard *w, enum mt_method method)
{
	struct mt_goal *goal = MT_NEW(w->context->arena, struct mt_goal);
	*goal = w->fixing.wish.goal;
	goal->method = method;
	return mt_plan(w->fixing.model, w->mta, goal, w->context->registry.backends, false);
}

static const char *consequences(const struct mt_wizard *w, const struct mt_plan *plan)
{
	const char *why;
	enum mt_action action = mt_plan_action(plan, &why);
	return mt_format(w->context->arena, "%s: %s; listeners closed: %u, opened: %u",
			 mt_method_name(plan->method),
			 action == MT_ACTION_NONE ? "the service is left alone"
			 : action == MT_ACTION_RELOAD
				 ? "the service is reloaded"
				 : "the service is restarted, no mail is taken meanwhile",
			 mt_listener_count(plan->impact.lost),
			 mt_listener_count(plan->impact.opened));
}

/* Is the line that decides today one of another method? The administrator may have meant all that it does. */
static bool moves_away(const struct mt_wizard *w, const struct mt_plan *plan)
{
	for (const struct mt_path *path = w->mta->paths; path; path = path->next)
		for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
			for (enum mt_method m = MT_METHOD_AUTO + 1; m < MT_METHODS; m++) {
				const struct mt_because *b = path->way[f].because;
				if (mt_wizard_is_outgoing(path) && b && m != plan->method &&
				    mt_str_starts(mt_str_of(b->text), mt_method_name(m)))
					return true;
			}
	return false;
}

/* Only when what would be chosen is refused, has a price or leaves a line behind, and there is another way. */
static bool needs_method(struct mt_wizard *w)
{
	w->context->options.method = NULL;
	if (!mt_wizard_plan(w))
		return false;
	const struct mt_plan *plan = w->fixing.report.plan;
	if (!plan->refused &&
	    (!mt_fixing_has_work(&w->fixing) || (!harms(&plan->impact) && !moves_away(w, plan))))
		return false;
	for (enum mt_method m = MT_METHOD_AUTO + 1; m < MT_METHODS; m++)
		if ((plan->refused || m != plan->method) && !plan_by(w, m)->refused)
			return true;
	return false;
}

static enum mt_reply ask_method(struct mt_wizard *w, bool first)
{
	const struct mt_plan *usual = w->fixing.report.plan;
	struct mt_wizard_menu *m = mt_wizard_menu(
		w, "There is more than one way to do it, and it matters which. By which line?",
		"inet_interfaces: the line that hosting manuals name. It also decides where the "
		"server listens.\n"
		"smtp_bind_address: only what is sent.\n"
		"service: only what is sent, for each client service by itself.");
	for (enum mt_method method = MT_METHOD_AUTO + 1; method < MT_METHODS; method++) {
		const struct mt_plan *plan = plan_by(w, method);
		if (!plan->refused)
			mt_wizard_item(m, mt_method_name(method), consequences(w, plan));
	}
	if (!usual->refused)
		mt_wizard_mark(m, mt_method_name(usual->method));
	return mt_wizard_ask(w, m, first, &w->context->options.method);
}

const struct mt_wizard_step mt_wizard_mta = {needs_mta, ask_mta};
const struct mt_wizard_step mt_wizard_ipv4 = {needs_ipv4, ask_ipv4};
const struct mt_wizard_step mt_wizard_ipv6 = {needs_ipv6, ask_ipv6};
const struct mt_wizard_step mt_wizard_helo = {needs_helo, ask_helo};
const struct mt_wizard_step mt_wizard_method = {needs_method, ask_method};
