/* SPDX-License-Identifier: ISC */
/* preflight.c: what cannot work or must not be done is said before anything is written. */
#include "io/file/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "io/sys/fs.h"

#define MOUNTINFO_MAX ((size_t)4 << 20)

static bool accepted(const char *const *accept, const char *id)
{
	for (; accept && *accept; accept++)
		if (strcmp(*accept, id) == 0)
			return true;
	return false;
}

/* Before mt_fail(): the first error wins. */
static void set_id(struct mt_error *error, const char *id)
{
	if (!error->code)
		snprintf(error->id, sizeof error->id, "%s", id);
}

static int refuse_file(struct mt_error *error, const char *id, const char *where,
		       const char *message)
{
	set_id(error, id);
	return mt_fail(error, MT_EXIT_FAILED, where, "%s", message);
}

/* ---- bind mounts -------------------------------------------------------------------------------- */

/* One line of /proc/self/mountinfo: id parent major:minor root mount-point ... (proc(5)). */
struct mount {
	struct mt_str device;
	const char *root, *point;
};

/* Blanks, tabs, line feeds and backslashes stand as \ooo. */
static const char *unescape(struct mt_arena *arena, struct mt_str s)
{
	char *out = mt_alloc(arena, s.n + 1), *to = out;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 3 < s.n) {
			*to++ = (char)((s.p[i + 1] - '0') << 6 | (s.p[i + 2] - '0') << 3 |
				       (s.p[i + 3] - '0'));
			i += 3;
		} else {
			*to++ = s.p[i];
		}
	}
	return out;
}

static bool next_mount(struct mt_arena *arena, struct mt_str *rest, struct mount *mount)
{
	struct mt_str line, word[5];
	if (!mt_str_line(rest, &line))
		return false;
	for (int i = 0; i < 5; i++)
		if (!mt_str_word(&line, " ", &word[i]))
			return false;
	*mount = (struct mount){word[2], unescape(arena, word[3]), unescape(arena, word[4])};
	return true;
}

/* "/a" is below "/" and "/a", not below "/ab". The rest of the path, or NULL. */
static const char *below_folder(const char *path, const char *top)
{
	size_t n = strcmp(top, "/") == 0 ? 0 : strlen(top);
	return strncmp(path, top, n) == 0 && (path[n] == '/' || !path[n]) ? path + n : NULL;
}

/* Where the mounted file can be reached by its own name; NULL: nowhere in this namespace. */
static const char *source_of(struct mt_arena *arena, struct mt_str text, const struct mount *over)
{
	struct mount m;
	while (next_mount(arena, &text, &m)) {
		const char *rest = below_folder(over->root, m.root);
		if (rest && mt_str_eq(m.device, over->device) && strcmp(m.point, over->point) != 0)
			return mt_format(arena, "%s%s", strcmp(m.point, "/") == 0 ? "" : m.point,
					 rest);
	}
	return NULL;
}

static int refuse_mounted(struct mt_arena *arena, const struct mt_target *t, struct mt_error *error)
{
	struct mt_str text = {0}, rest;
	struct mount m, over = {0};
	MT_FD fd = mt_open(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY);
	if (fd >= 0 && mt_read_all(arena, fd, MOUNTINFO_MAX, &text))
		text = (struct mt_str){0};
	rest = text;
	while (next_mount(arena, &rest, &m))
		if (strcmp(m.point, t->where) == 0)
			over = m; /* the last one lies on top */
	const char *source = over.point ? source_of(arena, text, &over) : NULL;
	set_id(error, "HOST-MOUNTED");
	if (source)
		return mt_fail(error, MT_EXIT_FAILED, t->where,
			       "it is mounted here from %s: edit that file instead", source);
	return mt_fail(error, MT_EXIT_FAILED, t->where,
		       "it is mounted over this name (from %s of its file system, outside this "
		       "mount namespace): edit it where it comes from",
		       over.root ? over.root : "an unknown file");
}

/* ---- file and folder ---------------------------------------------------------------------------- */

