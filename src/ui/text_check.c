/* SPDX-License-Identifier: ISC */
/* text_check.c: the table of addresses, a row each, and what the DNS says of the host's domains. */
#include <string.h>

#include "ui/escape.h"
#include "ui/text.h"
#include "ui/text_part.h"

enum { ADDRESS, PATHS, REVERSE, NAME, PICK, COLUMNS };

struct columns {
	struct mt_text *text;
	const struct mt_output *out;
	size_t width[COLUMNS];
};

/* Cells hold foreign names: they are escaped and bounded here. */
static const char *cell(struct columns *c, const char *s)
{
	const char *escaped = mt_escaped(c->text->arena, s);
	return *escaped ? escaped : "-";
}

static void cells(struct columns *c, const struct mt_checked *row, const char **cell_of)
{
	static const char *const good[] = {"no", "yes", "?"};
	const char *name = row->ptr && row->ptr->count ? row->ptr->value[0] : "";
	cell_of[ADDRESS] = mt_addr_format(c->text->arena, row->addr);
	cell_of[PATHS] = cell(c, row->paths);
	cell_of[REVERSE] = row->public ? mt_iprev_name(row->iprev) : "-";
	cell_of[NAME] = cell(c, *row->confirmed ? row->confirmed : name);
	cell_of[PICK] = good[row->good];
}

static void measure(struct columns *c, const struct mt_checked *rows)
{
	const char *text[COLUMNS];
	for (const struct mt_checked *row = rows; row; row = row->next) {
		cells(c, row, text);
		for (int i = 0; i < COLUMNS; i++) {
			size_t n = mt_columns(mt_str_of(text[i]));
			c->width[i] = n > c->width[i] ? n : c->width[i];
		}
	}
}

static void add_cells(struct columns *c, const char *const *text)
{
	mt_text_addf(c->text, "  ");
	for (int i = 0; i < COLUMNS; i++) {
		mt_part_pad(c->text, text[i], c->width[i]);
		mt_text_addf(c->text, "  ");
	}
}

static void add_row(struct columns *c, const struct mt_checked *row)
{
	const char *text[COLUMNS];
	size_t start = c->text->n;
	cells(c, row, text);
	add_cells(c, text);
	mt_part_wrap(c->text, c->out, row->verdict, c->text->n - start);
}

/* Who was asked, by the answers themselves: a replay shows the same. */
static const char *resolvers(struct mt_arena *arena, const struct mt_dns *dns)
{
	const char *const *list = NULL;
	unsigned room = 8; /* a foreign bundle may name any number */
	struct mt_text text = MT_TEXT_INIT(arena);
	for (size_t i = 0; i < dns->count && room; i++) {
		if (!*dns->list[i].resolver || mt_list_has(list, dns->list[i].resolver))
			continue;
		mt_list_add(arena, &list, dns->list[i].resolver);
		room--;
		mt_text_addf(&text, "%s%s", text.n ? ", " : "",
			     mt_escaped(arena, dns->list[i].resolver));
	}
	return text.n ? mt_text_z(&text) : "nobody asked";
}

static void add_table(struct columns *c, const struct mt_check *check)
{
	static const char *const head[COLUMNS] = {"ADDRESS", "MAIL BY", "IPREV", "PTR", "PICK"};
	for (int i = 0; i < COLUMNS; i++)
		c->width[i] = strlen(head[i]);
	measure(c, check->rows);
	mt_part_ink(c->text, c->out, MT_INK_HEAD, "addresses");
	mt_text_addf(c->text, "  resolver: %s\n", resolvers(c->text->arena, check->dns));
	if (check->rows) {
		add_cells(c, head);
		mt_text_addf(c->text, "WHY\n");
	}
	for (const struct mt_checked *row = check->rows; row; row = row->next)
		add_row(c, row);
	if (check->left_out)
		mt_text_addf(c->text, "  and %zu more, which were not looked at\n",
			     check->left_out);
}

static void add_pick(struct columns *c, const struct mt_check *check, enum mt_family family)
{
	const struct mt_checked *best = mt_check_best(check, family);
	const char *advice = mt_check_advice(check, family), *word = mt_family_name(family);
	if (!best && !*advice)
		return;
	mt_text_addf(c->text, "  pick %s  ", word);
	mt_part_wrap(c->text, c->out,
		     best ? mt_addr_format(c->text->arena, best->addr)
			  : mt_format(c->text->arena, "none: %s", advice),
		     sizeof "  pick IPv4  " - 1);
}

