/* SPDX-License-Identifier: ISC */
/*
 * logfile.h: logs and mailboxes of this host into a reader: names and globs, standard input ("-"), the journal, and
 * by default what is here. Memory does not grow with the files.
 *
 * BUGS: the year of stamps without one is counted from the time a file was written; packed files are taken to hold
 * one new year at most.
 */
#ifndef MT_LOGFILE_H
#define MT_LOGFILE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "core/log/log_reader.h"

/* What came of one input. */
struct mt_logfile {
	const char *name;
	struct mt_log_facts facts;
	uint64_t bytes; /* unpacked */
	unsigned
		long_lines; /* lines longer than MT_LOG_LINE_MAX: only their beginning was looked at */
	bool rotated; /* while it was read */
	bool mailbox;
	int fd; /* opened, to be read; -1: it was not, or is over */
	bool regular, named; /* named: its name is a path */
	struct mt_log_input input;
	struct stat before; /* of a regular one, as it was opened */
	struct mt_error error; /* why it could not be read (to its end); code 0: it was */
	struct mt_logfile *next;
};
#define MT_LOG_LINE_MAX ((size_t)256 << 10)

struct mt_logs {
	struct mt_arena *arena;
	struct mt_log_reader *reader;
	bool every_line;
	/* seconds since the epoch: files of a glob last written before, and lines of the journal from before, are
	 * left out */
	int64_t not_before;
	/* before each input is read; may be NULL */
	void (*entering)(void *data, const char *name);
	void *data;
	struct mt_logfile *files, **last;
	pid_t journal; /* who runs journalctl; 0: nobody */
	struct mt_error *journal_error; /* what it says of that, shared with it */
};

/* First find and open what is to be read: */
void mt_logs_begin(struct mt_logs *logs);
/* A name or, where none exists so, a glob; "-": standard input. */
void mt_logs_read(struct mt_logs *logs, const char *name);
/* The logs that syslog writes, those of the backends' formats, else the journal; then root's mailbox. The
 * number of inputs; 0: there are none here. */
size_t mt_logs_default(struct mt_logs *logs, const struct mt_backend *const *backends);
/* What the journal has of the mail facility, from not_before on. */
void mt_logs_journal(struct mt_logs *logs);

/* ... then read it all, in this order, into the reader, and nothing else is asked of the system than to read these
 * descriptors: in a child that has nothing (confined.h). */
void mt_logs_parse(struct mt_logs *logs);
/* ... and here again: close them, see what has become of them meanwhile. */
void mt_logs_end(struct mt_logs *logs);

/* The local time now, and the zone's offset in seconds. */
int64_t mt_logs_now(long *utc_offset);

#endif
