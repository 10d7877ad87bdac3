/* SPDX-License-Identifier: ISC */
/* new_folder.c: a folder that comes and goes with its only file. */
#include "io/txn/new_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys/fs.h"

static const char *folder_of(struct mt_arena *arena, const char *path)
{
	return dirname(mt_strdup(arena, path));
}

static void sync_above(struct mt_arena *arena, const char *folder)
{
	MT_FD above = mt_open(AT_FDCWD, folder_of(arena, folder), O_RDONLY | O_DIRECTORY);
	(void)!mt_sync(above);
}

int mt_folder_make(struct mt_arena *arena, struct mt_txn_file *file, struct mt_error *error)
{
	const char *folder = folder_of(arena, file->path);
	if (!file->folder || !file->create)
		return 0;
	file->folder = MT_RETRY(mkdir(folder, 0755)) == 0;
	if (!file->folder)
		return errno == EEXIST ? 0
				       : mt_fail(error, MT_EXIT_FAILED, folder,
						 "cannot be made: %s", strerror(errno));
	if (MT_RETRY(chmod(folder, 0755)) < 0) /* whatever the umask is */
		return mt_fail(error, MT_EXIT_FAILED, folder, "chmod: %s", strerror(errno));
	sync_above(arena, folder);
	return 0;
}

void mt_folder_drop(struct mt_arena *arena, const struct mt_txn_file *file)
{
	const char *folder = folder_of(arena, file->path);
	if (file->folder && MT_RETRY(rmdir(folder)) == 0)
		sync_above(arena, folder);
}

bool mt_folder_gone(struct mt_arena *arena, const struct mt_txn_file *file)
{
	struct stat st;
	return file->folder && MT_RETRY(lstat(folder_of(arena, file->path), &st)) < 0 &&
	       errno == ENOENT;
}