static int check_attributes(int fd, const char *where, const char *what, struct mt_error *error)
{
	struct statx sx;
	if (MT_RETRY(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &sx)) < 0)
		return mt_fail(error, MT_EXIT_FAILED, where, "cannot look at it: %s",
			       strerror(errno));
	if (sx.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND))
		set_id(error, "HOST-IMMUTABLE");
	if (sx.stx_attributes & STATX_ATTR_IMMUTABLE)
		return mt_fail(error, MT_EXIT_FAILED, where,
			       "the %s is immutable: chattr -i '%s' allows the change", what,
			       where);
	if (sx.stx_attributes & STATX_ATTR_APPEND)
		return mt_fail(error, MT_EXIT_FAILED, where,
			       "the %s is append-only: chattr -a '%s' allows the change", what,
			       where);
	return 0;
}

static int check_target_file(struct mt_arena *arena, const struct mt_target *t,
			     const char *const *accept, struct mt_error *error)
{
	struct statx sx;
	if (MT_RETRY(statx(t->file, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &sx)) == 0 &&
	    (sx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
	    (sx.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return refuse_mounted(arena, t, error);
	if (check_attributes(t->file, t->where, "file", error))
		return -1;
	if (t->st.st_nlink > 1 && !accepted(accept, "HOST-HARD-LINK"))
		return refuse_file(
			error, "HOST-HARD-LINK", t->where,
			"the file has other names (hard links), which would keep the old "
			"contents: --accept HOST-HARD-LINK changes this name alone");
	return 0;
}

static int check_dir(const struct mt_target *t, struct mt_error *error)
{
	struct statvfs vfs;
	if (MT_RETRY(fstatvfs(t->dir, &vfs)) == 0 && (vfs.f_flag & ST_RDONLY))
		return refuse_file(error, "HOST-READ-ONLY", t->where,
				   "the file system is mounted read-only");
	if (check_attributes(t->dir, t->dir_path, "folder", error))
		return -1;
	if (MT_RETRY(faccessat(t->dir, ".", W_OK | X_OK, AT_EACCESS)) < 0) {
		set_id(error, "HOST-NO-PERMISSION");
		return mt_fail(error, MT_EXIT_FAILED, t->dir_path,
			       "no permission to write there: %s", strerror(errno));
	}
	return 0;
}

/* ---- who else can write on the way -------------------------------------------------------------- */

static bool foreign(const struct stat *st, bool last)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return true;
	return (st->st_mode & 022) && (last || !(st->st_mode & S_ISVTX));
}

const char *mt_foreign_dir(struct mt_arena *arena, const char *path)
{
	for (size_t n = 1; n <= strlen(path); n++) {
		struct stat st;
		if (path[n] != '/' && path[n] != '\0' && n != 1)
			continue;
		const char *dir = mt_strz(arena, (struct mt_str){path, n});
		if (MT_RETRY(lstat(dir, &st)) < 0 || !S_ISDIR(st.st_mode) || foreign(&st, !path[n]))
			return dir;
	}
	return NULL;
}

int mt_way_check(struct mt_arena *arena, const char *path, const char *const *accept,
		 struct mt_error *error)
{
	const char *dir = mt_foreign_dir(arena, path);
	if (!dir || accepted(accept, "HOST-FOREIGN-DIR"))
		return 0;
	return refuse_file(
		error, "HOST-FOREIGN-DIR", dir,
		"another user owns or may write this folder and could exchange files under "
		"our hands: correct owner or mode, or --accept HOST-FOREIGN-DIR");
}

int mt_target_check(struct mt_arena *arena, const struct mt_target *t, const char *const *accept,
		    struct mt_error *error)
{
	if (t->file >= 0 && check_target_file(arena, t, accept, error))
		return -1;
	if (check_dir(t, error) || mt_way_check(arena, t->dir_path, accept, error))
		return -1;
	return t->link_dir ? mt_way_check(arena, t->link_dir, accept, error) : 0;
}
