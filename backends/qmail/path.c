/* SPDX-License-Identifier: ISC */
/*
 * path.c: from where qmail-remote sends: control/outgoingip if the program in use reads it, else the kernel's
 * choice. Every answer was measured, byte by byte of the file; tests/vectors/qmail is the list.
 */
#include "qmail.h"

#include <string.h>

#define LINE_MAX_SHOWN 120
#define NAME_MAX_SHOWN 255

static struct mt_str cut(struct mt_str s, size_t max)
{
	return (struct mt_str){s.p, s.n > max ? max : s.n};
}

const struct mt_because *qm_because(const struct qmail *q, const struct qm_file *file,
				    unsigned line, struct mt_str text)
{
	return mt_because(q->arena, file->path, line, mt_strz(q->arena, cut(text, LINE_MAX_SHOWN)),
			  NULL);
}

const struct mt_because *qm_because_pin(const struct qmail *q)
{
	return qm_because(q, &q->outgoingip, q->outgoingip.access == QM_READ,
			  qm_readline(q->outgoingip.bytes));
}

bool qm_is_here(const struct qmail *q, const struct qm_route *route)
{
	if (!route->addr.set)
		return mt_str_is(route->host, "localhost");
	return mt_addr_is_loopback(route->addr) || mt_host_addr(q->host, route->addr);
}

const char *qm_other_pin(const struct qmail *q)
{
	for (const char *const *name = qm_other_pins; *name; name++)
		if (qm_remote_reads(&q->remote, *name) &&
		    qm_file(q->model->snapshot, *name).access != QM_ABSENT)
			return *name;
	return NULL;
}

bool qm_pin_present(const struct qmail *q)
{
	for (const char *const *name = qm_other_pins; *name; name++) {
		enum qm_access access = qm_file(q->model->snapshot, *name).access;
		if (access == QM_READ || access == QM_ERROR)
			return true;
	}
	return q->outgoingip.access != QM_ABSENT;
}

/* ---- what stops all mail ---- */

static void stop(struct qmail *q, const char *why, const struct mt_because *at)
{
	if (!q->stopped) {
		q->stopped = why;
		q->stopped_at = at;
	}
}

static void stop_by(struct qmail *q, const struct qm_file *file)
{
	if (file->access == QM_ERROR)
		stop(q, file->why, qm_because(q, file, 0, MT_STR("")));
}

/* In the order of getcontrols(). */
static void find_stop(struct qmail *q)
{
	stop_by(q, &q->me);
	stop_by(q, &q->helohost);
	if (q->me.access == QM_ABSENT && q->helohost.access == QM_ABSENT)
		stop(q, "there is neither this file nor control/helohost: no name for HELO",
		     qm_because(q, &q->me, 0, MT_STR("")));
	stop_by(q, &q->smtproutes);
	if (q->routed && q->route.host.n && memchr(q->route.host.p, '\r', q->route.host.n))
		stop(q, "the relay's name ends in a carriage return: it is never found",
		     qm_because(q, &q->smtproutes, q->route.number, q->route.host));
}

/* ---- name and next hop ---- */

static void name_path(struct qmail *q)
{
	const struct qm_file *file = q->helohost.access == QM_ABSENT ? &q->me : &q->helohost;
	struct mt_str name = cut(qm_readline(file->bytes), NAME_MAX_SHOWN);
	q->path->helo = q->mta->helo = mt_strz(q->arena, name);
}

static void aim_path(struct qmail *q)
{
	struct mt_path *path = q->path;
	path->kind = q->smtproutes.access == QM_UNKNOWN ? MT_KIND_UNKNOWN : MT_KIND_INTERNET;
	path->next_hop = path->feeds = "";
	q->routed = qm_route_default(q->smtproutes.bytes, &q->route) && q->route.host.n;
	if (!q->routed)
		return;
	path->kind = qm_is_here(q, &q->route) ? MT_KIND_LOOPBACK : MT_KIND_RELAYHOST;
	struct mt_str host = cut(q->route.host, NAME_MAX_SHOWN);
	path->next_hop = mt_format(q->arena, "%.*s:%lu", MT_STR_FMT(host), q->route.port);
	path->feeds = "control/smtproutes";
}

/* ---- the way over IPv4 ---- */

static void kernel_chooses(const struct qmail *q, struct mt_way *way, const char *why)
{
	bool literal = q->routed && q->route.addr.set, here = q->path->kind == MT_KIND_LOOPBACK;
	const struct mt_source *source = literal ? mt_host_source(q->host, q->route.addr)
						 : mt_host_default_source(q->host, MT_V4);
	way->how = MT_HOW_KERNEL;
	way->sure = q->host->addresses == MT_UNASKED ? MT_SURE_ASSUMED
		    : source->asked		     ? MT_SURE_YES
						     : MT_SURE_NO;
	if (here && literal)
		way->source = q->route.addr;
	else if (here)
		mt_addr_parse(MT_STR("127.0.0.1"), &way->source);
	else if (source->reachable)
		way->source = source->source;
	if (here)
		way->sure = MT_SURE_YES;
	if (way->sure == MT_SURE_YES && (q->remote.seen != QM_PLAIN || (q->routed && !literal)))
		way->sure = MT_SURE_ASSUMED;
	way->note = why;
	if (!*why)
		way->note = here ? "kernel's choice on this host"
			    : source->reachable
				    ? mt_format(q->arena, "kernel's choice (%s%s%s)",
						source->gateway ? "default route" : "on link",
						*source->iface ? ", " : "", source->iface)
				    : "kernel's choice";
}

