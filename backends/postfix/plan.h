/* SPDX-License-Identifier: ISC */
/*
 * plan.h: the smallest right edit of main.cf and master.cf for a goal.
 *
 * plan.c chooses per family what to edit; plan_edit.c holds the single edits; plan_service.c says what
 * happens to the daemon.
 */
#ifndef PF_PLAN_H
#define PF_PLAN_H

#include "config_edit.h"
#include "client_services.h"

/* Rows of the table of methods. */
enum pf_method { PF_INTERFACES, PF_BIND_ADDRESS, PF_SERVICE };
extern const struct mt_method pf_methods[];
#define PF_BARE	   "bare"
#define PF_DROP_IN "drop-in"
extern const struct mt_own_option pf_options[];
extern const struct mt_families pf_families;

struct pf_planner {
	struct mt_plan *plan;
	const struct mt_goal *goal;
	/* decisions are made on this one: repaired if it was broken */
	const struct pf_instance *instance;
	struct mt_arena *arena;
	struct pf_draft draft;
	const struct pf_target *
		*target_of; /* by the client's number; NULL: the goal is not for it */
	bool interfaces; /* inet_interfaces was edited in main.cf: listeners move */
	bool main_bind, options; /* smtp_bind_address in main.cf, -o in master.cf was edited */
	bool copies; /* inet services were added */
	bool replaced; /* inet_interfaces names the goal's addresses and nothing else */
};

/* A transport the goal is for, with what its service sees. */
struct pf_target {
	const struct mt_transport *transport;
	const char *name; /* the service */
	const struct pf_client *client;
	bool kept[MT_FAMILIES]; /* has a working pin of its own there and keeps it */
	bool holds[MT_FAMILIES]; /* gives what is wanted already */
	const char *clone; /* the service that its hop to this host gets; NULL: none */
	struct pf_target *next;
};

/* Both files are there, readable and accepted, and nobody else writes them; else refused. */
void pf_plan_ready(struct mt_plan *plan);
void pf_plan(struct mt_plan *plan);
void pf_serve(struct mt_plan *plan);

/* ---- single edits (plan_edit.c) ---- */
struct pf_target *pf_targets(struct pf_planner *planner);
void pf_set_option(struct pf_planner *planner, const char *service, const char *name,
		   const char *value);
/* -o bind address of the family on the target's service. */
void pf_pin_service(struct pf_planner *planner, const struct pf_target *target,
		    enum mt_family family, const char *address);
/* Stop sending over the family: -o inet_protocols of the other one, and what keeps that from being fatal. */
void pf_family_off(struct pf_planner *planner, const struct pf_target *target,
		   enum mt_family family);
/* Transports that no goal is for (loopback, relays not named) keep the source that main.cf is about to change:
 * `value` NULL means their bind parameter as it is today, else their source as it is today. */
enum pf_keep_by { PF_KEEP_PARAMETER, PF_KEEP_SOURCE };
void pf_keep_others(struct pf_planner *planner, enum mt_family family, enum pf_keep_by by);
/* A service that serves the internet and this host: a clone for the hop to this host, or a refusal. */
void pf_split_mixed(struct pf_planner *planner, struct pf_target *targets, enum pf_keep_by by);
void pf_set_helo(struct pf_planner *planner, const struct pf_target *targets);

/* ---- inet_interfaces (plan_interfaces.c) ---- */
void pf_by_interfaces(struct pf_planner *planner, struct pf_target *targets);
/* The value with this family's addresses replaced by one; NULL when editing it would move a non-loopback
 * listener, or when it does not decide the family. */
const char *pf_interfaces_edit(struct pf_planner *planner, enum mt_family family,
			       struct mt_addr addr);
/* A value without the words that kill Postfix; `add` completes it. */
const char *pf_interfaces_repair(const struct pf_instance *instance, const struct mt_goal *goal);

/* ---- daemon (plan_service.c) ---- */
void pf_plan_service(struct pf_planner *planner);

#endif
