/* SPDX-License-Identifier: ISC */
/*
 * dns_message.c: one DNS message as an answer. libc's parser reads the records (arpa/nameser.h); what
 * counts are those of the asked name, or of the name that its CNAMEs lead to (RFC 1034, 3.6.2).
 */
#include <arpa/nameser.h>
#include <arpa/inet.h>
#include <resolv.h>
#include <string.h>

#include "io/dns/dns.h"

#define CHAIN_MAX   16 /* CNAMEs followed */
#define RECORDS_MAX 4096 /* looked at of one message */

struct message {
	struct mt_arena *arena;
	ns_msg msg;
	struct mt_answer *answer;
	const char **values;
	const char *name; /* whose records count */
};

static const ns_type wire_type[] = {ns_t_a, ns_t_aaaa, ns_t_ptr, ns_t_mx, ns_t_txt};

bool mt_dns_truncated(struct mt_str message)
{
	return message.n >= NS_HFIXEDSZ && ((unsigned char)message.p[2] & 0x02);
}

static bool read_name(struct message *m, const unsigned char *at, char *name)
{
	int n = ns_name_uncompress(ns_msg_base(m->msg), ns_msg_end(m->msg), at, name, NS_MAXDNAME);
	return n >= 0;
}

static const char *address_text(struct message *m, const ns_rr *rr)
{
	struct mt_addr addr = {.set = true};
	size_t n = m->answer->type == MT_DNS_AAAA ? 16 : 4;
	addr.family = n == 16 ? MT_V6 : MT_V4;
	if (ns_rr_rdlen(*rr) != n)
		return NULL;
	memcpy(addr.b, ns_rr_rdata(*rr), n);
	return mt_addr_format(m->arena, addr);
}

static const char *name_text(struct message *m, const ns_rr *rr)
{
	char name[NS_MAXDNAME];
	size_t skip = m->answer->type == MT_DNS_MX ? 2 : 0;
	if (ns_rr_rdlen(*rr) <= skip || !read_name(m, ns_rr_rdata(*rr) + skip, name))
		return NULL;
	if (!skip)
		return mt_strdup(m->arena, name);
	return mt_format(m->arena, "%u %s", ns_get16(ns_rr_rdata(*rr)), name);
}

/* The strings joined (RFC 7208, 3.3), other bytes than printable ones as \DDD. */
static const char *strings_text(struct message *m, const ns_rr *rr)
{
	struct mt_text text = MT_TEXT_INIT(m->arena);
	const unsigned char *p = ns_rr_rdata(*rr), *end = p + ns_rr_rdlen(*rr);
	while (p < end && text.n < MT_DNS_VALUE - 4) {
		size_t n = *p++;
		if (n > (size_t)(end - p))
			return NULL;
		for (size_t i = 0; i < n && text.n < MT_DNS_VALUE - 4; i++)
			mt_text_addf(&text, p[i] >= ' ' && p[i] < 0x7f ? "%c" : "\\%03u", p[i]);
		p += n;
	}
	return mt_text_z(&text);
}

/* False when a record cannot be read. */
static bool add_record(struct message *m, const ns_rr *rr)
{
	enum mt_dns_type type = m->answer->type;
	const char *value = type == MT_DNS_TXT			      ? strings_text(m, rr)
			    : type == MT_DNS_A || type == MT_DNS_AAAA ? address_text(m, rr)
								      : name_text(m, rr);
	if (!value)
		return false;
	if (m->answer->count < MT_DNS_VALUES)
		m->values[m->answer->count++] = value;
	else if (m->answer->dropped < 65535)
		m->answer->dropped++;
	return true;
}

/* The records of m->name: its values; else where its CNAME leads (*alias, "" it has none). */
static bool read_records(struct message *m, char *alias)
{
	ns_rr rr;
	unsigned count = ns_msg_count(m->msg, ns_s_an);
	*alias = '\0';
	for (unsigned i = 0; i < count && i < RECORDS_MAX; i++) {
		if (ns_parserr(&m->msg, ns_s_an, (int)i, &rr) < 0)
			return false;
		if (ns_rr_class(rr) != ns_c_in ||
		    !mt_str_same(mt_str_of(ns_rr_name(rr)), mt_str_of(m->name)))
			continue;
		if (ns_rr_type(rr) == wire_type[m->answer->type] && !add_record(m, &rr))
			return false;
		if (ns_rr_type(rr) == ns_t_cname && !read_name(m, ns_rr_rdata(rr), alias))
			return false;
	}
	return true;
}

static bool follow_aliases(struct message *m)
{
	char alias[NS_MAXDNAME];
	m->name = m->answer->name;
	for (unsigned i = 0; i < CHAIN_MAX; i++) {
		if (!read_records(m, alias))
			return false;
		if (m->answer->count || !*alias)
			return true;
		m->name = mt_strdup(m->arena, alias);
	}
	return false; /* a loop of names has no answer */
}

/* No record, and neither an SOA that would say so nor a server that would recurse: it sends us elsewhere. */
static bool is_referral(struct message *m)
{
	ns_rr rr;
	bool elsewhere = false;
	unsigned count = ns_msg_count(m->msg, ns_s_ns);
	for (unsigned i = 0; i < count && i < RECORDS_MAX; i++) {
		if (ns_parserr(&m->msg, ns_s_ns, (int)i, &rr) < 0 || ns_rr_type(rr) == ns_t_soa)
			return false;
		elsewhere |= ns_rr_type(rr) == ns_t_ns;
	}
	return elsewhere && !ns_msg_getflag(m->msg, ns_f_aa);
}

static enum mt_dns_status message_status(struct message *m)
{
	if (ns_msg_getflag(m->msg, ns_f_tc))
		return MT_DNS_MALFORMED;
	switch (ns_msg_getflag(m->msg, ns_f_rcode)) {
	case ns_r_noerror:
		if (!follow_aliases(m)) {
			m->answer->count = m->answer->dropped = 0;
			return MT_DNS_MALFORMED;
		}
		if (m->answer->count)
			return MT_DNS_ANSWERED;
		return is_referral(m) ? MT_DNS_LAME : MT_DNS_NO_DATA;
	case ns_r_nxdomain:
		return MT_DNS_NO_NAME;
	case ns_r_refused:
		return MT_DNS_REFUSED;
	case ns_r_servfail:
		return MT_DNS_SERVFAIL;
	default:
		return MT_DNS_MALFORMED;
	}
}

void mt_dns_message(struct mt_arena *arena, struct mt_str message, struct mt_answer *answer)
{
	struct message m = {.arena = arena, .answer = answer};
	answer->count = answer->dropped = 0;
	answer->status = MT_DNS_MALFORMED;
	m.values = mt_alloc(arena, MT_DNS_VALUES * sizeof *m.values);
	answer->value = m.values;
	if (message.n <= NS_MAXMSG &&
	    ns_initparse((const unsigned char *)message.p, (int)message.n, &m.msg) == 0)
		answer->status = message_status(&m);
}
