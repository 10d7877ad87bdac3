/* SPDX-License-Identifier: ISC */
/*
 * attributes.h: owner, mode, ACL, extended attributes and inode flags of one file given to another.
 * 0, or -1 with errno: what cannot be kept is an error, never dropped in silence.
 */
#ifndef MT_ATTRIBUTES_H
#define MT_ATTRIBUTES_H

#include <sys/stat.h>

/* Inode flags (lsattr): before the first byte is written, since "no copy on write" asks for that. */
int mt_flags_copy(int from, int to);
/* The rest, after the last byte. */
int mt_attributes_copy(int from, const struct stat *st, int to);

#endif
