# The command line: programs that are tests, a helper that prints the option table, the scripts.
check_PROGRAMS += tests/unit/binding
tests_unit_binding_SOURCES = tests/unit/binding.c
tests_unit_binding_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_binding_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/text
tests_unit_text_SOURCES = tests/unit/text.c
tests_unit_text_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/escape
tests_unit_escape_SOURCES = tests/unit/escape.c
tests_unit_escape_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/message
tests_unit_message_SOURCES = tests/unit/message.c
tests_unit_message_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/recipe
tests_unit_recipe_SOURCES = tests/unit/recipe.c
tests_unit_recipe_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/options
tests_unit_options_SOURCES = tests/unit/options.c tests/unit/draw.h
tests_unit_options_LDADD = $(unit_ldadd)
noinst_PROGRAMS = tests/cli/table
tests_cli_table_SOURCES = tests/cli/table.c
# it loads backends, as the program does
if MODULES
tests_cli_table_LDFLAGS = $(mtapin_LDFLAGS)
tests_cli_table_DEPENDENCIES = $(mtapin_DEPENDENCIES)
tests_cli_table_LDADD = $(mtapin_LDADD)
else
tests_cli_table_LDADD = $(unit_ldadd)
endif
TESTS += $(cli_tests)

# what replies are about
check_PROGRAMS += tests/unit/replies
tests_unit_replies_SOURCES = tests/unit/replies.c
tests_unit_replies_LDADD = $(unit_ldadd)
# Mailboxes and journals are written and read back; every way to look for markers finds the same.
check_PROGRAMS += tests/unit/bounce tests/unit/export
tests_unit_bounce_SOURCES = tests/unit/bounce.c tests/unit/draw.h
tests_unit_bounce_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_bounce_LDADD = $(unit_ldadd)
tests_unit_export_SOURCES = tests/unit/export.c tests/unit/draw.h
tests_unit_export_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_export_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/scan
tests_unit_scan_SOURCES = tests/unit/scan.c tests/unit/draw.h
tests_unit_scan_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_scan_LDADD = $(unit_ldadd)
