/* SPDX-License-Identifier: ISC */
/*
 * draft.h: the two files while they are being changed, one setting after the other. Each step works on
 * the text the last one left, so steps never overlap.
 */
#ifndef PF_DRAFT_H
#define PF_DRAFT_H

#include "instance.h"

struct pf_draft {
	const struct pf_instance *instance;
	struct mt_str main, master;
	const char *const *main_settings,
		*const *master_settings; /* what was changed (mt_settings_note()) */
};
void pf_draft_start(const struct pf_instance *instance, struct pf_draft *draft);
/* main.cf: value NULL removes every entry of the name. */
void pf_draft_main(struct pf_draft *draft, const char *name, const char *value);
/* -o options of the client service (type unix) of this name; value NULL removes. */
void pf_draft_option(struct pf_draft *draft, const char *service, const char *name,
		     const char *value);
/* A copy of a service under another name, right after it. */
void pf_draft_clone(struct pf_draft *draft, const char *service, const char *type,
		    const char *name);
/* The draft's own view: what a service or main.cf now says, as it stands. */
bool pf_draft_has_service(const struct pf_draft *draft, const char *name, const char *type);

#endif
