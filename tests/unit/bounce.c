/* SPDX-License-Identifier: ISC */
/*
 * bounce.c: mailboxes are written from a list of recipients and read back: reports of RFC 3464, QSBMF's and Exim's, in
 * all their freedoms (order, size of letters, folding, quoting, what stands around them), between mails that are none
 * and that quote some. Then cut, with CRLF, and damaged: what was whole before the damage is still read.
 */
#include "test.h"

#include "core/log/log_reader.h"
#include "draw.h"

#define MAILBOXES 3000
#define MOST	  64

struct recipient {
	char to[64], reply[256], dsn[16];
	enum mt_log_status status;
	size_t mail; /* its number in the mailbox */
	long day;
	int second;
};
struct mailbox {
	char text[1 << 17];
	size_t n, mails, count;
	size_t begins[MOST]; /* of each mail, in text */
	struct recipient wanted[MOST];
};
static struct mailbox box, seen;
static struct recipient envelope; /* day and second of the mail that is being written */

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int n = vsnprintf(box.text + box.n, sizeof box.text - box.n, format, ap);
	va_end(ap);
	assert_true(n >= 0 && (size_t)n < sizeof box.text - box.n);
	box.n += (size_t)n;
}

#define ONE_OF(...)                                                                                \
	((const char *const[]){__VA_ARGS__}[below(sizeof((const char *const[]){__VA_ARGS__}) /     \
						  sizeof(const char *))])

static void write_address(char *to, size_t size)
{
	snprintf(to, size, "%s%u@%s", ONE_OF("kunde", "\"a b\"", "x+y", "MAILER-DAEMON", "--"),
		 below(1000), ONE_OF("gmail.com", "firma.example", "[192.0.2.7]"));
}

static void want(const char *to, enum mt_log_status status, const char *dsn, const char *reply)
{
	struct recipient *r = &box.wanted[box.count++];
	assert_true(box.count <= MOST);
	*r = envelope;
	r->mail = box.mails;
	r->status = status;
	snprintf(r->to, sizeof r->to, "%s", to);
	snprintf(r->dsn, sizeof r->dsn, "%s", dsn);
	snprintf(r->reply, sizeof r->reply, "%s", reply);
}

/* A line that looks like a part of a report, in a mail that is none. */
static void put_bait(void)
{
	put("%s\n",
	    ONE_OF("Final-Recipient: rfc822; bait@x.example", "Action: failed",
		   "Diagnostic-Code: smtp; 550 5.7.1 bait", "<bait@x.example>:", "  bait@x.example",
		   "    550 5.7.1 bait", "", ">From bait", "--bait", "--- bait", "------ bait",
		   "Content-Type: message/delivery-status", "Hi, this is the mail of a bait."));
}

static void put_baits(void)
{
	for (unsigned n = below(8); n > 0; n--)
		put_bait();
}

/* "From SENDER Fri Nov  7 10:00:00 2025", behind an empty line */
static void put_envelope(void)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int month = (int)below(12), day = 1 + (int)below(28), year = 1999 + (int)below(60);
	int second = (int)below(86400);
	if (box.n)
		put("\n");
	box.begins[box.mails++] = box.n;
	put("From %s Fri %s %2d %02d:%02d:%02d %d\n", ONE_OF("MAILER-DAEMON", "<>", "a@b.example"),
	    months[month], day, second / 3600, second / 60 % 60, second % 60, year);
	envelope = (struct recipient){.day = mt_log_day(year, month + 1, day), .second = second};
	for (unsigned n = below(3); n > 0; n--)
		put("%s\n",
		    ONE_OF("Received: by mx1 (Postfix)\n\tid 4711", "Subject: failure notice",
			   "Subject: Action: failed", "X: Final-Recipient: rfc822; x@y.example"));
}

/* The name of a field in letters of either size. */
static void put_name(const char *name)
{
	bool plain = below(3);
	for (; *name; name++) {
		bool letter = mt_is_alnum(*name) && !mt_is_digit(*name);
		put("%c", plain || !letter || below(2) ? *name : *name ^ 0x20);
	}
}

