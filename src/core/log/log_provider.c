/* SPDX-License-Identifier: ISC */
/* log_provider.c: who runs the server: by the end of its name, of the mail domain, or by its own words. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr() */
#endif
#include "core/log/log_cause.h"

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

struct bucket {
	struct mt_str suffix; /* empty: free */
	unsigned provider;
	bool longer; /* a longer suffix that ends so is in the table too */
};
struct mt_log_providers {
	const char *name[MT_LOG_PROVIDERS];
	unsigned count;
	struct bucket bucket[BUCKETS];
};

static unsigned lower(char c)
{
	return (uint8_t)c |
	       32u; /* of other bytes than letters it makes others, but the same ones */
}

/* Of two labels at least, by their length and the bytes at both ends. */
static uint32_t suffix_hash(struct mt_str s)
{
	uint32_t hash = (uint32_t)s.n;
	for (size_t i = 0; i < 3; i++)
		hash = (hash ^ lower(s.p[i]) ^ lower(s.p[s.n - 1 - i]) << 8) * 0x9e3779b1u;
	return hash >> 16;
}

/* Where it is, or the free place where it belongs. */
static size_t bucket_place(const struct mt_log_providers *p, struct mt_str suffix)
{
	size_t at = suffix_hash(suffix) % BUCKETS;
	while (p->bucket[at].suffix.n && !mt_str_same(p->bucket[at].suffix, suffix))
		at = (at + 1) % BUCKETS;
	return at;
}

static struct bucket *bucket_for(struct mt_log_providers *p, struct mt_str suffix)
{
	struct bucket *b = &p->bucket[bucket_place(p, suffix)];
	b->suffix = suffix;
	return b;
}

static unsigned provider_number(struct mt_log_providers *p, const char *name)
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
		bucket_for(p, suffix)->provider = provider_number(p, table[i].provider);
		/* The ends of "a.b.c" that have two labels at least: "b.c". */
		for (const char *dot; (dot = memchr(suffix.p, '.', suffix.n)) != NULL;) {
			size_t skip = (size_t)(dot + 1 - suffix.p);
			suffix = mt_str_part(suffix, skip, suffix.n - skip);
			if (memchr(suffix.p, '.', suffix.n))
				bucket_for(p, suffix)->longer = true;
		}
	}
	return p;
}

/* The longest suffix that is known: from the right, a label more each time from two on. */
static unsigned by_provider_name(const struct mt_log_providers *p, struct mt_str name)
{
	unsigned best = MT_PROVIDER_OTHER, labels = 0;
	while (name.n && name.p[name.n - 1] == '.')
		name.n--;
	for (size_t n = name.n; n > 0;) {
		const char *dot = memrchr(name.p, '.', n);
		size_t begin = dot ? (size_t)(dot - name.p) + 1 : 0;
		n = dot ? begin - 1 : 0;
		if (++labels < 2 || name.n - begin < 3)
			continue;
		struct mt_str suffix = mt_str_part(name, begin, name.n - begin);
		const struct bucket *b = &p->bucket[bucket_place(p, suffix)];
		if (b->provider)
			best = b->provider;
		if (!b->longer)
			break;
	}
	return best;
}

/* " - gsmtp" ends every reply of Google's servers. */
static unsigned by_reply(const struct mt_log_providers *p, struct mt_str reply)
{
	static const struct mt_str mark = {"gsmtp", 5};
	if (reply.n < mark.n || memcmp(reply.p + reply.n - mark.n, mark.p, mark.n) != 0)
		return MT_PROVIDER_OTHER;
	return p->bucket[bucket_place(p, mark)].provider;
}

unsigned mt_log_provider(const struct mt_log_providers *p, struct mt_str relay,
			 struct mt_str domain, struct mt_str reply)
{
	unsigned found = by_provider_name(p, relay);
	if (!found)
		found = by_provider_name(p, domain);
	if (!found)
		found = by_reply(p, reply);
	return !found && !domain.n && !relay.n ? MT_PROVIDER_UNKNOWN : found;
}

const char *mt_log_provider_name(const struct mt_log_providers *p, unsigned number)
{
	return number < p->count ? p->name[number] : p->name[MT_PROVIDER_OTHER];
}
