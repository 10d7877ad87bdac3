/* SPDX-License-Identifier: ISC */
/*
 * snapshot.h: everything that was collected on one host at one moment, and the host facts read from it.
 *
 * A snapshot comes from one bundle (the output of the collector, the C reader of --root, or a saved
 * file: the same bytes). It is immutable. "Not asked" never reads as "absent".
 *
 * The bundle, version 1. NONCE is 32 lower-case hex digits drawn for this run; a frame line starts a line
 * with NONCE and one blank and ends with LF. Noise before `begin` is skipped. Without `done` the bundle is
 * incomplete; what follows `done` is not read.
 *
 *	NONCE begin mtapin 1
 *	NONCE host TIME raw|redacted[,tree] NAME	TIME: seconds since the epoch; tree: read from a tree
 *						that is not running (--root)
 *	NONCE file TYPE PRESENCE MODE UID GID NLINK MTIME SIZE PATH
 *	NONCE link TARGET			only for a symbolic link: where PATH finally points
 *	NONCE why CLAUSE			optional: why it is not present
 *	NONCE data LENGTH			only when PRESENCE is present or redacted, and TYPE is f
 *	LENGTH raw bytes
 *	NONCE end
 *	NONCE later				instead of data: its contents come in a batch
 *	NONCE batch MARK			contents of the files that wait, in their order: each SIZE bytes,
 *	bytes MARK LF bytes MARK LF ...		then MARK and LF; a wrong length fails it and those after it
 *	NONCE end
 *	NONCE probe PRESENCE NAME
 *	NONCE data -				length not known beforehand
 *	raw bytes
 *	NONCE end STATUS			exit status of the command
 *	NONCE done
 *
 * TYPE: f file, d directory, p FIFO, s socket, c or b device, ? unknown (after following links); l a link that leads
 * back to itself.
 * PRESENCE: the names of enum mt_presence ("too big" is written too-big). MODE is octal; a field that could
 * not be had is "-". A directory is present without data; a file may be *unasked* with its metadata: its
 * contents are not wanted. The LF before `NONCE end` belongs to the frame. Contents whose length is not
 * LENGTH make the item *failed*; the decoder resumes at the next frame line. A path or name of other
 * than visible characters (core/base/character.h) is not accepted. Of two items with one name the first counts. Unknown frame
 * words are skipped (newer collectors).
 */
#ifndef MTAPIN_SNAPSHOT_H
#define MTAPIN_SNAPSHOT_H

#include <mtapin/address.h>
#include <mtapin/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MT_BUNDLE_VERSION 1
#define MT_ITEM_MAX	  ((size_t)8 << 20) /* bytes of one item */
#define MT_BUNDLE_MAX	  ((size_t)16 << 20) /* bytes of a whole bundle */
/* The same of a host of an audit, which nobody vouches for. */
#define MT_FOREIGN_ITEM_MAX   ((size_t)1 << 20)
#define MT_FOREIGN_BUNDLE_MAX ((size_t)2 << 20)
#define MT_ITEMS_MAX	      4096 /* items of a bundle; with more it is incomplete */

enum mt_presence {
	MT_UNASKED, /* nobody looked */
	MT_PRESENT,
	MT_REDACTED, /* present, secret bytes replaced by '*' (lengths and lines unchanged) */
	MT_ABSENT,
	MT_DENIED, /* no permission */
	MT_TOO_BIG,
	MT_FAILED, /* asked, and what came is not to be trusted: see `why` */
};
const char *mt_presence_name(enum mt_presence presence);

struct mt_item {
	const char *name; /* absolute path, or the probe's name */
	bool probe;
	enum mt_presence presence;
	const char *why; /* one clause, for denied, too big, failed; "" else */
	struct mt_str bytes; /* exact; empty unless present or redacted */
	int status; /* probe: exit status of the command */
	/* files only; -1 or 0 where not known */
	char type; /* see TYPE above */
	int mode; /* permission bits */
	long uid, gid, nlink;
	int64_t mtime, size;
	const char *link; /* final target of a symbolic link, else NULL */
	bool planned; /* not what was collected: mt_snapshot_with() */
};

/*
 * Whether what a host says can be what it says it is. A path: absolute, below PATH_MAX, of visible characters. A name
 * (of an interface, a unit, a kind of container): of letters, digits and ._-+:@#~=, that mean nothing to a shell. What is
 * neither is refused where a bundle is decoded: the item, or the fact, is not there.
 */
bool mt_is_path(struct mt_str text);
bool mt_is_name(struct mt_str text);

struct mt_snapshot {
	struct mt_arena *arena;
	const char *host; /* name it gave itself, "" if none */
	int64_t time; /* seconds since the epoch, 0 unknown */
	bool complete; /* `done` was seen */
	bool redacted; /* some item may be */
	bool rooted; /* read from a tree that is not running: host facts are unasked */
	struct mt_item *items; /* sorted by (probe, name) */
	size_t count;
	const struct mt_host *facts; /* never NULL */
};

/*
 * Decode a bundle. Copies nothing: `bundle` must outlive the snapshot.
 * Errors: not a bundle (no `begin`), another version, over MT_BUNDLE_MAX. An incomplete bundle is
 * not an error here; every user of it must look at `complete`.
 */
int mt_bundle_decode(struct mt_arena *arena, struct mt_str bundle, struct mt_snapshot **snapshot,
		     struct mt_error *error) MT_MUST_CHECK;

/* What is longer than `max` becomes *too big*. */
void mt_snapshot_cap(struct mt_snapshot *snapshot, size_t max);

