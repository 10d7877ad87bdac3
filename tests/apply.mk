# SPDX-License-Identifier: ISC
# applying: programs that are tests by themselves, then helpers and the scripts that use them
check_PROGRAMS += tests/unit/diff tests/unit/reverse
tests_unit_reverse_SOURCES = tests/unit/reverse.c
tests_unit_reverse_LDADD = $(unit_ldadd)
tests_unit_diff_SOURCES = tests/unit/diff.c
tests_unit_diff_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/atomic
tests_unit_atomic_SOURCES = tests/unit/atomic.c
tests_unit_atomic_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_atomic_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/apply
tests_unit_apply_SOURCES = tests/unit/apply.c tests/apply/toy.c tests/apply/toy.h
tests_unit_apply_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(srcdir)/tests
tests_unit_apply_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/serve
tests_unit_serve_SOURCES = tests/unit/serve.c tests/apply/toy.c tests/apply/toy.h
tests_unit_serve_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(srcdir)/tests
tests_unit_serve_LDADD = $(unit_ldadd)
EXTRA_PROGRAMS = tests/apply/diffgen tests/apply/driver
tests_apply_driver_SOURCES = tests/apply/driver.c tests/apply/toy.c tests/apply/toy.h
tests_apply_driver_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -I$(srcdir)/tests
tests_apply_driver_LDADD = $(unit_ldadd)
check_DATA = $(EXTRA_PROGRAMS)
CLEANFILES += $(EXTRA_PROGRAMS)
tests_apply_diffgen_SOURCES = tests/apply/diffgen.c
tests_apply_diffgen_LDADD = $(unit_ldadd)
TESTS += $(apply_tests)
