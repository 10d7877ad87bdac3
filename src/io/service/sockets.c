/* SPDX-License-Identifier: ISC */
/* sockets.c: from /proc: who is below whom, and who holds what. */
#include "io/service/sockets.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 32 /* processes between a delivery and the daemon */
#define NAME_CUT  15

static void read_processes(struct mt_owners *o)
{
	size_t room = 256;
	o->process = mt_alloc(o->scratch, room * sizeof *o->process);
	DIR *proc = opendir("/proc");
	for (struct dirent *e; proc && (e = readdir(proc));) {
		unsigned long pid;
		if (!mt_str_number(mt_str_of(e->d_name), INT_MAX, &pid))
			continue;
		if (o->count == room) {
			struct mt_process_info *more =
				mt_alloc(o->scratch, 2 * room * sizeof *more);
			memcpy(more, o->process, room * sizeof *more);
			o->process = more;
			room *= 2;
		}
		o->count += mt_process_read((int64_t)pid, &o->process[o->count]);
	}
	if (proc)
		closedir(proc);
}

static const struct mt_process_info *process_of(const struct mt_owners *o, int64_t pid)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->process[i].process.pid == pid)
			return &o->process[i];
	return NULL;
}

static bool is_sender(const struct mt_owners *o, const char *name)
{
	for (const char *const *s = o->senders; s && *s; s++)
		if (strncmp(*s, name, NAME_CUT) == 0)
			return true;
	return !o->senders;
}

/* Below the daemon, and a sender or below one. */
static bool is_of_daemon(const struct mt_owners *o, const struct mt_process_info *p)
{
	bool sends = false;
	for (int depth = 0; p && depth < DEPTH_MAX; depth++) {
		sends = sends || is_sender(o, p->name);
		if (mt_process_same(p->process, o->daemon))
			return sends;
		p = process_of(o, p->parent);
	}
	return false;
}

static bool process_holds(struct mt_owners *o, int64_t pid, unsigned long inode)
{
	char path[64], wanted[48], target[48];
	bool found = false;
	snprintf(path, sizeof path, "/proc/%lld/fd", (long long)pid);
	int length = snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
	DIR *dir = opendir(path);
	if (!dir)
		o->denied = o->denied || errno == EACCES || errno == EPERM;
	for (struct dirent *e; dir && !found && (e = readdir(dir));)
		found = readlinkat(dirfd(dir), e->d_name, target, sizeof target) == length &&
			memcmp(target, wanted, (size_t)length) == 0;
	if (dir)
		closedir(dir);
	return found;
}

const struct mt_process_info *mt_owner_named(struct mt_owners *o, int64_t pid, bool *sends)
{
	if (!o->process)
		read_processes(o);
	const struct mt_process_info *p = process_of(o, pid);
	*sends = is_of_daemon(o, p);
	return p;
}

struct mt_process *mt_owner_all(struct mt_owners *o, struct mt_arena *arena, size_t *count)
{
	if (!o->process)
		read_processes(o);
	struct mt_process *all = mt_alloc(arena, (o->count + 1) * sizeof *all);
	*count = 0;
	for (size_t i = 0; i < o->count; i++)
		if (is_of_daemon(o, &o->process[i]))
			all[(*count)++] = o->process[i].process;
	return all;
}

const struct mt_process_info *mt_owner_of(struct mt_owners *o, unsigned long inode)
{
	if (!inode)
		return NULL;
	if (!o->process)
		read_processes(o);
	for (size_t i = 0; i < o->count; i++)
		if (is_of_daemon(o, &o->process[i]) &&
		    process_holds(o, o->process[i].process.pid, inode))
			return &o->process[i];
	return NULL;
}
