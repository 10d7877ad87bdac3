/* SPDX-License-Identifier: ISC */
/*
 * qmail.h: one qmail, as its control files and its qmail-remote say it is; the one symbol of this backend.
 *
 * home.c finds it, remote.c says what its program reads, control.c and outgoingip.c how, precedence.c which line decides
 * about a mail, path.c what that means on this host, plan.c changes it.
 */
#ifndef QM_QMAIL_H
#define QM_QMAIL_H

#include <mtapin/backend.h>

#include "control.h"
#include "outgoingip.h"
#include "remote.h"

struct qmail {
	struct mt_model *model;
	struct mt_mta *mta;
	struct mt_arena *arena;
	const struct mt_host *host;
	struct qm_home place;
	struct qm_remote remote;
	struct qm_file me, helohost, smtproutes;
	/* outgoingip and outgoingip6, if this build reads them; else absent */
	struct qm_file pin_file[MT_FAMILIES];
	struct qm_pin pin[MT_FAMILIES];
	struct mt_transport *transport; /* qmail-remote, the only way out */
	/* why all remote mail waits whatever is pinned; NULL: it does not */
	const char *stopped;
	const struct mt_origin *stopped_at;
};

/* A mail, as far as it is known: with nothing known, any mail. */
struct qm_mail {
	bool sender_known, host_known;
	struct mt_str sender; /* address */
	struct mt_str host; /* domain of the recipient */
	bool routed; /* by smtproutes: */
	struct qm_route route;
	struct mt_addr dest; /* when it is a literal */
};

/* Which line decides about it. */
struct qm_choice {
	enum qm_verdict verdict;
	struct mt_addr addr;
	const struct mt_addr
		*drawn; /* any of these, of which `addr` is the first; NULL: that one */
	size_t drawn_count;
	const struct mt_origin *origin; /* NULL: no line */
	const char *why; /* waits, open; "" */
	enum mt_confidence confidence;
	struct mt_str helo; /* name said instead of helohost; empty: none */
	bool helo_is_sender; /* it is the sender's domain, whatever that is */
	bool named; /* `helo` counts although it is empty */
	bool checked; /* this build looks for the address among its interfaces */
};

extern const struct mt_finding_row qm_findings[]; /* id NULL ends it */
extern const struct mt_backend MT_BACKEND_SYMBOL(qmail);

/* precedence.c */
struct qm_choice qm_choose(const struct qmail *q, const struct qm_mail *mail,
			   enum mt_family family);
/* The line stops all mail: it holds no address, or one that this build finds on no interface. */
bool qm_refuses(const struct qmail *q, const struct qm_choice *c);
struct qm_mail qm_any_mail(const struct qmail *q);
/* The parts of it. A file of keys that this build reads. */
struct qm_map {
	struct qm_file file;
	char sep;
};
/* 1: it can be looked into; 0: there is none; -1: it cannot be read, and that is the choice. */
int qm_map_open(const struct qmail *q, const char *name, struct qm_map *map,
		struct qm_choice *choice);
/* What an entry with a value comes to: of bindroutes; of outgoingips and domainbindings, where the sender's domain is
 * also what is said in HELO; of domainips. */
struct qm_choice qm_choice_of(const struct qmail *q, const struct qm_map *map,
			      const struct qm_entry *entry, enum mt_family family);
struct qm_choice qm_choice_of_sender(const struct qmail *q, const struct qm_map *map,
				     const struct qm_entry *entry, enum mt_family family);
struct qm_choice qm_choice_of_domainip(const struct qmail *q, const struct qm_map *map,
				       const struct qm_entry *entry, enum mt_family family);
/* outgoingip or outgoingip6; of IndiMail: $OUTGOINGIP, else outgoingip.HOST, else outgoingip. */
struct qm_choice qm_outgoingip(const struct qmail *q, enum mt_family family);
struct qm_choice qm_choose_file(const struct qmail *q, const struct qm_mail *mail);
/* The address is bound for every destination (IndiMail, s/qmail), and no connection over the other family comes of it. */
void qm_mind_family(const struct qmail *q, enum mt_family family, struct qm_choice *choice);
/* helohostbindings and helohostbyip: a name by the address. */
void qm_name_by_address(const struct qmail *q, struct qm_choice *choice);
/* IP[%INTERFACE][|HELO] as s/qmail cuts it: the bar that counts stands behind the first '%', if there is one. */
struct qm_domainip {
	struct mt_str addr, helo;
	bool named; /* there is a bar: what is behind it is the name, and nothing is none */
};
struct qm_domainip qm_domainip(struct mt_str value);
/* The next file for one host (outgoingip.HOST of IndiMail, smtproutes.d/HOST of Qsmtp); *at starts at 0; NULL: none. */
const char *qm_per_host(const struct qmail *q, size_t *at);

/* bindings.c: of mail that some line tells from other mail, on the way of `mail` (its next hop; sender and recipient do
 * not count). `helo` is what is said to the rest. */
struct mt_binding *qm_bindings(const struct qmail *q, const struct qm_mail *mail,
			       enum mt_family family, const char *helo);

/* source.c: kind, HELO, next hop and both bindings, of any mail or of this one. */
void qm_transport(struct qmail *q);
struct mt_transport *qm_transport_of(const struct qmail *q, const struct qm_mail *mail);
/* What a choice means on this host. */
void qm_binding(const struct qmail *q, const struct qm_mail *mail, enum mt_family family,
		const struct qm_choice *choice, struct mt_binding *binding);
/* What is said in HELO then. */
const char *qm_name_of(const struct qmail *q, const struct qm_choice *choice);
/* An address that qmail-remote's own list of interfaces holds: the first one of each label. */
bool qm_is_listed(const struct mt_host *host, struct mt_addr addr);
bool qm_is_broadcast(const struct mt_host *host, struct mt_addr addr);

/* lint.c: append the findings. */
void qm_lint(struct qmail *q);
/* lint_name.c */
void qm_lint_name(struct qmail *q);
/* other_mta.c: what is said where another mail server is here too. */
void qm_lint_shared(struct qmail *q);
/* route.c */
void qm_route(const struct mt_model *model, const struct mt_mta *mta, const struct mt_mail *mail,
	      struct mt_route *route);
/* plan.c */
void qm_plan_ready(struct mt_plan *plan);
void qm_plan(struct mt_plan *plan);
extern const struct mt_method qm_methods[];
extern const struct mt_families qm_families;
void qm_alternatives(struct mt_plan *plan, enum mt_family family);
/* Of this build: the methods of which it reads the file, and what it does to both families. */
void qm_find_methods(struct qmail *q);
void qm_serve(struct mt_plan *plan);
void qm_plan_service(struct mt_plan *plan, const struct qmail *q);

/* A line of a control file as a reason; the text is cut at a sane length. */
const struct mt_origin *qm_origin(const struct qmail *q, const struct qm_file *file, unsigned line,
				  struct mt_str text);
/* The line of outgoingip or outgoingip6 that counts. */
const struct mt_origin *qm_origin_pin(const struct qmail *q, enum mt_family family);
/* A next hop on this host. */
bool qm_is_here(const struct qmail *q, const struct qm_route *route);

#endif
