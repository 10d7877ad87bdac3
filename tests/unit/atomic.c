/* SPDX-License-Identifier: ISC */
/* atomic.c: attribute rows: each is kept, or refused before any write with nothing left behind. */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "io/file/atomic.h"
#include "io/sys/fs.h"

static struct mt_arena *arena;
static char base[64]; /* the test's own folder; its files are in base/etc */
static bool root; /* with a mount namespace of our own */

static const char *at(const char *rest)
{
	return mt_format(arena, "%s/%s", base, rest);
}

static void put(const char *path, const char *bytes)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_not_equal(fputs(bytes, f), EOF);
	assert_int_equal(fclose(f), 0);
}

static void check_bytes(const char *path, const char *bytes)
{
	struct mt_str got;
	MT_FD fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(mt_read_all(arena, fd, 1 << 20, &got), 0);
	assert_str(got, bytes);
}

static void check_only(const char *dir, const char *const *names)
{
	const char **list;
	size_t n, i = 0;
	MT_FD fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(mt_list(arena, fd, &list, &n), 0);
	for (; names[i]; i++)
		assert_string_equal(list[i] ? list[i] : "", names[i]);
	assert_int_equal(n, i);
}
#define ONLY(dir, ...) check_only(dir, (const char *const[]){__VA_ARGS__, NULL})

