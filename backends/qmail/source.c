/* SPDX-License-Identifier: ISC */
/*
 * source.c: from where qmail-remote sends: what the line that decides (precedence.c) means on this host, else the
 * kernel's choice.
 */
#include "qmail.h"

#include <string.h>

#define LINE_MAX_SHOWN 120
#define NAME_MAX_SHOWN 255

static struct mt_str cut_text(struct mt_str s, size_t max)
{
	return (struct mt_str){s.p, s.n > max ? max : s.n};
}

const struct mt_origin *qm_origin(const struct qmail *q, const struct qm_file *file, unsigned line,
				  struct mt_str text)
{
	return mt_origin(q->arena, file->path, line,
			 mt_redact_text(q->arena, q->mta->backend, file->path,
					mt_strz(q->arena, cut_text(text, LINE_MAX_SHOWN))),
			 NULL);
}

const struct mt_origin *qm_origin_pin(const struct qmail *q, enum mt_family family)
{
	const struct qm_file *file = &q->pin_file[family];
	unsigned line = q->pin[family].line ? q->pin[family].line : file->access == QM_READ;
	if (file->access == QM_ABSENT)
		return NULL;
	struct mt_str bytes = file->bytes, text = {"", 0};
	for (unsigned left = line; left && mt_str_line(&bytes, &text); left--)
		;
	return qm_origin(q, file, line, qm_readline(text));
}

bool qm_is_here(const struct qmail *q, const struct qm_route *route)
{
	if (!route->addr.set)
		return mt_str_is(route->host, "localhost");
	return mt_addr_is_loopback(route->addr) || mt_host_addr(q->host, route->addr);
}

/* ---- what stops all mail ---- */

static void stop_all_mail(struct qmail *q, const char *why, const struct mt_origin *at)
{
	if (!q->stopped) {
		q->stopped = why;
		q->stopped_at = at;
	}
}

