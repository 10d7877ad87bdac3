/* SPDX-License-Identifier: ISC */
/*
 * sections.h: what each section of a configuration holds, and what Exim refuses of it. Functions are false where Exim dies;
 * config->error then says of what.
 */
#ifndef EX_SECTIONS_H
#define EX_SECTIONS_H

#include "value.h"

#define EX_TABLES_VERSION 496 /* of options.tsv and builtin.tsv */

/* What is remembered from line to line. */
struct ex_sections {
	unsigned had; /* a bit a section */
	struct ex_driver *driver; /* whose options come; NULL: none */
	const struct ex_known_driver *known; /* NULL: no "driver" yet */
	bool in_acl; /* lines of one come */
	const char *verb; /* NULL: none yet */
	const char *const *acls; /* names */
};

/* "hide NAME", "no_NAME" and what is behind it. */
struct ex_written {
	const char *name; /* with "no_" */
	const char *plain; /* without */
	bool hidden, negated;
	struct mt_str rest;
};
struct ex_written ex_written(struct ex_reader *reader, struct mt_str s);

/* A name that the tables do not have may be one of its. */
bool ex_may_be_newer(const struct ex_reader *reader);
bool ex_expect_name(struct ex_reader *reader, struct mt_str s);
/* `fmt` with NAME in it. */
bool ex_unknown_option(struct ex_reader *reader, const struct ex_logical *line, const char *fmt,
		       const char *name);
bool ex_read_option(struct ex_reader *reader, const struct ex_logical *line,
		    const struct ex_known *known, const struct ex_written *written,
		    struct ex_option **options);

bool ex_read_driver_line(struct ex_reader *reader, const struct ex_logical *line,
			 struct ex_sections *sections);
/* The section, or the file, ends. */
bool ex_end_drivers(struct ex_reader *reader, struct ex_sections *sections);
bool ex_read_acl_line(struct ex_reader *reader, const struct ex_logical *line,
		      struct ex_sections *sections);
/* When the main section is read. */
bool ex_check_main(struct ex_reader *reader);
/* When all options of a driver are. */
bool ex_check_driver(struct ex_reader *reader, const struct ex_driver *driver);

#endif
