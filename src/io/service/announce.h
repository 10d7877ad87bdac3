/* SPDX-License-Identifier: ISC */
/*
 * announce.h: the kernel's word of every TCP connection that ends, in one network namespace: both addresses, once,
 * however short it was. That of a connection to port 25, 465 or 587 is kept until it is asked for.
 *
 * It does not say whose the connection was: by then no process holds it, and user and inode are 0 (measured).
 *
 * Source: Linux, net/core/sock_diag.c (groups SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY),
 * net/ipv4/inet_diag.c inet_diag_handler_get_info(); sock_diag(7).
 *
 * BUGS: the word is given some moments after the connection has left /proc/net/tcp, by a work queue.
 */
#ifndef MT_ANNOUNCE_H
#define MT_ANNOUNCE_H

#include <mtapin/snapshot.h>

struct mt_announce {
	int fd; /* -1: nothing is listened to, and `error` (of errno) says why; 0: it was not asked for */
	int error;
	bool lost; /* more were announced than could be kept */
};
#define MT_ANNOUNCE_NONE                                                                           \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/* From now on, in the network namespace of process `pid`. */
void mt_announce_open(struct mt_announce *announce, int64_t pid);
/* The next one (`opening`: the other end never said a word); false: no more for now. */
bool mt_announce_next(struct mt_announce *announce, struct mt_socket *socket);
void mt_announce_close(struct mt_announce *announce);

#endif
