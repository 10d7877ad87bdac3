/* SPDX-License-Identifier: ISC */
/* daemon_log.c: what the daemon's log says since a moment. */
#include "io/service/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/sys/run.h"

#define NEW_MAX	   ((size_t)256 << 10)
#define BEFORE_MAX ((size_t)64 << 10)
#define SAID_MAX   300
#define JOURNAL_MS 10000

/* ---- the journal -------------------------------------------------------------------------------- */

/* Facility mail is 2; -o cat would drop the program's name. False: there is no journal, or it does not answer. */
static bool read_journal(struct mt_arena *arena, const char *from, struct mt_str *text)
{
	const char *const argv[] = {
		"/usr/bin/journalctl", "-q", "--no-pager",	  "-o", "short", "-n", "1000",
		"--show-cursor",       from, "SYSLOG_FACILITY=2", NULL};
	struct mt_run run = {.argv = argv, .deadline_ms = JOURNAL_MS, .max_output = NEW_MAX};
	struct mt_run_result result;
	struct mt_error ignored = {0};
	if (access("/run/systemd/journal", F_OK) < 0 || access(argv[0], X_OK) < 0 ||
	    mt_run(arena, &run, &result, &ignored) || result.timed_out)
		return false;
	*text = result.out;
	return result.status == 0;
}

void mt_watch_begin(struct mt_arena *arena, const struct mt_daemon *daemon, struct mt_watch *watch)
{
	size_t n = 0;
	while (daemon->log_files && daemon->log_files[n])
		n++;
	*watch = (struct mt_watch){.daemon = daemon, .since = (int64_t)time(NULL), .cursor = ""};
	watch->files = mt_alloc(arena, (n + 1) * sizeof *watch->files);
	for (size_t i = 0; i < n; i++) {
		struct stat st;
		struct mt_watch_file *file = &watch->files[watch->count++];
		file->path = daemon->log_files[i];
		if (stat(file->path, &st) == 0 && S_ISREG(st.st_mode)) {
			file->inode = (int64_t)st.st_ino;
			file->size = (int64_t)st.st_size;
		}
	}
	/* The line that --show-cursor ends with is no line of the log. */
	static const char mark[] = "-- cursor: ";
	struct mt_str rest, line;
	watch->journal = (struct mt_str){"", 0};
	watch->has_journal = read_journal(arena, "--boot", &watch->journal);
	rest = watch->journal;
	while (mt_str_line(&rest, &line))
		if (mt_str_starts(line, mark))
			watch->cursor = mt_format(arena, "--after-cursor=%.*s",
						  (int)(line.n - (sizeof mark - 1)),
						  line.p + sizeof mark - 1);
}

