# Exim's files: edits.
check_PROGRAMS += tests/unit/exedit
tests_unit_exedit_SOURCES = tests/unit/exedit.c
tests_unit_exedit_LDADD = $(postfix_ldadd)
