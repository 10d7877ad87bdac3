/* SPDX-License-Identifier: ISC */
/* log_cause.c: from a server's words to a cause. */
#include "core/log_cause.h"

#include <string.h>

#include "core/log_words.h"

/* ---- the causes ---- */

static const struct {
	const char *name, *title, *advice;
	enum mt_log_points points;
} causes[MT_CAUSES] = {
	[MT_CAUSE_NONE] = {"-", "not refused", "", MT_POINTS_NO},
	[MT_CAUSE_IP_PTR] = {"ip_ptr", "no reverse name (PTR), or one that does not lead back",
			     "set the PTR of this address at its provider to the server's name, "
			     "which must resolve to it; "
			     "or send from the address that has one: mtapin fix --ip ADDRESS",
			     MT_POINTS_YES},
	[MT_CAUSE_IP_HELO] = {"ip_helo", "HELO name not accepted, or not that of the address",
			      "greet with a name that resolves to this address: mtapin fix --ip "
			      "ADDRESS --helo NAME",
			      MT_POINTS_YES},
	[MT_CAUSE_IP_DNSBL] = {"ip_dnsbl", "address on a block list",
			       "look the address up at the list that the reply names and have it "
			       "removed once the cause is gone; "
			       "if only one of your addresses is listed, send from another: mtapin "
			       "fix --ip ADDRESS",
			       MT_POINTS_YES},
	[MT_CAUSE_IP_V6] = {"ip_v6", "IPv6: no PTR, or not accepted",
			    "set the PTR of the IPv6 address, pin one that has it, or send over "
			    "IPv4: mtapin fix --ip ADDRESS --ip6 off",
			    MT_POINTS_YES},
	[MT_CAUSE_IP_SPF] = {"ip_spf", "SPF: the sender's domain does not name this address",
			     "send from an address that the domain's SPF record names (mtapin fix "
			     "--ip ADDRESS), or add this one to the record",
			     MT_POINTS_YES},
	[MT_CAUSE_IP_REPUTATION] =
		{"ip_reputation", "bad or no reputation of the address",
		 "a new address needs weeks of little mail; see the receiver's postmaster page; "
		 "an address of yours with a history is better: mtapin fix --ip ADDRESS",
		 MT_POINTS_YES},
	[MT_CAUSE_IP_RATE] = {"ip_rate", "too much at once from this address",
			      "send slower, with fewer connections at a time; look for a customer "
			      "or a script that floods",
			      MT_POINTS_YES},
	[MT_CAUSE_NET_V6] = {"net_v6", "network unreachable, mostly IPv6 without a route",
			     "if this host has no working IPv6: mtapin fix --ip ADDRESS --ip6 off",
			     MT_POINTS_MAYBE},
	[MT_CAUSE_RECIPIENT] = {"recipient", "no such recipient", "check the recipient's address",
				MT_POINTS_NO},
	[MT_CAUSE_MAILBOX_FULL] = {"mailbox_full", "recipient's mailbox full",
				   "the recipient must make room", MT_POINTS_NO},
	[MT_CAUSE_CONTENT] = {"content", "content taken for spam, or not accepted",
			      "look at the mail itself: links, attachments, headers", MT_POINTS_NO},
	[MT_CAUSE_AUTH] =
		{"auth", "DKIM, DMARC, or SPF without an address",
		 "sign with DKIM and look at the SPF and DMARC records of the sender's domain",
		 MT_POINTS_NO},
	[MT_CAUSE_SENDER] = {"sender", "sender's address not accepted",
			     "the sender's domain must exist and accept mail", MT_POINTS_NO},
	[MT_CAUSE_SIZE] = {"size", "mail too large", "send less, or a link", MT_POINTS_NO},
	[MT_CAUSE_GREYLIST] = {"greylist", "greylisted: the first try is always put off",
			       "nothing: the next try is accepted", MT_POINTS_NO},
	[MT_CAUSE_RELAY_DENIED] = {"relay_denied", "relaying denied by the next server",
				   "this server must log in at its relay, or the MX of the "
				   "recipient's domain is wrong",
				   MT_POINTS_NO},
	[MT_CAUSE_LIMIT] = {"limit", "too much for this recipient or sender", "send slower",
			    MT_POINTS_NO},
	[MT_CAUSE_RECEIVER] = {"receiver", "trouble at the receiver",
			       "wait; tell its postmaster if it lasts", MT_POINTS_NO},
	[MT_CAUSE_NET] =
		{"net", "server not reached",
		 "wait; if no server is reached at all, port 25 may be blocked by your provider",
		 MT_POINTS_NO},
	[MT_CAUSE_DNS_DEST] = {"dns_dest", "recipient's domain not found",
			       "check the domain in the recipient's address", MT_POINTS_NO},
	[MT_CAUSE_UNKNOWN] = {"unknown", "not known to mtapin", "read the reply",
			      MT_POINTS_UNKNOWN},
};

