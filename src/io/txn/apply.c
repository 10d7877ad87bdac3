/* SPDX-License-Identifier: ISC */
/* apply.c: a plan becomes a transaction. */
#include "io/txn/apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/txn/engine.h"
#include "io/txn/verify.h"

const char *mt_who(struct mt_arena *arena)
{
	const char *user = getenv("SUDO_USER");
	if (user && user[0] && strlen(user) < 64)
		return mt_strdup(arena, user);
	return geteuid() == 0 ? "root" : mt_format(arena, "uid %u", (unsigned)geteuid());
}

/* ---- from the plan ------------------------------------------------------------------------------ */

static struct mt_txn_file *txn_file_of(struct mt_arena *arena, const struct mt_change *change)
{
	struct mt_txn_file *f = MT_NEW(arena, struct mt_txn_file);
	*f = (struct mt_txn_file){.path = change->path,
				  .where = "",
				  .create = change->create,
				  .remove = change->remove,
				  .folder = change->folder,
				  .mode = change->create || change->remode ? change->mode : 0644,
				  .owned = change->owned,
				  .remode = change->remode,
				  .generated = change->made_by != NULL,
				  .uid = change->uid,
				  .gid = change->gid,
				  .before = change->before,
				  .edits = change->edits};
	if (!change->create)
		mt_sha256_hex(f->before, f->sha_before);
	if (!change->remove) {
		f->after = change->after;
		mt_sha256_hex(f->after, f->sha_after);
	}
	return f;
}

static struct mt_txn_file *txn_files_of(struct mt_arena *arena, const struct mt_plan *plan)
{
	struct mt_txn_file *first = NULL, **tail = &first;
	for (const struct mt_change *c = plan->changes; c; c = c->next) {
		struct mt_txn_file *f = txn_file_of(arena, c);
		/* what a generated one comes to is not known yet */
		if (strcmp(f->sha_before, f->sha_after) == 0 && !f->remode &&
		    !(f->generated && first))
			continue;
		*tail = f;
		tail = &f->next;
	}
	return first;
}

static struct mt_txn *txn_of(struct mt_engine *e, const struct mt_plan *plan)
{
	struct mt_txn *txn = MT_NEW(e->arena, struct mt_txn);
	*txn = mt_txn_empty();
	txn->kind = "fix";
	txn->who = mt_who(e->arena);
	txn->command = e->options->command ? e->options->command : "";
	txn->backend = plan->mta->backend->name;
	txn->instance = plan->mta->instance;
	txn->action = plan->goal->no_service ? MT_ACTION_NONE
		      : plan->goal->restart  ? MT_ACTION_RESTART
					     : plan->action;
	txn->confirm_ms = e->options->confirm_ms;
	txn->daemon = plan->daemon;
	if (plan->goal->observes)
		txn->daemon.watch = plan->goal->observe;
	if (plan->goal->no_service)
		txn->daemon.watch = 0;
	if (!txn->daemon.pid_file)
		txn->daemon.pid_file = "";
	txn->locks = plan->locks;
	txn->validators = plan->validators;
	txn->validate_files = plan->validate_files;
	txn->files = txn_files_of(e->arena, plan);
	if (e->wanted)
		txn->summary = mt_mta_summary(e->arena, plan->mta, e->wanted);
	return txn;
}

/* ---- what only a fix asks ----------------------------------------------------------------------- */

static int check_plan(const struct mt_plan *plan, bool rooted, struct mt_error *error)
{
	const struct mt_snapshot *snapshot = plan->model->snapshot;
	if (plan->refused) {
		snprintf(error->id, sizeof error->id, "%s", plan->refused->id);
		return mt_fail(error, MT_EXIT_FAILED, plan->refused->where, "%s",
			       mt_message_english(plan->arena, plan->refused->message));
	}
	if (snapshot->rooted != rooted || snapshot->redacted || !snapshot->complete)
		return mt_fail(error, MT_EXIT_FAILED, "",
			       "made from %s: such a plan is shown, never applied",
			       snapshot->rooted	    ? "a tree that is not running"
			       : snapshot->redacted ? "redacted files"
						    : "an incomplete collection");
	return 0;
}

