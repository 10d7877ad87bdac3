/* SPDX-License-Identifier: ISC */
/* error.c: the first error wins. */
#include <mtapin/base.h>

#include <stdio.h>

int mt_fail(struct mt_error *error, int code, const char *where, const char *fmt, ...)
{
	if (error->code)
		return -1;
	error->code = code;
	snprintf(error->where, sizeof error->where, "%s", where ? where : "");
	va_list args;
	va_start(args, fmt);
	vsnprintf(error->message, sizeof error->message, fmt, args);
	va_end(args);
	return -1;
}
