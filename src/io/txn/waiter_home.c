/* SPDX-License-Identifier: ISC */
/* waiter_home.c: a transient service, or a control group. */
#include "io/txn/waiter_home.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/txn/boot_hook.h"
#include "io/service/init.h"
#include "io/sys/run.h"

#define ASK_MS	 20000
#define TEXT_MAX ((size_t)1 << 20)
#define GROUP	 "mtapin-confirm"

/* ---- systemd ------------------------------------------------------------------------------------ */

bool mt_outlive_by_systemd(void)
{
	struct stat st;
	return stat("/run/systemd/system", &st) == 0 && S_ISDIR(st.st_mode); /* sd_booted(3) */
}

/* "active" and the like; what it says counts, not the exit code. */
static const char *systemctl(struct mt_arena *arena, const char *verb, const char *unit)
{
	const char *const argv[] = {mt_init_program(arena, "systemctl"), verb, unit, NULL};
	struct mt_run run = {.argv = argv, .deadline_ms = ASK_MS, .max_output = 4096};
	struct mt_run_result result;
	struct mt_error ignored = {0};
	return argv[0] && mt_run(arena, &run, &result, &ignored) == 0
		       ? mt_strz(arena, mt_str_trim(result.out))
		       : "";
}

bool mt_outlive_is_active(struct mt_arena *arena, const char *unit)
{
	return strcmp(systemctl(arena, "is-active", unit), "active") == 0;
}

bool mt_outlive_host_ends(struct mt_arena *arena)
{
	return mt_outlive_by_systemd() &&
	       strcmp(systemctl(arena, "is-system-running", NULL), "stopping") == 0;
}

/*
 * It is started again when it is killed, not when it ends. Only itself is told to end: what a rollback has started
 * below it is the MTA. Without an order towards the MTA's unit: systemd would let a restart of that wait for our end,
 * and we wait for the restart. No Type=exec, CollectMode=: there are hosts whose systemd is older.
 */
int mt_outlive_start(struct mt_engine *e, struct mt_error *error)
{
	char self[PATH_MAX];
	const char *program = mt_hook_program(self);
	const char *argv[24] = {mt_init_program(e->arena, "systemd-run"),
				"--quiet",
				mt_format(e->arena, "--unit=%s-%s", GROUP, e->txn->id),
				"--description=Roll back a change by mtapin unless it is confirmed",
				"--property=Restart=on-failure",
				"--property=RestartSec=3",
				"--property=KillMode=process",
				"--property=TimeoutStopSec=1800",
				"--",
				program,
				"recover",
				"--wait",
				e->txn->id};
	size_t n = 13;
	for (const char *const *word = e->options->again; word && *word && n < 22; word++)
		argv[n++] = *word;
	struct mt_run run = {.argv = argv, .deadline_ms = ASK_MS, .max_output = 4096};
	struct mt_run_result result;
	if (!argv[0] || !program)
		return mt_fail(error, MT_EXIT_FAILED, "--confirm",
			       argv[0] ? "the path of this program is nothing that a unit can name"
				       : "systemd-run(1) is not there");
	if (mt_run(e->arena, &run, &result, error))
		return -1;
	if (result.timed_out || result.status)
		return mt_fail(error, MT_EXIT_FAILED, "--confirm", "systemd-run: %.*s",
			       MT_STR_FMT(mt_str_trim(result.err)));
	e->unit = mt_format(e->arena, "%s-%s.service", GROUP, e->txn->id);
	return 0;
}

/* ---- control groups ----------------------------------------------------------------------------- */

static struct mt_str read_text(struct mt_arena *arena, const char *path)
{
	struct mt_str text = {"", 0};
	MT_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && mt_read_all(arena, fd, TEXT_MAX, &text) == 0 ? text
								       : (struct mt_str){"", 0};
}

/* Where a hierarchy is mounted: "ID PARENT DEV ROOT PLACE OPTIONS [TAGS] - TYPE SOURCE OPTIONS", proc(5). */
static const char *mount_place(struct mt_arena *arena, struct mt_str name)
{
	struct mt_str text = read_text(arena, "/proc/self/mountinfo"), line, word[5], type, source;
	while (mt_str_line(&text, &line)) {
		const char *dash = mt_str_find(line, MT_STR(" - "));
		if (!dash)
			continue;
		size_t at = (size_t)(dash - line.p);
		struct mt_str head = mt_str_part(line, 0, at),
			      tail = mt_str_part(line, at + 3, line.n - at - 3);
		bool whole = true;
		for (size_t i = 0; i < MT_ARRAY_LEN(word); i++)
			whole = whole && mt_str_word(&head, " ", &word[i]);
		if (!whole || !mt_str_word(&tail, " ", &type) || !mt_str_word(&tail, " ", &source))
			continue;
		bool its = name.n ? mt_str_is(type, "cgroup") && mt_str_find(tail, name)
				  : mt_str_is(type, "cgroup2");
		if (its)
			return mt_strz(arena, word[4]);
	}
	return NULL;
}

static bool enter_group(struct mt_arena *arena, const char *place)
{
	const char *group = mt_format(arena, "%s/" GROUP, place);
	(void)!mkdir(group, 0755);
	MT_FD fd = open(mt_format(arena, "%s/cgroup.procs", group), O_WRONLY | O_CLOEXEC);
	return fd >= 0 && mt_write_all(fd, MT_STR("0\n")) == 0;
}

bool mt_outlive_move(struct mt_arena *arena)
{
	struct mt_str text = read_text(arena, "/proc/self/cgroup"), line;
	bool out = true;
	while (mt_str_line(&text,
			   &line)) { /* "0::/user.slice", "9:name=systemd:/", "4:memory:/x" */
		const char *first = memchr(line.p, ':', line.n);
		const char *path =
			first ? memchr(first + 1, ':', (size_t)(line.p + line.n - first - 1))
			      : NULL;
		if (!path)
			continue;
		struct mt_str name = {first + 1, (size_t)(path - first - 1)};
		bool kills = !name.n || mt_str_starts(name, "name=");
		if (!kills || line.p + line.n - path <= 2)
			continue;
		const char *place = mount_place(arena, name);
		out = place && enter_group(arena, place) && out;
	}
	return out;
}
