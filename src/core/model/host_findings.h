/* SPDX-License-Identifier: ISC */
/*
 * host_findings.h: findings about the host, whatever MTA it runs, and who else writes its files.
 */
#ifndef MT_HOST_FINDINGS_H
#define MT_HOST_FINDINGS_H

#include <mtapin/backend.h>

extern const struct mt_finding_row
	mt_core_findings[]; /* of the host and of a check; id NULL ends it */

/* Nothing chooses among several addresses: a note, or a warning once that is known to matter. */
#define MT_UNCHOSEN "HOST-UNCHOSEN"
/* Append it for this MTA. */
void mt_host_unchosen(struct mt_model *model, const struct mt_mta *mta);
/* A rule by source sends it a way of its own. `unasked` where the rules are not known. */
bool mt_host_has_rule(const struct mt_snapshot *snapshot, struct mt_addr addr, bool unasked);
/* On a bridge of containers or virtual machines, by its name; not the one with the default route. */
bool mt_host_bridges(const struct mt_host *host, const struct mt_ifaddr *at);
/* Some line binds a transport to the internet, of some family. */
bool mt_mta_pins(const struct mt_mta *mta);
/* From where its mail to the internet leaves today, by its first transport; unset: it does not, or it is not known. */
struct mt_addr mt_mta_source(const struct mt_mta *mta, enum mt_family family);

/* Append them. */
void mt_host_examine(struct mt_model *model);

#endif
