backend_names += postfix
postfix_sources = backends/postfix/postfix.c \
	backends/postfix/maincf.c backends/postfix/maincf.h \
	backends/postfix/mastercf.c backends/postfix/mastercf.h \
	backends/postfix/expand.c backends/postfix/expand.h backends/postfix/scope.c \
	backends/postfix/defaults.c \
	backends/postfix/splice.c backends/postfix/splice.h \
	backends/postfix/maincf_edit.c backends/postfix/mastercf_edit.c
libbackends_a_SOURCES += $(postfix_sources)
if MODULES
backend_LTLIBRARIES += postfix.la
postfix_la_SOURCES = $(postfix_sources)
postfix_la_LDFLAGS = $(backend_ldflags)
endif
