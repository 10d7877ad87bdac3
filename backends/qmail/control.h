/* SPDX-License-Identifier: ISC */
/*
 * control.h: control files as qmail-remote gets them: who may read them, and their grammar.
 *
 * Source: control.c, ip.c (ip_scan), constmap.c and qmail-remote.c of notqmail 1.09; the outgoingip patch by
 * Repton and Gelato; measured on four builds with it and two without.
 */
#ifndef QM_CONTROL_H
#define QM_CONTROL_H

#include "home.h"

/* The user qmailr and the group qmail, as the file queue/lock/tcpto shows them; -1 unknown. */
struct qm_reader {
	long uid, gid;
};
struct qm_reader qm_reader(const struct mt_snapshot *snapshot, const struct qm_home *home);

enum qm_access {
	QM_ABSENT, /* the built-in default; also a dangling link */
	QM_READ, /* the bytes are known */
	QM_ERROR, /* it is there and qmail-remote cannot read it: all its mail waits ("Zunable to read...") */
	QM_UNKNOWN, /* we could not look */
};
struct qm_file {
	const char *path;
	enum qm_access access;
	const char *why; /* error and unknown: one clause; "" else */
	const char
		*odd; /* why it reads as empty although it is no file: a clause; NULL: it is one */
	struct mt_str bytes;
	int64_t mtime; /* 0 unknown */
};
/* NAME in the folder of control files. */
struct qm_file qm_file(const struct mt_snapshot *snapshot, const struct qm_home *home,
		       const char *name);
static inline bool qm_file_is_there(const struct qm_file *file)
{
	return file->access == QM_READ || file->access == QM_ERROR;
}

/* control_readline: the first line without blanks and tabs at its end. A CR stays, leading blanks stay, '#' is
 * no comment, an empty file gives "". */
struct mt_str qm_readline(struct mt_str bytes);

/* control_readfile: the next entry of a file; false: there is none left. Lines that are empty or start with '#'
 * are none; blanks and tabs at the end are cut; a NUL ends an entry and starts another. */
struct qm_entries {
	struct mt_str rest, line; /* still to be read; what is left of the line at hand */
	unsigned number; /* of that line, from 1 */
	bool inside;
};
bool qm_readfile(struct qm_entries *entries, struct mt_str *entry);

/* control_readint: the decimal number the first line starts with; false: none, the default counts. */
bool qm_readint(struct mt_str bytes, unsigned long *value);

/* ip_scan: the length of the IPv4 address that `text` starts with, 0 if none. Numbers are decimal whatever zeros
 * lead them; above 255 they count modulo 256. */
size_t qm_ip_scan(struct mt_str text, struct mt_addr *addr);

/* The same of an IPv6 address; what is no IPv6 address gives 0. */
size_t qm_ip6_scan(struct mt_str text, struct mt_addr *addr);

/* constmap: the entry "KEY<sep>VALUE" of a map whose key is `key`, whatever the case of its letters; the last one
 * counts. Entries without `sep` are none. */
struct qm_entry {
	struct mt_str key, value;
	unsigned number; /* line */
};
bool qm_map_next(struct qm_entries *entries, char sep, struct qm_entry *entry);
bool qm_map_get(struct mt_str bytes, char sep, struct mt_str key, struct qm_entry *entry);
/* The entry of a domain: of itself, else of ".example.com", ".com", "". */
bool qm_map_domain(struct mt_str bytes, char sep, struct mt_str domain, struct qm_entry *entry);

/* Where control/smtproutes sends mail: "KEY:HOST[:PORT]". */
struct qm_route {
	struct mt_str key; /* domain, ".domain", "": every other domain */
	struct mt_str host; /* as written; may be empty: MX after all */
	unsigned long port;
	struct mt_addr addr; /* when the host is a literal */
	unsigned number; /* line */
};
/* The next route; false: none left. Entries without ':' are none. */
bool qm_route_next(struct qm_entries *entries, struct qm_route *route);
/* The route of mail to a domain; of every domain that has none of its own: "". False: none. */
bool qm_route_of(struct mt_str bytes, struct mt_str domain, struct qm_route *route);

#endif
