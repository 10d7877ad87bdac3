/* SPDX-License-Identifier: ISC */
/*
 * export.c: entries are written as `journalctl -o export` writes them (systemd.io/JOURNAL_EXPORT_FORMATS: fields in any order, texts and
 * fields of bytes with their length) and read back: tag, message, day and second of each. Then cut and damaged.
 */
#include "test.h"

#include "core/log/log_reader.h"
#include "draw.h"

#define JOURNALS 3000
#define MOST	 32

struct entry {
	char tag[80], message[512];
	size_t message_length, line;
	long day;
	int second;
};
static struct journal {
	char text[1 << 16];
	size_t n, lines, count;
	size_t ends[MOST]; /* of each entry in text */
	struct entry wanted[MOST];
} journal, seen;

static void put(const char *p, size_t n)
{
	assert_true(n <= sizeof journal.text - journal.n);
	memcpy(journal.text + journal.n, p, n);
	journal.n += n;
	for (size_t i = 0; i < n; i++)
		journal.lines += p[i] == '\n';
}

static void put_text(const char *name, const char *value)
{
	put(name, strlen(name));
	put("=", 1);
	put(value, strlen(value));
	put("\n", 1);
}

/* A field of bytes: its name alone, eight bytes of length, the bytes. */
static void put_bytes(const char *name, const char *bytes, size_t n)
{
	char length[8] = {0};
	put(name, strlen(name));
	for (size_t i = 0; i < 8; i++)
		length[i] = (char)(uint8_t)((uint64_t)n >> 8 * i);
	put("\n", 1);
	put(length, 8);
	put(bytes, n);
	put("\n", 1);
}

static void draw_bytes(char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = below(20) ? (char)('a' + below(26)) : below(2) ? '\n' : (char)below(256);
}

static void put_message(struct entry *e)
{
	e->line = journal.lines + 1;
	e->message_length = 1 + below(sizeof e->message - 1);
	if (below(2)) {
		for (size_t i = 0; i < e->message_length; i++)
			e->message[i] = (char)(' ' + below(95));
		put("MESSAGE=", 8);
		put(e->message, e->message_length);
		put("\n", 1);
	} else {
		draw_bytes(e->message, e->message_length);
		e->message[0] = 'm';
		put_bytes("MESSAGE", e->message, e->message_length);
		/* of several lines the first is kept */
		const char *lf = memchr(e->message, '\n', e->message_length);
		e->message_length = lf ? (size_t)(lf - e->message) : e->message_length;
	}
}

static void put_other(void)
{
	char bytes[300];
	size_t n = below(sizeof bytes);
	switch (below(4)) {
	case 0:
		put_text("__CURSOR", "s=1;i=2;MESSAGE=3");
		break;
	case 1:
		put_text("_HOSTNAME", "mx1");
		break;
	case 2:
		/* what looks like fields is inside of one */
		memset(bytes, 'x', sizeof bytes);
		memcpy(bytes + 8, "\nMESSAGE=bait\nSYSLOG_IDENTIFIER=bait/smtp\n\n", 43);
		put_bytes("CONTEXT", bytes, 51 + below(100));
		break;
	default:
		draw_bytes(bytes, n);
		put_bytes("CONTEXT", bytes, n);
	}
}

static void write_entry(void)
{
	struct entry *e = &journal.wanted[journal.count];
	uint64_t second = 1500000000 + below(400000000);
	char time[32];
	unsigned left = 7; /* bits: time, tag, message */
	memset(e, 0, sizeof *e);
	snprintf(time, sizeof time, "%llu", (unsigned long long)second * 1000000 + below(1000000));
	snprintf(e->tag, sizeof e->tag, "mta%u/smtp", below(100));
	e->day = (long)(second / 86400);
	e->second = (int)(second % 86400);
	put_text("__CURSOR", "s=0");
	while (left) {
		unsigned bit = 1U << below(4);
		if (bit == 8)
			put_other();
		else if (!(left & bit))
			continue;
		else if (bit == 1)
			put_text("__REALTIME_TIMESTAMP", time);
		else if (bit == 2)
			put_text("SYSLOG_IDENTIFIER", e->tag);
		else
			put_message(e);
		left &= ~bit;
	}
	put("\n", 1);
	journal.ends[journal.count++] = journal.n;
}

static void write_journal(void)
{
	journal.n = journal.lines = journal.count = 0;
	for (unsigned n = 1 + below(8); n > 0; n--)
		write_entry();
}

/* ---- reading: a format that takes each message as it stands ---- */

