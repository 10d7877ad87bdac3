/* SPDX-License-Identifier: ISC */
/* journal.c: make transactions, each step synced before the next. */
#include "io/txn/journal.h"

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

#include "io/file/atomic.h"
#include "io/sys/fs.h"
#include "io/sys/trust.h"

static int fail_errno(struct mt_error *error, const char *where, const char *doing)
{
	return mt_fail(error, MT_EXIT_FAILED, where, "%s: %s", doing, strerror(errno));
}

/* ---- the folders -------------------------------------------------------------------------------- */

static int open_folder(int dir, const char *name)
{
	return mt_open(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/* The backups are worth nothing if a power cut takes the folder they are in. */
static int make_folder(const char *path, mode_t mode)
{
	if (MT_RETRY(mkdir(path, mode)) < 0)
		return errno == EEXIST ? 0 : -1;
	char above[PATH_MAX];
	snprintf(above, sizeof above, "%s/..", path);
	MT_FD parent = mt_open(AT_FDCWD, above, O_RDONLY | O_DIRECTORY);
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
	if (MT_RETRY(stat(path, &st)) == 0)
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
	char where[PATH_MAX];
	struct mt_error why = {0};
	if (create && make_state(j, path, error))
		return -1;
	if (mt_trust_folder(path, where, &j->state_dir, &why) == 0) {
		j->path = mt_strdup(j->arena, where);
		return 0;
	}
	if (errno == ENOENT && !create)
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, why.where,
		       errno == EPERM ? "%s: backups are not safe in %s"
				      : "%s: cannot open the state folder %s",
		       why.message, path);
}

static int open_txns(struct mt_journal *j, bool create, struct mt_error *error)
{
	struct mt_error why = {0};
	const char *path = mt_format(j->arena, "%s/txn", j->path);
	bool made = create && MT_RETRY(mkdirat(j->state_dir, "txn", 0700)) == 0;
	if (made && mt_sync(j->state_dir))
		return fail_errno(error, j->path, "cannot make the journal durable");
	j->txn_dir = open_folder(j->state_dir, "txn");
	if (j->txn_dir < 0)
		return errno == ENOENT && !create
			       ? 0
			       : fail_errno(error, path, "cannot open the journal");
	if (mt_trust_fd(j->txn_dir, S_IFDIR, path, &why) == 0)
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, path,
		       "%s: what it says to undo, and to run, cannot be believed", why.message);
}

int mt_journal_open(struct mt_arena *arena, const char *path, bool create, struct mt_journal *j,
		    struct mt_error *error)
{
	*j = (struct mt_journal)MT_JOURNAL_NONE;
	j->arena = arena;
	j->scratch = mt_arena_new(MT_TXN_MAX + ((size_t)1 << 20));
	if (open_state(j, path, create, error) == 0 &&
	    (j->state_dir < 0 || open_txns(j, create, error) == 0))
		return 0;
	mt_journal_close(j);
	return -1;
}

void mt_journal_close(struct mt_journal *j)
{
	mt_fd_close(&j->txn_dir);
	mt_fd_close(&j->state_dir);
	mt_arena_free(j->scratch);
	j->scratch = NULL;
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

void mt_format_time(char *text, size_t size, int64_t ms)
{
	struct tm tm;
	time_t seconds = (time_t)(ms / 1000);
	char date[32];
	gmtime_r(&seconds, &tm);
	strftime(date, sizeof date, "%Y%m%dT%H%M%S", &tm);
	snprintf(text, size, "%s.%03dZ", date, (int)(ms % 1000));
}

int64_t mt_txn_id_ms(const char *id)
{
	struct tm tm = {0};
	int ms = 0;
	sscanf(id, "%4d%2d%2dT%2d%2d%2d.%3dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
	       &tm.tm_min, &tm.tm_sec, &ms);
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
		if (mt_txn_id_valid(names[i]) && mt_txn_id_ms(names[i]) >= ms)
			ms = mt_txn_id_ms(names[i]) + 1;
	mt_format_time(when, sizeof when, ms);
	snprintf(id, MT_TXN_ID, "%.20s-%s", when, hex);
	return 0;
}

/* ---- prepare, begin ----------------------------------------------------------------------------- */

static const char *new_name(const struct mt_journal *j, const struct mt_txn *txn)
{
	return mt_format(j->arena, ".new-%s", txn->id);
}

static int write_prepared(const struct mt_journal *j, const struct mt_txn *txn, struct mt_str plan)
{
	const char *name = new_name(j, txn);
	if (MT_RETRY(mkdirat(j->txn_dir, name, 0700)) < 0)
		return -1;
	MT_FD dir = open_folder(j->txn_dir, name);
	if (dir < 0 || mt_put_new(dir, "plan", plan))
		return -1;
	unsigned n = 0;
	for (const struct mt_txn_file *f = txn->files; f; f = f->next, n++) {
		if (!f->create && mt_put_new(dir, mt_format(j->arena, "%u.before", n), f->before))
			return -1;
		if (!f->remove && mt_put_new(dir, mt_format(j->arena, "%u.after", n), f->after))
			return -1;
	}
	if (mt_put_new(dir, "state", mt_state_first(j->arena, txn)) || mt_sync(dir))
		return -1;
	return mt_sync(j->txn_dir);
}

/*
 * What is written must be read again by whoever finds it after a crash: by the reader itself, with its limits. There is no
 * other time to notice that it cannot.
 */
static int check_readable(const struct mt_journal *j, const struct mt_txn *txn, struct mt_str plan,
			  struct mt_error *error)
{
	struct mt_txn again;
	struct mt_error why = {0};
	if (plan.n > MT_TXN_MAX)
		return mt_fail(error, MT_EXIT_FAILED, j->path,
			       "this change is too big for the journal: %zu bytes, at most %zu are "
			       "read again",
			       plan.n, MT_TXN_MAX);
	for (const struct mt_txn_file *f = txn->files; f; f = f->next)
		if (f->after.n > MT_ITEM_MAX)
			return mt_fail(error, MT_EXIT_FAILED, f->path,
				       "it would be of %zu bytes, and at most %zu are read",
				       f->after.n, MT_ITEM_MAX);
	return mt_txn_parse_head(j->arena, plan, &again, &why)
		       ? mt_fail(error, MT_EXIT_FAILED, j->path,
				 "the journal would not be read again: %s", why.message)
		       : 0;
}

int mt_journal_prepare(const struct mt_journal *j, struct mt_txn *txn, struct mt_error *error)
{
	if (draw_id(j, txn->id))
		return fail_errno(error, j->path, "cannot draw a transaction id");
	struct mt_str plan = mt_txn_write(j->arena, txn);
	if (check_readable(j, txn, plan, error)) {
		txn->id[0] = '\0';
		return -1;
	}
	if (write_prepared(j, txn, plan) == 0)
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
	if (MT_RETRY(renameat(j->txn_dir, name, j->txn_dir, txn->id)) < 0)
		return fail_errno(error, j->path, "cannot begin the transaction");
	if (mt_sync(j->txn_dir)) {
		fail_errno(error, j->path, "cannot make the journal durable");
		MT_RETRY(renameat(j->txn_dir, txn->id, j->txn_dir, name));
		return -1;
	}
	txn->state = MT_TXN_STARTED;
	return 0;
}

void mt_journal_abandon(const struct mt_journal *j, const struct mt_txn *txn)
{
	mt_remove_tree(j->txn_dir, new_name(j, txn), MT_TREE_DEPTH);
}