static int setup(void **state)
{
	(void)state;
	mt_arena_reset(arena);
	strcpy(base, "/tmp/mtapin-atomic-XXXXXX");
	if (!mkdtemp(base) || mkdir(at("etc"), 0755))
		return -1;
	put(at("etc/f"), "old\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return mt_remove_tree(AT_FDCWD, base, 5);
}

/* The engine's sequence for one file. */
static int replace(const char *path, const char *bytes, const char *const *accept,
		   struct mt_error *error)
{
	struct mt_target t;
	*error = (struct mt_error){0};
	int failed = mt_target_open(arena, path, &t, error) ||
		     mt_target_check(arena, &t, accept, error) || mt_target_draw(&t, error) ||
		     mt_target_stage(&t, mt_str_of(bytes), 0644, error) ||
		     mt_target_commit(&t, error);
	mt_target_close(&t);
	return failed ? -1 : 0;
}

static void must_replace(const char *path)
{
	struct mt_error error;
	if (replace(path, "new\n", NULL, &error))
		fail_msg("%s: %s", error.where, error.message);
	check_bytes(path, "new\n");
}

static void must_refuse(const char *path, const char *id, const char *says)
{
	struct mt_error error;
	assert_int_equal(replace(path, "new\n", NULL, &error), -1);
	assert_int_equal(error.code, MT_EXIT_FAILED);
	assert_string_equal(error.id, id);
	if (!strstr(error.message, says))
		fail_msg("'%s' lacks '%s'", error.message, says);
	check_bytes(path, "old\n");
}

static void need_root(void)
{
	if (!root)
		skip();
}

static void plain(void **state)
{
	(void)state;
	must_replace(at("etc/f"));
	ONLY(at("etc"), "f");
}

static void mode_is_kept_under_any_umask(void **state)
{
	(void)state;
	static const mode_t modes[] = {0640, 0600, 0444, 0664, 04755};
	for (size_t i = 0; i < MT_ARRAY_LEN(modes); i++) {
		struct stat st;
		assert_int_equal(chmod(at("etc/f"), modes[i]), 0);
		mode_t old = umask(i % 2 ? 077 : 0);
		must_replace(at("etc/f"));
		umask(old);
		assert_int_equal(stat(at("etc/f"), &st), 0);
		assert_int_equal(st.st_mode & 07777, modes[i]);
	}
}

static void owner_is_kept(void **state)
{
	(void)state;
	need_root();
	struct stat st;
	assert_int_equal(chown(at("etc/f"), 1234, 5678), 0);
	must_replace(at("etc/f"));
	assert_int_equal(stat(at("etc/f"), &st), 0);
	assert_int_equal(st.st_uid, 1234);
	assert_int_equal(st.st_gid, 5678);
}

/* version, then (tag, permissions, id): acl_from_text is not needed for one constant */
static const unsigned char acl[] = {2, 0, 0,   0,   1,	 0,   6,  0, 255, 255, 255, 255, 2,   0,  4,
				    0, 1, 0,   0,   0,	 4,   0,  4, 0,	  255, 255, 255, 255, 16, 0,
				    4, 0, 255, 255, 255, 255, 32, 0, 0,	  0,   255, 255, 255, 255};
#define ACL "system.posix_acl_access"

static void acl_is_kept(void **state)
{
	(void)state;
	unsigned char now[sizeof acl + 1];
	if (setxattr(at("etc/f"), ACL, acl, sizeof acl, 0) < 0)
		skip();
	must_replace(at("etc/f"));
	assert_int_equal(getxattr(at("etc/f"), ACL, now, sizeof now), sizeof acl);
	assert_memory_equal(now, acl, sizeof acl);
}

static void default_acl_is_not_inherited(void **state)
{
	(void)state;
	char now[256];
	if (setxattr(at("etc"), "system.posix_acl_default", acl, sizeof acl, 0) < 0)
		skip();
	must_replace(at("etc/f"));
	assert_int_equal(getxattr(at("etc/f"), ACL, now, sizeof now), -1);
	struct stat st;
	assert_int_equal(stat(at("etc/f"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static void xattrs_are_kept(void **state)
{
	(void)state;
	static const char *const names[] = {"user.note", "trusted.x", "security.selinux"};
	char now[64];
	int tried = 0;
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		tried += setxattr(at("etc/f"), names[i], "a:b:c", 6, 0) == 0;
	if (!tried)
		skip();
	must_replace(at("etc/f"));
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		tried -= getxattr(at("etc/f"), names[i], now, sizeof now) == 6;
	assert_int_equal(tried, 0);
}

static int flags_of(const char *path, int *flags, bool set)
{
	MT_FD fd = open(path, O_RDONLY);
	return fd < 0 ? -1 : ioctl(fd, set ? FS_IOC_SETFLAGS : FS_IOC_GETFLAGS, flags);
}

static bool add_flag(const char *path, int flag)
{
	int flags;
	if (flags_of(path, &flags, false) < 0)
		return false;
	flags |= flag;
	return flags_of(path, &flags, true) == 0;
}

static void drop_flag(const char *path, int flag)
{
	int flags;
	assert_int_equal(flags_of(path, &flags, false), 0);
	flags &= ~flag;
	assert_int_equal(flags_of(path, &flags, true), 0);
}

static void inode_flags_are_kept(void **state)
{
	(void)state;
	int before, after;
	if (!add_flag(at("etc/f"), FS_NODUMP_FL | FS_NOATIME_FL))
		skip();
	assert_int_equal(flags_of(at("etc/f"), &before, false), 0);
	must_replace(at("etc/f"));
	assert_int_equal(flags_of(at("etc/f"), &after, false), 0);
	assert_int_equal(after, before);
}

static void immutable_and_append_only_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *path, *says;
		int flag;
	} rows[] = {{"etc/f", "chattr -i", FS_IMMUTABLE_FL},
		    {"etc/f", "chattr -a", FS_APPEND_FL},
		    {"etc", "chattr -i", FS_IMMUTABLE_FL},
		    {"etc", "chattr -a", FS_APPEND_FL}};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		if (!add_flag(at(rows[i].path), rows[i].flag))
			skip();
		struct mt_error error;
		int rc = replace(at("etc/f"), "new\n", NULL, &error);
		drop_flag(at(rows[i].path), rows[i].flag);
		assert_int_equal(rc, -1);
		if (!strstr(error.message, rows[i].says))
			fail_msg("row %zu: %s", i, error.message);
		assert_string_equal(error.id, "HOST-IMMUTABLE");
		check_bytes(at("etc/f"), "old\n");
		ONLY(at("etc"), "f");
	}
}

static void hard_link_is_refused_unless_accepted(void **state)
{
	(void)state;
	struct mt_error error;
	assert_int_equal(link(at("etc/f"), at("other")), 0);
	must_refuse(at("etc/f"), "HOST-HARD-LINK", "hard links");
	ONLY(at("etc"), "f");
	const char *const accept[] = {"HOST-HARD-LINK", NULL};
	assert_int_equal(replace(at("etc/f"), "new\n", accept, &error), 0);
	check_bytes(at("etc/f"), "new\n");
	check_bytes(at("other"), "old\n");
}

static void links_are_followed_and_stay(void **state)
{
	(void)state;
	struct stat st;
	assert_int_equal(mkdir(at("real"), 0755), 0);
	put(at("real/f"), "old\n");
	assert_int_equal(symlink("../real/f", at("etc/link")), 0);
	assert_int_equal(symlink("real", at("dirlink")), 0);
	must_replace(at("etc/link"));
	check_bytes(at("real/f"), "new\n");
	assert_int_equal(lstat(at("etc/link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	put(at("real/f"), "old\n");
	must_replace(at("dirlink/f"));
	assert_int_equal(lstat(at("dirlink"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	ONLY(at("real"), "f");
	ONLY(at("etc"), "f", "link");
}

static void what_is_no_file_is_refused(void **state)
{
	(void)state;
	static const char *const names[] = {"etc", "etc/fifo", "etc/dangling", "etc/none/f",
					    "etc/loop"};
	assert_int_equal(mkfifo(at("etc/fifo"), 0644), 0);
	assert_int_equal(symlink("nowhere", at("etc/dangling")), 0);
	assert_int_equal(symlink("loop", at("etc/loop")), 0);
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++) {
		struct mt_error error;
		assert_int_equal(replace(at(names[i]), "new\n", NULL, &error), -1);
		assert_int_equal(error.code, MT_EXIT_FAILED);
	}
	ONLY(at("etc"), "dangling", "f", "fifo", "loop");
}

static void bind_mount_names_its_source(void **state)
{
	(void)state;
	need_root();
	put(at("src file"), "old\n");
	assert_int_equal(mount(at("src file"), at("etc/f"), NULL, MS_BIND, NULL), 0);
	must_refuse(at("etc/f"), "HOST-MOUNTED", at("src file"));
	assert_int_equal(umount(at("etc/f")), 0);
	ONLY(at("etc"), "f");
}

static void read_only_is_refused(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(mount(at("etc"), at("etc"), NULL, MS_BIND, NULL), 0);
	assert_int_equal(mount(NULL, at("etc"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	must_refuse(at("etc/f"), "HOST-READ-ONLY", "read-only");
	assert_int_equal(umount(at("etc")), 0);
}

static void full_disk_leaves_nothing(void **state)
{
	(void)state;
	need_root();
	struct mt_error error;
	char big[70000];
	memset(big, 'x', sizeof big);
	big[sizeof big - 1] = '\0';
	assert_int_equal(mount("none", at("etc"), "tmpfs", 0, "size=64k,mode=755"), 0);
	put(at("etc/f"), "old\n");
	assert_int_equal(replace(at("etc/f"), big, NULL, &error), -1);
	if (!strstr(error.message, "No space left"))
		fail_msg("%s", error.message);
	check_bytes(at("etc/f"), "old\n");
	ONLY(at("etc"), "f");
	assert_int_equal(umount(at("etc")), 0);
}

static void overlay_keeps_mode_and_owner(void **state)
{
	(void)state;
	need_root();
	struct stat st;
	assert_int_equal(mount("none", base, "tmpfs", 0, "size=1m,mode=755"), 0);
	static const char *const dirs[] = {"low", "up", "work", "etc"};
	for (size_t i = 0; i < MT_ARRAY_LEN(dirs); i++)
		assert_int_equal(mkdir(at(dirs[i]), 0755), 0);
	put(at("low/f"), "old\n");
	assert_int_equal(chmod(at("low/f"), 0640), 0);
	assert_int_equal(chown(at("low/f"), 0, 77), 0);
	const char *options = mt_format(arena, "lowerdir=%s,upperdir=%s,workdir=%s", at("low"),
					at("up"), at("work"));
	if (mount("overlay", at("etc"), "overlay", 0, options) < 0) {
		umount(base);
		skip();
	}
	must_replace(at("etc/f"));
	assert_int_equal(stat(at("etc/f"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_gid, 77);
	ONLY(at("etc"), "f");
	assert_int_equal(umount(at("etc")), 0);
	assert_int_equal(umount(base), 0);
}

static void foreign_folder_is_refused_unless_accepted(void **state)
{
	(void)state;
	struct mt_error error;
	assert_int_equal(chmod(at("etc"), 0777), 0);
	must_refuse(at("etc/f"), "HOST-FOREIGN-DIR", "accept HOST-FOREIGN-DIR");
	assert_int_equal(chmod(at("etc"), 01777), 0);
	must_refuse(at("etc/f"), "HOST-FOREIGN-DIR", "accept HOST-FOREIGN-DIR");
	assert_int_equal(chmod(at("etc"), 0755), 0);
	assert_int_equal(chmod(base, 0770), 0);
	must_refuse(at("etc/f"), "HOST-FOREIGN-DIR", "accept HOST-FOREIGN-DIR");
	assert_string_equal((replace(at("etc/f"), "new\n", NULL, &error), error.where), base);
	const char *const accept[] = {"X", "HOST-FOREIGN-DIR", NULL};
	assert_int_equal(replace(at("etc/f"), "new\n", accept, &error), 0);
}

static void foreign_owner_of_folder_stays(void **state)
{
	(void)state;
	need_root();
	struct stat st;
	struct mt_error error;
	assert_int_equal(chown(at("etc"), 1234, 1234), 0);
	assert_int_equal(chown(at("etc/f"), 1234, 1234), 0);
	must_refuse(at("etc/f"), "HOST-FOREIGN-DIR", "another user");
	const char *const accept[] = {"HOST-FOREIGN-DIR", NULL};
	assert_int_equal(replace(at("etc/f"), "new\n", accept, &error), 0);
	assert_int_equal(stat(at("etc/f"), &st), 0);
	assert_int_equal(st.st_uid, 1234);
}

/* The writable folder may be the one that holds the link, not the file. */
static void folder_of_a_link_counts(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("open"), 0777), 0);
	assert_int_equal(chmod(at("open"), 0777), 0);
	assert_int_equal(symlink("../etc/f", at("open/f")), 0);
	must_refuse(at("open/f"), "HOST-FOREIGN-DIR", "another user");
}

static void planted_links_are_not_followed(void **state)
{
	(void)state;
	static const char *const suffixes[] = {".tmp", ".bak", "~", ".mtapin"};
	put(at("victim"), "secret\n");
	for (size_t i = 0; i < MT_ARRAY_LEN(suffixes); i++)
		assert_int_equal(
			symlink(at("victim"), mt_format(arena, "%s%s", at("etc/f"), suffixes[i])),
			0);
	must_replace(at("etc/f"));
	check_bytes(at("victim"), "secret\n");
	/* and if somebody guessed the name */
	struct mt_target t;
	struct mt_error error = {0};
	assert_int_equal(mt_target_open(arena, at("etc/f"), &t, &error), 0);
	assert_int_equal(mt_target_draw(&t, &error), 0);
	assert_int_equal(symlinkat(at("victim"), t.dir, t.temp), 0);
	assert_int_equal(mt_target_stage(&t, MT_STR("new\n"), 0, &error), -1);
	mt_target_close(&t);
	check_bytes(at("victim"), "secret\n");
}

static void created_and_removed(void **state)
{
	(void)state;
	struct mt_target t;
	struct mt_error error = {0};
	struct stat st;
	mode_t old = umask(077);
	must_replace(at("etc/new"));
	umask(old);
	assert_int_equal(stat(at("etc/new"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(mt_target_open(arena, at("etc/new"), &t, &error), 0);
	assert_int_equal(mt_target_draw(&t, &error), 0);
	mt_target_stage_removal(&t);
	assert_int_equal(mt_target_commit(&t, &error), 0);
	mt_target_close(&t);
	ONLY(at("etc"), "f");
}

/* Everything that happens between reading and committing is noticed; theirs stays. */
static void change_touch(void)
{
	put(at("etc/f"), "old\n");
}
static void change_edit(void)
{
	put(at("etc/f"), "theirs\n");
}
static void change_rename(void)
{
	put(at("etc/g"), "theirs\n");
	assert_int_equal(rename(at("etc/g"), at("etc/f")), 0);
}
static void change_remove(void)
{
	assert_int_equal(unlink(at("etc/f")), 0);
}
static void change_mode(void)
{
	assert_int_equal(chmod(at("etc/f"), 0600), 0);
}
static void change_folder(void)
{
	assert_int_equal(rename(at("etc"), at("moved")), 0);
	assert_int_equal(mkdir(at("etc"), 0755), 0);
}

static void change_in_between_is_noticed(void **state)
{
	(void)state;
	static void (*const changes[])(void) = {change_touch,  change_edit, change_rename,
						change_remove, change_mode, change_folder};
	for (size_t i = 0; i < MT_ARRAY_LEN(changes); i++) {
		struct mt_target t;
		struct mt_error error = {0};
		struct stat before, after;
		unlink(at("etc/f"));
		put(at("etc/f"), "old\n");
		assert_int_equal(mt_target_open(arena, at("etc/f"), &t, &error), 0);
		assert_int_equal(mt_target_draw(&t, &error), 0);
		assert_int_equal(mt_target_stage(&t, MT_STR("new\n"), 0, &error), 0);
		usleep(20000); /* a clock tick of the file system */
		changes[i]();
		bool there = stat(at("etc/f"), &before) == 0;
		assert_int_equal(mt_target_commit(&t, &error), -1);
		assert_false(t.committed);
		mt_target_close(&t);
		assert_int_equal(stat(at("etc/f"), &after) == 0, there);
		if (there)
			assert_int_equal(before.st_ino, after.st_ino);
	}
	ONLY(at("moved"), "f");
}

static void appeared_in_between_is_kept(void **state)
{
	(void)state;
	struct mt_target t;
	struct mt_error error = {0};
	assert_int_equal(mt_target_open(arena, at("etc/new"), &t, &error), 0);
	assert_int_equal(mt_target_draw(&t, &error), 0);
	assert_int_equal(mt_target_stage(&t, MT_STR("new\n"), 0644, &error), 0);
	put(at("etc/new"), "theirs\n");
	assert_int_equal(mt_target_commit(&t, &error), -1);
	mt_target_close(&t);
	check_bytes(at("etc/new"), "theirs\n");
	ONLY(at("etc"), "f", "new");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plain, setup, teardown),
		cmocka_unit_test_setup_teardown(mode_is_kept_under_any_umask, setup, teardown),
		cmocka_unit_test_setup_teardown(owner_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(acl_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(default_acl_is_not_inherited, setup, teardown),
		cmocka_unit_test_setup_teardown(xattrs_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(inode_flags_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(immutable_and_append_only_are_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(hard_link_is_refused_unless_accepted, setup,
						teardown),
		cmocka_unit_test_setup_teardown(links_are_followed_and_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(bind_mount_names_its_source, setup, teardown),
		cmocka_unit_test_setup_teardown(read_only_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(full_disk_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(overlay_keeps_mode_and_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(foreign_folder_is_refused_unless_accepted, setup,
						teardown),
		cmocka_unit_test_setup_teardown(foreign_owner_of_folder_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(folder_of_a_link_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(planted_links_are_not_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(created_and_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(change_in_between_is_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(appeared_in_between_is_kept, setup, teardown),
	};
	arena = mt_arena_new((size_t)64 << 20);
	root = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	int failed = cmocka_run_group_tests_name("atomic", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
