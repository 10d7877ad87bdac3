/* SPDX-License-Identifier: ISC */
/*
 * fs.h: the few file calls that everything which writes is made of. Interrupted calls are repeated;
 * errno tells why a call failed.
 */
#ifndef MT_FS_H
#define MT_FS_H

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

#include <mtapin/base.h>

/* A call again, as long as a signal cuts it short. */
#define MT_RETRY(call) mt_retried(TEMP_FAILURE_RETRY(call))
static inline int mt_retried(long result)
{
	return (int)result;
}

/* A descriptor that closes itself; -1: none. */
#define MT_FD __attribute__((cleanup(mt_fd_close), unused)) int
void mt_fd_close(int *fd);

int mt_write_all(int fd, struct mt_str bytes);
/* All of it; EFBIG when it is longer than `max`. */
int mt_read_all(struct mt_arena *arena, int fd, size_t max, struct mt_str *bytes);
int mt_sync(int fd);
/* A new file of DIR with these bytes, mode 0600, synced; nothing is left of it on failure. */
int mt_put_new(int dir, const char *name, struct mt_str bytes);
/* The same in place of whatever has that name, as a whole or not at all; the old one stays on failure. */
int mt_put_over(int dir, const char *name, struct mt_str bytes);
/* The same by its path, and never in place of a link or of anything but a regular file (EINVAL). */
int mt_put_file(struct mt_arena *arena, const char *path, struct mt_str bytes);
/* openat(2), close-on-exec, mode 0600 */
int mt_open(int dir, const char *name, int flags);
/* A regular file of DIR, links not followed; EINVAL: it is something else, EFBIG: longer than `max`. */
int mt_get(struct mt_arena *arena, int dir, const char *name, size_t max, struct mt_str *bytes);
int mt_get_fd(struct mt_arena *arena, int fd, size_t max, struct mt_str *bytes);
/* Is it a regular file of exactly these bytes? */
bool mt_holds(int dir, const char *name, struct mt_str bytes);
/* `digits` random hex digits and a NUL. */
int mt_random_hex(char *hex, size_t digits);
/* Remove DIR/NAME and what is in it, links not followed, at most `depth` levels below it. */
int mt_remove_tree(int dir, const char *name, int depth);

/* Is a signal held back that would end the run: HUP, INT, QUIT, TERM? Asking changes nothing. */
bool mt_interrupted(void);

/* Names in a folder, "." and ".." apart, sorted by bytes; the list is NULL-terminated. */
int mt_list(struct mt_arena *arena, int dir, const char ***names, size_t *count);

#endif
