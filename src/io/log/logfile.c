/* SPDX-License-Identifier: ISC */
/* logfile.c: where logs are, and how their bytes become whole lines. */
#include "io/log/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/sys/child.h"
#include "io/sys/fs.h"
#include "io/log/packed_stream.h"

int64_t mt_logs_now(long *utc_offset)
{
	time_t now = time(NULL);
	struct tm tm;
	*utc_offset = localtime_r(&now, &tm) ? tm.tm_gmtoff : 0;
	return (int64_t)now;
}

void mt_logs_begin(struct mt_logs *logs)
{
	logs->files = NULL;
	logs->last = &logs->files;
}

static struct mt_logfile *add_logfile(struct mt_logs *logs, const char *name)
{
	struct mt_logfile *file = MT_NEW(logs->arena, struct mt_logfile);
	file->name = mt_strdup(logs->arena, name);
	file->fd = -1;
	*logs->last = file;
	logs->last = &file->next;
	return file;
}

/* ---- lines ---- */

struct lines {
	struct mt_logs *logs;
	struct mt_logfile *file;
	size_t have;
	bool skipping; /* the rest of a line that is too long */
	char buf[MT_LOG_LINE_MAX];
};

static void block(struct lines *l, const char *p, size_t n)
{
	mt_log_reader_block(l->logs->reader, (struct mt_str){p, n});
}

static void whole_lines(struct lines *l)
{
	if (l->skipping) {
		/* The rest of the long line is left out. */
		const char *lf = memchr(l->buf, '\n', l->have);
		size_t n = lf ? (size_t)(lf - l->buf) + 1 : l->have;
		memmove(l->buf, l->buf + n, l->have - n);
		l->have -= n;
		l->skipping = !lf;
	}
	const char *lf = l->have ? memrchr(l->buf, '\n', l->have) : NULL;
	if (lf) {
		size_t n = (size_t)(lf - l->buf) + 1;
		block(l, l->buf, n);
		memmove(l->buf, l->buf + n, l->have - n);
		l->have -= n;
	} else if (l->have == sizeof l->buf) {
		l->file->long_lines++;
		block(l, l->buf, l->have);
		l->have = 0;
		l->skipping = true;
	}
}

/* ---- years ---- */

#define SAMPLES 64

/* How often a new year began in a plain file: by the lines at 64 places of it. */
static int rolls_of(struct mt_arena *arena, int fd, off_t size)
{
	struct mt_str line[SAMPLES];
	size_t count = 0;
	for (int i = 0; i < SAMPLES; i++) {
		off_t at = i + 1 < SAMPLES ? size / SAMPLES * i : (size > 4096 ? size - 4096 : 0);
		char buf[4096];
		ssize_t n = pread(fd, buf, sizeof buf, at);
		struct mt_str rest = {buf, n > 0 ? (size_t)n : 0}, part;
		if (at && !mt_str_line(&rest, &part))
			continue;
		struct mt_str chosen = {0};
		while (mt_str_line(&rest, &part)) {
			chosen = part;
			if (i + 1 < SAMPLES)
				break;
		}
		if (chosen.n > 32)
			chosen.n = 32;
		line[count++] = mt_str_copy(arena, chosen);
	}
	return mt_log_rolls(line, count);
}

/* What is known of it before it is read; `fd` changes hands. */
static void take_over(struct mt_logs *logs, struct mt_logfile *file, int fd)
{
	struct mt_log_input *input = &file->input;
	*input = (struct mt_log_input){.rolls = -1, .every_line = logs->every_line};
	int64_t when = mt_logs_now(&input->utc_offset);
	file->fd = fd;
	file->regular = fstat(fd, &file->before) == 0 && S_ISREG(file->before.st_mode);
	if (file->regular)
		when = file->before.st_mtime;
	input->now = mt_log_stamp_of(when, input->utc_offset);
}

static bool looks_packed(int fd)
{
	unsigned char magic[4];
	return pread(fd, magic, 4, 0) == 4 &&
	       ((magic[0] == 0x1f && magic[1] == 0x8b) || magic[0] == 0x28);
}

/* ---- one input ---- */

