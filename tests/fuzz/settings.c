/* SPDX-License-Identifier: ISC */
/* settings.c: any bytes as the configuration file: read, or refused with a line. */

#include "fuzz.h"
#include "io/settings/settings.h"

/* The method is looked up in the tables of backends. */
static const struct mt_method methods[] = {{.name = "service", .title = "by service"}, {0}};
static const struct mt_backend backend = {.name = "fuzz", .methods = methods};
static const struct mt_backend *const backends[] = {&backend, NULL};

static void one(struct mt_arena *arena, struct mt_str input)
{
	struct mt_settings settings;
	struct mt_settings_file file = {"mtapin.conf", input, backends};
	struct mt_error error = {0};
	if (mt_settings_parse(arena, &file, &settings, &error) != 0) {
		FUZZ_HOLDS(error.code == MT_EXIT_CONFIG && error.where[0] && error.message[0]);
		return;
	}
	FUZZ_HOLDS(!settings.method || !strcmp(settings.method, "service"));
	FUZZ_HOLDS(settings.keep_backups >= 1 && settings.service_timeout >= 1);
	for (const struct mt_dnsbl *list = settings.lists; list; list = list->next)
		FUZZ_HOLDS(list->codes && list->zone && !list->dead);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