static void stop_by(struct qmail *q, const struct qm_file *file)
{
	if (file->access == QM_ERROR)
		stop_all_mail(q, file->why, qm_origin(q, file, 0, MT_STR("")));
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

/* In the order of getcontrols(). */
static void find_stop(struct qmail *q)
{
	struct qm_mail any = qm_any_mail(q);
	stop_by(q, &q->me);
	stop_by(q, &q->helohost);
	if (q->me.access == QM_ABSENT && q->helohost.access == QM_ABSENT)
		stop_all_mail(q, "there is neither this file nor helohost: no name for HELO",
			      qm_origin(q, &q->me, 0, MT_STR("")));
	stop_by(q, &q->smtproutes);
	if (any.routed && memchr(any.route.host.p, '\r', any.route.host.n))
		stop_all_mail(q, "the relay's name ends in a carriage return: it is never found",
			      qm_origin(q, &q->smtproutes, any.route.number, any.route.host));
	/* Qsmtp reads both of its pins, and checks its name, before it does anything. */
	const struct qm_file *name = q->helohost.access == QM_ABSENT ? &q->me : &q->helohost;
	if (q->remote.family != QM_QSMTP)
		return;
	if (name->access == QM_READ && !is_domain(qm_readline(name->bytes)))
		stop_all_mail(q, "Qsmtp accepts no such name",
			      qm_origin(q, name, 1, qm_readline(name->bytes)));
	for (int f = 0; f < MT_FAMILIES; f++)
		if (q->pin[f].verdict == QM_WAITS)
			stop_all_mail(q, q->pin[f].why, qm_origin_pin(q, (enum mt_family)f));
}

/* ---- name and next hop ---- */

const char *qm_name_of(const struct qmail *q, const struct qm_choice *choice)
{
	if (!choice->helo_is_sender && !choice->named && !choice->helo.n) {
		const struct qm_file *file =
			q->helohost.access == QM_ABSENT ? &q->me : &q->helohost;
		return mt_strz(q->arena, cut_text(qm_readline(file->bytes), NAME_MAX_SHOWN));
	}
	return mt_strz(q->arena, cut_text(choice->helo, NAME_MAX_SHOWN));
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
static enum mt_confidence confidence_of(const struct qmail *q)
{
	if (!qm_remote_known(&q->remote) || q->place.wrappers)
		return MT_CONFIDENCE_ASSUMED;
	return MT_CONFIDENCE_YES;
}

static enum mt_confidence least(enum mt_confidence a, enum mt_confidence b)
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

static void kernel_chooses(const struct qmail *q, const struct qm_mail *mail,
			   struct mt_binding *binding, enum mt_family family)
{
	bool literal = mail->dest.set && mail->dest.family == family;
	bool here = mail->routed && qm_is_here(q, &mail->route) && family == MT_V4;
	const struct mt_source *source = literal ? mt_host_source(q->host, mail->dest)
						 : mt_host_default_source(q->host, family);
	binding->how = MT_HOW_KERNEL;
	binding->confidence = q->host->addresses == MT_UNASKED ? MT_CONFIDENCE_ASSUMED
			      : source->asked		       ? MT_CONFIDENCE_YES
							       : MT_CONFIDENCE_NO;
	if (here && literal)
		binding->source = mail->dest;
	else if (here)
		mt_addr_parse(MT_STR("127.0.0.1"), &binding->source);
	else if (source->reachable)
		binding->source = source->source;
	if (here)
		binding->confidence = MT_CONFIDENCE_YES;
	if (binding->confidence == MT_CONFIDENCE_YES && mail->routed && !literal)
		binding->confidence = MT_CONFIDENCE_ASSUMED;
	binding->confidence = least(binding->confidence, confidence_of(q));
	if (!*binding->note)
		binding->note = choice_text(q, source, here);
}

static void defer_binding(struct mt_binding *binding, const char *why)
{
	binding->how = MT_HOW_DEFERRED;
	binding->note = why;
}

static void unknown_binding(struct mt_binding *binding, const char *why)
{
	binding->how = MT_HOW_UNKNOWN;
	binding->confidence = MT_CONFIDENCE_NO;
	binding->note = why;
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

static bool is_usable(const struct qmail *q, const struct qm_choice *c, struct mt_addr addr)
{
	if (c->checked)
		return qm_is_listed(q->host, addr);
	return mt_addr_is_loopback(addr) || mt_addr_usable(q->host, addr);
}

/* Can each that may be drawn be bound, and lead anywhere. */
static bool all_usable(const struct qmail *q, const struct qm_choice *c)
{
	for (size_t i = 0; i < c->drawn_count; i++)
		if (!is_usable(q, c, c->drawn[i]) || mt_addr_is_any(c->drawn[i]) ||
		    mt_addr_is_loopback(c->drawn[i]) || binds_nothing(q, c->drawn[i]))
			return false;
	return c->drawn_count;
}

static void bind_choice(const struct qmail *q, const struct qm_mail *mail,
			const struct qm_choice *c, struct mt_binding *binding)
{
	bool here = mail->routed && qm_is_here(q, &mail->route);
	enum mt_confidence confidence =
		q->host->addresses == MT_PRESENT ? MT_CONFIDENCE_YES : MT_CONFIDENCE_ASSUMED;
	binding->confidence = least(least(confidence, c->confidence), confidence_of(q));
	if (mt_addr_is_loopback(c->addr) && !here) {
		binding->confidence = MT_CONFIDENCE_YES;
		defer_binding(binding, "bound to loopback, which cannot reach other hosts");
	} else if (!is_usable(q, c, c->addr)) {
		defer_binding(binding, not_here(q, c));
	} else {
		binding->how = MT_HOW_ADDRESS;
		binding->source = c->addr;
		binding->absent = MT_ABSENT_WAITS;
		if (!all_usable(q, c))
			return;
		binding->pick = MT_PICK_ANY;
		binding->pool = c->drawn;
		binding->pool_count = c->drawn_count;
		binding->confidence = least(confidence, confidence_of(q));
	}
}

static void decide_binding(const struct qmail *q, const struct qm_mail *mail,
			   const struct qm_choice *c, struct mt_binding *binding,
			   enum mt_family family)
{
	binding->origin = c->origin;
	if (c->verdict == QM_WAITS) {
		binding->confidence = c->confidence;
		defer_binding(binding, c->why);
	} else if (c->verdict == QM_OPEN) {
		unknown_binding(binding, c->why);
	} else if (c->verdict == QM_NOTHING) {
		kernel_chooses(q, mail, binding, family);
	} else if (!c->addr.set || mt_addr_is_any(c->addr)) {
		binding->note = mt_format(q->arena, "%s pins nothing: kernel's choice",
					  family == MT_V6 ? "this" : "0.0.0.0");
		kernel_chooses(q, mail, binding, family);
	} else if (!c->checked && binds_nothing(q, c->addr)) {
		binding->note = "no address to send from: kernel's choice";
		kernel_chooses(q, mail, binding, family);
	} else {
		bind_choice(q, mail, c, binding);
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
		      struct mt_binding *binding)
{
	*binding =
		(struct mt_binding){.how = MT_HOW_OFF, .confidence = MT_CONFIDENCE_YES, .note = ""};
	if (mail->dest.set && mail->dest.family != family) {
		binding->note = mt_format(q->arena, "the next hop is an %s address",
					  mt_family_name(mail->dest.family));
		return true;
	}
	if (family == MT_V4 || !qm_remote_known(&q->remote) || qm_remote_knows_ipv6(&q->remote))
		return false;
	binding->confidence = MT_CONFIDENCE_ASSUMED;
	binding->note = mt_format(q->arena, "qmail-remote of this family uses IPv4 only");
	if (q->remote.family == QM_ETC)
		unknown_binding(binding, "this qmail-remote may use IPv6");
	return true;
}

void qm_binding(const struct qmail *q, const struct qm_mail *mail, enum mt_family family,
		const struct qm_choice *choice, struct mt_binding *binding)
{
	if (ruled_out(q, mail, family, binding))
		return;
	*binding = (struct mt_binding){.note = ""};
	if (q->stopped) {
		binding->origin = q->stopped_at;
		defer_binding(binding, q->stopped);
	} else if (!qm_remote_known(&q->remote) && (family == MT_V6 || may_be_pinned(q))) {
		unknown_binding(binding, q->remote.why);
	} else if (!qm_remote_known(&q->remote)) {
		kernel_chooses(q, mail, binding, family);
	} else {
		decide_binding(q, mail, choice, binding, family);
	}
}

/* A file that is there, and that this build does not read. */
static bool is_ignored(const struct qmail *q)
{
	struct qm_file file = qm_file(q->model->snapshot, &q->place, "outgoingip");
	return qm_file_is_there(&file) && qm_remote_known(&q->remote) &&
	       !qm_remote_reads(&q->remote, "outgoingip");
}

/* Do lines of this family tell one mail from another. */
static bool tells_apart(const struct qmail *q, const struct qm_mail *mail, enum mt_family family)
{
	struct mt_binding binding;
	return !ruled_out(q, mail, family, &binding) && !q->stopped && qm_remote_known(&q->remote);
}

struct mt_transport *qm_transport_of(const struct qmail *q, const struct qm_mail *mail)
{
	struct mt_transport *transport = MT_NEW(q->arena, struct mt_transport);
	transport->name = "qmail-remote";
	transport->kind = q->smtproutes.access == QM_UNKNOWN ? MT_KIND_UNKNOWN : MT_KIND_INTERNET;
	transport->next_hop = transport->feeds = "";
	if (mail->routed) {
		transport->kind =
			qm_is_here(q, &mail->route) ? MT_KIND_LOOPBACK : MT_KIND_RELAYHOST;
		struct mt_str host = cut_text(mail->route.host, NAME_MAX_SHOWN);
		/* what stands behind a blank may be a password */
		transport->next_hop =
			mt_format(q->arena, "%s:%lu",
				  mt_redact_text(q->arena, q->mta->backend, q->smtproutes.path,
						 mt_strz(q->arena, host)),
				  mail->route.port);
		transport->feeds = "control/smtproutes";
	}
	for (int f = 0; f < MT_FAMILIES; f++) {
		struct qm_choice choice = qm_choose(q, mail, (enum mt_family)f);
		struct mt_binding *binding = &transport->binding[f];
		qm_binding(q, mail, (enum mt_family)f, &choice, binding);
		const char *name = qm_name_of(q, &choice);
		if (f == MT_V4)
			transport->helo = name;
		else if (binding->how != MT_HOW_OFF && strcmp(name, transport->helo) != 0)
			binding->helo = name;
		if (binding->how == MT_HOW_KERNEL && !binding->origin && is_ignored(q))
			binding->note = "kernel's choice: outgoingip is not read";
		if (tells_apart(q, mail, (enum mt_family)f))
			transport->conditional[f] = qm_bindings(q, mail, (enum mt_family)f, name);
	}
	return transport;
}

void qm_transport(struct qmail *q)
{
	struct qm_mail any = qm_any_mail(q);
	find_stop(q);
	q->transport = q->mta->transports = qm_transport_of(q, &any);
	q->mta->helo = q->transport->helo;
}
