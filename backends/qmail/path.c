/* SPDX-License-Identifier: ISC */
/*
 * path.c: from where qmail-remote sends: what the line that decides (choose.c) means on this host, else the
 * kernel's choice.
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

static struct mt_str line_at(struct mt_str bytes, unsigned number)
{
	struct mt_str line = {"", 0};
	while (number-- && mt_str_line(&bytes, &line))
		;
	return qm_readline(line);
}

const struct mt_because *qm_because_pin(const struct qmail *q, enum mt_family family)
{
	const struct qm_file *file = &q->pin_file[family];
	unsigned line = q->pin[family].line ? q->pin[family].line : file->access == QM_READ;
	if (file->access == QM_ABSENT)
		return NULL;
	return qm_because(q, file, line, line_at(file->bytes, line));
}

bool qm_is_here(const struct qmail *q, const struct qm_route *route)
{
	if (!route->addr.set)
		return mt_str_is(route->host, "localhost");
	return mt_addr_is_loopback(route->addr) || mt_host_addr(q->host, route->addr);
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

static bool is_domain(struct mt_str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i] | 32;
		if ((c < 'a' || c > 'z') && (name.p[i] < '0' || name.p[i] > '9') &&
		    name.p[i] != '-' && name.p[i] != '.')
			return false;
	}
	return name.n && memchr(name.p, '.', name.n);
}

/* Qsmtp reads both of its pins, and checks its name, before it does anything. */
static void stop_qsmtp(struct qmail *q)
{
	const struct qm_file *name = q->helohost.access == QM_ABSENT ? &q->me : &q->helohost;
	if (q->remote.family != QM_QSMTP)
		return;
	if (name->access == QM_READ && !is_domain(qm_readline(name->bytes)))
		stop(q, "Qsmtp accepts no such name",
		     qm_because(q, name, 1, qm_readline(name->bytes)));
	for (int f = 0; f < MT_FAMILIES; f++)
		if (q->pin[f].verdict == QM_WAITS)
			stop(q, q->pin[f].why, qm_because_pin(q, (enum mt_family)f));
}

/* In the order of getcontrols(). */
static void find_stop(struct qmail *q)
{
	struct qm_mail any = qm_any_mail(q);
	stop_by(q, &q->me);
	stop_by(q, &q->helohost);
	if (q->me.access == QM_ABSENT && q->helohost.access == QM_ABSENT)
		stop(q, "there is neither this file nor helohost: no name for HELO",
		     qm_because(q, &q->me, 0, MT_STR("")));
	stop_by(q, &q->smtproutes);
	if (any.routed && memchr(any.route.host.p, '\r', any.route.host.n))
		stop(q, "the relay's name ends in a carriage return: it is never found",
		     qm_because(q, &q->smtproutes, any.route.number, any.route.host));
	stop_qsmtp(q);
}

/* ---- name and next hop ---- */

static const char *usual_name(const struct qmail *q)
{
	const struct qm_file *file = q->helohost.access == QM_ABSENT ? &q->me : &q->helohost;
	return mt_strz(q->arena, cut(qm_readline(file->bytes), NAME_MAX_SHOWN));
}

static const char *name_of(const struct qmail *q, const struct qm_choice *choice)
{
	if (!choice->helo_is_sender && !choice->named && !choice->helo.n)
		return usual_name(q);
	return mt_strz(q->arena, cut(choice->helo, NAME_MAX_SHOWN));
}

static void aim(const struct qmail *q, const struct qm_mail *mail, struct mt_path *path)
{
	path->kind = q->smtproutes.access == QM_UNKNOWN ? MT_KIND_UNKNOWN : MT_KIND_INTERNET;
	path->next_hop = path->feeds = "";
	if (!mail->routed)
		return;
	path->kind = qm_is_here(q, &mail->route) ? MT_KIND_LOOPBACK : MT_KIND_RELAYHOST;
	struct mt_str host = cut(mail->route.host, NAME_MAX_SHOWN);
	path->next_hop = mt_format(q->arena, "%.*s:%lu", MT_STR_FMT(host), mail->route.port);
	path->feeds = "control/smtproutes";
}

/* ---- addresses ---- */

bool qm_is_broadcast(const struct mt_host *host, struct mt_addr addr)
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

