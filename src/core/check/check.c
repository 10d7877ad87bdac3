/* SPDX-License-Identifier: ISC */
/* check.c: the rows of the table, and the order in which things are asked. */
#include "core/check/check.h"

#include <string.h>

#include "core/check/check_part.h"
#include "core/model/host_findings.h"

/* ---- questions ---- */

static void add_missing(struct mt_check *check, struct mt_question question)
{
	for (size_t i = 0; i < check->missing_count; i++)
		if (check->missing[i].type == question.type &&
		    strcmp(check->missing[i].name, question.name) == 0)
			return;
	if (check->missing_count == check->missing_room) {
		check->missing_room = check->missing_room ? check->missing_room * 4 : 64;
		struct mt_question *more =
			mt_alloc(check->arena, check->missing_room * sizeof *more);
		if (check->missing_count)
			memcpy(more, check->missing, check->missing_count * sizeof *more);
		check->missing = more;
	}
	check->missing[check->missing_count++] = question;
}

const struct mt_answer *mt_check_ask_paced(struct mt_check *check, enum mt_dns_type type,
					   const char *name, const char *pace)
{
	const struct mt_answer *answer = mt_dns_get(check->dns, type, name);
	if (answer->status == MT_DNS_UNASKED)
		add_missing(check,
			    (struct mt_question){type, mt_dns_name(check->arena, name), pace});
	return answer;
}

const struct mt_answer *mt_check_ask(struct mt_check *check, enum mt_dns_type type,
				     const char *name)
{
	return mt_check_ask_paced(check, type, name, NULL);
}

enum mt_truth mt_answer_has(const struct mt_answer *answer, struct mt_addr addr)
{
	struct mt_addr one;
	for (unsigned i = 0; i < answer->count; i++)
		if (mt_addr_parse(mt_str_of(answer->value[i]), &one) && mt_addr_eq(one, addr))
			return MT_YES;
	return mt_answer_known(answer) && !answer->dropped ? MT_NO : MT_UNKNOWN;
}

/* ---- words ---- */

const char *mt_iprev_name(enum mt_iprev iprev)
{
	static const char *const names[] = {"pass", "fail", "temperror", "permerror"};
	return (unsigned)iprev < MT_ARRAY_LEN(names) ? names[iprev] : "unknown";
}

const char *mt_truth_name(enum mt_truth truth)
{
	static const char *const names[] = {"no", "yes", "unknown"};
	return (unsigned)truth < MT_ARRAY_LEN(names) ? names[truth] : "unknown";
}

/* ---- rows ---- */

bool mt_addr_is_documentation(struct mt_addr addr)
{
	static const struct {
		const char *net;
		unsigned bits;
	} nets[] = {{"192.0.2.0", 24},
		    {"198.51.100.0", 24},
		    {"203.0.113.0", 24},
		    {"2001:db8::", 32},
		    {"3fff::", 20}};
	struct mt_addr net;
	for (size_t i = 0; i < MT_ARRAY_LEN(nets); i++)
		if (mt_addr_parse(mt_str_of(nets[i].net), &net) &&
		    mt_addr_in_prefix(addr, net, nets[i].bits))
			return true;
	return false;
}

static bool is_public(struct mt_addr addr)
{
	return addr.set && !mt_addr_is_any(addr) && !mt_addr_is_loopback(addr) &&
	       !mt_addr_is_private(addr) && !mt_addr_is_link_local(addr) &&
	       !mt_addr_is_multicast(addr) && !mt_addr_is_mapped(addr);
}

const struct mt_checked *mt_check_row(const struct mt_check *check, struct mt_addr addr)
{
	const struct mt_checked *row = check ? check->rows : NULL;
	while (row && !mt_addr_eq(row->addr, addr))
		row = row->next;
	return row;
}

static struct mt_checked *make_row(struct mt_check *check, struct mt_addr addr)
{
	struct mt_checked **at = &check->rows;
	size_t count = 0;
	for (; *at; at = &(*at)->next, count++)
		if (mt_addr_eq((*at)->addr, addr))
			return *at;
	if (count == MT_CHECK_ADDRESSES) {
		check->left_out++;
		return NULL;
	}
	*at = MT_NEW(check->arena, struct mt_checked);
	**at = (struct mt_checked){.addr = addr,
				   .at = mt_host_addr(check->model->snapshot->facts, addr),
				   .public = is_public(addr),
				   .listens = mt_check_listens(check->model, addr, 25),
				   .paths = "",
				   .helo = "",
				   .confirmed = "",
				   .generic = "",
				   .why = "",
				   .helo_why = "",
				   .verdict = ""};
	return *at;
}

