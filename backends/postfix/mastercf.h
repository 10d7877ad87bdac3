/* SPDX-License-Identifier: ISC */
/*
 * mastercf.h: master.cf as master(8) reads it, with positions, and minimal edits of it.
 *
 * Source: postfix src/master/master_ent.c, src/postconf/postconf_master.c, util/argv_splitq.c, extpar.c.
 */
#ifndef PF_MASTERCF_H
#define PF_MASTERCF_H

#include "maincf.h"
#include "line_edit.h"

struct pf_option { /* -o name=value, in order; the last of a name wins */
	struct mt_str name, value;
	unsigned line; /* physical line it stands on */
	size_t begin, end; /* bytes of the file: from its "-o" to the end of its argument */
	size_t value_begin, value_end; /* of its value alone, without white space around it */
	size_t argument; /* first byte of its argument */
	bool braced; /* written as { name = value } */
	struct pf_option *next;
};

struct pf_service {
	/* the eight fields; command is the first word */
	struct mt_str name, type, private_, unprivileged, chroot, wakeup, maxproc, command;
	struct pf_option *options;
	struct pf_line where;
	const char *path; /* of the file, for messages */
	const char *error; /* why each of its processes dies at once (an -o without '='); NULL */
	unsigned error_line;
	/* the first word behind the options that is no flags=...: smtp(8), lmtp(8) die of it; "" none */
	struct mt_str stray;
	size_t options_end; /* byte behind its last complete option, or behind the command */
	struct pf_service *next;
};

struct pf_mastercf {
	const char *path;
	struct mt_str bytes;
	struct pf_service *services; /* in file order; the last of a name and type counts */
	bool no_final_lf, has_nul;
	unsigned error_line; /* 0: Postfix loads it */
	const char *error; /* "bad field count", "bad transport type: xyz" ... */
	bool master_only; /* postconf(1) and `postfix check` accept it; master(8) dies of it */
};

void pf_mastercf_parse(struct mt_arena *arena, const char *path, struct mt_str bytes,
		       struct pf_mastercf *mastercf);
const struct pf_service *pf_mastercf_get(const struct pf_mastercf *mastercf, const char *name,
					 const char *type);
/* The option that counts for this service, NULL when it has none of that name. */
const struct pf_option *pf_service_option(const struct pf_service *service, struct mt_str name);
/* Basename of the command is smtp or lmtp, the type is unix, and the queue manager finds it (private). */
bool pf_service_is_client(const struct pf_service *service);
struct mt_str pf_basename(struct mt_str path);

/* The next word of an entry's text: blanks separate, except inside {}. False at the end. */
bool pf_word_next(struct mt_str text, size_t *at, struct mt_str *word);
/* Takes {} and the blanks inside it off a word that starts with '{'. False: unbalanced, or text behind it. */
bool pf_unbrace(struct mt_str *word);

/*
 * Edits in whole physical lines, everything else byte for byte. Not for a service with an error.
 * set: the last -o of the name is replaced where it stands (its form, "-o n=v" or "-o { n = v }", is kept
 *      when the value allows), else a line "  -o name=value" is added after the line of its last option
 *      (or of the command), indented as its other -o lines; where arguments follow on that very line,
 *      within it. A value with white space is written in braces. NULL when it already is so.
 * unset: every -o of that name is removed; a line left without anything but white space goes.
 * The file's own missing final newline is added rather than glued. A control character in a value is
 * written as a blank; braces in it must be balanced.
 */
struct mt_edit *pf_mastercf_set(struct mt_arena *arena, const struct pf_mastercf *mastercf,
				const struct pf_service *service, const struct pf_setting *settings,
				size_t count);
/*
 * A copy of `like`, byte for byte (options and inner comments with it), under another service name, right
 * after it, then with `settings` applied; the columns behind the name stay where they were if they can.
 * Where there is a service of that name and type already, it gets the settings.
 */
struct mt_edit *pf_mastercf_clone(struct mt_arena *arena, const struct pf_mastercf *mastercf,
				  const struct pf_service *like, const char *name,
				  const struct pf_setting *settings, size_t count);
/*
 * The same for several services at once: add to `list`, then pf_splice_edits(.., &list) (line_edit.h). Needed when
 * one service is both changed and cloned: both may touch the last line of the file.
 */
struct pf_change {
	struct mt_arena *arena;
	const struct pf_mastercf *mastercf;
	struct pf_splices list;
};
void pf_change_set(struct pf_change *change, const struct pf_service *service,
		   const struct pf_setting *settings, size_t count);
void pf_change_clone(struct pf_change *change, const struct pf_service *like, const char *name,
		     const struct pf_setting *settings, size_t count);

#endif
