/* SPDX-License-Identifier: ISC */
/*
 * race.c: somebody exchanges the folder, puts links in its place and in that of a file, saves the file and
 * exchanges our temporary, again and again, while a plan is applied. Rounds: 60, with MT_LONG=1 1,000.
 *
 * What must hold in each: nothing is written through a link; no version of anybody's file is lost; 0 says
 * that the new bytes are there, 2 that nothing of ours is, 3 where to look; and once it is quiet the next
 * run works and nothing is left behind.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/toy.h"
#include "io/sys/fs.h"

#define THEIRS TOY_A_OLD "# theirs\n"
#define SECRET "secret\n"

static struct mt_arena *arena;
static struct toy toy;
static struct mt_outcome outcome;
static struct mt_error error;

/* ---- the other one ------------------------------------------------------------------------------ */

static volatile sig_atomic_t told;
static void on_term(int number)
{
	told = number;
}

struct racer {
	int top, etc; /* folders, under whatever name */
	unsigned stack[4], depth;
	uint32_t random, pause; /* microseconds at most */
};

static unsigned roll(struct racer *r, unsigned n)
{
	r->random = r->random * 1664525 + 1013904223;
	return (r->random >> 8) % n;
}

/* Any temporary of ours. */
static const char *temporary(const struct racer *r)
{
	const char **names;
	size_t n;
	if (mt_list(arena, r->etc, &names, &n) == 0)
		for (size_t i = 0; i < n; i++)
			if (strncmp(names[i], ".mtapin-", 8) == 0)
				return names[i];
	return "none";
}

/* Each is its own inverse. */
static int swap(const struct racer *r, unsigned what)
{
	switch (what) {
	case 0:
		return renameat2(r->top, "etc", r->top, "other", RENAME_EXCHANGE);
	case 1:
		return renameat2(r->top, "etc", r->top, "link", RENAME_EXCHANGE);
	case 2:
		return renameat2(r->etc, "a.cf", r->etc, "link", RENAME_EXCHANGE);
	case 3:
		return renameat2(r->etc, "a.cf", r->etc, "theirs", RENAME_EXCHANGE);
	default:
		return renameat2(r->etc, temporary(r), r->etc, "planted", RENAME_EXCHANGE);
	}
}

static void race(struct racer *r)
{
	while (!told) {
		if (r->depth && (r->depth == MT_ARRAY_LEN(r->stack) || roll(r, 2))) {
			swap(r, r->stack[--r->depth]);
		} else {
			r->stack[r->depth] = roll(r, 5);
			r->depth += swap(r, r->stack[r->depth]) == 0;
		}
		if (roll(r, 4) == 0)
			usleep(roll(r, r->pause));
		mt_arena_reset(arena);
	}
	while (r->depth)
		swap(r, r->stack[--r->depth]);
}

static pid_t start_racer(uint32_t seed)
{
	/* Without a break nothing gets as far as COMMIT. */
	static const uint32_t pauses[] = {500, 20000, 80000, 400000};
	struct racer r = {.top = open(toy.dir, O_RDONLY | O_DIRECTORY),
			  .etc = open(toy_path(&toy, "etc"), O_RDONLY | O_DIRECTORY),
			  .random = seed,
			  .pause = pauses[seed % MT_ARRAY_LEN(pauses)]};
	struct sigaction action = {.sa_handler = on_term};
	sigaction(SIGTERM, &action, NULL);
	pid_t pid = fork();
	if (pid == 0) {
		arena = mt_arena_new((size_t)1 << 20);
		race(&r);
		_exit(0);
	}
	signal(SIGTERM, SIG_DFL);
	close(r.top);
	close(r.etc);
	return pid;
}

