/* SPDX-License-Identifier: ISC */
/*
 * journal.c: a transaction folder that is not what was written: cut at every byte, mutated at random, of another owner,
 * forged, huge. Exit code 0 never goes with a file that is not as it says; else the files are as they were.
 *
 * MT_SEED, MT_MUTATIONS: of the random part; what ran is printed.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "apply/toy.h"
#include "io/service/daemon.h"
#include "io/sys/fs.h"
#include "io/txn/journal.h"

#define FILES 6
static const char *const names[FILES] = {"plan",    "state",	"0.before",
					 "0.after", "1.before", "1.after"};

static struct mt_arena *arena;
static struct toy toy;
static struct mt_outcome outcome;
static struct mt_error error;
static char id[MT_TXN_ID];
static struct mt_str pristine[FILES];
static struct mt_arena *keep; /* holds those */

/* ---- a folder, and back to it ------------------------------------------------------------------- */

static const char *entry(const char *name)
{
	return mt_format(arena, "%s/state/txn/%s/%s", toy.dir, id, name);
}

static int put_at(const char *path, struct mt_str bytes)
{
	MT_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
	return fd < 0 ? -1 : mt_write_all(fd, bytes);
}

static int setup(void **state)
{
	(void)state;
	const char *shm = "/dev/shm";
	error = (struct mt_error){0};
	mt_arena_reset(arena);
	char *dir = mt_format(arena, "%s/mtapin-toy-XXXXXX", access(shm, W_OK) ? "/tmp" : shm);
	if (!mkdtemp(dir) || toy_make(dir))
		return -1;
	toy_init(&toy, arena, dir);
	toy.options.recollect = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return toy_end(&toy);
}

/* One applied transaction of both files; pristine is its folder. */
static void make(void)
{
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_APPLIED);
	memcpy(id, outcome.id, sizeof id);
	for (int i = 0; i < FILES; i++) {
		struct mt_str bytes =
			toy_text(&toy, mt_format(arena, "state/txn/%s/%s", id, names[i]));
		assert_int_not_equal(bytes.n, 0);
		pristine[i] = mt_str_copy(keep, bytes);
	}
}

/* Its state up to COMMIT: cut off there. */
static struct mt_str cut_off(void)
{
	struct mt_str rest = pristine[1], line;
	while (mt_str_line(&rest, &line) && !mt_str_has(line, " committed"))
		;
	return mt_str_part(pristine[1], 0, (size_t)(rest.p - pristine[1].p));
}

/* As after the command; nothing else is in the journal. `pending`: as after a kill behind COMMIT. */
static void restore(bool pending)
{
	const char *txn = mt_format(arena, "%s/state/txn", toy.dir);
	assert_int_equal(mt_remove_tree(AT_FDCWD, txn, 4), 0);
	assert_int_equal(mkdir(txn, 0700), 0);
	assert_int_equal(mkdir(mt_format(arena, "%s/%s", txn, id), 0700), 0);
	for (int i = 0; i < FILES; i++)
		assert_int_equal(
			put_at(entry(names[i]), i == 1 && pending ? cut_off() : pristine[i]), 0);
	assert_int_equal(toy_put(&toy, "etc/a.cf", TOY_A_NEW), 0);
	assert_int_equal(toy_put(&toy, "etc/b.cf", TOY_B_NEW), 0);
	error = (struct mt_error){0};
}

static bool all_are(const char *a, const char *b)
{
	return mt_str_is(toy_text(&toy, "etc/a.cf"), a) && mt_str_is(toy_text(&toy, "etc/b.cf"), b);
}

static int exit_of(int failed)
{
	return failed ? error.code : outcome.exit_code;
}

/* What was said, and is so? */
static bool honest(int code, bool pending)
{
	bool old = all_are(TOY_A_OLD, TOY_B_OLD), new = all_are(TOY_A_NEW, TOY_B_NEW);
	if (code == 0 && outcome.end == MT_END_UNCHANGED)
		return new && !pending;
	if (code == 0)
		return old && (outcome.end == MT_END_ROLLED_BACK || outcome.end == MT_END_UNDONE);
	if (code != MT_EXIT_FAILED && code != MT_EXIT_PERSON)
		return false;
	return new && (code != MT_EXIT_PERSON || error.code || strstr(outcome.why, "/state/txn/2"));
}

static unsigned ran, zero, failed_, person;

