/* SPDX-License-Identifier: ISC */
/* no-diag.c: for LD_PRELOAD: a host where nobody may listen to sock_diag(7), as in some containers. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol)
{
	int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
	if (domain == AF_NETLINK && protocol == NETLINK_SOCK_DIAG) {
		errno = EPERM;
		return -1;
	}
	return real(domain, type, protocol);
}
