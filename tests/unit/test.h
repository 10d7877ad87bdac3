/* SPDX-License-Identifier: ISC */
/* test.h: what every cmocka file includes. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <mtapin/base.h>

#define assert_str(s, cstring)                                                                     \
	do {                                                                                       \
		struct mt_str got_ = (s);                                                          \
		assert_int_equal(got_.n, strlen(cstring));                                         \
		assert_memory_equal(got_.p ? got_.p : "", cstring, got_.n);                        \
	} while (0)

#endif
