libbackends_a_SOURCES += backends/qmail/collect.c backends/qmail/collect.h
