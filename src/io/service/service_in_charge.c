/* SPDX-License-Identifier: ISC */
/* service_in_charge.c: who is in charge of a daemon, and what that is called. */
#include <string.h>
#include <unistd.h>

#include "io/service/init.h"
#include "io/service/service_part.h"

const struct mt_drive *mt_service_drive(const struct mt_service *s, enum mt_action action)
{
	return action == MT_ACTION_RELOAD ? &s->daemon->reload : &s->daemon->restart;
}

bool mt_service_drives_itself(const struct mt_service *s, enum mt_action action)
{
	enum mt_drive_by by = mt_service_drive(s, action)->by;
	return s->before.pid &&
	       (by == MT_DRIVE_OWN || by == MT_DRIVE_SIGNAL || by == MT_DRIVE_REEXEC);
}

bool mt_service_reloads(const struct mt_daemon *daemon)
{
	return daemon->reload.command.argv[0] || daemon->reload.by == MT_DRIVE_SIGNAL ||
	       daemon->reload.by == MT_DRIVE_REEXEC;
}

/* Before anything is written: can it be done at all? */
static int check_own(const struct mt_service *s, const struct mt_drive *drive,
		     struct mt_error *error)
{
	const char *program = drive->command.argv[0];
	return drive->by != MT_DRIVE_OWN || (program && access(program, X_OK) == 0)
		       ? 0
		       : mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
				 "%s cannot be run; --no-service edits the files alone",
				 program ? program : "its own command");
}

static int may_act(const struct mt_service *s, struct mt_error *error)
{
	const char *why = s->init->obstacle ? s->init->obstacle(s->arena, s->unit) : NULL;
	return why ? mt_fail(error, MT_EXIT_FAILED, s->daemon->title, "%s", why) : 0;
}

int mt_service_find(struct mt_service *s, enum mt_action action, struct mt_error *error)
{
	bool itself = mt_service_drives_itself(s, action);
	s->init = s->host = NULL;
	if (itself && check_own(s, mt_service_drive(s, action), error))
		return -1;
	for (const struct mt_init *init = mt_inits; init->name; init++) {
		if (!init->detect())
			continue;
		s->unit = init->exists(s->arena, s->daemon, s->before);
		if (s->unit) {
			s->init = init;
			return itself ? 0 : may_act(s, error);
		}
		if (!init->supervisor && !s->host)
			s->host = init;
	}
	s->unit = "";
	const struct mt_command_line *need =
		action == MT_ACTION_RELOAD ? &s->daemon->reload.command : &s->daemon->start;
	if (itself)
		return 0;
	if (need->argv[0] && access(need->argv[0], X_OK) == 0)
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
		       "no init answers for it and it has no command of its own to %s it: %s",
		       mt_action_name(action),
		       s->asked ? "nothing needs that, leave --restart away"
				: "--no-service edits the files alone");
}

bool mt_service_reloads_unit(const struct mt_service *s)
{
	if (!s->init || (s->init->supervisor && s->daemon->reload.command.argv[0]))
		return false;
	return s->init->reload[0] &&
	       (!s->init->can_reload || s->init->can_reload(s->arena, s->unit));
}

const char *mt_service_signal(const struct mt_service *s, int signal)
{
	return mt_format(s->arena, "signal %d (%s)", signal, strsignal(signal));
}

const char *mt_service_title(const struct mt_service *s, enum mt_action action)
{
	const struct mt_drive *drive = mt_service_drive(s, action);
	if (mt_service_drives_itself(s, action))
		return drive->by == MT_DRIVE_OWN ? "its own command"
						 : mt_service_signal(s, drive->signal);
	if (s->init)
		return mt_format(s->arena, "%s%s, %s",
				 action != MT_ACTION_RELOAD || mt_service_reloads_unit(s)
					 ? ""
					 : "its own command below ",
				 s->init->name, s->unit);
	return s->host ? mt_format(s->arena, "its own commands (%s has not started it)",
				   s->host->name)
		       : "its own commands";
}

const char *mt_service_start_command(const struct mt_service *s)
{
	const char *const *argv = !s->init	   ? s->daemon->start.argv
				  : s->init->up[0] ? s->init->up
						   : s->init->restart;
	struct mt_text t = MT_TEXT_INIT(s->arena);
	if (s->init && s->init->supervisor)
		return "";
	for (; *argv; argv++)
		if (strcmp(*argv, "--") != 0 && strcmp(*argv, "--no-pager") != 0)
			mt_text_addf(&t, "%s%s", t.n ? " " : "",
				     strcmp(*argv, "@UNIT@") == 0 ? s->unit : *argv);
	return mt_text_z(&t);
}
