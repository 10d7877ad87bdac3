/* SPDX-License-Identifier: ISC */
/*
 * fail-alloc.c: for LD_PRELOAD: the allocation number $FAIL_ALLOC, counted from 1, fails. How many there
 * were stands in the file /counter, eight bytes that must be there before.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

static int64_t *counter, wanted;

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("FAIL_ALLOC");
	int fd = open("/counter", O_RDWR | O_CLOEXEC);
	void *map = fd < 0 ? MAP_FAILED
			   : mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (text)
		wanted = atoll(text);
	if (map != MAP_FAILED)
		counter = map;
}

/* Also a child before its execve counts: it has the same memory. */
static int fails(void)
{
	if (!counter || __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST) != wanted)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
