/* SPDX-License-Identifier: ISC */
/* ahead.c: for LD_PRELOAD: time(2) is a minute ahead, so that no file seems to have been written just now. */
#include <stddef.h>
#include <time.h>

time_t time(time_t *where)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (where)
		*where = now.tv_sec + 60;
	return now.tv_sec + 60;
}