/* What a person would type; the folder is as the caller left it. */
static void judge(bool undo, bool pending, const char *what)
{
	int code = exit_of((undo ? mt_undo(NULL, &toy.options, &outcome, &error)
				 : mt_recover(&toy.options, &outcome, &error)));
	ran++;
	zero += code == 0;
	failed_ += code == MT_EXIT_FAILED;
	person += code == MT_EXIT_PERSON;
	if (!honest(code, pending))
		fail_msg("%s, %s: exit %d, %s: %s %s", what, undo ? "undo" : "recover", code,
			 mt_end_name(outcome.end), error.message, outcome.why ? outcome.why : "");
}

static void fresh(void)
{
	const char *dir = strdup(toy.dir);
	mt_arena_reset(arena);
	toy_init(&toy, arena, mt_strdup(arena, dir));
	toy.options.recollect = NULL;
	free((void *)(uintptr_t)dir);
}

/* ---- cut at every byte -------------------------------------------------------------------------- */

static void cut_anywhere(void **state)
{
	(void)state;
	make();
	ran = zero = failed_ = person = 0;
	for (int i = 0; i < FILES; i++)
		for (size_t n = 0; n < pristine[i].n; n++)
			for (int how = 0; how < 3; how++) {
				bool pending = how == 1;
				if (i == 1 && pending && n >= cut_off().n)
					continue;
				fresh();
				restore(pending);
				assert_int_equal(
					put_at(entry(names[i]), mt_str_part(pristine[i], 0, n)), 0);
				judge(how == 2, pending && i != 1,
				      mt_format(arena, "%s cut at %zu", names[i], n));
			}
	printf("# cut at %u points: exit 0 %u, 2 %u, 3 %u\n", ran, zero, failed_, person);
	assert_true(zero > 100 && person > 3000);
}

/* ---- mutations ---------------------------------------------------------------------------------- */

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static struct mt_str joined(struct mt_str a, struct mt_str b, struct mt_str c)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	mt_text_add(&t, a);
	mt_text_add(&t, b);
	mt_text_add(&t, c);
	return mt_text_str(&t);
}

static struct mt_str noise(size_t n)
{
	char *p = mt_alloc(arena, n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)draw(256);
	return (struct mt_str){p, n};
}

/* `n` bytes at `at` become `by`. */
static struct mt_str replaced(struct mt_str s, size_t at, size_t n, struct mt_str by)
{
	return joined(mt_str_part(s, 0, at), by, mt_str_part(s, at + n, s.n - at - n));
}

static struct mt_str line_at(struct mt_str s, size_t at)
{
	size_t from = at, to = at;
	while (from && s.p[from - 1] != '\n')
		from--;
	while (to < s.n && s.p[to] != '\n')
		to++;
	return mt_str_part(s, from, to + (to < s.n) - from);
}

/* Sets *what. */
static struct mt_str mutated(struct mt_str s, const char **what)
{
	size_t at = draw(s.n), n = 1 + draw(s.n - at), other = (size_t)draw(FILES);
	struct mt_str line = line_at(s, at), second = line_at(s, draw(s.n)), bytes;
	size_t from = (size_t)(line.p - s.p);
	switch (draw(14)) {
	case 0:
		*what = "bit";
		return replaced(s, at, 1,
				(struct mt_str){mt_format(arena, "%c", s.p[at] ^ 1 << draw(8)), 1});
	case 1:
		*what = "byte";
		return replaced(s, at, 1, noise(1));
	case 2:
		*what = "inserted";
		return replaced(s, at, 0, noise(1 + draw(40)));
	case 3:
		*what = "deleted";
		return replaced(s, at, n, MT_STR(""));
	case 4:
		*what = "doubled";
		return replaced(s, at, 0, mt_str_part(s, at, n));
	case 5:
		*what = "line deleted";
		return replaced(s, from, line.n, MT_STR(""));
	case 6:
		*what = "line doubled";
		return replaced(s, from, 0, line);
	case 7:
		*what = "line moved";
		return joined(replaced(s, from, line.n, MT_STR("")), second, MT_STR(""));
	case 8:
		*what = "noise";
		return noise(draw(2 * s.n));
	case 9:
		*what = "longer";
		return joined(s, noise(1 + draw(100)), MT_STR(""));
	case 10:
		*what = "zeros";
		bytes = (struct mt_str){mt_alloc(arena, n + 1), n};
		return replaced(s, at, n, bytes);
	case 11:
		*what = "another file's";
		return pristine[other == 1 ? 0 : other]; /* a later state of its own is a state */
	case 12:
		*what = "later version";
		return joined(MT_STR("mtapin-transaction 3\n"), s, MT_STR(""));
	default:
		*what = "digit";
		while (at < s.n && (s.p[at] < '0' || s.p[at] > '9'))
			at++;
		return at < s.n ? replaced(s, at, 1, (struct mt_str){&"0123456789"[draw(10)], 1})
				: s;
	}
}

