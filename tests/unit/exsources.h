/* SPDX-License-Identifier: ISC */
/* exsources.h: Debian's sources of a vector: the files of exim4-config with its settings and edits in them. */
#ifndef TEST_EXSOURCES_H
#define TEST_EXSOURCES_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Texts by path without the first '/': files below `folder`, which stands for /etc/exim4, changed by "ue" (settings of
 * update-exim4.conf.conf), "append_ue" (lines of it) and "edit" (by file: pairs of a pattern and what takes its place, as
 * Python's re.sub) of the vector. NULL: the folder is not there.
 */
json_t *exsources(json_t *vector, const char *folder);

#endif
