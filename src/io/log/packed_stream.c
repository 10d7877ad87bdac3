/* SPDX-License-Identifier: ISC */
/* packed_stream.c: plain and packed bytes. */
#include "io/log/packed_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum packing { UNKNOWN, PLAIN, GZIP, ZSTD };

struct mt_stream {
	int fd;
	enum packing packing;
	z_stream z;
	ZSTD_DStream *zstd;
	bool inside; /* a member or frame has begun and has not ended */
	bool ended; /* of the input */
	size_t at, have; /* unread part of `in` */
	unsigned char in[65536];
};

struct mt_stream *mt_stream_new(int fd)
{
	struct mt_stream *s = malloc(sizeof *s);
	if (!s) {
		close(fd);
		return NULL;
	}
	memset(s, 0, offsetof(struct mt_stream, in));
	s->fd = fd;
	return s;
}

int mt_stream_fd(const struct mt_stream *s)
{
	return s->fd;
}

bool mt_stream_packed(const struct mt_stream *s)
{
	return s->packing > PLAIN;
}

void mt_stream_free(struct mt_stream *s)
{
	if (!s)
		return;
	if (s->packing == GZIP)
		inflateEnd(&s->z);
	ZSTD_freeDStream(s->zstd);
	close(s->fd);
	free(s);
}

static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t n;
	do
		n = read(fd, buf, size);
	while (n < 0 && errno == EINTR);
	return n;
}

/* More input behind what is left of it. */
static int fill_input(struct mt_stream *s)
{
	if (s->at) {
		memmove(s->in, s->in + s->at, s->have - s->at);
		s->have -= s->at;
		s->at = 0;
	}
	ssize_t n = read_some(s->fd, s->in + s->have, sizeof s->in - s->have);
	if (n < 0)
		return -1;
	s->ended |= n == 0;
	s->have += (size_t)n;
	return 0;
}

static int begin_stream(struct mt_stream *s)
{
	while (s->have < 4 && !s->ended)
		if (fill_input(s) != 0)
			return -1;
	s->packing = PLAIN;
	if (s->have >= 2 && s->in[0] == 0x1f && s->in[1] == 0x8b)
		s->packing = inflateInit2(&s->z, 15 + 16) == Z_OK ? GZIP : PLAIN;
	else if (s->have >= 4 && memcmp(s->in, "\x28\xb5\x2f\xfd", 4) == 0)
		s->packing = (s->zstd = ZSTD_createDStream()) != NULL ? ZSTD : PLAIN;
	return 0;
}

static ssize_t plain(struct mt_stream *s, char *buf, size_t size)
{
	size_t n = s->have - s->at;
	if (!n)
		return read_some(s->fd, buf, size);
	n = n < size ? n : size;
	memcpy(buf, s->in + s->at, n);
	s->at += n;
	return (ssize_t)n;
}

/* One step of unpacking; -1: the data are bad. *done bytes were written. */
static int inflate_step(struct mt_stream *s, char *buf, size_t size, size_t *done)
{
	s->z.next_in = s->in + s->at;
	s->z.avail_in = (unsigned)(s->have - s->at);
	s->z.next_out = (unsigned char *)buf;
	s->z.avail_out = (unsigned)size;
	int result = inflate(&s->z, Z_NO_FLUSH);
	s->at = s->have - s->z.avail_in;
	*done = size - s->z.avail_out;
	s->inside = result != Z_STREAM_END;
	if (result == Z_STREAM_END)
		return inflateReset(&s->z) == Z_OK ? 0 : -1;
	return result == Z_OK || result == Z_BUF_ERROR ? 0 : -1;
}

static int zstd_step(struct mt_stream *s, char *buf, size_t size, size_t *done)
{
	ZSTD_inBuffer in = {s->in, s->have, s->at};
	ZSTD_outBuffer out = {buf, size, 0};
	size_t left = ZSTD_decompressStream(s->zstd, &out, &in);
	s->at = in.pos;
	*done = out.pos;
	s->inside = left != 0;
	return ZSTD_isError(left) ? -1 : 0;
}

static ssize_t packed(struct mt_stream *s, const char *name, char *buf, size_t size,
		      struct mt_error *error)
{
	for (;;) {
		if (s->at == s->have && !s->ended && fill_input(s) != 0)
			return -1;
		if (s->at == s->have && s->ended)
			return s->inside ? mt_fail(error, MT_EXIT_FAILED, name,
						   "ends in the middle of its packed data: it is "
						   "cut off; what came before was read")
					 : 0;
		size_t done;
		int bad = s->packing == GZIP ? inflate_step(s, buf, size, &done)
					     : zstd_step(s, buf, size, &done);
		if (done)
			return (ssize_t)done;
		if (bad)
			return mt_fail(error, MT_EXIT_FAILED, name,
				       "its packed data are damaged; what came before was read");
	}
}

ssize_t mt_stream_read(struct mt_stream *s, const char *name, char *buf, size_t size,
		       struct mt_error *error)
{
	ssize_t n = s->packing == UNKNOWN ? begin_stream(s) : 0;
	if (n == 0)
		n = s->packing == PLAIN ? plain(s, buf, size) : packed(s, name, buf, size, error);
	if (n < 0 && !error->code)
		mt_fail(error, MT_EXIT_FAILED, name, "%s", strerror(errno));
	return n;
}
