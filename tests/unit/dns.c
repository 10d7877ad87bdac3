/* SPDX-License-Identifier: ISC */
/* Messages of the DNS, by the byte: what is an answer, what is none, and which words are found for it. */
#include "test.h"

#include <stdio.h>

#include "io/dns/dns.h"

static struct mt_arena *arena;

#define AA    0x0400
#define TC    0x0200
#define FLAGS 0x8080 /* an answer, recursion available */

/* Records of a section, as (name, type, data): "\xc0\x0c" is the name that was asked, a.example. */
#define ASKED	  "\xc0\x0c"
#define OTHER	  "\1b\7example\0"
#define ELSEWHERE "\1c\7example\0"
#define RR(name, type, data)                                                                       \
	{                                                                                          \
		{name, sizeof(name) - 1}, type, 1, {data, sizeof(data) - 1}, sizeof(data) - 1      \
	}
enum { A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, CHAOS = 3 };
struct record {
	struct mt_str name;
	unsigned type, class;
	struct mt_str data;
	size_t said; /* the length that stands in front of the data */
};

#define ROW(title, t, s, v, ...)                                                                   \
	{                                                                                          \
		.name = title, .type = MT_DNS_##t, .status = MT_DNS_##s, .values = v, __VA_ARGS__  \
	}

static void put16(struct mt_text *t, size_t n)
{
	const char bytes[] = {(char)(n >> 8), (char)n};
	mt_text_add(t, (struct mt_str){bytes, 2});
}

static void put_records(struct mt_text *t, const struct record *r)
{
	for (; r->type; r++) {
		mt_text_add(t, r->name);
		put16(t, r->type);
		put16(t, r->class);
		put16(t, 0);
		put16(t, 60);
		put16(t, r->said);
		mt_text_add(t, r->data);
	}
}

static size_t count(const struct record *r)
{
	size_t n = 0;
	while (r[n].type)
		n++;
	return n;
}

static struct mt_str message(unsigned flags, const struct record *answers,
			     const struct record *authority)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	put16(&t, 1);
	put16(&t, FLAGS | flags);
	put16(&t, 1);
	put16(&t, count(answers));
	put16(&t, count(authority));
	put16(&t, 0);
	mt_text_add(&t, (struct mt_str){"\1a\7example\0\0\1\0\1", 15});
	put_records(&t, answers);
	put_records(&t, authority);
	return mt_text_str(&t);
}

static const char *values(const struct mt_answer *answer)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	for (unsigned i = 0; i < answer->count; i++)
		mt_text_addf(&t, "%s%s", i ? ", " : "", answer->value[i]);
	return mt_text_z(&t);
}

static struct mt_answer read_message(enum mt_dns_type type, struct mt_str bytes)
{
	struct mt_answer answer = {.type = type, .name = "a.example", .resolver = "192.0.2.53"};
	mt_dns_message(arena, bytes, &answer);
	return answer;
}

