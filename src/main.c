/* SPDX-License-Identifier: ISC */
/* main.c: a sane process, then the command. Everything else is in the library, where tests reach it. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/command.h"

/* A file opened later must not become stdin, stdout or stderr. */
static void fill_standard_descriptors(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		abort();
	close(fd);
}

int main(int argc, char **argv)
{
	fill_standard_descriptors();
	umask(022);
	/* A reader that goes away must not stop an edit half-way; failed writes are noticed at the end. */
	signal(SIGPIPE, SIG_IGN);
	return mt_main(argc, argv);
}
