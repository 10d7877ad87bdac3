# The command line: programs that are tests, a helper that prints the option table, the scripts.
check_PROGRAMS += tests/unit/text
tests_unit_text_SOURCES = tests/unit/text.c
tests_unit_text_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/escape
tests_unit_escape_SOURCES = tests/unit/escape.c
tests_unit_escape_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/recipe
tests_unit_recipe_SOURCES = tests/unit/recipe.c
tests_unit_recipe_LDADD = $(unit_ldadd)
noinst_PROGRAMS = tests/cli/table
tests_cli_table_SOURCES = tests/cli/table.c
tests_cli_table_LDADD = $(unit_ldadd)
TESTS += $(cli_tests)

# what replies are about
check_PROGRAMS += tests/unit/replies
tests_unit_replies_SOURCES = tests/unit/replies.c
tests_unit_replies_LDADD = $(unit_ldadd)
