/* SPDX-License-Identifier: ISC */
/* boot_hook.c: a unit or a script that rolls back at boot. */
#include "io/txn/boot_hook.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/service/init.h"
#include "io/sys/run.h"

#define NAME	  "mtapin-confirm"
#define FLAG	  "/run/mtapin.unconfirmed"
#define ENABLE_MS 20000

struct hook {
	const char *init; /* whose row in mt_inits it is for */
	const char *file, *link, *target;
	mode_t mode;
	/* @1 the program, @2 what it must precede, @3 the flag; no other @ */
	const char *text;
	/* Instead of the link, where this program is: a link alone is not run (Debian's startpar
	 * takes its order from a file that insserv writes). */
	const char *enable[4], *disable[5];
};

static const struct hook hooks[] = {
	{"systemd",
	 "/etc/systemd/system/" NAME ".service",
	 "/etc/systemd/system/multi-user.target.wants/" NAME ".service",
	 "../" NAME ".service",
	 0644,
	 "[Unit]\n"
	 "Description=Roll back a change by mtapin that was not confirmed\n"
	 "ConditionPathExists=!@3\n"
	 "After=network-online.target\n"
	 "Before=@2\n"
	 "\n"
	 "[Service]\n"
	 "Type=oneshot\n"
	 "RemainAfterExit=yes\n"
	 "ExecStart=@1 recover --booted\n"
	 "\n"
	 "[Install]\n"
	 "WantedBy=multi-user.target\n",
	 {NULL},
	 {NULL}},
	{"openrc",
	 "/etc/init.d/" NAME,
	 "/etc/runlevels/default/" NAME,
	 "/etc/init.d/" NAME,
	 0755,
	 "#!/sbin/openrc-run\n"
	 "description=\"Roll back a change by mtapin that was not confirmed\"\n"
	 "\n"
	 "depend() {\n"
	 "\tafter localmount mountall mountnfs\n"
	 "\tafter bootmisc\n"
	 "\tbefore @2\n"
	 "}\n"
	 "\n"
	 "start() {\n"
	 "\t[ -e @3 ] || @1 recover --booted\n"
	 "}\n",
	 {NULL},
	 {NULL}},
	{"sysvinit",
	 "/etc/init.d/" NAME,
	 "/etc/rcS.d/S99" NAME,
	 "../init.d/" NAME,
	 0755,
	 "#!/bin/sh\n"
	 "### BEGIN INIT INFO\n"
	 "# Provides:          " NAME "\n"
	 "# Required-Start:    $local_fs $remote_fs\n"
	 "# Required-Stop:\n"
	 "# Default-Start:     S\n"
	 "# Default-Stop:\n"
	 "# Short-Description: Roll back a change by mtapin that was not confirmed\n"
	 "### END INIT INFO\n"
	 "[ \"$1\" != start ] || [ -e @3 ] || @1 recover --booted\n",
	 {"update-rc.d", NAME, "defaults"},
	 {"update-rc.d", "-f", NAME, "remove"}},
};

static const struct hook *hook_here(void)
{
	for (const struct mt_init *init = mt_inits; init->name; init++)
		for (size_t i = 0; i < MT_ARRAY_LEN(hooks); i++)
			if (!init->supervisor && strcmp(init->name, hooks[i].init) == 0 &&
			    init->detect())
				return &hooks[i];
	return NULL;
}

/* ---- its text ----------------------------------------------------------------------------------- */

const char *mt_hook_program(char *path)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
	return path[0] == '/' && !path[strspn(path, "/abcdefghijklmnopqrstuvwxyz"
						    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")]
		       ? path
		       : NULL;
}

/* The MTA's units, and the one that its process is in: that of a supervisor, for one below it. */
static const char *mta_units(struct mt_arena *arena, const struct mt_daemon *daemon,
			     struct mt_process process, bool systemd)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	const char *own = systemd && process.pid ? mt_init_unit(arena, process) : NULL;
	const char *last = own;
	if (own)
		mt_text_addf(&text, "%s", own);
	for (const char *const *unit = daemon->units; unit && *unit; unit++) {
		size_t n = systemd ? strlen(*unit) : strcspn(*unit, "@.");
		bool is_unit = strchr(*unit, '.') != NULL;
		if (is_unit != systemd || (last && strcmp(*unit, last) == 0))
			continue;
		mt_text_addf(&text, "%s%.*s", text.n ? " " : "", (int)n, *unit);
		last = *unit;
	}
	return mt_text_z(&text);
}

static const char *fill_template(struct mt_arena *arena, const char *text,
				 const char *const value[3])
{
	struct mt_text out = MT_TEXT_INIT(arena);
	while (*text) {
		size_t n = strcspn(text, "@");
		mt_text_addf(&out, "%.*s", (int)n, text);
		text += n;
		if (*text) {
			mt_text_addf(&out, "%s", value[text[1] - '1']);
			text += 2;
		}
	}
	return mt_text_z(&out);
}

