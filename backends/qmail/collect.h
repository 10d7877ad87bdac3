/* SPDX-License-Identifier: ISC */
/*
 * collect.h: the collector's part that knows qmail (collect.sh, which see), as text. Files: those of
 * /var/qmail/control that decide source and name; probes:
 *	qmail.reads	names of control files that stand in qmail-remote as whole strings, one a line ("control/me");
 *			or its first line "#!..." when it is a script; absent: there is no such program
 *	qmail.send	lines "pid N", "comm NAME", "start TICKS", "netns same|other"; absent: it does not run
 */
#ifndef QM_COLLECT_H
#define QM_COLLECT_H

#include <mtapin/redact.h>

extern const char qm_collector[];
extern const struct mt_redaction qm_redactions[];

#endif
