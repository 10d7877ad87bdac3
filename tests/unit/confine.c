/* SPDX-License-Identifier: ISC */
/* A parser that is broken harms nobody: planted bugs in a child that has nothing, and what it says of itself. */
#include "io/sys/confine.c" /* its means are opaque: what a kernel lacks is taken out of them */

#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "io/sys/confined.h"
#include "test.h"

static char folder[] = "/tmp/mtapin-confine.XXXXXX";
static char marker[64];
static int listener;
static struct sockaddr_in address = {.sin_family = AF_INET};

/* ---- planted bugs ---- */

static void bug_execve(void)
{
	char command[96];
	snprintf(command, sizeof command, "touch %s", marker);
	char *argv[] = {(char *)"sh", (char *)"-c", command, NULL}, *env[] = {NULL};
	execve("/bin/sh", argv, env);
}
static void bug_open(void)
{
	int fd = open(marker, O_WRONLY | O_CREAT, 0666);
	ssize_t n = fd < 0 ? 0 : write(fd, "x", 1);
	(void)n;
}
static void bug_read(void)
{
	int fd = open("/etc/passwd", O_RDONLY);
	char c;
	if (fd >= 0 && read(fd, &c, 1) == 1)
		_exit(42);
}
static void bug_unlink(void)
{
	unlink(folder);
	rmdir(folder);
}
static void bug_connect(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	connect(fd, (struct sockaddr *)&address, sizeof address);
}
static void bug_ptrace(void)
{
	if (ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0)
		_exit(42);
}
static void bug_kill(void)
{
	if (kill(getppid(), SIGUSR1) == 0)
		_exit(42);
}
static void bug_fork(void)
{
	pid_t pid = fork();
	if (pid >= 0)
		_exit(42);
}
static void bug_code(void)
{
	unsigned char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED)
		_exit(42);
}
static void bug_stderr(void)
{
	if (write(STDERR_FILENO, "", 0) == 0)
		_exit(42);
}
static void bug_loop(void)
{
	for (volatile unsigned i = 0;; i++)
		;
}
static void bug_memory(void)
{
	for (int i = 0; i < 10; i++) {
		volatile char *p = malloc((size_t)1 << 30);
		if (!p)
			mt_out_of_memory();
		p[0] = 1;
	}
}
static void bug_trap(void)
{
	__builtin_trap();
}

struct bug {
	const char *name;
	void (*run)(void);
	const char *why; /* part of what is said of it */
	bool without_seccomp; /* another wall holds it too: it goes on, and has reached nothing */
};
static const struct bug bugs[] = {
	{"execve", bug_execve, "may not have", true},
	{"open", bug_open, "may not have", true},
	{"read", bug_read, "may not have", true},
	{"unlink", bug_unlink, "may not have", true},
	{"connect", bug_connect, "may not have", true},
	{"ptrace", bug_ptrace, "may not have", true},
	{"kill", bug_kill, "may not have", true},
	{"fork", bug_fork, "may not have", true},
	{"code", bug_code, "may not have", false},
	{"stderr", bug_stderr, "may not have", true},
	{"loop", bug_loop, "longer than 1 seconds", true},
	{"10 GB", bug_memory, "more memory", true},
	{"trap", bug_trap, "killed by signal", true},
};

static void plant(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result)
{
	const struct bug *bug = c->data;
	(void)arena;
	bug->run();
	mt_text_addf(result, "survived");
}

static bool reached(void)
{
	struct pollfd fd = {.fd = listener, .events = POLLIN};
	struct stat st;
	return poll(&fd, 1, 0) != 0 || access(marker, F_OK) == 0 || stat(folder, &st) != 0;
}

static int try(const struct mt_means *means, const struct bug *bug, struct mt_pages *result,
	       char why[MT_CONFINED_WHY])
{
	struct mt_confined c = {.means = means,
				.data = (void *)bug,
				.work = plant,
				.budget = (size_t)1 << 20,
				.result_max = 4096,
				.seconds = 1};
	why[0] = '\0';
	return mt_confined_run(&c, result, why);
}

