/* SPDX-License-Identifier: ISC */
/*
 * control.h: control files as qmail reads them, and what outgoingip means to a qmail-remote that reads it.
 *
 * Source: notqmail control.c (control_readline, control_readfile), ip.c (ip_scan); outgoingip.patch by
 * Repton and Gelato (getcontrols(), timeoutconn()); measured on four builds.
 */
#ifndef QM_CONTROL_H
#define QM_CONTROL_H

#include <mtapin/model.h>

#define QM_HOME	   "/var/qmail"
#define QM_CONTROL QM_HOME "/control"

/* /var/qmail/control/NAME; never NULL. */
const struct mt_item *qm_control(const struct mt_snapshot *snapshot, const char *name);
/* The first line without blanks, tabs and the newline at its end; a CR stays. */
struct mt_str qm_first_line(struct mt_str bytes);
/* The next line that is neither empty nor starts with '#'; blanks at its end are gone. */
bool qm_next_line(struct mt_str *rest, unsigned *number, struct mt_str *line);

enum qm_pin_kind {
	QM_PIN_NONE, /* no file, or 0.0.0.0: the kernel chooses */
	QM_PIN_ADDRESS,
	QM_PIN_BAD, /* no address in front of the first line, or not readable: all remote mail is deferred */
	QM_PIN_UNKNOWN, /* we could not read it */
};
struct qm_pin {
	enum qm_pin_kind kind;
	struct mt_addr addr; /* what is bound: four numbers in front, each modulo 256 */
	const char *why; /* bad, unknown: one clause; "" else */
	bool exact; /* the file is "ADDRESS\n" and nothing else */
};
void qm_pin_read(struct mt_arena *arena, const struct mt_item *item, struct qm_pin *pin);

#endif
