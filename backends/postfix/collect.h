/* SPDX-License-Identifier: ISC */
/*
 * collect.h: the collector's part that knows Postfix (collect.sh, which see), as text.
 *
 * Probes:
 *	postfix.conf DIR	lines "name = value" of one postconf run, expanded; failed when it died (then
 *				postfix.default DIR: the built-in ones), absent when there is no postconf
 *	postfix.master DIR	lines "pid N", and while that process lives "comm NAME", "start TICKS",
 *				"netns same|other"; absent: no pid file, denied: not readable
 *	postfix.user		lines "NAME UID": mail_owner of each instance
 *	postfix.queries		the keys that tables were asked for, one a line
 *	postfix.query TYPE:NAME	what postmap -q - printed: "KEY<tab>VALUE" of each it has, "postmap: fatal: ..."
 */
#ifndef PF_COLLECT_H
#define PF_COLLECT_H

#include <mtapin/redact.h>

extern const char pf_collector[];
extern const struct mt_redaction pf_redactions[];

#endif
