/* SPDX-License-Identifier: ISC */
/* announce.c: a socket of sock_diag(7) that hears of connections which have ended. */
#include "io/service/announce.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/host/snapshot.h"
#include "io/sys/fs.h"

#define ROOM	    (8 << 20) /* bytes of what is not yet asked for */
#define MESSAGE_MAX 8192
#define GROUP(n)    (1U << ((n)-1))

/* A server of web pages ends thousands a second: the kernel drops what is no mail before it takes room. */
static int filter(int fd)
{
	const unsigned at = NLMSG_HDRLEN + offsetof(struct inet_diag_msg, id.idiag_dport);
	struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, at),
				     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 25, 2, 0),
				     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 465, 1, 0),
				     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 587, 0, 1),
				     BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
				     BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog program = {.len = MT_ARRAY_LEN(code), .filter = code};
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* In the namespace that we are in; -1: errno. */
static int open_here(void)
{
	struct sockaddr_nl at = {.nl_family = AF_NETLINK,
				 .nl_groups = GROUP(SKNLGRP_INET_TCP_DESTROY) |
					      GROUP(SKNLGRP_INET6_TCP_DESTROY)};
	int room = ROOM;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
		(void)!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (filter(fd) == 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

/* ---- in another namespace ----------------------------------------------------------------------- */

/* Who has entered a namespace may not be allowed to go back: a child enters it and hands the socket over. */
struct parcel {
	struct msghdr message;
	struct iovec part;
	int error;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
};

static void wrap(struct parcel *p)
{
	memset(p, 0, sizeof *p);
	p->part = (struct iovec){&p->error, sizeof p->error};
	p->message = (struct msghdr){.msg_iov = &p->part,
				     .msg_iovlen = 1,
				     .msg_control = p->control.bytes,
				     .msg_controllen = sizeof p->control.bytes};
}

static void __attribute__((noreturn)) open_there(int ns, int line)
{
	struct parcel p;
	wrap(&p);
	int fd = setns(ns, CLONE_NEWNET) < 0 ? -1 : open_here();
	if (fd < 0) {
		p.error = errno;
		p.message.msg_controllen = 0;
	} else {
		struct cmsghdr *c = CMSG_FIRSTHDR(&p.message);
		*c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd),
				      .cmsg_level = SOL_SOCKET,
				      .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	_exit(sendmsg(line, &p.message, MSG_NOSIGNAL) < 0);
}

/* -1: errno */
static int unwrap(int line)
{
	struct parcel p;
	int fd = -1;
	ssize_t n;
	wrap(&p);
	do
		n = recvmsg(line, &p.message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&p.message) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	if (n >= 0 && fd < 0)
		errno = p.error ? p.error : ECHILD;
	return fd;
}

static int open_by_child(int ns)
{
	int line[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		open_there(ns, line[1]);
	close(line[1]);
	int fd = pid < 0 ? -1 : unwrap(line[0]), why = errno;
	close(line[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = why;
	return fd;
}

void mt_announce_open(struct mt_announce *announce, int64_t pid)
{
	char path[64];
	struct stat here, there;
	snprintf(path, sizeof path, "/proc/%lld/ns/net", (long long)pid);
	MT_FD ns = open(path, O_RDONLY | O_CLOEXEC);
	*announce = (struct mt_announce)MT_ANNOUNCE_NONE;
	if (ns >= 0 && fstat(ns, &there) == 0 && stat("/proc/self/ns/net", &here) == 0)
		announce->fd = here.st_dev == there.st_dev && here.st_ino == there.st_ino
				       ? open_here()
				       : open_by_child(ns);
	if (announce->fd < 0)
		announce->error = errno;
}

void mt_announce_close(struct mt_announce *announce)
{
	mt_fd_close(&announce->fd);
}

/* ---- reading ------------------------------------------------------------------------------------ */

static struct mt_addr address(const struct inet_diag_msg *m, const __be32 *words)
{
	struct mt_addr a = {.set = true, .family = m->idiag_family == AF_INET6 ? MT_V6 : MT_V4};
	memcpy(a.b, words, a.family == MT_V6 ? 16 : 4);
	return a;
}

/* Bytes that the other end has sent: without any it may never have been a connection. */
static bool was_answered(const struct nlmsghdr *header)
{
	const char *p = (const char *)header + NLMSG_SPACE(sizeof(struct inet_diag_msg));
	const char *end = (const char *)header + header->nlmsg_len;
	struct nlattr attribute;
	__u64 received;
	for (; end - p >= NLA_HDRLEN; p += NLA_ALIGN(attribute.nla_len)) {
		memcpy(&attribute, p, sizeof attribute);
		if (attribute.nla_len < NLA_HDRLEN || attribute.nla_len > end - p)
			return false;
		size_t at = NLA_HDRLEN + offsetof(struct tcp_info, tcpi_bytes_received);
		if (attribute.nla_type != INET_DIAG_INFO ||
		    attribute.nla_len < at + sizeof received)
			continue;
		memcpy(&received, p + at, sizeof received);
		return received > 0;
	}
	return false;
}

static bool parse_announcement(const struct nlmsghdr *header, size_t n, struct mt_socket *s)
{
	const struct inet_diag_msg *m = NLMSG_DATA(header);
	if (!NLMSG_OK(header, n) || header->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    header->nlmsg_len < NLMSG_LENGTH(sizeof *m))
		return false;
	*s = (struct mt_socket){.opening = !was_answered(header),
				.local = address(m, m->id.idiag_src),
				.remote = address(m, m->id.idiag_dst),
				.local_port = be16toh(m->id.idiag_sport),
				.remote_port = be16toh(m->id.idiag_dport)};
	mt_socket_settle(s, false);
	return true;
}

bool mt_announce_next(struct mt_announce *announce, struct mt_socket *s)
{
	union {
		struct nlmsghdr header;
		char bytes[MESSAGE_MAX];
	} message;
	while (announce->fd >= 0) {
		struct sockaddr_nl from = {0};
		socklen_t size = sizeof from;
		ssize_t n = recvfrom(announce->fd, &message, sizeof message, 0,
				     (struct sockaddr *)&from, &size);
		if (n < 0 && errno == ENOBUFS)
			announce->lost = true;
		else if (n < 0 && errno != EINTR)
			return false;
		/* anybody may send to us; the kernel is number 0 */
		else if (n > 0 && from.nl_pid == 0 &&
			 parse_announcement(&message.header, (size_t)n, s))
			return true;
	}
	return false;
}