static unsigned long number_of(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

static void mutations(void **state)
{
	(void)state;
	unsigned long count = number_of("MT_MUTATIONS", 2000),
		      first = number_of("MT_SEED", 20261201);
	make();
	ran = zero = failed_ = person = 0;
	for (unsigned long i = 0; i < count; i++) {
		const char *what;
		seed = (first + i) * 0x9e3779b97f4a7c15U | 1;
		fresh();
		bool pending = draw(2), undo = draw(3) == 0;
		int file = (int)draw(FILES);
		restore(pending);
		struct mt_str bytes =
			mutated(file == 1 && pending ? cut_off() : pristine[file], &what);
		assert_int_equal(put_at(entry(names[file]), bytes), 0);
		/* a shorter state is an earlier one: then it is pending, whatever it was */
		judge(undo, pending,
		      mt_format(arena, "seed %lu: %s of %s", first + i, what, names[file]));
	}
	printf("# %u mutations from seed %lu: exit 0 %u, 2 %u, 3 %u\n", ran, first, zero, failed_,
	       person);
	assert_true(person > ran / 2);
}

/* ---- what else can be there --------------------------------------------------------------------- */

static void stuck_says(bool undo, const char *says)
{
	int code = exit_of(undo ? mt_undo(NULL, &toy.options, &outcome, &error)
				: mt_recover(&toy.options, &outcome, &error));
	assert_int_equal(code, MT_EXIT_PERSON);
	assert_true(all_are(TOY_A_NEW, TOY_B_NEW));
	if (!strstr(outcome.why, says))
		fail_msg("'%s' lacks '%s'", outcome.why, says);
	assert_non_null(strstr(outcome.why, mt_format(arena, "/state/txn/%s", id)));
}

static void plan_is(struct mt_str bytes, const char *says)
{
	for (int how = 0; how < 2; how++) {
		restore(how == 0);
		assert_int_equal(put_at(entry("plan"), bytes), 0);
		stuck_says(how, says);
	}
}

/* A person is told why, and where. */
static void strangers(void **state)
{
	(void)state;
	make();
	plan_is(MT_STR(""), "empty");
	plan_is(MT_STR("mtapin-transaction 1\nid x\n"), "before the first release");
	plan_is(MT_STR("mtapin-transaction 3\nid x\n"), "later version");
	plan_is(MT_STR("#!/bin/sh\n"), "nothing that mtapin writes");
	plan_is(mt_str_part(pristine[0], 0, pristine[0].n - 70), "cut off");
	restore(true);
	unlink(entry("plan"));
	stuck_says(false, "plan: No such file");
	restore(true);
	unlink(entry("state"));
	stuck_says(false, "state: No such file");
	restore(true);
	assert_int_equal(unlink(entry("plan")) || mkfifo(entry("plan"), 0600), 0);
	stuck_says(false, "not a regular file");
	restore(true);
	assert_int_equal(unlink(entry("0.before")) || symlink("1.before", entry("0.before")), 0);
	stuck_says(false, "0.before");
}

/* A whole one, under another name. */
static void copied(void **state)
{
	(void)state;
	make();
	restore(true);
	char own[MT_TXN_ID];
	const char *was = mt_strdup(arena, entry(""));
	memcpy(own, id, sizeof own);
	id[strlen(id) - 1] = id[strlen(id) - 1] == '0' ? '1' : '0';
	assert_int_equal(rename(was, entry("")), 0);
	stuck_says(false, own);
}

/* fix waits for a person too: it may be the pending one. */
static void stands_in_the_way(void **state)
{
	(void)state;
	struct mt_pending pending;
	make();
	restore(true);
	assert_int_equal(truncate(entry("plan"), 100), 0);
	assert_int_equal(toy_put(&toy, "etc/a.cf", TOY_A_OLD), 0);
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), -1);
	assert_int_equal(error.code, MT_EXIT_PERSON);
	assert_true(mt_pending(toy.options.state_dir, &pending));
	assert_non_null(strstr(pending.text, "cannot be read"));
}

