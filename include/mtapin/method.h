/* SPDX-License-Identifier: ISC */
/*
 * method.h: how a mail server can be pinned, as data of its backend: its methods, the options of `mtapin fix` that are
 * theirs, and what becomes of the other family, of an absent address and of a change. The parser, --help, the
 * completions, the wizard, mtapin.conf(5), the alternatives of a plan and the check of both families read these tables;
 * none of them knows a method or a mail server by name.
 */
#ifndef MTAPIN_METHOD_H
#define MTAPIN_METHOD_H

#include <mtapin/address.h>

struct mt_backend;
struct mt_method;
struct mt_mta;

/* ---- what a pin does besides ---- */

/* Mail over the other family, while this one alone is pinned. */
enum mt_other {
	MT_OTHER_LEAKS, /* it leaves as before, from the kernel's choice */
	MT_OTHER_WAITS, /* it stays in the queue */
	MT_OTHER_FAILS, /* it is not taken: there is no queue */
};
/* What becomes of mail that has no other way, where sending over a family is switched off. */
enum mt_off {
	MT_OFF_BOUNCES,
	MT_OFF_WAITS,
	MT_OFF_NONE, /* no setting does it */
};
/* What becomes of mail when the address is on no interface. */
enum mt_absent {
	MT_ABSENT_UNKNOWN, /* not known, or nothing is bound */
	MT_ABSENT_WAITS,
	MT_ABSENT_UNPINNED, /* it leaves from the address that the kernel chooses */
	MT_ABSENT_OTHER_FAMILY, /* it leaves over the other family where the destination has it, else it waits */
	MT_ABSENT_NEXT, /* the next address of the list is tried */
};
/* From when on a change counts. */
enum mt_live {
	MT_LIVE_DELIVERY, /* each delivery reads the files */
	MT_LIVE_PROCESS, /* each new process does; a reload ends the old ones */
	MT_LIVE_BUILT, /* when the file that the MTA reads is generated */
	MT_LIVE_UPDATE, /* when the daemon is told to read its table again */
	MT_LIVE_RESTART,
};
const char *mt_other_name(enum mt_other other);
const char *mt_off_name(enum mt_off off);
const char *mt_absent_name(enum mt_absent absent); /* "waits", "other-family", ... */
const char *mt_live_name(enum mt_live live);

/* What a pin of one family means to mail of both: as measured, never as a manual page has it. */
struct mt_families {
	enum mt_other other;
	bool single; /* there is one address for all mail: both families cannot be pinned */
	enum mt_off off;
	const char
		*off_by; /* by which setting: "inet_protocols of each client service"; NULL: none */
	const char *bounce; /* the code of what then comes back: "5.4.4"; NULL: none to name */
	const char *expires; /* what waits comes back after: "a week"; NULL: not known */
	enum mt_absent absent[MT_FAMILIES];
	enum mt_live live;
	/* Ids of the backend's findings. `leaks`: IPv4 alone is pinned (MT_OTHER_LEAKS). `stops`: the refusal to keep
	 * the other family, which --accept overrules (the others). NULL: never said. */
	const char *leaks, *stops;
	/* what else pins one family and leaves the other alone, a list: "the route; source NAT"; NULL: nothing */
	const char *ways;
	const char *program; /* in "NAME has no setting that ..."; NULL: mt_mta.title */
};

/* The rule for this MTA and method (NULL: any): the method's own, else the MTA's, else the backend's. Never NULL. */
const struct mt_families *mt_families(const struct mt_mta *mta, const struct mt_method *method);

/* ---- methods ---- */

/* An option of `mtapin fix` that is a backend's own. */
struct mt_own_option {
	const char *
		name; /* "bare" for --bare: a-z, 0-9, hyphens inside; none that mtapin has itself */
	const char *argument; /* what --help calls its value: "DOMAIN"; NULL: it takes none */
	const char *help; /* a clause of 70 bytes at most */
};

/* A way to pin. `auto`, which is none of them, is the rule of the backend's plan(). */
struct mt_method {
	const char *name; /* "smtp_bind_address": --method NAME */
	const char
		*title; /* what it is, for a menu: sentences, the last one without its full stop */
	bool listeners; /* it decides too where the server listens */
	bool restarts; /* it counts only after a stop and a start */
	bool shown; /* a plan by another one shows this one's impact beside its own */
	const char *starts; /* how a line that it writes starts; NULL: no line of a file tells */
	/* names of the backend's own options that it knows; NULL-terminated; NULL: none */
	const char *const *options;
	const struct mt_families *families; /* NULL: as the MTA's */
};

/* "smtp_bind_address"; of NULL "auto". */
const char *mt_method_name(const struct mt_method *method);
/* The backend's method of this name; NULL: it has none. */
const struct mt_method *mt_method_get(const struct mt_backend *backend, const char *name);
/* Those of this MTA: mt_mta.methods, or all of its backend's; NULL-terminated. */
const struct mt_method *const *mt_mta_methods(struct mt_arena *arena, const struct mt_mta *mta);
/* "auto", then the names of the methods of these backends in their order, each once; NULL-terminated. */
const char *const *mt_method_names(struct mt_arena *arena,
				   const struct mt_backend *const *backends);
/* The backend's own option of this name; NULL: it has none. */
const struct mt_own_option *mt_own_option_get(const struct mt_backend *backend, const char *name);
/* What is wrong with the tables of this backend, beside `before`, which is NULL-terminated: a clause; NULL: nothing. One
 * option of two backends takes a value with both, or with none: there is one command line. */
const char *mt_methods_fault(struct mt_arena *arena, const struct mt_backend *backend,
			     const struct mt_backend *const *before);

#endif
