# qmail's control files, and what real programs did with them.
check_PROGRAMS += tests/unit/qmail
tests_unit_qmail_SOURCES = tests/unit/qmail.c tests/unit/qmhost.c tests/unit/qmhost.h
tests_unit_qmail_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_qmail_LDADD = $(postfix_ldadd)
check_PROGRAMS += tests/unit/qmbuilds
tests_unit_qmbuilds_SOURCES = tests/unit/qmbuilds.c tests/unit/qmhost.c tests/unit/qmhost.h
tests_unit_qmbuilds_LDADD = $(postfix_ldadd)
qmail_tests = tests/cli/qmail.t tests/cli/qmail-collector.t
TESTS += $(qmail_tests)
