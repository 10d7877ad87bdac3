/* SPDX-License-Identifier: ISC */
/* qmail.c: the qmail backend: detect, examine, the files it wants of a tree. */
#include "qmail.h"

#include "collect.h"

static const struct mt_owner owners[] = {
	{"plesk", "Plesk",
	 "Tools & Settings > Mail Server Settings (an outgoing address: Postfix only)"},
	{"kloxo", "Kloxo", "the panel, which writes control/outgoingips from the zones' A records"},
	{"e-smith", "SME Server", "/etc/e-smith/templates-custom, then signal-event email-update"},
	{0},
};

/* ---- detect ---- */

/* A folder that some installation left behind is no qmail: it takes the program and its name, or the daemon. */
static void detect(struct mt_model *model, const struct mt_backend *self)
{
	const struct mt_snapshot *s = model->snapshot;
	bool program = mt_snapshot_file(s, QM_HOME "/bin/qmail-remote")->type == 'f';
	enum qm_access me = qm_file(s, "me").access;
	bool runs = mt_snapshot_probe(s, "qmail.send")->presence == MT_PRESENT;
	if (!runs && (!program || me == QM_ABSENT))
		return;
	struct mt_mta **at = &model->mtas;
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(model->arena, struct mt_mta);
	**at = (struct mt_mta){.backend = self,
			       .instance = QM_CONTROL,
			       .version = "",
			       .helo = "",
			       .uid = qm_reader(s).uid};
}

static void wants(const struct mt_snapshot *snapshot, struct mt_wanted *wanted)
{
	static const char *const names[] = {"me", "helohost", "smtproutes", "outgoingip"};
	struct mt_arena *arena = snapshot->arena;
	wanted->want(wanted, QM_CONTROL, false);
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		wanted->want(wanted, mt_format(arena, QM_CONTROL "/%s", names[i]), true);
	for (const char *const *name = qm_other_pins; *name; name++)
		wanted->want(wanted, mt_format(arena, QM_CONTROL "/%s", *name), true);
	wanted->want(wanted, QM_HOME "/bin/qmail-remote", true);
	wanted->want(wanted, QM_HOME "/queue/lock/tcpto", false);
}

/* ---- examine ---- */

static void read_daemon(struct mt_model *model, struct mt_mta *mta)
{
	const struct mt_item *item = mt_snapshot_probe(model->snapshot, "qmail.send");
	struct mt_str text = item->bytes, line, word;
	unsigned long number;
	if (item->presence == MT_PRESENT)
		mta->state = MT_STATE_RUNNING;
	else if (item->presence == MT_ABSENT)
		mta->state = MT_STATE_STOPPED;
	while (mt_str_line(&text, &line)) {
		mt_str_word(&line, " ", &word);
		struct mt_str value = mt_str_trim(line);
		bool numeric = mt_str_number(value, INT64_MAX, &number);
		if (mt_str_is(word, "pid") && numeric)
			mta->pid = (int64_t)number;
		else if (mt_str_is(word, "start") && numeric)
			mta->start = (int64_t)number;
		else if (mt_str_is(word, "netns"))
			mta->other_netns = mt_str_is(value, "other");
	}
}

static void read_changed(struct qmail *q)
{
	const struct qm_file *const files[] = {&q->me, &q->helohost, &q->smtproutes,
					       &q->outgoingip};
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++)
		if (files[i]->mtime > q->mta->changed)
			q->mta->changed = files[i]->mtime;
}

static void examine(struct mt_model *model, struct mt_mta *mta)
{
	struct qmail *q = MT_NEW(model->arena, struct qmail);
	const struct mt_snapshot *snapshot = model->snapshot;
	*q = (struct qmail){.model = model,
			    .mta = mta,
			    .arena = model->arena,
			    .host = snapshot->facts,
			    .remote = qm_remote(snapshot),
			    .me = qm_file(snapshot, "me"),
			    .helohost = qm_file(snapshot, "helohost"),
			    .smtproutes = qm_file(snapshot, "smtproutes"),
			    .outgoingip = qm_file(snapshot, "outgoingip")};
	if (q->outgoingip.access == QM_READ)
		qm_pin(q->outgoingip.bytes, &q->pin);
	mta->priv = q;
	read_daemon(model, mta);
	read_changed(q);
	qm_path(q);
	qm_lint(q);
}

const struct mt_backend MT_BACKEND_SYMBOL(qmail) = {
	.abi = MT_ABI,
	.name = "qmail",
	.title = "qmail",
	.collector = qm_collector,
	.findings = qm_findings,
	.owners = owners,
	.wants = wants,
	.detect = detect,
	.examine = examine,
};