bool qm_is_listed(const struct mt_host *host, struct mt_addr addr)
{
	if (host->addresses != MT_PRESENT)
		return true;
	const struct mt_ifaddr *at = mt_host_addr(host, addr);
	if (!at || !at->up)
		return false;
	for (size_t i = 0; *at->label && i < host->addr_count && &host->addr[i] != at; i++)
		if (host->addr[i].addr.family == MT_V4 &&
		    strcmp(host->addr[i].label, at->label) == 0)
			return false;
	return true;
}

/* ---- a way ---- */

/* Whether the program is the one in use, and its rules, are as good as known. */
static enum mt_sure sure_of(const struct qmail *q)
{
	if (!qm_remote_known(&q->remote) || q->place.wrappers)
		return MT_SURE_ASSUMED;
	return MT_SURE_YES;
}

static enum mt_sure least(enum mt_sure a, enum mt_sure b)
{
	return a > b ? a : b;
}

static const char *choice_text(const struct qmail *q, const struct mt_source *source, bool here)
{
	if (here)
		return "kernel's choice on this host";
	if (!source->reachable)
		return "kernel's choice";
	return mt_format(q->arena, "kernel's choice (%s%s%s)",
			 source->gateway ? "default route" : "on link", *source->iface ? ", " : "",
			 source->iface);
}

static void kernel_chooses(const struct qmail *q, const struct qm_mail *mail, struct mt_way *way,
			   enum mt_family family)
{
	bool literal = mail->dest.set && mail->dest.family == family;
	bool here = mail->routed && qm_is_here(q, &mail->route) && family == MT_V4;
	const struct mt_source *source = literal ? mt_host_source(q->host, mail->dest)
						 : mt_host_default_source(q->host, family);
	way->how = MT_HOW_KERNEL;
	way->sure = q->host->addresses == MT_UNASKED ? MT_SURE_ASSUMED
		    : source->asked		     ? MT_SURE_YES
						     : MT_SURE_NO;
	if (here && literal)
		way->source = mail->dest;
	else if (here)
		mt_addr_parse(MT_STR("127.0.0.1"), &way->source);
	else if (source->reachable)
		way->source = source->source;
	if (here)
		way->sure = MT_SURE_YES;
	if (way->sure == MT_SURE_YES && mail->routed && !literal)
		way->sure = MT_SURE_ASSUMED;
	way->sure = least(way->sure, sure_of(q));
	if (!*way->note)
		way->note = choice_text(q, source, here);
}

static void defer(struct mt_way *way, const char *why)
{
	way->how = MT_HOW_DEFERRED;
	way->note = why;
}

static void unknown(struct mt_way *way, const char *why)
{
	way->how = MT_HOW_UNKNOWN;
	way->sure = MT_SURE_NO;
	way->note = why;
}

static const char *not_here(const struct qmail *q, const struct qm_choice *c)
{
	const char *text = mt_addr_format(q->arena, c->addr);
	if (c->checked && mt_host_addr(q->host, c->addr))
		return mt_format(
			q->arena,
			"this build takes %s for no address of this host: it sees only the "
			"first one of each label",
			text);
	return mt_format(q->arena, "%s is not an address of this host", text);
}

/* Bound without an error, and the kernel chooses after all. */
static bool binds_nothing(const struct qmail *q, struct mt_addr addr)
{
	return addr.family == MT_V4 && q->remote.family != QM_QSMTP &&
	       (mt_addr_is_multicast(addr) || qm_is_broadcast(q->host, addr));
}

static void bound(const struct qmail *q, const struct qm_mail *mail, const struct qm_choice *c,
		  struct mt_way *way)
{
	bool here = mail->routed && qm_is_here(q, &mail->route);
	enum mt_sure sure = q->host->addresses == MT_PRESENT ? MT_SURE_YES : MT_SURE_ASSUMED;
	way->sure = least(least(sure, c->sure), sure_of(q));
	if (mt_addr_is_loopback(c->addr) && !here) {
		way->sure = MT_SURE_YES;
		defer(way, "bound to loopback, which cannot reach other hosts");
	} else if (c->checked
			   ? !qm_is_listed(q->host, c->addr)
			   : !mt_addr_is_loopback(c->addr) && !mt_addr_usable(q->host, c->addr)) {
		defer(way, not_here(q, c));
	} else {
		way->how = MT_HOW_ADDRESS;
		way->source = c->addr;
	}
}

