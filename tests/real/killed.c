/* SPDX-License-Identifier: ISC */
/* killed.c: for LD_PRELOAD: SIGKILL behind the renameat2(2) that puts the file number $KILL_AT in place. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static int at;

/* Before the program clears its environment. */
__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("KILL_AT");
	at = text ? atoi(text) : 0;
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	static int (*real)(int, const char *, int, const char *, unsigned);
	static int n;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "renameat2");
	int failed = real(from_dir, from, to_dir, to, flags);
	if (!failed && ++n == at)
		raise(SIGKILL);
	return failed;
}
