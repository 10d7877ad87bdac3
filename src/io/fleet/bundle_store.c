/* SPDX-License-Identifier: ISC */
/* bundle_store.c: bundles in a folder. */
#include "io/fleet/bundle_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys/fs.h"

/* Host names have no slash in them, and are 255 bytes at most. */
struct name {
	char text[272];
};

static struct name file_name(const char *host)
{
	struct name name;
	snprintf(name.text, sizeof name.text, "%s" MT_STORE_SUFFIX, host);
	return name;
}

int mt_store_open(const char *path, int *fd, struct mt_error *error)
{
	struct stat st;
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return mt_fail(error, MT_EXIT_FAILED, path, "cannot be made: %s", strerror(errno));
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st) != 0)
		return mt_fail(error, MT_EXIT_FAILED, path, "cannot be opened: %s",
			       strerror(errno));
	if ((st.st_uid == geteuid() || st.st_uid == 0) && !(st.st_mode & 022))
		return 0;
	mt_fd_close(fd);
	return mt_fail(
		error, MT_EXIT_FAILED, path,
		"can be written by others (owner %u, mode %04o): bundles could be forged there",
		(unsigned)st.st_uid, (unsigned)st.st_mode & 07777);
}

bool mt_store_has(int fd, const char *host)
{
	struct stat st;
	struct name name = file_name(host);
	return fstatat(fd, name.text, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

int mt_store_put(int fd, const char *host, struct mt_str bundle)
{
	struct name name = file_name(host);
	return mt_put_over(fd, name.text, bundle);
}

/* Without the suffix, in place. */
static const char *stored_host(struct mt_arena *arena, const char *file)
{
	size_t n = strlen(file), k = sizeof MT_STORE_SUFFIX - 1;
	if (n <= k || strcmp(file + n - k, MT_STORE_SUFFIX) != 0)
		return file;
	return mt_strz(arena, (struct mt_str){file, n - k});
}

int mt_store_list(struct mt_arena *arena, const char *path, const char ***hosts, size_t *count,
		  struct mt_error *error)
{
	MT_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t n, kept = 0;
	if (fd < 0 || mt_list(arena, fd, hosts, &n) != 0)
		return mt_fail(error, MT_EXIT_FAILED, path, "cannot be read: %s", strerror(errno));
	for (size_t i = 0; i < n; i++)
		if ((*hosts)[i][0] != '.')
			(*hosts)[kept++] = stored_host(arena, (*hosts)[i]);
	*count = kept;
	return 0;
}

const char *mt_store_path(struct mt_arena *arena, const char *path, const char *host)
{
	const char *with = mt_format(arena, "%s/%s" MT_STORE_SUFFIX, path, host);
	return access(with, F_OK) == 0 ? with : mt_format(arena, "%s/%s", path, host);
}
