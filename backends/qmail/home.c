/* SPDX-License-Identifier: ISC */
/* home.c: the probe qmail.home, or the programs of a tree. */
#include "home.h"

#include <string.h>

#include <mtapin/plan.h>

#include "remote.h"

#define USUAL "/var/qmail"

const char *const qm_programs[] = {USUAL "/bin/qmail-remote",
				   "/usr/bin/qmail-remote",
				   "/usr/sbin/qmail-remote",
				   "/usr/local/bin/qmail-remote",
				   "/usr/local/sbin/qmail-remote",
				   "/usr/local/qmail/bin/qmail-remote",
				   NULL};

/* A line of the probe: a word, then the rest. */
static void read_fact(struct qm_home *home, struct mt_arena *arena, struct mt_str key,
		      struct mt_str value)
{
	const char *text = mt_strz(arena, value);
	if (mt_str_is(key, "by"))
		home->by = mt_str_is(value, "process")	 ? QM_BY_PROCESS
			   : mt_str_is(value, "program") ? QM_BY_PROGRAM
							 : QM_BY_ASSUMED;
	else if (mt_str_is(key, "home") && mt_is_path(value))
		home->home = text;
	else if (mt_str_is(key, "control") && mt_is_path(value))
		home->control = text;
	else if (mt_str_is(key, "remote") && mt_is_path(value))
		home->program = text;
	else if (mt_str_is(key, "started"))
		home->started = !mt_str_is(value, "place");
	else if (mt_str_is(key, "wrapper") && mt_is_path(value))
		mt_list_add(arena, &home->wrappers, text);
	else if (mt_str_is(key, "env"))
		mt_list_add(arena, &home->environment, text);
	else if (mt_str_is(key, "sendmail") && mt_is_path(value))
		home->sendmail = text;
	else if (mt_str_is(key, "log") && mt_is_path(value))
		mt_list_add(arena, &home->logs, text);
}

/* ---- a tree ---- */

const char *qm_control_of(struct mt_arena *arena, struct mt_str path, bool etc)
{
	const char *name = etc ? "/etc" : "/control";
	size_t n = strlen(name);
	if (!mt_str_starts(path, "/") || path.n < 2 || path.n > 200)
		return "";
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] <= ' ' || path.p[i] > '~')
			return "";
	if (path.n > n && memcmp(path.p + path.n - n, name, n) == 0)
		return mt_strz(arena, path);
	return mt_format(arena, "%.*s%s", MT_STR_FMT(path), name);
}

static const char *parent(struct mt_arena *arena, const char *path)
{
	return mt_strz(arena, (struct mt_str){path, (size_t)(strrchr(path, '/') - path)});
}

/* The first path in the program that leads to a folder of control files. */
static void by_program(struct qm_home *home, const struct mt_snapshot *snapshot)
{
	struct mt_str rest = qm_remote_strings(snapshot, home->program), line;
	bool etc = qm_remote_is_etc(rest);
	home->home = parent(snapshot->arena, parent(snapshot->arena, home->program));
	home->control = mt_format(snapshot->arena, "%s/%s", home->home, etc ? "etc" : "control");
	while (mt_str_line(&rest, &line)) {
		const char *control = qm_control_of(snapshot->arena, line, etc);
		if (!(*control && mt_snapshot_file(snapshot, control)->type == 'd'))
			continue;
		home->control = control;
		home->home = parent(snapshot->arena, control);
		home->by = QM_BY_PROGRAM;
		return;
	}
}

struct qm_home qm_home(const struct mt_snapshot *snapshot)
{
	const struct mt_item *probe = mt_snapshot_probe(snapshot, "qmail.home");
	struct qm_home home = {
		.home = USUAL, .control = USUAL "/control", .program = qm_programs[0]};
	struct mt_str text = probe->bytes, line, key;
	while (mt_str_line(&text, &line))
		if (mt_str_word(&line, " ", &key))
			read_fact(&home, snapshot->arena, key, mt_str_trim(line));
	if (probe->presence != MT_UNASKED || !snapshot->rooted)
		return home;
	for (const char *const *program = qm_programs; *program; program++)
		if (mt_snapshot_file(snapshot, *program)->type == 'f') {
			home.program = *program;
			by_program(&home, snapshot);
			break;
		}
	return home;
}

const char *qm_variable(const struct qm_home *home, const char *name)
{
	size_t n = strlen(name);
	for (const char *const *v = home->environment; v && *v; v++)
		if (strncmp(*v, name, n) == 0 && (*v)[n] == '=')
			return *v + n + 1;
	return NULL;
}
