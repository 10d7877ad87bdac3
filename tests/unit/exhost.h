/* SPDX-License-Identifier: ISC */
/*
 * exhost.h: a host with Exim, as a vector tells it: mail.host.test, with 192.0.2.11, .12 and .13, 2001:db8:1::11, ::12 and
 * ::13, of which the kernel takes .11 and ::13. A vector is an object of JSON with
 *	files		an object, text by path without the first '/'
 *	ue, edit, ...	Debian's sources, if "ue" is an object: see exsources.h; files of exim4-config are those of the
 *			lab. Where that is not there the case is left out
 *	extra		an object; "chmod MODE PATH" in a name of it is done to the file
 *	user		as which Exim delivers: "NAME UID GID"
 *	env		commands that change the host: an address removed, deprecated, no IPv6
 */
#ifndef TEST_EXHOST_H
#define TEST_EXHOST_H

#include <jansson.h>
#include <mtapin/snapshot.h>

/* NULL: it is left out. */
const struct mt_snapshot *exhost(struct mt_arena *arena, json_t *vector);

#endif
