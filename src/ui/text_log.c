/* SPDX-License-Identifier: ISC */
/* text_log.c: the answers of `mtapin log`, in the order in which people ask. */
#include <stdio.h>
#include <string.h>

#include "ui/escape.h"
#include "ui/log.h"
#include "ui/text_part.h"

#define DOMAINS 10
#define DAYS	31
#define BAR	40

struct page {
	struct mt_text *text;
	const struct mt_output *out;
	const struct mt_log_report *report;
};

static void indented(struct page *p, const char *s)
{
	mt_text_addf(p->text, "%*s", MT_INDENT, "");
	mt_part_wrap(p->text, p->out, s, MT_INDENT);
}

static void head(struct page *p, const char *s)
{
	mt_part_ink(p->text, p->out, MT_INK_HEAD, s);
	mt_text_addf(p->text, "\n");
}

#define U(n) ((unsigned long long)(n))

static const char *date_of(struct mt_arena *arena, long day)
{
	struct mt_log_stamp s = mt_log_civil(day);
	return mt_format(arena, "%04d-%02d-%02d", s.year, s.month, s.day);
}

/* ---- 1 and 2 ---- */

static void delivered(struct page *p)
{
	const struct mt_log_tally *t = p->report->tally;
	head(p,
	     mt_format(p->text->arena,
		       "1. delivered: %llu accepted by other servers, %llu delivered on this host",
		       U(t->total.sent), U(t->local_sent)));
	if (t->total.sent)
		indented(p, "Accepted means that the receiver's server has it (stat=Sent, "
			    "status=sent). What does not show up is on "
			    "its side: look into the spam folder, filters and forwards of the "
			    "recipient, then ask its postmaster "
			    "with the date and the queue id of the reply.");
}

/* "1 mail", "2 mails" */
static const char *count_of(const struct page *p, uint64_t n, const char *noun)
{
	return mt_format(p->text->arena, "%llu %s%s", U(n), noun, n == 1 ? "" : "s");
}

static void relaying(struct page *p)
{
	const struct mt_log_tally *t = p->report->tally;
	head(p, mt_format(p->text->arena, "2. relaying denied: %s by this server to a client",
			  count_of(p, t->kind[MT_LOG_RELAY_DENIED], "time")));
	if (t->kind[MT_LOG_RELAY_DENIED])
		indented(p, "The client sent without logging in. Switch on authentication for "
			    "outgoing mail in the mail program "
			    "(submission, port 587 or 465).");
}

/* ---- 3 and 4: causes ---- */

static void providers_of(struct page *p, const struct mt_log_because *b)
{
	const char *comma = "";
	mt_text_addf(p->text, "  (");
	for (unsigned i = 0; i < MT_LOG_PROVIDERS; i++) {
		uint64_t n = b->provider[i].deferred + b->provider[i].bounced;
		if (n)
			mt_text_addf(p->text, "%s%s %llu", comma,
				     mt_log_provider_name(p->report->tally->providers, i), U(n));
		comma = n ? ", " : comma;
	}
	mt_text_addf(p->text, ")\n");
}

static void sample(struct page *p, const struct mt_log_because *b)
{
	if (!b->sample_length)
		return;
	struct mt_text quoted = MT_TEXT_INIT(p->text->arena);
	mt_text_addf(&quoted, "\"");
	mt_escape(&quoted, mt_str_trim((struct mt_str){b->sample, b->sample_length}));
	mt_text_addf(&quoted, b->sample_length == MT_TALLY_SAMPLE ? "...\"" : "\"");
	/* verbatim: not wrapped, which would join blanks */
	mt_text_addf(p->text, "%*s%s\n", MT_INDENT, "", mt_text_z(&quoted));
}

