# Postfix's files: reading, editing.
postfix_ldadd = libbackends.a libcore.a $(LIBMD_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/pfread
tests_unit_pfread_SOURCES = tests/unit/pfread.c
tests_unit_pfread_LDADD = $(postfix_ldadd)
check_PROGRAMS += tests/unit/pfedit
tests_unit_pfedit_SOURCES = tests/unit/pfedit.c
tests_unit_pfedit_LDADD = $(postfix_ldadd)
check_PROGRAMS += tests/unit/pfvectors
tests_unit_pfvectors_SOURCES = tests/unit/pfvectors.c tests/differential/forms.c tests/differential/forms.h
tests_unit_pfvectors_LDADD = $(postfix_ldadd)

# For tests/differential/run, which compares with a real postconf; `make check` only builds them.
# pfdump-fault carries a planted fault that the comparison must find.
pfdump_sources = tests/differential/pfdump.c tests/differential/forms.c tests/differential/forms.h
pfdump_programs = tests/differential/pfdump tests/differential/pfdump-fault
EXTRA_PROGRAMS += $(pfdump_programs)
tests_differential_pfdump_SOURCES = $(pfdump_sources)
tests_differential_pfdump_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_differential_pfdump_LDADD = $(postfix_ldadd)
tests_differential_pfdump_fault_SOURCES = $(pfdump_sources) backends/postfix/maincf.c
tests_differential_pfdump_fault_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -DPF_FAULT_COMMENT_ENDS_VALUE
tests_differential_pfdump_fault_LDADD = $(postfix_ldadd)
