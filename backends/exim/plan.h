/* SPDX-License-Identifier: ISC */
/* plan.h: which lines pin Exim, and the files that they are in, while a plan is made. */
#ifndef EX_PLAN_H
#define EX_PLAN_H

#include <mtapin/backend.h>

#include "debian.h"
#include "edit.h"
#include "exim.h"
#include "methods.h"

/* A file that is edited, or made. */
struct ex_draft {
	const char *path;
	const struct mt_item *item;
	struct ex_edit edit;
	const char *const *settings; /* what it comes to; NULL-terminated */
	struct ex_draft *next;
};

/* An option that a transport shall have. */
struct ex_wish {
	const char *transport, *name, *value;
	struct ex_wish *next;
};

struct ex_planner {
	struct mt_plan *plan;
	struct mt_arena *arena;
	const struct exim *exim;
	const struct mt_snapshot *snapshot; /* the one that the model was made of */
	const struct ex_config *config;
	const struct ex_debian *debian;
	struct ex_draft *drafts; /* in the order in which they are first needed */
	struct ex_wish *wishes;
	bool used[3]; /* by enum ex_method */
};

/* ---- plan.c ---- */
void ex_plan_ready(struct mt_plan *plan);
void ex_plan(struct mt_plan *plan);
void ex_serve(struct mt_plan *plan);

/* ---- plan_files.c ---- */
/* A line as people edit it. */
struct ex_place {
	const char *file;
	unsigned line;
};
struct ex_place ex_place_of(const struct ex_planner *p, const struct mt_origin *origin);
/* Begin to edit a file, or to make one that is absent; NULL: refused. */
struct ex_draft *ex_draft(struct ex_planner *p, const char *path);
/* "NAME=VALUE" is what this comes to; NULL: it is taken out. */
void ex_draft_note(struct ex_planner *p, struct ex_draft *draft, const char *name,
		   const char *value);
/* NAME = VALUE where it stands; value NULL: not any more. What cannot be done is refused. */
void ex_change(struct ex_planner *p, const struct mt_origin *origin, const char *name,
	       const char *value);
/* A new main setting, or macro, where that counts for everything. */
void ex_add_main(struct ex_planner *p, const char *name, const char *value);
/* A new option of a driver. */
void ex_add_option(struct ex_planner *p, const struct ex_driver *driver, const char *name,
		   const char *value);
/* The macro that the configuration sets this option to where the macro is defined, and it is not; NULL: none. */
const char *ex_offered_macro(const struct ex_planner *p, const struct ex_driver *driver,
			     const char *name);
/* Is the macro the value of nothing but this option of drivers? */
bool ex_macro_is_of(const struct ex_planner *p, const char *macro, const char *name);
/* Does the line stand where a shell reads it (update-exim4.conf.conf)? */
bool ex_is_shells(const struct ex_planner *p, const struct mt_origin *origin);
/* Is the file made by update-exim4.conf. */
bool ex_is_generated(const struct ex_planner *p);
/* Put the drafts into the plan, and what is made of them. */
void ex_finish_files(struct ex_planner *p);

/* ---- plan_map.c ---- */
/* The table that an expression looks the sender's domain up in. */
struct ex_map {
	const char *file; /* NULL: there is none */
	bool first_counts; /* wildlsearch, nwildlsearch */
	bool star; /* a line of the key "*" counts */
	char separator; /* of the list that the value is put into; '\0': the usual one */
};
struct ex_map ex_map_of(struct mt_arena *arena, const char *expression);
/* The panel of this host writes the table by itself, as it is set up today. */
bool ex_map_is_rewritten(const struct mt_snapshot *snapshot, const char *file);
/* The addresses of the goal into the table; false: it asks none that takes them. */
bool ex_pin_map(struct ex_planner *p, const struct mt_transport *transport,
		const struct ex_option *interface);
bool ex_helo_map(struct ex_planner *p, const struct ex_option *helo, const char *name);

/* ---- plan_service.c ---- */
void ex_plan_service(struct ex_planner *p);
/* Exim itself must print, of the new files, what is wished for. */
void ex_check_wishes(struct ex_planner *p);

#endif