const char *mt_log_cause_name(enum mt_log_cause cause)
{
	return causes[cause].name;
}

const char *mt_log_cause_title(enum mt_log_cause cause)
{
	return causes[cause].title;
}

const char *mt_log_cause_advice(enum mt_log_cause cause)
{
	return causes[cause].advice;
}

enum mt_log_points mt_log_cause_points(enum mt_log_cause cause)
{
	return causes[cause].points;
}

/* ---- the tables ---- */

static const struct {
	const char *text, *source;
	enum mt_log_cause cause;
} rows[] = {
#define ROW(text, cause, source) {text, source, MT_CAUSE_##cause},
#include "data/causes.rows"
#undef ROW
};

static const struct {
	const char *word;
	uint64_t feature;
} words[] = {
#define ROW(word, feature, source) {word, MT_HAS(feature)},
#include "data/words.rows"
#undef ROW
};

struct mt_log_causes {
	struct mt_log_words *words;
};

struct mt_log_causes *mt_log_causes_new(struct mt_arena *arena, bool table)
{
	struct mt_log_causes *c = MT_NEW(arena, struct mt_log_causes);
	c->words = mt_log_words_new(arena, MT_ARRAY_LEN(rows) + MT_ARRAY_LEN(words));
	for (size_t i = 0; table && i < MT_ARRAY_LEN(rows); i++)
		mt_log_words_add(c->words, rows[i].text, 0, (unsigned)i + 1);
	for (size_t i = 0; i < MT_ARRAY_LEN(words); i++)
		mt_log_words_add(c->words, words[i].word, words[i].feature, 0);
	mt_log_words_ready(c->words);
	return c;
}

/* ---- the text ---- */

#define TEXT_MAX 1536

struct text {
	size_t n;
	struct mt_addr named;
	bool coded; /* it begins with a reply code: a server said it */
	int code; /* 550 */
	char class; /* of the enhanced code "5.7.25": '5'; 0: there is none */
	int subject, detail; /* 7, 25 */
	char p[TEXT_MAX + MT_LOG_WORD_PAD];
};

#define ADDRESS 1 /* may stand in an address */
#define WORD	2 /* goes on a word */

static uint8_t kind_of(char c)
{
	static const uint8_t kind[256] = {
		['0' ... '9'] = ADDRESS | WORD, ['a' ... 'f'] = ADDRESS | WORD,
		['A' ... 'F'] = ADDRESS | WORD, ['.'] = ADDRESS | WORD,
		[':'] = ADDRESS | WORD,		['g' ... 'z'] = WORD,
		['G' ... 'Z'] = WORD,		['_'] = WORD};
	return kind[(uint8_t)c];
}

static bool in_address(char c)
{
	return kind_of(c) & ADDRESS;
}

/* Length of a reply code with its enhanced code at s, "550-5.7.1 " or "550 "; 0: none. */
static size_t code_at(struct mt_str s)
{
	if (s.n < 4 || s.p[0] < '2' || s.p[0] > '5' || !mt_is_digit(s.p[1]) ||
	    !mt_is_digit(s.p[2]) || (s.p[3] != ' ' && s.p[3] != '-'))
		return 0;
	size_t n = 4, i = 4;
	while (i < s.n && (mt_is_digit(s.p[i]) || s.p[i] == '.'))
		i++;
	if (i >= 9 && i < s.n && s.p[i] == ' ' && s.p[5] == '.')
		n = i + 1;
	return n;
}