/* ---- whose it is -------------------------------------------------------------------------------- */

static void owners(void **state)
{
	(void)state;
	static const char *const parts[] = {".", "plan", "state", "0.before", "1.after"};
	if (geteuid())
		skip();
	make();
	for (size_t i = 0; i < MT_ARRAY_LEN(parts); i++)
		for (int how = 0; how < 2; how++) {
			restore(true);
			assert_int_equal(how ? chmod(entry(parts[i]), 0770)
					     : chown(entry(parts[i]), 4711, 4711),
					 0);
			stuck_says(false, how ? "mode 0770: others may write it"
					      : "belongs to user 4711, not to root or the caller");
		}
	const char *above[] = {toy_path(&toy, "state"), toy_path(&toy, "state/txn"),
			       toy_path(&toy, "state/lock")};
	for (size_t i = 0; i < MT_ARRAY_LEN(above); i++)
		for (int how = 0; how < 2; how++) {
			struct stat st;
			restore(true);
			assert_int_equal(stat(above[i], &st), 0);
			assert_int_equal(how ? chmod(above[i], 0770) : chown(above[i], 4711, 4711),
					 0);
			assert_int_equal(mt_recover(&toy.options, &outcome, &error), -1);
			assert_true(all_are(TOY_A_NEW, TOY_B_NEW));
			assert_non_null(strstr(error.message, how ? "0770" : "4711"));
			assert_int_equal(
				chown(above[i], 0, 0) || chmod(above[i], st.st_mode & 07777), 0);
		}
}

/* Who may write it could name any program: what is run is what the backend names, or nothing. */
static void programs(void **state)
{
	(void)state;
	struct toy fresh_toy;
	toy_init(&fresh_toy, arena, toy.dir);
	toy.options.recollect = fresh_toy.options.recollect;
	assert_int_equal(system(mt_format(arena, "%s/bin/start", toy.dir)), 0);
	assert_int_equal(toy_plan(&toy, MT_ACTION_RELOAD, &error), 0);
	for (int i = 0; i < 1200 && !mt_daemon_find(&toy.plan.daemon).pid; i++)
		usleep(50000); /* it is not yet what it will be */
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_APPLIED);
	memcpy(id, outcome.id, sizeof id);
	const char *evil = toy_path(&toy, "evil");
	assert_int_equal(
		put_at(evil, mt_str_of(mt_format(arena, "#!/bin/sh\n: >%s/ran\n", toy.dir))), 0);
	assert_int_equal(chmod(evil, 0755), 0);
	/* a whole one, as the writer makes it */
	struct mt_txn txn;
	struct mt_str plan = toy_text(&toy, mt_format(arena, "state/txn/%s/plan", id));
	assert_int_equal(mt_txn_parse(arena, plan, &txn, &error), 0);
	txn.daemon.reload.command.argv[0] = txn.daemon.stop.argv[0] = txn.daemon.start.argv[0] =
		evil;
	txn.validators = NULL;
	assert_int_equal(put_at(entry("plan"), mt_txn_write(arena, &txn)), 0);
	assert_int_equal(put_at(entry("state"), mt_state_first(arena, &txn)), 0);
	unlink(toy_path(&toy, "said"));
	assert_int_equal(mt_recover(&toy.options, &outcome, &error), 0);
	if (outcome.end != MT_END_ROLLED_BACK)
		fail_msg("%s: %s", mt_end_name(outcome.end), outcome.why);
	assert_true(all_are(TOY_A_OLD, TOY_B_OLD));
	assert_int_equal(access(toy_path(&toy, "ran"), F_OK), -1);
	assert_str(toy_text(&toy, "said"), "reload\n");
	assert_int_equal(system(mt_format(arena, "kill $(cat %s/run/pid)", toy.dir)), 0);
}

/* ---- size, time, types -------------------------------------------------------------------------- */

static int recovers(void)
{
	return exit_of(mt_recover(&toy.options, &outcome, &error));
}

