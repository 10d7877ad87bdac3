/* SPDX-License-Identifier: ISC */
/*
 * collect.h: the collector's part that knows Exim (collect.sh, which see), as text, and what may leave a host. Files: the one
 * that Exim reads with what it includes, Debian's sources of it, maps. Probes, of a running host:
 *	exim.version	exim -bV, and its status; the file in use is its last line. Redacted without what is wrong in a file
 *	exim.config	exim -bP config, only where -bV is 0
 *	exim.main	exim -bP primary_hostname disable_ipv6 ..., likewise
 *	exim.user	"NAME UID GID" of the user that delivers; GID may be -
 *	exim.daemon	lines "pid N", "comm NAME", "start TICKS", "netns same|other"; absent: it does not run
 */
#ifndef EX_COLLECT_H
#define EX_COLLECT_H

#include <mtapin/backend.h>

extern const char ex_collector[];
extern const struct mt_redaction ex_redactions[];
extern const char ex_secret_names[];
/* The value of this option leaves, but for what is secret in any. */
bool ex_leaves(const char *option);
/* Of a tree that does not run: mt_backend.wants. */
void ex_wants(const struct mt_snapshot *snapshot, struct mt_wanted *wanted);

#endif
