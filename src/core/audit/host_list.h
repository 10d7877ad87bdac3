/* SPDX-License-Identifier: ISC */
/*
 * host_list.h: which hosts an audit asks, and what is expected of each. Pure: bytes to a list.
 *
 * A list of hosts: names separated by commas; inside a name [001-040] or [1-3,7] stands for each number
 * (at most 4 of them; zeros in front are kept). A name is what ssh takes: an alias of ssh_config, a host
 * name, an address, user@ before any of them: [A-Za-z0-9._:%@-], at most 255 bytes, neither it nor what
 * follows its last @ starts with a hyphen.
 *
 * A file of hosts: a list a line, after it expectations: ip=ADDRESS, ip6=ADDRESS|off, helo=NAME. # starts a
 * comment; the line "hosts (N):" that `ansible --list-hosts` prints is passed over. An expectation file has
 * the same form and adds to hosts that are there.
 *
 * Errors: code 64, `where` is FILE:LINE or the option.
 */
#ifndef MT_HOSTS_H
#define MT_HOSTS_H

#include <mtapin/plan.h>

#define MT_HOSTS_MAX	 100000
#define MT_HOST_NAME_MAX 255

struct mt_expect {
	struct mt_pin_goal family[MT_FAMILIES]; /* given: said */
	const char *helo; /* NULL: not said */
};

struct mt_named {
	const char *name;
	const struct mt_expect *expect; /* NULL: nothing is expected */
};

struct mt_hosts {
	struct mt_arena *arena;
	struct mt_named *host; /* in the order in which they were named, each once */
	size_t count, room;
	uint32_t *slot; /* hash table: index + 1 */
	size_t slots;
	size_t named; /* names spelled out so far, doubles included: what hostile input can cost */
};

struct mt_hosts *mt_hosts_new(struct mt_arena *arena);
/* A list; `option` is where it was said. */
int mt_hosts_add(struct mt_hosts *hosts, struct mt_str list, const char *option,
		 struct mt_error *error) MT_MUST_CHECK;
int mt_hosts_add_file(struct mt_hosts *hosts, struct mt_str text, const char *file,
		      struct mt_error *error) MT_MUST_CHECK;
/* Take out those named; one that is not there is none. */
int mt_hosts_exclude(struct mt_hosts *hosts, struct mt_str list, const char *option,
		     struct mt_error *error) MT_MUST_CHECK;
int mt_hosts_expect(struct mt_hosts *hosts, struct mt_str text, const char *file,
		    struct mt_error *error) MT_MUST_CHECK;
/* A name as it stands (of a stored bundle): no rule but that it is there once. False: too many. */
bool mt_hosts_put(struct mt_hosts *hosts, const char *name);

#endif
