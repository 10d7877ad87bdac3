/* SPDX-License-Identifier: ISC */
/*
 * json.h: results as JSON, schema "mtapin/1" (tests/schema/mtapin-1.json), one document on stdout.
 *
 * Strings are Unicode: a byte that is not valid UTF-8 becomes U+FFFD. Everything else is exact.
 */
#ifndef MT_JSON_H
#define MT_JSON_H

#include "registry.h"

void mt_json_error(const struct mt_error *error);
void mt_json_explain(const struct mt_finding_row *row);
void mt_json_backends(const struct mt_registry *registry);

#endif
