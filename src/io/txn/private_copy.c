/* SPDX-License-Identifier: ISC */
/* private_copy.c: a part of the file system, copied with its paths. */
#include "io/txn/private_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/sys/fs.h"

#define FILES_MAX   1000
#define BYTES_MAX   ((size_t)32 << 20)
#define DEPTH_MAX   8
#define AGE_SECONDS 60

static int fail_copy(struct mt_error *error, const char *path)
{
	return mt_fail(error, MT_EXIT_FAILED, path, "cannot make a private copy: %s",
		       strerror(errno));
}

/* ---- folders ------------------------------------------------------------------------------------ */

/* Only root can give files away; for anybody else they are the caller's own anyway. */
static int keep_owner(int fd, const struct stat *st)
{
	if (geteuid() == 0 && MT_RETRY(fchown(fd, st->st_uid, st->st_gid)) < 0)
		return -1;
	return MT_RETRY(fchmod(fd, st->st_mode & 0777));
}

/* One level down, made as the folder `path` is where it is not there yet. */
static int enter_copy(int dir, const char *name, const char *path)
{
	struct stat st = {.st_mode = 0755, .st_uid = geteuid(), .st_gid = getegid()};
	bool made = MT_RETRY(mkdirat(dir, name, 0700)) == 0;
	if (!made && errno != EEXIST)
		return -1;
	int fd = mt_open(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd >= 0 && made) {
		(void)!MT_RETRY(stat(path, &st)); /* it may be one that is only to come */
		if (keep_owner(fd, &st))
			mt_fd_close(&fd);
	}
	return fd;
}

/* The folder of the copy that a path is in; *name is the rest. */
static int enter_folder_of(const struct mt_copy *c, const char *path, const char **name)
{
	const char *from = path;
	MT_FD dir = dup(c->top);
	while (dir >= 0) {
		while (*from == '/')
			from++;
		size_t n = strcspn(from, "/");
		if (!from[n])
			break;
		const char *part = mt_strz(c->engine->arena, (struct mt_str){from, n});
		from += n;
		int next = enter_copy(
			dir, part,
			mt_strz(c->engine->arena, (struct mt_str){path, (size_t)(from - path)}));
		mt_fd_close(&dir);
		dir = next;
	}
	*name = from;
	int result = dir;
	dir = -1;
	return result;
}

int mt_copy_add_folder_of(struct mt_copy *c, const char *path, struct mt_error *error)
{
	const char *name;
	MT_FD dir = enter_folder_of(c, path, &name);
	return dir < 0 ? fail_copy(error, path) : 0;
}

/* ---- who else may write ------------------------------------------------------------------------- */

/* A program that is run by root must not take its orders from anybody else. */
static int check_folder(const struct mt_copy *c, const char *path, struct mt_error *error)
{
	char resolved[PATH_MAX];
	if (!c->checked)
		return 0;
	if (!realpath(path, resolved))
		return fail_copy(error, path);
	return mt_way_check(c->engine->arena, resolved, c->engine->accept, error);
}

static int check_folder_of(const struct mt_copy *c, const char *path, struct mt_error *error)
{
	size_t n = (size_t)(strrchr(path, '/') - path);
	return check_folder(c, mt_strz(c->engine->arena, (struct mt_str){path, n ? n : 1}), error);
}

static int check_copied_file(const struct mt_copy *c, const char *path, const struct stat *st,
			     struct mt_error *error)
{
	bool foreign = (st->st_uid != 0 && st->st_uid != geteuid()) || (st->st_mode & 022);
	if (!c->checked || !foreign || mt_list_has(c->engine->accept, "HOST-FOREIGN-DIR"))
		return 0;
	snprintf(error->id, sizeof error->id, "HOST-FOREIGN-DIR");
	return mt_fail(error, MT_EXIT_FAILED, path,
		       "another user owns or may write this file, and a program would be run on "
		       "it: correct owner or mode, or --accept HOST-FOREIGN-DIR");
}

/* ---- files -------------------------------------------------------------------------------------- */

