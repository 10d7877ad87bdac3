/* SPDX-License-Identifier: ISC */
/* undo.c: take a transaction back as one of its own; tell them all. */
#include "io/txn/apply.h"

#include <stdio.h>
#include <string.h>

#include "io/txn/build.h"
#include "io/txn/confirm.h"
#include "io/txn/engine.h"
#include "io/txn/new_folder.h"
#include "io/txn/verify.h"

#define LINE_MAX_SHOWN 200

/* ---- which one ---------------------------------------------------------------------------------- */

/* By a later one, which is not itself undone. */
static bool is_undone(const struct mt_txn *txn)
{
	for (const struct mt_txn *t = txn->next; t; t = t->next)
		if (t->state == MT_TXN_APPLIED && strcmp(t->undoes, txn->id) == 0 && !is_undone(t))
			return true;
	return false;
}

static struct mt_txn *find_undoable(struct mt_txn *list, const char *id, struct mt_error *error)
{
	struct mt_txn *found = NULL;
	for (struct mt_txn *t = list; t; t = t->next) {
		bool wanted =
			id ? strcmp(t->id, id) == 0
			   : t->state == MT_TXN_UNCONFIRMED || (t->state == MT_TXN_APPLIED &&
								!t->undoes[0] && !is_undone(t));
		found = wanted ? t : found;
	}
	if (!found)
		mt_fail(error, MT_EXIT_FAILED, id ? id : "",
			id     ? "no such transaction: see mtapin history"
			: list ? "nothing to undo: every change is undone already, see mtapin "
				 "history"
			       : "nothing to undo: mtapin has changed nothing here");
	else if (found->state != MT_TXN_APPLIED && found->state != MT_TXN_UNCONFIRMED)
		mt_fail(error, MT_EXIT_FAILED, found->id, "it is %s: nothing of it to undo",
			mt_txn_state_name(found->state));
	else if (is_undone(found))
		mt_fail(error, MT_EXIT_FAILED, found->id, "it is undone already");
	return error->code ? NULL : found;
}

/* ---- the transaction that undoes ---------------------------------------------------------------- */

static struct mt_txn_file *reverse_file(struct mt_arena *arena, const struct mt_txn_file *f,
					const struct mt_target *now, const struct mt_restoration *r)
{
	struct mt_txn_file *back = MT_NEW(arena, struct mt_txn_file), old = mt_txn_old(f);
	*back = (struct mt_txn_file){.path = f->path,
				     .where = "",
				     .create = now->file < 0,
				     .remove = r->what == MT_RESTORE_REMOVE,
				     .folder = f->folder,
				     .mode = old.mode,
				     .owned = old.owned,
				     .remode = f->remode,
				     .generated = f->generated,
				     .uid = old.uid,
				     .gid = old.gid,
				     .before = now->bytes};
	memcpy(back->sha_before, now->sha, sizeof back->sha_before);
	if (!back->remove) {
		back->after = r->bytes;
		mt_sha256_hex(back->after, back->sha_after);
	}
	back->edits = mt_edits_between(arena, back->before, back->after);
	return back;
}

/* Prepends: the files come out in reverse order of their commits. */
static int add_restoration(struct mt_engine *e, const struct mt_txn_file *f,
			   const struct mt_target *now, struct mt_error *error)
{
	struct mt_restoration r = mt_restoration(e->arena, f, now);
	if (r.what == MT_RESTORE_TOUCHED) {
		mt_outcome_file(e, f, MT_FILE_KEPT);
		return mt_fail(error, MT_EXIT_PERSON, f->path,
			       "somebody edited our lines after us: it is left as it is");
	}
	if (r.what == MT_RESTORE_NOTHING) {
		mt_outcome_file(e, f, MT_FILE_UNCHANGED);
		return 0;
	}
	if (r.what == MT_RESTORE_BYTES && !mt_str_eq(r.bytes, f->before))
		mt_outcome_remark(e,
				  "%s: somebody edited it after us; only our lines are taken back",
				  f->path);
	struct mt_txn_file *back = reverse_file(e->arena, f, now, &r);
	back->next = e->txn->files;
	e->txn->files = back;
	return 0;
}

