/* SPDX-License-Identifier: ISC */
/* validate.h: ask the MTA's own reader about a private copy, before anything is installed. */
#ifndef MT_VALIDATE_H
#define MT_VALIDATE_H

#include "io/engine.h"

/*
 * Copies the transaction's files to validate beside each other into a folder that only we can enter,
 * changed ones with their new bytes, and runs the validators with "@DIR@" naming it. The error quotes
 * what the first one that fails said. The copies are a minute old: Postfix's readers wait two seconds
 * on a file that is newer than that (src/util/dict.c, dict_load_file_xt).
 */
int mt_validate(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;

#endif
