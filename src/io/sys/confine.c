/* SPDX-License-Identifier: ISC */
/* confine.c: what is taken away, and in which order. */
#include "io/sys/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534 /* the kernel's own number for it: /proc/sys/kernel/overflowuid */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

struct mt_means {
	struct sock_fprog filter; /* len 0: none */
	struct sock_filter code[1024];
	int ruleset; /* -1: none */
};

const char *mt_confine_name(enum mt_confine_part part)
{
	switch (part) {
	case MT_CONFINE_SECCOMP:
		return "seccomp";
	case MT_CONFINE_LANDLOCK:
		return "Landlock";
	case MT_CONFINE_USER:
		return "another user";
	case MT_CONFINE_LIMITS:
		return "limits";
	default:
		return "";
	}
}

/* ---- seccomp ---- */

/* Memory that cannot be executed and is no file. */
static int allow_memory(scmp_filter_ctx filter)
{
	int r = 0;
	static const int plain[] = {SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
				    SCMP_SYS(madvise)};
	for (size_t i = 0; i < MT_ARRAY_LEN(plain); i++)
		r |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain[i], 0);
	/* 32-bit machines call the other one; the rule of one that a machine has not is dropped */
	static const int maps[] = {SCMP_SYS(mmap), SCMP_SYS(mmap2)};
	for (size_t i = 0; i < MT_ARRAY_LEN(maps); i++)
		r |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, maps[i], 2,
				      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
				      SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
	return r | seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* What libc calls by itself, and nobody is harmed by: the allocator's key, the clock, the memory that there is. */
static int allow_rest(scmp_filter_ctx filter, bool inputs)
{
	static const int plain[] = {
		SCMP_SYS(exit_group),	SCMP_SYS(exit),		  SCMP_SYS(futex),
		SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
		SCMP_SYS(getrandom),	SCMP_SYS(clock_gettime),  SCMP_SYS(gettimeofday),
		SCMP_SYS(sched_yield),	SCMP_SYS(sysinfo),	  SCMP_SYS(getpid),
		SCMP_SYS(gettid),
	};
	/* what it has been given to read, wherever it stands */
	static const int reading[] = {SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(close)};
	int r = 0;
	for (size_t i = 0; i < MT_ARRAY_LEN(reading) && inputs; i++)
		r |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, reading[i], 0);
	if (!inputs)
		r |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(read), 1,
				      SCMP_A0(SCMP_CMP_EQ, STDIN_FILENO, 0));
	r |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
			      SCMP_A0(SCMP_CMP_EQ, STDOUT_FILENO, 0));
	for (size_t i = 0; i < MT_ARRAY_LEN(plain); i++)
		r |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain[i], 0);
	return r;
}

/* libseccomp writes the compiled filter to a descriptor. It fits into a pipe. */
static void export(scmp_filter_ctx filter, struct mt_means *means)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0)
		return;
	ssize_t n = seccomp_export_bpf(filter, fds[1]) == 0
			    ? read(fds[0], means->code, sizeof means->code)
			    : 0;
	close(fds[0]);
	close(fds[1]);
	if (n <= 0 || (size_t)n == sizeof means->code)
		return;
	means->filter.len = (unsigned short)((size_t)n / sizeof *means->code);
	means->filter.filter = means->code;
}

/* ---- Landlock ---- */

#define LANDLOCK_CREATE	  444 /* the same number on every architecture */
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_VERSION  1u

struct ruleset {
	uint64_t fs, net, scoped;
};

/* Everything that this kernel's Landlock knows to forbid is forbidden, and no rule allows any of it. */
static int make_ruleset(void)
{
	long abi = syscall(LANDLOCK_CREATE, NULL, (size_t)0, LANDLOCK_VERSION);
	if (abi < 1)
		return -1;
	struct ruleset set = {
		.fs = (UINT64_C(1) << (abi >= 5	  ? 16
				       : abi >= 3 ? 15
				       : abi == 2 ? 14
						  : 13)) -
		      1,
		.net = abi >= 4 ? 3 : 0, /* bind and connect of TCP */
		.scoped = abi >= 6 ? 3 : 0, /* abstract sockets, signals */
	};
	return (int)syscall(LANDLOCK_CREATE, &set,
			    abi >= 6   ? sizeof set
			    : abi >= 4 ? 2 * sizeof(uint64_t)
				       : sizeof(uint64_t),
			    0u);
}

