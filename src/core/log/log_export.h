/* SPDX-License-Identifier: ISC */
/*
 * log_export.h: systemd's Journal Export Format (systemd.io/JOURNAL_EXPORT_FORMATS), field by field. An entry
 * becomes a frame at its empty line. A field that is not text is its name alone, eight bytes of length (the lowest
 * first), the bytes. BUGS: of a message of several lines only the first is kept.
 */
#ifndef MT_LOG_EXPORT_H
#define MT_LOG_EXPORT_H

#include "core/log/log_frame.h"

struct mt_log_export {
	char tag[64];
	char message[4096];
	size_t tag_length, message_length;
	size_t line; /* of the message */
	int64_t seconds; /* since the epoch; 0 unknown */
	/* of a field of bytes */
	bool bytes; /* its length or its bytes are next */
	bool of_message; /* they are kept: no line has ended yet */
	unsigned have; /* bytes of the length */
	uint64_t
		left; /* the length as far as it is known; then what is still to come, with the LF behind it */
};

/* `line` without its LF, but with a CR that is part of it. True: an entry is complete; *frame lives until the next line. */
bool mt_log_export_line(struct mt_log_export *e, struct mt_str line, size_t number, long utc_offset,
			struct mt_log_frame *frame);

#endif
