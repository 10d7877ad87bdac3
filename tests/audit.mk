# Many hosts: the list of them, children on one loop, workers, the command.
check_PROGRAMS += tests/unit/hosts
tests_unit_hosts_SOURCES = tests/unit/hosts.c
tests_unit_hosts_LDADD = $(unit_ldadd)

# What parses foreign bytes has nothing.
check_PROGRAMS += tests/unit/confine
tests_unit_confine_SOURCES = tests/unit/confine.c
tests_unit_confine_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_confine_LDADD = $(unit_ldadd)
check_PROGRAMS += tests/unit/reader
tests_unit_reader_SOURCES = tests/unit/reader.c
tests_unit_reader_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_reader_LDADD = $(unit_ldadd)
