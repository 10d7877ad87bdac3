/* SPDX-License-Identifier: ISC */
/* observe.c: looks at the kernel's tables; whose a socket is, /proc/PID/fd tells. */
#include "observe.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/snapshot.h"
#include "io/confirm.h"

#define DEPTH_MAX 32 /* processes between a delivery and the daemon */
#define NAME_CUT  15

struct look {
	struct mt_arena *scratch;
	struct mt_observe *o;
	struct mt_process daemon;
	struct mt_process_info *process; /* all there are; NULL: not read yet */
	size_t count;
	bool denied; /* we may not see what one of the MTA's processes holds */
};

/* ---- links -------------------------------------------------------------------------------------- */

static struct mt_link link_of(const struct mt_socket *s)
{
	return (struct mt_link){s->local, s->remote, s->local_port, s->remote_port};
}

static bool same_link(const struct mt_link *a, const struct mt_link *b)
{
	return a->local_port == b->local_port && a->remote_port == b->remote_port &&
	       mt_addr_eq(a->local, b->local) && mt_addr_eq(a->remote, b->remote);
}

static bool in_list(const struct mt_link *list, size_t count, const struct mt_link *one)
{
	for (size_t i = 0; i < count; i++)
		if (same_link(&list[i], one))
			return true;
	return false;
}

const char *mt_link_text(struct mt_arena *arena, const struct mt_link *link)
{
	return mt_format(arena, "%s from %s to %s port %u", mt_family_name(link->local.family),
			 mt_addr_format(arena, link->local), mt_addr_format(arena, link->remote),
			 link->remote_port);
}

/* ---- beginning ---------------------------------------------------------------------------------- */

static bool leaves_host(const struct mt_observe *o, const struct mt_socket *s)
{
	return mt_socket_is_mail(s) && !mt_addr_eq(s->local, s->remote) &&
	       !(o->host && mt_host_addr(o->host, s->remote));
}

void mt_observe_told(struct mt_observe *o, unsigned ms)
{
	o->since = (mt_boot_ms() - (int64_t)ms) * sysconf(_SC_CLK_TCK) / 1000 + 1;
}

void mt_observe_begin(struct mt_arena *arena, struct mt_observe *o, struct mt_process daemon)
{
	struct mt_str text[MT_FAMILIES] = {{0}};
	size_t lines = 0, n = 0;
	mt_observe_told(o, 0);
	for (enum mt_family f = MT_V4; daemon.pid && f < MT_FAMILIES; f++)
		if (mt_sockets(arena, daemon.pid, f, &text[f]))
			lines += mt_count_lines(text[f]);
	struct mt_link *before = mt_alloc(arena, (lines + 1) * sizeof *before);
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		for (struct mt_socket s; mt_socket_next(&text[f], &s);)
			if (mt_socket_is_mail(&s))
				before[n++] = link_of(&s);
	o->before = before;
	o->before_count = n;
}

/* ---- whose is it -------------------------------------------------------------------------------- */

static void read_processes(struct look *look)
{
	size_t room = 256;
	look->process = mt_alloc(look->scratch, room * sizeof *look->process);
	DIR *proc = opendir("/proc");
	for (struct dirent *e; proc && (e = readdir(proc));) {
		unsigned long pid;
		if (!mt_str_number(mt_str_of(e->d_name), INT_MAX, &pid))
			continue;
		if (look->count == room) {
			struct mt_process_info *more =
				mt_alloc(look->scratch, 2 * room * sizeof *more);
			memcpy(more, look->process, room * sizeof *more);
			look->process = more;
			room *= 2;
		}
		look->count += mt_process_read((int64_t)pid, &look->process[look->count]);
	}
	if (proc)
		closedir(proc);
}

static const struct mt_process_info *process_of(const struct look *look, int64_t pid)
{
	for (size_t i = 0; i < look->count; i++)
		if (look->process[i].process.pid == pid)
			return &look->process[i];
	return NULL;
}

static bool is_sender(const struct mt_observe *o, const char *name)
{
	for (const char *const *s = o->senders; s && *s; s++)
		if (strncmp(*s, name, NAME_CUT) == 0)
			return true;
	return !o->senders;
}

/* Below the daemon, and a sender or below one. */
static bool is_ours(const struct look *look, const struct mt_process_info *p)
{
	bool sends = false;
	for (int depth = 0; p && depth < DEPTH_MAX; depth++) {
		sends = sends || is_sender(look->o, p->name);
		if (mt_process_same(p->process, look->daemon))
			return sends;
		p = process_of(look, p->parent);
	}
	return false;
}

