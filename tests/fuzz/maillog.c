/* SPDX-License-Identifier: ISC */
/* maillog.c: any bytes as a log, a mailbox or an export. Every string of an event lies in the line or ends in time;
 * counts hold together; reading by markers never finds more than reading every line. */
#include "fuzz.h"

#include "core/log/log_tally.h"

extern const struct mt_log_format pf_log, qm_log, ex_log, sm_log, os_log;

static const struct mt_backend formats[] = {{.name = "exim", .log = &ex_log},
					    {.name = "opensmtpd", .log = &os_log},
					    {.name = "postfix", .log = &pf_log},
					    {.name = "qmail", .log = &qm_log},
					    {.name = "sendmail", .log = &sm_log}};
static const struct mt_backend *const all[] = {&formats[0], &formats[1], &formats[2],
					       &formats[3], &formats[4], NULL};

static void take(void *data, const struct mt_log_seen *seen)
{
	mt_log_tally_add(data, seen);
}

static const struct mt_log_tally *count(struct mt_arena *arena, struct mt_str input,
					bool every_line)
{
	struct mt_log_tally *tally = mt_log_tally_new(arena, mt_log_causes_new(arena, true),
						      mt_log_providers_new(arena));
	struct mt_log_reader *reader =
		mt_log_reader_new(arena, all, (struct mt_log_sink){.take = take, .data = tally});
	struct mt_log_input in = {.now = {.year = 2026, .month = 11, .day = 24},
				  .rolls = -1,
				  .every_line = every_line};
	struct mt_log_facts facts;
	mt_log_reader_begin(reader, &in);
	mt_log_reader_block(reader, input);
	mt_log_reader_end(reader, &facts);
	return tally;
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	const struct mt_log_tally *slow = count(arena, input, true),
				  *quick = count(arena, input, false);
	const struct mt_log_counts *n = &slow->total;
	uint64_t causes = 0;
	for (int c = 1; c < MT_CAUSES; c++)
		causes += slow->cause[c].deferred + slow->cause[c].bounced;
	FUZZ_HOLDS(causes == n->deferred + n->bounced);
	FUZZ_HOLDS(n->address <= causes);
	FUZZ_HOLDS(quick->total.sent <= n->sent && quick->total.bounced <= n->bounced);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
