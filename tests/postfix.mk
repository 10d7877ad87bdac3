# Postfix's files: reading, editing.
postfix_ldadd = libbackends.a libcore.a $(LIBMD_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/pfread
tests_unit_pfread_SOURCES = tests/unit/pfread.c
tests_unit_pfread_LDADD = $(postfix_ldadd)
check_PROGRAMS += tests/unit/pfedit
tests_unit_pfedit_SOURCES = tests/unit/pfedit.c
tests_unit_pfedit_LDADD = $(postfix_ldadd)
