/* SPDX-License-Identifier: ISC */
/* recover.c: bring a transaction that was cut off, or not confirmed in time, to its old state. */
#include <string.h>

#include "io/txn/confirm.h"
#include "io/txn/verify.h"

/* What the old files mean on this host today. */
static int foresee_old(struct mt_engine *e, struct mt_error *error)
{
	const struct mt_apply_options *o = e->options;
	struct mt_snapshot *now;
	if (!o->recollect)
		return 0;
	if (o->recollect(o->data, e->arena, &now, error))
		return -1;
	const struct mt_snapshot *then = now;
	for (const struct mt_txn_file *f = e->txn->files; f; f = f->next) {
		const struct mt_txn_file old = mt_txn_old(f);
		then = f->create ? mt_snapshot_without(e->arena, then, f->path)
				 : mt_txn_foresee(e->arena, then, &old, f->before);
	}
	e->old = mt_mta_named(mt_examine(then, o->backends), e->txn->backend, e->txn->instance);
	return 0;
}

/* Where the MTA was not read its own commands are not known (mt_engine_today): then the files come back alone. */
static int find_service(struct mt_engine *e, struct mt_error *error)
{
	struct mt_error why = {0};
	if (mt_service_find(&e->service, e->txn->action, &why) == 0)
		return 0;
	if (e->old)
		return mt_fail(error, why.code, why.where, "%s", why.message);
	mt_outcome_remark(e, "%s: %s; it was not told of the old files: restart it", why.where,
			  why.message);
	e->txn->action = MT_ACTION_NONE;
	return 0;
}

int mt_engine_revert(struct mt_engine *e, struct mt_txn *txn, const char *why,
		     struct mt_error *error)
{
	struct mt_error reason = {0};
	e->txn = txn;
	memcpy(e->outcome->id, txn->id, sizeof e->outcome->id);
	if (mt_journal_load(&e->journal, txn, error) || foresee_old(e, error))
		return -1;
	mt_engine_today(e, e->old);
	/* Booted: the MTA is not there yet, or came too early. */
	if (e->options->no_service || (e->options->booted && !mt_daemon_find(&txn->daemon).pid))
		txn->action = MT_ACTION_NONE;
	e->service = (struct mt_service){.arena = e->arena,
					 .daemon = &txn->daemon,
					 .before = mt_daemon_find(&txn->daemon),
					 .watch = &e->watch,
					 .waiting = {e->options->slow, e->options->data},
					 .timeout_ms = e->options->service_timeout * 1000};
	if (mt_engine_serves(e) && find_service(e, error))
		return -1;
	mt_engine_hold(e);
	e->committed = true;
	if (*why)
		mt_fail(&reason, MT_EXIT_FAILED, "", "%s", why);
	(void)mt_rollback(e, &reason);
	if (e->outcome->end == MT_END_ROLLED_BACK)
		e->outcome->exit_code = MT_EXIT_OK;
	return 0;
}

static int recover(struct mt_engine *e, const char *id, struct mt_error *error)
{
	(void)id;
	struct mt_txn *list, *pending;
	if (mt_journal_list(&e->journal, &list, error))
		return -1;
	for (pending = list; pending && !mt_txn_pending(pending);)
		pending = pending->next;
	if (!pending && mt_txn_unreadable(list)) /* it may be the one that is pending */
		return mt_engine_unreadable(e, mt_txn_unreadable(list));
	if (!pending) {
		e->outcome->end = MT_END_UNCHANGED;
		return 0;
	}
	bool unconfirmed = pending->state == MT_TXN_UNCONFIRMED;
	if (unconfirmed && !e->options->booted && mt_confirm_left(pending))
		return mt_fail(error, MT_EXIT_FAILED, pending->id,
			       "not cut off: this transaction %s",
			       mt_pending_text(e->arena, pending));
	if (mt_engine_revert(e, pending, unconfirmed ? "it was not confirmed in time" : "", error))
		return mt_engine_person(e, pending, error);
	if (mt_txn_unreadable(list))
		mt_outcome_remark(e, "transaction %s %s", mt_txn_unreadable(list)->id,
				  mt_unreadable_text(&e->journal, mt_txn_unreadable(list)));
	return 0;
}

int mt_recover(const struct mt_apply_options *options, struct mt_outcome *outcome,
	       struct mt_error *error)
{
	struct mt_engine e = {.options = options,
			      .outcome = outcome,
			      .accept = options->accept,
			      .lock_wait_ms = MT_CONFIRM_RACE_MS};
	return mt_engine_call(&e, NULL, recover, error);
}
