/* SPDX-License-Identifier: ISC */
/* audit_hosts.c: the hosts of an audit, from files that name them and from a folder of bundles. */
#include "app/audit_hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io/fleet/bundle_store.h"
#include "io/sys/fs.h"

#define LIST_MAX ((size_t)16 << 20) /* bytes of a file of hosts */

static int open_list(struct mt_audit_hosts *in, const char *option, const char *file,
		     struct mt_error *error)
{
	if (strcmp(file, "-") != 0) {
		int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			mt_fail(error, MT_EXIT_USAGE, file, "cannot be read: %s", strerror(errno));
		return fd;
	}
	if (in->standard)
		return mt_fail(error, MT_EXIT_USAGE, option, "standard input is read by %s already",
			       in->standard);
	in->standard = option;
	return STDIN_FILENO;
}

int mt_audit_hosts_read(struct mt_audit_hosts *in, const char *option, const char *file,
			mt_hosts_reader *read, struct mt_error *error)
{
	struct mt_str text;
	int fd = open_list(in, option, file, error);
	if (fd < 0)
		return -1;
	int failed = mt_read_all(in->scratch, fd, LIST_MAX, &text), why = errno;
	if (fd != STDIN_FILENO)
		close(fd);
	if (failed)
		return mt_fail(error, MT_EXIT_USAGE, file, "cannot be read: %s",
			       why == EFBIG ? "it is larger than 16 MiB" : strerror(why));
	failed = read(in->hosts, text, file, error);
	mt_arena_reset(in->scratch);
	return failed;
}

int mt_audit_hosts_stored(struct mt_audit_hosts *in, const char *folder, struct mt_error *error)
{
	const char **names;
	size_t count;
	if (mt_store_list(in->scratch, folder, &names, &count, error) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!mt_hosts_put(in->hosts, names[i]))
			return mt_fail(error, MT_EXIT_USAGE, folder, "holds more than %d bundles",
				       MT_HOSTS_MAX);
	mt_arena_reset(in->scratch);
	return 0;
}
