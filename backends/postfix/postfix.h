/* SPDX-License-Identifier: ISC */
/* postfix.h: the one symbol of this backend. */
#ifndef PF_POSTFIX_H
#define PF_POSTFIX_H

#include <mtapin/backend.h>

extern const struct mt_backend MT_BACKEND_SYMBOL(postfix);

#endif