/* The address may have gone between the plan and now. One that was not there then was accepted (--accept). */
static int check_addresses(const struct mt_plan *plan, struct mt_error *error)
{
	char text[MT_ADDR_TEXT];
	const struct mt_snapshot *snapshot = plan->model->snapshot;
	bool elsewhere = plan->mta->other_netns || snapshot->rooted;
	for (int i = 0; i < MT_FAMILIES && !elsewhere; i++) {
		const struct mt_pin_goal *goal = &plan->goal->family[i];
		if (goal->pin == MT_PIN_ADDRESS && mt_addr_usable(snapshot->facts, goal->addr) &&
		    !mt_addr_bindable(goal->addr))
			return mt_fail(error, MT_EXIT_FAILED, mt_addr_text(goal->addr, text),
				       "this host cannot send from it (any more)");
	}
	return 0;
}

static int check_daemon(const struct mt_engine *e, const struct mt_plan *plan,
			struct mt_error *error)
{
	if (plan->mta->state != MT_STATE_RUNNING || e->txn->action == MT_ACTION_NONE ||
	    mt_daemon_find(&e->txn->daemon).pid)
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, plan->daemon.pid_file, "%s runs, but %s: %s",
		       plan->daemon.title,
		       plan->daemon.pid_file[0] ? "this does not name its process"
						: "its process could not be found",
		       e->asked ? "nothing needs a restart, leave --restart away"
				: "--no-service edits the files alone");
}

/* ---- what is to be seen afterwards -------------------------------------------------------------- */

#define PROOF_SECONDS 30

static const struct mt_message *nat_of(struct mt_arena *arena, const struct mt_plan *plan)
{
	const struct mt_host *host = plan->model->snapshot->facts;
	if (host->nat == MT_ABSENT && !plan->mta->other_netns)
		return NULL;
	if (host->nat == MT_PRESENT && !plan->mta->other_netns)
		return mt_message(arena, " (before NAT on this host: %s)", host->nat_text);
	return mt_message(arena,
			  " (before NAT on this host, if there is any: its rules cannot be read)");
}

static void expect(struct mt_engine *e, const struct mt_plan *plan)
{
	const struct mt_goal *goal = plan->goal;
	e->observe.wanted = e->wanted;
	e->observe.host = plan->mta->other_netns ? NULL : plan->model->snapshot->facts;
	e->observe.senders = plan->daemon.senders;
	e->observe.format = plan->mta->backend->log;
	for (int f = 0; f < MT_FAMILIES; f++)
		if (goal->family[f].pin == MT_PIN_ADDRESS)
			e->observe.pin[f] = goal->family[f].addr;
	e->nat = nat_of(e->arena, plan);
	e->wait = e->txn->daemon.watch;
	e->waits = goal->prove || goal->observe;
	e->asked = goal->restart && plan->restart_not_needed;
	if (!goal->prove)
		return;
	const char **argv = mt_alloc(e->arena, (MT_ARGV_MAX + 1) * sizeof *argv);
	for (size_t i = 0; i < MT_ARGV_MAX && plan->prove.argv[i]; i++)
		argv[i] = strcmp(plan->prove.argv[i], "@ADDR@") == 0 ? plan->goal->prove
								     : plan->prove.argv[i];
	e->prove = argv;
	e->prove_for = goal->prove;
	e->proof_note = plan->proof_note;
	if (!goal->observes && e->wait < PROOF_SECONDS)
		e->wait = PROOF_SECONDS;
}

/* What cannot be proved is not begun. */
static int check_proof(const struct mt_engine *e, const struct mt_plan *plan,
		       struct mt_error *error)
{
	if (!plan->goal->prove)
		return 0;
	if (access(plan->prove.argv[0], X_OK) < 0)
		return mt_fail(error, MT_EXIT_FAILED, "--prove", "%s cannot be run",
			       plan->prove.argv[0]);
	return mt_daemon_find(&e->txn->daemon).pid
		       ? 0
		       : mt_fail(error, MT_EXIT_FAILED, "--prove",
				 "%s does not run: nothing would connect", plan->daemon.title);
}

/* ---- nothing to write --------------------------------------------------------------------------- */