static int fixes(void)
{
	return exit_of(mt_apply(&toy.plan, &toy.options, &outcome, &error));
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Refused before COMMIT: it could not be read again. */
static void too_big(void **state)
{
	(void)state;
	struct mt_arena *big = mt_arena_new((size_t)8 << 30);
	char *line = mt_alloc(big, MT_TXN_MAX + 1);
	memset(line, 'x', MT_TXN_MAX);
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	toy.options.arena = big;
	toy.options.command = line;
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), -1);
	assert_int_equal(error.code, MT_EXIT_FAILED);
	assert_non_null(strstr(error.message, "too big for the journal"));
	assert_true(all_are(TOY_A_OLD, TOY_B_OLD));
	/* and the biggest that is not is read again */
	line[MT_TXN_MAX - 4096] = '\0';
	error = (struct mt_error){0};
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_APPLIED);
	toy.options.command = "undo";
	error = (struct mt_error){0};
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNDONE);
	assert_true(all_are(TOY_A_OLD, TOY_B_OLD));
	mt_arena_free(big);
}

/* In the child that looks whether it holds, so behind COMMIT. */
static int kill_parent(void *data, struct mt_arena *a, struct mt_snapshot **s, struct mt_error *e)
{
	(void)data;
	(void)a;
	(void)s;
	(void)e;
	kill(getppid(), SIGKILL);
	_exit(0);
	return -1;
}

#define EDITS 10000

static struct mt_str services(const char *word)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	for (int i = 0; i < EDITS; i++)
		mt_text_addf(&t, "service%d unix - - n - - smtp\n  -o x=%s\n", i, word);
	return mt_text_str(&t);
}

/* What fix writes, recover reads: a change of 10,000 places, killed behind COMMIT. */
static void many_edits(void **state)
{
	(void)state;
	int status;
	double begin = seconds();
	struct mt_str old = services("192.0.2.1"), new = services("192.0.2.2");
	size_t edits = 0;
	assert_int_equal(put_at(toy_path(&toy, "etc/b.cf"), old), 0);
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	toy.plan.changes = NULL;
	mt_plan_replace(&toy.plan, toy_path(&toy, "etc/b.cf"), old, new);
	mt_sha256_hex(old, toy.plan.changes->sha_before);
	/* the lines one by one, as a planner does it, not the one edit that covers them all */
	struct mt_edit **tail = &toy.plan.changes->edits;
	for (struct mt_str rest = new, line; mt_str_line(&rest, &line);)
		if (line.p[0] == ' ') {
			size_t at = (size_t)(line.p - new.p);
			*tail = MT_NEW(arena, struct mt_edit);
			**tail = (struct mt_edit){at, line.n + 1, {line.p, line.n + 1}, NULL};
			tail = &(*tail)->next;
			edits++;
		}
	*tail = NULL;
	toy.plan.validators = NULL;
	toy.options.recollect = kill_parent;
	pid_t pid = fork();
	if (pid == 0)
		_exit(fixes());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_true(mt_str_eq(toy_text(&toy, "etc/b.cf"), new));
	toy.options.recollect = NULL;
	assert_int_equal(recovers(), 0);
	assert_int_equal(outcome.end, MT_END_ROLLED_BACK);
	assert_true(mt_str_eq(toy_text(&toy, "etc/b.cf"), old));
	printf("# %zu edits in %zu bytes: killed and recovered in %.1f s\n", edits, old.n,
	       seconds() - begin);
	assert_int_equal(edits, EDITS);
}

/* A file that grows past what is read could not be had back. */
static void bytes_too_big(void **state)
{
	(void)state;
	char *text = mt_alloc(arena, MT_ITEM_MAX + 3);
	memset(text, 'x', MT_ITEM_MAX + 1);
	text[MT_ITEM_MAX + 1] = '\n';
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	toy.plan.changes = NULL;
	mt_plan_replace(&toy.plan, toy_path(&toy, "etc/a.cf"), MT_STR(TOY_A_OLD), mt_str_of(text));
	mt_sha256_hex(MT_STR(TOY_A_OLD), toy.plan.changes->sha_before);
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), -1);
	assert_non_null(strstr(error.message, "at most"));
	assert_true(all_are(TOY_A_OLD, TOY_B_OLD));
}

