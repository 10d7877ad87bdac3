/* SPDX-License-Identifier: ISC */
/* methods.h: how Exim can be pinned, as data. */
#ifndef EX_METHODS_H
#define EX_METHODS_H

#include <mtapin/method.h>

enum ex_method { EX_MACRO, EX_TRANSPORT, EX_MAP };
extern const struct mt_method ex_methods[]; /* by enum ex_method; name NULL ends it */
extern const struct mt_own_option ex_options[]; /* name NULL ends it */
extern const struct mt_families ex_families;

#define EX_SENDER "sender" /* --sender DOMAIN */

#endif
