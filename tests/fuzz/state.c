/* SPDX-License-Identifier: ISC */
/*
 * state.c: the states of a transaction from any bytes: as they are, and as lines that are sealed one after the other, as
 * somebody would who can write there; one that starts with '!' stays as it is, without that byte. Whatever is read
 * ends with the line whose check is told; cut short in that line it is the state before, with a bit changed in it, or
 * of another plan, it is nothing; and what a crash left behind it is ended by the next line.
 */
#include "fuzz.h"

#include "io/txn/journal.h"

#define CHECK 16

struct read_state {
	const char *why; /* NULL: it was read */
	enum mt_txn_state state;
	int64_t deadline;
	char check[CHECK + 1];
};

static struct read_state read_as(struct mt_arena *arena, struct mt_str text, char plan)
{
	struct mt_txn txn = mt_txn_empty();
	struct read_state r;
	memset(txn.hash, plan, sizeof txn.hash - 1);
	r.why = mt_state_read(arena, text, &txn, r.check);
	r.state = txn.state;
	r.deadline = txn.deadline;
	FUZZ_HOLDS(!r.why || *r.why);
	return r;
}

static struct read_state read_it(struct mt_arena *arena, struct mt_str text)
{
	return read_as(arena, text, 'a');
}

static bool same(const struct read_state *a, const struct read_state *b)
{
	return a->why ? b->why != NULL
		      : !b->why && a->state == b->state && a->deadline == b->deadline &&
				strcmp(a->check, b->check) == 0;
}

/* A line as mtapin writes it: journal.h says what its check is of. */
static void add_sealed(struct mt_arena *arena, struct mt_text *text, char check[65],
		       struct mt_str said)
{
	mt_sha256_hex(mt_str_of(mt_format(arena, "%s %.*s", check, MT_STR_FMT(said))), check);
	check[CHECK] = '\0';
	mt_text_addf(text, "%s %.*s\n", check, MT_STR_FMT(said));
}

static struct mt_str seal(struct mt_arena *arena, struct mt_str input)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_str line;
	char check[65] = {0};
	memset(check, 'a', 64);
	while (mt_str_line(&input, &line))
		if (mt_str_starts(line, "!")) {
			mt_text_add(&text, mt_str_part(line, 1, line.n - 1));
			mt_text_addf(&text, "\n");
		} else {
			add_sealed(arena, &text, check, line);
		}
	return mt_text_str(&text);
}

/* Where the last line that ends starts; *end: behind its LF. */
static size_t last_line(struct mt_str text, size_t *end)
{
	size_t at = text.n;
	while (at && text.p[at - 1] != '\n')
		at--;
	*end = at;
	for (at -= at > 0; at && text.p[at - 1] != '\n'; at--)
		;
	return at;
}

static void check_cut(struct mt_arena *arena, struct mt_str text, size_t start, size_t end)
{
	struct read_state before = read_it(arena, mt_str_part(text, 0, start));
	size_t cut[] = {start + 1, start + (end - start) / 2, end - 1};
	for (size_t i = 0; i < MT_ARRAY_LEN(cut); i++) {
		struct read_state r = read_it(arena, mt_str_part(text, 0, cut[i]));
		FUZZ_HOLDS(same(&r, &before));
	}
}

static void check_damaged(struct mt_arena *arena, struct mt_str text, size_t start, size_t end)
{
	size_t n = end - 1 - start; /* its LF stays: without it the line would only be cut */
	char *other = mt_alloc(arena, end);
	memcpy(other, text.p, end);
	other[start + (n * 7 + (unsigned char)text.p[start + n / 2]) % n] ^= 1;
	FUZZ_HOLDS(read_it(arena, (struct mt_str){other, end}).why);
}

/* A crash cut the next line short; the one after it ends that, and counts. */
static void check_ended(struct mt_arena *arena, const struct read_state *now, struct mt_str text,
			size_t end)
{
	struct mt_text more = MT_TEXT_INIT(arena);
	char check[65];
	memcpy(check, now->check, sizeof now->check);
	mt_text_add(&more, mt_str_part(text, 0, end));
	mt_text_addf(&more, "0123456789abcdef 2026");
	struct read_state r = read_it(arena, mt_text_str(&more));
	FUZZ_HOLDS(same(&r, now));
	mt_text_addf(&more, "\n");
	FUZZ_HOLDS(read_it(arena, mt_text_str(&more)).why);
	add_sealed(arena, &more, check, MT_STR("20261124T090000.123Z stuck"));
	r = read_it(arena, mt_text_str(&more));
	FUZZ_HOLDS(!r.why && r.state == MT_TXN_STUCK && strcmp(r.check, check) == 0);
}

static void check_state(struct mt_arena *arena, struct mt_str text)
{
	struct read_state now = read_it(arena, text);
	size_t end, start = last_line(text, &end);
	if (now.why)
		return;
	FUZZ_HOLDS(now.state >= MT_TXN_STARTED && now.state <= MT_TXN_STUCK && now.deadline >= 0);
	FUZZ_HOLDS(strlen(now.check) == CHECK && end - start > CHECK + 1);
	FUZZ_HOLDS(memcmp(text.p + start, now.check, CHECK) == 0);
	FUZZ_HOLDS(read_as(arena, text, 'b').why);
	check_cut(arena, text, start, end);
	check_damaged(arena, text, start, end);
	check_ended(arena, &now, text, end);
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	check_state(arena, input);
	check_state(arena, seal(arena, input));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
