/* SPDX-License-Identifier: ISC */
/*
 * qmhost.h: a bundle of a host with qmail, item by item, from the texts of tests/vectors/qmail.
 *
 * In a text \n, \r, \t and \0 stand for that byte, \xNN for any, \*N for N times the byte behind it.
 */
#ifndef TEST_QMHOST_H
#define TEST_QMHOST_H

#include <mtapin/base.h>

#define QM_NONCE   "0123456789abcdef0123456789abcdef"
#define QM_HOME	   "/var/qmail"
#define QM_CONTROL QM_HOME "/control/"

struct mt_str qm_unescaped(struct mt_arena *arena, const char *text);
/* A control file of that text; or (empty), (absent), (directory). */
void qm_add_file(struct mt_text *bundle, const char *name, const char *text);
void qm_add_probe(struct mt_text *bundle, const char *name, const char *text);

#endif
