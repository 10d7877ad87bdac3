/* SPDX-License-Identifier: ISC */
/* registry.c: finds, checks and loads the backends. */
#include "registry.h"

#include <config.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <installed.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/sys/trust.h"

void mt_registry_findings(const struct mt_registry *registry, struct mt_model *model)
{
	for (const struct mt_refused_module *m = registry->refused; m; m = m->next)
		mt_model_find(model, NULL, "HOST-MODULE-REFUSED",
			      mt_origin(model->arena, m->where, 0, "", NULL), NULL,
			      "the backend %s was not loaded: %s: %s", m->path, m->where, m->why);
}

#ifndef MT_MODULES

#define MT_BACKEND(name) extern const struct mt_backend mt_backend_##name;
#include "backends.def"
#undef MT_BACKEND

#define MT_BACKEND(name) &mt_backend_##name,
static const struct mt_backend *const linked[] = {
#include "backends.def"
	NULL};
#undef MT_BACKEND

#define MT_BACKEND(name) "",
static const char *const no_transports[] = {
#include "backends.def"
	NULL};

void mt_registry_load(struct mt_arena *arena, const char *dir, struct mt_registry *registry)
{
	(void)arena;
	(void)dir;
	*registry = (struct mt_registry){
		.backends = linked, .paths = no_transports, .count = MT_ARRAY_LEN(linked) - 1};
}

#else

struct loading {
	struct mt_arena *arena;
	const struct mt_backend *backend[MT_MODULES_MAX + 1];
	const char *path[MT_MODULES_MAX + 1];
	size_t count;
	struct mt_refused_module *first, **last;
};

static void refuse(struct loading *l, const char *path, const char *where, const char *why)
{
	struct mt_refused_module *m = MT_NEW(l->arena, struct mt_refused_module);
	*m = (struct mt_refused_module){path, mt_strdup(l->arena, where), mt_strdup(l->arena, why),
					NULL};
	*l->last = m;
	l->last = &m->next;
}

/* Loaded through the descriptor that was checked. Never closed: the loader knows a library by its name, and
 * a number used again would be taken for the first one. */
static void *open_checked(const char *path, int fd)
{
	char name[64];
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	if (access(name, F_OK) != 0) /* no /proc: every folder of the path was checked as well */
		return dlopen(path, RTLD_NOW | RTLD_LOCAL);
	return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

/* What the loader says, without the name it knows the module by. */
static const char *load_error(void)
{
	const char *message = dlerror();
	const char *rest =
		strncmp(message, "/proc/self/fd/", 14) == 0 ? strstr(message, ": ") : NULL;
	return rest ? rest + 2 : message;
}

/* Why a loaded module cannot be used; NULL: it can. */
static const char *unusable(struct loading *l, const struct mt_backend *b, struct mt_str name)
{
	if (!b)
		return "does not export mt_backend";
	if (b->abi != MT_ABI)
		return mt_format(l->arena, "built for interface %u, this mtapin has %u", b->abi,
				 (unsigned)MT_ABI);
	if (!b->name || !mt_str_is(name, b->name))
		return "the name inside differs from the name of the file";
	if (!b->title || (b->detect ? !b->examine : !b->log))
		return "is incomplete";
	return mt_methods_fault(l->arena, b, l->backend);
}

static void load(struct loading *l, const char *path, struct mt_str name)
{
	struct mt_error error = {0};
	int fd;
	if (mt_trust_open(path, (struct mt_trust){.code = MT_EXIT_FAILED}, &fd, &error) != 0) {
		refuse(l, path, error.where, error.message);
		return;
	}
	void *module = open_checked(path, fd);
	if (!module) {
		refuse(l, path, path, load_error());
		return;
	}
	const struct mt_backend *backend = dlsym(module, "mt_backend");
	const char *why = unusable(l, backend, name);
	if (why) {
		refuse(l, path, path, why);
		return;
	}
	l->backend[l->count] = backend;
	l->path[l->count++] = path;
}

#define SUFFIX ".so"

static int is_module(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name), k = sizeof SUFFIX - 1;
	return n > k && entry->d_name[0] != '.' && strcmp(entry->d_name + n - k, SUFFIX) == 0;
}

static void load_named(struct loading *l, const char *dir, const char *file)
{
	struct mt_str name = {file, strlen(file) - (sizeof SUFFIX - 1)};
	load(l, mt_format(l->arena, "%s/%s", dir, file), mt_str_copy(l->arena, name));
}

static void load_folder(struct loading *l, const char *dir)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_module, alphasort);
	if (n < 0) {
		refuse(l, dir, dir, strerror(errno));
		return;
	}
	for (int i = 0; i < n; i++) {
		if (i < MT_MODULES_MAX)
			load_named(l, dir, entries[i]->d_name);
		free(entries[i]);
	}
	if (n > MT_MODULES_MAX)
		refuse(l, dir, dir, "holds too many modules: only the first ones were looked at");
	free(entries);
}

static const void *copy(struct mt_arena *arena, const void *from, size_t size)
{
	return memcpy(mt_alloc(arena, size), from, size);
}

void mt_registry_load(struct mt_arena *arena, const char *dir, struct mt_registry *registry)
{
	struct loading l = {.arena = arena};
	l.last = &l.first;
	load_folder(&l, dir ? dir : MT_BACKEND_DIR);
	size_t size = (l.count + 1) * sizeof(void *);
	*registry = (struct mt_registry){.backends = copy(arena, l.backend, size),
					 .paths = copy(arena, l.path, size),
					 .count = l.count,
					 .refused = l.first};
}

#endif
