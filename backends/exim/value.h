/* SPDX-License-Identifier: ISC */
/* value.h: what stands behind a name, by its kind: unquoted, and refused where Exim refuses it. */
#ifndef EX_VALUE_H
#define EX_VALUE_H

#include "lines.h"

/* The word or "..." that *s begins with, its escapes replaced; *s is behind it. Never fails: a quote may be missing. */
struct mt_str ex_dequote(struct mt_arena *arena, struct mt_str *s);
/* A whole value, that of `name`; NULL: Exim dies. */
const char *ex_read_string(struct ex_reader *reader, struct mt_str s, const char *name);
/* A name; blanks around it are skipped. Empty: there is none. Of one that is too long Exim dies: see config->error. */
struct mt_str ex_read_name(struct ex_reader *reader, struct mt_str *s);
/* As strtol() does it; *over: more than a long holds. False: there is none. */
bool ex_read_number(struct mt_str *s, int base, long *value, bool *over);
/* "1w2d3h4m5s" in seconds up to `end` ('\0': its end), -1: it is none; *s is behind it. */
long ex_read_time(struct mt_str *s, char end);
/*
 * The value of an option: `s` begins behind its name, with '=' or what stands there instead. `name` is as written, with
 * `negated` "no_" or "not_" in front. Fills value and boolean. False: Exim dies.
 */
bool ex_read_value(struct ex_reader *reader, const struct ex_known *known, const char *name,
		   bool negated, struct mt_str s, struct ex_option *option);
bool ex_fail_extra(struct ex_reader *reader, struct mt_str s, const char *what);

/* One rule of the rewrite section, or of headers_rewrite; *envelope: it is not for headers alone. */
bool ex_read_rewrite(struct ex_reader *reader, struct mt_str s, bool *envelope);
bool ex_read_retry(struct ex_reader *reader, struct mt_str s);
/* An item of a list with `separator` (0: the list says it, else ':'); false: there is none left. */
bool ex_next_item(struct mt_arena *arena, struct mt_str *list, char *separator,
		  struct mt_str *item);

#endif
