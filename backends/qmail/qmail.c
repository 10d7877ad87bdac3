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

static bool runs(const struct mt_snapshot *s)
{
	return mt_snapshot_probe(s, "qmail.send")->presence == MT_PRESENT;
}

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
	return runs(s) || (program && (broken ? !model->mtas : named));
}

static void detect(struct mt_model *model, const struct mt_backend *self)
{
	struct qm_home place = qm_home(model->snapshot);
	if (!is_one(model, &place))
		return;
	struct mt_mta **at = &model->mtas;
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(model->arena, struct mt_mta);
	**at = (struct mt_mta){.backend = self,
			       .instance = place.control,
			       .version = "",
			       .helo = "",
			       .uid = qm_reader(model->snapshot, &place).uid};
}

/* ---- the files of a tree ---- */

static void want_control(const struct mt_snapshot *snapshot, struct mt_wanted *wanted,
			 const struct qm_home *place)
{
	static const char *const names[] = {"me",	    "helohost",	   "smtproutes",
					    "outgoingip",   "outgoingip6", "helohostbindings",
					    "helohostbyip", "locals",	   "virtualdomains",
					    "rcpthosts"};
	struct mt_arena *arena = snapshot->arena;
	wanted->want(wanted, place->control, false);
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		wanted->want(wanted, mt_format(arena, "%s/%s", place->control, names[i]), true);
	for (const char *const *name = qm_other_pins; *name; name++)
		wanted->want(wanted, mt_format(arena, "%s/%s", place->control, *name), true);
	wanted->want(wanted, mt_format(arena, "%s/queue/lock/tcpto", place->home), false);
}

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
	want_control(snapshot, wanted, &place);
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
					       &q->pin_file[MT_V4], &q->pin_file[MT_V6]};
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++)
		if (files[i]->mtime > q->mta->changed)
			q->mta->changed = files[i]->mtime;
}

static void read_pins(struct qmail *q)
{
	static const char *const names[] = {"outgoingip", "outgoingip6"};
	for (int f = 0; f < MT_FAMILIES; f++) {
		struct qm_file *file = &q->pin_file[f];
		*file = qm_file(q->model->snapshot, &q->place, names[f]);
		if (qm_remote_known(&q->remote) && !qm_remote_reads(&q->remote, names[f]))
			file->access = QM_ABSENT;
		qm_pin(q->arena, &q->remote, file, (enum mt_family)f, &q->pin[f]);
	}
}

/* The folder of control files is there and may be looked into, else why not. */
static const char *unreadable(const struct mt_snapshot *snapshot, const struct qm_home *place)
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

/* rcpthosts; entries that start with a dot stand for any name below. */
static void read_domains(struct qmail *q)
{
	struct qm_file rcpthosts = qm_file(q->model->snapshot, &q->place, "rcpthosts");
	struct qm_entries entries = {.rest = rcpthosts.bytes};
	struct mt_str entry, me = qm_readline(q->me.bytes);
	while (qm_readfile(&entries, &entry))
		mt_mta_domain(q->model, q->mta, entry);
	if (mt_is_fqdn(me))
		q->mta->domain = mt_strz(q->arena, me);
}

static void examine(struct mt_model *model, struct mt_mta *mta)
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
	mta->unreadable = unreadable(snapshot, &place);
	read_daemon(model, mta);
	if (mta->unreadable) {
		mt_model_find(model, mta, "QM-NO-CONTROL",
			      mt_because(model->arena, place.control, 0, "", NULL), NULL, "%s",
			      mta->unreadable);
		return;
	}
	read_pins(q);
	read_changed(q);
	read_domains(q);
	qm_path(q);
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
	.wants = wants,
	.detect = detect,
	.examine = examine,
	.plan_ready = qm_plan_ready,
	.plan = qm_plan,
	.serve = qm_serve,
	.route = qm_route,
};
