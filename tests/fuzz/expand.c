/* SPDX-License-Identifier: ISC */
/* expand.c: every parameter of any main.cf, and the input itself, expanded: an error or a value, soon. */
#include "fuzz.h"

#include "backends/postfix/expand.h"

static void expand(const struct pf_scope *scope, struct mt_str name)
{
	struct mt_str value;
	struct mt_error error = {0};
	if (pf_expand(scope, name, &value, &error))
		FUZZ_HOLDS(error.message[0]);
	else
		FUZZ_HOLDS(!value.n || value.p);
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	struct pf_maincf file;
	struct mt_str value;
	struct mt_error error = {0};
	struct pf_scope scope = {.arena = arena,
				 .maincf = &file,
				 .hostname = "mail.example.org",
				 .config_directory = "/etc/postfix",
				 .mynetworks = ""};
	pf_maincf_parse(arena, "main.cf", input, &file);
	for (const struct pf_entry *e = file.entries; e; e = e->next)
		expand(&scope, e->name);
	expand(&scope, MT_STR("inet_interfaces"));
	expand(&scope, MT_STR("mydestination"));
	if (pf_expand_text(&scope, input, &value, &error))
		FUZZ_HOLDS(error.message[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
