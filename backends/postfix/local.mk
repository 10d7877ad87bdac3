backend_names += postfix
postfix_sources = backends/postfix/postfix.c \
	backends/postfix/collect.c backends/postfix/collect.h \
	backends/postfix/maincf.c backends/postfix/maincf.h \
	backends/postfix/mastercf.c backends/postfix/mastercf.h \
	backends/postfix/expand.c backends/postfix/expand.h backends/postfix/scope.c \
	backends/postfix/defaults.c backends/postfix/log.c backends/postfix/log.h \
	backends/postfix/splice.c backends/postfix/splice.h \
	backends/postfix/maincf_edit.c backends/postfix/mastercf_edit.c \
	backends/postfix/postfix.h backends/postfix/own.c backends/postfix/own.h \
	backends/postfix/instance.c backends/postfix/instance.h \
	backends/postfix/tables.c backends/postfix/tables.h \
	backends/postfix/transports.c backends/postfix/transports.h \
	backends/postfix/source.c backends/postfix/source.h \
	backends/postfix/paths.c backends/postfix/paths.h backends/postfix/listeners.c \
	backends/postfix/findings.c backends/postfix/lint.c backends/postfix/lint_tables.c backends/postfix/lint.h \
	backends/postfix/wants.c backends/postfix/wants.h \
	backends/postfix/match.c backends/postfix/match.h \
	backends/postfix/route.c backends/postfix/route.h \
	backends/postfix/router.h backends/postfix/lookup.c backends/postfix/rewrite.c \
	backends/postfix/draft.c backends/postfix/draft.h \
	backends/postfix/plan.c backends/postfix/plan.h backends/postfix/plan_edit.c \
	backends/postfix/plan_interfaces.c backends/postfix/plan_service.c \
	backends/postfix/boot.c backends/postfix/boot.h
libbackends_a_SOURCES += $(postfix_sources)
if MODULES
backend_LTLIBRARIES += postfix.la
postfix_la_SOURCES = $(postfix_sources)
postfix_la_LDFLAGS = $(backend_ldflags)
endif