static void cause(struct page *p, enum mt_log_cause c, const struct mt_log_because *b)
{
	bool points = mt_log_cause_points(c) == MT_POINTS_YES;
	mt_text_addf(p->text, "  %llu%s", U(b->deferred + b->bounced), "  ");
	mt_part_ink(p->text, p->out, points ? MT_INK_WARNING : MT_INK_NOTE, mt_log_cause_title(c));
	mt_text_addf(p->text, ": %llu bounced, %llu deferred", U(b->bounced), U(b->deferred));
	if (b->deferred && b->messages && !p->report->tally->full)
		mt_text_addf(p->text, " (%s)", count_of(p, b->messages, "mail"));
	providers_of(p, b);
	sample(p, b);
	const char *named = points ? mt_log_named(p->text->arena, p->report, b->named) : NULL;
	if (named)
		indented(p, named);
	if (*mt_log_cause_advice(c))
		indented(p, mt_format(p->text->arena, "do: %s", mt_log_cause_advice(c)));
}

static uint64_t weight(const struct mt_log_because *b)
{
	return b->deferred + b->bounced;
}

/* The most frequent first; those that point at the address before the others. */
static void causes(struct page *p, const struct mt_log_because *list)
{
	bool done[MT_CAUSES] = {false};
	for (;;) {
		int best = -1;
		for (int c = 1; c < MT_CAUSES; c++) {
			if (done[c] || !weight(&list[c]))
				continue;
			bool mine = mt_log_cause_points(c) == MT_POINTS_YES,
			     theirs = best >= 0 && mt_log_cause_points(best) == MT_POINTS_YES;
			if (best < 0 || (mine && !theirs) ||
			    (mine == theirs && weight(&list[c]) > weight(&list[best])))
				best = c;
		}
		if (best < 0)
			return;
		done[best] = true;
		cause(p, best, &list[best]);
	}
}

static void refused(struct page *p)
{
	const struct mt_log_counts *n = &p->report->tally->total;
	head(p,
	     mt_format(p->text->arena,
		       "3. refused or deferred: %llu, of which %llu point at the sending address",
		       U(n->bounced + n->deferred), U(n->address)));
	causes(p, p->report->tally->cause);
	if (p->report->tally->kind[MT_LOG_BIND_ERROR]) {
		char addr[MT_ADDR_TEXT];
		indented(p,
			 mt_format(p->text->arena,
				   "%s the address %s could not be bound: it is not on "
				   "this host, and mail left from "
				   "another or waited. mtapin show says which line pins it.",
				   count_of(p, p->report->tally->kind[MT_LOG_BIND_ERROR], "time"),
				   mt_addr_text(p->report->tally->bind_error, addr)));
	}
	if (p->report->tally->kind[MT_LOG_EXPIRED])
		indented(p, mt_format(p->text->arena, "given up after days in the queue: %s.",
				      count_of(p, p->report->tally->kind[MT_LOG_EXPIRED], "mail")));
}

static void bounces(struct page *p)
{
	const struct mt_log_counts *n = &p->report->tally->bounces;
	head(p, mt_format(p->text->arena,
			  "4. reported in mailboxes: %llu recipients, of which %llu point at the "
			  "sending address",
			  U(n->bounced + n->deferred), U(n->address)));
	causes(p, p->report->tally->bounce_cause);
}

static void spam(struct page *p)
{
	head(p, "5. taken for spam: no server tells");
	indented(p, "Mail that was accepted may lie in a spam folder or be dropped without a word. "
		    "What receivers look at first: "
		    "the reverse name of the sending address, whether it fits the server's name, "
		    "and block lists.");
}

/* ---- tables ---- */

static void row(struct page *p, const char *name, const struct mt_log_counts *n)
{
	mt_text_addf(p->text, "  ");
	mt_part_pad(p->text, name, 30);
	mt_text_addf(p->text, " %9llu %9llu %9llu %9llu\n", U(n->sent), U(n->deferred),
		     U(n->bounced), U(n->address));
}

static void table_head(struct page *p, const char *name)
{
	char line[100];
	snprintf(line, sizeof line, "  %-30s %9s %9s %9s %9s", name, "sent", "deferred", "bounced",
		 "address");
	head(p, line);
}

static uint64_t all(const struct mt_log_counts *n)
{
	return n->sent + n->deferred + n->bounced;
}