static int unchanged(struct mt_engine *e, const struct mt_plan *plan)
{
	for (const char *const *f = plan->validate_files; f && *f; f++)
		mt_outcome_file(e, &(struct mt_txn_file){.path = *f, .where = *f},
				MT_FILE_UNCHANGED);
	e->outcome->end = MT_END_UNCHANGED;
	e->outcome->exit_code = MT_EXIT_OK;
	e->outcome->config = !e->options->rooted; /* the plan was made from what is there */
	e->outcome->service = mt_daemon_find(&e->txn->daemon).pid != 0;
	return 0;
}

/* The goal holds, and the user wants to see it. */
static int unchanged_seen(struct mt_engine *e, const struct mt_plan *plan)
{
	struct mt_error why = {0};
	(void)unchanged(e, plan);
	e->txn->process = mt_daemon_find(&e->txn->daemon);
	mt_watch_begin(e->arena, &e->txn->daemon, &e->watch);
	mt_observe_begin(e->arena, &e->observe, e->txn->process);
	e->observe.began = 0; /* nothing changes: whoever runs has read what is there */
	if (!e->txn->process.pid || mt_verify_watch(e, &why) == 0)
		return 0;
	e->outcome->why = mt_error_text(e->arena, &why);
	e->outcome->exit_code = MT_EXIT_FAILED;
	return 0;
}

/* --restart although the goal holds. */
static int restart_only(struct mt_engine *e, const struct mt_plan *plan, struct mt_error *error)
{
	struct mt_error why = {0};
	e->txn->process = mt_daemon_find(&e->txn->daemon);
	e->service = (struct mt_service){.arena = e->arena,
					 .daemon = &e->txn->daemon,
					 .before = e->txn->process,
					 .watch = &e->watch,
					 .asked = true,
					 .waiting = {e->options->slow, e->options->data},
					 .timeout_ms = e->options->service_timeout * 1000};
	(void)unchanged(e, plan);
	if (!mt_engine_serves(e))
		return 0;
	if (mt_service_find(&e->service, e->txn->action, error))
		return -1;
	e->missing = mt_listeners_missing(e->arena, e->old, e->txn->process);
	mt_watch_begin(e->arena, &e->txn->daemon, &e->watch);
	e->committed = true;
	mt_observe_begin(e->arena, &e->observe, e->txn->process);
	e->outcome->service = mt_engine_serve(e, e->txn->action, &why) == 0 &&
			      mt_verify_service(e, e->wanted, &why) == 0;
	if (!e->outcome->service || mt_verify_watch(e, &why)) {
		e->outcome->why = mt_error_text(e->arena, &why);
		e->outcome->exit_code = e->service.ending ? MT_EXIT_PERSON : MT_EXIT_FAILED;
	}
	return 0;
}

static int run_plan(struct mt_engine *e, const struct mt_plan *plan, struct mt_error *error)
{
	if (check_proof(e, plan, error))
		return -1;
	mt_engine_hold(e);
	if (!e->txn->files)
		return plan->goal->restart && !plan->goal->no_service ? restart_only(e, plan, error)
		       : e->waits				      ? unchanged_seen(e, plan)
								      : unchanged(e, plan);
	if (check_addresses(plan, error) || check_daemon(e, plan, error))
		return -1;
	return mt_engine_run(e, error);
}

int mt_apply(const struct mt_plan *plan, const struct mt_apply_options *options,
	     struct mt_outcome *outcome, struct mt_error *error)
{
	struct mt_engine e = {.options = options, .outcome = outcome};
	*outcome = (struct mt_outcome){0};
	if (check_plan(plan, options->rooted, error))
		return -1;
	e.accept = options->accept ? options->accept : plan->goal->accept;
	e.old = plan->mta;
	e.now = plan->model->snapshot;
	e.wanted = plan->after ? mt_mta_named(plan->after, plan->mta->backend->name,
					      plan->mta->instance)
			       : NULL;
	int failed = mt_engine_open(&e, error) || mt_engine_idle(&e, error) ? -1 : 0;
	if (!failed) {
		e.txn = txn_of(&e, plan);
		e.builds = plan->builds;
		mt_engine_offline(&e);
		expect(&e, plan);
		failed = run_plan(&e, plan, error);
		/* That the daemon lives well says nothing of a file that it may never read. */
		for (int f = 0; f < MT_FAMILIES; f++)
			if (plan->on_trust[f] && outcome->end != MT_END_ROLLED_BACK)
				outcome->service = false;
	}
	mt_engine_close(&e);
	return failed;
}
