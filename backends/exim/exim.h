/* SPDX-License-Identifier: ISC */
/*
 * exim.h: one Exim, as its configuration and what it says of itself tell: mt_mta.priv.
 */
#ifndef EX_EXIM_H
#define EX_EXIM_H

#include <mtapin/backend.h>

#include "config.h"
#include "debian.h"
#include "expression.h"

struct exim {
	struct mt_model *model;
	struct mt_mta *mta;
	struct mt_arena *arena;
	const struct mt_host *host;
	const struct mt_snapshot
		*snapshot; /* with what the next start generates, of a tree that does not run */
	const struct ex_debian *debian; /* never NULL */
	const char *file; /* in use */
	const struct ex_config *config; /* never NULL */
	/* why Exim does not run with it, in its words, and where; NULL: it does, or that is not known */
	const char *refused;
	const struct mt_origin *refused_at;
	/* what Exim says that it has read is not what we read in its files, and counts: a clause; NULL: the same */
	const char *differs;
	struct ex_world world;
};

/* A router that hands mail to a transport. */
struct ex_way {
	const struct ex_driver *router;
	enum mt_kind kind; /* MT_KIND_UNKNOWN: its hosts are computed */
	const char *hosts; /* "a.example:25, b.example:587"; "" by MX, or not known */
	struct ex_way *next; /* in the order in which routers are tried */
};

/* A transport whose driver is smtp. */
struct ex_transport {
	struct mt_transport transport; /* first: ex_transport_of() */
	const struct ex_driver *driver;
	const struct ex_option *interface, *helo_data; /* NULL: not set */
	unsigned interface_on, helo_on; /* ex_inputs() of them */
	const char *
		tainted_file; /* a file that Exim refuses to open, as its name has some of the mail in it; NULL */
	struct ex_way *ways; /* NULL: no router names it */
	bool lmtp;
};
static inline const struct ex_transport *ex_transport_of(const struct mt_transport *transport)
{
	return (const struct ex_transport *)transport;
}

/* examine.c: all of mta that the configuration tells, and mta->priv. */
void ex_examine(struct mt_model *model, struct mt_mta *mta, const char *file);

/* The line that people edit: of an option whose value is a macro's, where that is defined; of a generated file, its source. */
const struct mt_origin *ex_edited(const struct exim *e, const struct ex_option *option);

/* ways.c: which routers name it, and to which hosts; `by` is the transport's own "hosts". */
struct ex_way *ex_ways(const struct exim *e, const struct ex_driver *transport);
bool ex_is_here(const struct exim *e, struct mt_str host); /* a name or address of this host */
/* Where a list of hosts leads: fills kind and hosts. */
void ex_read_hosts(const struct exim *e, struct mt_str list, const char *port, struct ex_way *way);
const char *ex_default_port(const struct ex_driver *transport);
struct mt_str ex_word_of(struct mt_str *rest); /* a word, or a quoted one */

/* bindings.c: fill those of a transport, and its HELO. */
void ex_bindings(struct exim *e, struct ex_transport *t);
/* What Exim itself has made of both for a mail; NULL: not asked. */
struct ex_said {
	const struct ex_result *interface, *helo;
};
/* A copy of the transport for one mail, whose sender is known: nothing depends on it. */
struct mt_transport *ex_bindings_of(struct exim *e, struct ex_transport *t,
				    const struct ex_mail *mail, const struct ex_said *said);

/* transports.c: transports and listeners of mta. */
void ex_transports(struct exim *e);
void ex_listeners(const struct exim *e);

#endif