static int undo_file(struct mt_engine *e, const struct mt_txn_file *f, struct mt_error *error)
{
	struct mt_target now;
	if (mt_folder_gone(e->arena, f)) {
		mt_outcome_file(e, f, MT_FILE_UNCHANGED);
		return 0;
	}
	int failed = mt_target_open(e->arena, f->path, &now, error) ||
		     add_restoration(e, f, &now, error);
	mt_target_close(&now);
	return failed ? -1 : 0;
}

static struct mt_txn *undo_of(struct mt_engine *e, const struct mt_txn *old)
{
	struct mt_txn *txn = MT_NEW(e->arena, struct mt_txn);
	*txn = *old;
	txn->id[0] = '\0';
	txn->kind = "undo";
	txn->undoes = old->id;
	txn->who = mt_who(e->arena);
	txn->command = e->options->command ? e->options->command : "";
	txn->summary = mt_format(e->arena, "undo of %s", old->summary);
	txn->state = MT_TXN_NEW;
	txn->confirm_ms = txn->deadline = 0;
	txn->daemon.watch = 0;
	txn->daemon.retry = txn->daemon.retry_back = false;
	txn->files = NULL;
	txn->next = NULL;
	if (e->options->no_service)
		txn->action = MT_ACTION_NONE;
	return txn;
}

/* What the files mean now and will mean, as far as it can be foreseen. */
static int foresee_undo(struct mt_engine *e, struct mt_error *error)
{
	const struct mt_apply_options *o = e->options;
	struct mt_snapshot *now;
	if (!o->recollect)
		return 0;
	if (o->recollect(o->data, e->arena, &now, error))
		return -1;
	e->old = mt_mta_named(mt_examine(now, o->backends), e->txn->backend, e->txn->instance);
	e->now = now;
	e->wanted = mt_verify_foresee(e, now);
	if (e->old && e->wanted)
		e->txn->summary = e->outcome->summary = mt_mta_summary(e->arena, e->old, e->wanted);
	return 0;
}

static bool is_line(struct mt_str bytes)
{
	struct mt_str line;
	return bytes.n <= LINE_MAX_SHOWN && (!mt_str_line(&bytes, &line) || !bytes.n);
}

/* A file that is one line is its own value. */
static const char *const *values_of(struct mt_arena *arena, const struct mt_txn_file *f)
{
	const char **values = mt_alloc(arena, 2 * sizeof *values);
	const char *name = strrchr(f->path, '/') + 1;
	if (is_line(f->before) && (f->remove || is_line(f->after)))
		values[0] = mt_setting_text(
			arena, name, f->remove ? NULL : mt_strz(arena, mt_str_trim(f->after)));
	return values;
}

/* NULL: it is put in place as it was. */
static const char *maker_of(struct mt_engine *e, const struct mt_txn_file *f)
{
	const struct mt_build *build = mt_build_of(e, f);
	if (build && e->options->propose)
		mt_outcome_remark(e, "%s is made of these files by %s, on a private copy first",
				  f->path, build->title);
	return build ? build->title : NULL;
}

static void propose_undo(struct mt_engine *e)
{
	const struct mt_change **tail = &e->outcome->changes;
	for (const struct mt_txn_file *f = e->txn->files; f; f = f->next) {
		struct mt_change *c = MT_NEW(e->arena, struct mt_change);
		*c = (struct mt_change){.path = f->path,
					.create = f->create,
					.remove = f->remove,
					.mode = f->mode,
					.owned = f->owned,
					.uid = f->uid,
					.gid = f->gid,
					.before = f->before,
					.after = f->after,
					.edits = f->edits,
					.made_by = maker_of(e, f),
					.settings = values_of(e->arena, f)};
		memcpy(c->sha_before, f->sha_before, sizeof c->sha_before);
		memcpy(c->sha_after, f->sha_after, sizeof c->sha_after);
		*tail = c;
		tail = (const struct mt_change **)(void *)&c->next;
	}
	e->outcome->end = MT_END_PROPOSED;
	e->outcome->exit_code = MT_EXIT_CHANGE;
}

