/* SPDX-License-Identifier: ISC */
/*
 * log_bounce.h: what the mails of an mbox report as not delivered: the delivery-status part of RFC 3464, QSBMF
 * (cr.yp.to/proto/qsbmf.txt), and Exim's text behind X-Failed-Recipients. Only the report counts, never the mail
 * that it returns, which may be a report itself.
 *
 * BUGS: a report that is encoded (base64) or lies in an mbox with a length per message is not read.
 */
#ifndef MT_LOG_BOUNCE_H
#define MT_LOG_BOUNCE_H

#include "core/log/log_frame.h"

struct mt_log_bounce;
struct mt_log_bounce *mt_log_bounce_new(struct mt_arena *arena);
/* A new mailbox. */
void mt_log_bounce_begin(struct mt_log_bounce *b);
/* The next line; line.p NULL: the end. True: *event (outbound, its strings valid until the next line) is one
 * recipient of a report, *stamp the time of its delivery. */
bool mt_log_bounce_line(struct mt_log_bounce *b, struct mt_str line, struct mt_log_event *event,
			struct mt_log_stamp *stamp);
/* At the end: an event may be left. */
bool mt_log_bounce_more(const struct mt_log_bounce *b);
/* The number of the mail that the last event came from, from 1. */
size_t mt_log_bounce_number(const struct mt_log_bounce *b);

#endif