static int put_copy(struct mt_copy *c, int dir, const char *name, const struct stat *st,
		    struct mt_str bytes)
{
	struct timespec times[2] = {{0}};
	times[0].tv_sec = times[1].tv_sec = time(NULL) - AGE_SECONDS;
	errno = EFBIG;
	if (++c->files > FILES_MAX || (c->bytes += bytes.n) > BYTES_MAX)
		return -1;
	MT_FD fd = mt_open(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
	if (fd < 0 && errno == EEXIST)
		return 0; /* asked for twice: by itself, and with its folder */
	return fd < 0 || mt_write_all(fd, bytes) || keep_owner(fd, st) ||
			       MT_RETRY(futimens(fd, times)) < 0
		       ? -1
		       : 0;
}

/* It may be gone by now, or be no regular file: then it is left out. */
static int copy_real(struct mt_copy *c, int dir, const char *name, const char *path,
		     struct mt_error *error)
{
	struct stat st;
	struct mt_str bytes;
	if (MT_RETRY(stat(path, &st)) < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : fail_copy(error, path);
	if (!S_ISREG(st.st_mode))
		return 0;
	MT_FD fd = mt_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || MT_RETRY(fstat(fd, &st)) < 0)
		return fail_copy(error, path);
	if (check_copied_file(c, path, &st, error))
		return -1;
	return mt_read_all(c->engine->arena, fd, MT_ITEM_MAX, &bytes) ||
			       put_copy(c, dir, name, &st, bytes)
		       ? fail_copy(error, path)
		       : 0;
}

static int copy_file(struct mt_copy *c, int dir, const char *name, const char *path,
		     struct mt_error *error)
{
	const struct mt_txn_file *f = c->changed ? c->engine->txn->files : NULL;
	while (f && strcmp(f->path, path) != 0)
		f = f->next;
	struct stat st;
	if (mt_list_has(c->left_out, path) || (f && f->remove))
		return 0;
	if (!f)
		return copy_real(c, dir, name, path, error);
	if (MT_RETRY(stat(path, &st)) < 0)
		st = (struct stat){.st_mode = (mode_t)f->mode,
				   .st_uid = f->owned ? (uid_t)f->uid : geteuid(),
				   .st_gid = f->owned ? (gid_t)f->gid : getegid()};
	return put_copy(c, dir, name, &st, f->after) ? fail_copy(error, path) : 0;
}

/* ---- folders with all that is in them ----------------------------------------------------------- */

static int copy_folder(struct mt_copy *c, int into, const char *path, int depth,
		       struct mt_error *error)
{
	const char **names;
	size_t n;
	MT_FD from = mt_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
	if (from < 0 || mt_list(c->engine->arena, from, &names, &n))
		return fail_copy(error, path);
	if (check_folder(c, path, error))
		return -1;
	errno = ELOOP;
	if (depth > DEPTH_MAX)
		return fail_copy(error, path);
	for (size_t i = 0; i < n; i++) {
		struct stat st;
		const char *below = mt_format(c->engine->arena, "%s/%s", path, names[i]);
		if (MT_RETRY(fstatat(from, names[i], &st, AT_SYMLINK_NOFOLLOW)) < 0)
			continue;
		MT_FD down = S_ISDIR(st.st_mode) ? enter_copy(into, names[i], below) : -1;
		if (S_ISDIR(st.st_mode) && down < 0)
			return fail_copy(error, below);
		if (down >= 0 ? copy_folder(c, down, below, depth + 1, error)
			      : copy_file(c, into, names[i], below, error))
			return -1;
	}
	return 0;
}

/* What the transaction makes in it. */
static int add_created(struct mt_copy *c, const char *folder, struct mt_error *error)
{
	size_t n = strlen(folder);
	for (const struct mt_txn_file *f = c->changed ? c->engine->txn->files : NULL; f;
	     f = f->next)
		if (f->create && strncmp(f->path, folder, n) == 0 && f->path[n] == '/' &&
		    mt_copy_add(c, f->path, error))
			return -1;
	return 0;
}

int mt_copy_add(struct mt_copy *c, const char *path, struct mt_error *error)
{
	struct stat st;
	const char *name;
	bool folder = MT_RETRY(stat(path, &st)) == 0 && S_ISDIR(st.st_mode);
	MT_FD dir = enter_folder_of(c, path, &name);
	if (dir < 0)
		return fail_copy(error, path);
	if (!folder)
		return copy_file(c, dir, name, path, error) ||
				       (MT_RETRY(faccessat(dir, name, F_OK, 0)) == 0 &&
					check_folder_of(c, path, error))
			       ? -1
			       : 0;
	MT_FD into = enter_copy(dir, name, path);
	if (into < 0)
		return fail_copy(error, path);
	return copy_folder(c, into, path, 0, error) || add_created(c, path, error) ? -1 : 0;
}

/* ---- the whole ---------------------------------------------------------------------------------- */

/* Whoever runs there as another user may look into it; nobody can get to it from above. */
int mt_copy_begin(struct mt_copy *c, int above, const char *above_path, const char *name,
		  struct mt_error *error)
{
	c->above = above;
	c->name = name;
	c->path = mt_format(c->engine->arena, "%s/%s", above_path, name);
	if (MT_RETRY(mkdirat(above, name, 0700)) < 0)
		return fail_copy(error, c->path);
	c->top = mt_open(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	return c->top < 0 || MT_RETRY(fchmod(c->top, 0755)) < 0 ? fail_copy(error, c->path) : 0;
}

int mt_copy_read(const struct mt_copy *c, const char *path, struct mt_str *bytes)
{
	const char *name;
	MT_FD dir = enter_folder_of(c, path, &name);
	return dir < 0 ? -1 : mt_get(c->engine->arena, dir, name, MT_ITEM_MAX, bytes);
}

const char *mt_text_replace(struct mt_arena *arena, const char *text, const char *what,
			    const char *by)
{
	struct mt_text out = MT_TEXT_INIT(arena);
	for (const char *at; (at = strstr(text, what)); text = at + strlen(what)) {
		mt_text_add(&out, (struct mt_str){text, (size_t)(at - text)});
		mt_text_add(&out, mt_str_of(by));
	}
	mt_text_add(&out, mt_str_of(text));
	return mt_text_z(&out);
}

const char *mt_copy_real_names(const struct mt_copy *c, const char *text)
{
	return mt_text_replace(c->engine->arena, text, c->path, "");
}

int mt_copy_end(struct mt_copy *c)
{
	mt_fd_close(&c->top);
	return c->name && mt_remove_tree(c->above, c->name, MT_TREE_DEPTH) ? -1 : 0;
}
