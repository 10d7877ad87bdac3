/* SPDX-License-Identifier: ISC */
/*
 * remote.h: which control files the qmail-remote in use reads. The name of the file stands in the program as a
 * whole string: the only test that holds, since manuals and qmail-showctl may come from another build.
 *
 * BUGS: qmail-rspawn finds qmail-remote through PATH, and some builds through $QMAILREMOTE; only
 * /var/qmail/bin/qmail-remote is looked at.
 */
#ifndef QM_REMOTE_H
#define QM_REMOTE_H

#include <mtapin/snapshot.h>

enum qm_seen {
	QM_UNSEEN, /* the program could not be read */
	QM_SCRIPT, /* it is a script that starts another one */
	QM_FOREIGN, /* another program: it does not read control/helohost */
	QM_PLAIN, /* of the family of qmail 1.03 */
};
struct qm_remote {
	enum qm_seen seen;
	const char *why; /* unless plain: one clause */
	struct mt_str names; /* "control/NAME" lines */
};
struct qm_remote qm_remote(const struct mt_snapshot *snapshot);
/* Does the program hold the name control/NAME. */
bool qm_remote_reads(const struct qm_remote *remote, const char *name);

/* Files of other patches that decide the source as well; NULL ends it. */
extern const char *const qm_other_pins[];
/* Does the program read one of them. */
bool qm_remote_reads_other(const struct qm_remote *remote);
/* Does it know files of builds that look for AAAA records too. */
bool qm_remote_knows_ipv6(const struct qm_remote *remote);

#endif
