/* SPDX-License-Identifier: ISC */
/* atomic.c: a file is replaced as a whole or not at all; the attributes are kept. */
#include "io/file/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mtapin/plan.h>
#include <mtapin/snapshot.h>

#include "io/file/attributes.h"
#include "io/sys/fs.h"

static int fail_errno(struct mt_error *error, const char *where, const char *doing)
{
	return mt_fail(error, MT_EXIT_FAILED, where, "%s: %s", doing, strerror(errno));
}

/* ---- resolve and open --------------------------------------------------------------------------- */

static int split_path(struct mt_arena *arena, const char *resolved, struct mt_target *t)
{
	const char *slash = strrchr(resolved, '/');
	t->where = mt_strdup(arena, resolved);
	t->name = mt_strdup(arena, slash + 1);
	size_t n = slash == resolved ? 1 : (size_t)(slash - resolved);
	t->dir_path = mt_strz(arena, (struct mt_str){resolved, n});
	return t->name[0] ? 0 : -1;
}

/* An absent file: its folder is resolved. A link that points nowhere is not followed. */
static int resolve_absent(struct mt_arena *arena, struct mt_target *t, struct mt_error *error)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(t->path, '/');
	struct stat st;
	if (MT_RETRY(lstat(t->path, &st)) == 0)
		return mt_fail(error, MT_EXIT_FAILED, t->path,
			       "a symbolic link that points nowhere");
	const char *parent =
		mt_strz(arena, (struct mt_str){t->path, (size_t)(slash - t->path) + 1});
	if (!realpath(parent, dir))
		return fail_errno(error, parent, "cannot find the folder");
	const char *resolved = mt_format(arena, "%s%s", strcmp(dir, "/") == 0 ? "" : dir, slash);
	return split_path(arena, resolved, t)
		       ? mt_fail(error, MT_EXIT_FAILED, t->path, "not a file name")
		       : 0;
}

static int resolve_target(struct mt_arena *arena, struct mt_target *t, struct mt_error *error)
{
	char resolved[PATH_MAX], dir[PATH_MAX];
	struct stat st;
	if (t->path[0] != '/')
		return mt_fail(error, MT_EXIT_FAILED, t->path, "not an absolute path");
	if (!realpath(t->path, resolved))
		return errno == ENOENT ? resolve_absent(arena, t, error)
				       : fail_errno(error, t->path, "cannot resolve");
	if (split_path(arena, resolved, t))
		return mt_fail(error, MT_EXIT_FAILED, t->path, "not a regular file");
	if (MT_RETRY(lstat(t->path, &st)) == 0 && S_ISLNK(st.st_mode)) {
		const char *slash = strrchr(t->path, '/');
		size_t n = (size_t)(slash - t->path) + 1;
		if (!realpath(mt_strz(arena, (struct mt_str){t->path, n}), dir))
			return fail_errno(error, t->path, "cannot resolve");
		t->link_dir = mt_strdup(arena, dir);
	}
	return 0;
}