/* ---- the rest ---- */

static bool become_nobody(void)
{
	if (geteuid() != 0)
		return false;
	/* both in any case: a user namespace may lack the one and have the other */
	bool groups = setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0;
	return setresuid(NOBODY, NOBODY, NOBODY) == 0 && groups;
}

static bool limit_resource(int what, rlim_t most)
{
	struct rlimit now;
	if (getrlimit(what, &now) == 0 && now.rlim_max < most)
		most = now.rlim_max;
	return setrlimit(what, &(struct rlimit){most, most}) == 0;
}

static bool limit_all(size_t memory, unsigned seconds)
{
	bool good = SANITIZED || limit_resource(RLIMIT_AS, memory);
	good &= limit_resource(RLIMIT_CPU, seconds + 1) && /* killed; told a second before */
		setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds + 1}) == 0;
	good &= limit_resource(RLIMIT_CORE, 0);
	good &= limit_resource(RLIMIT_FSIZE, 0);
	good &= limit_resource(RLIMIT_NPROC, 0);
	return limit_resource(RLIMIT_NOFILE, 0) && good;
}

static int by_byte(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

struct mt_means *mt_means_new(bool inputs)
{
	struct mt_means *means = calloc(1, sizeof *means);
	if (!means)
		mt_out_of_memory();
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter) {
		seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
		if (allow_memory(filter) == 0 && allow_rest(filter, inputs) == 0)
			export(filter, means);
		seccomp_release(filter);
	}
	means->ruleset = make_ruleset();
	/* glibc's qsort looks once how much memory there is, in some versions by /proc/meminfo: now,
	 * not then */
	char some[2048] = "";
	qsort(some, sizeof some, 1, by_byte);
	return means;
}

void mt_means_free(struct mt_means *means)
{
	if (means && means->ruleset >= 0)
		close(means->ruleset);
	free(means);
}

unsigned mt_confine_enter(const struct mt_means *means, const struct mt_bounds *bounds)
{
	unsigned lacks = 0;
	if (!become_nobody())
		lacks |= MT_CONFINE_USER;
	/* behind the change of user, which forgets both; who has lost its parent before has lost its
	 * pipes too */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (means->ruleset < 0 || syscall(LANDLOCK_RESTRICT, means->ruleset, 0u) != 0)
		lacks |= MT_CONFINE_LANDLOCK;
	unsigned others = 2 + bounds->inputs; /* the first descriptor that is none of the child's */
	long most = sysconf(_SC_OPEN_MAX);
	if (close_range(others, UINT_MAX, 0) != 0)
		for (int fd = (int)others; fd < (most < 0 || most > 65536 ? 65536 : (int)most);
		     fd++)
			close(fd);
	if (!limit_all(bounds->memory, bounds->seconds))
		lacks |= MT_CONFINE_LIMITS;
	/* last: it forbids the calls above; a sanitizer makes calls of its own */
	if (SANITIZED || !means->filter.len ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &means->filter) != 0)
		lacks |= MT_CONFINE_SECCOMP;
	return lacks;
}

unsigned mt_confine_lacks(void)
{
	static const struct mt_bounds bounds = {.memory = (size_t)1 << 30, .seconds = 10};
	struct mt_means *means = mt_means_new(false);
	int status = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit((int)mt_confine_enter(means, &bounds));
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	mt_means_free(means);
	return pid > 0 && WIFEXITED(status) ? (unsigned)WEXITSTATUS(status) : MT_CONFINE_ALL;
}