/* An address at s: its length, 0 none. Of "4.7.1" and "10:00" it is none. */
static size_t address_at(struct mt_str s, struct mt_addr *addr)
{
	size_t n = 0;
	bool parted = false;
	for (; n < s.n && n < 46 && in_address(s.p[n]); n++)
		parted |= s.p[n] == '.' || s.p[n] == ':';
	if (!parted)
		return 0;
	while (n && (s.p[n - 1] == '.' || (s.p[n - 1] == ':' && !(n > 1 && s.p[n - 2] == ':'))))
		n--;
	return n >= 3 && mt_addr_parse(mt_str_part(s, 0, n), addr) ? n : 0;
}

static void put(struct text *t, char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c | 32);
	if (c == '\t')
		c = ' ';
	if (t->n < TEXT_MAX && !(c == ' ' && t->n && t->p[t->n - 1] == ' '))
		t->p[t->n++] = c;
}

static int small_number(const char **p, const char *end)
{
	int value = 0;
	while (*p < end && mt_is_digit(**p) && value < 1000)
		value = value * 10 + *(*p)++ - '0';
	return value;
}

static void read_code(struct text *t, struct mt_str s)
{
	const char *p = s.p + 4, *end = s.p + s.n;
	t->coded = true;
	t->code = (s.p[0] - '0') * 100 + (s.p[1] - '0') * 10 + (s.p[2] - '0');
	if (end - p < 5 || (*p != '4' && *p != '5') || p[1] != '.' || !mt_is_digit(p[2]))
		return;
	t->class = *p;
	p += 2;
	t->subject = small_number(&p, end);
	if (p < end && *p == '.') {
		p++;
		t->detail = small_number(&p, end);
	}
}

/* May a word begin behind this byte? */
static bool is_break(char c)
{
	return !(kind_of(c) & WORD);
}

/* A code that the server repeats in each line of its reply: left out. Its length. */
static size_t repeated_code(struct text *t, struct mt_str reply, size_t at)
{
	if (!at || !t->coded || (reply.p[at - 1] != ' ' && reply.p[at - 1] != '/'))
		return 0;
	size_t n = code_at(mt_str_part(reply, at, reply.n - at));
	if (!n || memcmp(reply.p + at, reply.p, 3) != 0)
		return 0;
	put(t, ' ');
	return n;
}

/* One byte for an address that is not the server's own; its length. */
static size_t put_address(struct text *t, struct mt_str s, struct mt_addr peer)
{
	struct mt_addr addr;
	size_t n = address_at(s, &addr);
	if (n && !mt_addr_is_loopback(addr) && !mt_addr_eq(addr, peer)) {
		put(t, MT_LOG_ADDRESS_BYTE);
		if (!t->named.set)
			t->named = addr;
	} else if (n && s.p[0] == '1') {
		for (size_t k = 0; k < n; k++)
			put(t, s.p[k]);
	}
	return n;
}

/* Lower case, one blank for many, addresses as one byte, codes of further lines left out. */
static void make_ready(struct text *t, struct mt_str reply, struct mt_addr peer)
{
	memset(t, 0, offsetof(struct text, p));
	if (code_at(reply))
		read_code(t, reply);
	put(t, ' ');
	for (size_t i = 0; i < reply.n && t->n < TEXT_MAX;) {
		size_t n = 0;
		if (in_address(reply.p[i]) && (i == 0 || is_break(reply.p[i - 1]))) {
			n = repeated_code(t, reply, i);
			if (!n)
				n = put_address(t, mt_str_part(reply, i, reply.n - i), peer);
		}
		if (!n) {
			put(t, reply.p[i] == MT_LOG_ADDRESS_BYTE ? '\1' : reply.p[i]);
			n = 1;
		}
		i += n;
	}
	put(t, ' ');
	memset(t->p + t->n, 0, MT_LOG_WORD_PAD);
}

/* ---- the generic rule ---- */

struct facts {
	uint64_t f;
	bool us; /* the text speaks of the sending host */
	bool them; /* it speaks of the mail's domain, links or content instead */
	bool strong; /* of the host, and no doubt */
	const struct text *text;
};

static bool has(const struct facts *k, uint64_t features)
{
	return (k->f & features) != 0;
}

