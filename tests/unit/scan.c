/* SPDX-License-Identifier: ISC */
/*
 * scan.c: every way to look for markers finds what a search byte by byte finds, and touches no byte outside. Inputs are
 * drawn: bytes of the markers, whole ones, cut and bent ones, of every length around the widths of the vectors, between
 * two pages that cannot be read.
 */
#include "test.h"

#include <sys/mman.h>
#include <unistd.h>

#include "core/log/log_scan.h"
#include "draw.h"

#define DRAWN 20000
#define MOST  640 /* bytes an input: ten steps of 64 */

static const struct mt_log_marker sets[][MT_LOG_MARKERS + 1] = {
	{{"status=", 4}, {"denied", 3}, {"bind ", 0}, {0}},
	{{"aab", 0}, {"aba", 0}, {0}},
	{{"aaaaaa", 3}, {0}},
	{{"xyz", 0}, {"a long marker, longer than any vector of sixteen", 30}, {"zyx", 0}, {0}},
};
#define SETS (sizeof sets / sizeof *sets)

/* The definition: of all markers that stand whole in [p, end) the one whose byte at `at` comes first. */
static const char *searched(const struct mt_log_marker *markers, const char *p, const char *end)
{
	for (const char *q = p; q < end; q++)
		for (const struct mt_log_marker *m = markers; m->text; m++) {
			size_t n = strlen(m->text);
			if ((size_t)(q - p) >= m->at && (size_t)(end - q) + m->at >= n &&
			    memcmp(q - m->at, m->text, n) == 0)
				return q - m->at;
		}
	return NULL;
}

static size_t draw(const struct mt_log_marker *markers, char *text)
{
	size_t size = below(8) ? below(160) : below(MOST), n = 0, count = 0;
	/* in one of four inputs there is hardly anything, hence something far behind the start */
	uint32_t rare = below(4) ? 4 : 200;
	while (markers[count].text)
		count++;
	while (n < size) {
		const char *marker = markers[below((uint32_t)count)].text;
		size_t length = strlen(marker), kind = below(rare);
		if (kind == 0 && n + length <= size) {
			memcpy(text + n, marker, length);
			n += length;
		} else if (kind == 1) {
			size_t part = 1 + below((uint32_t)length);
			part = part < size - n ? part : size - n;
			memcpy(text + n, marker + below((uint32_t)(length - part + 1)), part);
			n += part;
		} else if (kind == 2) {
			text[n++] = marker[below((uint32_t)length)];
		} else {
			text[n++] = (char)below(256);
		}
	}
	return size;
}

/* A place of MOST bytes between two pages that nobody may read. */
static char *fenced(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(area != MAP_FAILED && page >= MOST);
	assert_int_equal(mprotect(area + page, page, PROT_READ | PROT_WRITE), 0);
	return area + page;
}

static size_t hits; /* of the searches of one way */

static void compare(const struct mt_log_scan_way *way, const struct mt_log_marker *markers,
		    const char *p, const char *end)
{
	struct mt_log_scan scan;
	mt_log_scan_init(&scan, markers);
	scan.next = way->next;
	for (const char *hit = p; hit; p = hit + 1) {
		const char *wanted = searched(markers, p, end);
		hit = mt_log_scan_next(&scan, p, end);
		if (hit != wanted)
			fail_msg("%s, set %zu: %td, not %td, of %td bytes", way->name,
				 (size_t)((const struct mt_log_marker(*)[MT_LOG_MARKERS + 1])
						  markers -
					  sets),
				 hit ? hit - p : -1, wanted ? wanted - p : -1, end - p);
		hits += hit != NULL;
	}
}

static void all_ways_find_the_same(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), ways = 0;
	char *first = fenced(), *last = first + page;
	const struct mt_log_scan_way *way;
	(void)state;
	for (; (way = mt_log_scan_way(ways)) != NULL; ways++) {
		hits = 0;
		for (unsigned i = 0; i < DRAWN; i++) {
			const struct mt_log_marker *markers = sets[below(SETS)];
			char text[MOST];
			size_t n = draw(markers, text);
			memcpy(last - n, text, n);
			compare(way, markers, last - n, last);
			memcpy(first, text, n);
			compare(way, markers, first, first + n);
		}
		print_message("# %s: %zu markers found in %u inputs\n", way->name, hits, 2 * DRAWN);
		assert_true(hits > DRAWN);
	}
	assert_true(ways > 0);
}

/* The names are what a machine has: where the wide ones are missing the others are still looked through. */
static void the_plain_loop_is_the_last(void **state)
{
	size_t ways = 0;
	(void)state;
	while (mt_log_scan_way(ways))
		ways++;
	assert_string_equal(mt_log_scan_way(ways - 1)->name, "plain");
#if defined __x86_64__ && defined __GNUC__
	assert_string_equal(mt_log_scan_way(ways - 2)->name, "sse2");
#endif
	struct mt_log_scan scan;
	mt_log_scan_init(&scan, sets[0]);
	assert_true(scan.next == mt_log_scan_way(0)->next);
}

int main(void)
{
	draw_begin();
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ways_find_the_same),
		cmocka_unit_test(the_plain_loop_is_the_last),
	};
	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