static int undo(struct mt_engine *e, const char *id, struct mt_error *error)
{
	struct mt_txn *list, *old;
	if (mt_journal_list(&e->journal, &list, error))
		return -1;
	/* it may be the one that is meant, and what it wrote would be taken for somebody's later edit */
	if (mt_txn_unreadable(list))
		return mt_engine_unreadable(e, mt_txn_unreadable(list));
	if (!(old = find_undoable(list, id, error)))
		return -1;
	if ((old->state != MT_TXN_UNCONFIRMED || e->options->rooted) && mt_engine_idle(e, error))
		return -1;
	if (old->state == MT_TXN_UNCONFIRMED && !e->options->propose) {
		/* never more than a trial: it is rolled back, by no transaction of its own */
		old->who = mt_who(e->arena);
		return mt_engine_revert(e, old, "", error) ? mt_engine_person(e, old, error) : 0;
	}
	if (mt_journal_load(&e->journal, old, error))
		return mt_engine_person(e, old, error);
	e->txn = undo_of(e, old);
	mt_engine_offline(e);
	for (const struct mt_txn_file *f = old->files; f; f = f->next)
		if (undo_file(e, f, error))
			return mt_engine_person(e, old, error);
	if (!e->txn->files) {
		e->outcome->end = MT_END_UNCHANGED;
		return 0;
	}
	e->outcome->undoes = old->id;
	if (foresee_undo(e, error))
		return -1;
	mt_engine_today(e, e->old ? e->old : e->wanted);
	propose_undo(e);
	return e->options->propose ? 0 : mt_engine_run(e, error);
}

int mt_undo(const char *id, const struct mt_apply_options *options, struct mt_outcome *outcome,
	    struct mt_error *error)
{
	struct mt_engine e = {.options = options,
			      .outcome = outcome,
			      .accept = options->accept,
			      .lock_wait_ms = MT_CONFIRM_RACE_MS};
	return mt_engine_call(&e, id, undo, error);
}

/* ---- history ------------------------------------------------------------------------------------ */

static struct mt_history *entry(struct mt_arena *arena, const struct mt_txn *txn)
{
	struct mt_history *h = MT_NEW(arena, struct mt_history);
	bool cut_off = mt_txn_pending(txn) && txn->state != MT_TXN_UNCONFIRMED;
	*h = (struct mt_history){.id = txn->id,
				 .begun_ms = mt_txn_id_ms(txn->id),
				 .kind = txn->kind,
				 .state = cut_off	   ? "pending"
					  : is_undone(txn) ? "undone"
							   : mt_txn_state_name(txn->state),
				 .until = mt_confirm_until(arena, txn),
				 .summary = txn->summary,
				 .who = txn->who,
				 .command = txn->command};
	for (const struct mt_txn_file *f = txn->files; f; f = f->next)
		mt_list_add(arena, &h->paths, f->path);
	if (!h->paths)
		h->paths = mt_alloc(arena, sizeof *h->paths);
	return h;
}

int mt_history(const struct mt_apply_options *options, struct mt_history **list,
	       struct mt_error *error)
{
	struct mt_journal journal;
	struct mt_txn *txns = NULL;
	*list = NULL;
	if (mt_journal_open(options->arena, options->state_dir, false, &journal, error))
		return -1;
	int failed = mt_journal_list(&journal, &txns, error);
	for (const struct mt_txn *t = txns; t; t = t->next) {
		*list = entry(options->arena, t);
		list = &(*list)->next;
	}
	mt_journal_close(&journal);
	return failed;
}

static void describe_pending(struct mt_arena *arena, const struct mt_txn *txn,
			     struct mt_pending *pending)
{
	memcpy(pending->id, txn->id, sizeof pending->id);
	if (txn->unreadable)
		snprintf(pending->text, sizeof pending->text,
			 "transaction %s %s; mtapin recover says what to do", txn->id,
			 txn->summary);
	else
		snprintf(pending->text, sizeof pending->text, "transaction %s %s", txn->id,
			 mt_pending_text(arena, txn));
}

bool mt_pending(const char *state_dir, struct mt_pending *pending)
{
	struct mt_arena *arena = mt_arena_new(2 * MT_TXN_MAX);
	struct mt_journal journal;
	struct mt_txn *list = NULL;
	struct mt_error ignored = {0};
	*pending = (struct mt_pending){0};
	if (mt_journal_open(arena, state_dir, false, &journal, &ignored) == 0) {
		(void)!mt_journal_list(&journal, &list, &ignored);
		for (; list; list = list->next)
			if (mt_txn_pending(list) || list->unreadable)
				describe_pending(arena, list, pending);
		mt_journal_close(&journal);
	}
	mt_arena_free(arena);
	return pending->id[0] != '\0';
}