static void by_provider(struct page *p)
{
	const struct mt_log_tally *t = p->report->tally;
	bool done[MT_LOG_PROVIDERS] = {false};
	table_head(p, "provider");
	for (;;) {
		unsigned best = MT_LOG_PROVIDERS;
		for (unsigned i = 0; i < MT_LOG_PROVIDERS; i++)
			if (!done[i] && all(&t->provider[i]) &&
			    (best == MT_LOG_PROVIDERS ||
			     all(&t->provider[i]) > all(&t->provider[best])))
				best = i;
		if (best == MT_LOG_PROVIDERS)
			return;
		done[best] = true;
		row(p, mt_log_provider_name(t->providers, best), &t->provider[best]);
	}
}

static void by_domain(struct page *p)
{
	const struct mt_log_domain **list =
		mt_log_tally_domains(p->text->arena, p->report->tally, DOMAINS);
	table_head(p, "domain");
	size_t n = 0;
	for (; list[n]; n++)
		row(p, *list[n]->name ? list[n]->name : "(not known)", &list[n]->counts);
	if (p->report->tally->domain_count > n)
		mt_text_addf(p->text, "  and %zu more; --json has them\n",
			     p->report->tally->domain_count - n);
}

/* "#" delivered, "." deferred or bounced for other causes, "!" what points at the address */
static void bar(struct page *p, const struct mt_log_counts *n, uint64_t most)
{
	uint64_t parts[] = {n->sent, n->deferred + n->bounced - n->address, n->address};
	for (size_t i = 0; i < MT_ARRAY_LEN(parts); i++) {
		unsigned columns = (unsigned)((parts[i] * BAR + most - 1) / most);
		while (columns--)
			mt_text_addf(p->text, "%c", "#.!"[i]);
	}
}

static void by_day(struct page *p)
{
	const struct mt_log_tally *t = p->report->tally;
	size_t first = t->day_count > DAYS ? t->day_count - DAYS : 0;
	uint64_t most = 1;
	table_head(p, "day");
	for (size_t i = first; i < t->day_count; i++)
		most = all(&t->day[i].counts) > most ? all(&t->day[i].counts) : most;
	for (size_t i = first; i < t->day_count; i++) {
		row(p, date_of(p->text->arena, t->day[i].day), &t->day[i].counts);
		if (!p->out->tty)
			continue;
		mt_text_addf(p->text, "%*s", MT_INDENT, "");
		bar(p, &t->day[i].counts, most);
		mt_text_addf(p->text, "\n");
	}
	if (first)
		mt_text_addf(p->text, "  and %zu days before; --json has them\n", first);
}

static void around(struct page *p)
{
	const struct mt_log_report *r = p->report;
	if (!r->before)
		return;
	table_head(p, mt_format(p->text->arena, "transaction"));
	row(p, mt_format(p->text->arena, "before %.16s", r->around), &r->before->total);
	row(p, "since then", &r->tally->total);
}

static void covered(struct page *p, const struct mt_logfile *files)
{
	const struct mt_log_tally *t = p->report->tally;
	struct mt_text line = MT_TEXT_INIT(p->text->arena);
	unsigned n = 0;
	for (const struct mt_logfile *f = files; f; f = f->next)
		if (n++ < 4)
			mt_text_addf(&line, "%s%s", n > 1 ? ", " : "", f->name);
	if (n > 4)
		mt_text_addf(&line, " and %u more", n - 4);
	if (t->day_count)
		mt_text_addf(&line, ": %s to %s", date_of(p->text->arena, t->day[0].day),
			     date_of(p->text->arena, t->day[t->day_count - 1].day));
	mt_part_wrap(p->text, p->out, mt_text_z(&line), 0);
}

void mt_text_log(struct mt_text *text, const struct mt_output *out,
		 const struct mt_log_report *report, const struct mt_logfile *files)
{
	struct page p = {text, out, report};
	mt_log_tally_sort_days(report->tally);
	covered(&p, files);
	delivered(&p);
	relaying(&p);
	refused(&p);
	bounces(&p);
	spam(&p);
	if (all(&report->tally->total)) {
		by_provider(&p);
		by_domain(&p);
		by_day(&p);
	}
	around(&p);
}
