# Exim's files: edits.
check_PROGRAMS += tests/unit/exedit
tests_unit_exedit_SOURCES = tests/unit/exedit.c
tests_unit_exedit_LDADD = $(postfix_ldadd)
# What update-exim4.conf makes, for tests/real/exim-debian.t; `make check` only builds it.
EXTRA_PROGRAMS += tests/differential/exim-debian
tests_differential_exim_debian_SOURCES = tests/differential/exim-debian.c
tests_differential_exim_debian_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/exdebian
tests_unit_exdebian_SOURCES = tests/unit/exdebian.c
tests_unit_exdebian_LDADD = $(postfix_ldadd)

# From where it sends, against what a real one did.
check_PROGRAMS += tests/unit/exvectors
tests_unit_exvectors_SOURCES = tests/unit/exvectors.c tests/unit/exhost.c tests/unit/exhost.h tests/unit/exsources.c tests/unit/exsources.h
tests_unit_exvectors_LDADD = libbackends.a libcore.a $(LIBMD_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/exinterface
tests_unit_exinterface_SOURCES = tests/unit/exinterface.c tests/unit/draw.h
tests_unit_exinterface_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_exinterface_LDADD = $(postfix_ldadd)
