/* SPDX-License-Identifier: ISC */
/*
 * check_mail.c: what the DNS tells others about mail of this host: SPF records (shown, never evaluated) and
 * where the MX of its domains leads.
 *
 * Source: RFC 7208 (3, 4.5, 5.6), RFC 5321 5.1, RFC 7505 (null MX).
 */
#include "core/check/check_part.h"

#include <string.h>

#define HOSTS_MAX 10 /* of one MX record set */

/* ---- SPF ---- */

static bool is_spf(struct mt_str text)
{
	struct mt_str version = mt_str_part(text, 0, text.n < 6 ? text.n : 6);
	return mt_str_same(version, MT_STR("v=spf1")) && (text.n == 6 || text.p[6] == ' ');
}

static void add_spf(struct mt_check *check, const char *domain)
{
	struct mt_spf **at = &check->spf;
	if (!domain || !mt_is_fqdn(mt_str_of(domain)))
		return;
	for (; *at; at = &(*at)->next)
		if (mt_str_same(mt_str_of((*at)->domain), mt_str_of(domain)))
			return;
	struct mt_spf *spf = *at = MT_NEW(check->arena, struct mt_spf);
	static const char *const none[] = {NULL};
	spf->domain = domain;
	spf->record = none;
	spf->txt = mt_check_ask(check, MT_DNS_TXT, domain);
	for (unsigned i = 0; i < spf->txt->count; i++)
		if (is_spf(mt_str_of(spf->txt->value[i])))
			mt_list_add(check->arena, &spf->record, spf->txt->value[i]);
}

void mt_check_spf(struct mt_check *check)
{
	for (const struct mt_checked *row = check->rows; row; row = row->next)
		if (row->sends && row->public)
			add_spf(check, row->helo);
	for (const struct mt_mta *mta = check->model->mtas; mta; mta = mta->next)
		add_spf(check, mta->domain);
}

/* "ip4:192.0.2.0/24", "+ip6:2001:db8::/32" */
static bool term_covers(struct mt_str term, struct mt_addr addr)
{
	if (mt_str_starts(term, "+"))
		term = mt_str_part(term, 1, term.n - 1);
	const char *kind = addr.family == MT_V6 ? "ip6:" : "ip4:";
	if (term.n < 4 || !mt_str_same(mt_str_part(term, 0, 4), mt_str_of(kind)))
		return false;
	return mt_addr_in_text(addr, mt_str_part(term, 4, term.n - 4));
}

bool mt_spf_covers(const struct mt_spf *spf, struct mt_addr addr)
{
	for (const char *const *record = spf->record; *record; record++) {
		struct mt_str rest = mt_str_of(*record), term;
		while (mt_str_word(&rest, " ", &term))
			if (term_covers(term, addr))
				return true;
	}
	return false;
}

void mt_check_spf_findings(struct mt_check *check)
{
	char text[MT_ADDR_TEXT];
	for (const struct mt_spf *spf = check->spf; spf; spf = spf->next)
		for (const struct mt_checked *row = check->rows; row; row = row->next)
			if (*spf->record && row->sends && row->public &&
			    !mt_spf_covers(spf, row->addr))
				mt_model_find(check->model, NULL, "DNS-SPF-LITERAL", NULL, NULL,
					      "no ip4: or ip6: of the SPF record of %s covers %s; "
					      "what else it says was not evaluated",
					      spf->domain, mt_addr_text(row->addr, text));
}

/* ---- MX ---- */

static void add_mx(struct mt_check *check, const char *domain, const char *host,
		   struct mt_addr addr)
{
	struct mt_mx **at = &check->mx;
	if (!mt_host_addr(check->model->snapshot->facts, addr))
		return;
	for (; *at; at = &(*at)->next)
		if (strcmp((*at)->domain, domain) == 0 && mt_addr_eq((*at)->addr, addr))
			return;
	*at = MT_NEW(check->arena, struct mt_mx);
	**at = (struct mt_mx){domain, host, addr, NULL};
}

static void ask_host(struct mt_check *check, const char *domain, const char *host)
{
	if (!mt_is_fqdn(mt_str_of(host)))
		return;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		const struct mt_answer *answer = mt_check_ask(check, mt_check_type(f), host);
		struct mt_addr addr;
		for (unsigned i = 0; i < answer->count; i++)
			if (mt_addr_parse(mt_str_of(answer->value[i]), &addr))
				add_mx(check, domain, host, addr);
	}
}

static void ask_domain(struct mt_check *check, const char *domain)
{
	const struct mt_answer *answer = mt_check_ask(check, MT_DNS_MX, domain);
	if (answer->status == MT_DNS_NO_DATA) /* RFC 5321, 5.1: the name itself */
		ask_host(check, domain, domain);
	for (unsigned i = 0; i < answer->count && i < HOSTS_MAX; i++) {
		const char *blank = strchr(answer->value[i], ' ');
		if (blank)
			ask_host(check, domain, blank + 1);
	}
}

void mt_check_domains(struct mt_check *check)
{
	unsigned left = MT_CHECK_DOMAINS;
	for (const struct mt_mta *mta = check->model->mtas; mta; mta = mta->next)
		for (const char *const *d = mta->domains; d && *d && left; d++) {
			if (!mt_is_fqdn(mt_str_of(*d)) || mt_name_is_private(*d))
				continue;
			ask_domain(check, mt_dns_name(check->arena, *d));
			left--;
		}
}

/* What the host itself shows listening. */
static bool socket_listens(const struct mt_host *host, struct mt_addr addr)
{
	for (size_t i = 0; i < host->socket_count; i++) {
		const struct mt_socket *s = &host->socket[i];
		if (s->listening && s->local_port == 25 &&
		    (mt_addr_eq(s->local, addr) || mt_addr_is_any(s->local)))
			return true;
	}
	return false;
}

/* Without a listener of any MTA nothing is known of them. */
static bool listeners_known(const struct mt_model *model)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		if (!mta->listeners)
			return false;
	return model->mtas != NULL;
}

void mt_check_mx_findings(struct mt_check *check)
{
	const struct mt_model *model = check->model;
	char text[MT_ADDR_TEXT];
	for (const struct mt_mx *mx = check->mx; mx && listeners_known(model); mx = mx->next)
		if (!mt_check_listens(model, mx->addr, 25) &&
		    !socket_listens(model->snapshot->facts, mx->addr))
			mt_model_find(check->model, NULL, "DNS-MX-DEAF", NULL, NULL,
				      "mail for %s is sent to %s (%s), and nothing listens on port "
				      "25 there",
				      mx->domain, mx->host, mt_addr_text(mx->addr, text));
}

void mt_check_mx_closed(struct mt_check *check, const struct mt_plan *plan)
{
	char text[MT_ADDR_TEXT];
	for (const struct mt_mx *mx = check->mx; mx; mx = mx->next)
		for (const struct mt_listener *l = plan->impact.lost; l; l = l->next)
			if (l->port == 25 && mt_addr_eq(l->addr, mx->addr))
				mt_model_find(check->model, plan->mta, "DNS-MX-CLOSED", NULL, NULL,
					      "mail for %s is sent to %s (%s), which no longer "
					      "takes it once this is applied",
					      mx->domain, mx->host, mt_addr_text(mx->addr, text));
}
