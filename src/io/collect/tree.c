/* SPDX-License-Identifier: ISC */
/* tree.c: a tree that is not running, read by ourselves. */
#include "io/collect/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/host/redact.h"
#include "io/file/atomic.h"
#include "io/sys/fs.h"

#define ROUNDS_MAX 8
#define FILES_MAX  800 /* of all backends and instances together */

struct entry { /* a file that was asked for */
	const char *path;
	const struct mt_backend *backend;
};

struct reader {
	struct mt_wanted wanted; /* first: the backends call through it */
	struct mt_arena *arena;
	int root;
	char nonce[MT_NONCE];
	const struct mt_backend *backend; /* the one that asks */
	struct entry files[FILES_MAX]; /* asked for so far */
	size_t count;
	struct mt_text items;
	bool grew;
	bool redacts; /* what is in items now is redacted */
};

/* Inside the tree whatever the links say, and never a FIFO or device. */
static int open_inside(const struct reader *r, const char *path, uint64_t flags)
{
	struct open_how how = {.flags = flags | O_CLOEXEC,
			       .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	return (int)syscall(SYS_openat2, r->root, path, &how, sizeof how);
}

static char type_of(mode_t mode)
{
	static const struct {
		mode_t format;
		char type;
	} types[] = {{S_IFREG, 'f'},  {S_IFDIR, 'd'}, {S_IFIFO, 'p'},
		     {S_IFSOCK, 's'}, {S_IFCHR, 'c'}, {S_IFBLK, 'b'}};
	for (size_t i = 0; i < MT_ARRAY_LEN(types); i++)
		if ((mode & S_IFMT) == types[i].format)
			return types[i].type;
	return '?';
}

static const char *read_contents(struct reader *r, const char *path, const struct stat *st,
				 struct mt_str *bytes)
{
	if (!S_ISREG(st->st_mode))
		return S_ISDIR(st->st_mode) ? "present" : "failed";
	if ((size_t)st->st_size > MT_ITEM_MAX ||
	    r->items.n + (size_t)st->st_size > MT_BUNDLE_MAX - 65536)
		return "too-big";
	MT_FD fd = open_inside(r, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == EACCES ? "denied" : "failed";
	return mt_read_all(r->arena, fd, MT_ITEM_MAX, bytes) ? "failed" : "present";
}

static void send_file(struct reader *r, const char *path, bool contents)
{
	struct stat st;
	struct mt_str bytes = {"", 0};
	MT_FD handle = open_inside(r, path, O_PATH);
	if (handle < 0 || fstat(handle, &st) < 0) {
		const char *presence = errno == EACCES || errno == EPERM     ? "denied"
				       : errno == ENOENT || errno == ENOTDIR ? "absent"
									     : "failed";
		mt_text_addf(&r->items, "%s file %c %s - - - - - - %s\n%s end\n", r->nonce,
			     errno == ELOOP ? 'l' : '?', presence, path, r->nonce);
		return;
	}
	const char *presence =
		contents || !S_ISREG(st.st_mode) ? read_contents(r, path, &st, &bytes) : "unasked";
	mt_text_addf(&r->items, "%s file %c %s %o %u %u %lu %lld %lld %s\n", r->nonce,
		     type_of(st.st_mode), presence, (unsigned)st.st_mode & 07777, st.st_uid,
		     st.st_gid, (unsigned long)st.st_nlink, (long long)st.st_mtime,
		     (long long)st.st_size, path);
	if (S_ISREG(st.st_mode) && strcmp(presence, "present") == 0) {
		mt_text_addf(&r->items, "%s data %zu\n", r->nonce, bytes.n);
		mt_text_add(&r->items, bytes);
		mt_text_addf(&r->items, "\n");
	}
	mt_text_addf(&r->items, "%s end\n", r->nonce);
}

static bool clean(const char *path)
{
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c < ' ')
			return false;
	return path[0] == '/';
}

static void want(struct mt_wanted *wanted, const char *path, bool contents)
{
	struct reader *r = (struct reader *)wanted;
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->files[i].path, path) == 0)
			return;
	if (r->count >= FILES_MAX || !clean(path))
		return;
	r->files[r->count++] = (struct entry){mt_strdup(r->arena, path), r->backend};
	r->grew = true;
	send_file(r, path, contents);
}

static void want_in(struct mt_wanted *wanted, const char *folder, const char *ending)
{
	struct reader *r = (struct reader *)wanted;
	MT_FD dir = open_inside(r, folder, O_RDONLY | O_DIRECTORY);
	struct mt_arena *scratch = mt_arena_beside(r->arena);
	size_t n = 0, end = strlen(ending);
	const char **names;
	if (dir >= 0 && mt_list(scratch, dir, &names, &n))
		n = 0;
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(names[i]);
		if (names[i][0] != '.' && length >= end &&
		    strcmp(names[i] + length - end, ending) == 0)
			want(wanted, mt_format(scratch, "%s/%s", folder, names[i]), true);
	}
	mt_arena_free(scratch);
}

static const char *host_name(const struct reader *r)
{
	struct mt_str bytes = {"", 0}, line = {"", 0};
	MT_FD fd = open_inside(r, "/etc/hostname", O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    mt_read_all(r->arena, fd, 4096, &bytes))
		return "";
	mt_str_line(&bytes, &line);
	const char *name = mt_strz(r->arena, mt_str_trim(line));
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return "";
	return name;
}

/* ---- what may leave ---- */