/* Words of a reply; where it may be folded, each blank may be a new line. */
static void put_words(const char *words, bool fold)
{
	for (; *words; words++)
		if (*words == ' ' && fold && !below(4))
			put("%s", ONE_OF("\n    ", "\n\t", " \n "));
		else
			put("%c", *words);
	put("\n");
}

static void make_reply(char *reply, size_t size, char *dsn, size_t dsn_size)
{
	snprintf(dsn, dsn_size, "5.%u.%u", below(8), below(1000));
	snprintf(reply, size, "550 %s %s", dsn,
		 ONE_OF("no PTR record for [192.0.2.12]", "user unknown", "=?x?= --b/1 <a@b>:",
			"blocked, see https://x.example/?ip=192.0.2.12 (in reply to RCPT)"));
}

/* ---- RFC 3464 ---- */

static void put_fields(const struct recipient *r, const char *action, bool type)
{
	unsigned order[] = {0, 1, 2, 3, 4};
	for (unsigned i = 4; i > 0; i--) {
		unsigned j = below(i + 1), k = order[i];
		order[i] = order[j];
		order[j] = k;
	}
	for (unsigned i = 0; i < 5; i++)
		switch (order[i]) {
		case 0:
			put_name("Final-Recipient");
			put(":%s%s%s\n", type ? " rfc822;" : "", below(2) ? " " : "", r->to);
			break;
		case 1:
			put_name("Action");
			put(": %s%s\n", action, below(2) ? "" : " (said so)");
			break;
		case 2:
			put_name("Status");
			put(": %s%s\n", r->dsn, below(2) ? "" : " (a comment)");
			break;
		case 3:
			put_name("Diagnostic-Code");
			put(": smtp; ");
			put_words(r->reply, true);
			break;
		default:
			if (below(2))
				put("Remote-MTA: dns; mx.example\nOriginal-Recipient: "
				    "rfc822;o@x.example\n");
		}
}

static void put_group(void)
{
	static const struct {
		const char *action;
		enum mt_log_status status;
	} actions[] = {{"failed", MT_LOG_BOUNCED},
		       {"Failed", MT_LOG_BOUNCED},
		       {"delayed", MT_LOG_DEFERRED},
		       {"delivered", MT_LOG_NONE},
		       {"relayed", MT_LOG_NONE}};
	struct recipient r = {0};
	unsigned action = below(5);
	write_address(r.to, sizeof r.to);
	make_reply(r.reply, sizeof r.reply, r.dsn, sizeof r.dsn);
	put_fields(&r, actions[action].action, below(4));
	if (actions[action].status)
		want(r.to, actions[action].status, r.dsn, r.reply);
}

static void put_report(void)
{
	char boundary[32];
	const char *letters = "abcXYZ0123456789'()+_,-./:=?";
	unsigned n = 1 + below(24);
	for (unsigned i = 0; i < n; i++)
		boundary[i] = letters[below(28)];
	boundary[n] = '\0';
	/* what begins with it is one (RFC 2046, 5.1.1): none of the baits does */
	if (boundary[0] == 'b' || boundary[0] == '-')
		boundary[0] = 'c';
	put_name("Content-Type");
	put(": multipart/report;%s%sboundary=", below(2) ? " report-type=delivery-status;" : "",
	    ONE_OF(" ", "\n\t", "\n "));
	put(below(2) ? "\"%s\"\n" : "%s; charset=us-ascii\n", boundary);
	put("\n");
	if (below(2))
		put("This is a MIME-encapsulated message.\n\n");
	if (below(2)) {
		put("--%s\nContent-Type: text/plain\n\n", boundary);
		put_baits();
	}
	put("--%s\n", boundary);
	put_name("Content-Type");
	put(": message/%sdelivery-status\n\n", below(4) ? "" : "global-");
	put("Reporting-MTA: dns; mx1.example.com\n\n");
	for (n = 1 + below(4); n > 0; n--) {
		put_group();
		put(n > 1 || below(2) ? "\n" : "");
	}
	if (below(4)) {
		put("--%s\nContent-Type: message/rfc822\n\n", boundary);
		put_baits();
		put("--%s--\n", boundary);
	}
}

/* ---- QSBMF and Exim ---- */

