/* SPDX-License-Identifier: ISC */
/* log_tally.c: events counted. */
#include "core/log/log_tally.h"

#include <string.h>

#define SLOTS_FIRST 1024 /* of the two hashes; they double when half full */

struct mt_log_tally *mt_log_tally_new(struct mt_arena *arena, const struct mt_log_causes *causes,
				      const struct mt_log_providers *providers)
{
	struct mt_log_tally *t = MT_NEW(arena, struct mt_log_tally);
	t->causes = causes;
	t->providers = providers;
	t->arena = arena;
	t->domain_slots = t->message_slots = SLOTS_FIRST;
	t->domain = mt_alloc(arena, SLOTS_FIRST * sizeof *t->domain);
	t->day = mt_alloc(arena, MT_TALLY_DAYS * sizeof *t->day);
	t->message = mt_alloc(arena, SLOTS_FIRST * sizeof *t->message);
	for (int i = 0; i < MT_CAUSES; i++) {
		t->cause[i].provider =
			mt_alloc(arena, MT_LOG_PROVIDERS * sizeof *t->cause[i].provider);
		t->bounce_cause[i].provider =
			mt_alloc(arena, MT_LOG_PROVIDERS * sizeof *t->cause[i].provider);
	}
	return t;
}

/* ---- one recipient ---- */

/* Up to the first comma outside quotes. */
static size_t one_recipient(struct mt_str list)
{
	bool quoted = false;
	size_t n = 0;
	if (!memchr(list.p, ',', list.n))
		return list.n;
	for (; n < list.n && (quoted || list.p[n] != ','); n++)
		if (list.p[n] == '"')
			quoted = !quoted;
	return n;
}

bool mt_log_next_recipient(struct mt_str *rest, struct mt_str *to)
{
	if (!rest->n)
		return false;
	size_t n = one_recipient(*rest);
	*to = mt_str_trim(mt_str_part(*rest, 0, n));
	n += n < rest->n;
	*rest = mt_str_part(*rest, n, rest->n - n);
	if (to->n >= 2 && to->p[0] == '<' && to->p[to->n - 1] == '>')
		*to = mt_str_part(*to, 1, to->n - 2);
	return true;
}

struct mt_log_item mt_log_understand(const struct mt_log_tally *t, const struct mt_log_event *e,
				     struct mt_str to)
{
	struct mt_log_item item = {.to = to, .domain = mt_str_after(to, '@'), .source = e->source};
	item.provider = mt_log_provider(t->providers, e->relay, item.domain, e->reply);
	if (e->status != MT_LOG_DEFERRED && e->status != MT_LOG_BOUNCED &&
	    e->kind != MT_LOG_ATTEMPT)
		return item;
	if (e->kind == MT_LOG_ATTEMPT && !e->reply.n)
		return item;
	item.verdict = mt_log_classify(t->causes, e->reply, e->peer);
	if (!item.source.set && !e->states_source &&
	    mt_log_cause_points(item.verdict.cause) == MT_POINTS_YES)
		item.source = item.verdict.named;
	return item;
}

/* ---- tables ---- */

static void count_event(struct mt_log_counts *c, enum mt_log_status status, bool address)
{
	c->sent += status == MT_LOG_SENT;
	c->deferred += status == MT_LOG_DEFERRED;
	c->bounced += status == MT_LOG_BOUNCED;
	c->address += address;
}

/* Its place, or the free one where it belongs. */
static struct mt_log_domain *domain_at(struct mt_log_domain *table, size_t slots, uint64_t hash)
{
	size_t at = (size_t)(hash >> 1) % slots;
	while (table[at].hash && table[at].hash != hash)
		at = (at + 1) % slots;
	return &table[at];
}

static void more_domains(struct mt_log_tally *t)
{
	size_t slots = t->domain_slots * 2;
	struct mt_log_domain *table = mt_alloc(t->arena, slots * sizeof *table);
	for (size_t i = 0; i < t->domain_slots; i++)
		if (t->domain[i].hash)
			*domain_at(table, slots, t->domain[i].hash) = t->domain[i];
	t->domain = table;
	t->domain_slots = slots;
}

static struct mt_log_counts *domain_of(struct mt_log_tally *t, const struct mt_log_item *item)
{
	uint64_t hash = mt_log_hash(1, item->domain) | 1;
	struct mt_log_domain *d = domain_at(t->domain, t->domain_slots, hash);
	if (!d->hash) {
		if (t->domain_count == MT_TALLY_DOMAINS)
			return &t->more_domains;
		if (2 * ++t->domain_count > t->domain_slots) {
			more_domains(t);
			d = domain_at(t->domain, t->domain_slots, hash);
		}
		d->hash = hash;
		d->provider = item->provider;
		size_t n =
			item->domain.n < sizeof d->name - 1 ? item->domain.n : sizeof d->name - 1;
		if (n)
			memcpy(d->name, item->domain.p, n);
	}
	if (d->provider == MT_PROVIDER_OTHER)
		d->provider = item->provider;
	return &d->counts;
}

static struct mt_log_counts *tally_day(struct mt_log_tally *t, long day)
{
	for (size_t i = t->day_count; i > 0; i--)
		if (t->day[i - 1].day == day)
			return &t->day[i - 1].counts;
	if (t->day_count == MT_TALLY_DAYS)
		return &t->day[MT_TALLY_DAYS - 1].counts;
	t->day[t->day_count].day = day;
	return &t->day[t->day_count++].counts;
}

static uint64_t *message_at(uint64_t *table, size_t slots, uint64_t hash)
{
	size_t at = (size_t)(hash >> 1) % slots;
	while (table[at] && table[at] != hash)
		at = (at + 1) % slots;
	return &table[at];
}

