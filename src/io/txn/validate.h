/* SPDX-License-Identifier: ISC */
/* validate.h: ask the MTA's own reader about a private copy, before anything is installed. */
#ifndef MT_VALIDATE_H
#define MT_VALIDATE_H

#include "io/txn/engine.h"

/*
 * Copies the transaction's files to validate, changed ones with their new bytes, and runs the validators with "@DIR@" naming
 * the folder that stands for / (private_copy.h). The error quotes what the first one that fails said.
 */
int mt_validate(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;

#endif
