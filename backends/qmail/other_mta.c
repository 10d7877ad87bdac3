/* SPDX-License-Identifier: ISC */
/* other_mta.c: who sends, where another mail server is on the host too: which runs, on which queue, whose sendmail(1). */
#include "qmail.h"

static const struct mt_mta *other_mta(const struct qmail *q)
{
	const struct mt_mta *mta = q->model->mtas;
	while (mta && mta->backend == q->mta->backend)
		mta = mta->next;
	return mta;
}

static const char *state_of(const struct mt_mta *mta)
{
	return mta->state == MT_STATE_RUNNING	? "runs"
	       : mta->state == MT_STATE_STOPPED ? "does not run"
						: "may run";
}

static bool receives(const struct mt_mta *mta)
{
	for (const struct mt_listener *l = mta->listeners; l; l = l->next)
		if (l->port == 25)
			return mta->state == MT_STATE_RUNNING;
	return false;
}

static const struct mt_message *sendmail_of(const struct qmail *q)
{
	const char *path = q->place.sendmail;
	if (!path)
		return mt_message(q->arena, "/usr/sbin/sendmail: not known whose");
	if (mt_str_starts(mt_str_of(path), mt_format(q->arena, "%s/", q->place.home)))
		return mt_message(q->arena, "/usr/sbin/sendmail is qmail's (%s)", path);
	return mt_message(q->arena, "/usr/sbin/sendmail is not qmail's (%s)", path);
}

void qm_lint_shared(struct qmail *q)
{
	const struct mt_mta *other = other_mta(q);
	if (!other)
		return;
	mt_model_find(q->model, q->mta, "QM-SHARED-HOST", NULL, NULL,
		      receives(other)
			      ? "%s (%s) is here too and %pM, also on port 25; qmail-send %pM on "
				"the queue %s/queue; %pM"
			      : "%s (%s) is here too and %pM; qmail-send %pM on the queue "
				"%s/queue; %pM",
		      other->backend->title, other->instance, mt_phrase(q->arena, state_of(other)),
		      mt_phrase(q->arena, state_of(q->mta)), q->place.home, sendmail_of(q));
}
