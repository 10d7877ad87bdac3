/* SPDX-License-Identifier: ISC */
/* daemon.c: is it alive, and does it listen: from /proc alone. */
#include "io/service/daemon.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/host/snapshot.h"
#include "io/sys/fs.h"

#define SMALL_FILE 4096
#define TCP_MAX	   ((size_t)16 << 20)

/* ---- the process -------------------------------------------------------------------------------- */

/* At most size - 1 bytes, terminated; -1 when it cannot be read. */
static ssize_t slurp(const char *path, char *buffer, size_t size)
{
	MT_FD fd = mt_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : MT_RETRY(read(fd, buffer, size - 1));
	buffer[n < 0 ? 0 : n] = '\0';
	return n;
}

/* The first line, blanks around it ignored. */
static int64_t read_pid_file(const char *path)
{
	char buffer[SMALL_FILE];
	struct mt_str text, line;
	unsigned long pid;
	ssize_t n = slurp(path, buffer, sizeof buffer);
	text = (struct mt_str){buffer, n < 0 ? 0 : (size_t)n};
	if (!mt_str_line(&text, &line) || !mt_str_number(mt_str_trim(line), INT_MAX, &pid))
		return 0;
	return (int64_t)pid;
}

bool mt_process_link(int64_t pid, const char *name, char *target)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%lld/%s", (long long)pid, name);
	ssize_t n = readlink(path, target, PATH_MAX - 1);
	target[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool program_is(int64_t pid, const char *program)
{
	char exe[PATH_MAX];
	if (!mt_process_link(pid, "exe", exe))
		return false;
	char *deleted = strstr(exe, " (deleted)"); /* upgraded under a running daemon */
	if (deleted)
		*deleted = '\0';
	const char *slash = strrchr(exe, '/');
	return strcmp(slash ? slash + 1 : exe, program) == 0;
}

bool mt_process_read(int64_t pid, struct mt_process_info *info)
{
	char path[64], buffer[SMALL_FILE];
	unsigned long parent, start;
	snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
	if (slurp(path, buffer, sizeof buffer) <= 0)
		return false;
	char *name = strchr(buffer, '('), *after = strrchr(buffer, ')'); /* it may hold anything */
	if (!name || !after || strlen(after) < 3 || after[2] == 'Z' || after[2] == 'X')
		return false;
	*after = '\0';
	*info = (struct mt_process_info){.process.pid = pid};
	snprintf(info->name, sizeof info->name, "%s", name + 1);
	struct mt_str rest = mt_str_of(after + 1), word[20] = {{0}}; /* fields 3 to 22 */
	for (size_t i = 0; i < MT_ARRAY_LEN(word); i++)
		if (!mt_str_word(&rest, " ", &word[i]))
			return false;
	if (!mt_str_number(word[1], INT_MAX, &parent) || !mt_str_number(word[19], LONG_MAX, &start))
		return false;
	info->parent = (int64_t)parent;
	info->process.start = (int64_t)start;
	return start > 0;
}

/* 0 when there is no such process, or only a zombie. */
static int64_t start_time(int64_t pid)
{
	struct mt_process_info info;
	return mt_process_read(pid, &info) ? info.process.start : 0;
}

/* It sees the file system that we see: not one in a container. */
static bool is_of_this_root(int64_t pid)
{
	char path[64];
	struct stat here, there;
	snprintf(path, sizeof path, "/proc/%lld/root", (long long)pid);
	return stat("/", &here) == 0 && stat(path, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

static bool works_in(int64_t pid, const char *folder)
{
	char cwd[PATH_MAX];
	if (!mt_process_link(pid, "cwd", cwd))
		return false;
	size_t length = strlen(folder);
	return strncmp(cwd, folder, length) == 0 && (!cwd[length] || cwd[length] == '/');
}

/* No pid file: the process of that program that works there, the oldest number. */
static struct mt_process look_for(const struct mt_daemon *daemon)
{
	struct mt_process found = {0};
	DIR *proc = opendir("/proc");
	for (struct dirent *e; proc && (e = readdir(proc));) {
		unsigned long pid;
		if (!mt_str_number(mt_str_of(e->d_name), INT_MAX, &pid) ||
		    (found.pid && (int64_t)pid > found.pid) ||
		    !program_is((int64_t)pid, daemon->program) || !is_of_this_root((int64_t)pid) ||
		    (daemon->folder && daemon->folder[0] &&
		     !works_in((int64_t)pid, daemon->folder)))
			continue;
		int64_t start = start_time((int64_t)pid);
		if (start)
			found = (struct mt_process){(int64_t)pid, start};
	}
	if (proc)
		closedir(proc);
	return found;
}

struct mt_process mt_daemon_find(const struct mt_daemon *daemon)
{
	struct mt_process none = {0};
	if (!daemon->pid_file || !daemon->pid_file[0])
		return daemon->folder && daemon->program && daemon->program[0] ? look_for(daemon)
									       : none;
	int64_t pid = read_pid_file(daemon->pid_file);
	if (pid <= 1)
		return none;
	int64_t start = start_time(pid);
	if (!start || (daemon->program && daemon->program[0] && !program_is(pid, daemon->program)))
		return none;
	return (struct mt_process){pid, start};
}

bool mt_process_same(struct mt_process a, struct mt_process b)
{
	return a.pid == b.pid && a.start == b.start;
}

/* ---- addresses and listeners -------------------------------------------------------------------- */

bool mt_addr_bindable(struct mt_addr addr)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	bool six = addr.family == MT_V6;
	MT_FD fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(&v4.sin_addr, addr.b, 4);
	memcpy(&v6.sin6_addr, addr.b, 16);
	return fd >= 0 && bind(fd, six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
			       six ? sizeof v6 : sizeof v4) == 0;
}

bool mt_sockets(struct mt_arena *arena, int64_t pid, enum mt_family family, struct mt_str *text)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%lld/net/tcp%s", (long long)pid,
		 family == MT_V6 ? "6" : "");
	MT_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && mt_read_all(arena, fd, TCP_MAX, text) == 0;
}

bool mt_socket_next(struct mt_str *text, struct mt_socket *socket)
{
	struct mt_str line;
	while (mt_str_line(text, &line)) {
		if (!mt_socket_parse(line, socket))
			continue;
		mt_socket_settle(socket, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
		return true;
	}
	return false;
}

bool mt_listening(struct mt_arena *arena, struct mt_process process, struct mt_addr addr,
		  unsigned port)
{
	struct mt_str text;
	struct mt_socket s;
	if (!mt_sockets(arena, process.pid, addr.family, &text))
		return false;
	while (mt_socket_next(&text, &s))
		if (s.listening && s.local_port == port &&
		    (mt_addr_eq(s.local, addr) || mt_addr_is_any(s.local)))
			return true;
	return false;
}
