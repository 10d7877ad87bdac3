/* SPDX-License-Identifier: ISC */
/*
 * harmless.h: what may be evaluated by Exim itself without being told to: file look-ups, `if`, `exists` and what works on
 * strings. No program, socket, database or Perl, and nothing that expands what it has read in a file. By the text alone,
 * whatever of it is evaluated: a doubt is a no.
 */
#ifndef EX_HARMLESS_H
#define EX_HARMLESS_H

#include "exim.h"

/* NULL: it is; else what it holds, a clause. */
const char *ex_harm_in(const struct exim *e, struct mt_str expression);
/* The same of what Exim reads for any mail: main options, named lists, rules of rewriting. */
const char *ex_harm_in_main(const struct exim *e);
/* Of all options of a router, and what its driver does. */
const char *ex_harm_in_router(const struct exim *e, const struct ex_driver *router);
/* Of a list of domains: look-ups are items of it too. */
const char *ex_harm_in_list(const struct exim *e, struct mt_str list);

#endif
