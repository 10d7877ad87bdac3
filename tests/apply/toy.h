/* SPDX-License-Identifier: ISC */
/*
 * toy.h: an MTA for tests of the apply engine: two files of one line that matters each, a validator, a
 * daemon (a copy of sleep(1)) with start, stop and reload scripts, all below one folder.
 *
 *	DIR/etc/a.cf	pin = ADDRESS	source of the path "out", IPv4
 *	DIR/etc/b.cf	pin6 = ADDRESS	IPv6
 *	DIR/bin/	start stop reload validate
 *	DIR/run/pid, DIR/log, DIR/state
 *
 * With a third file, DIR/var/all.cf, that bin/generate makes of the other two (toy_make_build): the source of the path "made".
 *
 * What goes wrong is asked for by a file DIR/fail-WHAT: validate, start, stop, reload (dies), log
 * (complains), model (another address is found afterwards), once (start fails the first time); and of
 * bin/generate see there.
 */
#ifndef TOY_H
#define TOY_H

#include <mtapin/backend.h>

#include "io/txn/apply.h"

#define TOY_A_OLD "# head\npin = 192.0.2.1\ntail = 1\n"
#define TOY_A_NEW "# head\npin = 192.0.2.2\ntail = 1\n"
#define TOY_B_OLD "one\npin6 = 2001:db8::1"
#define TOY_B_NEW "one\npin6 = 2001:db8::2\n"

struct toy {
	struct mt_arena *arena;
	const char *dir;
	struct mt_goal goal;
	struct mt_plan plan;
	struct mt_apply_options options;
};

extern const struct mt_backend *const toy_backends[];

/* Files, scripts, no daemon. */
int toy_make(const char *dir);
/* How the third file is made: "print" (a program prints it), "user" (the same, as nobody), "live" (bin/generate FILES OUT, and in
 * place too), "mounted" (bin/generate, which knows no other place). */
int toy_make_build(const char *dir, const char *how);
void toy_init(struct toy *toy, struct mt_arena *arena, const char *dir);
/* The two in a new folder below /tmp, of which the arena, made empty, holds the name; and away with it. */
int toy_begin(struct toy *toy, struct mt_arena *arena);
int toy_end(const struct toy *toy);
/* From what is in the folder now; `service`: restart, else files alone. */
int toy_plan(struct toy *toy, enum mt_action action, struct mt_error *error);
/* What is made of the changes that toy->plan has: toy_plan() calls it. */
void toy_plan_build(struct toy *toy);
const char *toy_path(const struct toy *toy, const char *rest);
/* A file of the folder: replace its bytes or make it; read it, "" when it is absent. */
int toy_put(const struct toy *toy, const char *name, const char *text);
struct mt_str toy_text(const struct toy *toy, const char *name);

#endif