const struct mt_change *mt_hook_change(struct mt_arena *arena, const struct mt_daemon *daemon,
				       struct mt_process process)
{
	char path[PATH_MAX];
	const struct hook *hook = hook_here();
	const char *self = mt_hook_program(path);
	if (!hook || !self)
		return NULL;
	struct mt_change *change = MT_NEW(arena, struct mt_change);
	const char *units = mta_units(arena, daemon, process, strcmp(hook->init, "systemd") == 0);
	*change = (struct mt_change){
		.path = hook->file,
		.create = true,
		.mode = (int)hook->mode,
		.after = mt_str_of(fill_template(arena, hook->text,
						 (const char *const[]){self, units, FLAG}))};
	change->edits = mt_edits_between(arena, change->before, change->after);
	return change;
}

/* ---- writing and removing ----------------------------------------------------------------------- */

static int open_hook_dir(struct mt_arena *arena, const char *path)
{
	return open(dirname(mt_strdup(arena, path)), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int hook_failed(const char *path, struct mt_error *error)
{
	return mt_fail(error, MT_EXIT_FAILED, path, "cannot be written for --confirm: %s",
		       strerror(errno));
}

static int put_file(struct mt_arena *arena, const struct hook *hook, struct mt_str text,
		    struct mt_error *error)
{
	const char *name = strrchr(hook->file, '/') + 1;
	MT_FD dir = open_hook_dir(arena, hook->file);
	if (dir < 0 || (unlinkat(dir, name, 0) < 0 && errno != ENOENT) ||
	    mt_put_new(dir, name, text) || fchmodat(dir, name, hook->mode, 0) < 0 || mt_sync(dir))
		return hook_failed(hook->file, error);
	return 0;
}

/* Is there no such program, or has it done it? */
static int run_hook_command(struct mt_arena *arena, const char *const *words, bool *there,
			    struct mt_error *error)
{
	const char *argv[6] = {words[0] ? mt_init_program(arena, words[0]) : NULL};
	struct mt_run_result result;
	struct mt_run run = {.argv = argv, .deadline_ms = ENABLE_MS, .max_output = 65536};
	*there = argv[0] != NULL;
	if (!*there)
		return 0;
	for (size_t i = 1; i < 5 && words[i]; i++)
		argv[i] = words[i];
	if (mt_run(arena, &run, &result, error))
		return -1;
	return result.status ? mt_fail(error, MT_EXIT_FAILED, argv[0], "exit status %d: %.*s",
				       result.status, MT_STR_FMT(mt_str_trim(result.err)))
			     : 0;
}

static int enable(struct mt_arena *arena, const struct hook *hook, struct mt_error *error)
{
	bool there;
	if (run_hook_command(arena, hook->enable, &there, error))
		return -1;
	if (there)
		return 0;
	const char *name = strrchr(hook->link, '/') + 1;
	mkdir(dirname(mt_strdup(arena, hook->link)), 0755);
	MT_FD dir = open_hook_dir(arena, hook->link);
	if (dir < 0 || (unlinkat(dir, name, 0) < 0 && errno != ENOENT) ||
	    symlinkat(hook->target, dir, name) < 0 || mt_sync(dir))
		return hook_failed(hook->link, error);
	return 0;
}

static int put_flag(struct mt_error *error)
{
	MT_FD fd = open(FLAG, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? hook_failed(FLAG, error) : 0;
}

/* Why there can be none; NULL: there can. */
static const char *hook_obstacle(const struct hook *hook, const char *self)
{
	if (!hook)
		return "no init here would roll it back at the next boot";
	return self ? NULL : "the path of this program is nothing that an init script can name";
}

int mt_hook_write(struct mt_engine *e, struct mt_error *error)
{
	char path[PATH_MAX];
	const struct hook *hook = hook_here();
	const char *self = mt_hook_program(path), *why = hook_obstacle(hook, self);
	if (!e->txn->confirm_ms || !e->options->boot_hook)
		return 0;
	if (why && mt_list_has(e->accept, "HOST-NO-BOOT-HOOK"))
		return 0;
	if (why) {
		snprintf(error->id, sizeof error->id, "HOST-NO-BOOT-HOOK");
		return mt_fail(error, MT_EXIT_FAILED, "--confirm", "%s", why);
	}
	const struct mt_change *change = mt_hook_change(e->arena, &e->txn->daemon, e->txn->process);
	return put_flag(error) || put_file(e->arena, hook, change->after, error) ||
			       enable(e->arena, hook, error)
		       ? -1
		       : 0;
}

static bool hook_is_needed(struct mt_engine *e)
{
	struct mt_txn *list;
	struct mt_error ignored = {0};
	if (mt_journal_list(&e->journal, &list, &ignored))
		return true;
	for (; list; list = list->next)
		if (mt_txn_pending(list) || list->unreadable)
			return true;
	return false;
}

static bool is_there(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

void mt_hook_sweep(struct mt_engine *e)
{
	const struct hook *hook = hook_here();
	if (!e->options->boot_hook || !hook || !(is_there(hook->file) || is_there(FLAG)) ||
	    hook_is_needed(e))
		return;
	bool there;
	struct mt_error ignored = {0};
	unlink(hook->link);
	unlink(FLAG);
	unlink(hook->file); /* last: what was left by a kill is found by it */
	(void)!run_hook_command(e->arena, hook->disable, &there, &ignored);
	MT_FD dir = open_hook_dir(e->arena, hook->link);
	(void)!mt_sync(dir);
}
