/* SPDX-License-Identifier: ISC */
/*
 * packed_stream.h: the bytes of a log: a plain file, or one packed by gzip (also several members) or zstd. Packed is told by
 * the first bytes, not by the name.
 */
#ifndef MT_STREAM_H
#define MT_STREAM_H

#include <sys/types.h>

#include <mtapin/base.h>

struct mt_stream;
/* Takes over the descriptor. NULL: out of memory. */
struct mt_stream *mt_stream_new(int fd);
/* Bytes read; 0: the end; -1: error code 2, `where` is `name`. Data cut off in the middle are an error behind what
 * could be read of them. */
ssize_t mt_stream_read(struct mt_stream *stream, const char *name, char *buf, size_t size,
		       struct mt_error *error);
int mt_stream_fd(const struct mt_stream *stream);
bool mt_stream_packed(const struct mt_stream *stream); /* known after the first read */
void mt_stream_free(struct mt_stream *stream);

#endif
