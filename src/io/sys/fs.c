/* SPDX-License-Identifier: ISC */
/* fs.c: file calls with EINTR, short writes and bounds taken care of. */
#include "io/sys/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

void mt_fd_close(int *fd)
{
	int saved = errno;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

int mt_write_all(int fd, struct mt_str bytes)
{
	while (bytes.n) {
		ssize_t n = MT_RETRY(write(fd, bytes.p, bytes.n));
		if (n < 0)
			return -1;
		bytes.p += n;
		bytes.n -= (size_t)n;
	}
	return 0;
}

int mt_open(int dir, const char *name, int flags)
{
	return MT_RETRY(openat(dir, name, flags | O_CLOEXEC, 0600));
}

int mt_read_all(struct mt_arena *arena, int fd, size_t max, struct mt_str *bytes)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	char buffer[16384];
	for (;;) {
		ssize_t n = MT_RETRY(read(fd, buffer, sizeof buffer));
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		mt_text_add(&text, (struct mt_str){buffer, (size_t)n});
		if (text.n > max) {
			errno = EFBIG;
			return -1;
		}
	}
	*bytes = mt_text_str(&text);
	return 0;
}

/* One allocation of the size that it has; what it grows by meanwhile makes it too long. */
static int read_sized(struct mt_arena *arena, int fd, size_t size, struct mt_str *bytes)
{
	char *to = mt_alloc(arena, size + 1);
	size_t n = 0;
	while (n <= size) {
		ssize_t got = MT_RETRY(read(fd, to + n, size + 1 - n));
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	errno = EFBIG;
	*bytes = (struct mt_str){to, n};
	return n <= size ? 0 : -1;
}

int mt_sync(int fd)
{
	return MT_RETRY(fsync(fd));
}

int mt_put_new(int dir, const char *name, struct mt_str bytes)
{
	MT_FD fd = mt_open(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	int failed = MT_RETRY(fchmod(fd, 0600)) < 0 || mt_write_all(fd, bytes) || mt_sync(fd);
	int saved = errno;
	if (close(fd) < 0 && errno != EINTR && !failed) {
		failed = 1;
		saved = errno;
	}
	fd = -1;
	if (failed)
		MT_RETRY(unlinkat(dir, name, 0));
	errno = saved;
	return failed ? -1 : 0;
}

int mt_put_over(int dir, const char *name, struct mt_str bytes)
{
	char temp[32] = ".new-";
	if (mt_random_hex(temp + 5, 16) || mt_put_new(dir, temp, bytes))
		return -1;
	if (MT_RETRY(renameat(dir, temp, dir, name)) == 0)
		return 0;
	int why = errno;
	MT_RETRY(unlinkat(dir, temp, 0));
	errno = why;
	return -1;
}

int mt_put_file(struct mt_arena *arena, const char *path, struct mt_str bytes)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *folder =
		slash ? mt_strz(arena, (struct mt_str){path, (size_t)(slash - path) + 1}) : ".";
	MT_FD dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	if (dir < 0)
		return -1;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return mt_put_over(dir, name, bytes);
}

int mt_get_fd(struct mt_arena *arena, int fd, size_t max, struct mt_str *bytes)
{
	struct stat st;
	if (MT_RETRY(fstat(fd, &st)) < 0)
		return -1;
	if (S_ISREG(st.st_mode) && (size_t)st.st_size <= max)
		return read_sized(arena, fd, (size_t)st.st_size, bytes);
	errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
	return -1;
}

int mt_get(struct mt_arena *arena, int dir, const char *name, size_t max, struct mt_str *bytes)
{
	MT_FD fd = mt_open(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -1 : mt_get_fd(arena, fd, max, bytes);
}

bool mt_holds(int dir, const char *name, struct mt_str bytes)
{
	struct stat st;
	char buffer[16384];
	MT_FD fd = mt_open(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || MT_RETRY(fstat(fd, &st)) < 0 || !S_ISREG(st.st_mode))
		return false;
	for (;;) {
		ssize_t n = MT_RETRY(read(fd, buffer, sizeof buffer));
		if (n <= 0)
			return n == 0 && bytes.n == 0;
		if ((size_t)n > bytes.n || memcmp(buffer, bytes.p, (size_t)n) != 0)
			return false;
		bytes.p += n;
		bytes.n -= (size_t)n;
	}
}

int mt_random_hex(char *hex, size_t digits)
{
	unsigned char bytes[32];
	if (digits > sizeof bytes ||
	    MT_RETRY(getrandom(bytes, sizeof bytes, 0)) != (int)sizeof bytes)
		return -1;
	for (size_t i = 0; i < digits; i++)
		hex[i] = "0123456789abcdef"[bytes[i] & 15];
	hex[digits] = '\0';
	return 0;
}

bool mt_interrupted(void)
{
	sigset_t set;
	sigpending(&set);
	return sigismember(&set, SIGHUP) == 1 || sigismember(&set, SIGINT) == 1 ||
	       sigismember(&set, SIGQUIT) == 1 || sigismember(&set, SIGTERM) == 1;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int mt_list(struct mt_arena *arena, int dir, const char ***names, size_t *count)
{
	int fd = mt_open(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *stream = NULL;
	do
		stream = fd < 0 ? NULL : fdopendir(fd);
	while (fd >= 0 && !stream && errno == EINTR);
	if (!stream) {
		mt_fd_close(&fd);
		return -1;
	}
	size_t n = 0, cap = 16;
	const char **list = mt_alloc(arena, cap * sizeof *list);
	errno = 0;
	for (struct dirent *entry; (entry = readdir(stream));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (n + 1 == cap) {
			const char **more = mt_alloc(arena, 2 * cap * sizeof *more);
			list = memcpy(more, list, n * sizeof *list);
			cap *= 2;
		}
		list[n++] = mt_strdup(arena, entry->d_name);
	}
	int saved = errno;
	closedir(stream);
	qsort(list, n, sizeof *list, by_bytes);
	*names = list;
	*count = n;
	errno = saved;
	return saved ? -1 : 0;
}

int mt_remove_tree(int dir, const char *name, int depth)
{
	if (MT_RETRY(unlinkat(dir, name, 0)) == 0 || errno == ENOENT)
		return 0;
	if ((errno != EISDIR && errno != EPERM) || depth < 0)
		return -1;
	MT_FD fd = mt_open(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	struct mt_arena *arena = mt_arena_new((size_t)1 << 20);
	const char **names;
	size_t n = 0;
	int failed = mt_list(arena, fd, &names, &n);
	for (size_t i = 0; i < n; i++)
		failed |= mt_remove_tree(fd, names[i], depth - 1);
	mt_arena_free(arena);
	return failed ? -1 : MT_RETRY(unlinkat(dir, name, AT_REMOVEDIR));
}