/* At most `max` bytes from `from` on. */
static struct mt_str read_part(struct mt_arena *arena, int fd, int64_t from, size_t max)
{
	char *buffer = mt_alloc(arena, max);
	size_t n = 0;
	while (n < max) {
		ssize_t got = pread(fd, buffer + n, max - n, (off_t)(from + (int64_t)n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return (struct mt_str){buffer, n};
}

/* Without time stamp, host, program and process number: "... postfix/master[123]: TEXT". */
static struct mt_str message_of(struct mt_str line)
{
	for (size_t i = 0; i + 2 < line.n; i++)
		if (line.p[i] == ']' && line.p[i + 1] == ':' && line.p[i + 2] == ' ')
			return (struct mt_str){line.p + i + 3, line.n - i - 3};
	return line;
}

static const char *bad_log_line(struct mt_arena *arena, const struct mt_daemon *daemon,
				struct mt_str now, struct mt_str before)
{
	struct mt_str line;
	while (mt_str_line(&now, &line))
		for (const char *const *bad = daemon->log_bad; bad && *bad; bad++) {
			struct mt_str text = message_of(line);
			if (!mt_str_has(line, *bad) || (text.n && mt_str_find(before, text)))
				continue;
			return mt_strz(
				arena,
				(struct mt_str){text.p, text.n < SAID_MAX ? text.n : SAID_MAX});
		}
	return NULL;
}

static unsigned count_lines(struct mt_str text, const char *pattern)
{
	struct mt_str line;
	unsigned n = 0;
	while (pattern && mt_str_line(&text, &line))
		n += mt_str_has(line, pattern);
	return n;
}

/* Did the delivery that this line is of begin in `now`? Both lines hold the last word of `begun`, its name and a colon:
 * "delivery 7:". A number and a colon alone may be the time of day. */
static bool began_here(struct mt_str now, const char *begun, struct mt_str good)
{
	size_t word = strlen(begun) - 1;
	struct mt_str line;
	while (word && begun[word - 1] != ' ')
		word--;
	while (mt_str_line(&now, &line)) {
		const char *at = mt_str_find(line, mt_str_of(begun)), *end = line.p + line.n;
		const char *colon = at ? memchr(at, ':', (size_t)(end - at)) : NULL;
		if (!colon)
			continue;
		at += word;
		if (mt_str_find(good, (struct mt_str){at, (size_t)(colon + 1 - at)}))
			return true;
	}
	return false;
}

static bool is_delivered(const struct mt_daemon *daemon, struct mt_str now)
{
	struct mt_str rest = now, line;
	while (daemon->log_good && mt_str_line(&rest, &line))
		if (mt_str_has(line, daemon->log_good) &&
		    (!daemon->log_begun || began_here(now, daemon->log_begun, line)))
			return true;
	return false;
}

/* One failure may be the far end's; many, and no success, are ours. */
static const char *burst(struct mt_arena *arena, const struct mt_daemon *daemon, struct mt_str now)
{
	unsigned n = daemon->burst ? count_lines(now, daemon->log_burst) : 0;
	return n && n >= daemon->burst && !is_delivered(daemon, now)
		       ? mt_format(arena, "%u times %s, and nothing was delivered", n,
				   daemon->log_burst)
		       : NULL;
}

/* The log as it is now, and where that which is new begins in it; -1: it is not there. */
static int open_log(const struct mt_watch_file *file, int64_t *from, int64_t *size)
{
	struct stat st;
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
		mt_fd_close(&fd);
	if (fd < 0)
		return -1;
	bool rotated = (int64_t)st.st_ino != file->inode || st.st_size < file->size;
	*from = rotated ? 0 : file->size;
	*size = (int64_t)st.st_size;
	return fd;
}

static const char *bad_in_file(struct mt_arena *arena, const struct mt_watch *watch,
			       const struct mt_watch_file *file, bool repeated)
{
	int64_t from, size;
	MT_FD fd = open_log(file, &from, &size);
	if (fd < 0)
		return NULL;
	int64_t back = from < (int64_t)BEFORE_MAX ? 0 : from - (int64_t)BEFORE_MAX;
	struct mt_str before = {"", 0}, now = read_part(arena, fd, from, NEW_MAX);
	if (!repeated)
		before = read_part(arena, fd, back, (size_t)(from - back));
	const char *bad = bad_log_line(arena, watch->daemon, now, before);
	return bad ? bad : burst(arena, watch->daemon, now);
}

static struct mt_str new_in_journal(struct mt_arena *arena, const struct mt_watch *watch)
{
	struct mt_str text = {"", 0};
	const char *from = watch->cursor[0]
				   ? watch->cursor
				   : mt_format(arena, "--since=@%lld", (long long)watch->since);
	(void)read_journal(arena, from, &text);
	return text;
}

const char *mt_watch_bad(struct mt_arena *arena, const struct mt_watch *watch, bool repeated)
{
	const char *bad = NULL;
	for (size_t i = 0; i < watch->count && !bad; i++)
		bad = bad_in_file(arena, watch, &watch->files[i], repeated);
	return bad ? bad
		   : bad_log_line(arena, watch->daemon, new_in_journal(arena, watch),
				  repeated ? (struct mt_str){"", 0} : watch->journal);
}

bool mt_watch_is_there(const struct mt_watch *watch)
{
	bool there = watch->has_journal;
	for (size_t i = 0; i < watch->count && !there; i++) {
		int64_t from, size;
		MT_FD fd = open_log(&watch->files[i], &from, &size);
		there = fd >= 0;
	}
	return there;
}

bool mt_watch_new(struct mt_arena *arena, const struct mt_watch *watch, size_t i,
		  struct mt_str *text)
{
	*text = (struct mt_str){"", 0};
	if (i >= watch->count) {
		if (i == watch->count)
			*text = new_in_journal(arena, watch);
		return i == watch->count;
	}
	int64_t from, size;
	MT_FD fd = open_log(&watch->files[i], &from, &size);
	if (fd < 0)
		return true;
	bool cut = size - from > (int64_t)NEW_MAX;
	*text = read_part(arena, fd, cut ? size - (int64_t)NEW_MAX : from, NEW_MAX);
	return true;
}
