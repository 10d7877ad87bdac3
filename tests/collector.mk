# How a host's facts get in: children, bundles, host facts, the collector.
check_PROGRAMS += tests/unit/run tests/unit/bundle tests/unit/host
tests_unit_run_SOURCES = tests/unit/run.c
tests_unit_run_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_unit_run_LDADD = $(unit_ldadd)
tests_unit_bundle_SOURCES = tests/unit/bundle.c
tests_unit_bundle_LDADD = $(unit_ldadd)
tests_unit_host_SOURCES = tests/unit/host.c
tests_unit_host_LDADD = $(unit_ldadd)

EXTRA_PROGRAMS += tests/collector/tool
tests_collector_tool_SOURCES = tests/collector/tool.c
tests_collector_tool_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_collector_tool_LDADD = $(unit_ldadd)

# They run the collector in small roots; the tool draws the script.
TESTS += $(collector_tests)

# messages of the DNS
check_PROGRAMS += tests/unit/dns
tests_unit_dns_SOURCES = tests/unit/dns.c
tests_unit_dns_LDADD = $(unit_ldadd)
