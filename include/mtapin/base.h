/* SPDX-License-Identifier: ISC */
/*
 * base.h: the words every part of mtapin shares: byte strings, arenas, errors, text buffers.
 *
 * Everything here is pure: no file, clock, socket or locale. The functions live in src/core/ and are
 * exported by the program, so a backend module links against nothing.
 */
#ifndef MTAPIN_BASE_H
#define MTAPIN_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The plugin interface changes until 1.0 without notice: a module carries the number it was built
 * with, and any other number is refused. */
#define MT_ABI 4

#define MT_MUST_CHECK	__attribute__((warn_unused_result))
#define MT_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define MT_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Exit codes that are not the result of a command (sysexits.h names the first two). */
enum mt_exit {
	MT_EXIT_OK = 0,
	MT_EXIT_CHANGE = 1, /* a change is proposed, or findings, or not as expected */
	MT_EXIT_FAILED = 2, /* could not read; refused or failed, the host is as before */
	MT_EXIT_PERSON = 3, /* a person must look */
	MT_EXIT_PARTIAL = 4, /* audit: some hosts were not examined */
	MT_EXIT_USAGE = 64,
	MT_EXIT_CONFIG = 78,
};

/* ---- byte strings -------------------------------------------------------------------------------
 * Any bytes, NUL included; not terminated. The bytes belong to whoever made them, usually an arena.
 */
struct mt_str {
	const char *p;
	size_t n;
};

#define MT_STR(literal) ((struct mt_str){(literal), sizeof(literal) - 1})
#define MT_STR_FMT(s)	(int)(s).n, (s).p /* for "%.*s" */