/* Of this process alone: others load the machine as they like. */
static double processor_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double parse_once(unsigned n, const char *line)
{
	struct mt_arena *big = mt_arena_new((size_t)8 << 30);
	struct mt_str body = mt_str_part(pristine[0], 0, pristine[0].n - 69);
	struct mt_text t = MT_TEXT_INIT(big);
	struct mt_txn txn;
	char hash[65];
	mt_text_add(&t, body);
	for (unsigned i = 0; i < n; i++)
		mt_text_addf(&t, "%s\n", line);
	mt_sha256_hex(mt_text_str(&t), hash);
	mt_text_addf(&t, "end %s\n", hash);
	double begin = processor_seconds();
	assert_int_equal(mt_txn_parse(big, mt_text_str(&t), &txn, &error), 0);
	double took = processor_seconds() - begin;
	mt_arena_free(big);
	return took;
}

/* The fastest of three. */
static double parse_lines(unsigned n, const char *line)
{
	double best = parse_once(n, line);
	for (int i = 0; i < 2; i++) {
		double took = parse_once(n, line);
		best = took < best ? took : best;
	}
	return best;
}

static void linear(void **state)
{
	(void)state;
	make();
	double half = parse_lines(170000, "edit 1 2 3"), whole = parse_lines(340000, "edit 1 2 3");
	printf("# a plan of 340,000 edits is read in %.3f s, half of it in %.3f s\n", whole, half);
	assert_true(whole < 4 && whole < 4 * half + 0.1);
}

/* They are told so, and at once. */
static void lock_is_no_file(void **state)
{
	(void)state;
	make();
	restore(true);
	const char *lock = toy_path(&toy, "state/lock");
	assert_int_equal(unlink(lock) || mkfifo(lock, 0600), 0);
	alarm(60);
	assert_int_equal(mt_recover(&toy.options, &outcome, &error), -1);
	assert_non_null(strstr(error.message, "not a regular file"));
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(mkfifo(toy_path(&toy, "etc/a.cf.tmp"), 0600), 0);
	error = (struct mt_error){0};
	assert_int_equal(mt_recover(&toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_STUCK);
	assert_non_null(strstr(outcome.why, "not a regular file"));
	alarm(0);
}

/* ---- signals ------------------------------------------------------------------------------------ */

/* Milliseconds until a run that was told to end after 300 of them has ended; its status in *status. */
static double interrupted(int (*work)(void), int *status)
{
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGINT, SIG_DFL); /* a job in the background of a script ignores it */
		_exit(work());
	}
	usleep(300000);
	double begin = seconds();
	kill(pid, SIGINT);
	assert_int_equal(waitpid(pid, status, 0), pid);
	return (seconds() - begin) * 1000;
}

static void interrupted_while_waiting(void **state)
{
	(void)state;
	int status;
	make();
	restore(true);
	MT_FD own = open(toy_path(&toy, "state/lock"), O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(own, LOCK_EX), 0);
	double ms = interrupted(recovers, &status);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	assert_true(ms < 9000);
	assert_true(all_are(TOY_A_NEW, TOY_B_NEW));
}

/* The validator has 30 seconds, and a person at the terminal has not. */
static void interrupted_while_validating(void **state)
{
	(void)state;
	int status;
	const char *slow = toy_path(&toy, "slow");
	struct mt_command_line *last = MT_NEW(arena, struct mt_command_line);
	assert_int_equal(put_at(slow, MT_STR("#!/bin/sh\nsleep 20\n")), 0);
	assert_int_equal(chmod(slow, 0755), 0);
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	last->argv[0] = slow;
	toy.plan.validators->next = last;
	double ms = interrupted(fixes, &status);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	assert_true(ms < 15000);
	assert_true(all_are(TOY_A_OLD, TOY_B_OLD));
	const char **left;
	size_t n;
	MT_FD etc = open(toy_path(&toy, "etc"), O_RDONLY | O_DIRECTORY);
	MT_FD txn = open(toy_path(&toy, "state/txn"), O_RDONLY | O_DIRECTORY);
	assert_int_equal(mt_list(arena, etc, &left, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(mt_list(arena, txn, &left, &n), 0);
	assert_int_equal(n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cut_anywhere),
		TEST(mutations),
		TEST(strangers),
		TEST(copied),
		TEST(stands_in_the_way),
		TEST(owners),
		TEST(programs),
		TEST(too_big),
		TEST(many_edits),
		TEST(bytes_too_big),
		TEST(linear),
		TEST(lock_is_no_file),
		TEST(interrupted_while_waiting),
		TEST(interrupted_while_validating),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	arena = mt_arena_new((size_t)256 << 20);
	keep = mt_arena_new((size_t)64 << 20);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	mt_arena_free(arena);
	mt_arena_free(keep);
	return failed;
}
