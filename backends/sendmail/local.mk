backend_names += sendmail
sendmail_sources = backends/sendmail/sendmail.c backends/sendmail/log.c backends/sendmail/log.h
libbackends_a_SOURCES += $(sendmail_sources)
if MODULES
backend_LTLIBRARIES += sendmail.la
sendmail_la_SOURCES = $(sendmail_sources)
sendmail_la_LDFLAGS = $(backend_ldflags)
endif
