/* SPDX-License-Identifier: ISC */
/*
 * init.c: a row for each init. A row answers "is this daemon under your care" from what can be seen:
 * the supervisor above the process, its control group, a script of that name and what it knows.
 *
 * Source: measured on booted hosts. `postfix start-fg` keeps a shell between the supervisor and the daemon
 * that dies of TERM and ignores HUP, so what a supervisor would send does not reach the daemon; and an
 * instance unit does the work of a one-shot unit that is active whatever happens.
 */
#include "io/service/init.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/sys/run.h"

#define CGROUP_MAX 65536
#define ASK_MS	   10000
#define ABOVE_MAX  8 /* processes between a daemon and its supervisor */

const char *mt_init_program(struct mt_arena *arena, const char *name)
{
	struct mt_str rest = MT_STR(MT_RUN_PATH ":/command"), dir;
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

/* What a command says on its output, and its exit status; -1: it could not be run. */
static int ask_init(struct mt_arena *arena, const char *const *argv, struct mt_str *out)
{
	struct mt_run run = {.argv = argv, .deadline_ms = ASK_MS, .max_output = 4096};
	struct mt_run_result result;
	struct mt_error ignored = {0};
	if (!argv[0] || mt_run(arena, &run, &result, &ignored))
		return -1;
	*out = mt_str_trim(result.out);
	return result.status;
}

/* ---- systemd ------------------------------------------------------------------------------------ */

static bool systemd_detect(void)
{
	return is_dir("/run/systemd/system"); /* sd_booted(3) */
}

static const char *systemctl_show(struct mt_arena *arena, const char *unit, const char *property)
{
	const char *const argv[] = {mt_init_program(arena, "systemctl"),
				    "--no-pager",
				    "show",
				    "-p",
				    property,
				    "--",
				    unit,
				    NULL};
	struct mt_str out = {0};
	size_t n = strlen(property) + 1;
	if (ask_init(arena, argv, &out) < 0 || out.n < n)
		return "";
	return mt_strz(arena, (struct mt_str){out.p + n, out.n - n});
}

/* The unit of a process: the last component of its control group that ends in .service. */
const char *mt_init_unit(struct mt_arena *arena, struct mt_process process)
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

/* Is one of the daemon's units this one, by its name or an alias? */
static bool is_unit_of(struct mt_arena *arena, const struct mt_daemon *daemon, const char *unit)
{
	struct mt_str names, name;
	if (mt_list_has(daemon->units, unit))
		return true;
	names = mt_str_of(systemctl_show(arena, unit, "Names"));
	while (mt_str_word(&names, " ", &name))
		if (mt_list_has(daemon->units, mt_strz(arena, name)))
			return true;
	return false;
}

/* A unit of any name that runs the MTA's own command, whatever process systemd takes for the main one. */
static bool runs_its_command(struct mt_arena *arena, const struct mt_daemon *daemon,
			     const char *unit)
{
	const char *start = daemon->start.argv[0];
	return start && strstr(systemctl_show(arena, unit, "ExecStart"), start) != NULL;
}

static bool is_main_of(struct mt_arena *arena, struct mt_process process, const char *unit)
{
	const char *pid = mt_format(arena, "%lld", (long long)process.pid);
	return strcmp(systemctl_show(arena, unit, "MainPID"), pid) == 0;
}

/* A cron job or login that started the daemon has a .service of its own: it must be the daemon's. */
static const char *systemd_exists(struct mt_arena *arena, const struct mt_daemon *daemon,
				  struct mt_process process)
{
	if (process.pid) {
		const char *unit = mt_init_unit(arena, process);
		bool its = unit &&
			   (is_unit_of(arena, daemon, unit) || is_main_of(arena, process, unit) ||
			    runs_its_command(arena, daemon, unit));
		return its ? unit : NULL;
	}
	for (const char *const *unit = daemon->units; unit && *unit; unit++) {
		const char *state = systemctl_show(arena, *unit, "LoadState");
		if (strcmp(state, "loaded") == 0 || strcmp(state, "masked") == 0)
			return *unit;
	}
	return NULL;
}

static const char *systemd_obstacle(struct mt_arena *arena, const char *unit)
{
	return strcmp(systemctl_show(arena, unit, "LoadState"), "masked") == 0
		       ? mt_format(arena,
				   "%s is masked: systemd would not start it again; "
				   "%s, or --no-service",
				   unit,
				   mt_recipe_text(arena, mt_recipe(arena, "systemctl", "unmask",
								   unit, NULL)))
		       : NULL;
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

/* Debian's runit as process 1 runs these scripts too. */
static bool sysvinit_detect(void)
{
	return (pid1_is("init") || pid1_is("runit")) && !systemd_detect() && !openrc_detect();
}

static const char *sysvinit_exists(struct mt_arena *arena, const struct mt_daemon *daemon,
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

/* It keeps a state of its own for each service: a daemon that it believes stopped is not under its care. */
static const char *openrc_exists(struct mt_arena *arena, const struct mt_daemon *daemon,
				 struct mt_process process)
{
	const char *name = sysvinit_exists(arena, daemon, process);
	const char *const argv[] = {mt_init_program(arena, "rc-service"), name, "status", NULL};
	struct mt_str out;
	return name && (!process.pid || ask_init(arena, argv, &out) == 0) ? name : NULL;
}

/* ---- supervisors -------------------------------------------------------------------------------- */

static int64_t parent_of(int64_t pid)
{
	char path[64], buffer[512];
	snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
	MT_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buffer, sizeof buffer - 1);
	buffer[n > 0 ? n : 0] = '\0';
	const char *after = strrchr(buffer, ')'); /* the name may hold anything */
	long long parent;
	return after && sscanf(after, ") %*c %lld", &parent) == 1 ? parent : 0;
}

static bool is_called(int64_t pid, const char *name)
{
	char path[64], comm[32] = "";
	snprintf(path, sizeof path, "/proc/%lld/comm", (long long)pid);
	MT_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, comm, sizeof comm);
	return n > 0 && mt_str_is(mt_str_trim((struct mt_str){comm, (size_t)n}), name);
}

/* The supervisor above a process, and the one below it on the way there; 0: none. */
static int64_t above(struct mt_process process, const char *name, int64_t *child)
{
	int64_t pid = process.pid;
	for (int i = 0; i < ABOVE_MAX && pid > 1; i++) {
		*child = pid;
		pid = parent_of(pid);
		if (pid > 1 && is_called(pid, name))
			return pid;
	}
	return 0;
}

bool mt_init_reaches(const struct mt_init *init, struct mt_process process)
{
	int64_t child = 0;
	return above(process, init->supervisor, &child) && child == process.pid;
}

/* The supervisor of a service folder holds this pipe open for reading, else ENXIO (svok(8)). */
static bool answers(struct mt_arena *arena, const char *dir)
{
	static const char *const pipes[] = {"ok", "control"};
	for (size_t i = 0; i < MT_ARRAY_LEN(pipes); i++) {
		struct stat st;
		MT_FD fd = open(mt_format(arena, "%s/supervise/%s", dir, pipes[i]),
				O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
			return true;
	}
	return false;
}

/* Whose folder it is: s6 has an "event" folder, the others a status of 20 (runit) or 18 bytes. */
static const char *supervisor_of(struct mt_arena *arena, const char *dir)
{
	struct stat st;
	if (is_dir(mt_format(arena, "%s/event", dir)))
		return "s6-supervise";
	if (stat(mt_format(arena, "%s/supervise/status", dir), &st) < 0)
		return "";
	return st.st_size == 20 ? "runsv" : "supervise";
}

/* Where services are linked to; for a daemon that is down. */
static const char *folder_named(struct mt_arena *arena, const struct mt_daemon *daemon,
				const char *supervisor)
{
	static const char *const tops[] = {"/etc/service", "/service", "/var/service",
					   "/run/service", "/run/scan"};
	for (const char *const *unit = daemon->units; unit && *unit; unit++)
		for (size_t i = 0; i < MT_ARRAY_LEN(tops); i++) {
			const char *name = plain_name(arena, *unit);
			const char *dir = mt_format(arena, "%s/%s", tops[i], name);
			if (name[0] && answers(arena, dir) &&
			    strcmp(supervisor_of(arena, dir), supervisor) == 0)
				return dir;
		}
	return NULL;
}

/* Would it start the service whenever it is down? Their status ends with 'u' then ("want up"). */
static bool wants_up(struct mt_arena *arena, const char *dir, const char *supervisor)
{
	char status[18] = "";
	if (strcmp(supervisor, "s6-supervise") == 0) {
		const char *const argv[] = {mt_init_program(arena, "s6-svstat"), "-o", "wantedup",
					    dir, NULL};
		struct mt_str out = {0};
		return ask_init(arena, argv, &out) == 0 && mt_str_is(out, "true");
	}
	MT_FD fd = open(mt_format(arena, "%s/supervise/status", dir), O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, status, sizeof status) == sizeof status && status[17] == 'u';
}

/*
 * The folder of the supervisor that is above the process: it is its working directory. A daemon that is
 * outside although its service is wanted up has lost its supervisor (the shell between them was told to
 * end): it is in charge again once the daemon is stopped.
 */
static const char *supervised(struct mt_arena *arena, const struct mt_daemon *daemon,
			      struct mt_process process, const char *supervisor)
{
	char path[PATH_MAX];
	int64_t child, pid = above(process, supervisor, &child);
	const char *dir = folder_named(arena, daemon, supervisor);
	if (!pid)
		return dir && (!process.pid || wants_up(arena, dir, supervisor)) ? dir : NULL;
	if (!mt_process_link(pid, "cwd", path) || !answers(arena, path))
		return NULL;
	return mt_strdup(arena, path);
}

static const char *runit_exists(struct mt_arena *arena, const struct mt_daemon *daemon,
				struct mt_process process)
{
	return supervised(arena, daemon, process, "runsv");
}

static const char *daemontools_exists(struct mt_arena *arena, const struct mt_daemon *daemon,
				      struct mt_process process)
{
	return supervised(arena, daemon, process, "supervise");
}

static const char *s6_exists(struct mt_arena *arena, const struct mt_daemon *daemon,
			     struct mt_process process)
{
	return supervised(arena, daemon, process, "s6-supervise");
}

static bool always(void)
{
	return true;
}

const struct mt_init mt_inits[] = {
	{.name = "runit",
	 .supervisor = "runsv",
	 .detect = always,
	 .exists = runit_exists,
	 .restart = {"sv", "-w", "15", "restart", "@UNIT@"},
	 .reload = {"sv", "hup", "@UNIT@"},
	 .up = {"sv", "up", "@UNIT@"}},
	{.name = "daemontools",
	 .supervisor = "supervise",
	 .detect = always,
	 .exists = daemontools_exists,
	 .restart = {"svc", "-t", "@UNIT@"},
	 .reload = {"svc", "-h", "@UNIT@"},
	 .up = {"svc", "-u", "@UNIT@"}},
	{.name = "s6",
	 .supervisor = "s6-supervise",
	 .detect = always,
	 .exists = s6_exists,
	 .restart = {"s6-svc", "-wr", "-T", "15000", "-r", "@UNIT@"},
	 .reload = {"s6-svc", "-h", "@UNIT@"},
	 .up = {"s6-svc", "-u", "@UNIT@"}},
	{.name = "systemd",
	 .detect = systemd_detect,
	 .exists = systemd_exists,
	 .obstacle = systemd_obstacle,
	 .restart = {"systemctl", "--no-pager", "restart", "--", "@UNIT@"},
	 .reload = {"systemctl", "--no-pager", "reload", "--", "@UNIT@"},
	 .up = {"systemctl", "--no-pager", "start", "--", "@UNIT@"},
	 .can_reload = systemd_can_reload,
	 .forgive = {"systemctl", "--no-pager", "reset-failed", "--", "@UNIT@"}},
	{.name = "openrc",
	 .detect = openrc_detect,
	 .exists = openrc_exists,
	 .restart = {"rc-service", "@UNIT@", "restart"},
	 .reload = {"rc-service", "@UNIT@", "reload"}},
	{.name = "sysvinit",
	 .detect = sysvinit_detect,
	 .exists = sysvinit_exists,
	 .restart = {"service", "@UNIT@", "restart"},
	 .reload = {"service", "@UNIT@", "reload"},
	 .up = {"service", "@UNIT@", "start"}},
	{.name = NULL},
};
