backend_names += exim
exim_sources = backends/exim/exim.c backends/exim/log.c backends/exim/log.h
libbackends_a_SOURCES += $(exim_sources)
if MODULES
backend_LTLIBRARIES += exim.la
exim_la_SOURCES = $(exim_sources)
exim_la_LDFLAGS = $(backend_ldflags)
endif