/* Never NULL: an item nobody sent is returned as *unasked*. */
const struct mt_item *mt_snapshot_file(const struct mt_snapshot *snapshot, const char *path);
const struct mt_item *mt_snapshot_probe(const struct mt_snapshot *snapshot, const char *name);
static inline bool mt_item_readable(const struct mt_item *item)
{
	return item->presence == MT_PRESENT || item->presence == MT_REDACTED;
}
/* The same snapshot with other bytes in one file (present from then on): what a plan would leave. */
const struct mt_snapshot *mt_snapshot_with(struct mt_arena *arena,
					   const struct mt_snapshot *snapshot, const char *path,
					   struct mt_str bytes);

/* The same without the file: it is absent from then on. */
const struct mt_snapshot *mt_snapshot_without(struct mt_arena *arena,
					      const struct mt_snapshot *snapshot, const char *path);

/* The same with the mode, owner and group of `as` for a file that is there. */
const struct mt_snapshot *mt_snapshot_mode(struct mt_arena *arena,
					   const struct mt_snapshot *snapshot, const char *path,
					   const struct mt_item *as);

/* ---- host facts ---------------------------------------------------------------------------------
 * Read from these probes by src/core/host*.c; each line format is documented there. Where iproute2 is,
 * one run of it answers everything:
 *	ip		the lines fed to `ip -o -force -batch -`, an empty line, its output
 * else, a probe each:
 *	addr		`ip addr` or `ip -o addr`	or, without ip, addr.proc: /proc/net/fib_trie
 *	addr6.proc	/proc/net/if_inet6
 *	rule, rule6	`ip rule`, `ip -6 rule`
 *	route, route6	`ip route show table all`, or route.proc, route6.proc: /proc/net/route, ipv6_route
 *	source		`ip -o route get DEST [uid N]`, each preceded by a line "> DEST UID"
 * and everywhere:
 *	tcp		/proc/net/tcp and then /proc/net/tcp6 of this network namespace: listening sockets, and
 *			connections to remote ports 25, 465 and 587
 *	names		lines "NAME ADDRESS" (getent ahosts); "NAME -" when it does not resolve
 *	nat		source-NAT rules, one a line; empty: none
 *	init		lines KEY VALUE: pid1 (comm), systemd, openrc, runit, container
 *	owner		lines ID PATH: who regenerates mail configuration here
 */
struct mt_ifaddr {
	struct mt_addr addr;
	unsigned bits; /* prefix length */
	const char *iface;
	const char *label; /* IPv4: "eth0:1"; "" unknown, and of IPv6 */
	bool up; /* the interface is administratively up */
	bool tentative, dadfailed, deprecated, dynamic, secondary, link_scope, host_scope;
	bool floats; /* see mt_host_floats() */
};
struct mt_source {
	struct mt_addr dest;
	bool reachable;
	struct mt_addr source;
	const char *iface; /* "" unknown */
	bool gateway; /* through one: the destination is not on link */
	bool asked; /* the kernel answered; false: derived by us from /proc */
};
struct mt_socket {
	enum mt_family family;
	bool listening, time_wait;
	bool opening; /* SYN-SENT: the other end has not answered yet */
	struct mt_addr local, remote; /* v4-mapped ones are given as IPv4 */
	unsigned local_port, remote_port;
	long uid; /* owner; 0 for TIME_WAIT */
	unsigned long inode; /* of its file; 0 for TIME_WAIT, or not told */
};
struct mt_name {
	const char *name;
	struct mt_addr addr; /* unset: it does not resolve */
};
struct mt_host {
	enum mt_presence addresses; /* unasked under --root; failed: neither ip nor /proc */
	const struct mt_ifaddr *addr;
	size_t addr_count;
	struct mt_map by_addr[MT_FAMILIES]; /* where there are many; private */
	const struct mt_source *source;
	size_t source_count;
	/* for a default destination; and the same, but `asked` false, for one that was not asked */
	struct mt_source default_source[MT_FAMILIES], fallback_source[MT_FAMILIES];
	enum mt_presence sockets;
	const struct mt_socket *socket;
	size_t socket_count;
	enum mt_presence resolver;
	const struct mt_name *name;
	size_t name_count;
	enum mt_presence nat; /* absent: looked and found none; denied: could not look */
	const char *nat_text; /* first rule */
	const char *pid1; /* comm, "" unknown */
	const char *container; /* kind, "" none */
	const char *const *owner; /* "ID PATH" texts */
	size_t owner_count;
};

const struct mt_ifaddr *mt_host_addr(const struct mt_host *host,
				     struct mt_addr addr); /* NULL: on no interface */
/* Loopback, or an address of an interface that is up and usable; unknown addresses (--root) count as usable. */
bool mt_addr_usable(const struct mt_host *host, struct mt_addr addr);
/* Alone in its prefix beside an address of the same interface and family with a real prefix: what keepalived and
 * providers' scripts add. A hint. */
static inline bool mt_host_floats(const struct mt_ifaddr *at)
{
	return at->floats;
}
/* The destinations that stand for "anywhere": root name servers; a look-up, never a packet. */
#define MT_DEFAULT_DEST4 "198.41.0.4"
#define MT_DEFAULT_DEST6 "2001:503:ba3e::2:30"
/* The kernel's choice for a default destination of this family; never NULL (reachable false if none). */
const struct mt_source *mt_host_default_source(const struct mt_host *host, enum mt_family family);
/* For one destination; falls back to the default destination's when it was not asked (asked false). */
const struct mt_source *mt_host_source(const struct mt_host *host, struct mt_addr dest);

#ifdef __cplusplus
}
#endif

#endif
