/* SPDX-License-Identifier: ISC */
/*
 * config_edit.h: the two files while they are being changed, one setting after the other. What comes out is what
 * step after step on the whole text would give, but each entry of master.cf that is touched is cut out and
 * rewritten by itself: the file is read once and put together once, however many services are edited.
 */
#ifndef PF_DRAFT_H
#define PF_DRAFT_H

#include "instance.h"

struct pf_part; /* of master.cf: an entry, with its clones */
struct pf_notes {
	struct pf_note *first, **tail;
	struct pf_note *all; /* the last one first */
};

struct pf_draft {
	struct mt_arena *arena;
	const struct pf_mastercf *mastercf; /* as it was */
	struct mt_str main; /* as it is: its steps are few */
	struct pf_part *parts; /* in file order; NULL until one is asked for */
	size_t part_count;
	struct mt_map services; /* "name type" to its part */
	struct pf_notes main_notes, master_notes; /* what was changed */
};
void pf_draft_start(const struct pf_instance *instance, struct mt_arena *arena,
		    struct pf_draft *draft);
/* main.cf: value NULL removes every entry of the name. */
void pf_draft_main(struct pf_draft *draft, const char *name, const char *value);
/* -o options of the client service (type unix) of this name; value NULL removes. False: it was so already. */
bool pf_draft_option(struct pf_draft *draft, const char *service, const char *name,
		     const char *value);
/* A copy of a service under another name, right after it; nothing where there is one of that name. */
void pf_draft_clone(struct pf_draft *draft, const char *service, const char *type,
		    const char *name);
/* The draft's own view: there is such a service, or will be. */
bool pf_draft_has_service(struct pf_draft *draft, const char *name, const char *type);

/* The end: the edits of master.cf. */
struct mt_edit *pf_draft_master(struct pf_draft *draft);
/* What was changed, as mt_plan_settings() takes it, in an arena that outlives the draft's. */
const char *const *pf_draft_settings(struct mt_arena *arena, const struct pf_notes *notes);

#endif
