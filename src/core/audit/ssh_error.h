/* SPDX-License-Identifier: ISC */
/*
 * ssh_error.h: why a host of an audit was not examined, in words, with the one thing to do about it.
 *
 * ssh(1) ends with 255 for everything that is its own failure; only what it says on stderr (in the C
 * locale, LogLevel ERROR; the phrases are those of OpenSSH 8 and 9) tells one from another. A hostile host can
 * lie here about itself, and about nobody else.
 */
#ifndef MT_CAUSE_H
#define MT_CAUSE_H

#include <mtapin/base.h>

enum mt_cause {
	MT_CAUSE_NONE, /* it was examined */
	MT_CAUSE_NAME,
	MT_CAUSE_UNREACHABLE,
	MT_CAUSE_REFUSED,
	MT_CAUSE_CONNECT_TIME,
	MT_CAUSE_CLOSED,
	MT_CAUSE_KEY_CHANGED,
	MT_CAUSE_KEY_UNKNOWN,
	MT_CAUSE_AUTH,
	MT_CAUSE_SSH,
	MT_CAUSE_VIA,
	MT_CAUSE_SHELL,
	MT_CAUSE_SUDO,
	MT_CAUSE_TIME,
	MT_CAUSE_HANGS,
	MT_CAUSE_LOST,
	MT_CAUSE_INCOMPLETE,
	MT_CAUSE_CAP,
	MT_CAUSE_BUNDLE,
	MT_CAUSE_DENIED,
	MT_CAUSE_WORKER,
	MT_CAUSE_SAVE,
	MT_CAUSE_START,
	MT_CAUSE_INTERRUPTED,
	MT_CAUSES
};

struct mt_cause_row {
	const char *name; /* stable: "key-changed" */
	const char *title; /* a clause */
	const char *fix;
	bool again; /* a connection that did not come about: worth another try */
};
const struct mt_cause_row *mt_cause_row(enum mt_cause cause);

/* How the transport ended, in the end. */
struct mt_ending {
	bool ssh; /* by ssh itself; false: --via */
	bool sudo; /* --sudo was asked for */
	bool begun, done; /* the frames were seen */
	bool timed_out, overflow;
	int status; /* of the transport */
	struct mt_str err; /* what it said */
	enum mt_cause before; /* of the try before this one */
};
/* *detail: the line of `err` that says so, or its last one; empty: none. */
enum mt_cause mt_cause_of(const struct mt_ending *ending, struct mt_str *detail);

#endif
