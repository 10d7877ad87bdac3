/* SPDX-License-Identifier: ISC */
/*
 * start.c: STAND-IN for qmail-start, for tests; it is no qmail. usage: qmail-start DELIVERY [LOGGER...]: becomes
 * qmail-send, whose children are qmail-rspawn and, if one is named, the logger.
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void must(int result)
{
	if (result < 0)
		err(111, "qmail-start");
}

static void logger(char **argv)
{
	int log[2];
	must(pipe(log));
	if (fork() == 0) {
		must(dup2(log[0], 0));
		close(log[0]);
		close(log[1]);
		execvp(argv[0], argv);
		_exit(111);
	}
	must(dup2(log[1], 1));
	close(log[0]);
	close(log[1]);
}

int main(int argc, char **argv)
{
	int to[2], from[2];
	if (argc > 2)
		logger(argv + 2);
	must(pipe2(to, O_CLOEXEC));
	must(pipe2(from, O_CLOEXEC));
	if (fork() == 0) {
		must(dup2(to[0], 0));
		must(dup2(from[1], 1));
		execl(HOME "/bin/qmail-rspawn", "qmail-rspawn", (char *)NULL);
		_exit(111);
	}
	to[1] = fcntl(to[1], F_DUPFD, 10);
	from[0] = fcntl(from[0], F_DUPFD, 10);
	must(dup2(to[1], 3));
	must(dup2(from[0], 4));
	close(to[1]);
	close(from[0]);
	execl(HOME "/bin/qmail-send", "qmail-send", (char *)NULL);
	err(111, "qmail-send");
}
