/* SPDX-License-Identifier: ISC */
/*
 * coverage.c: linked into every program and module of the coverage build, and into nothing else.
 *
 * gcov writes its counters when a process ends by exit(). Of ours many do not: a confined child may open no file, others
 * are killed, also while they write, by tests that let system calls fail. So the counters, which coverage.ld has in pages
 * of their own, are a file that all processes of a program share, COUNTERS/BUILD-ID; nothing is left to do at the end.
 * Once COUNTERS/told is there a program writes them in gcov's form, and ends before main(); with COUNTERS_STAY in the
 * environment it goes on, so that its modules do the same.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern char counters_begin[], counters_end[];
void __gcov_dump(void);
void __wrap___gcov_exit(void);

struct object {
	char path[4096]; /* of its counters */
	bool module;
};

static bool holds(const struct dl_phdr_info *info, const ElfW(Phdr) *part)
{
	uintptr_t begin = info->dlpi_addr + part->p_vaddr, at = (uintptr_t)counters_begin;
	return part->p_type == PT_LOAD && at >= begin && at < begin + part->p_memsz;
}

static void name_by(struct object *object, const char *note, const char *end)
{
	const ElfW(Nhdr) *head = (const void *)note;
	while (note + sizeof *head < end && head->n_type != NT_GNU_BUILD_ID) {
		note += sizeof *head + ((head->n_namesz + 3) & ~3u) + ((head->n_descsz + 3) & ~3u);
		head = (const void *)note;
	}
	if (note + sizeof *head >= end)
		return;
	const unsigned char *id = (const void *)(note + sizeof *head + ((head->n_namesz + 3) & ~3u));
	char *to = object->path + sprintf(object->path, COUNTERS "/");
	for (unsigned i = 0; i < head->n_descsz; i++)
		to += sprintf(to, "%02x", id[i]);
}

/* The object that this copy of the file is linked into. */
static int find(struct dl_phdr_info *info, size_t size, void *data)
{
	struct object *object = data;
	bool ours = false;
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++)
		ours |= holds(info, &info->dlpi_phdr[i]);
	for (int i = 0; ours && i < info->dlpi_phnum; i++) {
		const char *at = (const char *)info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		if (info->dlpi_phdr[i].p_type == PT_NOTE && !*object->path)
			name_by(object, at, at + info->dlpi_phdr[i].p_memsz);
	}
	object->module = *info->dlpi_name;
	return ours;
}

/* Behind gcov's own constructors, which have 100. Where the file cannot be had the counters are the process's own. */
__attribute__((constructor(101))) static void share_counters(void)
{
	struct object object = {0};
	size_t n = (size_t)(counters_end - counters_begin);
	if (!n || !dl_iterate_phdr(find, &object) || !*object.path)
		return;
	int fd = open(object.path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return;
	fchmod(fd, 0666); /* other users' too */
	if (ftruncate(fd, (off_t)n) == 0)
		mmap(counters_begin, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	close(fd);
	if (access(COUNTERS "/told", F_OK) != 0 || (!object.module && getenv("COUNTERS_STAY")))
		return;
	__gcov_dump();
	if (!object.module)
		_exit(0);
}

void __wrap___gcov_exit(void)
{
}
