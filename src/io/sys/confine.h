/* SPDX-License-Identifier: ISC */
/*
 * confine.h: take everything from this process but memory, a processor and its two pipes (descriptors 0 and 1):
 *	- no other descriptor, and no way to get one: RLIMIT_NOFILE 0, Landlock without a rule, seccomp;
 *	- no system calls but reading 0, writing 1, memory that is not executable, and its end: any other kills it (seccomp;
 *	  signal 31, SIGSYS);
 *	- another user and group where it is root: 65534, "nobody", that owns nothing; not dumpable, so that not even its
 *	  equals can trace it; no capability and no way to gain one (no_new_privs);
 *	- `memory` bytes of address space, `seconds` of processor time.
 * What the kernel lacks of these is left out, the rest stands: mt_confine_lacks() tells.
 *
 * Sources: seccomp(2), landlock(7) (asked by raw system calls: Debian 12's headers are older than the kernels it meets).
 * A sanitizer's shadow memory is larger than any limit, and it makes system calls of its own: such a build has neither
 * the limit of memory nor seccomp.
 */
#ifndef MT_CONFINE_H
#define MT_CONFINE_H

#include <mtapin/base.h>

enum mt_confine_part {
	MT_CONFINE_SECCOMP = 1,
	MT_CONFINE_LANDLOCK = 2,
	MT_CONFINE_USER = 4, /* nobody else to become: the caller is not root, or may not change */
	MT_CONFINE_LIMITS = 8,
	MT_CONFINE_ALL = 15
};
const char *mt_confine_name(enum mt_confine_part part);

/* What forks of a process share, made once: the compiled filter, Landlock's rule set. */
struct mt_means;
struct mt_means *
mt_means_new(bool inputs); /* inputs: it may read further descriptors that it has */
void mt_means_free(struct mt_means *means); /* NULL is accepted */

/* There is no way back. Returns the parts that could not be had, ORed. */
struct mt_bounds {
	size_t memory; /* of address space */
	unsigned seconds; /* of processor time */
	unsigned inputs; /* descriptors from 2 on that it keeps */
};
unsigned mt_confine_enter(const struct mt_means *means, const struct mt_bounds *bounds);
/* The same, as a child finds it here and now. */
unsigned mt_confine_lacks(void);

#endif
