/* SPDX-License-Identifier: ISC */
/*
 * trust.h: open a file that decides what we execute or believe (a backend module, the configuration, the
 * journal) only if nobody but root and the caller could have put it there.
 *
 * The path is walked from "/" (or from the working folder, itself checked from "/") one component at a
 * time on opened descriptors; symbolic links are followed by us, so every folder that has a say is
 * seen. Each of them, and each link, must belong to root or the caller, and nobody else may write the
 * folders: no write bit for group or others (an ACL that grants writing shows in the group's bit). A
 * root-owned sticky folder such as /tmp is accepted, unless it is the file's own and `own_sticky` is
 * false.
 */
#ifndef MT_TRUST_H
#define MT_TRUST_H

#include <mtapin/base.h>

struct mt_trust {
	bool own_sticky; /* the folder that holds the file may be a root-owned sticky one */
	int code; /* exit code of errors */
};

/*
 * 0: *fd is open for reading (close-on-exec, a regular file); the caller closes it.
 * -1: error->where is the folder, link or file at fault, the message says its owner or mode. errno is
 * ENOENT when some component is absent, else unspecified but not ENOENT.
 */
int mt_trust_open(const char *path, struct mt_trust trust, int *fd,
		  struct mt_error *error) MT_MUST_CHECK;
/* The same for a folder that is to be read or written in: *where (PATH_MAX bytes) is its path without links. No sticky
 * one will do. */
int mt_trust_folder(const char *path, char *where, int *fd, struct mt_error *error) MT_MUST_CHECK;
/*
 * The same for one component of such a folder that is open already: of this type (S_IFREG, S_IFDIR), of root or the caller,
 * and nobody else may write it. Error: code 2.
 */
int mt_trust_fd(int fd, unsigned type, const char *where, struct mt_error *error) MT_MUST_CHECK;

#endif