static void add_spf(struct columns *c, const struct mt_spf *spf)
{
	for (; spf; spf = spf->next) {
		const char *name = mt_escaped(c->text->arena, spf->domain);
		if (!mt_answer_known(spf->txt))
			mt_text_addf(c->text, "  SPF %s  could not determine: %s\n", name,
				     mt_escaped(c->text->arena,
						mt_answer_why(c->text->arena, spf->txt)));
		else if (!*spf->record)
			mt_text_addf(c->text, "  SPF %s  none\n", name);
		for (const char *const *record = spf->record; *record; record++) {
			mt_text_addf(c->text, "  SPF %s  ", name);
			mt_part_wrap(c->text, c->out, *record, strlen(name) + 8);
		}
	}
}

static void add_mx(struct columns *c, const struct mt_mx *mx)
{
	char text[MT_ADDR_TEXT];
	for (; mx; mx = mx->next)
		mt_text_addf(c->text, "  MX of %s  %s  %s\n",
			     mt_escaped(c->text->arena, mx->domain),
			     mt_escaped(c->text->arena, mx->host), mt_addr_text(mx->addr, text));
}

void mt_text_check(struct mt_text *text, const struct mt_output *out, const struct mt_check *check)
{
	struct columns c = {.text = text, .out = out};
	mt_text_mtas(text, out, check->model);
	add_table(&c, check);
	add_pick(&c, check, MT_V4);
	add_pick(&c, check, MT_V6);
	add_spf(&c, check->spf);
	add_mx(&c, check->mx);
	mt_text_findings(text, out, check->model, out->quiet);
}

/* ---- for a monitoring system ---- */

enum mt_nagios mt_nagios_state(const struct mt_check *check)
{
	enum mt_severity worst = MT_NOTE;
	bool unknown = !check->model->snapshot->complete, known = false;
	mt_model_worst(check->model, &worst);
	for (const struct mt_finding *f = check->model->findings; f; f = f->next) {
		bool doubt = strcmp(f->id, "DNS-UNKNOWN") == 0 ||
			     strcmp(f->id, "DNS-NO-RESOLVER") == 0 ||
			     strcmp(f->id, "HOST-INCOMPLETE") == 0;
		unknown |= doubt;
		known |= !doubt && f->severity == MT_WARNING;
	}
	if (worst == MT_ERROR)
		return MT_NAGIOS_CRITICAL;
	return known ? MT_NAGIOS_WARNING : unknown ? MT_NAGIOS_UNKNOWN : MT_NAGIOS_OK;
}

#define LINE_MAX_ 400 /* bytes of the message: a line is read whole by every monitoring system */

/* '|' starts the counters: none of ours may stand before. */
static void add_plain(struct mt_text *text, const char *s)
{
	char *escaped = mt_strdup(text->arena, mt_escaped(text->arena, s));
	for (char *p = escaped; (p = strchr(p, '|'));)
		*p = '/';
	mt_text_addf(text, "%.*s", LINE_MAX_, escaped);
}

static const char *const states[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

void mt_text_nagios(struct mt_text *text, const struct mt_check *check)
{
	unsigned count[3] = {0}, addresses = 0;
	const struct mt_finding *first = check->model->findings;
	for (const struct mt_finding *f = first; f; f = f->next)
		count[f->severity]++;
	for (const struct mt_checked *row = check->rows; row; row = row->next)
		addresses++;
	mt_text_addf(text, "MTAPIN %s - ", states[mt_nagios_state(check)]);
	if (first && first->severity > MT_NOTE)
		add_plain(text, mt_format(text->arena, "%s: %s", first->id,
					  mt_message_english(text->arena, first->message)));
	else
		mt_text_addf(text, "the addresses that mail leaves from are right");
	mt_text_addf(text, " | errors=%u;;1;0 warnings=%u;1;;0 notes=%u;;;0 addresses=%u;;;0\n",
		     count[MT_ERROR], count[MT_WARNING], count[MT_NOTE], addresses);
}

void mt_text_nagios_error(struct mt_text *text, const struct mt_error *error)
{
	mt_text_addf(text, "MTAPIN %s - ", states[MT_NAGIOS_UNKNOWN]);
	add_plain(text, mt_format(text->arena, "%s%s%s", error->where, *error->where ? ": " : "",
				  error->message));
	mt_text_addf(text, "\n");
}
