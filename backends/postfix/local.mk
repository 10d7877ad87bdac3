backend_names += postfix
postfix_sources = backends/postfix/postfix.c
libbackends_a_SOURCES += $(postfix_sources)
if MODULES
backend_LTLIBRARIES += postfix.la
postfix_la_SOURCES = $(postfix_sources)
postfix_la_LDFLAGS = $(backend_ldflags)
endif
