/* SPDX-License-Identifier: ISC */
/*
 * evaluate.c: how many stored bundles one core evaluates in a second: decode, examine, findings.
 *
 * usage: evaluate BUNDLE SECONDS
 * Prints "EVALUATIONS-PER-CPU-SECOND FINDINGS PATHS"; fails when the bundle says nothing of an MTA.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <mtapin/backend.h>

extern const struct mt_backend mt_backend_postfix;
static const struct mt_backend *const backends[] = {&mt_backend_postfix, NULL};

struct result {
	unsigned findings, paths;
};

static struct mt_str read_whole(const char *path)
{
	static char bytes[MT_BUNDLE_MAX + 1];
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		exit(1);
	}
	size_t n = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	return (struct mt_str){bytes, n};
}

static struct result evaluate(struct mt_arena *arena, struct mt_str bundle)
{
	struct mt_snapshot *snapshot;
	struct mt_error error = {0};
	struct result result = {0};
	mt_arena_reset(arena);
	if (mt_bundle_decode(arena, bundle, &snapshot, &error) != 0) {
		fprintf(stderr, "evaluate: %s\n", error.message);
		exit(1);
	}
	const struct mt_model *model = mt_examine(snapshot, backends);
	for (const struct mt_finding *f = model->findings; f; f = f->next)
		result.findings++;
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		for (const struct mt_transport *transport = mta->transports; transport;
		     transport = transport->next)
			result.paths++;
	return result;
}

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: evaluate BUNDLE SECONDS\n");
		return 64;
	}
	struct mt_str bundle = read_whole(argv[1]);
	struct mt_arena *arena = mt_arena_new((size_t)64 << 20);
	struct result result = evaluate(arena, bundle);
	double begin = cpu_seconds(), end = begin + atof(argv[2]), now = begin;
	unsigned long n = 0;
	for (; now < end; now = cpu_seconds())
		for (int i = 0; i < 100; i++, n++)
			result = evaluate(arena, bundle);
	printf("%.0f %u %u\n", (double)n / (now - begin), result.findings, result.paths);
	mt_arena_free(arena);
	return result.paths ? 0 : 1;
}