static void read_stream(struct mt_logs *logs, struct mt_logfile *file)
{
	if (file->regular && !looks_packed(file->fd))
		file->input.rolls = rolls_of(logs->arena, file->fd, file->before.st_size);
	struct mt_stream *stream = mt_stream_new(file->fd);
	if (!stream)
		mt_out_of_memory();
	struct lines *l = malloc(sizeof *l);
	if (!l)
		mt_out_of_memory();
	l->logs = logs;
	l->file = file;
	l->have = 0;
	l->skipping = false;
	mt_log_reader_begin(logs->reader, &file->input);
	ssize_t n;
	while ((n = mt_stream_read(stream, l->file->name, l->buf + l->have, sizeof l->buf - l->have,
				   &l->file->error)) > 0) {
		l->file->bytes += (size_t)n;
		l->have += (size_t)n;
		whole_lines(l);
	}
	if (l->have && !l->skipping)
		block(l, l->buf, l->have);
	mt_log_reader_end(l->logs->reader, &l->file->facts);
	free(l);
	mt_stream_free(stream);
}

/* Another file has its name now, or it is shorter than what was read of it. */
static bool was_rotated(const struct mt_logfile *file)
{
	const struct stat *before = &file->before;
	struct stat now;
	if (stat(file->name, &now) != 0)
		return errno == ENOENT;
	return now.st_dev != before->st_dev || now.st_ino != before->st_ino ||
	       (uint64_t)now.st_size < (file->facts.kind == MT_LOG_LINES && !file->error.code
						? (uint64_t)before->st_size
						: 0);
}

static void one_file(struct mt_logs *logs, const char *name)
{
	struct mt_logfile *file = add_logfile(logs, name);
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0) {
		mt_fail(&file->error, MT_EXIT_FAILED, name, "%s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)) {
		mt_fail(&file->error, MT_EXIT_FAILED, name, "is no file that could be a log");
		close(fd);
		return;
	}
	fcntl(fd, F_SETFL, 0); /* O_NONBLOCK was for the open only */
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	take_over(logs, file, fd);
	file->named = true;
}

/* ---- several ---- */

struct found {
	const char *name;
	struct stat st;
};

static int older_first(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	if (x->st.st_mtim.tv_sec != y->st.st_mtim.tv_sec)
		return x->st.st_mtim.tv_sec < y->st.st_mtim.tv_sec ? -1 : 1;
	if (x->st.st_mtim.tv_nsec != y->st.st_mtim.tv_nsec)
		return x->st.st_mtim.tv_nsec < y->st.st_mtim.tv_nsec ? -1 : 1;
	return strcmp(y->name, x->name); /* mail.log.1 was written before mail.log */
}

static bool is_listed_already(const struct found *list, size_t n, const struct stat *st)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].st.st_dev == st->st_dev && list[i].st.st_ino == st->st_ino)
			return true;
	return false;
}

static size_t read_glob(struct mt_logs *logs, const char *const *patterns)
{
	glob_t g = {0};
	for (size_t i = 0; patterns[i]; i++)
		glob(patterns[i], GLOB_NOSORT | (i ? GLOB_APPEND : 0), NULL, &g);
	struct found *list = mt_alloc(logs->arena, (g.gl_pathc + 1) * sizeof *list);
	size_t n = 0;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct stat st;
		if (stat(g.gl_pathv[i], &st) == 0 && S_ISREG(st.st_mode) &&
		    st.st_mtime >= logs->not_before && !is_listed_already(list, n, &st))
			list[n++] = (struct found){mt_strdup(logs->arena, g.gl_pathv[i]), st};
	}
	globfree(&g);
	qsort(list, n, sizeof *list, older_first);
	for (size_t i = 0; i < n; i++)
		one_file(logs, list[i].name);
	return n;
}

void mt_logs_read(struct mt_logs *logs, const char *name)
{
	if (strcmp(name, "-") == 0) {
		struct mt_logfile *file = add_logfile(logs, "standard input");
		int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			mt_fail(&file->error, MT_EXIT_FAILED, file->name, "%s", strerror(errno));
		else
			take_over(logs, file, fd);
		return;
	}
	struct stat st;
	const char *const patterns[] = {name, NULL};
	if (stat(name, &st) != 0 && strpbrk(name, "*?[") && read_glob(logs, patterns))
		return;
	one_file(logs, name);
}

/* ---- what this host has ---- */

#define JOURNAL_MS 600000u

struct journal {
	int to;
	struct mt_logfile *file;
	struct mt_error *error;
};

static bool on_journal_bytes(struct mt_child *child, int fd, struct mt_str bytes)
{
	const struct journal *j = child->data;
	return fd != STDOUT_FILENO || mt_write_all(j->to, bytes) == 0;
}

