# Many hosts: the list of them, children on one loop, workers, the command.
check_PROGRAMS += tests/unit/hosts
tests_unit_hosts_SOURCES = tests/unit/hosts.c
tests_unit_hosts_LDADD = $(unit_ldadd)
