/* SPDX-License-Identifier: ISC */
/* lint.h: what is worth knowing of one Exim. */
#ifndef EX_LINT_H
#define EX_LINT_H

#include "exim.h"

void ex_lint(struct exim *e);

#endif
