/* SPDX-License-Identifier: ISC */
/*
 * registry.h: the backends of this run: modules NAME.so of one folder, or, in a build with
 * --disable-modules, those linked in.
 *
 * A module is loaded only if mt_trust_open() accepts it and its folder (a sticky folder is not good
 * enough), if it exports `mt_backend`, if that carries our MT_ABI and says the file's NAME. A refused
 * module never stops the others; it is kept by name, for the finding HOST-MODULE-REFUSED.
 *
 * Modules stay loaded (and their descriptors open) until the program ends.
 */
#ifndef MT_REGISTRY_H
#define MT_REGISTRY_H

#include <mtapin/backend.h>

#define MT_MODULES_MAX 64

struct mt_refused_module {
	const char *path; /* the module; the folder when it could not be listed */
	const char *where; /* what is at fault: the module, its folder or one above */
	const char *why; /* one clause */
	struct mt_refused_module *next;
};

struct mt_registry {
	const struct mt_backend *const *backends; /* sorted by name, NULL-terminated */
	const char *const *paths; /* of each backend; "" when linked in */
	size_t count;
	const struct mt_refused_module *refused;
};

/* `dir` NULL: the folder of the installation. Never fails: what is wrong is in `refused`. */
void mt_registry_load(struct mt_arena *arena, const char *dir, struct mt_registry *registry);
/* Append HOST-MODULE-REFUSED for each refused module. */
void mt_registry_findings(const struct mt_registry *registry, struct mt_model *model);

#endif