/* Component by component and never through a link: the folder that was resolved, or none. */
static int open_dir(const char *path)
{
	int fd = mt_open(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY);
	struct mt_str rest = mt_str_of(path), word;
	while (fd >= 0 && mt_str_word(&rest, "/", &word)) {
		char name[NAME_MAX + 1];
		if (word.n > NAME_MAX) {
			errno = ENAMETOOLONG;
			mt_fd_close(&fd);
			return -1;
		}
		memcpy(name, word.p, word.n);
		name[word.n] = '\0';
		int next = mt_open(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		mt_fd_close(&fd);
		fd = next;
	}
	return fd;
}

static int read_target(struct mt_arena *arena, struct mt_target *t, struct mt_error *error)
{
	if (MT_RETRY(fstat(t->file, &t->st)) < 0)
		return fail_errno(error, t->where, "cannot look at it");
	if (!S_ISREG(t->st.st_mode))
		return mt_fail(error, MT_EXIT_FAILED, t->where, "not a regular file");
	if (mt_read_all(arena, t->file, MT_ITEM_MAX, &t->bytes))
		return fail_errno(error, t->where, "cannot read");
	mt_sha256_hex(t->bytes, t->sha);
	return 0;
}

int mt_target_open(struct mt_arena *arena, const char *path, struct mt_target *t,
		   struct mt_error *error)
{
	*t = (struct mt_target)MT_TARGET_NONE;
	t->path = path;
	if (resolve_target(arena, t, error))
		return -1;
	t->dir = open_dir(t->dir_path);
	if (t->dir < 0 || MT_RETRY(fstat(t->dir, &t->dir_st)) < 0)
		return fail_errno(error, t->dir_path, "cannot open the folder");
	t->file = mt_open(t->dir, t->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (t->file < 0 && errno != ENOENT)
		return fail_errno(error, t->where, "cannot open");
	return t->file < 0 ? 0 : read_target(arena, t, error);
}

int mt_target_draw(struct mt_target *t, struct mt_error *error)
{
	char hex[17];
	if (mt_random_hex(hex, 16))
		return fail_errno(error, t->where, "no random numbers");
	snprintf(t->temp, sizeof t->temp, ".mtapin-%s", hex);
	return 0;
}

/* ---- stage ----------------------------------------------------------------------------------- */

static int attributes(const struct mt_target *t, int fd, int mode)
{
	if (t->file >= 0 && mt_attributes_copy(t->file, &t->st, fd))
		return -1;
	if (t->file >= 0 && !t->remode)
		return 0;
	if (t->owned && MT_RETRY(fchown(fd, t->uid, t->gid)) < 0)
		return -1;
	return MT_RETRY(fchmod(fd, (mode_t)mode));
}

static int fill_temp(const struct mt_target *t, int fd, struct mt_str bytes, int mode)
{
	/* first: some flags (C of btrfs) count only while the file is empty */
	if (t->file >= 0 && mt_flags_copy(t->file, fd))
		return -1;
	if (mt_write_all(fd, bytes))
		return -1;
	/* last: a write takes set-uid bits and security.capability away */
	if (attributes(t, fd, mode))
		return -1;
	return mt_sync(fd);
}

static int drop_temp(struct mt_target *t)
{
	if (!t->staged)
		return 0;
	if (MT_RETRY(unlinkat(t->dir, t->temp, 0)) < 0 && errno != ENOENT)
		return -1;
	t->staged = false;
	return 0;
}

int mt_target_stage(struct mt_target *t, struct mt_str bytes, int mode, struct mt_error *error)
{
	int fd = mt_open(t->dir, t->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
	if (fd < 0)
		return fail_errno(error, t->dir_path, "cannot make a temporary file");
	t->staged = true;
	int failed = fill_temp(t, fd, bytes, mode);
	int saved = errno;
	if (close(fd) < 0 && errno != EINTR && !failed) {
		failed = -1;
		saved = errno;
	}
	if (failed)
		(void)drop_temp(t);
	errno = saved;
	return failed ? fail_errno(error, t->where, "cannot write its successor") : 0;
}

void mt_target_stage_removal(struct mt_target *t)
{
	t->remove = true;
}

/* ---- commit ------------------------------------------------------------------------------------- */

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

/* Does the regular file DIR/NAME hold the bytes that were read? */
static bool holds_bytes(const struct mt_target *t, const char *name)
{
	return mt_holds(t->dir, name, t->bytes);
}

static bool path_leads_here(const struct mt_target *t)
{
	char resolved[PATH_MAX];
	struct stat st;
	if (MT_RETRY(stat(t->dir_path, &st)) < 0 || st.st_dev != t->dir_st.st_dev ||
	    st.st_ino != t->dir_st.st_ino)
		return false;
	if (t->file < 0)
		return true;
	return realpath(t->path, resolved) && strcmp(resolved, t->where) == 0;
}

int mt_target_recheck(struct mt_target *t, struct mt_error *error)
{
	struct stat st;
	bool same = path_leads_here(t);
	if (MT_RETRY(fstatat(t->dir, t->name, &st, AT_SYMLINK_NOFOLLOW)) < 0)
		same = same && t->file < 0 && errno == ENOENT;
	else
		same = same && t->file >= 0 && same_file(&st, &t->st) && holds_bytes(t, t->name);
	return same ? 0
		    : mt_fail(error, MT_EXIT_FAILED, t->where,
			      "somebody changed it meanwhile: left as it is");
}

static int lost_race(struct mt_error *error, const struct mt_target *t)
{
	return mt_fail(error, MT_EXIT_FAILED, t->where,
		       "somebody changed it at this very moment: theirs was kept");
}

static bool not_supported(void)
{
	return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
}

static int move(const struct mt_target *t, const char *from, const char *to, unsigned flags)
{
	return MT_RETRY(renameat2(t->dir, from, t->dir, to, flags));
}

/* What was displaced is not what we read: it goes back, and so does whatever came after it. */
static int withdraw(struct mt_target *t, ino_t ours, struct mt_error *error)
{
	struct stat st;
	for (int tries = 0; tries < 100; tries++) {
		if (move(t, t->temp, t->name, RENAME_EXCHANGE) < 0)
			break;
		if (MT_RETRY(fstatat(t->dir, t->temp, &st, AT_SYMLINK_NOFOLLOW)) == 0 &&
		    st.st_ino == ours) {
			t->committed = false;
			return lost_race(error, t);
		}
	}
	t->staged = false; /* it is somebody's: it must not be removed */
	return mt_fail(error, MT_EXIT_PERSON, t->where,
		       "somebody changes it all the time; one of their versions is in %s/%s",
		       t->dir_path, t->temp);
}

static int place_over(struct mt_target *t, struct mt_error *error)
{
	struct stat ours;
	if (MT_RETRY(fstatat(t->dir, t->temp, &ours, AT_SYMLINK_NOFOLLOW)) < 0)
		return fail_errno(error, t->where, "the temporary file is gone");
	/* Between the last look and this call an editor may still have saved the file: a plain
	 * rename would lose that without a word, and no lock prevents it (vi and sed take none).
	 * Exchanged, its version is at hand. */
	if (move(t, t->temp, t->name, RENAME_EXCHANGE) == 0) {
		t->committed = true;
		return holds_bytes(t, t->temp) ? 0 : withdraw(t, ours.st_ino, error);
	}
	if (!not_supported() || MT_RETRY(renameat(t->dir, t->temp, t->dir, t->name)) < 0)
		return fail_errno(error, t->where, "cannot replace");
	t->committed = true;
	t->staged = false;
	return 0;
}

static int take_away(struct mt_target *t, struct mt_error *error)
{
	/* moved rather than unlinked: what an editor saved since the last look can still be seen,
	 * and put back */
	if (move(t, t->name, t->temp, RENAME_NOREPLACE) < 0) {
		if (!not_supported() || MT_RETRY(unlinkat(t->dir, t->name, 0)) < 0)
			return fail_errno(error, t->where, "cannot remove");
		t->committed = true;
		return 0;
	}
	t->staged = t->committed = true;
	if (holds_bytes(t, t->temp))
		return 0;
	t->staged = false;
	t->committed = move(t, t->temp, t->name, RENAME_NOREPLACE) < 0;
	return t->committed ? mt_fail(error, MT_EXIT_PERSON, t->where,
				      "somebody changes it all the time; one of their versions is "
				      "in %s/%s",
				      t->dir_path, t->temp)
			    : lost_race(error, t);
}

static int place_target(struct mt_target *t, struct mt_error *error)
{
	if (t->remove)
		return take_away(t, error);
	if (t->file >= 0)
		return place_over(t, error);
	/* somebody may have made it meanwhile: neither this nor link(2), which any file system
	 * knows, puts ours over it */
	if (move(t, t->temp, t->name, RENAME_NOREPLACE) == 0)
		t->staged = false;
	else if (!not_supported() || MT_RETRY(linkat(t->dir, t->temp, t->dir, t->name, 0)) < 0)
		return errno == EEXIST ? lost_race(error, t)
				       : fail_errno(error, t->where, "cannot create");
	t->committed = true;
	return 0;
}

int mt_target_commit(struct mt_target *t, struct mt_error *error)
{
	if (mt_target_recheck(t, error) || place_target(t, error))
		return -1;
	(void)drop_temp(t); /* tried again, and said, when it is closed */
	/* the new name is on the disk when its folder is (fsync(2)); postconf -e leaves that out */
	if (mt_sync(t->dir))
		return fail_errno(error, t->dir_path, "cannot make the change durable");
	return 0;
}

int mt_target_close(struct mt_target *t)
{
	int failed = t->dir >= 0 ? drop_temp(t) : 0;
	mt_fd_close(&t->file);
	mt_fd_close(&t->dir);
	return failed;
}
