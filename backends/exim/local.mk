backend_names += exim
exim_sources = backends/exim/exim.c backends/exim/log.c backends/exim/log.h \
	backends/exim/methods.c backends/exim/methods.h \
	backends/exim/edit.c backends/exim/edit.h
exim_sources += backends/exim/config.c backends/exim/config.h backends/exim/lines.c backends/exim/lines.h \
	backends/exim/sections.h backends/exim/drivers.c backends/exim/rules.c \
	backends/exim/value.c backends/exim/value.h backends/exim/options.c backends/exim/options.h
exim_sources += backends/exim/collect.c backends/exim/collect.h backends/exim/wants.c \
	backends/exim/place.c backends/exim/place.h \
	backends/exim/debian.c backends/exim/debian.h backends/exim/settings.c
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