static void put_qsbmf(void)
{
	char to[64], reply[256], dsn[16];
	put("\nHi. This is the qmail-send program at mx1.example.com.\n");
	put("%s", ONE_OF("", "I'm afraid I wasn't able to deliver your message.\n"));
	put("\n");
	for (unsigned n = 1 + below(3); n > 0; n--) {
		write_address(to, sizeof to);
		make_reply(reply, sizeof reply, dsn, sizeof dsn);
		put("<%s>:\n", to);
		if (below(3)) {
			put("192.0.2.33 does not like recipient.\nRemote host said: ");
			put_words(reply, false);
			put("Giving up on 192.0.2.33.\n");
			want(to, MT_LOG_BOUNCED, dsn, reply);
		} else {
			put("Sorry, no mailbox here by that name.\n");
			want(to, MT_LOG_BOUNCED, "5.0.0", "Sorry, no mailbox here by that name.");
		}
		put("\n");
	}
	put("--- Below this line is a copy of the message.\n\n");
	put_baits();
}

static void put_exim(void)
{
	char to[64], reply[256], dsn[16];
	put_name("X-Failed-Recipients");
	put(": x@y.example\n\nThis message was created automatically by mail delivery "
	    "software.\n\n");
	for (unsigned n = 1 + below(3); n > 0; n--) {
		write_address(to, sizeof to);
		make_reply(reply, sizeof reply, dsn, sizeof dsn);
		put("  %s\n    SMTP error from remote mail server after RCPT TO:<%s>:\n    ", to,
		    to);
		put_words(reply, false);
		put(n > 1 && below(2) ? "" : "\n");
		want(to, MT_LOG_BOUNCED, dsn, reply);
	}
	put("------ This is a copy of the message, including all the headers. ------\n");
	put_baits();
}

/* ---- mails that are none ---- */

static void put_other(void)
{
	put("%s\n", ONE_OF("Content-Type: text/plain\n",
			   "Content-Type: multipart/mixed;\n"
			   " boundary=\"bait\"\n",
			   "Subject: Hi. This is the qmail-send program\n", ""));
	put_baits();
}

static void write_mailbox(void)
{
	box.n = box.mails = box.count = 0;
	for (unsigned n = 1 + below(7); n > 0; n--) {
		put_envelope();
		switch (below(5)) {
		case 0:
		case 1:
			put_report();
			break;
		case 2:
			put_qsbmf();
			break;
		case 3:
			put_exim();
			break;
		default:
			put_other();
		}
	}
}

/* ---- reading ---- */

static void copy(char *to, size_t size, struct mt_str s)
{
	size_t n = s.n < size - 1 ? s.n : size - 1;
	if (n)
		memcpy(to, s.p, n);
	to[n] = '\0';
}

static void take(void *data, const struct mt_log_seen *event)
{
	struct mailbox *to = data;
	if (to->count == MOST)
		return;
	struct recipient *r = &to->wanted[to->count++];
	assert_true(event->bounce);
	assert_int_equal(event->event->kind, MT_LOG_OUTBOUND);
	assert_true(event->event->reply.n <= 2048 && event->event->to.n <= 2048);
	r->status = event->event->status;
	r->mail = event->line;
	r->day = event->day;
	r->second = event->second;
	copy(r->to, sizeof r->to, event->event->to);
	copy(r->reply, sizeof r->reply, event->event->reply);
	copy(r->dsn, sizeof r->dsn, event->event->dsn);
}

