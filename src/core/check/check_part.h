/* SPDX-License-Identifier: ISC */
/* check_part.h: the pieces of a check, each in a file of its own. */
#ifndef MT_CHECK_PART_H
#define MT_CHECK_PART_H

#include "core/check/check.h"
#include <mtapin/backend.h>

/* The answer; one that is not there yet is noted as missing. `pace`: see struct mt_question. */
const struct mt_answer *mt_check_ask(struct mt_check *check, enum mt_dns_type type,
				     const char *name);
const struct mt_answer *mt_check_ask_paced(struct mt_check *check, enum mt_dns_type type,
					   const char *name, const char *pace);
/* Does an answer of addresses hold this one? Unknown when it is no answer. */
enum mt_truth mt_answer_has(const struct mt_answer *answer, struct mt_addr addr);
static inline enum mt_dns_type mt_check_type(enum mt_family family)
{
	return family == MT_V6 ? MT_DNS_AAAA : MT_DNS_A;
}

/* Fill rows: addresses, who uses them. */
void mt_check_rows(struct mt_check *check);
/* PTR and back; HELO. */
void mt_check_reverse(struct mt_check *check, struct mt_checked *row);
void mt_check_helo(struct mt_check *check, struct mt_checked *row);
/* Made of the address: its four numbers, or its hexadecimal digits. */
bool mt_name_is_generic(struct mt_arena *arena, const char *name, struct mt_addr addr);
/* A name that only a private network knows (.local, .lan, ...). */
bool mt_name_is_private(const char *name);
void mt_check_lists(struct mt_check *check, struct mt_checked *row);
void mt_check_spf(struct mt_check *check);
void mt_check_domains(struct mt_check *check);
/* good and verdict; the row's other members are known. */
void mt_check_judge(struct mt_check *check, struct mt_checked *row);

void mt_check_host_findings(struct mt_check *check);
void mt_check_dns_findings(struct mt_check *check);
void mt_check_spf_findings(struct mt_check *check);
void mt_check_mx_findings(struct mt_check *check);

/* Does some listener of some MTA take mail at this address and port? */
/* Does a literal ip4 or ip6 of its records cover the address? */
bool mt_spf_covers(const struct mt_spf *spf, struct mt_addr addr);
bool mt_check_listens(const struct mt_model *model, struct mt_addr addr, unsigned port);
bool mt_addr_is_documentation(struct mt_addr addr); /* RFC 5737, RFC 3849, RFC 9637 */

#endif
