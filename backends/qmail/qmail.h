/* SPDX-License-Identifier: ISC */
/*
 * qmail.h: one qmail, as its control files and its qmail-remote say it is; the one symbol of this backend.
 *
 * home.c finds it, remote.c says what its program reads, control.c and pin.c how, choose.c which line decides
 * about a mail, path.c what that means on this host, plan.c changes it.
 */
#ifndef QM_QMAIL_H
#define QM_QMAIL_H

#include <mtapin/backend.h>

#include "control.h"
#include "pin.h"
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
	struct mt_path *path; /* qmail-remote, the only way out */
	/* why all remote mail waits whatever is pinned; NULL: it does not */
	const char *stopped;
	const struct mt_because *stopped_at;
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
	const struct mt_because *because; /* NULL: no line */
	const char *why; /* waits, open; "" */
	enum mt_sure sure;
	struct mt_str helo; /* name said instead of helohost; empty: none */
	bool helo_is_sender; /* it is the sender's domain, whatever that is */
	bool named; /* `helo` counts although it is empty */
	bool checked; /* this build looks for the address among its interfaces */
};

extern const struct mt_finding_row qm_findings[]; /* id NULL ends it */
extern const struct mt_backend MT_BACKEND_SYMBOL(qmail);

/* choose.c */
struct qm_choice qm_choose(const struct qmail *q, const struct qm_mail *mail,
			   enum mt_family family);
/* The line stops all mail: it holds no address, or one that this build finds on no interface. */
bool qm_refuses(const struct qmail *q, const struct qm_choice *c);
struct qm_mail qm_any_mail(const struct qmail *q);
/* IP[%INTERFACE][|HELO] as s/qmail cuts it: the bar that counts stands behind the first '%', if there is one. */
struct qm_domainip {
	struct mt_str addr, helo;
	bool named; /* there is a bar: what is behind it is the name, and nothing is none */
};
struct qm_domainip qm_domainip(struct mt_str value);
/* Does a map that this build reads hold keys of their own, and for which file: lines that decide about some mail. */
unsigned qm_exceptions(const struct qmail *q, const char *name, struct qm_entry *first);
/* The next file for one host (outgoingip.HOST of IndiMail, smtproutes.d/HOST of Qsmtp); *at starts at 0; NULL: none. */
const char *qm_per_host(const struct qmail *q, size_t *at);

/* path.c: kind, HELO, next hop and both ways, of any mail or of this one. */
void qm_path(struct qmail *q);
struct mt_path *qm_path_of(const struct qmail *q, const struct qm_mail *mail);
/* An address that qmail-remote's own list of interfaces holds: the first one of each label. */
bool qm_is_listed(const struct mt_host *host, struct mt_addr addr);
bool qm_is_broadcast(const struct mt_host *host, struct mt_addr addr);

/* lint.c: append the findings. */
void qm_lint(struct qmail *q);
/* lint_name.c */
void qm_lint_name(struct qmail *q);
/* shared.c: what is said where another mail server is here too. */
void qm_lint_shared(struct qmail *q);
/* route.c */
void qm_route(const struct mt_model *model, const struct mt_mta *mta, const struct mt_mail *mail,
	      struct mt_route *route);
/* plan.c */
void qm_plan_ready(struct mt_plan *plan);
void qm_plan(struct mt_plan *plan);
void qm_serve(struct mt_plan *plan);
void qm_plan_service(struct mt_plan *plan, const struct qmail *q);

/* A line of a control file as a reason; the text is cut at a sane length. */
const struct mt_because *qm_because(const struct qmail *q, const struct qm_file *file,
				    unsigned line, struct mt_str text);
/* The line of outgoingip or outgoingip6 that counts. */
const struct mt_because *qm_because_pin(const struct qmail *q, enum mt_family family);
/* A next hop on this host. */
bool qm_is_here(const struct qmail *q, const struct qm_route *route);

#endif
