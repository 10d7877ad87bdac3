/* SPDX-License-Identifier: ISC */
/*
 * route.c: which way one mail takes: delivered here (locals, virtualdomains), else by smtproutes, else to the MX.
 *
 * Source: qmail-send.c rewrite(). BUGS: percenthack and the users of a virtual domain are not looked at.
 */
#include "qmail.h"

#include <string.h>

/* A line of locals, or me where there is no such file. */
static bool is_local(const struct qmail *q, struct mt_str domain, const struct mt_origin **by)
{
	struct qm_file locals = qm_file(q->model->snapshot, &q->place, "locals");
	struct qm_entries entries = {.rest = locals.bytes};
	struct mt_str entry;
	if (locals.access == QM_ABSENT) {
		*by = qm_origin(q, &q->me, 1, qm_readline(q->me.bytes));
		return mt_str_same(qm_readline(q->me.bytes), domain);
	}
	while (qm_readfile(&entries, &entry))
		if (mt_str_same(entry, domain)) {
			*by = qm_origin(q, &locals, entries.number, entry);
			return true;
		}
	return false;
}

/* user@domain, domain, .suffix, "": an empty value is an exception. */
static bool is_virtual(const struct qmail *q, struct mt_str address, const struct mt_origin **by)
{
	struct qm_file file = qm_file(q->model->snapshot, &q->place, "virtualdomains");
	struct qm_entry entry;
	if (!qm_map_get(file.bytes, ':', address, &entry) &&
	    !qm_map_domain(file.bytes, ':', mt_str_after(address, '@'), &entry))
		return false;
	*by = qm_origin(q, &file, entry.number, entry.key);
	return entry.value.n > 0;
}

/* [192.0.2.1] */
static struct mt_addr literal(struct mt_str domain)
{
	struct mt_addr addr = {0};
	if (domain.n > 2 && domain.p[0] == '[' && domain.p[domain.n - 1] == ']')
		mt_addr_parse(mt_str_part(domain, 1, domain.n - 2), &addr);
	return addr;
}

void qm_route(const struct mt_model *model, const struct mt_mta *mta, const struct mt_mail *mail,
	      struct mt_route *route)
{
	const struct qmail *q = mta->priv;
	const struct mt_origin *by = NULL;
	(void)model;
	*route = (struct mt_route){.next_hop = "", .note = ""};
	struct qm_mail m = {.host_known = true, .host = mt_str_after(mt_str_of(mail->to), '@')};
	if (mail->from) {
		m.sender_known = true;
		m.sender = mt_str_of(mail->from);
	}
	m.routed = qm_route_of(q->smtproutes.bytes, m.host, &m.route) && m.route.host.n;
	m.dest = m.routed ? m.route.addr : literal(m.host);
	if (is_local(q, m.host, &by) || is_virtual(q, mt_str_of(mail->to), &by)) {
		route->note = "delivered on this host";
		route->chain = mt_origin(q->arena, by->file, by->line, by->text, NULL);
		return;
	}
	struct qm_mail any = {.routed = m.routed, .route = m.route, .dest = m.dest};
	struct mt_transport *transport = qm_transport_of(q, &any);
	route->transport = transport;
	route->next_hop = transport->next_hop;
	route->hop = m.dest;
	for (int f = 0; f < MT_FAMILIES; f++) {
		struct qm_choice choice = qm_choose(q, &m, (enum mt_family)f);
		route->helo[f] = qm_name_of(q, &choice);
	}
	if (m.routed)
		route->chain = mt_origin(q->arena, q->smtproutes.path, m.route.number,
					 mt_format(q->arena, "%.*s:%s", MT_STR_FMT(m.route.key),
						   transport->next_hop),
					 NULL);
}
