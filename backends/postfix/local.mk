backend_names += postfix
finding_texts += backends/postfix/findings.txt
postfix_sources = backends/postfix/postfix.c \
	backends/postfix/collect.c backends/postfix/collect.h \
	backends/postfix/parameters.c backends/postfix/parameters.h \
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

# parameters.tsv, for C by the rule of *.rows; for the collector as lists
BUILT_SOURCES += backends/postfix/parameters.rows backends/postfix/parameters.inc
CLEANFILES += backends/postfix/parameters.rows backends/postfix/parameters.inc
backends/postfix/parameters.inc: backends/postfix/parameters.tsv
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(AWK) -F '\t' '/^#/ || NF < 2 { next } { sub(/^[*]/, "", $$1) } \
		$$2 ~ /ASKED/ { names = names "\\n" $$1 } $$2 ~ /TABLES|REWRITES|WORDS/ { tables = tables "\\n" $$1 } \
		$$2 ~ /ACTIONS/ { ends = ends "\\n" $$1 } \
		END { printf "\"postfix_names=\047%s\047\\npostfix_tables=\047%s\047\\npostfix_ends=\047%s\047\\n\"\n", \
			substr(names, 3), substr(tables, 3), substr(ends, 3) }' $(srcdir)/backends/postfix/parameters.tsv >$@