/* No server said it: none was reached. */
static enum mt_log_cause not_reached(const struct facts *k)
{
	if (has(k, MT_HAS(DNS)))
		return MT_CAUSE_DNS_DEST;
	if (has(k, MT_HAS(UNREACH)))
		return MT_CAUSE_NET_V6;
	return has(k, MT_HAS(NET)) ? MT_CAUSE_NET : MT_CAUSE_NONE;
}

/* Names and policies that are looked up by the address. */
static enum mt_log_cause by_name(const struct facts *k)
{
	const struct text *t = k->text;
	if (has(k, MT_HAS(V6)) &&
	    has(k, MT_HAS(PTR) | MT_HAS(PTRMAY) | MT_HAS(BLOCK) | MT_HAS(BAD)))
		return MT_CAUSE_IP_V6;
	if (has(k, MT_HAS(PTR)) || (t->subject == 7 && t->detail == 25))
		return MT_CAUSE_IP_PTR;
	if (has(k, MT_HAS(SPF) | MT_HAS(SPFIP)) && !has(k, MT_HAS(RELAY)))
		return t->named.set || (has(k, MT_HAS(SPFIP)) && k->us) ? MT_CAUSE_IP_SPF
		       : has(k, MT_HAS(SPF))				? MT_CAUSE_AUTH
									: MT_CAUSE_NONE;
	if (has(k, MT_HAS(HELO)) && has(k, MT_HAS(BAD)))
		return MT_CAUSE_IP_HELO;
	if (has(k, MT_HAS(PTRMAY)) && k->us && has(k, MT_HAS(BAD)) && !k->them)
		return MT_CAUSE_IP_PTR;
	return has(k, MT_HAS(DYN)) && (k->us || has(k, MT_HAS(BLOCK) | MT_HAS(BAD)))
		       ? MT_CAUSE_IP_PTR
		       : MT_CAUSE_NONE;
}

/* Lists, reputation, rate. */
static enum mt_log_cause by_standing(const struct facts *k)
{
	if (k->them && !has(k, MT_HAS(BLOCKIP) | MT_HAS(REPIP)) && !k->text->named.set)
		return MT_CAUSE_NONE;
	if (has(k, MT_HAS(LIST)) && !has(k, MT_HAS(DOMREP)))
		return has(k, MT_HAS(REP)) && !has(k, MT_HAS(BLOCK)) ? MT_CAUSE_IP_REPUTATION
								     : MT_CAUSE_IP_DNSBL;
	if (has(k, MT_HAS(REPIP)) ||
	    (has(k, MT_HAS(REP)) && !has(k, MT_HAS(DOMREP)) && (k->us || !has(k, MT_HAS(CONTENT)))))
		return MT_CAUSE_IP_REPUTATION;
	if (has(k, MT_HAS(RATEIP)) || (has(k, MT_HAS(RATE)) && k->us &&
				       !has(k, MT_HAS(OTHERRATE) | MT_HAS(USER) | MT_HAS(RCPTS))))
		return MT_CAUSE_IP_RATE;
	if (has(k, MT_HAS(DEFER)) && k->us)
		return MT_CAUSE_IP_REPUTATION;
	if (has(k, MT_HAS(BLOCKIP)))
		return MT_CAUSE_IP_DNSBL;
	return has(k, MT_HAS(BLOCK)) && k->us && !has(k, MT_HAS(CONTENT)) ? MT_CAUSE_IP_DNSBL
									  : MT_CAUSE_NONE;
}

static enum mt_log_cause about_mail(const struct facts *k)
{
	static const struct {
		uint64_t feature;
		enum mt_log_cause cause;
	} order[] = {
		{MT_HAS(RELAY), MT_CAUSE_RELAY_DENIED}, {MT_HAS(FULL), MT_CAUSE_MAILBOX_FULL},
		{MT_HAS(SIZE), MT_CAUSE_SIZE},		{MT_HAS(SENDER), MT_CAUSE_SENDER},
		{MT_HAS(USER), MT_CAUSE_RECIPIENT},	{MT_HAS(AUTH), MT_CAUSE_AUTH},
		{MT_HAS(CONTENT), MT_CAUSE_CONTENT},	{MT_HAS(RATE), MT_CAUSE_LIMIT},
		{MT_HAS(OTHERRATE), MT_CAUSE_LIMIT},	{MT_HAS(DOMREP), MT_CAUSE_CONTENT},
		{MT_HAS(RECEIVER), MT_CAUSE_RECEIVER},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(order); i++)
		if (has(k, order[i].feature))
			return order[i].cause;
	if (k->them && has(k, MT_HAS(LIST) | MT_HAS(BLOCK)))
		return MT_CAUSE_CONTENT;
	return MT_CAUSE_NONE;
}

