/* SPDX-License-Identifier: ISC */
/*
 * remote.h: the program that delivers: which family it is of, which control files it reads. The name of a file
 * stands in the program, ended by a NUL: the only test that holds, since manuals and qmail-showctl may come from
 * another build, and the look-alikes outgoingip, outgoingips, outgoingip6 differ in the last byte.
 */
#ifndef QM_REMOTE_H
#define QM_REMOTE_H

#include <mtapin/snapshot.h>

enum qm_family {
	QM_UNSEEN, /* the program could not be read */
	QM_SCRIPT, /* a script that starts another one, nobody knows which */
	QM_FOREIGN, /* another program: no control file that we know stands in it */
	QM_CLASSIC, /* qmail 1.03, netqmail, notqmail and what is patched from them, s/qmail: control/NAME */
	QM_ETC, /* aQmail, eQmail: etc/NAME */
	QM_INDIMAIL, /* NAME, in whatever folder */
	QM_QSMTP, /* NAME, read by Qremote */
};
struct qm_remote {
	enum qm_family family;
	const char *title; /* "qmail", "IndiMail", ...: in messages */
	const char *why; /* unseen, script, foreign: one clause */
	struct mt_str strings; /* the ends of its strings, one a line */
};
struct qm_home;
struct qm_remote qm_remote(const struct mt_snapshot *snapshot, const struct qm_home *home);
/* Is it of a family whose rules are known. */
static inline bool qm_remote_known(const struct qm_remote *remote)
{
	return remote->family >= QM_CLASSIC;
}
/* Does it read the control file NAME. */
bool qm_remote_reads(const struct qm_remote *remote, const char *name);

/* Files of other patches that decide the source as well; NULL ends it. */
extern const char *const qm_other_pins[];
/* Does it look for IPv6 addresses of a destination. */
bool qm_remote_knows_ipv6(const struct qm_remote *remote);
/* Does it refuse an address that it does not find among those of the interfaces (ipme.c). */
bool qm_remote_checks(const struct qm_remote *remote);
/* What parts key and value in its maps: ':' or, where values may be IPv6, '|'. */
char qm_remote_separator(const struct qm_remote *remote);

/* The strings in a program, a line each: from the probe, or from its bytes. */
struct mt_str qm_remote_strings(const struct mt_snapshot *snapshot, const char *program);
bool qm_remote_is_etc(struct mt_str strings);

#endif
