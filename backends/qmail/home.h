/* SPDX-License-Identifier: ISC */
/*
 * home.h: where this qmail is and what it starts: the folder of its queue and programs, the folder of its control
 * files, the program that delivers.
 *
 * Of a running host the collector has found that out (collect.h); of a tree that does not run the programs of
 * the usual places are read, and the paths that stand in them.
 *
 * BUGS: one qmail a host. In a tree a script in place of qmail-remote is not followed.
 */
#ifndef QM_HOME_H
#define QM_HOME_H

#include <mtapin/snapshot.h>

enum qm_by {
	QM_BY_ASSUMED, /* the usual place */
	QM_BY_PROGRAM, /* a path that stands in the program */
	QM_BY_PROCESS, /* qmail-send runs there */
};
struct qm_home {
	const char *home, *control, *program;
	enum qm_by by;
	bool started; /* the program is the one that the running qmail-rspawn starts, by its environment */
	const char *const
		*wrappers; /* what stands before it, in the order of their start; NULL: nothing */
	const char *const *
		environment; /* NAME=VALUE of qmail-rspawn, those that matter; NULL: none, or not seen */
	const char *
		sendmail; /* the program that /usr/sbin/sendmail leads to; NULL: none, or not seen */
	const char *const *logs; /* files that a supervisor's logger writes; NULL: none seen */
};
struct qm_home qm_home(const struct mt_snapshot *snapshot);

/* Programs of a tree where they usually are; NULL ends it. */
extern const char *const qm_programs[];
/* The folder a path in a program stands for as that of control files, "" none: PATH/control, or PATH itself. */
const char *qm_control_of(struct mt_arena *arena, struct mt_str path, bool etc);
/* The value of a variable of qmail-rspawn; NULL: not set. */
const char *qm_variable(const struct qm_home *home, const char *name);

#endif