bool mt_check_listens(const struct mt_model *model, struct mt_addr addr, unsigned port)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		for (const struct mt_listener *l = mta->listeners; l; l = l->next)
			if (l->port == port && l->addr.family == addr.family &&
			    (mt_addr_is_any(l->addr) || mt_addr_eq(l->addr, addr)))
				return true;
	return false;
}

/* A way that mail takes to the internet, with its address known. */
static bool leaves_to_internet(const struct mt_transport *transport,
			       const struct mt_binding *binding)
{
	return transport->kind == MT_KIND_INTERNET && binding->source.set &&
	       (binding->how == MT_HOW_ADDRESS || binding->how == MT_HOW_KERNEL);
}

static void add_transport_rows(struct mt_check *check, const struct mt_mta *mta,
			       const struct mt_transport *transport)
{
	const char *helo = *transport->helo ? transport->helo : mta->helo;
	for (int f = 0; f < MT_FAMILIES; f++) {
		const struct mt_binding *binding = &transport->binding[f];
		struct mt_checked *row = leaves_to_internet(transport, binding)
						 ? make_row(check, binding->source)
						 : NULL;
		if (!row)
			continue;
		row->sends = true;
		row->paths = mt_format(check->arena, "%s%s%s", row->paths, *row->paths ? ", " : "",
				       transport->name);
		if (!*row->helo)
			row->helo = binding->helo ? binding->helo : helo;
	}
}

/* It could be pinned: it is on an interface that is not the loopback's or the containers', and the world may see it. */
static bool could_send(const struct mt_host *host, const struct mt_ifaddr *at)
{
	return !mt_host_bridges(host, at) && is_public(at->addr) && at->up && !at->link_scope &&
	       !at->host_scope;
}

void mt_check_rows(struct mt_check *check)
{
	const struct mt_host *host = check->model->snapshot->facts;
	const struct mt_mta *first = check->model->mtas;
	for (const struct mt_mta *mta = first; mta; mta = mta->next)
		for (const struct mt_transport *transport = mta->transports; transport;
		     transport = transport->next)
			add_transport_rows(check, mta, transport);
	for (size_t i = 0; i < host->addr_count; i++)
		if (could_send(host, &host->addr[i]))
			make_row(check, host->addr[i].addr);
	for (struct mt_checked *row = check->rows; row; row = row->next) {
		if (!*row->helo && first)
			row->helo = first->helo;
		if (check->options->helo)
			row->helo = check->options->helo;
	}
}

/* ---- the whole ---- */

static struct mt_check *start_check(struct mt_model *model, const struct mt_check_options *options,
				    const struct mt_dns *dns)
{
	struct mt_check *check = MT_NEW(model->arena, struct mt_check);
	check->arena = model->arena;
	check->model = model;
	check->options = options;
	check->dns = dns;
	return check;
}

struct mt_check *mt_check(struct mt_model *model, const struct mt_check_options *options,
			  const struct mt_dns *dns)
{
	struct mt_check *check = start_check(model, options, dns);
	mt_check_rows(check);
	for (struct mt_checked *row = check->rows; row; row = row->next) {
		if (row->public) {
			mt_check_reverse(check, row);
			mt_check_helo(check, row);
			mt_check_lists(check, row);
		}
		mt_check_judge(check, row);
	}
	mt_check_spf(check);
	mt_check_domains(check);
	return check;
}

struct mt_check *mt_check_mx(struct mt_model *model, const struct mt_check_options *options,
			     const struct mt_dns *dns)
{
	struct mt_check *check = start_check(model, options, dns);
	mt_check_domains(check);
	return check;
}

void mt_check_report(struct mt_check *check)
{
	mt_check_host_findings(check);
	mt_check_dns_findings(check);
	mt_check_spf_findings(check);
	mt_check_mx_findings(check);
}
