/* SPDX-License-Identifier: ISC */
/*
 * logline.h: any lines as those of one log format, past its frame: up to the first blank the tag, then the message. What
 * an event says lies in the line, in the scratch or in what was remembered; a class and a status that exist.
 */
#ifndef LOGLINE_H
#define LOGLINE_H

#include "fuzz.h"

#include "core/log/log_cause.h"
#include "core/log/log_reader.h"

static const struct mt_log_format *fuzz_format;

static volatile unsigned fuzz_total;

/* Every byte can be read: the sanitizer judges. */
static inline unsigned fuzz_sum(struct mt_str s)
{
	unsigned sum = 0;
	for (size_t i = 0; i < s.n; i++)
		sum += (unsigned char)s.p[i];
	return sum;
}

static inline void fuzz_line(struct mt_log_scratch *scratch, struct mt_str text)
{
	struct mt_log_line line = {.message = text};
	struct mt_log_event e = {0};
	mt_str_word(&line.message, " ", &line.tag);
	if (line.message.n)
		line.message = mt_str_part(line.message, 1, line.message.n - 1);
	fuzz_format->claims(line.tag);
	fuzz_format->read(scratch, &line, &e);
	FUZZ_HOLDS(e.kind < MT_LOG_CLASSES && e.status <= MT_LOG_GONE);
	FUZZ_HOLDS(e.kind != MT_LOG_OUTBOUND || e.status != MT_LOG_NONE);
	fuzz_total = fuzz_sum(e.id) + fuzz_sum(e.to) + fuzz_sum(e.relay) + fuzz_sum(e.reply) +
		     fuzz_sum(e.dsn);
}

static void fuzz_lines(struct mt_arena *arena, struct mt_str input)
{
	/* two megabytes are made once: what was remembered stays */
	static struct mt_arena *kept;
	static struct mt_log_scratch scratch;
	(void)arena;
	if (!kept) {
		kept = mt_arena_new((size_t)8 << 20);
		scratch.memo = mt_log_memo_new(kept);
	}
	struct mt_str line;
	while (mt_str_line(&input, &line)) {
		/* a line of its own size: what reads past its end is seen */
		char *own = malloc(line.n ? line.n : 1);
		if (!own)
			abort();
		memcpy(own, line.p, line.n);
		fuzz_line(&scratch, (struct mt_str){own, line.n});
		free(own);
	}
}

#define FUZZ_LOG(format)                                                                           \
	extern const struct mt_log_format format;                                                  \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                               \
	{                                                                                          \
		fuzz_format = &format;                                                             \
		return fuzz_run(fuzz_lines, data, size);                                           \
	}

#endif