/* RFC 3463, RFC 7372: the code, where the words say nothing. */
static enum mt_log_cause by_code(const struct text *t)
{
	static const struct {
		int subject, detail;
		enum mt_log_cause cause;
	} codes[] = {
		{1, 1, MT_CAUSE_RECIPIENT},    {1, 2, MT_CAUSE_DNS_DEST},
		{1, 3, MT_CAUSE_RECIPIENT},    {1, 6, MT_CAUSE_RECIPIENT},
		{1, 7, MT_CAUSE_SENDER},       {1, 8, MT_CAUSE_SENDER},
		{1, 10, MT_CAUSE_DNS_DEST},    {2, 1, MT_CAUSE_RECIPIENT},
		{2, 2, MT_CAUSE_MAILBOX_FULL}, {2, 3, MT_CAUSE_SIZE},
		{3, 0, MT_CAUSE_RECEIVER},     {3, 1, MT_CAUSE_RECEIVER},
		{3, 2, MT_CAUSE_RECEIVER},     {3, 4, MT_CAUSE_SIZE},
		{4, 1, MT_CAUSE_NET},	       {4, 2, MT_CAUSE_NET},
		{4, 4, MT_CAUSE_DNS_DEST},     {4, 5, MT_CAUSE_RECEIVER},
		{7, 20, MT_CAUSE_AUTH},	       {7, 21, MT_CAUSE_AUTH},
		{7, 22, MT_CAUSE_AUTH},	       {7, 23, MT_CAUSE_AUTH},
		{7, 24, MT_CAUSE_AUTH},	       {7, 26, MT_CAUSE_AUTH},
		{7, 27, MT_CAUSE_SENDER},
	};
	for (size_t i = 0; t->class && i < MT_ARRAY_LEN(codes); i++)
		if (codes[i].subject == t->subject && codes[i].detail == t->detail)
			return codes[i].cause;
	return MT_CAUSE_UNKNOWN;
}

static enum mt_log_cause generic(uint64_t features, const struct text *text)
{
	struct facts k = {.f = features, .text = text};
	k.us = has(&k, MT_HAS(US)) || text->named.set;
	k.them = has(&k, MT_HAS(THEM));
	enum mt_log_cause cause = text->coded ? MT_CAUSE_NONE : not_reached(&k);
	if (has(&k, MT_HAS(QUERY)))
		return MT_CAUSE_RECEIVER;
	if (!cause && has(&k, MT_HAS(GREY)) && !has(&k, MT_HAS(RATE) | MT_HAS(RATEIP)))
		return MT_CAUSE_GREYLIST;
	if (!cause)
		cause = by_name(&k);
	bool plain = has(&k, MT_HAS(USER) | MT_HAS(FULL) | MT_HAS(SIZE) | MT_HAS(RELAY)) &&
		     !has(&k, MT_HAS(LIST) | MT_HAS(BLOCKIP) | MT_HAS(REPIP) | MT_HAS(RATEIP));
	if (!cause && !plain)
		cause = by_standing(&k);
	if (!cause)
		cause = about_mail(&k);
	return cause ? cause : by_code(text);
}

struct mt_log_verdict mt_log_classify(const struct mt_log_causes *c, struct mt_str reply,
				      struct mt_addr peer)
{
	struct text text;
	make_ready(&text, reply, peer);
	struct mt_log_found found = mt_log_words_find(c->words, (struct mt_str){text.p, text.n});
	struct mt_log_verdict verdict = {.named = text.named};
	if (found.row) {
		verdict.cause = rows[found.row - 1].cause;
		verdict.source = rows[found.row - 1].source;
	} else {
		verdict.cause = generic(found.features, &text);
	}
	return verdict;
}
