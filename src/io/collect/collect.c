/* SPDX-License-Identifier: ISC */
/* collect.c: a bundle from this host, or from a file. */
#include "io/collect/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys/run.h"

int mt_collect_local(struct mt_arena *arena, const struct mt_collect *collect,
		     struct mt_str *bundle, struct mt_error *error)
{
	static const char *const argv[] = {"/bin/sh", NULL};
	struct mt_collect here = *collect;
	char nonce[MT_NONCE];
	mt_nonce(nonce);
	here.quick = true;
	struct mt_run run = {
		.argv = argv,
		.input = mt_collector_script(arena, &here, nonce),
		.deadline_ms = (MT_COLLECT_SECONDS + 5) * 1000,
		.max_output = MT_BUNDLE_MAX,
		.waiting = collect->waiting,
		.what = "waiting for the collector, which reads what is on this host",
	};
	struct mt_run_result result;
	if (mt_run(arena, &run, &result, error) < 0)
		return -1;
	*bundle = result.out;
	return 0;
}

static int read_bundle(struct mt_arena *arena, int fd, struct mt_str *bytes)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	char buf[65536];
	while (text.n <= MT_BUNDLE_MAX) {
		ssize_t n = read(fd, buf, sizeof buf);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		mt_text_add(&text, (struct mt_str){buf, (size_t)n});
	}
	*bytes = mt_text_str(&text);
	return 0;
}

/* Anything but a regular file could block or never end; opening a FIFO would. */
static int open_bundle(const char *path, struct mt_error *error)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return mt_fail(error, MT_EXIT_FAILED, path, "cannot be opened: %s",
			       strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return mt_fail(error, MT_EXIT_FAILED, path, "is not a regular file");
}

int mt_collect_file(struct mt_arena *arena, const char *path, struct mt_str *bundle,
		    struct mt_error *error)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open_bundle(path, error);
	if (fd < 0)
		return -1;
	int failed = read_bundle(arena, fd, bundle), why = errno;
	if (!standard)
		close(fd);
	if (failed)
		return mt_fail(error, MT_EXIT_FAILED, path, "cannot be read: %s", strerror(why));
	if (bundle->n > MT_BUNDLE_MAX)
		return mt_fail(error, MT_EXIT_FAILED, path, "is larger than %zu bytes",
			       MT_BUNDLE_MAX);
	return 0;
}
