/* SPDX-License-Identifier: ISC */
/*
 * service.h: restart or reload a daemon through whoever is in charge of it, and look whether it
 * worked. A table of inits, one row each; what a command returned is never believed (facts: some
 * twenty exit codes lie), only the process that is there afterwards.
 *
 * Who is in charge: a supervisor that answers for this very service, then the host's init if the
 * running process is under its care, then the MTA's own commands. A daemon that was started outside
 * its unit is driven by its own command.
 */
#ifndef MT_SERVICE_H
#define MT_SERVICE_H

#include "io/service/daemon.h"
#include "io/sys/run.h"

struct mt_init {
	const char *name; /* "systemd" */
	const char *supervisor; /* name of its process above a service; NULL: it is no supervisor */
	bool (*detect)(void); /* it runs on this host */
	/* Is this daemon under its care? Its name there, else NULL. */
	const char *(*exists)(struct mt_arena *arena, const struct mt_daemon *daemon,
			      struct mt_process process);
	/* Why it will not do it, known beforehand; NULL: it may. The member may be NULL. */
	const char *(*obstacle)(struct mt_arena *arena, const char *unit);
	/* Argument vectors, "@UNIT@" replaced; the program is looked up (init.h). `up`: start it where it
	 * has ended, of a supervisor also whenever it ends. */
	const char *restart[8], *reload[8], *up[8];
	/* May `reload` be used for this unit? NULL: yes. */
	bool (*can_reload)(struct mt_arena *arena, const char *unit);
	/* Run before a restart that follows a failed one; may be empty. */
	const char *forgive[8];
};

struct mt_service {
	struct mt_arena *arena;
	const struct mt_daemon *daemon;
	const struct mt_init *init; /* NULL: the MTA's own commands */
	const struct mt_init
		*host; /* then: the init of this host, which has not started it; NULL: none */
	const char *unit;
	struct mt_process before; /* pid 0: it was down */
	unsigned timeout_ms; /* for all of one action but the second look */
	int64_t end; /* of mt_now_ms(): set when an action begins */
	bool refused; /* the last command of the action said that it failed */
	bool asked; /* by --restart, and nothing needs it */
	bool after_failure; /* this is the restart of a rollback */
	struct mt_waiting waiting;
	bool ending; /* it was told to end, and has not finished what it does (MT_DRIVE_WAIT) */
	const struct mt_watch
		*watch; /* its log, from before it was told; NULL: it is not looked at */
};

/* Find out who is in charge. Error: nobody, and the MTA has no commands of its own; or it would refuse. */
int mt_service_find(struct mt_service *service, enum mt_action action,
		    struct mt_error *error) MT_MUST_CHECK;
/* What a person does once it has ended: "systemctl start postfix"; "" nothing, it is started by itself. */
const char *mt_service_start_command(const struct mt_service *service);
/* "systemd, postfix@-.service", "its own commands", "its own commands (systemd has not started it)". */
const char *mt_service_title(const struct mt_service *service, enum mt_action action);
/* Can it be made to read its files without a restart, by itself? */
bool mt_service_reloads(const struct mt_daemon *daemon);
/*
 * Do it (mt_drive) and observe: after a restart a process that started later, after a reload the same one, still
 * there two seconds later; and its own word, where it has one. *now is what is there at the end. The error says what was seen
 * and quotes what the command said.
 */
int mt_service_act(struct mt_service *service, enum mt_action action, struct mt_process *now,
		   struct mt_error *error) MT_MUST_CHECK;

#endif