/* All of text, in blocks of whole lines as they come. */
static void read_mailbox(const char *text, size_t n)
{
	static const struct mt_backend *const none[] = {NULL};
	struct mt_arena *arena = mt_arena_new((size_t)4 << 20);
	struct mt_log_reader *reader =
		mt_log_reader_new(arena, none, (struct mt_log_sink){take, &seen});
	struct mt_log_input input = {.now = {.year = 2060, .month = 1, .day = 1},
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
	if (n > 5)
		assert_int_equal(facts.kind, MT_LOG_MAILBOX);
	if (seen.count < MOST)
		assert_int_equal(facts.claimed, seen.count);
	mt_arena_free(arena);
}

/* The first `count` of what was wanted are the first that were seen. */
static void assert_same(size_t count)
{
	assert_true(seen.count >= count);
	for (size_t i = 0; i < count; i++) {
		const struct recipient *a = &seen.wanted[i], *b = &box.wanted[i];
		if (a->status != b->status || a->mail != b->mail || a->day != b->day ||
		    a->second != b->second || strcmp(a->to, b->to) != 0 ||
		    strcmp(a->dsn, b->dsn) != 0 || strcmp(a->reply, b->reply) != 0)
			fail_msg("mail %zu, %s %s %s, not mail %zu, %s %s %s, of\n%s", a->mail,
				 a->to, a->dsn, a->reply, b->mail, b->to, b->dsn, b->reply,
				 box.text);
	}
}

static void each_recipient_is_read(void **state)
{
	size_t all = 0, mails = 0;
	(void)state;
	for (unsigned i = 0; i < MAILBOXES; i++) {
		write_mailbox();
		read_mailbox(box.text, box.n);
		assert_same(box.count);
		if (seen.count != box.count)
			fail_msg("%zu instead of %zu in\n%s", seen.count, box.count, box.text);
		all += box.count;
		mails += box.mails;
	}
	print_message("# %zu recipients of %zu mails\n", all, mails);
	assert_true(all > MAILBOXES && mails > all / 3);
}

static void lines_may_end_with_crlf(void **state)
{
	static char text[2 * sizeof box.text];
	(void)state;
	for (unsigned i = 0; i < MAILBOXES / 10; i++) {
		size_t n = 0;
		write_mailbox();
		for (size_t k = 0; k < box.n; k++) {
			if (box.text[k] == '\n')
				text[n++] = '\r';
			text[n++] = box.text[k];
		}
		read_mailbox(text, n);
		assert_same(box.count);
		assert_int_equal(seen.count, box.count);
	}
}

/* How many recipients the mails before byte `at` have. */
static size_t whole_before(size_t at, size_t *mails)
{
	size_t count = 0;
	*mails = 0;
	while (*mails < box.mails && box.begins[*mails] < at)
		++*mails;
	while (count < box.count && box.wanted[count].mail < *mails)
		count++;
	return count;
}

static void a_cut_costs_the_mail_it_is_in(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MAILBOXES; i++) {
		size_t mails, least, most;
		write_mailbox();
		size_t at = 1 + below((uint32_t)box.n);
		read_mailbox(box.text, at);
		least = whole_before(at, &mails);
		most = least;
		while (most < box.count && box.wanted[most].mail == mails)
			most++;
		assert_same(least);
		assert_true(seen.count <= most);
	}
}

static void damage_costs_no_mail_before_it(void **state)
{
	static char text[sizeof box.text];
	(void)state;
	for (unsigned i = 0; i < MAILBOXES; i++) {
		size_t mails, first;
		write_mailbox();
		memcpy(text, box.text, box.n);
		first = 5 + below((uint32_t)box.n - 5);
		text[first] = (char)below(256);
		for (unsigned n = below(20); n > 0; n--)
			text[first + below((uint32_t)(box.n - first))] =
				ONE_OF("\n", "<", ":", "-", " ", "F", "\r", "\200")[0];
		read_mailbox(text, box.n);
		assert_same(whole_before(first + 1, &mails));
	}
}

static void a_long_reply_is_cut(void **state)
{
	static char text[65536];
	(void)state;
	int n = snprintf(text, sizeof text,
			 "From x Fri Nov  7 10:00:00 2025\nContent-Type: multipart/report; "
			 "boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
			 "Final-Recipient: rfc822; a@b.example\nAction: failed\n"
			 "Diagnostic-Code: smtp; %030000d\n\n",
			 7);
	read_mailbox(text, (size_t)n);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.wanted[0].to, "a@b.example");
	assert_string_equal(seen.wanted[0].dsn, "5.0.0");
}

int main(void)
{
	draw_begin();
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_recipient_is_read),
		cmocka_unit_test(lines_may_end_with_crlf),
		cmocka_unit_test(a_cut_costs_the_mail_it_is_in),
		cmocka_unit_test(damage_costs_no_mail_before_it),
		cmocka_unit_test(a_long_reply_is_cut),
	};
	return cmocka_run_group_tests_name("bounce", tests, NULL, NULL);
}
