/* SPDX-License-Identifier: ISC */
/* attributes.c: everything about a file but its name and bytes, from one descriptor to another. */
#include "io/file/attributes.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "io/sys/fs.h"

/* Flags that a user can set and that do not depend on how the file system stores the file. */
#define KEPT_FLAGS                                                                                 \
	(FS_SECRM_FL | FS_UNRM_FL | FS_COMPR_FL | FS_SYNC_FL | FS_NODUMP_FL | FS_NOATIME_FL |      \
	 FS_JOURNAL_DATA_FL | FS_NOTAIL_FL | FS_NOCOW_FL)

int mt_flags_copy(int from, int to)
{
	int old = 0, new = 0;
	if (MT_RETRY(ioctl(from, FS_IOC_GETFLAGS, &old)) < 0 ||
	    MT_RETRY(ioctl(to, FS_IOC_GETFLAGS, &new)) < 0)
		return errno == ENOTTY || errno == EOPNOTSUPP || errno == EINVAL ? 0 : -1;
	int want = (new & ~KEPT_FLAGS) | (old & KEPT_FLAGS);
	return want == new ? 0 : MT_RETRY(ioctl(to, FS_IOC_SETFLAGS, &want));
}

#define XATTR_MAX 65536
#define ACL_NAME  "system.posix_acl_access"

static bool belongs_to_bytes(const char *name)
{
	return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0;
}

static int copy_xattr(int from, int to, const char *name)
{
	static const size_t max = XATTR_MAX;
	char *value = malloc(max);
	ssize_t n = value ? MT_RETRY(fgetxattr(from, name, value, max)) : -1;
	int failed = n < 0 || MT_RETRY(fsetxattr(to, name, value, (size_t)n, 0)) < 0;
	int saved = errno;
	free(value);
	errno = saved;
	return failed ? -1 : 0;
}

static int copy_xattrs(int from, int to)
{
	char *names = malloc(XATTR_MAX);
	ssize_t n = names ? MT_RETRY(flistxattr(from, names, XATTR_MAX)) : -1;
	bool failed = n < 0 && errno != EOPNOTSUPP, acl = n < 0;
	for (ssize_t i = 0; i < n && !failed; i += (ssize_t)strlen(names + i) + 1) {
		acl |= strcmp(names + i, ACL_NAME) == 0;
		failed = !belongs_to_bytes(names + i) && copy_xattr(from, to, names + i);
	}
	/* a default ACL of the folder gave the temporary one that the file does not have */
	if (!failed && !acl)
		failed = MT_RETRY(fremovexattr(to, ACL_NAME)) < 0 && errno != ENODATA &&
			 errno != EOPNOTSUPP;
	int saved = errno;
	free(names);
	errno = saved;
	return failed ? -1 : 0;
}

static int copy_owner(const struct stat *st, int to)
{
	struct stat now;
	if (MT_RETRY(fstat(to, &now)) < 0)
		return -1;
	if (now.st_uid == st->st_uid && now.st_gid == st->st_gid)
		return 0;
	return MT_RETRY(fchown(to, st->st_uid, st->st_gid));
}

/* Owner, then ACL, then mode: each may reset the one before. */
int mt_attributes_copy(int from, const struct stat *st, int to)
{
	if (copy_owner(st, to) || copy_xattrs(from, to))
		return -1;
	return MT_RETRY(fchmod(to, st->st_mode & 07777));
}