static const struct row {
	const char *name;
	enum mt_dns_type type;
	enum mt_dns_status status;
	const char *values;
	struct record answers[4], authority[2];
	unsigned flags;
} rows[] = {
	ROW("address", A, ANSWERED, "192.0.2.1", .answers = {RR(ASKED, A, "\300\0\2\1")}),
	ROW("address in upper case", A, ANSWERED, "192.0.2.1",
	    .answers = {RR("\1A\7EXAMPLE\0", A, "\300\0\2\1")}),
	ROW("address of three bytes", A, MALFORMED, "", .answers = {RR(ASKED, A, "\300\0\2")}),
	ROW("IPv6 address", AAAA, ANSWERED, "2001:db8::1",
	    .answers = {RR(ASKED, AAAA, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1")}),
	ROW("name", PTR, ANSWERED, "b.example", .answers = {RR(ASKED, PTR, OTHER)}),
	ROW("name that points behind the message", PTR, MALFORMED, "",
	    .answers = {RR(ASKED, PTR, "\xff\xff")}),
	ROW("mail server", MX, ANSWERED, "10 b.example", .answers = {RR(ASKED, MX, "\0\12" OTHER)}),
	ROW("mail server without a name", MX, MALFORMED, "", .answers = {RR(ASKED, MX, "\0\12")}),
	ROW("text in two strings, one byte not printable", TXT, ANSWERED, "v=spf1 \\007-all",
	    .answers = {RR(ASKED, TXT, "\7v=spf1 \5\7-all")}),
	ROW("text shorter than it says", TXT, MALFORMED, "", .answers = {RR(ASKED, TXT, "\5ab")}),
	ROW("where an alias leads", A, ANSWERED, "192.0.2.1",
	    .answers = {RR(ASKED, CNAME, OTHER), RR(OTHER, A, "\300\0\2\1")}),
	ROW("an alias that leads out of the message", A, NO_DATA, "",
	    .answers = {RR(ASKED, CNAME, OTHER), RR(ELSEWHERE, A, "\300\0\2\1")}),
	ROW("aliases in a ring", A, MALFORMED, "",
	    .answers = {RR(ASKED, CNAME, OTHER), RR(OTHER, CNAME, ASKED)}),
	ROW("an alias that is no name", A, MALFORMED, "",
	    .answers = {RR(ASKED, CNAME, "\xff\xff")}),
	ROW("a record nobody asked for", A, NO_DATA, "", .answers = {RR(OTHER, A, "\300\0\2\1")}),
	ROW("another class", A, NO_DATA, "",
	    .answers = {{{ASKED, 2}, A, CHAOS, {"\300\0\2\1", 4}, 4}}),
	ROW("a record that ends behind the message", A, MALFORMED, "",
	    .answers = {{{ASKED, 2}, A, 1, {"\300\0\2\1", 4}, 400}}),
	ROW("nothing", A, NO_DATA, "", .flags = 0),
	ROW("nothing, with the zone", A, NO_DATA, "", .authority = {RR(OTHER, SOA, "x")}),
	ROW("sent elsewhere", A, LAME, "", .authority = {RR(OTHER, NS, OTHER)}),
	ROW("sent elsewhere by who should know", A, NO_DATA, "",
	    .authority = {RR(OTHER, NS, OTHER)}, .flags = AA),
	ROW("cut off", A, MALFORMED, "", .answers = {RR(ASKED, A, "\300\0\2\1")}, .flags = TC),
	ROW("no such name", A, NO_NAME, "", .flags = 3),
	ROW("server failure", A, SERVFAIL, "", .flags = 2),
	ROW("refused", A, REFUSED, "", .flags = 5),
	ROW("not implemented", A, MALFORMED, "", .flags = 4),
};

static void messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		struct mt_str bytes = message(row->flags, row->answers, row->authority);
		struct mt_answer got = read_message(row->type, bytes);
		if (got.status != row->status || strcmp(values(&got), row->values) != 0)
			fail_msg("%s: status %d, \"%s\"", row->name, (int)got.status, values(&got));
		assert_int_equal(mt_dns_truncated(bytes), (row->flags & TC) != 0);
	}
}

/* Whatever is missing at the end, it is never half an answer. */
static void shortened(void **state)
{
	(void)state;
	struct mt_str bytes = message(0, rows[10].answers, rows[10].authority);
	for (size_t n = 0; n < bytes.n; n++) {
		struct mt_answer got = read_message(MT_DNS_A, mt_str_part(bytes, 0, n));
		assert_int_equal(got.status, MT_DNS_MALFORMED);
		assert_int_equal(got.count, 0);
	}
}

static void more_than_is_kept(void **state)
{
	(void)state;
	enum { MANY = MT_DNS_VALUES + 3 };
	struct record many[MANY + 1];
	memset(many, 0, sizeof many);
	for (size_t i = 0; i < MANY; i++)
		many[i] = rows[0].answers[0];
	struct mt_answer got = read_message(MT_DNS_A, message(0, many, &many[MANY]));
	assert_int_equal(got.status, MT_DNS_ANSWERED);
	assert_int_equal(got.count, MT_DNS_VALUES);
	assert_int_equal(got.dropped, 3);
	assert_string_equal(mt_answer_why(arena, &got), "192.0.2.53 gave more than is looked at");
}

static void reasons(void **state)
{
	(void)state;
	static const struct {
		enum mt_dns_status status;
		const char *resolver, *why;
	} table[] = {
		{MT_DNS_SERVFAIL, "192.0.2.53", "192.0.2.53 answered SERVFAIL"},
		{MT_DNS_REFUSED, "192.0.2.53", "192.0.2.53 answered REFUSED"},
		{MT_DNS_TIMEOUT, "", "no answer from the resolver"},
		{MT_DNS_LAME, "192.0.2.53", "192.0.2.53 answered with a referral to other servers"},
		{MT_DNS_MALFORMED, "192.0.2.53",
		 "the answer of 192.0.2.53 is cut off or malformed"},
		{MT_DNS_NO_RESOLVER, "192.0.2.53", "no resolver: nobody listens at 192.0.2.53"},
		{MT_DNS_UNASKED, "", "it was not asked"},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(table); i++) {
		const struct mt_answer answer = {.status = table[i].status,
						 .resolver = table[i].resolver};
		assert_string_equal(mt_answer_why(arena, &answer), table[i].why);
	}
}

/* What a bundle keeps is what was answered, also of 200 questions; a line that is no answer is skipped. */
static void kept(void **state)
{
	(void)state;
	struct mt_dns dns = {.arena = arena};
	struct mt_error error = {0};
	struct mt_str with;
	struct mt_snapshot *snapshot;
	const char *const value[] = {"192.0.2.1", "192.0.2.2"};
	for (int i = 0; i < 200; i++)
		mt_dns_add(&dns, &(struct mt_answer){.type = MT_DNS_A,
						     .name = mt_format(arena, "H%d.Example.", i),
						     .status = MT_DNS_ANSWERED,
						     .resolver = i % 2 ? "192.0.2.53" : "",
						     .value = value,
						     .count = 1 + (unsigned)i % 2,
						     .dropped = (unsigned)i});
	const char *nonce = "0123456789abcdef0123456789abcdef";
	const char *bundle =
		mt_format(arena, "%s begin mtapin 1\n%s host 1795510800 raw mx\n%s done\n", nonce,
			  nonce, nonce);
	assert_int_equal(mt_dns_save(&dns, mt_str_of(bundle), &with, &error), 0);
	assert_int_equal(mt_bundle_decode(arena, with, &snapshot, &error), 0);
	const struct mt_dns *again = mt_dns_read(snapshot);
	assert_int_equal(again->count, 200);
	for (int i = 0; i < 200; i++) {
		const struct mt_answer *a =
			mt_dns_get(again, MT_DNS_A, mt_format(arena, "h%d.EXAMPLE", i));
		assert_int_equal(a->status, MT_DNS_ANSWERED);
		assert_string_equal(a->resolver, i % 2 ? "192.0.2.53" : "");
		assert_int_equal(a->dropped, i);
		assert_string_equal(values(a), i % 2 ? "192.0.2.1, 192.0.2.2" : "192.0.2.1");
	}
	assert_int_equal(mt_dns_get(again, MT_DNS_AAAA, "h1.example")->status, MT_DNS_UNASKED);
	assert_int_equal(mt_dns_save(&dns, MT_STR("cut off"), &with, &error), -1);
	assert_string_equal(error.message, "the collection is incomplete: it is not kept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(shortened),
		cmocka_unit_test(more_than_is_kept),
		cmocka_unit_test(reasons),
		cmocka_unit_test(kept),
	};
	arena = mt_arena_new((size_t)64 << 20);
	int failed = cmocka_run_group_tests_name("dns", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