static void on_journal_end(struct mt_child *child)
{
	const struct journal *j = child->data;
	struct mt_error *error = j->error;
	if (child->error)
		mt_fail(error, MT_EXIT_FAILED, j->file->name, "journalctl: %s",
			uv_strerror(child->error));
	else if (child->timed_out)
		mt_fail(error, MT_EXIT_FAILED, j->file->name,
			"journalctl took longer than ten minutes");
	else if (child->status)
		mt_fail(error, MT_EXIT_FAILED, j->file->name, "journalctl ended with exit code %d",
			child->status);
}

/* In a process of its own: who reads what journalctl prints can run nothing. */
static void run_journalctl(struct mt_logs *logs, struct journal *journal)
{
	const char *since = mt_format(logs->arena, "@%lld", (long long)logs->not_before);
	const char *const argv[] = {"journalctl", "--no-pager",	       "-q",	  "-a",	 "-o",
				    "short-iso",  "SYSLOG_FACILITY=2", "--since", since, NULL};
	static const char *const env[] = {"PATH=" MT_RUN_PATH, "LC_ALL=C", NULL};
	static char buffer[MT_CHILD_READ];
	struct mt_child child = {
		.data = journal, .on_bytes = on_journal_bytes, .on_end = on_journal_end};
	struct mt_child_spec spec = {
		.argv = argv, .env = env, .deadline_ms = JOURNAL_MS, .buffer = buffer};
	uv_loop_t loop;
	if (uv_loop_init(&loop) != 0)
		mt_out_of_memory();
	mt_child_start(&loop, &child, &spec);
	uv_run(&loop, UV_RUN_DEFAULT);
}

void mt_logs_journal(struct mt_logs *logs)
{
	struct mt_logfile *file = add_logfile(logs, "the journal");
	struct journal journal = {.file = file};
	int fds[2];
	void *page = mmap(NULL, sizeof *journal.error, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		mt_out_of_memory();
	logs->journal_error = journal.error = page;
	if (pipe2(fds, O_CLOEXEC) != 0) {
		mt_fail(&file->error, MT_EXIT_FAILED, file->name, "%s", strerror(errno));
		return;
	}
	journal.to = fds[1];
	logs->journal = fork();
	if (logs->journal == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		close(fds[0]);
		run_journalctl(logs, &journal);
		_exit(0);
	}
	close(fds[1]);
	take_over(logs, file, fds[0]);
	file->input.now = mt_log_stamp_of(mt_logs_now(&file->input.utc_offset), 0);
}

/* ---- all of them ---- */

void mt_logs_parse(struct mt_logs *logs)
{
	for (struct mt_logfile *file = logs->files; file; file = file->next) {
		if (logs->entering)
			logs->entering(logs->data, file->name);
		if (file->fd >= 0)
			read_stream(logs, file);
		file->fd = -1;
	}
}

void mt_logs_end(struct mt_logs *logs)
{
	for (struct mt_logfile *file = logs->files; file; file = file->next) {
		file->rotated = file->named && file->fd >= 0 && file->regular && was_rotated(file);
		mt_fd_close(&file->fd);
		if (logs->journal && strcmp(file->name, "the journal") == 0) {
			while (waitpid(logs->journal, NULL, 0) < 0 && errno == EINTR)
				;
			if (logs->journal_error->code)
				file->error = *logs->journal_error;
			logs->journal = 0;
		}
	}
}

size_t mt_logs_default(struct mt_logs *logs, const struct mt_backend *const *backends)
{
	/* rsyslog writes the same lines to mail.log and mail.info */
	static const char *const syslog[] = {"/var/log/mail.log*",  "/var/log/maillog*",
					     "/var/log/mail.info*", "/var/log/mail/mail.log*",
					     "/var/log/mail",	    NULL};
	static const char *const mailbox[] = {"/var/mail/root", "/var/spool/mail/root",
					      "/root/Mailbox", NULL};
	const char *const *patterns = syslog;
	size_t n = 0;
	for (; *patterns && !n; patterns++) {
		const char *const one[] = {*patterns, NULL};
		n = read_glob(logs, one);
	}
	for (; *backends; backends++)
		if ((*backends)->log && (*backends)->log->files && (*backends)->log->files[0])
			n += read_glob(logs, (*backends)->log->files);
	if (!n && access("/run/systemd/journal", F_OK) == 0) {
		mt_logs_journal(logs);
		n++;
	}
	return n + read_glob(logs, mailbox);
}
