# Host cases as data: a folder of them, one runner (tests/cases/run.c).
EXTRA_PROGRAMS += tests/cases/run
tests_cases_run_SOURCES = tests/cases/run.c tests/cases/host.c tests/cases/see.c tests/cases/wire.c tests/cases/words.c tests/cases/case.h
tests_cases_run_CPPFLAGS = $(AM_CPPFLAGS) -DMT_STATIC_BACKENDS
tests_cases_run_LDADD = $(unit_ldadd)
TESTS += tests/cases/all.t
