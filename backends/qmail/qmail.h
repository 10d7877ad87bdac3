/* SPDX-License-Identifier: ISC */
/*
 * qmail.h: one qmail with plain control files, as its files and its qmail-remote say it is; the one symbol of
 * this backend. It reads; it does not change anything yet.
 */
#ifndef QM_QMAIL_H
#define QM_QMAIL_H

#include <mtapin/backend.h>

#include "control.h"
#include "remote.h"

struct qmail {
	struct mt_model *model;
	struct mt_mta *mta;
	struct mt_arena *arena;
	const struct mt_host *host;
	struct qm_remote remote;
	struct qm_file me, helohost, smtproutes, outgoingip;
	struct qm_pin pin; /* when outgoingip was read */
	struct qm_route route; /* the default one */
	bool routed; /* when there is one */
	struct mt_path *path; /* qmail-remote, the only way out */
	/* why all remote mail waits whatever outgoingip says; NULL: it does not */
	const char *stopped;
	const struct mt_because *stopped_at;
	bool pins_nothing; /* multicast, broadcast: bound without an error, and the kernel chooses */
};

extern const struct mt_finding_row qm_findings[]; /* id NULL ends it */
extern const struct mt_backend MT_BACKEND_SYMBOL(qmail);

/* path.c: kind, HELO, next hop and both ways. */
void qm_path(struct qmail *q);
/* lint.c: append the findings. */
void qm_lint(struct qmail *q);

/* A line of a control file as a reason; the text is cut at a sane length. */
const struct mt_because *qm_because(const struct qmail *q, const struct qm_file *file,
				    unsigned line, struct mt_str text);
/* The first line of control/outgoingip. */
const struct mt_because *qm_because_pin(const struct qmail *q);
/* A next hop on this host. */
bool qm_is_here(const struct qmail *q, const struct qm_route *route);
/* A file of another patch that this qmail-remote reads and that is there (or may be); NULL: none. */
const char *qm_other_pin(const struct qmail *q);
/* Is there any file that could pin, for whatever qmail-remote this is. */
bool qm_pin_present(const struct qmail *q);

#endif
