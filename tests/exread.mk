# Exim's configuration.

# For tests/differential/exim/run, which compares with a real Exim; `make check` only builds them.
# exdump-fault carries planted faults, one for each number in EX_FAULT, that the comparison must find.
exdump_programs = tests/differential/exim/exdump tests/differential/exim/exdump-fault
EXTRA_PROGRAMS += $(exdump_programs)
tests_differential_exim_exdump_SOURCES = tests/differential/exim/exdump.c
tests_differential_exim_exdump_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
tests_differential_exim_exdump_LDADD = $(postfix_ldadd)
tests_differential_exim_exdump_fault_SOURCES = tests/differential/exim/exdump.c \
	backends/exim/lines.c backends/exim/value.c backends/exim/config.c backends/exim/drivers.c
tests_differential_exim_exdump_fault_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -DEX_FAULTS
tests_differential_exim_exdump_fault_LDADD = $(postfix_ldadd)
check_PROGRAMS += tests/unit/exread
tests_unit_exread_SOURCES = tests/unit/exread.c
tests_unit_exread_LDADD = $(postfix_ldadd)
