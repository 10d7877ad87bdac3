/* SPDX-License-Identifier: ISC */
/* host.c: a host with Postfix from any bytes (whole.h). */
#include "whole.h"

extern const struct mt_backend mt_backend_postfix;

static const struct mt_backend *const backends[] = {&mt_backend_postfix, NULL};
static const char *const names[] = {"/etc/postfix/main.cf",
				    "/etc/postfix/master.cf",
				    "names",
				    "source",
				    "addr",
				    "route",
				    "tcp",
				    "owner",
				    "init",
				    "nat"};

static void one(struct mt_arena *arena, struct mt_str input)
{
	static const struct whole whole = {backends, names, MT_ARRAY_LEN(names), NULL};
	whole_run(arena, &whole, input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
