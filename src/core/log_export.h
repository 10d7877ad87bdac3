/* SPDX-License-Identifier: ISC */
/*
 * log_export.h: systemd's Journal Export Format (systemd.io/JOURNAL_EXPORT_FORMATS), field by field. An entry
 * becomes a frame at its empty line. BUGS: of a field that is not text (a name alone, eight bytes of length,
 * the bytes) only the first line is kept.
 */
#ifndef MT_LOG_EXPORT_H
#define MT_LOG_EXPORT_H

#include "core/log_frame.h"

struct mt_log_export {
	char tag[64];
	char message[4096];
	size_t tag_length, message_length;
	size_t line; /* of the message */
	int64_t seconds; /* since the epoch; 0 unknown */
	bool binary; /* the next line begins with the length of MESSAGE */
};

/* True: an entry is complete; *frame lives until the next line. */
bool mt_log_export_line(struct mt_log_export *e, struct mt_str line, size_t number, long utc_offset,
			struct mt_log_frame *frame);

#endif
