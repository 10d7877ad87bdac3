/* SPDX-License-Identifier: ISC */
#include "test.h"

#include <mtapin/snapshot.h>

#define N     "0123456789abcdef0123456789abcdef"
#define BEGIN N " begin mtapin 1\n" N " host 1700000000 raw mx1\n"
#define DONE  N " done\n"
#define FILE_(path, length, bytes)                                                                 \
	N " file f present 644 0 0 1 1700000000 " length " " path "\n" N " data " length           \
	  "\n" bytes "\n" N " end\n"
#define PROBE(name, bytes) N " probe present " name "\n" N " data -\n" bytes "\n" N " end 0\n"

static struct mt_arena *arena;
static struct mt_error error;

static int setup(void **state)
{
	(void)state;
	arena = mt_arena_new((size_t)64 << 20);
	error = (struct mt_error){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mt_arena_free(arena);
	return 0;
}

static const struct mt_snapshot *decode(struct mt_str bundle)
{
	struct mt_snapshot *snapshot = NULL;
	assert_int_equal(mt_bundle_decode(arena, bundle, &snapshot, &error), 0);
	assert_non_null(snapshot->facts);
	return snapshot;
}

static void whole(void **state)
{
	(void)state;
	const struct mt_snapshot *s = decode(MT_STR(
		BEGIN FILE_("/etc/postfix/main.cf", "5", "a = b") N
		" file f absent - - - - - - /etc/x y\n" N " end\n" PROBE("addr", "one\ntwo\n") N
		" file d present 755 0 8 2 1 4096 /etc/dir\n" N " end\n" DONE));
	assert_true(s->complete && !s->redacted && !s->rooted);
	assert_string_equal(s->host, "mx1");
	assert_int_equal(s->time, 1700000000);
	assert_int_equal(s->count, 4);
	const struct mt_item *f = mt_snapshot_file(s, "/etc/postfix/main.cf");
	assert_int_equal(f->presence, MT_PRESENT);
	assert_str(f->bytes, "a = b");
	assert_int_equal(f->mode, 0644);
	assert_int_equal(f->mtime, 1700000000);
	assert_int_equal(f->nlink, 1);
	f = mt_snapshot_file(s, "/etc/x y");
	assert_int_equal(f->presence, MT_ABSENT);
	assert_int_equal(f->mode, -1);
	assert_str(mt_snapshot_probe(s, "addr")->bytes, "one\ntwo\n");
	assert_int_equal(mt_snapshot_file(s, "addr")->presence, MT_UNASKED);
	assert_int_equal(mt_snapshot_file(s, "/etc/dir")->presence, MT_PRESENT);
	assert_int_equal(mt_snapshot_file(s, "/etc/dir")->type, 'd');
	assert_int_equal(mt_snapshot_file(s, "/nowhere")->presence, MT_UNASKED);
}

static void noise_is_skipped(void **state)
{
	(void)state;
	const struct mt_snapshot *s = decode(MT_STR(
		"Welcome to mx1\n\033[31m\0NUL\n0123456789ABCDEF0123456789abcdef begin mtapin 1\n" N
		"begin mtapin 1\n" N " beginning\n" BEGIN "stray line\n" FILE_("/f", "1", "x") N
		" newword what\n" DONE "logout\n" FILE_("/g", "1", "x")));
	assert_true(s->complete);
	assert_int_equal(s->count, 1);
	assert_str(mt_snapshot_file(s, "/f")->bytes, "x");
	/* a login script set the title of a terminal, and ended no line */
	s = decode(MT_STR("\033]0;mx1\a\0" BEGIN FILE_("/f", "1", "x") DONE));
	assert_true(s->complete);
	assert_str(mt_snapshot_file(s, "/f")->bytes, "x");
}

static void content_cannot_forge_a_frame(void **state)
{
	(void)state;
	/* The length protects even against who knows the nonce, other text never looks like a frame. */
	const struct mt_snapshot *s = decode(
		MT_STR(BEGIN N " file f present 644 0 0 1 1 115 /f\n" N " data 115\n"
			       "\n" N " end\n" N " done\n0000000000000000000000000000000000 end\n"
			       "\n" N " end\n" DONE));
	assert_true(s->complete);
	assert_int_equal(s->count, 1);
	assert_int_equal(mt_snapshot_file(s, "/f")->bytes.n, 115);
	s = decode(MT_STR(BEGIN PROBE("p", "x\nffffffffffffffffffffffffffffffff end 0\n" N
					   "end\n " N " done\nlast") DONE));
	assert_true(s->complete);
	assert_int_equal(mt_snapshot_probe(s, "p")->bytes.n, 120);
}

static void exact_bytes(void **state)
{
	(void)state;
	const struct mt_snapshot *s =
		decode(MT_STR(BEGIN FILE_("/nul", "4", "a\0b\n") FILE_("/crlf", "3", "x\r\n") FILE_(
			"/latin", "2", "\xe4\xff") FILE_("/empty", "0", "") DONE));
	assert_int_equal(s->count, 4);
	assert_memory_equal(mt_snapshot_file(s, "/nul")->bytes.p, "a\0b\n", 4);
	assert_int_equal(mt_snapshot_file(s, "/nul")->bytes.n, 4);
	assert_str(mt_snapshot_file(s, "/crlf")->bytes, "x\r\n");
	assert_str(mt_snapshot_file(s, "/latin")->bytes, "\xe4\xff");
	assert_int_equal(mt_snapshot_file(s, "/empty")->presence, MT_PRESENT);
	assert_int_equal(mt_snapshot_file(s, "/empty")->bytes.n, 0);
}

static void wrong_length_fails_the_item_only(void **state)
{
	(void)state;
	static const char *const lengths[] = {"4",  "6", "0", "5000000000", "99999999999999999999",
					      "-1", "x", "",  "100",	    "+5"};
	for (size_t i = 0; i < MT_ARRAY_LEN(lengths); i++) {
		const char *text = mt_format(
			arena,
			"%s%s file f present 644 0 0 1 1 5 /bad\n%s data %s\nhello\n%s end\n%s%s",
			BEGIN, N, N, lengths[i], N, FILE_("/good", "1", "x"), DONE);
		const struct mt_snapshot *s = decode(mt_str_of(text));
		const struct mt_item *bad = mt_snapshot_file(s, "/bad");
		assert_int_equal(bad->presence, MT_FAILED);
		assert_string_equal(bad->why, "its contents are not as long as announced");
		assert_int_equal(bad->bytes.n, 0);
		assert_str(mt_snapshot_file(s, "/good")->bytes, "x");
		assert_true(s->complete);
	}
}

static void frames_out_of_order(void **state)
{
	(void)state;
	const struct mt_snapshot *s = decode(
		MT_STR(BEGIN N " end 0\n" N " data 3\nabc\n" N " end\n" N " link /x\n" N
			       " file f present 644 0 0 1 1 1 /no-data\n" N " end\n" N
			       " file f present 644 0 0 1 1 1 /no-end\n" FILE_("/ok", "1", "x") N
		       " file f present 644 0 0 1 1 1 relative\n" N " data 1\nx\n" N " end\n" N
		       " file f present 644 0 0 1 1 1 /tab\there\n" N " data 1\nx\n" N " end\n" N
		       " file f denied 600 0 0 1 1 1 /denied\n" N " data 1\nx\n" N " end\n" N
		       " file p failed 600 0 0 1 1 1 /fifo\n" N " end\n" N
		       " file f sometimes 600 0 0 1 1 1 /odd\n" N " end\n" N
		       " file f unasked 600 0 0 1 1 1 /table.db\n" N " why a binary table\n" N
		       " end\n" DONE));
	assert_int_equal(s->count, 7);
	assert_string_equal(mt_snapshot_file(s, "/no-data")->why, "its contents are missing");
	assert_string_equal(mt_snapshot_file(s, "/no-end")->why, "its end is missing");
	assert_str(mt_snapshot_file(s, "/ok")->bytes, "x");
	assert_int_equal(mt_snapshot_file(s, "/denied")->presence, MT_DENIED);
	assert_int_equal(mt_snapshot_file(s, "/denied")->bytes.n, 0);
	assert_string_equal(mt_snapshot_file(s, "/denied")->why, "no permission");
	assert_string_equal(mt_snapshot_file(s, "/fifo")->why, "not a regular file");
	assert_int_equal(mt_snapshot_file(s, "/odd")->presence, MT_FAILED);
	assert_string_equal(mt_snapshot_file(s, "/table.db")->why, "a binary table");
}

static void the_first_of_a_name_counts(void **state)
{
	(void)state;
	const struct mt_snapshot *s = decode(MT_STR(BEGIN FILE_("/f", "1", "1") PROBE(
		"f", "p") FILE_("/f", "1", "2") FILE_("/a", "1", "a") FILE_("/f", "1", "3") DONE));
	assert_int_equal(s->count, 3);
	assert_str(mt_snapshot_file(s, "/f")->bytes, "1");
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		struct mt_str bundle;
		const char *message;
	} bad[] = {
		{{"", 0}, "not a bundle: it has no `begin'"},
		{MT_STR("hello\n"), "not a bundle: it has no `begin'"},
		{MT_STR(N " begin mtapin 1"), "not a bundle: it has no `begin'"},
		{MT_STR(N " begin mtapin 2\n" DONE), "a bundle of another version than 1"},
		{MT_STR(N " begin mtapin \n" DONE), "a bundle of another version than 1"},
	};
	struct mt_snapshot *s = NULL;
	for (size_t i = 0; i < MT_ARRAY_LEN(bad); i++) {
		error = (struct mt_error){0};
		assert_int_equal(mt_bundle_decode(arena, bad[i].bundle, &s, &error), -1);
		assert_string_equal(error.message, bad[i].message);
		assert_null(s);
	}
	error = (struct mt_error){0};
	char *flood = mt_alloc(arena, MT_BUNDLE_MAX + 1);
	assert_int_equal(
		mt_bundle_decode(arena, (struct mt_str){flood, MT_BUNDLE_MAX + 1}, &s, &error), -1);
}

