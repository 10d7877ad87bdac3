/* SPDX-License-Identifier: ISC */
/* dns.c: answers of the DNS: kept, found again, written and read as text. */
#include "core/dns/dns.h"

#include <string.h>

#define ANSWERS_MAX 32768 /* read of one bundle */

static const char *const types[] = {"A", "AAAA", "PTR", "MX", "TXT"};
static const char *const statuses[] = {"unasked",   "answered",	  "no-name", "no-data",
				       "servfail",  "refused",	  "timeout", "lame",
				       "malformed", "no-resolver"};

const char *mt_dns_type_name(enum mt_dns_type type)
{
	return (unsigned)type < MT_ARRAY_LEN(types) ? types[type] : "unknown";
}

const char *mt_dns_status_name(enum mt_dns_status status)
{
	return (unsigned)status < MT_ARRAY_LEN(statuses) ? statuses[status] : "unknown";
}

/* ---- names ---- */

const char *mt_dns_name(struct mt_arena *arena, const char *name)
{
	size_t n = strlen(name);
	if (n > 1 && name[n - 1] == '.')
		n--;
	char *lower = mt_strz(arena, (struct mt_str){name, n});
	for (char *p = lower; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p | 32 : *p);
	return lower;
}

const char *mt_dns_reverse(struct mt_arena *arena, struct mt_addr addr, const char *zone)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	bool six = addr.family == MT_V6;
	for (int i = six ? 15 : 3; i >= 0; i--)
		if (six)
			mt_text_addf(&text, "%x.%x.", addr.b[i] & 15u, addr.b[i] >> 4);
		else
			mt_text_addf(&text, "%u.", (unsigned)addr.b[i]);
	mt_text_addf(&text, "%s", zone ? zone : six ? "ip6.arpa" : "in-addr.arpa");
	return mt_text_z(&text);
}

/* ---- the table ---- */

static size_t hash_question(enum mt_dns_type type, const char *name)
{
	uint32_t h = 2166136261u ^ (uint32_t)type;
	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h;
}

/* The slot that holds it, or the free one where it belongs. */
static size_t *find_answer(const struct mt_dns *dns, enum mt_dns_type type, const char *name)
{
	size_t at = hash_question(type, name) & (dns->slots - 1);
	for (; dns->slot[at]; at = (at + 1) & (dns->slots - 1)) {
		const struct mt_answer *a = &dns->list[dns->slot[at] - 1];
		if (a->type == type && strcmp(a->name, name) == 0)
			break;
	}
	return &dns->slot[at];
}

void mt_dns_add(struct mt_dns *dns, const struct mt_answer *answer)
{
	if (dns->count == dns->room) {
		dns->room = dns->room ? dns->room * 2 : 64;
		dns->slots = dns->room * 2;
		struct mt_answer *more = mt_alloc(dns->arena, dns->room * sizeof *more);
		if (dns->count)
			memcpy(more, dns->list, dns->count * sizeof *more);
		dns->list = more;
		dns->slot = mt_alloc(dns->arena, dns->slots * sizeof *dns->slot);
		for (size_t i = 0; i < dns->count; i++)
			*find_answer(dns, more[i].type, more[i].name) = i + 1;
	}
	struct mt_answer lower = *answer;
	lower.name = mt_dns_name(dns->arena, answer->name);
	size_t *slot = find_answer(dns, lower.type, lower.name);
	if (*slot)
		return;
	dns->list[dns->count++] = lower;
	*slot = dns->count;
}

const struct mt_answer *mt_dns_get(const struct mt_dns *dns, enum mt_dns_type type,
				   const char *name)
{
	static const struct mt_answer nothing = {.name = "", .resolver = ""};
	size_t *slot = dns->slots ? find_answer(dns, type, mt_dns_name(dns->arena, name)) : NULL;
	return slot && *slot ? &dns->list[*slot - 1] : &nothing;
}

/* ---- text ---- */

struct mt_str mt_dns_text(const struct mt_dns *dns)
{
	struct mt_text text = MT_TEXT_INIT(dns->arena);
	for (size_t i = 0; i < dns->count; i++) {
		const struct mt_answer *a = &dns->list[i];
		mt_text_addf(&text, "> %s %s %s %s %u\n",
			     mt_dns_name(dns->arena, mt_dns_type_name(a->type)), a->name,
			     mt_dns_status_name(a->status), *a->resolver ? a->resolver : "-",
			     a->dropped);
		for (unsigned v = 0; v < a->count; v++)
			mt_text_addf(&text, " %s\n", a->value[v]);
	}
	return mt_text_str(&text);
}

static bool one_of(struct mt_str word, const char *const *names, unsigned count, unsigned *index)
{
	for (*index = 0; *index < count; ++*index)
		if (mt_str_same(word, mt_str_of(names[*index])))
			return true;
	return false;
}