/* Seen for the first time? */
static bool new_message(struct mt_log_tally *t, uint64_t hash)
{
	if (*message_at(t->message, t->message_slots, hash))
		return false;
	if (t->message_count == MT_TALLY_MESSAGES) {
		t->full = true;
		return false;
	}
	if (4 * ++t->message_count > 3 * t->message_slots) {
		size_t slots = t->message_slots * 2;
		uint64_t *table = mt_alloc(t->arena, slots * sizeof *table);
		for (size_t i = 0; i < t->message_slots; i++)
			if (t->message[i])
				*message_at(table, slots, t->message[i]) = t->message[i];
		t->message = table;
		t->message_slots = slots;
	}
	*message_at(t->message, t->message_slots, hash) = hash;
	return true;
}

static void address_of(struct mt_log_tally *t, struct mt_addr addr)
{
	for (size_t i = 0; i < t->address_count; i++)
		if (mt_addr_eq(t->address[i].addr, addr)) {
			t->address[i].replies++;
			return;
		}
	if (addr.set && t->address_count < MT_TALLY_ADDRESSES)
		t->address[t->address_count++] = (struct mt_log_address){addr, 1};
}

static void because(struct mt_log_tally *t, struct mt_log_because *b, const struct mt_log_event *e,
		    const struct mt_log_item *item)
{
	bool address = mt_log_cause_points(item->verdict.cause) == MT_POINTS_YES;
	uint64_t hash =
		mt_log_hash((uint64_t)item->verdict.cause * 2 +
				    (b >= t->bounce_cause && b < t->bounce_cause + MT_CAUSES),
			    e->id);
	b->deferred += e->status == MT_LOG_DEFERRED;
	b->bounced += e->status == MT_LOG_BOUNCED;
	b->messages += new_message(t, mt_log_hash(hash, item->to) | 1);
	count_event(&b->provider[item->provider], e->status, address);
	if (address)
		address_of(t, item->verdict.named.set ? item->verdict.named : item->source);
	if (b->sample_length)
		return;
	b->sample_length = e->reply.n < sizeof b->sample ? e->reply.n : sizeof b->sample;
	if (b->sample_length)
		memcpy(b->sample, e->reply.p, b->sample_length);
	b->named = item->verdict.named.set ? item->verdict.named : item->source;
	b->sample_provider = item->provider;
}

static void outbound(struct mt_log_tally *t, const struct mt_log_seen *seen, struct mt_str to)
{
	const struct mt_log_event *e = seen->event;
	struct mt_log_item item = mt_log_understand(t, e, to);
	bool address = mt_log_cause_points(item.verdict.cause) == MT_POINTS_YES;
	if (seen->bounce) {
		count_event(&t->bounces, e->status, address);
		because(t, &t->bounce_cause[item.verdict.cause], e, &item);
		return;
	}
	count_event(&t->total, e->status, address);
	count_event(&t->provider[item.provider], e->status, address);
	count_event(domain_of(t, &item), e->status, address);
	if (seen->day != MT_LOG_NO_DAY)
		count_event(tally_day(t, seen->day), e->status, address);
	if (e->status != MT_LOG_SENT)
		because(t, &t->cause[item.verdict.cause], e, &item);
}

void mt_log_tally_add(struct mt_log_tally *t, const struct mt_log_seen *seen)
{
	const struct mt_log_event *e = seen->event;
	t->kind[e->kind]++;
	if (e->kind == MT_LOG_LOCAL)
		t->local_sent += e->status == MT_LOG_SENT;
	if (e->kind == MT_LOG_BIND_ERROR && !t->bind_error.set)
		t->bind_error = e->source;
	if (e->kind != MT_LOG_OUTBOUND)
		return;
	struct mt_str rest = e->to, to = {0};
	if (!rest.n)
		outbound(t, seen, to);
	while (mt_log_next_recipient(&rest, &to))
		outbound(t, seen, to);
}

/* ---- answers ---- */

static uint64_t all_of(const struct mt_log_counts *c)
{
	return c->sent + c->deferred + c->bounced;
}

/* More refused first, then more mail. */
static bool domain_before(const struct mt_log_domain *a, const struct mt_log_domain *b)
{
	if (a->counts.address != b->counts.address)
		return a->counts.address > b->counts.address;
	if (all_of(&a->counts) != all_of(&b->counts))
		return all_of(&a->counts) > all_of(&b->counts);
	return strcmp(a->name, b->name) < 0;
}

const struct mt_log_domain **mt_log_tally_domains(struct mt_arena *arena,
						  const struct mt_log_tally *t, size_t max)
{
	const struct mt_log_domain **list = mt_alloc(arena, (max + 1) * sizeof *list);
	size_t n = 0;
	for (size_t i = 0; i < t->domain_slots; i++) {
		const struct mt_log_domain *d = &t->domain[i];
		if (!d->hash || (n == max && !domain_before(d, list[n - 1])))
			continue;
		size_t at = n < max ? n++ : n - 1;
		for (; at > 0 && domain_before(d, list[at - 1]); at--)
			list[at] = list[at - 1];
		list[at] = d;
	}
	return list;
}

void mt_log_tally_sort_days(struct mt_log_tally *t)
{
	for (size_t i = 1; i < t->day_count; i++) {
		struct mt_log_days day = t->day[i];
		size_t at = i;
		for (; at > 0 && t->day[at - 1].day > day.day; at--)
			t->day[at] = t->day[at - 1];
		t->day[at] = day;
	}
}

uint64_t mt_log_tally_address(const struct mt_log_tally *t)
{
	return t->total.address;
}
