/* SPDX-License-Identifier: ISC */
/* log_wire.c: tables of what goes through the pipe of a child that reads logs. */
#include "core/log/log_wire.h"

#include <stddef.h>
#include <string.h>

#define F(kind, owner, field)                                                                      \
	{                                                                                          \
		MT_WIRE_##kind, offsetof(struct owner, field), UINT32_MAX, NULL, 0                 \
	}
#define N(n, kind, owner, field)                                                                   \
	{                                                                                          \
		MT_WIRE_##kind, offsetof(struct owner, field), n, NULL, 0                          \
	}
#define OF(n, kind, owner, field, of)                                                              \
	{                                                                                          \
		MT_WIRE_##kind, offsetof(struct owner, field), n, &of, 0                           \
	}
#define COUNTED(owner, field, number, of)                                                          \
	{                                                                                          \
		MT_WIRE_ARRAY, offsetof(struct owner, field), 0, &of,                              \
			offsetof(struct owner, number)                                             \
	}
#define TYPE(size) size, 0

static const struct mt_wire_field counts_f[] = {
	F(INT64, mt_log_counts, sent),
	F(INT64, mt_log_counts, deferred),
	F(INT64, mt_log_counts, bounced),
	F(INT64, mt_log_counts, address),
};
static const struct mt_wire_type counts = {TYPE(sizeof(struct mt_log_counts)), counts_f, 4};

static const struct mt_wire_field number_f[] = {{MT_WIRE_INT64, 0, 0, NULL, 0}};
static const struct mt_wire_type number = {TYPE(sizeof(uint64_t)), number_f, 1};

static const struct mt_wire_field domain_f[] = {
	F(INT64, mt_log_domain, hash),
	N(sizeof((struct mt_log_domain *)0)->name, CHARS, mt_log_domain, name),
	N(MT_LOG_PROVIDERS, ENUM, mt_log_domain, provider),
	OF(1, INSIDE, mt_log_domain, counts, counts),
};
static const struct mt_wire_type domain = {TYPE(sizeof(struct mt_log_domain)), domain_f,
					   MT_ARRAY_LEN(domain_f)};

static const struct mt_wire_field days_f[] = {
	F(LONG, mt_log_days, day),
	OF(1, INSIDE, mt_log_days, counts, counts),
};
static const struct mt_wire_type days = {TYPE(sizeof(struct mt_log_days)), days_f, 2};

static const struct mt_wire_field because_f[] = {
	F(INT64, mt_log_because, deferred),
	F(INT64, mt_log_because, bounced),
	F(INT64, mt_log_because, messages),
	OF(MT_LOG_PROVIDERS, ROW, mt_log_because, provider, counts),
	{MT_WIRE_FILLED, offsetof(struct mt_log_because, sample), MT_TALLY_SAMPLE, NULL,
	 offsetof(struct mt_log_because, sample_length)},
	F(ADDR, mt_log_because, named),
	N(MT_LOG_PROVIDERS, ENUM, mt_log_because, sample_provider),
};
static const struct mt_wire_type because = {TYPE(sizeof(struct mt_log_because)), because_f,
					    MT_ARRAY_LEN(because_f)};

static const struct mt_wire_field address_f[] = {
	F(ADDR, mt_log_address, addr),
	F(INT64, mt_log_address, replies),
};
static const struct mt_wire_type address = {TYPE(sizeof(struct mt_log_address)), address_f, 2};

static const struct mt_wire_field tally_f[] = {
	OF(1, INSIDE, mt_log_tally, total, counts),
	OF(1, INSIDE, mt_log_tally, bounces, counts),
	OF(MT_LOG_CLASSES, INSIDE, mt_log_tally, kind, number),
	F(INT64, mt_log_tally, local_sent),
	OF(MT_CAUSES, INSIDE, mt_log_tally, cause, because),
	OF(MT_CAUSES, INSIDE, mt_log_tally, bounce_cause, because),
	OF(MT_LOG_PROVIDERS, INSIDE, mt_log_tally, provider, counts),
	COUNTED(mt_log_tally, domain, domain_slots, domain),
	F(SIZE, mt_log_tally, domain_count),
	OF(1, INSIDE, mt_log_tally, more_domains, counts),
	COUNTED(mt_log_tally, day, day_count, days),
	OF(MT_TALLY_ADDRESSES, INSIDE, mt_log_tally, address, address),
	F(SIZE, mt_log_tally, address_count),
	F(ADDR, mt_log_tally, bind_error),
	F(SIZE, mt_log_tally, message_count),
	F(BOOL, mt_log_tally, full),
};
const struct mt_wire_type mt_wire_tally = {TYPE(sizeof(struct mt_log_tally)), tally_f,
					   MT_ARRAY_LEN(tally_f)};

static const struct mt_wire_field facts_f[] = {
	N(MT_LOG_EXPORT + 1, ENUM, mt_log_facts, kind),
	F(SIZE, mt_log_facts, framed),
	F(SIZE, mt_log_facts, claimed),
	F(BOOL, mt_log_facts, nul),
};
const struct mt_wire_type mt_wire_log_facts = {TYPE(sizeof(struct mt_log_facts)), facts_f,
					       MT_ARRAY_LEN(facts_f)};

void mt_log_tally_finish(struct mt_log_tally *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->domain_slots; i++)
		if (t->domain[i].hash)
			t->domain[n++] = t->domain[i];
	t->domain_slots = n;
}

bool mt_log_tally_tie(struct mt_log_tally *t, const struct mt_log_tally *like)
{
	t->arena = like->arena;
	t->causes = like->causes;
	t->providers = like->providers;
	return t->domain_slots <= MT_TALLY_DOMAINS && t->day_count <= MT_TALLY_DAYS &&
	       t->address_count <= MT_TALLY_ADDRESSES;
}