static bool is_broadcast(const struct mt_host *host, struct mt_addr addr)
{
	for (size_t i = 0; i < host->addr_count; i++) {
		const struct mt_ifaddr *at = &host->addr[i];
		bool ones = at->addr.family == MT_V4 && at->bits < 31 &&
			    mt_addr_in_prefix(addr, at->addr, at->bits);
		for (unsigned bit = at->bits; ones && bit < 32; bit++)
			ones = addr.b[bit / 8] >> (7 - bit % 8) & 1;
		if (ones)
			return true;
	}
	return mt_addr_is_broadcast(addr);
}

static void defer(struct mt_way *way, const struct mt_because *because, const char *why)
{
	way->how = MT_HOW_DEFERRED;
	way->because = because;
	way->note = why;
}

static void pinned(struct qmail *q, struct mt_way *way)
{
	struct mt_addr addr = q->pin.addr;
	const struct mt_because *because = qm_because_pin(q);
	way->sure = q->host->addresses == MT_PRESENT ? MT_SURE_YES : MT_SURE_ASSUMED;
	if (!addr.set) {
		way->sure = MT_SURE_YES;
		defer(way, because, "the first line does not start with an IPv4 address");
	} else if (mt_addr_is_any(addr)) {
		kernel_chooses(q, way, "0.0.0.0 pins nothing: kernel's choice");
		way->because = because;
	} else if (mt_addr_is_multicast(addr) || is_broadcast(q->host, addr)) {
		q->pins_nothing = true;
		kernel_chooses(q, way, "no address to send from: kernel's choice");
		way->because = because;
	} else if (mt_addr_is_loopback(addr) && q->path->kind != MT_KIND_LOOPBACK) {
		way->sure = MT_SURE_YES;
		defer(way, because, "bound to loopback, which cannot reach other hosts");
	} else if (!mt_addr_is_loopback(addr) && !mt_addr_usable(q->host, addr)) {
		defer(way, because,
		      mt_format(q->arena, "%s is not an address of this host",
				mt_addr_format(q->arena, addr)));
	} else {
		way->how = MT_HOW_ADDRESS;
		way->source = addr;
		way->because = because;
	}
}

static void unknown(struct mt_way *way, const char *why)
{
	way->how = MT_HOW_UNKNOWN;
	way->sure = MT_SURE_NO;
	way->note = why;
}

static void way_v4(struct qmail *q, struct mt_way *way)
{
	const struct qm_file *pin = &q->outgoingip;
	const char *other = qm_other_pin(q);
	*way = (struct mt_way){.note = ""};
	if (q->stopped)
		defer(way, q->stopped_at, q->stopped);
	else if (q->remote.seen != QM_PLAIN && qm_pin_present(q))
		unknown(way, q->remote.why);
	else if (other)
		unknown(way, mt_format(q->arena, "control/%s decides too", other));
	else if (pin->access == QM_ABSENT)
		kernel_chooses(q, way, "");
	else if (!qm_remote_reads(&q->remote, "outgoingip"))
		kernel_chooses(q, way, "kernel's choice: outgoingip is not read");
	else if (qm_remote_reads_other(&q->remote))
		unknown(way, "a build that may refuse addresses others accept");
	else if (pin->access == QM_ERROR)
		defer(way, qm_because_pin(q), pin->why);
	else if (pin->access == QM_UNKNOWN)
		unknown(way, mt_format(q->arena, "control/outgoingip: %s", pin->why));
	else
		pinned(q, way);
}

/* qmail-remote of this family asks for no AAAA record: mail to hosts with IPv6 alone bounces. */
static void way_v6(const struct qmail *q, struct mt_way *way)
{
	*way = (struct mt_way){.how = MT_HOW_OFF,
			       .sure = MT_SURE_ASSUMED,
			       .note = "qmail-remote of this family uses IPv4 only"};
	if (q->remote.seen != QM_PLAIN)
		unknown(way, q->remote.why);
	else if (qm_remote_knows_ipv6(&q->remote))
		unknown(way, "this qmail-remote may use IPv6");
}

void qm_path(struct qmail *q)
{
	q->path = q->mta->paths = MT_NEW(q->arena, struct mt_path);
	q->path->name = "qmail-remote";
	name_path(q);
	aim_path(q);
	find_stop(q);
	way_v4(q, &q->path->way[MT_V4]);
	way_v6(q, &q->path->way[MT_V6]);
}
