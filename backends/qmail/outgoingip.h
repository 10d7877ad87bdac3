/* SPDX-License-Identifier: ISC */
/*
 * outgoingip.h: what a build makes of the bytes of control/outgoingip or outgoingip6, and whether that is what is written.
 * Each family has its own way of misreading; all of them were measured (tests/vectors/qmail).
 *
 *	classic		the address that the first line starts with; what follows is not read; numbers modulo 256
 *	checking	the same, refused unless it is an address of an interface (the first of its label)
 *	Qsmtp		one line beside comments and empty ones, the address and nothing else; several lines, none, or a
 *			file that cannot be read: as if absent
 *	IndiMail	a line drawn at random by the clock among those that end with a newline; where that one was
 *			empty or a comment: "Unable to read control file"; no newline in the file: a crash
 */
#ifndef QM_PIN_H
#define QM_PIN_H

#include "control.h"
#include "remote.h"

enum qm_verdict {
	QM_NOTHING, /* the file decides nothing */
	QM_BINDS,
	QM_WAITS, /* all mail of this family waits */
	QM_OPEN, /* it cannot be told */
};
struct qm_pin {
	enum qm_verdict verdict;
	struct mt_addr addr; /* binds: bound as it is, be it here or not */
	const char *why; /* waits, open: one clause */
	/* why `addr`, or nothing, is not what the file says in plain reading: a clause; NULL: it is */
	const char *junk;
	unsigned line; /* of the address; 0: of none */
	unsigned lines; /* IndiMail: one of so many is drawn */
	const char *sometimes; /* what happens when another one is drawn; NULL: the same */
	/* where each of them holds an address of one family, in turn: these; NULL */
	const struct mt_addr *drawn;
	size_t drawn_count;
	bool over_255, no_final_lf, cr, crash;
};

/* `family` is that of the file: outgoingip, outgoingip6. */
void qm_pin(struct mt_arena *arena, const struct qm_remote *remote, const struct qm_file *file,
	    enum mt_family family, struct qm_pin *pin);

/* The address that a text starts with, as this build scans it; 0: none, else how much of it was read. */
size_t qm_scan(const struct qm_remote *remote, struct mt_str text, enum mt_family family,
	       struct mt_addr *addr);

/* Exactly what is written when an address is pinned: itself and a newline. */
bool qm_pin_is_exact(struct mt_str bytes, struct mt_addr addr);

#endif
