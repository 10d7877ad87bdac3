/* SPDX-License-Identifier: ISC */
/*
 * daemon.h: the MTA's daemon as this host sees it: its process, its listeners, its log. What a command
 * said about it is not asked here.
 */
#ifndef MT_DAEMON_H
#define MT_DAEMON_H

#include <mtapin/plan.h>

/* A process by number and start time (clock ticks since boot): a number alone is used again. */
struct mt_process {
	int64_t pid, start; /* pid 0: none */
};

/*
 * The process that the pid file names, or without one that of the program that works in the folder, if it is alive and its program has the right name; pid 0 else.
 * A zombie is not alive. Source: proc(5), fields 3 and 22 of /proc/PID/stat.
 */
struct mt_process mt_daemon_find(const struct mt_daemon *daemon);
bool mt_process_same(struct mt_process a, struct mt_process b);
struct mt_process_info {
	struct mt_process process;
	int64_t parent;
	char name[17]; /* of its program or script, cut at 15 bytes by the kernel */
};
/* /proc/PID/stat; false when there is no such process, or only a zombie. */
bool mt_process_read(int64_t pid, struct mt_process_info *info);
/* Where /proc/PID/NAME ("exe", "cwd") leads; `target` has PATH_MAX bytes, and is "" when it cannot be told. */
bool mt_process_link(int64_t pid, const char *name, char *target);

/* Can a socket be bound to it here and now? Asks the kernel; sends nothing. */
bool mt_addr_bindable(struct mt_addr addr);
/* The TCP sockets of one family in the process's network namespace, as text; then one after the other. False: it
 * cannot be read, or is over 16 MiB; no more. */
bool mt_sockets(struct mt_arena *arena, int64_t pid, enum mt_family family, struct mt_str *text);
bool mt_socket_next(struct mt_str *text, struct mt_socket *socket);
/* Does somebody listen there, in the process's network namespace? The any-address covers its family. */
bool mt_listening(struct mt_arena *arena, struct mt_process process, struct mt_addr addr,
		  unsigned port);

/* The log from now on: files by their sizes, the journal by its cursor, or by time where it has none yet. */
struct mt_watch {
	const struct mt_daemon *daemon;
	int64_t since; /* seconds since the epoch */
	struct mt_watch_file {
		const char *path;
		int64_t inode, size; /* inode 0: absent */
	} * files;
	size_t count;
	const char *cursor; /* "" */
	bool has_journal;
	struct mt_str journal; /* its last lines before */
};
void mt_watch_begin(struct mt_arena *arena, const struct mt_daemon *daemon, struct mt_watch *watch);
/*
 * The first line since then that holds one of the daemon's bad patterns, and (unless
 * `repeated`) whose text was not in the log before already; NULL: none. BUGS: reads at most 256 KiB of new text a file.
 */
const char *mt_watch_bad(struct mt_arena *arena, const struct mt_watch *watch, bool repeated);
/* Is there anything to watch: one of the files, by now, or the journal? */
bool mt_watch_is_there(const struct mt_watch *watch);
/* What is new in the i-th file, or behind the last one in the journal: its last 256 KiB. False: there is no such. */
bool mt_watch_new(struct mt_arena *arena, const struct mt_watch *watch, size_t i,
		  struct mt_str *text);

#endif
