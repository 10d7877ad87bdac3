/* SPDX-License-Identifier: ISC */
/*
 * log_reader.h: from the bytes of logs and mailboxes to events. Told apart by their first line: a mailbox
 * ("From "), a journal's export, a log. Of a log whose formats all have markers only the lines that hold one are
 * looked at, once the first block and the head of every further one showed no other format.
 *
 * BUGS: another MTA's lines between those of one with markers are missed if no head of a block (256 KiB as the
 * shell reads) shows one; `every_line` reads all.
 */
#ifndef MT_LOG_READER_H
#define MT_LOG_READER_H

#include "core/log/log_frame.h"
#include <mtapin/backend.h>

/* One event with its day. */
struct mt_log_seen {
	const struct mt_log_event *event;
	long day; /* since the epoch; MT_LOG_NO_DAY: the line has no date */
	int second;
	size_t line; /* 1-based; 0: lines are not counted */
	bool bounce; /* from a mailbox */
};
#define MT_LOG_NO_DAY (-1000000L)

struct mt_log_sink {
	void (*take)(void *data, const struct mt_log_seen *seen);
	void *data;
};

struct mt_log_input {
	struct mt_log_stamp now; /* no line is later: when the file was written, or today */
	int rolls; /* new years between its first and last line, where that is known; else -1 */
	long utc_offset; /* seconds */
	bool every_line; /* count lines, and look at each */
};

/* What a file turned out to be. */
enum mt_log_kind { MT_LOG_EMPTY, MT_LOG_LINES, MT_LOG_MAILBOX, MT_LOG_EXPORT };
struct mt_log_facts {
	enum mt_log_kind kind;
	size_t framed; /* lines with a stamp, of those looked at */
	size_t claimed; /* lines of a format that is known */
	bool nul; /* the first block holds a NUL byte */
};

struct mt_log_reader;
struct mt_log_reader *mt_log_reader_new(struct mt_arena *arena,
					const struct mt_backend *const *backends,
					struct mt_log_sink sink);
void mt_log_reader_begin(struct mt_log_reader *reader, const struct mt_log_input *input);
/* Whole lines (the last of a file may lack its LF). */
void mt_log_reader_block(struct mt_log_reader *reader, struct mt_str block);
void mt_log_reader_end(struct mt_log_reader *reader, struct mt_log_facts *facts);
/* New years between these lines of one file, in its order: how often the month runs backwards. */
int mt_log_rolls(const struct mt_str *lines, size_t count);

/* Within the core. */
struct mt_log_memo *mt_log_memo_new(struct mt_arena *arena);
uint64_t mt_log_hash(uint64_t seed, struct mt_str s);

#endif