/* Cut anywhere it is incomplete, and no half item is taken for a whole one. */
static void truncated_anywhere(void **state)
{
	(void)state;
	const char text[] = BEGIN FILE_("/f", "6", "a = b\n") PROBE("tcp", "x\ny\n") N
		" file d present 755 0 0 2 1 1 /d\n" N " link /e\n" N " end\n" DONE;
	for (size_t n = 0; n < sizeof text - 1; n++) {
		char *copy = mt_alloc(arena, n + 1);
		memcpy(copy, text, n);
		struct mt_snapshot *s = NULL;
		error = (struct mt_error){0};
		if (mt_bundle_decode(arena, (struct mt_str){copy, n}, &s, &error) < 0) {
			assert_true(n < strlen(N " begin mtapin 1\n"));
			continue;
		}
		assert_false(s->complete);
		const struct mt_item *f = mt_snapshot_file(s, "/f");
		assert_true(f->presence != MT_PRESENT || f->bytes.n == 6);
		const struct mt_item *p = mt_snapshot_probe(s, "tcp");
		assert_true(p->presence != MT_PRESENT || p->bytes.n == 4);
	}
	assert_true(decode(MT_STR(BEGIN FILE_("/f", "6", "a = b\n") DONE))->complete);
}

static void too_many_items(void **state)
{
	(void)state;
	struct mt_text t = MT_TEXT_INIT(arena);
	mt_text_add(&t, MT_STR(BEGIN));
	for (int i = 0; i < MT_ITEMS_MAX + 1; i++)
		mt_text_addf(&t, "%s probe absent %d\n%s end 0\n", N, i, N);
	mt_text_add(&t, MT_STR(DONE));
	const struct mt_snapshot *s = decode(mt_text_str(&t));
	assert_int_equal(s->count, MT_ITEMS_MAX);
	assert_false(s->complete);
	assert_int_equal(mt_snapshot_probe(s, "77")->presence, MT_ABSENT);
}