static bool claims(struct mt_str tag)
{
	return tag.n > 5 && memcmp(tag.p + tag.n - 5, "/smtp", 5) == 0;
}

static struct mt_str last_tag;

static void read_line(struct mt_log_scratch *scratch, const struct mt_log_line *line,
		      struct mt_log_event *event)
{
	(void)scratch;
	event->kind = MT_LOG_OUTBOUND;
	event->reply = line->message;
	last_tag = line->tag;
}

static const char *const files[] = {NULL};
static const struct mt_log_format format = {.claims = claims, .read = read_line, .files = files};
static const struct mt_backend backend = {.log = &format};

static void take(void *data, const struct mt_log_seen *event)
{
	struct journal *to = data;
	if (to->count == MOST)
		return;
	struct entry *e = &to->wanted[to->count++];
	struct mt_str message = event->event->reply;
	*e = (struct entry){.message_length = message.n,
			    .line = event->line,
			    .day = event->day,
			    .second = event->second};
	assert_true(message.n <= 4096 && last_tag.n <= 64);
	memcpy(e->tag, last_tag.p, last_tag.n);
	memcpy(e->message, message.p,
	       message.n < sizeof e->message ? message.n : sizeof e->message);
}

static void read_journal(const char *text, size_t n)
{
	static const struct mt_backend *const backends[] = {&backend, NULL};
	struct mt_arena *arena = mt_arena_new((size_t)4 << 20);
	struct mt_log_reader *reader =
		mt_log_reader_new(arena, backends, (struct mt_log_sink){take, &seen});
	struct mt_log_input input = {.now = {.year = 2040, .month = 1, .day = 1},
				     .every_line = true};
	struct mt_log_facts facts;
	seen.count = 0;
	mt_log_reader_begin(reader, &input);
	for (size_t at = 0; at < n;) {
		size_t size = 1 + below((uint32_t)(n - at));
		const char *lf = memchr(text + at + size - 1, '\n', n - at - size + 1);
		size = lf ? (size_t)(lf - text) + 1 - at : n - at;
		mt_log_reader_block(reader, (struct mt_str){text + at, size});
		at += size;
	}
	mt_log_reader_end(reader, &facts);
	mt_arena_free(arena);
}

static void assert_same(size_t count)
{
	assert_true(seen.count >= count);
	for (size_t i = 0; i < count; i++) {
		const struct entry *a = &seen.wanted[i], *b = &journal.wanted[i];
		assert_string_equal(a->tag, b->tag);
		assert_int_equal(a->message_length, b->message_length);
		assert_memory_equal(a->message, b->message, b->message_length);
		assert_int_equal(a->day, b->day);
		assert_int_equal(a->second, b->second);
		assert_int_equal(a->line, b->line);
	}
}

static void each_entry_is_read(void **state)
{
	size_t all = 0;
	(void)state;
	for (unsigned i = 0; i < JOURNALS; i++) {
		write_journal();
		read_journal(journal.text, journal.n);
		assert_same(journal.count);
		assert_int_equal(seen.count, journal.count);
		all += journal.count;
	}
	print_message("# %zu entries\n", all);
	assert_true(all > JOURNALS);
}

static size_t whole_before(size_t at)
{
	size_t count = 0;
	while (count < journal.count && journal.ends[count] <= at)
		count++;
	return count;
}

static void a_cut_costs_the_entry_it_is_in(void **state)
{
	(void)state;
	for (unsigned i = 0; i < JOURNALS; i++) {
		write_journal();
		size_t at = 2 + below((uint32_t)journal.n - 2), whole = whole_before(at);
		read_journal(journal.text, at);
		assert_same(whole);
		assert_true(seen.count <= whole + 1);
	}
}

static void damage_costs_no_entry_before_it(void **state)
{
	static char text[sizeof journal.text];
	(void)state;
	for (unsigned i = 0; i < JOURNALS; i++) {
		write_journal();
		memcpy(text, journal.text, journal.n);
		size_t first = 2 + below((uint32_t)journal.n - 2);
		for (unsigned n = 1 + below(20); n > 0; n--)
			text[first + below((uint32_t)(journal.n - first))] = (char)below(256);
		read_journal(text, journal.n);
		assert_same(whole_before(first));
	}
}

int main(void)
{
	draw_begin();
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_entry_is_read),
		cmocka_unit_test(a_cut_costs_the_entry_it_is_in),
		cmocka_unit_test(damage_costs_no_entry_before_it),
	};
	return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
