/* SPDX-License-Identifier: ISC */
/* log_provider.c: who runs the server: by the end of its name, of the mail domain, or by its own words. */
#include "core/log_cause.h"

#include <string.h>

static const struct {
	const char *suffix, *provider;
} table[] = {
#define ROW(suffix, provider, source) {suffix, #provider},
#include "data/providers.rows"
#undef ROW
};

#define BUCKETS 512 /* more than twice the rows */
_Static_assert(MT_ARRAY_LEN(table) * 2 < BUCKETS, "the table of providers wants more buckets");

static uint32_t step(uint32_t hash, char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c | 32);
	return (hash ^ (uint8_t)c) * 16777619u;
}

struct mt_log_providers {
	const char *name[MT_LOG_PROVIDERS];
	unsigned count;
	struct {
		struct mt_str suffix;
		unsigned provider;
	} bucket[BUCKETS];
};

static uint32_t hash_of(struct mt_str s)
{
	uint32_t hash = 2166136261u;
	for (size_t i = s.n; i > 0; i--)
		hash = step(hash, s.p[i - 1]);
	return hash;
}

static unsigned number_of(struct mt_log_providers *p, const char *name)
{
	for (unsigned i = 0; i < p->count; i++)
		if (strcmp(p->name[i], name) == 0)
			return i;
	if (p->count == MT_LOG_PROVIDERS)
		return MT_PROVIDER_OTHER;
	p->name[p->count] = name;
	return p->count++;
}

struct mt_log_providers *mt_log_providers_new(struct mt_arena *arena)
{
	struct mt_log_providers *p = MT_NEW(arena, struct mt_log_providers);
	p->name[MT_PROVIDER_OTHER] = "other";
	p->name[MT_PROVIDER_UNKNOWN] = "unknown";
	p->count = 2;
	for (size_t i = 0; i < MT_ARRAY_LEN(table); i++) {
		struct mt_str suffix = mt_str_of(table[i].suffix);
		uint32_t at = hash_of(suffix) % BUCKETS;
		while (p->bucket[at].suffix.n)
			at = (at + 1) % BUCKETS;
		p->bucket[at].suffix = suffix;
		p->bucket[at].provider = number_of(p, table[i].provider);
	}
	return p;
}

static unsigned look_up(const struct mt_log_providers *p, uint32_t hash, struct mt_str suffix)
{
	for (uint32_t at = hash % BUCKETS; p->bucket[at].suffix.n; at = (at + 1) % BUCKETS)
		if (mt_str_same(p->bucket[at].suffix, suffix))
			return p->bucket[at].provider;
	return MT_PROVIDER_OTHER;
}

/* From the right, a label more each time: the longest suffix that is known. */
static unsigned by_name(const struct mt_log_providers *p, struct mt_str name)
{
	uint32_t hash = 2166136261u;
	unsigned best = MT_PROVIDER_OTHER, labels = 0;
	while (name.n && name.p[name.n - 1] == '.')
		name.n--;
	for (size_t i = name.n; i > 0 && labels < 4; i--) {
		hash = step(hash, name.p[i - 1]);
		if (i > 1 && name.p[i - 2] != '.')
			continue;
		unsigned found =
			++labels > 1 ? look_up(p, hash, mt_str_part(name, i - 1, name.n - i + 1))
				     : 0;
		best = found ? found : best;
	}
	return best;
}

/* " - gsmtp" ends every reply of Google's servers. */
static unsigned by_reply(const struct mt_log_providers *p, struct mt_str reply)
{
	static const struct mt_str mark = {"gsmtp", 5};
	if (reply.n < mark.n || memcmp(reply.p + reply.n - mark.n, mark.p, mark.n) != 0)
		return MT_PROVIDER_OTHER;
	return look_up(p, hash_of(mark), mark);
}

unsigned mt_log_provider(const struct mt_log_providers *p, struct mt_str relay,
			 struct mt_str domain, struct mt_str reply)
{
	unsigned found = by_name(p, relay);
	if (!found)
		found = by_name(p, domain);
	if (!found)
		found = by_reply(p, reply);
	return !found && !domain.n && !relay.n ? MT_PROVIDER_UNKNOWN : found;
}

const char *mt_log_provider_name(const struct mt_log_providers *p, unsigned number)
{
	return number < p->count ? p->name[number] : p->name[MT_PROVIDER_OTHER];
}