static bool holds(struct look *look, int64_t pid, unsigned long inode)
{
	char path[64], wanted[48], target[48];
	bool found = false;
	snprintf(path, sizeof path, "/proc/%lld/fd", (long long)pid);
	int length = snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
	DIR *dir = opendir(path);
	if (!dir)
		look->denied = look->denied || errno == EACCES || errno == EPERM;
	for (struct dirent *e; dir && !found && (e = readdir(dir));)
		found = readlinkat(dirfd(dir), e->d_name, target, sizeof target) == length &&
			memcmp(target, wanted, (size_t)length) == 0;
	if (dir)
		closedir(dir);
	return found;
}

static const struct mt_process_info *owner_of(struct look *look, unsigned long inode)
{
	if (!inode)
		return NULL;
	if (!look->process)
		read_processes(look);
	for (size_t i = 0; i < look->count; i++)
		if (is_ours(look, &look->process[i]) &&
		    holds(look, look->process[i].process.pid, inode))
			return &look->process[i];
	return NULL;
}

/* ---- judging ------------------------------------------------------------------------------------ */

/* May mail leave from it by some path? Where the kernel chooses, or nobody knows, by any. */
static bool may_leave_from(const struct mt_mta *wanted, struct mt_addr source)
{
	for (const struct mt_path *path = wanted ? wanted->paths : NULL; path; path = path->next) {
		const struct mt_way *way = &path->way[source.family];
		bool used = path->kind == MT_KIND_INTERNET || path->kind == MT_KIND_RELAYHOST ||
			    path->kind == MT_KIND_UNKNOWN;
		if (way->how == MT_HOW_ADDRESS ? mt_addr_eq(way->source, source)
					       : used && way->how != MT_HOW_OFF)
			return true;
	}
	return !wanted;
}

static void forget(struct mt_observe *o, const struct mt_link *link)
{
	o->judged[o->judged_next] = *link;
	o->judged_next = (o->judged_next + 1) % MT_OBSERVE_JUDGED;
}

static enum mt_sight judge_pinned(struct look *look, const struct mt_socket *s,
				  const struct mt_link *link)
{
	look->denied = false;
	if (s->opening)
		return MT_SIGHT_NOTHING; /* it may never be one */
	if (!s->time_wait && owner_of(look, s->inode))
		return MT_SIGHT_PINNED;
	if (s->time_wait || look->denied)
		return MT_SIGHT_HINT;
	forget(look->o, link);
	return MT_SIGHT_NOTHING;
}

static enum mt_sight judge_other(struct look *look, const struct mt_socket *s,
				 const struct mt_link *link)
{
	if (s->time_wait || may_leave_from(look->o->wanted, s->local))
		return MT_SIGHT_NOTHING;
	const struct mt_process_info *owner = owner_of(look, s->inode);
	if (owner && owner->process.start > look->o->since)
		return MT_SIGHT_WRONG;
	forget(look->o, link);
	return MT_SIGHT_NOTHING;
}

static enum mt_sight judge(struct look *look, const struct mt_socket *s)
{
	const struct mt_observe *o = look->o;
	struct mt_link link = link_of(s);
	if (!leaves_host(o, s) || in_list(o->before, o->before_count, &link) ||
	    in_list(o->judged, MT_OBSERVE_JUDGED, &link))
		return MT_SIGHT_NOTHING;
	return mt_addr_eq(s->local, o->pin[s->family]) ? judge_pinned(look, s, &link)
						       : judge_other(look, s, &link);
}

/* The more telling sight stays. */
static void keep(struct look *look, const struct mt_socket *s, enum mt_sight sight,
		 enum mt_sight *best)
{
	if (sight <= *best)
		return;
	*best = sight;
	look->o->link = link_of(s);
	look->o->hidden = sight == MT_SIGHT_HINT && !s->time_wait;
}

enum mt_sight mt_observe_look(struct mt_arena *scratch, struct mt_observe *o,
			      struct mt_process daemon)
{
	struct look look = {.scratch = scratch, .o = o, .daemon = daemon};
	enum mt_sight best = MT_SIGHT_NOTHING;
	struct mt_str text;
	struct mt_socket s;
	if (!daemon.pid)
		return best;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		if (!mt_sockets(scratch, daemon.pid, f, &text))
			continue;
		while (mt_socket_next(&text, &s))
			keep(&look, &s, judge(&look, &s), &best);
	}
	return best;
}
