/* SPDX-License-Identifier: ISC */
/*
 * instance.h: one Postfix instance as its files say it is: the two files read, what every program
 * sees, and why it is broken if it is. Lives in mta->priv.
 */
#ifndef PF_INSTANCE_H
#define PF_INSTANCE_H

#include <mtapin/backend.h>

#include "interfaces.h"

struct pf_client; /* source.h */
struct pf_references; /* transports.h */

struct pf_instance {
	struct mt_model *model;
	struct mt_mta *mta;
	const char *main_path, *master_path;
	const struct mt_item *main_item, *master_item;
	struct pf_maincf maincf;
	struct pf_mastercf mastercf;
	struct pf_scope scope; /* without a service: what main.cf alone gives */
	struct pf_scope routing; /* as trivial-rewrite(8) sees it, with its -o of master.cf */
	struct pf_scope queue, cleanup; /* as qmgr(8) and cleanup(8) do */
	struct pf_protocols protocols;
	struct pf_own own;
	bool plain_interfaces; /* `own` was read, and from a value without $names */
	/* made by pf_transports(): every client service in file order; what sends mail to which */
	struct pf_client *clients;
	const struct pf_references *references;
	bool unreadable; /* main.cf or master.cf could not be had: nothing is known */
	const char *broken; /* why Postfix as a whole does not work; NULL: it does */
	const struct mt_origin *broken_at;
	/* while a mail is routed: keys that a table of the host was not asked for; else NULL */
	const char *const **unasked;
	bool condemned; /* it is so by the word of Postfix itself, not by what is understood here */
};

/* Contents to go by: a folder that is there has none. */
bool pf_is_file(const struct mt_item *item);
/* Read both files of the instance (mta->instance is its directory) out of the snapshot. */
struct pf_instance *pf_instance_read(struct mt_model *model, struct mt_mta *mta);

/* The instance as one of its services sees it. */
struct pf_scope pf_scope_of(const struct pf_instance *instance, const struct pf_service *service);

/* Does master_service_disable keep it from running, a listener or a client? */
bool pf_service_disabled(const struct pf_instance *instance, const struct pf_service *service);

/* Is the transport in defer_transports, as qmgr(8) sees it? Its mail waits until the queue is flushed. */
bool pf_defers(const struct pf_instance *instance, struct mt_str transport);

/* Why a parameter has its value: the line that decides, then the lines of the $names in it. NULL when
 * the built-in default decides. */
struct mt_origin *pf_origin(const struct pf_instance *instance, const struct pf_scope *scope,
			    const char *name);
/* "DIR/main.cf:12" of a parameter, or the directory when only the default decides. */
const char *pf_where(const struct pf_instance *instance, const struct pf_scope *scope,
		     const char *name);
/* The expanded value; "" when it cannot be expanded. */
struct mt_str pf_get(const struct pf_scope *scope, const char *name);
/* A line of the output of the postconf program ("name = value"), false when it was not had. */
bool pf_postconf(const struct mt_snapshot *snapshot, const char *dir, const char *name,
		 struct mt_str *value);

#endif