static void too_big_item(void **state)
{
	(void)state;
	struct mt_text t = MT_TEXT_INIT(arena);
	char *bytes = mt_alloc(arena, MT_ITEM_MAX + 1);
	memset(bytes, 'x', MT_ITEM_MAX + 1);
	mt_text_addf(&t, "%s%s probe present big\n%s data -\n", BEGIN, N, N);
	mt_text_add(&t, (struct mt_str){bytes, MT_ITEM_MAX + 1});
	mt_text_addf(&t, "\n%s end 0\n%s", N, DONE);
	const struct mt_snapshot *s = decode(mt_text_str(&t));
	assert_int_equal(mt_snapshot_probe(s, "big")->presence, MT_TOO_BIG);
	assert_int_equal(mt_snapshot_probe(s, "big")->bytes.n, 0);
	assert_true(s->complete);
}

static void foreign_items_are_capped(void **state)
{
	(void)state;
	struct mt_text t = MT_TEXT_INIT(arena);
	struct mt_str bytes = {mt_alloc(arena, MT_FOREIGN_ITEM_MAX + 1), MT_FOREIGN_ITEM_MAX + 1};
	mt_text_addf(&t, "%s", BEGIN);
	for (unsigned more = 0; more < 2; more++) {
		mt_text_addf(&t, "%s probe present p%u\n%s data -\n", N, more, N);
		mt_text_add(&t, mt_str_part(bytes, 0, MT_FOREIGN_ITEM_MAX + more));
		mt_text_addf(&t, "\n%s end 0\n", N);
	}
	mt_text_add(&t, MT_STR(DONE));
	struct mt_snapshot *s;
	assert_int_equal(mt_bundle_decode(arena, mt_text_str(&t), &s, &error), 0);
	assert_int_equal(mt_snapshot_probe(s, "p1")->presence, MT_PRESENT);
	mt_snapshot_cap(s, MT_FOREIGN_ITEM_MAX);
	assert_int_equal(mt_snapshot_probe(s, "p0")->presence, MT_PRESENT);
	assert_int_equal(mt_snapshot_probe(s, "p1")->presence, MT_TOO_BIG);
	assert_int_equal(mt_snapshot_probe(s, "p1")->bytes.n, 0);
}