/* "TYPE NAME STATUS RESOLVER DROPPED" */
static bool read_dns_head(struct mt_arena *arena, struct mt_str line, struct mt_answer *answer)
{
	struct mt_str type, name, status, resolver, dropped;
	unsigned t, s;
	unsigned long n;
	if (!mt_str_word(&line, " ", &type) || !mt_str_word(&line, " ", &name) ||
	    !mt_str_word(&line, " ", &status) || !mt_str_word(&line, " ", &resolver) ||
	    !mt_str_word(&line, " ", &dropped) || !mt_str_number(dropped, 65535, &n) ||
	    !one_of(type, types, MT_ARRAY_LEN(types), &t) ||
	    !one_of(status, statuses, MT_ARRAY_LEN(statuses), &s))
		return false;
	*answer = (struct mt_answer){
		.type = (enum mt_dns_type)t,
		.name = mt_strz(arena, name),
		.status = (enum mt_dns_status)s,
		.dropped = (unsigned)n,
		.resolver = mt_str_is(resolver, "-") ? "" : mt_strz(arena, resolver)};
	return true;
}

/* The lines that start with a blank; the first that does not stays in *rest. */
static void read_values(struct mt_arena *arena, struct mt_str *rest, struct mt_answer *answer)
{
	const char **values = mt_alloc(arena, MT_DNS_VALUES * sizeof *values);
	struct mt_str line;
	while (rest->n && rest->p[0] == ' ' && mt_str_line(rest, &line)) {
		if (answer->count == MT_DNS_VALUES || line.n > MT_DNS_VALUE + 1) {
			answer->dropped++;
			continue;
		}
		values[answer->count++] = mt_strz(arena, (struct mt_str){line.p + 1, line.n - 1});
	}
	answer->value = values;
}

struct mt_dns *mt_dns_read(const struct mt_snapshot *snapshot)
{
	const struct mt_item *item = mt_snapshot_probe(snapshot, "dns");
	struct mt_dns *dns = MT_NEW(snapshot->arena, struct mt_dns);
	struct mt_str rest = item->bytes, line;
	struct mt_answer answer;
	dns->arena = snapshot->arena;
	while (mt_item_readable(item) && dns->count < ANSWERS_MAX && mt_str_line(&rest, &line)) {
		if (!mt_str_starts(line, "> ") ||
		    !read_dns_head(dns->arena, (struct mt_str){line.p + 2, line.n - 2}, &answer))
			continue;
		read_values(dns->arena, &rest, &answer);
		if ((answer.status == MT_DNS_ANSWERED) == (answer.count > 0))
			mt_dns_add(dns, &answer);
	}
	return dns;
}

/* ---- in a bundle ---- */

#define NONCE 32

/* Where the line "NONCE done" starts; its nonce is where it starts. */
static bool find_done(struct mt_str bundle, size_t *at)
{
	static const char done[] = " done\n";
	size_t n = NONCE + sizeof done - 1;
	*at = bundle.n - n;
	return bundle.n > n && bundle.p[*at - 1] == '\n' &&
	       memcmp(bundle.p + *at + NONCE, done, sizeof done - 1) == 0;
}

int mt_dns_save(const struct mt_dns *dns, struct mt_str bundle, struct mt_str *with,
		struct mt_error *error)
{
	struct mt_text out = MT_TEXT_INIT(dns->arena);
	struct mt_str text = mt_dns_text(dns);
	size_t at;
	if (!find_done(bundle, &at))
		return mt_fail(error, MT_EXIT_FAILED, "",
			       "the collection is incomplete: it is not kept");
	const char *nonce = bundle.p + at;
	mt_text_add(&out, (struct mt_str){bundle.p, at});
	mt_text_addf(&out, "%.*s probe present dns\n%.*s data %zu\n", NONCE, nonce, NONCE, nonce,
		     text.n);
	mt_text_add(&out, text);
	mt_text_addf(&out, "\n%.*s end 0\n%.*s done\n", NONCE, nonce, NONCE, nonce);
	*with = mt_text_str(&out);
	if (with->n > MT_BUNDLE_MAX || text.n > MT_ITEM_MAX)
		return mt_fail(error, MT_EXIT_FAILED, "",
			       "with the answers of the DNS the bundle is larger than %zu bytes",
			       MT_BUNDLE_MAX);
	return 0;
}

/* ---- words ---- */

const char *mt_answer_why(struct mt_arena *arena, const struct mt_answer *answer)
{
	const char *who = *answer->resolver ? answer->resolver : "the resolver";
	switch (answer->status) {
	case MT_DNS_SERVFAIL:
		return mt_format(arena, "%s answered SERVFAIL", who);
	case MT_DNS_REFUSED:
		return mt_format(arena, "%s answered REFUSED", who);
	case MT_DNS_TIMEOUT:
		return mt_format(arena, "no answer from %s", who);
	case MT_DNS_LAME:
		return mt_format(arena, "%s answered with a referral to other servers", who);
	case MT_DNS_MALFORMED:
		return mt_format(arena, "the answer of %s is cut off or malformed", who);
	case MT_DNS_NO_RESOLVER:
		return mt_format(arena, "no resolver: nobody listens at %s", who);
	case MT_DNS_ANSWERED:
		return mt_format(arena, "%s gave more than is looked at", who);
	default:
		return "it was not asked";
	}
}