static void decide(const struct qmail *q, const struct qm_mail *mail, const struct qm_choice *c,
		   struct mt_way *way, enum mt_family family)
{
	way->because = c->because;
	if (c->verdict == QM_WAITS) {
		way->sure = c->sure;
		defer(way, c->why);
	} else if (c->verdict == QM_OPEN) {
		unknown(way, c->why);
	} else if (c->verdict == QM_NOTHING) {
		kernel_chooses(q, mail, way, family);
	} else if (!c->addr.set || mt_addr_is_any(c->addr)) {
		way->note = mt_format(q->arena, "%s pins nothing: kernel's choice",
				      family == MT_V6 ? "this" : "0.0.0.0");
		kernel_chooses(q, mail, way, family);
	} else if (!c->checked && binds_nothing(q, c->addr)) {
		way->note = "no address to send from: kernel's choice";
		kernel_chooses(q, mail, way, family);
	} else {
		bound(q, mail, c, way);
	}
}

/* Is there any file that could pin, for whatever qmail-remote this is. */
static bool may_be_pinned(const struct qmail *q)
{
	static const char *const names[] = {"outgoingip", "outgoingip6", NULL};
	const char *const *const lists[] = {names, qm_other_pins};
	for (size_t i = 0; i < MT_ARRAY_LEN(lists); i++)
		for (const char *const *name = lists[i]; *name; name++) {
			struct qm_file file = qm_file(q->model->snapshot, &q->place, *name);
			if (qm_file_is_there(&file) ||
			    (file.access == QM_UNKNOWN && *name == names[0]))
				return true;
		}
	return false;
}

/* Is there no IPv6 (IPv4) on this way, whatever is pinned. */
static bool ruled_out(const struct qmail *q, const struct qm_mail *mail, enum mt_family family,
		      struct mt_way *way)
{
	*way = (struct mt_way){.how = MT_HOW_OFF, .sure = MT_SURE_YES, .note = ""};
	if (mail->dest.set && mail->dest.family != family) {
		way->note = mt_format(q->arena, "the next hop is an %s address",
				      mt_family_name(mail->dest.family));
		return true;
	}
	if (family == MT_V4 || !qm_remote_known(&q->remote) || qm_remote_knows_ipv6(&q->remote))
		return false;
	way->sure = MT_SURE_ASSUMED;
	way->note = mt_format(q->arena, "qmail-remote of this family uses IPv4 only");
	if (q->remote.family == QM_ETC)
		unknown(way, "this qmail-remote may use IPv6");
	return true;
}

static void set_way(const struct qmail *q, const struct qm_mail *mail, enum mt_family family,
		    const struct qm_choice *choice, struct mt_way *way)
{
	if (ruled_out(q, mail, family, way))
		return;
	*way = (struct mt_way){.note = ""};
	if (q->stopped) {
		way->because = q->stopped_at;
		defer(way, q->stopped);
	} else if (!qm_remote_known(&q->remote) && (family == MT_V6 || may_be_pinned(q))) {
		unknown(way, q->remote.why);
	} else if (!qm_remote_known(&q->remote)) {
		kernel_chooses(q, mail, way, family);
	} else {
		decide(q, mail, choice, way, family);
	}
}

/* A file that is there, and that this build does not read. */
static bool is_ignored(const struct qmail *q)
{
	struct qm_file file = qm_file(q->model->snapshot, &q->place, "outgoingip");
	return qm_file_is_there(&file) && qm_remote_known(&q->remote) &&
	       !qm_remote_reads(&q->remote, "outgoingip");
}

struct mt_path *qm_path_of(const struct qmail *q, const struct qm_mail *mail)
{
	struct mt_path *path = MT_NEW(q->arena, struct mt_path);
	path->name = "qmail-remote";
	aim(q, mail, path);
	for (int f = 0; f < MT_FAMILIES; f++) {
		struct qm_choice choice = qm_choose(q, mail, (enum mt_family)f);
		struct mt_way *way = &path->way[f];
		set_way(q, mail, (enum mt_family)f, &choice, way);
		const char *name = name_of(q, &choice);
		if (f == MT_V4)
			path->helo = name;
		else if (way->how != MT_HOW_OFF && strcmp(name, path->helo) != 0)
			way->helo = name;
		if (way->how == MT_HOW_KERNEL && !way->because && is_ignored(q))
			way->note = "kernel's choice: outgoingip is not read";
	}
	return path;
}

void qm_path(struct qmail *q)
{
	struct qm_mail any = qm_any_mail(q);
	find_stop(q);
	q->path = q->mta->paths = qm_path_of(q, &any);
	q->mta->helo = q->path->helo;
}