static void modes(void **state)
{
	(void)state;
	const struct mt_snapshot *s = decode(MT_STR(
		N " begin mtapin 1\n" N " host - redacted,tree \n" FILE_("/f", "0", "") DONE));
	assert_true(s->redacted && s->rooted);
	assert_int_equal(s->time, 0);
	assert_string_equal(s->host, "");
}

static void with(void **state)
{
	(void)state;
	const struct mt_snapshot *s = decode(
		MT_STR(BEGIN FILE_("/b", "1", "b") FILE_("/d", "1", "d") PROBE("p", "p") DONE));
	static const char *const paths[] = {"/a", "/b", "/c", "/d", "/e"};
	for (size_t i = 0; i < MT_ARRAY_LEN(paths); i++) {
		const struct mt_snapshot *w = mt_snapshot_with(arena, s, paths[i], MT_STR("new"));
		assert_str(mt_snapshot_file(w, paths[i])->bytes, "new");
		assert_int_equal(mt_snapshot_file(w, paths[i])->presence, MT_PRESENT);
		assert_int_equal(w->count, s->count + (i % 2 == 0));
		assert_str(mt_snapshot_probe(w, "p")->bytes, "p");
	}
	assert_str(mt_snapshot_file(s, "/b")->bytes, "b");
	assert_int_equal(mt_snapshot_file(s, "/b")->mode, 0644);
	assert_int_equal(s->count, 3);
	const struct mt_snapshot *w = mt_snapshot_with(arena, s, "/b", (struct mt_str){NULL, 0});
	assert_int_equal(mt_snapshot_file(w, "/b")->mode, 0644);
	assert_int_equal(mt_snapshot_file(w, "/b")->bytes.n, 0);
	assert_string_equal(mt_presence_name(MT_TOO_BIG), "too big");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(whole),
		T(noise_is_skipped),
		T(content_cannot_forge_a_frame),
		T(exact_bytes),
		T(wrong_length_fails_the_item_only),
		T(frames_out_of_order),
		T(the_first_of_a_name_counts),
		T(refused),
		T(truncated_anywhere),
		T(too_many_items),
		T(too_big_item),
		T(foreign_items_are_capped),
		T(modes),
		T(with),
	};
	return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
