/* SPDX-License-Identifier: ISC */
/*
 * forms.h: what our readers make of main.cf and master.cf, in the output forms of postconf(1): white-space
 * runs folded, columns of master.cf, options in order of their names. Its oddities are imitated here, not
 * in the readers: lines of one service share their options, words are cut at the next 'o'.
 */
#ifndef FORMS_H
#define FORMS_H

#include "../../backends/postfix/expand.h"

struct forms {
	struct mt_arena *arena;
	struct pf_maincf maincf;
	struct pf_mastercf mastercf;
};
void forms_read(struct forms *f, struct mt_str main, struct mt_str master); /* f->arena is set */
/* Why postconf prints nothing at all; NULL: it does. */
const char *forms_fatal(const struct forms *f);
struct mt_str
forms_n(const struct forms
		*f); /* -n, and the names that it only calls unused, in the file's order */
struct mt_str forms_raw(const struct forms *f); /* the same as "name=value" with all white space */
struct mt_str forms_h(const struct forms *f, struct mt_str name); /* -h */
struct mt_str forms_hx(const struct forms *f,
		       struct mt_str name); /* -hx; "(error)" where it dies */
struct mt_str forms_M(const struct forms *f);
struct mt_str forms_P(const struct forms *f);

#endif
