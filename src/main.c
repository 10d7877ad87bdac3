/* SPDX-License-Identifier: ISC */
/*
 * main.c: a sane process, then the command: what was inherited from whoever started it decides nothing.
 * Everything else is in the library, where tests reach it.
 */
#include <config.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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
		_exit(MT_EXIT_FAILED);
	close(fd);
}

/*
 * What the user's own transport (ssh of an audit) needs of the environment: his agent, his programs, his docker.
 * Handed on to it and to nothing else.
 */
static const char *const *transport_environment(void)
{
	static const char *const kept[] = {
		"HOME",		  "USER",	    "LOGNAME",
		"PATH",		  "SSH_AUTH_SOCK",  "XDG_RUNTIME_DIR",
		"KRB5CCNAME",	  "DOCKER_HOST",    "DOCKER_CONFIG",
		"DOCKER_CONTEXT", "CONTAINER_HOST", "KUBECONFIG",
	};
	enum { KEPT = sizeof kept / sizeof kept[0] };
	static const char *list[KEPT + 2];
	size_t n = 0;
	list[n++] = "LC_ALL=C"; /* its messages are read */
	for (int i = 0; i < KEPT; i++) {
		const char *value = getenv(kept[i]);
		char *line;
		if (value && asprintf(&line, "%s=%s", kept[i], value) >= 0)
			list[n++] = line;
	}
	return list;
}

/* Who asked, and how to write to the terminal; nothing that a library would read (nobody calls setlocale). */
static void clear_environment(void)
{
	static const char *const kept[] = {"SUDO_USER", "NO_COLOR", "TERM", "DEBIAN_FRONTEND",
					   "LC_ALL",	"LC_CTYPE", "LANG"};
	enum { KEPT = sizeof kept / sizeof kept[0] };
	char *values[KEPT];
	for (int i = 0; i < KEPT; i++) {
		const char *value = getenv(kept[i]);
		values[i] = value ? strdup(value) : NULL;
	}
	clearenv();
	for (int i = 0; i < KEPT; i++) {
		if (values[i])
			setenv(kept[i], values[i], 1);
		free(values[i]);
	}
}

/* None is blocked, and the end of a child is heard of. An ignored SIGHUP or SIGINT is what the caller wants. */
static void reset_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	signal(SIGCHLD, SIG_DFL);
	/* A reader that goes away must not stop an edit half-way; failed writes are noticed at the end. */
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Soft limits that would cut an edit short; a hard one is an error like a full disk. */
static void raise_limits(void)
{
	static const int limits[] = {RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_AS};
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		struct rlimit limit;
		if (getrlimit(limits[i], &limit) == 0 && limit.rlim_cur != limit.rlim_max) {
			limit.rlim_cur = limit.rlim_max;
			setrlimit(limits[i], &limit);
		}
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	fill_standard_descriptors();
	const char *const *environment = transport_environment();
	clear_environment();
	reset_signals();
	raise_limits();
	umask(022);
	return mt_main(argv, environment);
}
