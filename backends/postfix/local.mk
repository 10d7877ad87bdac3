backend_names += postfix
postfix_sources = backends/postfix/postfix.c \
	backends/postfix/collect.c backends/postfix/collect.h \
	backends/postfix/maincf.c backends/postfix/maincf.h \
	backends/postfix/mastercf.c backends/postfix/mastercf.h \
	backends/postfix/expand.c backends/postfix/expand.h backends/postfix/precedence.c \
	backends/postfix/defaults.c backends/postfix/log.c backends/postfix/log.h \
	backends/postfix/line_edit.c backends/postfix/line_edit.h \
	backends/postfix/maincf_edit.c backends/postfix/mastercf_edit.c \
	backends/postfix/postfix.h backends/postfix/interfaces.c backends/postfix/interfaces.h \
	backends/postfix/instance.c backends/postfix/instance.h \
	backends/postfix/tables.c backends/postfix/tables.h \
	backends/postfix/transports.c backends/postfix/transports.h \
	backends/postfix/source.c backends/postfix/source.h \
	backends/postfix/client_services.c backends/postfix/client_services.h backends/postfix/listeners.c \
	backends/postfix/findings.c backends/postfix/lint.c backends/postfix/lint_tables.c backends/postfix/lint.h \
	backends/postfix/tree_files.c backends/postfix/tree_files.h \
	backends/postfix/match_list.c backends/postfix/match_list.h \
	backends/postfix/route.c backends/postfix/route.h \
	backends/postfix/router.h backends/postfix/lookup.c backends/postfix/rewrite.c \
	backends/postfix/config_edit.c backends/postfix/config_edit.h \
	backends/postfix/plan.c backends/postfix/plan.h backends/postfix/plan_edit.c \
	backends/postfix/plan_interfaces.c backends/postfix/plan_service.c \
	backends/postfix/boot_order.c backends/postfix/boot_order.h
libbackends_a_SOURCES += $(postfix_sources)
if MODULES
backend_LTLIBRARIES += postfix.la
postfix_la_SOURCES = $(postfix_sources)
postfix_la_LDFLAGS = $(backend_ldflags)
endif
