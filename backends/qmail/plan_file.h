/* SPDX-License-Identifier: ISC */
/* plan_file.h: changes of control files. */
#ifndef QM_PLAN_FILE_H
#define QM_PLAN_FILE_H

#include "qmail.h"

/* Rows of the table of methods. */
enum qm_method_row { QM_OUTGOINGIP, QM_BINDROUTES, QM_OUTGOINGIPS, QM_DOMAINIPS };

/* A file that pins, and how. */
struct qm_method {
	const struct mt_method *method;
	const char *name[MT_FAMILIES]; /* of its file; NULL: it has none for this family */
	const char *key; /* of its line for all mail; NULL: the file is the address and a newline */
};
/* The name of its file for this family in this build, be it read or not; NULL: none. */
const char *qm_method_file(const struct qmail *q, const struct qm_method *m, enum mt_family family);
const char *qm_control_path(const struct mt_plan *plan, const struct qmail *q, const char *name);

/* Write a file as a whole; `value` is what that comes to. */
void qm_put(struct mt_plan *plan, const struct qmail *q, const char *name, struct mt_str bytes,
	    const char *value);
/* The address of the goal into the file of the method, if it is not exactly there already. */
void qm_put_pin(struct mt_plan *plan, const struct qmail *q, const struct qm_method *m,
		enum mt_family family);
/* Take out what pins all mail, of a file that this build reads. */
void qm_drop_pin(struct mt_plan *plan, const struct qmail *q, const struct qm_method *m,
		 enum mt_family family);

/* plan_alternatives.c: what gives the address of the goal without a file; `patch`: another build is one of them. */
void qm_ways_out(struct mt_plan *plan, const struct qmail *q, enum mt_family family, bool patch);

#endif
