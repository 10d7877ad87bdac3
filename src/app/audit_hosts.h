/* SPDX-License-Identifier: ISC */
/* audit_hosts.h: the hosts of an audit, from files that name them and from a folder of bundles. */
#ifndef MT_APP_AUDIT_HOSTS_H
#define MT_APP_AUDIT_HOSTS_H

#include "core/audit/host_list.h"

#define MT_HOSTS_SCRATCH ((size_t)64 << 20) /* for the arena `scratch` */

struct mt_audit_hosts {
	struct mt_hosts *hosts;
	struct mt_arena *scratch; /* of what is read; cleared behind each file */
	const char *standard; /* the option that reads standard input; NULL: none so far */
};
/* mt_hosts_add_file(), mt_hosts_expect() */
typedef int mt_hosts_reader(struct mt_hosts *hosts, struct mt_str text, const char *file,
			    struct mt_error *error);

/* Read a file of at most 16 MiB, or, as "-", standard input, which only one option may. Errors: code 64. */
int mt_audit_hosts_read(struct mt_audit_hosts *in, const char *option, const char *file,
			mt_hosts_reader *read, struct mt_error *error) MT_MUST_CHECK;
/* A host for each bundle of the folder. Errors: code 64, or 2. */
int mt_audit_hosts_stored(struct mt_audit_hosts *in, const char *folder,
			  struct mt_error *error) MT_MUST_CHECK;

#endif
