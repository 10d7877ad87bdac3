/* SPDX-License-Identifier: ISC */
/*
 * pairs.c: two commands, one after the other, again and again: a ratio that a busy machine moves least.
 *
 * usage: pairs ROUNDS COMMAND... -- COMMAND...
 * Prints "MEDIAN-A MEDIAN-B RATIO PEAK-A PEAK-B": milliseconds, the median of the rounds' ratios A/B,
 * the highest resident set in KiB. A command that does not end with exit status 0 ends it with 1.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct run {
	double ms;
	long peak;
};

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void become(char **argv)
{
	int null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	execvp(argv[0], argv);
	_exit(127);
}

static struct run run(char **argv)
{
	struct rusage usage;
	int status;
	double begin = now_ms();
	pid_t child = fork();
	if (child == 0)
		become(argv);
	if (child < 0 || wait4(child, &status, 0, &usage) != child)
		exit(1);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "pairs: %s: wait status %x\n", argv[0], (unsigned)status);
		exit(1);
	}
	return (struct run){now_ms() - begin, usage.ru_maxrss};
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof *values, by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static char **second(char **argv)
{
	while (*argv && strcmp(*argv, "--") != 0)
		argv++;
	if (!*argv)
		return NULL;
	*argv = NULL;
	return argv + 1;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 0;
	char **other = argc > 2 ? second(argv + 2) : NULL;
	if (rounds < 1 || !other || !argv[2] || !*other) {
		fprintf(stderr, "usage: pairs ROUNDS COMMAND... -- COMMAND...\n");
		return 64;
	}
	double *a = calloc((size_t)rounds * 3, sizeof *a), *b = a + rounds, *ratio = b + rounds;
	long peak_a = 0, peak_b = 0;
	if (!a)
		return 1;
	run(argv + 2);
	run(other);
	for (int i = 0; i < rounds; i++) {
		struct run one = run(argv + 2), two = run(other);
		a[i] = one.ms;
		b[i] = two.ms;
		ratio[i] = one.ms / two.ms;
		peak_a = one.peak > peak_a ? one.peak : peak_a;
		peak_b = two.peak > peak_b ? two.peak : peak_b;
	}
	printf("%.1f %.1f %.2f %ld %ld\n", median(a, rounds), median(b, rounds),
	       median(ratio, rounds), peak_a, peak_b);
	free(a);
	return 0;
}
