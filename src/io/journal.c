/* SPDX-License-Identifier: ISC */
/* journal.c: write transactions, each step synced before the next. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/atomic.h"
#include "io/folder.h"
#include "io/fs.h"
#include "io/lock.h"

#define TREE_DEPTH 2

static int fail_errno(struct mt_error *error, const char *where, const char *doing)
{
	return mt_fail(error, MT_EXIT_FAILED, where, "%s: %s", doing, strerror(errno));
}

/* ---- the folders -------------------------------------------------------------------------------- */

static int open_folder(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The backups are worth nothing if a power cut takes the folder they are in. */
static int make_folder(const char *path, mode_t mode)
{
	if (mkdir(path, mode) < 0)
		return errno == EEXIST ? 0 : -1;
	char above[PATH_MAX];
	snprintf(above, sizeof above, "%s/..", path);
	MT_FD parent = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return parent < 0 ? -1 : mt_sync(parent);
}

/* Nothing is made below a folder in which others could exchange it. */
static int check_above(struct mt_journal *j, const char *path, struct mt_error *error)
{
	char resolved[PATH_MAX], *above = mt_strdup(j->arena, path);
	while (!realpath(dirname(above), resolved))
		if (errno != ENOENT)
			return fail_errno(error, above, "cannot find the state folder");
	const char *foreign = mt_foreign_dir(j->arena, resolved);
	return foreign ? mt_fail(error, MT_EXIT_FAILED, foreign,
				 "another user owns or may write this folder: the state folder %s "
				 "is not made below it",
				 path)
		       : 0;
}

/* The folder is for its owner alone; those above it, where they are absent too, are as any package makes them. */
static int make_state(struct mt_journal *j, const char *path, struct mt_error *error)
{
	struct stat st;
	int bad = 0;
	if (stat(path, &st) == 0)
		return 0;
	if (check_above(j, path, error))
		return -1;
	char *part = mt_strdup(j->arena, path);
	for (char *slash = part + 1; !bad && (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		bad = make_folder(part, 0755);
	}
	if (bad == 0 && make_folder(part, 0700) == 0)
		return 0;
	return fail_errno(error, path,
			  errno == EACCES ? "cannot make the state folder (only root may apply)"
					  : "cannot make the state folder");
}

static int open_state(struct mt_journal *j, const char *path, bool create, struct mt_error *error)
{
	char resolved[PATH_MAX];
	if (create && make_state(j, path, error))
		return -1;
	if (!realpath(path, resolved))
		return errno == ENOENT && !create
			       ? 0
			       : fail_errno(error, path, "cannot find the state folder");
	const char *foreign = mt_foreign_dir(j->arena, resolved);
	if (foreign)
		return mt_fail(
			error, MT_EXIT_FAILED, foreign,
			"another user owns or may write this folder: backups are not safe in %s",
			path);
	j->path = mt_strdup(j->arena, resolved);
	j->state_dir = open(resolved, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return j->state_dir < 0 ? fail_errno(error, path, "cannot open the state folder") : 0;
}

static int open_txns(struct mt_journal *j, bool create, struct mt_error *error)
{
	bool made = create && mkdirat(j->state_dir, "txn", 0700) == 0;
	if (made && mt_sync(j->state_dir))
		return fail_errno(error, j->path, "cannot make the journal durable");
	j->txn_dir = open_folder(j->state_dir, "txn");
	if (j->txn_dir < 0 && (create || errno != ENOENT))
		return fail_errno(error, j->path, "cannot open the journal");
	return 0;
}

int mt_journal_open(struct mt_arena *arena, const char *path, bool create, struct mt_journal *j,
		    struct mt_error *error)
{
	*j = (struct mt_journal)MT_JOURNAL_NONE;
	j->arena = arena;
	if (open_state(j, path, create, error))
		return -1;
	if (j->state_dir < 0 || open_txns(j, create, error) == 0)
		return 0;
	mt_journal_close(j);
	return -1;
}

void mt_journal_close(struct mt_journal *j)
{
	mt_fd_close(&j->txn_dir);
	mt_fd_close(&j->state_dir);
}

/* ---- ids ---------------------------------------------------------------------------------------- */

/* 20261124T090000.123Z-3f9a1c */
bool mt_txn_id_valid(const char *id)
{
	static const char shape[] = "99999999T999999.999Z-xxxxxx";
	size_t n = strlen(id);
	if (n != sizeof shape - 1)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool digit = id[i] >= '0' && id[i] <= '9';
		bool letter = id[i] >= 'a' && id[i] <= 'f';
		if (shape[i] == '9'   ? !digit
		    : shape[i] == 'x' ? !digit && !letter
				      : id[i] != shape[i])
			return false;
	}
	return true;
}

static void format_time(char *text, size_t size, int64_t ms)
{
	struct tm tm;
	time_t seconds = (time_t)(ms / 1000);
	char date[32];
	gmtime_r(&seconds, &tm);
	strftime(date, sizeof date, "%Y%m%dT%H%M%S", &tm);
	snprintf(text, size, "%s.%03dZ", date, (int)(ms % 1000));
}

static int64_t parse_time(const char *id)
{
	struct tm tm = {0};
	int ms = 0;
	if (sscanf(id, "%4d%2d%2dT%2d%2d%2d.%3dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ms) != 7)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return (int64_t)timegm(&tm) * 1000 + ms;
}

static int draw_id(const struct mt_journal *j, char *id)
{
	struct timespec now;
	const char **names;
	size_t n;
	char hex[8], when[64];
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (mt_list(j->arena, j->txn_dir, &names, &n) || mt_random_hex(hex, 6))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (mt_txn_id_valid(names[i]) && parse_time(names[i]) >= ms)
			ms = parse_time(names[i]) + 1;
	format_time(when, sizeof when, ms);
	snprintf(id, MT_TXN_ID, "%.20s-%s", when, hex);
	return 0;
}

/* ---- prepare, begin ----------------------------------------------------------------------------- */

static const char *new_name(const struct mt_journal *j, const struct mt_txn *txn)
{
	return mt_format(j->arena, ".new-%s", txn->id);
}

static int put_bytes(const struct mt_journal *j, int dir, const struct mt_txn *txn)
{
	unsigned n = 0;
	for (const struct mt_txn_file *f = txn->files; f; f = f->next, n++) {
		if (!f->create && mt_put_new(dir, mt_format(j->arena, "%u.before", n), f->before))
			return -1;
		if (!f->remove && mt_put_new(dir, mt_format(j->arena, "%u.after", n), f->after))
			return -1;
	}
	return 0;
}

static struct mt_str state_line(struct mt_arena *arena, enum mt_txn_state state, int64_t deadline)
{
	const char *name = mt_txn_state_name(state);
	struct timespec now;
	char when[64];
	clock_gettime(CLOCK_REALTIME, &now);
	format_time(when, sizeof when, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	return mt_str_of(state == MT_TXN_UNCONFIRMED
				 ? mt_format(arena, "%s %s %lld\n", when, name, (long long)deadline)
				 : mt_format(arena, "%s %s\n", when, name));
}

static int write_prepared(const struct mt_journal *j, const struct mt_txn *txn)
{
	const char *name = new_name(j, txn);
	if (mkdirat(j->txn_dir, name, 0700) < 0)
		return -1;
	MT_FD dir = open_folder(j->txn_dir, name);
	if (dir < 0 || mt_put_new(dir, "plan", mt_txn_write(j->arena, txn)) ||
	    put_bytes(j, dir, txn) ||
	    mt_put_new(dir, "state", state_line(j->arena, MT_TXN_STARTED, 0)) || mt_sync(dir))
		return -1;
	return mt_sync(j->txn_dir);
}

int mt_journal_prepare(const struct mt_journal *j, struct mt_txn *txn, struct mt_error *error)
{
	if (draw_id(j, txn->id))
		return fail_errno(error, j->path, "cannot draw a transaction id");
	if (write_prepared(j, txn) == 0)
		return 0;
	int saved = errno;
	mt_journal_abandon(j, txn);
	errno = saved;
	return fail_errno(error, j->path, "cannot write the journal");
}

int mt_journal_prepared_dir(const struct mt_journal *j, const struct mt_txn *txn)
{
	return open_folder(j->txn_dir, new_name(j, txn));
}

int mt_journal_begin(const struct mt_journal *j, struct mt_txn *txn, struct mt_error *error)
{
	const char *name = new_name(j, txn);
	if (renameat(j->txn_dir, name, j->txn_dir, txn->id) < 0)
		return fail_errno(error, j->path, "cannot begin the transaction");
	if (mt_sync(j->txn_dir)) {
		fail_errno(error, j->path, "cannot make the journal durable");
		renameat(j->txn_dir, txn->id, j->txn_dir, name);
		return -1;
	}
	txn->state = MT_TXN_STARTED;
	return 0;
}

void mt_journal_abandon(const struct mt_journal *j, const struct mt_txn *txn)
{
	mt_remove_tree(j->txn_dir, new_name(j, txn), TREE_DEPTH);
}

/* ---- states ------------------------------------------------------------------------------------- */

/* A line that a crash cut short is ended first, so that it spoils no other. */
static int append(int fd, struct mt_str line)
{
	char last = '\n';
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < 0 || (size > 0 && pread(fd, &last, 1, size - 1) != 1))
		return -1;
	if ((last == '\n' || mt_write_all(fd, MT_STR("\n")) == 0) && mt_write_all(fd, line) == 0 &&
	    mt_sync(fd) == 0)
		return 0;
	int saved = errno;
	(void)!ftruncate(fd, size); /* what was not made durable must not be read either */
	errno = saved;
	return -1;
}

int mt_journal_state(const struct mt_journal *j, struct mt_txn *txn, enum mt_txn_state state,
		     struct mt_error *error)
{
	MT_FD dir = open_folder(j->txn_dir, txn->id);
	MT_FD fd = dir < 0 ? -1
			   : openat(dir, "state",
				    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || append(fd, state_line(j->arena, state, txn->deadline)))
		return fail_errno(error, j->path, "cannot write the journal");
	txn->state = state;
	return 0;
}

/* ---- tidying ------------------------------------------------------------------------------------ */

static bool temp_name_valid(const char *name)
{
	static const char prefix[] = ".mtapin-";
	size_t n = strlen(name);
	return n == sizeof prefix - 1 + 16 && strncmp(name, prefix, sizeof prefix - 1) == 0 &&
	       strspn(name + sizeof prefix - 1, "0123456789abcdef") == 16;
}

static bool is_prefix(struct mt_str start, struct mt_str whole)
{
	return start.n <= whole.n && memcmp(start.p, whole.p, start.n) == 0;
}

/* Written by us, to the end or not? Read twice before it counts as unreadable:
 * what stays here stays for good. */
static bool is_ours(struct mt_arena *arena, int dir, const struct mt_txn_file *f)
{
	struct mt_str bytes;
	if (mt_get(arena, dir, f->temp, MT_ITEM_MAX, &bytes) &&
	    mt_get(arena, dir, f->temp, MT_ITEM_MAX, &bytes))
		return errno == ENOENT;
	return !bytes.n || is_prefix(bytes, f->before) || is_prefix(bytes, f->after);
}

/* Tried twice for the same reason. */
static int open_folder_of(struct mt_arena *arena, const struct mt_txn_file *f)
{
	const char *slash = strrchr(f->where, '/');
	const char *path =
		mt_strz(arena, (struct mt_str){f->where, (size_t)(slash - f->where) + 1});
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : dir;
}

bool mt_txn_drop_temp(struct mt_arena *arena, const struct mt_txn_file *f, bool loaded)
{
	if (!strchr(f->where, '/') || !temp_name_valid(f->temp))
		return true;
	MT_FD dir = open_folder_of(arena, f);
	if (dir < 0)
		return errno == ENOENT;
	if (loaded && !is_ours(arena, dir, f))
		return false;
	if (unlinkat(dir, f->temp, 0) == 0 || unlinkat(dir, f->temp, 0) == 0)
		(void)mt_sync(dir);
	return true;
}

static void drop_leftovers(const struct mt_journal *j, const struct mt_txn *txn)
{
	for (const struct mt_txn_file *f = txn->files; f; f = f->next) {
		(void)mt_txn_drop_temp(j->arena, f, false);
		if (f->create)
			mt_folder_drop(j->arena, f);
	}
	mt_lock_sweep(j->arena, txn->locks);
}

static void sweep_one(const struct mt_journal *j, const char *name)
{
	struct mt_txn txn;
	struct mt_str text;
	struct mt_error ignored = {0};
	MT_FD dir = open_folder(j->txn_dir, name);
	if (dir >= 0 && mt_get(j->arena, dir, "plan", MT_ITEM_MAX, &text) == 0 &&
	    mt_txn_parse(j->arena, text, &txn, &ignored) == 0)
		drop_leftovers(j, &txn);
	mt_remove_tree(j->txn_dir, name, TREE_DEPTH);
}

/* Lock files that an earlier run could not remove, or was killed with. */
static void sweep_locks(const struct mt_journal *j)
{
	struct mt_txn *list;
	struct mt_error ignored = {0};
	if (mt_journal_list(j, &list, &ignored))
		return;
	for (; list; list = list->next)
		mt_lock_sweep(j->arena, list->locks);
}

void mt_journal_sweep(const struct mt_journal *j)
{
	const char **names;
	size_t n;
	if (mt_list(j->arena, j->txn_dir, &names, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (strncmp(names[i], ".new-", 5) == 0)
			sweep_one(j, names[i]);
		else if (strncmp(names[i], ".old-", 5) == 0)
			mt_remove_tree(j->txn_dir, names[i], TREE_DEPTH);
	sweep_locks(j);
}

/* Does it hold the oldest backup of one of its files? */
static bool is_first(const struct mt_txn *list, const struct mt_txn *txn)
{
	for (const struct mt_txn_file *f = txn->files; f; f = f->next) {
		bool earlier = false;
		for (const struct mt_txn *t = list; t != txn && !earlier; t = t->next)
			for (const struct mt_txn_file *g = t->files; g; g = g->next)
				earlier |= strcmp(f->path, g->path) == 0;
		if (!earlier)
			return true;
	}
	return false;
}

static void discard(const struct mt_journal *j, const struct mt_txn *txn)
{
	const char *old = mt_format(j->arena, ".old-%s", txn->id);
	if (renameat(j->txn_dir, txn->id, j->txn_dir, old) == 0)
		mt_remove_tree(j->txn_dir, old, TREE_DEPTH);
}

void mt_journal_prune(const struct mt_journal *j, unsigned keep)
{
	struct mt_txn *list, *txn;
	struct mt_error ignored = {0};
	unsigned count = 0;
	if (mt_journal_list(j, &list, &ignored))
		return;
	for (txn = list; txn; txn = txn->next)
		count++;
	for (txn = list; txn && count > keep; txn = txn->next, count--)
		if (txn->state >= MT_TXN_APPLIED && txn->files && !is_first(list, txn))
			discard(j, txn);
}