static void nothing_is_reached(void **state)
{
	(void)state;
	if (mt_confine_lacks() & MT_CONFINE_SECCOMP)
		skip();
	struct mt_means *means = mt_means_new(false);
	for (size_t i = 0; i < MT_ARRAY_LEN(bugs); i++) {
		struct mt_pages result = {0};
		char why[MT_CONFINED_WHY];
		if (SANITIZED &&
		    bugs[i].run == bug_memory) /* such a build has no limit of memory */
			continue;
		assert_int_equal(try(means, &bugs[i], &result, why), -1);
		if (!strstr(why, bugs[i].why))
			fail_msg("%s: %s", bugs[i].name, why);
		if (reached())
			fail_msg("%s reached something", bugs[i].name);
		mt_pages_free(&result);
	}
	mt_means_free(means);
}

/* What a kernel without seccomp leaves: it may go on, or die of another wall. */
static void the_other_walls_hold(void **state)
{
	(void)state;
	if (geteuid() != 0 || mt_confine_lacks() & MT_CONFINE_LANDLOCK)
		skip();
	struct mt_means *means = mt_means_new(false);
	means->filter.len = 0;
	for (size_t i = 0; i < MT_ARRAY_LEN(bugs); i++) {
		struct mt_pages result = {0};
		char why[MT_CONFINED_WHY];
		if (!bugs[i].without_seccomp)
			continue;
		int died = try(means, &bugs[i], &result, why);
		if (strstr(why, "status 42") || reached())
			fail_msg("%s reached something", bugs[i].name);
		if (!died)
			assert_memory_equal(result.p, "survived", 8);
		mt_pages_free(&result);
	}
	mt_means_free(means);
}

/* ---- what it is, as the kernel tells ---- */

static void wait_to_hear(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result)
{
	(void)c;
	mt_text_add(result, mt_confined_hear(arena));
}

static void field(pid_t pid, const char *name, char *value, size_t size)
{
	char path[64], line[256];
	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "r");
	value[0] = '\0';
	assert_non_null(file);
	while (fgets(line, sizeof line, file))
		if (strncmp(line, name, strlen(name)) == 0)
			snprintf(value, size, "%s", line + strlen(name));
	fclose(file);
}