static void stop_racer(pid_t pid)
{
	int status;
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* ---- before and after --------------------------------------------------------------------------- */

static void put(const char *name, const char *bytes, mode_t mode)
{
	assert_int_equal(toy_put(&toy, name, bytes), 0);
	assert_int_equal(chmod(toy_path(&toy, name), mode), 0);
}

/* A file is known by its mode, which is kept: here that of every version of it. */
static const struct slot {
	const char *name;
	mode_t mode;
	const char *old, *new;
} slots[] = {
	{"etc/a.cf", 0640, TOY_A_OLD, TOY_A_NEW},   {"etc/b.cf", 0644, TOY_B_OLD, TOY_B_NEW},
	{"other/a.cf", 0600, TOY_A_OLD, TOY_A_NEW}, {"other/b.cf", 0604, TOY_B_OLD, TOY_B_NEW},
	{"etc/theirs", 0620, THEIRS, THEIRS},
};

static void begin(void)
{
	error = (struct mt_error){0};
	assert_int_equal(toy_begin(&toy, arena), 0);
	assert_int_equal(mkdir(toy_path(&toy, "other"), 0755), 0);
	assert_int_equal(mkdir(toy_path(&toy, "victim"), 0755), 0);
	for (size_t i = 0; i < MT_ARRAY_LEN(slots); i++)
		put(slots[i].name, slots[i].old, slots[i].mode);
	put("victim/a.cf", SECRET, 0400);
	put("victim/b.cf", SECRET, 0400);
	assert_int_equal(symlink("victim", toy_path(&toy, "link")), 0);
	assert_int_equal(symlink("../victim/a.cf", toy_path(&toy, "etc/link")), 0);
	assert_int_equal(symlink("../victim/b.cf", toy_path(&toy, "etc/planted")), 0);
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
}

static bool same(const char *path, const char *bytes)
{
	return mt_holds(AT_FDCWD, path, mt_str_of(bytes));
}

/* How many files of that mode hold these bytes, in both folders. Our temporary that they took for
 * themselves is theirs. */
static unsigned count(mode_t mode, const char *bytes)
{
	static const char *const folders[] = {"etc", "other"};
	unsigned found = 0;
	for (size_t i = 0; i < MT_ARRAY_LEN(folders); i++) {
		const char *folder = toy_path(&toy, folders[i]), **names;
		size_t n;
		MT_FD dir = open(folder, O_RDONLY | O_DIRECTORY);
		assert_int_equal(mt_list(arena, dir, &names, &n), 0);
		for (size_t k = 0; k < n; k++) {
			const char *path = mt_format(arena, "%s/%s", folder, names[k]);
			struct stat st;
			assert_int_equal(lstat(path, &st), 0);
			found += strcmp(names[k], "planted") != 0 && S_ISREG(st.st_mode) &&
				 (st.st_mode & 07777) == mode && same(path, bytes);
		}
	}
	return found;
}

/* NULL: all is well. */
static const char *unsound(int code)
{
	struct stat st;
	unsigned new = 0;
	const char *const victims[] = {"victim/a.cf", "victim/b.cf"};
	for (size_t i = 0; i < MT_ARRAY_LEN(victims); i++)
		if (!same(toy_path(&toy, victims[i]), SECRET) ||
		    stat(toy_path(&toy, victims[i]), &st) < 0 || (st.st_mode & 07777) != 0400)
			return "written through a link";
	for (size_t i = 0; i < MT_ARRAY_LEN(slots); i++) {
		unsigned old = count(slots[i].mode, slots[i].old);
		unsigned ours =
			slots[i].new == slots[i].old ? 0 : count(slots[i].mode, slots[i].new);
		if (old + ours == 0 && code != MT_EXIT_PERSON)
			return mt_format(arena, "%s is lost", slots[i].name);
		new += ours;
	}
	if (code == MT_EXIT_OK && new != 2)
		return mt_format(arena, "%u files are new", new);
	if (code == MT_EXIT_FAILED && new)
		return "something of ours is there";
	return code == MT_EXIT_PERSON && !strstr(outcome.why, "/state/txn/2") ? "not said where"
									      : NULL;
}

/* Without a racer. A person has put right what was left to one. */
static const char *next_run(int code)
{
	if (mt_recover(&toy.options, &outcome, &error))
		return mt_format(arena, "recover: %s: %s", error.where, error.message);
	if (code == MT_EXIT_PERSON)
		return NULL;
	if (toy_plan(&toy, MT_ACTION_NONE, &error) ||
	    mt_apply(&toy.plan, &toy.options, &outcome, &error))
		return mt_format(arena, "fix: %s: %s", error.where, error.message);
	if (!same(toy_path(&toy, "etc/a.cf"), TOY_A_NEW) ||
	    !same(toy_path(&toy, "etc/b.cf"), TOY_B_NEW))
		return mt_format(arena, "fix: %s %s", mt_end_name(outcome.end), outcome.why);
	static const char *const folders[] = {"etc", "other"};
	for (size_t i = 0; i < MT_ARRAY_LEN(folders); i++) {
		const char **names;
		size_t n;
		MT_FD dir = open(toy_path(&toy, folders[i]), O_RDONLY | O_DIRECTORY);
		assert_int_equal(mt_list(arena, dir, &names, &n), 0);
		for (size_t k = 0; k < n; k++)
			if (names[k][0] == '.' || strstr(names[k], ".tmp"))
				return mt_format(arena, "left behind: %s/%s", folders[i], names[k]);
	}
	return NULL;
}

static int one_round(uint32_t seed)
{
	begin();
	pid_t pid = start_racer(seed);
	int failed = mt_apply(&toy.plan, &toy.options, &outcome, &error);
	stop_racer(pid);
	int code = failed ? error.code : outcome.exit_code;
	const char *text = failed ? error.message : outcome.why;
	const char *bad = unsound(code);
	error = (struct mt_error){0};
	if (!bad)
		bad = next_run(code);
	if (bad)
		fail_msg("round %u, exit %d (%s): %s", (unsigned)seed, code, text, bad);
	assert_int_equal(toy_end(&toy), 0);
	return code;
}

static void exchanged_all_the_time(void **state)
{
	(void)state;
	const char *how = getenv("MT_LONG");
	uint32_t rounds = how && strcmp(how, "no") != 0 ? 1000 : 60;
	unsigned codes[4] = {0};
	for (uint32_t i = 1; i <= rounds; i++)
		codes[one_round(i) & 3]++;
	print_message(
		"# %u rounds, 0 bad: %u applied, %u refused or rolled back, %u for a person\n",
		(unsigned)rounds, codes[0], codes[2], codes[3]);
	assert_int_equal(codes[1], 0);
	assert_true(codes[0] > rounds / 60 && codes[2] > rounds / 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(exchanged_all_the_time)};
	arena = mt_arena_new((size_t)64 << 20);
	int failed = cmocka_run_group_tests_name("race", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
