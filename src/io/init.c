/* SPDX-License-Identifier: ISC */
/*
 * init.c: a row for each init. A row answers "is this daemon under your care" from what can be seen:
 * the process's control group, a supervisor that has its control pipe open, a script of that name.
 */
#include "init.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/fs.h"
#include "io/run.h"

#define CGROUP_MAX 65536
#define SHOW_MS	   10000

const char *mt_init_program(struct mt_arena *arena, const char *name)
{
	struct mt_str rest = MT_STR(MT_RUN_PATH), dir;
	if (name[0] == '/')
		return name;
	while (mt_str_word(&rest, ":", &dir)) {
		const char *path = mt_format(arena, "%.*s/%s", MT_STR_FMT(dir), name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

static bool is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool pid1_is(const char *program)
{
	char name[64];
	MT_FD fd = open("/proc/1/comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, name, sizeof name);
	return n > 0 && mt_str_is(mt_str_trim((struct mt_str){name, (size_t)n}), program);
}

/* "postfix@-.service" and "postfix.service" are "postfix" to everybody but systemd. */
static const char *plain_name(struct mt_arena *arena, const char *unit)
{
	return mt_strz(arena, (struct mt_str){unit, strcspn(unit, "@.")});
}

/* ---- systemd ------------------------------------------------------------------------------------ */

static bool systemd_detect(void)
{
	return is_dir("/run/systemd/system"); /* sd_booted(3) */
}

static const char *systemctl_show(struct mt_arena *arena, const char *unit, const char *property)
{
	const char *systemctl = mt_init_program(arena, "systemctl");
	const char *const argv[] = {systemctl, "--no-pager", "show", "-p",
				    property,  "--",	     unit,   NULL};
	struct mt_run run = {.argv = argv, .deadline_ms = SHOW_MS, .max_output = 4096};
	struct mt_run_result result;
	struct mt_error ignored = {0};
	if (!systemctl || mt_run(arena, &run, &result, &ignored))
		return "";
	struct mt_str out = mt_str_trim(result.out);
	size_t n = strlen(property) + 1;
	return out.n >= n ? mt_strz(arena, (struct mt_str){out.p + n, out.n - n}) : "";
}

/* The unit of a process: the last component of its control group that ends in .service. */
static const char *unit_of(struct mt_arena *arena, struct mt_process process)
{
	char path[64];
	struct mt_str text, line, word;
	const char *unit = NULL;
	snprintf(path, sizeof path, "/proc/%lld/cgroup", (long long)process.pid);
	MT_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || mt_read_all(arena, fd, CGROUP_MAX, &text))
		return NULL;
	while (mt_str_line(&text, &line)) {
		bool ours = mt_str_starts(line, "0::") ||
			    memmem(line.p, line.n, ":name=systemd:", 14) != NULL;
		while (ours && mt_str_word(&line, "/", &word))
			if (word.n > 8 && memcmp(word.p + word.n - 8, ".service", 8) == 0)
				unit = mt_strz(arena, word);
	}
	return unit;
}

/* A cron job or login that started the daemon has a .service of its own: it must be the daemon's. */
static const char *systemd_exists(struct mt_arena *arena, const struct mt_daemon *daemon,
				  struct mt_process process)
{
	if (process.pid) {
		const char *unit = unit_of(arena, process);
		if (!unit)
			return NULL;
		const char *pid = mt_format(arena, "%lld", (long long)process.pid);
		return mt_list_has(daemon->units, unit) ||
				       strcmp(systemctl_show(arena, unit, "MainPID"), pid) == 0
			       ? unit
			       : NULL;
	}
	for (const char *const *unit = daemon->units; unit && *unit; unit++)
		if (strcmp(systemctl_show(arena, *unit, "LoadState"), "loaded") == 0)
			return *unit;
	return NULL;
}

static bool systemd_can_reload(struct mt_arena *arena, const char *unit)
{
	return strcmp(systemctl_show(arena, unit, "CanReload"), "yes") == 0;
}

/* ---- scripts in /etc/init.d --------------------------------------------------------------------- */

static bool openrc_detect(void)
{
	return access("/run/openrc/softlevel", F_OK) == 0;
}

static bool sysvinit_detect(void)
{
	return pid1_is("init") && !systemd_detect() && !openrc_detect();
}

static const char *script_exists(struct mt_arena *arena, const struct mt_daemon *daemon,
				 struct mt_process process)
{
	(void)process;
	for (const char *const *unit = daemon->units; unit && *unit; unit++) {
		const char *name = plain_name(arena, *unit);
		if (name[0] && access(mt_format(arena, "/etc/init.d/%s", name), X_OK) == 0)
			return name;
	}
	return NULL;
}

/* ---- supervisors -------------------------------------------------------------------------------- */

/* The supervisor of a service folder holds this pipe open for reading, else ENXIO (svok(8)). */
static bool answers(struct mt_arena *arena, const char *dir, const char *pipe)
{
	struct stat st;
	MT_FD fd = open(mt_format(arena, "%s/supervise/%s", dir, pipe),
			O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

static const char *supervised(struct mt_arena *arena, const struct mt_daemon *daemon,
			      const char *pipe)
{
	static const char *const tops[] = {"/etc/service", "/service", "/var/service",
					   "/run/service", "/run/scan"};
	for (const char *const *unit = daemon->units; unit && *unit; unit++)
		for (size_t i = 0; i < MT_ARRAY_LEN(tops); i++) {
			const char *name = plain_name(arena, *unit);
			const char *dir = mt_format(arena, "%s/%s", tops[i], name);
			if (name[0] && answers(arena, dir, pipe))
				return dir;
		}
	return NULL;
}

static bool has_sv(void)
{
	return access("/usr/bin/sv", X_OK) == 0 || access("/sbin/sv", X_OK) == 0;
}

static bool has_svc(void)
{
	return access("/usr/bin/svc", X_OK) == 0 || access("/command/svc", X_OK) == 0;
}

static bool has_s6(void)
{
	return access("/usr/bin/s6-svc", X_OK) == 0 || access("/bin/s6-svc", X_OK) == 0;
}

static const char *ok_exists(struct mt_arena *arena, const struct mt_daemon *daemon,
			     struct mt_process process)
{
	(void)process;
	return supervised(arena, daemon, "ok");
}

static const char *s6_exists(struct mt_arena *arena, const struct mt_daemon *daemon,
			     struct mt_process process)
{
	(void)process;
	return supervised(arena, daemon, "control");
}

const struct mt_init mt_inits[] = {
	{.name = "runit",
	 .detect = has_sv,
	 .exists = ok_exists,
	 .restart = {"sv", "-w", "15", "restart", "@UNIT@"},
	 .reload = {"sv", "hup", "@UNIT@"}},
	{.name = "daemontools",
	 .detect = has_svc,
	 .exists = ok_exists,
	 .restart = {"svc", "-t", "@UNIT@"},
	 .reload = {"svc", "-h", "@UNIT@"}},
	{.name = "s6",
	 .detect = has_s6,
	 .exists = s6_exists,
	 .restart = {"s6-svc", "-wr", "-T", "15000", "-r", "@UNIT@"},
	 .reload = {"s6-svc", "-h", "@UNIT@"}},
	{.name = "systemd",
	 .detect = systemd_detect,
	 .exists = systemd_exists,
	 .restart = {"systemctl", "--no-pager", "restart", "--", "@UNIT@"},
	 .reload = {"systemctl", "--no-pager", "reload", "--", "@UNIT@"},
	 .can_reload = systemd_can_reload,
	 .forgive = {"systemctl", "--no-pager", "reset-failed", "--", "@UNIT@"}},
	{.name = "openrc",
	 .detect = openrc_detect,
	 .exists = script_exists,
	 .restart = {"rc-service", "@UNIT@", "restart"},
	 .reload = {"rc-service", "@UNIT@", "reload"}},
	{.name = "sysvinit",
	 .detect = sysvinit_detect,
	 .exists = script_exists,
	 .restart = {"service", "@UNIT@", "restart"},
	 .reload = {"service", "@UNIT@", "reload"}},
	{.name = NULL},
};