static unsigned descriptors(pid_t pid)
{
	char path[64];
	unsigned n = 0;
	struct dirent *entry;
	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

static void it_has_nothing(void **state)
{
	(void)state;
	struct mt_confined c = {.work = wait_to_hear,
				.hears = true,
				.budget = (size_t)1 << 20,
				.result_max = 4096,
				.seconds = 10};
	struct mt_pages result = {0};
	unsigned lacks = mt_confine_lacks();
	char why[MT_CONFINED_WHY], value[128];
	assert_int_equal(mt_confined_start(&c, why), 0);
	for (int i = 0; i < 500; i++) { /* until it has come that far */
		field(c.pid, "NoNewPrivs:", value, sizeof value);
		if (atoi(value) == 1 && (geteuid() != 0 || descriptors(c.pid) == 2))
			break;
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	if (geteuid() == 0) /* nobody else may look */
		assert_int_equal(descriptors(c.pid), 2);
	field(c.pid, "NoNewPrivs:", value, sizeof value);
	assert_int_equal(atoi(value), 1);
	if (!(lacks & MT_CONFINE_SECCOMP)) {
		field(c.pid, "Seccomp:", value, sizeof value);
		assert_int_equal(atoi(value), 2);
	}
	if (!(lacks & MT_CONFINE_USER)) {
		field(c.pid, "Uid:", value, sizeof value);
		assert_string_equal(value, "\t65534\t65534\t65534\t65534\n");
		field(c.pid, "Gid:", value, sizeof value);
		assert_string_equal(value, "\t65534\t65534\t65534\t65534\n");
		field(c.pid, "Groups:", value, sizeof value);
		assert_int_equal(strspn(value, " \t\n"), strlen(value));
		field(c.pid, "CapEff:", value, sizeof value);
		assert_int_equal(strtoul(value, NULL, 16), 0);
	}
	assert_int_equal(mt_confined_send(&c, MT_STR("word")), 0);
	assert_int_equal(mt_confined_result(&c, &result), 0);
	assert_int_equal(result.n, 4);
	assert_memory_equal(result.p, "word", 4);
	mt_confined_end(&c, why);
	mt_pages_free(&result);
}

/* ---- what it says ---- */

static struct {
	uint32_t kind, size;
	char bytes[8];
} told;

static void tell(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result)
{
	const size_t *n = c->data;
	ssize_t ignored = write(STDOUT_FILENO, &told, *n);
	(void)arena;
	(void)result;
	(void)ignored;
	_exit(0);
}

static const char *said(size_t n)
{
	static char why[MT_CONFINED_WHY];
	struct mt_confined c = {.data = &n,
				.work = tell,
				.budget = (size_t)1 << 20,
				.result_max = 4096,
				.seconds = 1};
	struct mt_pages result = {0};
	int failed = mt_confined_run(&c, &result, why);
	mt_pages_free(&result);
	return failed ? why : "fine";
}

static void rules_of_the_pipe(void **state)
{
	(void)state;
	told.kind = 0, told.size = 8;
	assert_string_equal(said(16), "fine");
	assert_non_null(strstr(said(15), "ended with status 0")); /* cut off */
	assert_non_null(strstr(said(3), "ended with status 0"));
	assert_non_null(strstr(said(0), "ended with status 0"));
	told.size = 4097;
	assert_non_null(strstr(said(16), "nonsense"));
	told.size = UINT32_MAX;
	assert_non_null(strstr(said(16), "nonsense"));
	told.kind = 7, told.size = 8;
	assert_non_null(strstr(said(16), "nonsense"));
	told.kind = 1; /* a question that nobody answers */
	assert_non_null(strstr(said(16), "may not"));
	told.kind = 2; /* a remark that nobody hears */
	assert_non_null(strstr(said(16), "nonsense"));
}

/* ---- one after the other ---- */

static void read_memory(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result)
{
	const struct mt_pages *desk = c->data;
	size_t n = 0;
	(void)arena;
	for (size_t i = 0; i < desk->cap; i++)
		n += desk->p[i] != 0;
	mt_text_addf(result, "%zu", n);
}

/* What served one host is empty when the child of the next one is made. */
static void nothing_is_left_for_the_next(void **state)
{
	(void)state;
	struct mt_pages desk = {0}, result = {0};
	char why[MT_CONFINED_WHY];
	struct mt_confined c = {.data = &desk,
				.work = read_memory,
				.budget = (size_t)1 << 20,
				.result_max = 4096,
				.seconds = 10};
	mt_pages_add(&desk, MT_STR("the bundle of another host"));
	assert_int_equal(mt_confined_run(&c, &result, why), 0);
	assert_memory_equal(result.p, "26", 2);
	mt_pages_clear(&desk);
	mt_pages_clear(&result);
	assert_int_equal(mt_confined_run(&c, &result, why), 0);
	assert_memory_equal(result.p, "0", 1);
	mt_pages_free(&desk);
	mt_pages_free(&result);
}

int main(void)
{
	socklen_t n = sizeof address;
	if (!mkdtemp(folder) || chmod(folder, 0777) != 0)
		return 1;
	snprintf(marker, sizeof marker, "%s/marker", folder);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
	    listen(listener, 5) != 0 || getsockname(listener, (struct sockaddr *)&address, &n) != 0)
		return 1;
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_reached),
		cmocka_unit_test(the_other_walls_hold),
		cmocka_unit_test(it_has_nothing),
		cmocka_unit_test(rules_of_the_pipe),
		cmocka_unit_test(nothing_is_left_for_the_next),
	};
	/* A sanitizer makes system calls of its own and needs all memory there is: no walls in such a build. */
	static const struct CMUnitTest pipe_tests[] = {
		cmocka_unit_test(rules_of_the_pipe),
		cmocka_unit_test(nothing_is_left_for_the_next),
	};
	int failed = SANITIZED ? cmocka_run_group_tests_name("confine", pipe_tests, NULL, NULL)
			       : cmocka_run_group_tests_name("confine", tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
