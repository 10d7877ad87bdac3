/* SPDX-License-Identifier: ISC */
/* settings_scan.h: the configuration file before libconfuse sees it, which knows no limits. */
#ifndef MT_SETTINGS_SCAN_H
#define MT_SETTINGS_SCAN_H

#include <mtapin/base.h>

/* Errors, with FILE and line, code 78: a NUL byte, "${" (it would be expanded), sections nested too deeply. */
int mt_settings_scan(struct mt_str text, const char *file, struct mt_error *error) MT_MUST_CHECK;

#endif
