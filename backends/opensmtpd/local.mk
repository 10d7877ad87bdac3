backend_names += opensmtpd
opensmtpd_sources = backends/opensmtpd/opensmtpd.c backends/opensmtpd/log.c backends/opensmtpd/log.h
libbackends_a_SOURCES += $(opensmtpd_sources)
if MODULES
backend_LTLIBRARIES += opensmtpd.la
opensmtpd_la_SOURCES = $(opensmtpd_sources)
opensmtpd_la_LDFLAGS = $(backend_ldflags)
endif
