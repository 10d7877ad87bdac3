/* SPDX-License-Identifier: ISC */
/* trust.c: walk a path on descriptors, refusing every place where somebody else could interfere. */
#include "io/sys/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys/fs.h"

#define LINKS_MAX 40 /* as the kernel's own limit (path_resolution(7)) */

struct walk {
	struct mt_trust trust;
	struct mt_error *error;
	bool folder; /* one is wanted, not a file */
	int dir; /* the folder reached so far, O_PATH */
	bool dir_sticky; /* it is a root-owned sticky one that others may write */
	char at[PATH_MAX]; /* its name, for messages */
	char rest[PATH_MAX]; /* still to go */
	unsigned links;
};

static int refuse_path(struct walk *w, int why, const char *where, const char *reason)
{
	mt_fail(w->error, w->trust.code, where, "%s", reason);
	errno = why;
	return -1;
}

static int refuse_errno(struct walk *w, const char *where)
{
	int why = errno;
	return refuse_path(w, why, where, strerror(why));
}

static int owner_ok(struct walk *w, const char *where, const struct stat *st)
{
	if (st->st_uid == 0 || st->st_uid == geteuid())
		return 0;
	char reason[96];
	snprintf(reason, sizeof reason, "belongs to user %lu, not to root or the caller",
		 (unsigned long)st->st_uid);
	return refuse_path(w, EPERM, where, reason);
}

static int refuse_mode(struct walk *w, const char *where, const struct stat *st)
{
	char reason[96];
	snprintf(reason, sizeof reason, "mode %04o: others may write it",
		 (unsigned)st->st_mode & 07777u);
	return refuse_path(w, EPERM, where, reason);
}

static bool others_write(const struct stat *st)
{
	return st->st_mode & (S_IWGRP | S_IWOTH);
}

/* Make `fd` the folder reached (it is closed with the walk). */
static int enter_folder(struct walk *w, int fd)
{
	if (w->dir >= 0)
		close(w->dir);
	w->dir = fd;
	struct stat st;
	if (MT_RETRY(fstat(fd, &st)) != 0)
		return refuse_errno(w, w->at);
	if (owner_ok(w, w->at, &st) != 0)
		return -1;
	w->dir_sticky = others_write(&st) && (st.st_mode & S_ISVTX) && st.st_uid == 0;
	return others_write(&st) && !w->dir_sticky ? refuse_mode(w, w->at, &st) : 0;
}

static int enter_root(struct walk *w)
{
	int fd = mt_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	strcpy(w->at, "/");
	return fd < 0 ? refuse_errno(w, "/") : enter_folder(w, fd);
}

/* Put the target of a link in front of what is still to go. */
static int follow_link(struct walk *w, int fd, const char *where, const struct stat *st)
{
	char target[PATH_MAX], rest[PATH_MAX];
	if (owner_ok(w, where, st) != 0)
		return -1;
	if (++w->links > LINKS_MAX)
		return refuse_path(w, ELOOP, where, strerror(ELOOP));
	ssize_t n = MT_RETRY(readlinkat(fd, "", target, sizeof target - 1));
	if (n < 0)
		return refuse_errno(w, where);
	target[n] = '\0';
	strcpy(rest, w->rest);
	if (snprintf(w->rest, sizeof w->rest, "%s/%s", target, rest) >= (int)sizeof w->rest)
		return refuse_path(w, ENAMETOOLONG, where, "the link's target is too long");
	return target[0] == '/' ? enter_root(w) : 0;
}

/* Cut the next component off what is still to go; false when nothing is left. */
static bool next_name(struct walk *w, char name[NAME_MAX + 2])
{
	char *p = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(p, "/");
	snprintf(name, NAME_MAX + 2, "%.*s", (int)n, p);
	memmove(w->rest, p + n, strlen(p + n) + 1);
	return n > 0;
}

static bool is_last(const struct walk *w)
{
	return w->rest[strspn(w->rest, "/")] == '\0';
}

