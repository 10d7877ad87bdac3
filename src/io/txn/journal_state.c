/* SPDX-License-Identifier: ISC */
/* journal_state.c: the states of a transaction: a chain of lines that only grows. */
#include "io/txn/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/sys/trust.h"

#define CHECK 16 /* hex digits */

/* ---- lines -------------------------------------------------------------------------------------- */

static void check_of(struct mt_arena *arena, const char *before, struct mt_str said,
		     char check[CHECK + 1])
{
	char hash[65];
	mt_sha256_hex(mt_str_of(mt_format(arena, "%s %.*s", before, MT_STR_FMT(said))), hash);
	snprintf(check, CHECK + 1, "%.*s", CHECK, hash);
}

static struct mt_str state_line(struct mt_arena *arena, const char *before, enum mt_txn_state state,
				int64_t deadline)
{
	struct timespec now;
	char when[64], check[CHECK + 1];
	clock_gettime(CLOCK_REALTIME, &now);
	mt_format_time(when, sizeof when, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	const char *said = mt_format(arena, "%s %s", when, mt_txn_state_name(state));
	if (state == MT_TXN_UNCONFIRMED)
		said = mt_format(arena, "%s %lld", said, (long long)deadline);
	check_of(arena, before, mt_str_of(said), check);
	return mt_str_of(mt_format(arena, "%s %s\n", check, said));
}

struct mt_str mt_state_first(struct mt_arena *arena, const struct mt_txn *txn)
{
	return state_line(arena, txn->hash, MT_TXN_STARTED, 0);
}

/* ---- reading ------------------------------------------------------------------------------------ */

/* "TIME STATE", "TIME unconfirmed DEADLINE" */
static bool read_said(struct mt_str said, struct mt_txn *txn)
{
	struct mt_str word, deadline;
	unsigned long ms = 0;
	if (!mt_str_word(&said, " ", &word) || !mt_str_word(&said, " ", &word))
		return false;
	for (int s = MT_TXN_STARTED; s <= MT_TXN_STUCK; s++) {
		if (!mt_str_is(word, mt_txn_state_name((enum mt_txn_state)s)))
			continue;
		if (s == MT_TXN_UNCONFIRMED) {
			if (!mt_str_word(&said, " ", &deadline) ||
			    !mt_str_number(deadline, INT64_MAX, &ms))
				return false;
			txn->deadline = (int64_t)ms;
		}
		txn->state = (enum mt_txn_state)s;
		return true;
	}
	return false;
}

/* Is it the next of the chain? */
static bool state_follows(struct mt_arena *arena, struct mt_str line, struct mt_txn *txn,
			  char check[CHECK + 1])
{
	char next[CHECK + 1];
	if (line.n <= CHECK || line.p[CHECK] != ' ' || memchr(line.p, '\0', line.n))
		return false;
	struct mt_str said = mt_str_part(line, CHECK + 1, line.n - CHECK - 1);
	check_of(arena, check[0] ? check : txn->hash, said, next);
	if (memcmp(line.p, next, CHECK) != 0 || !read_said(said, txn))
		return false;
	memcpy(check, next, sizeof next);
	return true;
}

const char *mt_state_read(struct mt_arena *arena, struct mt_str text, struct mt_txn *txn,
			  char check[CHECK + 1])
{
	struct mt_str line;
	bool broken = false;
	check[0] = '\0';
	while (text.n && text.p[text.n - 1] != '\n')
		text.n--;
	while (mt_str_line(&text, &line))
		broken = !state_follows(arena, line, txn, check);
	return broken	   ? "its state is damaged, or of a later version of mtapin"
	       : !check[0] ? "its state is empty"
			   : NULL;
}

/* ---- writing ------------------------------------------------------------------------------------ */

static int add_state(const struct mt_journal *j, int fd, const struct mt_txn *txn,
		     enum mt_txn_state state)
{
	struct mt_txn seen = *txn;
	struct mt_str text;
	char check[CHECK + 1];
	if (mt_get_fd(j->arena, fd, MT_STATE_MAX, &text))
		return -1;
	errno = EILSEQ;
	if (mt_state_read(j->arena, text, &seen, check))
		return -1;
	struct mt_str line = state_line(j->arena, check, state, txn->deadline);
	if (text.p[text.n - 1] != '\n')
		line = mt_str_of(mt_format(j->arena, "\n%.*s", MT_STR_FMT(line)));
	/* In one write; a line that a crash cut short is ended by it. What was not made durable must
	 * not be read either. */
	if (mt_write_all(fd, line) == 0 && mt_sync(fd) == 0)
		return 0;
	int saved = errno;
	(void)!MT_RETRY(ftruncate(fd, (off_t)text.n));
	errno = saved;
	return -1;
}

int mt_journal_state(const struct mt_journal *j, struct mt_txn *txn, enum mt_txn_state state,
		     struct mt_error *error)
{
	struct mt_error why = {0};
	MT_FD dir = mt_open(j->txn_dir, txn->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	MT_FD fd = dir < 0 ? -1
			   : mt_open(dir, "state",
				     O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && mt_trust_fd(fd, S_IFREG, "state", &why))
		return mt_fail(error, MT_EXIT_FAILED, j->path, "the journal's state: %s",
			       why.message);
	if (fd < 0 || add_state(j, fd, txn, state))
		return mt_fail(error, MT_EXIT_FAILED, j->path, "cannot write the journal: %s",
			       strerror(errno));
	txn->state = state;
	return 0;
}
