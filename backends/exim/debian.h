/* SPDX-License-Identifier: ISC */
/*
 * debian.h: Debian's configuration of Exim: people edit sources below /etc/exim4, update-exim4.conf makes one file of them,
 * Exim reads that. What it makes, byte for byte, and of which line of which source each of its lines is made.
 *
 * Written from the behaviour of update-exim4.conf of Debian 12 and 13 (update-exim4.conf(8)), compared with it in
 * tests/real/exim-debian.t. Read here, never run: update-exim4.conf.conf is a script for sh, of which assignments are
 * understood; where it holds more, or a backslash, what comes out is not known.
 */
#ifndef EX_DEBIAN_H
#define EX_DEBIAN_H

#include <mtapin/model.h>

enum ex_scheme {
	EX_SCHEME_NONE, /* not Debian's: what Exim reads is what people edit */
	EX_SCHEME_OWN, /* /etc/exim4/exim4.conf is there: Exim reads that, and nothing is made */
	EX_SCHEME_UNSPLIT, /* of exim4.conf.localmacros and exim4.conf.template */
	EX_SCHEME_SPLIT, /* of the files below conf.d */
};

/* A line of a source; file NULL: of none, update-exim4.conf adds it, or somebody wrote it into the generated file. */
struct ex_made_of {
	const char *file;
	unsigned line;
};

struct ex_debian {
	enum ex_scheme scheme;
	/* macros of update-exim4.conf.conf are put in: the type of configuration is not none */
	bool substitutes;
	/* what it makes of the sources; p NULL: see failed and unknown, or the scheme makes nothing */
	struct mt_str made;
	const char *failed; /* why it makes nothing and ends with 1, a clause; NULL: it does not */
	const char *unknown; /* why that cannot be told here, a clause; NULL: it can */
	/* what of `made` is a guess, a clause: not to be compared byte for byte; NULL: nothing */
	const char *inexact;
	const struct ex_made_of *source; /* of each line of `made` */
	size_t lines;
	/* The generated file is there and is another one than `made`: it is older than the sources, or edited itself. */
	bool stale;
	unsigned stale_line; /* the first line of it that differs; 0 not stale */
	const struct ex_made_of *live; /* of each line of the generated file as it is */
	size_t live_lines;
};

/* Never NULL. */
const struct ex_debian *ex_debian_read(struct mt_arena *arena, const struct mt_snapshot *snapshot);
/* `made` alone: what update-exim4.conf makes of the sources in the snapshot; p NULL: nothing, or not known. */
struct mt_str ex_debian_generate(struct mt_arena *arena, const struct mt_snapshot *snapshot);
/*
 * The snapshot in which the generated file is what the next start makes: of a tree that does not run, where the sources may be
 * newer. Else, and where that is not known, the same one.
 */
const struct mt_snapshot *ex_debian_snapshot(struct mt_arena *arena,
					     const struct mt_snapshot *snapshot);
/* The source of a line (1-based) of the generated file as it is in the snapshot. */
struct ex_made_of ex_debian_source(const struct ex_debian *debian, unsigned line);
/*
 * An origin in the generated file as one in its source: file, line and text of that, `generated` the line that Exim reads. Any
 * other, and of a line without a source, as it is. `next` and `via` stay.
 */
const struct mt_origin *ex_debian_origin(struct mt_arena *arena, const struct mt_snapshot *snapshot,
					 const struct ex_debian *debian,
					 const struct mt_origin *origin);

/* ---- update-exim4.conf.conf ---- */

struct ex_setting {
	struct mt_str name, value;
	unsigned line;
	struct ex_setting *next;
};
struct ex_settings {
	struct ex_setting *first;
	const char *unknown; /* what of it only sh can tell, a clause; NULL: nothing */
};
struct ex_settings ex_settings_read(struct mt_arena *arena, struct mt_str bytes);
/* The last one, which counts; NULL: none. */
const struct ex_setting *ex_setting_get(const struct ex_settings *settings, const char *name);
/* Its value; "" where there is none. */
struct mt_str ex_setting_value(const struct ex_settings *settings, const char *name);

#endif