struct mt_str mt_str_of(const char *cstring);
bool mt_str_eq(struct mt_str a, struct mt_str b);
bool mt_str_is(struct mt_str a, const char *cstring);
bool mt_str_starts(struct mt_str a, const char *prefix);
/* First occurrence; NULL: none. An empty needle is at the start. */
const char *mt_str_find(struct mt_str s, struct mt_str needle);
static inline bool mt_str_has(struct mt_str s, const char *needle)
{
	return mt_str_find(s, mt_str_of(needle)) != NULL;
}
/* Take it off the beginning; false: something else is there. */
static inline bool mt_str_skip(struct mt_str *s, const char *prefix)
{
	size_t n = mt_str_of(prefix).n;
	if (!mt_str_starts(*s, prefix))
		return false;
	s->p += n;
	s->n -= n;
	return true;
}
/* Of ASCII, whatever the locale. */
static inline bool mt_is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool mt_is_alnum(char c)
{
	return mt_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/* Equal where letters of ASCII count the same in either size. */
bool mt_str_same(struct mt_str a, struct mt_str b);
/* What follows the last `c`: the domain of an address behind '@'. Empty where there is none. */
struct mt_str mt_str_after(struct mt_str s, char c);
/* Without white space ([ \t\n\v\f\r]) at both ends. */
struct mt_str mt_str_trim(struct mt_str s);
/* `n` bytes of it from `at`; the part without bytes of one that has none (p NULL) is one too. */
static inline struct mt_str mt_str_part(struct mt_str s, size_t at, size_t n)
{
	struct mt_str part = {s.p ? s.p + at : s.p, n}; /* no compound literal: C++ has none */
	return part;
}
/* Cut the next line (without its LF) off *rest; false when nothing is left. A last line without LF counts. */
bool mt_str_line(struct mt_str *rest, struct mt_str *line);
/* Cut the next word, separated by any byte of `seps`, off *rest; false when none is left. */
bool mt_str_word(struct mt_str *rest, const char *seps, struct mt_str *word);
/* A decimal number that fills the whole string, at most `max`; false else. */
bool mt_str_number(struct mt_str s, unsigned long max, unsigned long *value);

/* ---- arenas -------------------------------------------------------------------------------------
 * All memory of one host comes from one arena with a budget; nothing is freed alone. An allocation
 * never returns NULL: beyond the budget, or when the system has no more, mt_out_of_memory() is called,
 * which calls the handler (it must not return; the default aborts).
 */
struct mt_arena;
struct mt_arena *mt_arena_new(size_t budget);
/* For what is needed only for a while: its budget is what is left of the other's. */
struct mt_arena *mt_arena_beside(const struct mt_arena *arena);
void mt_arena_free(struct mt_arena *arena); /* NULL is accepted */
size_t mt_arena_used(const struct mt_arena *arena); /* bytes that were given out */
/* Forget everything allocated but keep the first block for reuse. */
void mt_arena_reset(struct mt_arena *arena);
/* The next `size` bytes are there: asking for them does not run out of memory. */
void mt_arena_reserve(struct mt_arena *arena, size_t size);
/* Zeroed, aligned for any object. */
void *mt_alloc(struct mt_arena *arena, size_t size) __attribute__((malloc, returns_nonnull));
/* Make what was allocated last longer where it is; false: it is not the last, or there is no room behind it. */
bool mt_extend(struct mt_arena *arena, const void *p, size_t size, size_t longer);
char *mt_strdup(struct mt_arena *arena, const char *s) __attribute__((returns_nonnull));
/* A terminated copy; a NUL inside ends it for C readers. */
char *mt_strz(struct mt_arena *arena, struct mt_str s) __attribute__((returns_nonnull));
struct mt_str mt_str_copy(struct mt_arena *arena, struct mt_str s);
char *mt_format(struct mt_arena *arena, const char *fmt, ...) MT_PRINTF(2, 3)
	__attribute__((returns_nonnull));
char *mt_vformat(struct mt_arena *arena, const char *fmt, va_list args) MT_PRINTF(2, 0)
	__attribute__((returns_nonnull));
/* The one before. */
void (*mt_set_oom_handler(void (*handler)(void)))(void);
void mt_out_of_memory(void) __attribute__((noreturn));

#define MT_NEW(arena, type) ((type *)mt_alloc((arena), sizeof(type)))

/* ---- growing text -------------------------------------------------------------------------------
 * Lives in an arena; `s` is always valid to read. Growth leaves the old bytes behind in the arena.
 */
struct mt_text {
	struct mt_arena *arena;
	char *p;
	size_t n, cap;
};
#define MT_TEXT_INIT(a)                                                                            \
	{                                                                                          \
		.arena = (a)                                                                       \
	}
void mt_text_add(struct mt_text *t, struct mt_str s);
void mt_text_addf(struct mt_text *t, const char *fmt, ...) MT_PRINTF(2, 3);
struct mt_str mt_text_str(const struct mt_text *t);
/* Terminated, valid until the next addition. */
const char *mt_text_z(struct mt_text *t) __attribute__((returns_nonnull));

/* ---- maps ---------------------------------------------------------------------------------------
 * From texts to pointers. The bytes of a key are not copied; nothing is taken out again. What grows with a
 * configuration is looked up here, so that twice the services cost twice the time. Keys that collide on
 * purpose cost more: who chooses them harms only himself.
 */
struct mt_map {
	struct mt_arena *arena;
	struct mt_map_slot *slot; /* open addressing; `slots` is a power of two, or 0 */
	size_t slots, count;
};
#define MT_MAP_INIT(a)                                                                             \
	{                                                                                          \
		.arena = (a)                                                                       \
	}
/* Make room at once for as many as will come. */
void mt_map_reserve(struct mt_map *map, size_t count);
/* `value` is not NULL; it replaces an older one. */
void mt_map_put(struct mt_map *map, struct mt_str key, const void *value);
const void *mt_map_get(const struct mt_map *map, struct mt_str key); /* NULL: it has none */

/* ---- lists --------------------------------------------------------------------------------------
 * NULL-terminated texts that may become many: `item` is NULL while there is none.
 */
struct mt_list {
	const char **item;
	size_t n, room;
};
void mt_list_push(struct mt_arena *arena, struct mt_list *list, const char *text);
/* Append to a NULL-terminated list of texts (copied shallowly into the arena). */
void mt_list_add(struct mt_arena *arena, const char *const **list, const char *text);
bool mt_list_has(const char *const *list, const char *text); /* `list` may be NULL */

/* ---- errors -------------------------------------------------------------------------------------
 * The first error wins; `where` is "path:line", a host or empty. Functions that can fail return 0 or
 * -1 and take a struct mt_error * last.
 */
struct mt_error {
	int code; /* an exit code, 0: no error */
	char id[32]; /* stable id when it is a refusal ("" else) */
	char where[1024];
	char message[1024];
};
/* Record (unless one is there already) and return -1. `where` may be NULL. */
int mt_fail(struct mt_error *error, int code, const char *where, const char *fmt, ...)
	MT_PRINTF(4, 5);

#ifdef __cplusplus
}
#endif

#endif