/* By its descriptor: what the name led to when it was opened. */
static int check_fd(struct walk *w, int fd, unsigned type, const char *where)
{
	struct stat st;
	if (MT_RETRY(fstat(fd, &st)) != 0)
		return refuse_errno(w, where);
	if ((st.st_mode & S_IFMT) != type)
		return refuse_path(w, EINVAL, where,
				   type == S_IFDIR ? "not a folder" : "not a regular file");
	if (owner_ok(w, where, &st) != 0)
		return -1;
	return others_write(&st) ? refuse_mode(w, where, &st) : 0;
}

/* The file itself: opened anew for reading in the folder that was checked, and then checked. */
static int open_file(struct walk *w, const char *name, const char *where)
{
	struct stat st;
	if (w->dir_sticky && !w->trust.own_sticky)
		return MT_RETRY(fstat(w->dir, &st)) == 0 ? refuse_mode(w, w->at, &st) : -1;
	int fd = mt_open(w->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return refuse_errno(w, where);
	if (check_fd(w, fd, S_IFREG, where)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* One component: 0 go on, -1 refused, else *file is the opened file. */
static int walk_step(struct walk *w, const char *name, int *file)
{
	char where[PATH_MAX];
	struct stat st;
	if (snprintf(where, sizeof where, "%s%s%s", w->at, w->at[1] ? "/" : "", name) >=
	    (int)sizeof where)
		return refuse_path(w, ENAMETOOLONG, w->at, "the path below it is too long");
	int fd = mt_open(w->dir, name, O_PATH | O_NOFOLLOW);
	if (fd < 0 || MT_RETRY(fstat(fd, &st)) != 0)
		return refuse_errno(w, where);
	if (S_ISDIR(st.st_mode) && (w->folder || !is_last(w))) {
		strcpy(w->at, where);
		return enter_folder(w, fd);
	}
	int result = S_ISLNK(st.st_mode)	? follow_link(w, fd, where, &st)
		     : w->folder || !is_last(w) ? refuse_path(w, ENOTDIR, where, strerror(ENOTDIR))
		     : (*file = open_file(w, name, where)) < 0 ? -1
							       : 0;
	close(fd);
	return result;
}

/* To the end of the path; what is left open of a walk is closed here. */
static int walk_path(struct walk *w, const char *path, int *file)
{
	char name[NAME_MAX + 2], cwd[PATH_MAX] = "";
	*file = -1;
	if (path[0] != '/' && !getcwd(cwd, sizeof cwd))
		return refuse_errno(w, ".");
	if (snprintf(w->rest, sizeof w->rest, "%s/%s", cwd, path) >= (int)sizeof w->rest)
		return refuse_path(w, ENAMETOOLONG, "", "the path is too long");
	int result = enter_root(w);
	while (result == 0 && *file < 0 && next_name(w, name))
		result = walk_step(w, name, file);
	if (result == 0 && *file < 0)
		result = !w->folder	 ? refuse_path(w, EISDIR, w->at, "is a folder")
			 : w->dir_sticky ? check_fd(w, w->dir, S_IFDIR, w->at)
			 : (*file = mt_open(w->dir, ".", O_RDONLY | O_DIRECTORY)) < 0
				 ? refuse_errno(w, w->at)
				 : 0;
	int why = errno;
	if (w->dir >= 0)
		close(w->dir);
	errno = why;
	return result;
}

int mt_trust_open(const char *path, struct mt_trust trust, int *fd, struct mt_error *error)
{
	struct walk w = {.trust = trust, .error = error, .dir = -1};
	return walk_path(&w, path, fd);
}

int mt_trust_folder(const char *path, char *where, int *fd, struct mt_error *error)
{
	struct walk w = {
		.trust = {.code = MT_EXIT_FAILED}, .error = error, .folder = true, .dir = -1};
	int result = walk_path(&w, path, fd);
	strcpy(where, w.at);
	return result;
}

int mt_trust_fd(int fd, unsigned type, const char *where, struct mt_error *error)
{
	struct walk w = {.trust = {.code = MT_EXIT_FAILED}, .error = error, .dir = -1};
	return check_fd(&w, fd, type, where);
}
