backend_names += exim
finding_texts += backends/exim/findings.txt
exim_sources = backends/exim/exim.c backends/exim/log.c backends/exim/log.h \
	backends/exim/methods.c backends/exim/methods.h \
	backends/exim/edit.c backends/exim/edit.h \
	backends/exim/plan.c backends/exim/plan.h backends/exim/plan_files.c backends/exim/plan_map.c \
	backends/exim/plan_service.c backends/exim/lint.c backends/exim/lint.h \
	backends/exim/findings.c backends/exim/findings.h
exim_sources += backends/exim/lint_broken.c backends/exim/lint_waiting.c backends/exim/lint_macros.c backends/exim/lint_names.c
exim_sources += backends/exim/config.c backends/exim/config.h backends/exim/lines.c backends/exim/lines.h \
	backends/exim/sections.h backends/exim/drivers.c backends/exim/rules.c \
	backends/exim/value.c backends/exim/value.h backends/exim/options.c backends/exim/options.h
exim_sources += backends/exim/collect.c backends/exim/collect.h backends/exim/wants.c \
	backends/exim/place.c backends/exim/place.h \
	backends/exim/debian.c backends/exim/debian.h backends/exim/settings.c
exim_sources += backends/exim/items.c backends/exim/items.h backends/exim/interface.c backends/exim/interface.h
exim_sources += backends/exim/lsearch.c backends/exim/lsearch.h backends/exim/expression.c backends/exim/expression.h \
	backends/exim/evaluate.h backends/exim/variables.c backends/exim/condition.c backends/exim/lookup.c
exim_sources += backends/exim/exim.h backends/exim/examine.c backends/exim/transports.c backends/exim/ways.c \
	backends/exim/bindings.c backends/exim/listeners.c
exim_sources += backends/exim/route.c backends/exim/route.h backends/exim/routers.c backends/exim/asking.c \
	backends/exim/match.c backends/exim/match.h backends/exim/said.c backends/exim/said.h \
	backends/exim/harmless.c backends/exim/harmless.h
libbackends_a_SOURCES += $(exim_sources)
if MODULES
backend_LTLIBRARIES += exim.la
exim_la_SOURCES = $(exim_sources)
exim_la_LDFLAGS = $(backend_ldflags)
endif

# options.tsv and builtin.tsv, by the rule of *.rows
exim_rows = backends/exim/options.rows backends/exim/builtin.rows
BUILT_SOURCES += $(exim_rows)
CLEANFILES += $(exim_rows)

BUILT_SOURCES += backends/exim/prove.inc
backends/exim/prove.inc: scripts/string.sed
CLEANFILES += backends/exim/prove.inc