static void put_redacted(struct reader *r, const struct mt_item *item, const char *presence,
			 struct mt_str bytes)
{
	mt_text_addf(&r->items, "%s file %c %s %o %ld %ld %ld %lld %lld %s\n", r->nonce, item->type,
		     presence, (unsigned)item->mode, item->uid, item->gid, item->nlink,
		     (long long)item->mtime, (long long)item->size, item->name);
	if (strcmp(presence, "redacted") == 0) {
		mt_text_addf(&r->items, "%s data %zu\n", r->nonce, bytes.n);
		mt_text_add(&r->items, bytes);
		mt_text_addf(&r->items, "\n");
	}
	mt_text_addf(&r->items, "%s end\n", r->nonce);
}

/* The items of this backend once more, of which its rows say what leaves. */
static void redact_items(struct reader *r, const struct mt_backend *backend,
			 const struct mt_snapshot *snapshot)
{
	struct mt_redactor redactor;
	mt_redactor_init(&redactor, r->arena, backend);
	for (size_t i = 0; i < r->count; i++) {
		const struct mt_item *item = mt_snapshot_file(snapshot, r->files[i].path);
		const struct mt_redaction *row = mt_redaction_of(backend, r->files[i].path);
		if (r->files[i].backend == backend && row && row->follows)
			mt_redactor_gather(&redactor, row, item->bytes);
	}
	mt_redactor_close(&redactor);
	for (size_t i = 0; i < r->count; i++) {
		const struct mt_item *item = mt_snapshot_file(snapshot, r->files[i].path);
		struct mt_str bytes = {"", 0};
		if (r->files[i].backend != backend)
			continue;
		if (item->type != 'f' || item->presence != MT_PRESENT)
			send_file(r, r->files[i].path, false);
		else if (mt_redact(&redactor, mt_redaction_of(backend, item->name), item->bytes,
				   &bytes))
			put_redacted(r, item, "redacted", bytes);
		else
			put_redacted(r, item, "unasked", bytes);
	}
}

static struct mt_str whole(struct reader *r)
{
	struct mt_text bundle = MT_TEXT_INIT(r->arena);
	mt_text_addf(&bundle, "%s begin mtapin %d\n%s host %lld %s,tree %s\n", r->nonce,
		     MT_BUNDLE_VERSION, r->nonce, (long long)time(NULL),
		     r->redacts ? "redacted" : "raw", host_name(r));
	mt_text_add(&bundle, mt_text_str(&r->items));
	mt_text_addf(&bundle, "%s done\n", r->nonce);
	return mt_text_str(&bundle);
}

/* Ask the backends again with what was read, until nothing is new. */
static int read_rounds(struct reader *r, const struct mt_collect *collect, struct mt_str *bundle,
		       struct mt_snapshot **snapshot, struct mt_error *error)
{
	for (int round = 0;; round++) {
		*bundle = whole(r);
		if (mt_bundle_decode(r->arena, *bundle, snapshot, error) != 0)
			return -1;
		r->grew = false;
		for (const struct mt_backend *const *b = collect->backends;
		     *b && round < ROUNDS_MAX; b++) {
			r->backend = *b;
			if ((*b)->wants)
				(*b)->wants(*snapshot, &r->wanted);
		}
		if (!r->grew)
			return 0;
	}
}

int mt_collect_root(struct mt_arena *arena, const struct mt_collect *collect, const char *dir,
		    struct mt_str *bundle, struct mt_error *error)
{
	struct reader *r = MT_NEW(arena, struct reader);
	MT_FD root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	*r = (struct reader){
		.wanted = {want, want_in}, .arena = arena, .items = MT_TEXT_INIT(arena)};
	if (root < 0)
		return mt_fail(error, MT_EXIT_FAILED, dir, "%s", strerror(errno));
	r->root = root;
	mt_nonce(r->nonce);
	MT_FD probe = open_inside(r, "/", O_PATH);
	if (probe < 0)
		return mt_fail(error, MT_EXIT_FAILED, dir,
			       "a tree cannot be read safely here (openat2: %s)", strerror(errno));
	struct mt_snapshot *snapshot;
	if (read_rounds(r, collect, bundle, &snapshot, error))
		return -1;
	if (!collect->redact)
		return 0;
	r->redacts = true;
	r->items = (struct mt_text)MT_TEXT_INIT(arena);
	for (const struct mt_backend *const *b = collect->backends; *b; b++)
		redact_items(r, *b, snapshot);
	*bundle = whole(r);
	return 0;
}

/* A link of /proc leads elsewhere than its text says: then nobody can tell who else writes there. */
static bool is_same(int fd, const char *path)
{
	struct stat here, there;
	return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

int mt_root_enter(struct mt_arena *arena, const char *dir, const char *const *accept,
		  struct mt_error *error)
{
	char resolved[PATH_MAX];
	MT_FD root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || !realpath(dir, resolved))
		return mt_fail(error, MT_EXIT_FAILED, dir, "%s", strerror(errno));
	if (!is_same(root, resolved))
		return mt_fail(error, MT_EXIT_FAILED, dir,
			       "it has no path of its own here: mount the tree and name that "
			       "folder");
	if (mt_way_check(arena, resolved, accept, error))
		return -1;
	if (fchdir(root) < 0 || chroot(".") < 0)
		return mt_fail(error, MT_EXIT_FAILED, dir, "cannot work inside the tree: %s",
			       strerror(errno));
	return 0;
}
