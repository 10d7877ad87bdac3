/* SPDX-License-Identifier: ISC */
/*
 * ssh.c: what ssh, or a host through it, says on stderr, told apart. The first bytes are how it ended. The cause is one
 * that is known, and the line that says so is of what was said.
 */
#include "core/audit/ssh_error.h"
#include "fuzz.h"

static void one(struct mt_arena *arena, struct mt_str input)
{
	(void)arena;
	if (input.n < 3)
		return;
	unsigned flags = (unsigned char)input.p[0];
	struct mt_ending ending = {.ssh = flags & 1,
				   .sudo = flags & 2,
				   .begun = flags & 4,
				   .done = flags & 8,
				   .timed_out = flags & 16,
				   .overflow = flags & 32,
				   .status = (unsigned char)input.p[1],
				   .before = (enum mt_cause)((unsigned char)input.p[2] % MT_CAUSES),
				   .err = mt_str_part(input, 3, input.n - 3)};
	struct mt_str detail = {0};
	enum mt_cause cause = mt_cause_of(&ending, &detail);
	FUZZ_HOLDS(cause < MT_CAUSES && mt_cause_row(cause)->name);
	FUZZ_HOLDS(fuzz_inside(detail, ending.err));
	FUZZ_HOLDS(!detail.n || !memchr(detail.p, '\n', detail.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
