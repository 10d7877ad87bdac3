backend_names += qmail
finding_texts += backends/qmail/findings.txt
qmail_sources = backends/qmail/qmail.c backends/qmail/qmail.h \
	backends/qmail/collect.c backends/qmail/collect.h \
	backends/qmail/home.c backends/qmail/home.h backends/qmail/remote.c backends/qmail/remote.h \
	backends/qmail/control.c backends/qmail/control.h backends/qmail/outgoingip.c backends/qmail/outgoingip.h \
	backends/qmail/precedence.c backends/qmail/stages.c backends/qmail/stages.h backends/qmail/bindings.c \
	backends/qmail/source.c backends/qmail/route.c backends/qmail/other_mta.c \
	backends/qmail/plan.c backends/qmail/plan_file.c backends/qmail/plan_file.h backends/qmail/plan_alternatives.c backends/qmail/plan_service.c \
	backends/qmail/log.c backends/qmail/log.h backends/qmail/lint.c backends/qmail/lint_name.c backends/qmail/findings.c
libbackends_a_SOURCES += $(qmail_sources)
if MODULES
backend_LTLIBRARIES += qmail.la
qmail_la_SOURCES = $(qmail_sources)
qmail_la_LDFLAGS = $(backend_ldflags)
endif
