/* SPDX-License-Identifier: ISC */
/*
 * log_scan.c: a marker is found by two of its bytes that seldom stand so. 64 bytes are compared at once with
 * the vectors that every x86-64 has; other machines use what the compiler makes of the plain loop.
 */
#include "core/log_scan.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

void mt_log_scan_init(struct mt_log_scan *scan, const struct mt_log_marker *markers)
{
	*scan = (struct mt_log_scan){0};
	for (; markers->text && scan->count < MT_LOG_SCAN_MAX; markers++) {
		scan->length[scan->count] = strlen(markers->text);
		scan->marker[scan->count++] = markers;
	}
}

/* Is `p`, where the pair was seen, inside a marker? Its start, or NULL. */
static const char *verify(const struct mt_log_scan *scan, const char *begin, const char *p,
			  const char *end)
{
	for (size_t i = 0; i < scan->count; i++) {
		const struct mt_log_marker *m = scan->marker[i];
		const char *start = p - m->at;
		size_t n = scan->length[i];
		if ((size_t)(p - begin) >= m->at && (size_t)(end - start) >= n &&
		    *start == *m->text && start[n - 1] == m->text[n - 1] &&
		    memcmp(start, m->text, n) == 0)
			return start;
	}
	return NULL;
}

static const char *slowly(const struct mt_log_scan *scan, const char *begin, const char *p,
			  const char *end)
{
	for (; p < end; p++)
		for (size_t i = 0; i < scan->count; i++) {
			const struct mt_log_marker *m = scan->marker[i];
			if (*p != m->text[m->at])
				continue;
			const char *start = verify(scan, begin, p, end);
			if (start)
				return start;
		}
	return NULL;
}

#ifdef __SSE2__
#define PAIRS 3 /* compared in every block; more are taken by the plain loop */
#define STEP  64

struct pairs {
	__m128i a[PAIRS], b[PAIRS];
	size_t gap[PAIRS];
	size_t reach; /* bytes behind a block that are looked at */
};

static void pairs_of(const struct mt_log_scan *scan, struct pairs *pairs)
{
	pairs->reach = 0;
	for (size_t i = 0; i < PAIRS; i++) {
		const struct mt_log_marker *m = scan->marker[i < scan->count ? i : 0];
		pairs->a[i] = _mm_set1_epi8(m->text[m->at]);
		pairs->b[i] = _mm_set1_epi8(m->text[m->at + m->gap]);
		pairs->gap[i] = m->gap;
		if (m->gap > pairs->reach)
			pairs->reach = m->gap;
	}
}

static inline __m128i load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* Positions of 16 bytes at which one of the pairs begins. */
static inline __m128i seen(const struct pairs *w, const char *p)
{
	__m128i v = load(p);
	__m128i x = _mm_and_si128(_mm_cmpeq_epi8(v, w->a[0]),
				  _mm_cmpeq_epi8(load(p + w->gap[0]), w->b[0]));
	__m128i y = _mm_and_si128(_mm_cmpeq_epi8(v, w->a[1]),
				  _mm_cmpeq_epi8(load(p + w->gap[1]), w->b[1]));
	__m128i z = _mm_and_si128(_mm_cmpeq_epi8(v, w->a[2]),
				  _mm_cmpeq_epi8(load(p + w->gap[2]), w->b[2]));
	return _mm_or_si128(_mm_or_si128(x, y), z);
}

static uint64_t mask(__m128i v, unsigned shift)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(v) << shift;
}

static const char *quickly(const struct mt_log_scan *scan, const char *p, const char *end)
{
	struct pairs w;
	const char *begin = p;
	pairs_of(scan, &w);
	for (; (size_t)(end - p) >= STEP + w.reach; p += STEP) {
		__m128i a = seen(&w, p), b = seen(&w, p + 16), c = seen(&w, p + 32),
			d = seen(&w, p + 48);
		__m128i any = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
		if (!_mm_movemask_epi8(any))
			continue;
		uint64_t bits = mask(a, 0) | mask(b, 16) | mask(c, 32) | mask(d, 48);
		for (; bits; bits &= bits - 1) {
			const char *start = verify(scan, begin, p + __builtin_ctzll(bits), end);
			if (start)
				return start;
		}
	}
	return slowly(scan, begin, p, end);
}
#endif

const char *mt_log_scan_next(const struct mt_log_scan *scan, const char *p, const char *end)
{
#ifdef __SSE2__
	if (scan->count <= PAIRS)
		return quickly(scan, p, end);
#endif
	return slowly(scan, p, p, end);
}
