/* SPDX-License-Identifier: ISC */
/* log_cause.c: from a server's words to a cause. */
#include "core/log/log_cause.h"

#include <string.h>

#include "core/log/log_reply.h"
#include "core/log/log_words.h"

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

const char *mt_log_points_name(enum mt_log_points points)
{
	static const char *const names[] = {"no", "yes", "maybe", "unknown"};
	return names[points];
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

/* ---- the generic rule ---- */

struct facts {
	uint64_t f;
	bool us; /* the text speaks of the sending host */
	bool them; /* it speaks of the mail's domain, links or content instead */
	bool strong; /* of the host, and no doubt */
	const struct mt_log_reply *text;
};

static bool has_fact(const struct facts *k, uint64_t features)
{
	return (k->f & features) != 0;
}

/* No server said it: none was reached. */
static enum mt_log_cause not_reached(const struct facts *k)
{
	if (has_fact(k, MT_HAS(DNS)))
		return MT_CAUSE_DNS_DEST;
	if (has_fact(k, MT_HAS(UNREACH)))
		return MT_CAUSE_NET_V6;
	return has_fact(k, MT_HAS(NET)) ? MT_CAUSE_NET : MT_CAUSE_NONE;
}

/* Names and policies that are looked up by the address. */
static enum mt_log_cause by_cause_name(const struct facts *k)
{
	const struct mt_log_reply *t = k->text;
	if (has_fact(k, MT_HAS(V6)) &&
	    has_fact(k, MT_HAS(PTR) | MT_HAS(PTRMAY) | MT_HAS(BLOCK) | MT_HAS(BAD)))
		return MT_CAUSE_IP_V6;
	if (has_fact(k, MT_HAS(PTR)) || (t->subject == 7 && t->detail == 25))
		return MT_CAUSE_IP_PTR;
	if (has_fact(k, MT_HAS(SPF) | MT_HAS(SPFIP)) && !has_fact(k, MT_HAS(RELAY)))
		return t->named.set || (has_fact(k, MT_HAS(SPFIP)) && k->us) ? MT_CAUSE_IP_SPF
		       : has_fact(k, MT_HAS(SPF))			     ? MT_CAUSE_AUTH
									     : MT_CAUSE_NONE;
	if (has_fact(k, MT_HAS(HELO)) && has_fact(k, MT_HAS(BAD)))
		return MT_CAUSE_IP_HELO;
	if (has_fact(k, MT_HAS(PTRMAY)) && k->us && has_fact(k, MT_HAS(BAD)) && !k->them)
		return MT_CAUSE_IP_PTR;
	return has_fact(k, MT_HAS(DYN)) && (k->us || has_fact(k, MT_HAS(BLOCK) | MT_HAS(BAD)))
		       ? MT_CAUSE_IP_PTR
		       : MT_CAUSE_NONE;
}

/* Lists, reputation, rate. */
static enum mt_log_cause by_standing(const struct facts *k)
{
	if (k->them && !has_fact(k, MT_HAS(BLOCKIP) | MT_HAS(REPIP)) && !k->text->named.set)
		return MT_CAUSE_NONE;
	if (has_fact(k, MT_HAS(LIST)) && !has_fact(k, MT_HAS(DOMREP)))
		return has_fact(k, MT_HAS(REP)) && !has_fact(k, MT_HAS(BLOCK))
			       ? MT_CAUSE_IP_REPUTATION
			       : MT_CAUSE_IP_DNSBL;
	if (has_fact(k, MT_HAS(REPIP)) ||
	    (has_fact(k, MT_HAS(REP)) && !has_fact(k, MT_HAS(DOMREP)) &&
	     (k->us || !has_fact(k, MT_HAS(CONTENT)))))
		return MT_CAUSE_IP_REPUTATION;
	if (has_fact(k, MT_HAS(RATEIP)) ||
	    (has_fact(k, MT_HAS(RATE)) && k->us &&
	     !has_fact(k, MT_HAS(OTHERRATE) | MT_HAS(USER) | MT_HAS(RCPTS))))
		return MT_CAUSE_IP_RATE;
	if (has_fact(k, MT_HAS(DEFER)) && k->us)
		return MT_CAUSE_IP_REPUTATION;
	if (has_fact(k, MT_HAS(BLOCKIP)))
		return MT_CAUSE_IP_DNSBL;
	return has_fact(k, MT_HAS(BLOCK)) && k->us && !has_fact(k, MT_HAS(CONTENT))
		       ? MT_CAUSE_IP_DNSBL
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
		if (has_fact(k, order[i].feature))
			return order[i].cause;
	if (k->them && has_fact(k, MT_HAS(LIST) | MT_HAS(BLOCK)))
		return MT_CAUSE_CONTENT;
	return MT_CAUSE_NONE;
}

/* RFC 3463, RFC 7372: the code, where the words say nothing. */
static enum mt_log_cause by_code(const struct mt_log_reply *t)
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

static enum mt_log_cause generic(uint64_t features, const struct mt_log_reply *text)
{
	struct facts k = {.f = features, .text = text};
	k.us = has_fact(&k, MT_HAS(US)) || text->named.set;
	k.them = has_fact(&k, MT_HAS(THEM));
	enum mt_log_cause cause = text->coded ? MT_CAUSE_NONE : not_reached(&k);
	if (has_fact(&k, MT_HAS(QUERY)))
		return MT_CAUSE_RECEIVER;
	if (!cause && has_fact(&k, MT_HAS(GREY)) && !has_fact(&k, MT_HAS(RATE) | MT_HAS(RATEIP)))
		return MT_CAUSE_GREYLIST;
	if (!cause)
		cause = by_cause_name(&k);
	bool plain = has_fact(&k, MT_HAS(USER) | MT_HAS(FULL) | MT_HAS(SIZE) | MT_HAS(RELAY)) &&
		     !has_fact(&k, MT_HAS(LIST) | MT_HAS(BLOCKIP) | MT_HAS(REPIP) | MT_HAS(RATEIP));
	if (!cause && !plain)
		cause = by_standing(&k);
	if (!cause)
		cause = about_mail(&k);
	return cause ? cause : by_code(text);
}

struct mt_log_verdict mt_log_classify(const struct mt_log_causes *c, struct mt_str reply,
				      struct mt_addr peer)
{
	struct mt_log_reply text;
	mt_log_reply_read(&text, reply, peer);
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
