/* SPDX-License-Identifier: ISC */
/* checking.c: from options and settings to a finished check. */
#include "cmd/checking.h"

#include <string.h>

#include "cmd/read.h"

/* ---- lists ---- */

struct picker {
	const struct mt_context *context;
	struct mt_dnsbl *known; /* those of the settings before those of the data file */
	struct mt_dnsbl *first, **at; /* picked */
	struct mt_error *error;
};

static const char *names(struct picker *p)
{
	struct mt_text text = MT_TEXT_INIT(p->context->arena);
	for (const struct mt_dnsbl *l = p->known; l; l = l->next)
		if (!l->dead)
			mt_text_addf(&text, "%s%s", text.n ? ", " : "", l->name);
	return mt_text_z(&text);
}

static void pick(struct picker *p, const struct mt_dnsbl *list)
{
	if (mt_dnsbl_get(p->first, mt_str_of(list->name)))
		return;
	*p->at = MT_NEW(p->context->arena, struct mt_dnsbl);
	**p->at = *list;
	(*p->at)->next = NULL;
	p->at = &(*p->at)->next;
}

static int pick_named(struct picker *p, struct mt_str name)
{
	const struct mt_dnsbl *list = mt_dnsbl_get(p->known, name);
	if (!list)
		return mt_fail(p->error, MT_EXIT_USAGE, "--dnsbl",
			       "no list \"%.*s\" is known; there are: %s. Others are told to "
			       "mtapin.conf, with their codes",
			       MT_STR_FMT(name), names(p));
	if (list->dead)
		return mt_fail(p->error, MT_EXIT_USAGE, "--dnsbl", "%s is not asked: it %s",
			       list->name, list->dead);
	pick(p, list);
	return 0;
}

/* All that live; with lists in the settings, those. */
static void pick_all(struct picker *p)
{
	const struct mt_dnsbl *own = p->context->settings.lists;
	for (const struct mt_dnsbl *l = own ? own : p->known; l; l = l->next)
		if (!l->dead)
			pick(p, l);
}

/* The settings' lists, then the data file's. */
static void know(struct picker *p)
{
	struct mt_dnsbl *own = NULL, **at = &own;
	for (const struct mt_dnsbl *l = p->context->settings.lists; l; l = l->next) {
		*at = MT_NEW(p->context->arena, struct mt_dnsbl);
		**at = *l;
		at = &(*at)->next;
	}
	*at = mt_dnsbl_known(p->context->arena);
	p->known = own;
}

int mt_checking_options(const struct mt_context *context, struct mt_check_options *options,
			struct mt_error *error)
{
	const char *said = context->options.dnsbl;
	struct picker p = {.context = context, .error = error};
	struct mt_str rest = mt_str_of(said ? said : ""), name;
	p.at = &p.first;
	know(&p);
	while (mt_str_word(&rest, ",", &name))
		if (pick_named(&p, name) != 0)
			return -1;
	if (said ? !*said : context->settings.lists != NULL)
		pick_all(&p);
	*options = (struct mt_check_options){.lists = p.first,
					     .preferred = context->settings.preferred,
					     .preferred_count = context->settings.preferred_count};
	return 0;
}

/* ---- asking ---- */

void mt_checking_remark(const struct mt_context *context, struct mt_asked asked)
{
	mt_remark(&context->out,
		  "asked the DNS %zu questions in %u ms, the slowest answer took %u ms",
		  asked.questions, asked.total_ms, asked.slowest_ms);
}

int mt_checking_run(const struct mt_context *context, struct mt_model *model,
		    struct mt_checking *checking, struct mt_error *error)
{
	struct mt_asker *asker = NULL;
	const struct mt_item *kept = mt_snapshot_probe(model->snapshot, "dns");
	checking->dns = mt_dns_read(model->snapshot);
	bool asks = kept->presence == MT_UNASKED, aside = context->given != NULL;
	if (asks && !aside &&
	    mt_asker_open(context->arena, context->settings.resolvers, &asker, error) != 0)
		return -1;
	if (asker && !context->options.nagios)
		mt_asker_waiting(asker, mt_waiting_of(context));
	if (asker && checking->limit_ms)
		mt_asker_limit(asker, checking->limit_ms);
	struct mt_ask ask = {.asker = asker,
			     .elsewhere = asks && aside ? mt_ask_outside : NULL,
			     .data = context->arena,
			     .check = checking->check,
			     .options = &checking->options,
			     .dns = checking->dns};
	checking->result = mt_ask(&ask, model);
	if (asker && context->options.verbose)
		mt_checking_remark(context, mt_asker_asked(asker));
	mt_asker_close(asker);
	return 0;
}
