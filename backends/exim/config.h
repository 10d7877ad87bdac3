/* SPDX-License-Identifier: ISC */
/*
 * config.h: Exim's configuration, as Exim itself reads it: lines, macros, conditions and includes, sections, drivers and
 * their options, and the error that it dies of. Nothing is expanded: a value is the text that Exim expands for a mail.
 *
 * Measured with Exim 4.96 (tests/differential/exim); what is not said in the specification stands where it is done.
 * Not known here: which users and groups there are, so one that does not exist is no error; what an expansion in a main
 * option gives (log_file_path with a '$' in it).
 */
#ifndef EX_CONFIG_H
#define EX_CONFIG_H

#include <mtapin/model.h>

enum ex_section {
	EX_MAIN,
	EX_ACL,
	EX_AUTHENTICATORS,
	EX_LOCAL_SCAN,
	EX_RETRY,
	EX_REWRITE,
	EX_ROUTERS,
	EX_TRANSPORTS,
	EX_SECTIONS
};

/* A definition of a macro; each `==` is one more. */
struct ex_macro {
	const char *name, *value; /* with the macros in it replaced */
	bool unknown; /* bytes of it were taken out of the bundle */
	const struct mt_origin *origin;
	struct ex_macro *next; /* in the order of the file */
};

struct ex_option {
	const char *name; /* without "hide", "no_", "not_"; as in Exim's table */
	/* macros replaced, unquoted. Of a boolean "true", "false", or what is expanded to one. "" where it is unknown */
	const char *value;
	bool boolean;
	bool hidden; /* "hide": only root may see it, so nothing that prints it may leave the host */
	bool unknown; /* <value not displayable>, or its bytes were taken out of a bundle */
	/*
	 * Where the line of the option begins, and as it stands there, `via` the macros that were replaced in it (where
	 * they are defined, and the macros in their definitions) and then the includes that lead to it.
	 */
	const struct mt_origin *origin;
	unsigned
		last_line; /* of the same file, where the logical line ends; 0: not known, or in another file */
	/* the value is what this macro is defined as, and nothing else: to change it, edit origin of that. NULL: not so */
	const struct ex_macro *macro;
	/* of the same driver in the order of the file; "condition", "headers_add" and others may come again */
	struct ex_option *next;
};

struct ex_driver {
	const char *name;
	const char *driver; /* "smtp" */
	enum ex_section section;
	const struct mt_origin *origin; /* of the line "NAME:" */
	struct ex_option *options; /* with "driver" */
	struct ex_driver *next; /* in the order of the file: routers are tried so */
};

/* domainlist NAME = ... */
struct ex_list {
	const char *kind; /* "domainlist", "hostlist", "addresslist", "localpartlist" */
	const char *name, *value;
	bool hidden; /* "hide" */
	const struct mt_origin *origin;
	struct ex_list *next;
};

/* A logical line that Exim acts on, macros replaced, continuations joined: `begin` lines too, no comments. */
struct ex_line {
	struct mt_str text;
	const char *file;
	unsigned first, last; /* physical lines; 0: not known, or that one is of another file */
	enum ex_section section; /* that it stands in */
	struct ex_line *next;
};

/* Which Exim it is. What it was built without is unknown to it. */
struct ex_build {
	unsigned version; /* 4.96: 496; 0 not known */
	struct mt_str text; /* what it says of itself: "Support for: ... GnuTLS ..." */
};
/* From the output of `exim -bV`; NULL where it is not that. */
const struct ex_build *ex_build_read(struct mt_arena *arena, struct mt_str bV);

struct ex_config {
	const char *file;
	struct ex_option *main;
	struct ex_list *lists;
	struct ex_macro *macros;
	struct ex_driver *routers, *transports, *authenticators;
	struct ex_line *lines;
	const char *const *files; /* that were read, `file` first, each once; NULL-terminated */
	const char *const
		*absent; /* of .include_if_exists, that are not there; NULL-terminated, NULL none */
	const char *const *uncollected; /* that are included, and nobody looked; the same */
	/*
	 * What Exim refuses it for, in its words: without "Exim configuration error in line N of FILE:". What stands
	 * before that line was read. NULL: it takes it.
	 */
	const char *error;
	const char *error_file; /* NULL: Exim names no place */
	unsigned error_line;
	/*
	 * Why not all of it is known, a clause; then `error` may be missing, and options may be. NULL: it is. The file
	 * itself cannot be read; a file that is included was not collected: it is passed over.
	 */
	const char *unknown;
};

/*
 * Read `file` of the snapshot with what it includes. `build` may be NULL: then each option that some Exim has is taken for
 * known. Never NULL.
 */
const struct ex_config *ex_config_read(struct mt_arena *arena, const struct mt_snapshot *snapshot,
				       const char *file, const struct ex_build *build);
/*
 * Read what `exim -bP config` has printed. Its marks `# LINE "FILE"` tell the files; lines within one are not told: line 0 of
 * an origin. Runs of blanks in a value may be one blank less than they were: Exim prints it so.
 */
const struct ex_config *ex_config_printed(struct mt_arena *arena, struct mt_str printed,
					  const struct ex_build *build);

/* The first one of the name; NULL: it is not set, Exim's default counts. */
const struct ex_option *ex_option_get(const struct ex_option *options, const char *name);
const struct ex_driver *ex_driver_get(const struct ex_driver *drivers, const char *name);
/* The last definition of it, NULL none. */
const struct ex_macro *ex_macro_get(const struct ex_config *config, const char *name);
/* "true" counts; what has to be expanded is false. `otherwise` where it is not set. */
bool ex_option_on(const struct ex_option *options, const char *name, bool otherwise);

#endif
