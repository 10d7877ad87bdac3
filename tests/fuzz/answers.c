/* SPDX-License-Identifier: ISC */
/*
 * answers.c: a message of a name server, read as an answer of each type. The first byte is the type. Values are printable
 * and few, only an answered one has any, and what goes through the pipe of the child that read it comes out the same.
 */
#include "core/audit/examined.h"
#include "fuzz.h"
#include "io/dns/dns.h"

static void one(struct mt_arena *arena, struct mt_str input)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_answer answer = {.name = "mail.example.com", .resolver = ""}, read;
	if (!input.n)
		return;
	answer.type = (enum mt_dns_type)((unsigned char)input.p[0] % MT_DNS_TYPES);
	mt_dns_message(arena, mt_str_part(input, 1, input.n - 1), &answer);
	FUZZ_HOLDS(answer.count <= MT_DNS_VALUES && answer.status < MT_DNS_STATUSES);
	FUZZ_HOLDS((answer.status == MT_DNS_ANSWERED) == (answer.count > 0));
	for (unsigned i = 0; i < answer.count; i++) {
		FUZZ_HOLDS(strlen(answer.value[i]) < MT_DNS_VALUE + 8);
		for (const char *p = answer.value[i]; *p; p++)
			FUZZ_HOLDS(*p >= ' ' && *p <= '~');
	}
	mt_wire_put(&text, &mt_wire_answer, &answer);
	FUZZ_HOLDS(mt_wire_get(arena, mt_text_str(&text), NULL, &mt_wire_answer, &read));
	FUZZ_HOLDS(read.count == answer.count && read.status == answer.status);
	for (unsigned i = 0; i < answer.count; i++)
		FUZZ_HOLDS(strcmp(read.value[i], answer.value[i]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
