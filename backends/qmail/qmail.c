/* SPDX-License-Identifier: ISC */
/* qmail.c: the qmail backend: detect, examine, the files it wants of a tree. */
#include "qmail.h"

#include <string.h>

#include "collect.h"
#include "log.h"

static const struct mt_owner owners[] = {
	{"plesk", "Plesk",
	 "Tools & Settings > Mail Server Settings (an outgoing address: Postfix only)"},
	{"kloxo", "Kloxo", "the panel, which writes control/outgoingips from the zones' A records"},
	{"e-smith", "SME Server", "/etc/e-smith/templates-custom, then signal-event email-update"},
	{0},
};

/* ---- detect ---- */

/* A folder that some installation left behind is no qmail: it takes the program and its name, or the daemon. With
 * the program alone, and no folder for its control files, it is one in need of repair, if no other MTA is here. */
static bool is_one(const struct mt_model *model, const struct qm_home *place)
{
	const struct mt_snapshot *s = model->snapshot;
	const struct mt_item *control = mt_snapshot_file(s, place->control);
	bool program = mt_snapshot_file(s, place->program)->type == 'f';
	bool named = qm_file(s, place, "me").access != QM_ABSENT;
	bool asked = control->presence != MT_UNASKED || control->type != '?';
	bool broken = asked && control->type != 'd';
	return mt_snapshot_probe(s, "qmail.send")->presence == MT_PRESENT ||
	       (program && (broken ? !model->mtas : named));
}

static void detect_qmail(struct mt_model *model, const struct mt_backend *self)
{
	struct qm_home place = qm_home(model->snapshot);
	if (!is_one(model, &place))
		return;
	mt_model_mta(model, self, place.control)->uid = qm_reader(model->snapshot, &place).uid;
}

/* ---- the files of a tree ---- */

/* Folders that paths in the program may stand for. */
static void want_folders(const struct mt_snapshot *snapshot, struct mt_wanted *wanted,
			 const char *program)
{
	struct mt_str strings = qm_remote_strings(snapshot, program), line;
	bool etc = qm_remote_is_etc(strings);
	unsigned left = 40;
	while (left && mt_str_line(&strings, &line)) {
		const char *folder = qm_control_of(snapshot->arena, line, etc);
		if (!*folder)
			continue;
		wanted->want(wanted, folder, false);
		left--;
	}
}

static void wants(const struct mt_snapshot *snapshot, struct mt_wanted *wanted)
{
	for (const char *const *program = qm_programs; *program; program++) {
		wanted->want(wanted, *program, true);
		want_folders(snapshot, wanted, *program);
	}
	struct qm_home place = qm_home(snapshot);
	static const char *const names[] = {"me",	    "helohost",	   "smtproutes",
					    "outgoingip",   "outgoingip6", "helohostbindings",
					    "helohostbyip", "locals",	   "virtualdomains",
					    "rcpthosts"};
	struct mt_arena *arena = snapshot->arena;
	wanted->want(wanted, place.control, false);
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		wanted->want(wanted, mt_format(arena, "%s/%s", place.control, names[i]), true);
	for (const char *const *name = qm_other_pins; *name; name++)
		wanted->want(wanted, mt_format(arena, "%s/%s", place.control, *name), true);
	wanted->want(wanted, mt_format(arena, "%s/queue/lock/tcpto", place.home), false);
}

/* ---- examine ---- */

/* The folder of control files is there and may be looked into, else why not. */
static const char *control_unreadable(const struct mt_snapshot *snapshot,
				      const struct qm_home *place)
{
	const struct mt_item *item = mt_snapshot_file(snapshot, place->control);
	if (item->presence == MT_UNASKED && item->type == '?')
		return NULL;
	if (item->presence == MT_ABSENT)
		return item->link ? "the folder of control files is a link that points nowhere"
				  : "the folder of control files does not exist";
	if (item->presence == MT_DENIED)
		return "the folder of control files may not be read";
	return item->type == 'd' ? NULL
				 : "in place of the folder of control files is something else";
}

static void examine_qmail(struct mt_model *model, struct mt_mta *mta)
{
	struct qmail *q = MT_NEW(model->arena, struct qmail);
	const struct mt_snapshot *snapshot = model->snapshot;
	struct qm_home place = qm_home(snapshot);
	*q = (struct qmail){.model = model,
			    .mta = mta,
			    .arena = model->arena,
			    .host = snapshot->facts,
			    .place = place,
			    .remote = qm_remote(snapshot, &place),
			    .me = qm_file(snapshot, &place, "me"),
			    .helohost = qm_file(snapshot, &place, "helohost"),
			    .smtproutes = qm_file(snapshot, &place, "smtproutes")};
	mta->priv = q;
	mta->unreadable = control_unreadable(snapshot, &place);
	qm_find_methods(q);
	mt_mta_process(mta, mt_snapshot_probe(snapshot, "qmail.send"), "qmail-send");
	if (mta->unreadable) {
		mt_model_find(model, mta, "QM-NO-CONTROL",
			      mt_origin(model->arena, place.control, 0, "", NULL), NULL, "%s",
			      mta->unreadable);
		return;
	}
	static const char *const names[] = {"outgoingip", "outgoingip6"};
	for (int f = 0; f < MT_FAMILIES; f++) {
		struct qm_file *file = &q->pin_file[f];
		*file = qm_file(q->model->snapshot, &q->place, names[f]);
		if (qm_remote_known(&q->remote) && !qm_remote_reads(&q->remote, names[f]))
			file->access = QM_ABSENT;
		qm_pin(q->arena, &q->remote, file, (enum mt_family)f, &q->pin[f]);
	}
	const struct qm_file *const files[] = {&q->me, &q->helohost, &q->smtproutes,
					       &q->pin_file[MT_V4], &q->pin_file[MT_V6]};
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++)
		if (files[i]->mtime > q->mta->changed)
			q->mta->changed = files[i]->mtime;
	/* rcpthosts; entries that start with a dot stand for any name below. */
	struct qm_file rcpthosts = qm_file(q->model->snapshot, &q->place, "rcpthosts");
	struct qm_entries entries = {.rest = rcpthosts.bytes};
	struct mt_str entry, me = qm_readline(q->me.bytes);
	while (qm_readfile(&entries, &entry))
		mt_mta_domain(q->model, q->mta, entry);
	if (mt_is_fqdn(me))
		q->mta->domain = mt_strz(q->arena, me);
	qm_transport(q);
	qm_lint(q);
}

const struct mt_backend MT_BACKEND_SYMBOL(qmail) = {
	.abi = MT_ABI,
	.name = "qmail",
	.title = "qmail",
	.log = &qm_log,
	.collector = qm_collector,
	.findings = qm_findings,
	.owners = owners,
	.redactions = qm_redactions,
	.methods = qm_methods,
	.families = &qm_families,
	.ways_out = qm_alternatives,
	.wants = wants,
	.detect = detect_qmail,
	.examine = examine_qmail,
	.plan_ready = qm_plan_ready,
	.plan = qm_plan,
	.serve = qm_serve,
	.route = qm_route,
};
