/* SPDX-License-Identifier: ISC */
/* Files of hosts: every name that is taken is one ssh cannot misread, and stands there once. */
#include "core/audit/host_list.h"
#include "fuzz.h"

static void one(struct mt_arena *arena, struct mt_str input)
{
	struct mt_error error = {0};
	struct mt_hosts *hosts = mt_hosts_new(arena);
	/* ranges cost by their numbers, not by their bytes */
	hosts->named = 10 * (size_t)MT_HOSTS_MAX - 3000;
	int bad = mt_hosts_add_file(hosts, input, "f", &error);
	FUZZ_HOLDS(!bad == !error.code && (!bad || error.code == MT_EXIT_USAGE));
	for (size_t i = 0; i < hosts->count; i++) {
		const char *name = hosts->host[i].name;
		FUZZ_HOLDS(*name && *name != '-' && strlen(name) <= MT_HOST_NAME_MAX);
		FUZZ_HOLDS(!strpbrk(name, " \t\r\n/;$`'\"\\[],"));
	}
	size_t count = hosts->count;
	struct mt_error again = {0};
	if (!bad)
		FUZZ_HOLDS(mt_hosts_add_file(hosts, input, "f", &again) == 0 || again.code);
	FUZZ_HOLDS(hosts->count == count || bad);
	if (mt_hosts_exclude(hosts, input, "-x", &again) == 0)
		FUZZ_HOLDS(hosts->count <= count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
