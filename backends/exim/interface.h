/* SPDX-License-Identifier: ISC */
/*
 * interface.h: what a value of `interface`, expanded, does to a connection: Exim's own rule and the kernel's. Measured with
 * Exim 4.96 and 4.98 on Linux; facts of the kernel stand where they are used.
 */
#ifndef EX_INTERFACE_H
#define EX_INTERFACE_H

#include <mtapin/snapshot.h>

enum ex_bind {
	EX_BIND_NONE, /* no item of this family: the kernel chooses */
	EX_BIND_ADDRESS, /* the first item of this family, whatever stands behind it */
	EX_BIND_INVALID, /* an item before it is no address: the whole mail waits, no other host is tried */
	EX_BIND_DIES, /* it passes for an address, and no function of the system takes it: the same */
};
struct ex_interface {
	enum ex_bind bind;
	struct mt_addr addr;
	struct mt_str item; /* as it stands in the list */
	bool scoped; /* "fe80::1%eth0" */
};
/* For one host that the mail goes to, of this family. */
struct ex_interface ex_interface(struct mt_arena *arena, struct mt_str value,
				 enum mt_family family);

/* bind(2) and connect(2) take the address, and the kernel chooses another one all the same. */
bool ex_binds_nothing(const struct mt_host *host, struct mt_addr addr);
/* What Exim logs where no connection comes of it: "defer (99): Cannot assign requested address"; the next host is tried then.
 * NULL: it is bound. `here`: the connection is to this host itself. */
const char *ex_cannot_bind(const struct mt_host *host, const struct ex_interface *interface,
			   bool here);

#endif
