/* SPDX-License-Identifier: ISC */
/*
 * collect.h: how a host's facts get in. One POSIX sh script (src/io/collect/collector.sh and each backend's
 * fragment) prints a bundle; a saved bundle is the same bytes; of a tree that is not running our own
 * reader makes a bundle of the same format (tree.h). All give bytes for mt_bundle_decode(), which must live as long
 * as the snapshot: they are in the arena.
 */
#ifndef MT_COLLECT_H
#define MT_COLLECT_H

#include <mtapin/backend.h>

#include "io/sys/run.h"

#define MT_COLLECT_SECONDS 20 /* the script ends itself then */

struct mt_collect {
	const struct mt_backend *const *backends; /* NULL-terminated */
	bool redact; /* every secret byte becomes '*' on the host itself */
	/* Fewer processes: no watchdog (who runs it has a deadline), no IPv6 rules; and larger files, since this is
	 * our own host. */
	bool quick;
	/* addresses that tables are asked for (`show --to`); NULL-terminated; may be NULL */
	const char *const *queries;
	struct mt_waiting waiting; /* told where it takes long */
};

#define MT_NONCE 33 /* 32 hex digits and NUL */
void mt_nonce(char nonce[MT_NONCE]); /* from the kernel; aborts when it has none */

/* The script. Its nonce; NULL: the script draws its own when it runs (`collect --script`). Errors: none. */
struct mt_str mt_collector_script(struct mt_arena *arena, const struct mt_collect *collect,
				  const char *nonce);

/* Run it here, by /bin/sh. An incomplete bundle is not an error here. */
int mt_collect_local(struct mt_arena *arena, const struct mt_collect *collect,
		     struct mt_str *bundle, struct mt_error *error) MT_MUST_CHECK;

/* Read a saved bundle: a regular file of at most MT_BUNDLE_MAX bytes, or "-", standard input. */
int mt_collect_file(struct mt_arena *arena, const char *path, struct mt_str *bundle,
		    struct mt_error *error) MT_MUST_CHECK;

#endif
