/* SPDX-License-Identifier: ISC */
/* core/host/snapshot.h: what the decoder, the items and the host facts share among themselves. */
#ifndef MT_CORE_SNAPSHOT_H
#define MT_CORE_SNAPSHOT_H

#include <mtapin/snapshot.h>

/* Sort by (probe, name) and drop later items of a name that was there before. */
void mt_snapshot_sort(struct mt_snapshot *snapshot);

/* Never NULL. */
const struct mt_host *mt_host_read(const struct mt_snapshot *snapshot);

/* The pieces of it, each in a file of its own. `text` is what one tool or /proc file printed. */
void mt_host_read_addresses(const struct mt_snapshot *snapshot, struct mt_host *host);
void mt_host_read_sources(const struct mt_snapshot *snapshot, struct mt_host *host);
void mt_host_read_sockets(const struct mt_snapshot *snapshot, struct mt_host *host);

/*
 * A line of /proc/net/tcp or tcp6; false: it is none. The addresses are those of a CPU that stores the low byte
 * first until mt_socket_settle() was told otherwise, and v4-mapped ones are not yet IPv4.
 */
bool mt_socket_parse(struct mt_str line, struct mt_socket *socket);
void mt_socket_settle(struct mt_socket *socket, bool big_endian);
/* A connection to port 25, 465 or 587 of another host, or one that was. */
bool mt_socket_is_mail(const struct mt_socket *socket);

/*
 * The answers inside the probe `ip`, which holds one run of `ip -o -force -batch -`: the lines it was
 * fed, an empty line, and what it printed. Every other question is `link show dev lo`, which prints a
 * line that nothing else prints: the mark between two answers. False when there is no such probe, or
 * no mark in it.
 */
struct mt_ip_answers {
	struct mt_str asked, printed;
};
bool mt_ip_answers(const struct mt_snapshot *snapshot, struct mt_ip_answers *answers);
/* The next question that is not the mark, and its answer. */
bool mt_ip_answer(struct mt_ip_answers *answers, struct mt_str *question, struct mt_str *answer);
/* The answer to one question; empty when it was not asked. */
struct mt_str mt_ip_text(const struct mt_snapshot *snapshot, const char *question);

/* The next word of a line; a backslash (the line break of `ip -o`) is white space too. */
static inline bool mt_field(struct mt_str *rest, struct mt_str *field)
{
	const char *p = rest->p, *end = p + rest->n;
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\\'))
		p++;
	const char *start = p;
	while (p < end && *p != ' ' && *p != '\t' && *p != '\\')
		p++;
	*field = (struct mt_str){start, (size_t)(p - start)};
	*rest = (struct mt_str){p, (size_t)(end - p)};
	return p > start;
}

size_t mt_count_lines(struct mt_str text);
/* A hexadecimal number that fills the string, of at most 8 digits. */
bool mt_hex(struct mt_str s, uint32_t *value);

#endif
