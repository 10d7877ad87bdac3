/* SPDX-License-Identifier: ISC */
/*
 * qmail.c: which address qmail-remote leaves from: control/outgoingip if the program in use reads it, else
 * the kernel's choice. IPv4 only: qmail-remote of this family asks for no AAAA record.
 */
#include "qmail.h"

#include <string.h>

#include "collect.h"
#include "control.h"

enum support { SUPPORT_UNKNOWN, SUPPORT_NO, SUPPORT_YES };

struct qmail {
	struct mt_model *model;
	struct mt_mta *mta;
	struct mt_arena *arena;
	const struct mt_host *host;
	enum support support;
	const struct mt_item *item; /* control/outgoingip */
	struct qm_pin pin;
};

static const struct mt_owner owners[] = {
	{"plesk", "Plesk", "Tools & Settings > Mail Server Settings"},
	{"kloxo", "Kloxo", "the panel's outgoing address (control/outgoingips)"},
	{"esmith", "SME Server", "/etc/e-smith/templates-custom, then signal-event email-update"},
	{0},
};

/* ---- detect ---- */

static void detect(struct mt_model *model, const struct mt_backend *self)
{
	const struct mt_item *remote =
		mt_snapshot_file(model->snapshot, QM_HOME "/bin/qmail-remote");
	struct mt_mta **at = &model->mtas;
	if (!mt_item_readable(qm_control(model->snapshot, "me")) && remote->type != 'f')
		return;
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(model->arena, struct mt_mta);
	**at = (struct mt_mta){
		.backend = self, .instance = QM_HOME, .version = "", .helo = "", .uid = -1};
}

static void wants(const struct mt_snapshot *snapshot, struct mt_wanted *wanted)
{
	static const char *const names[] = {"me", "helohost", "outgoingip", "smtproutes"};
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		wanted->want(wanted, mt_format(snapshot->arena, QM_CONTROL "/%s", names[i]), true);
}

/* ---- what is there ---- */

/* The name of the file stands in the program as a whole string: the only test that holds. */
static enum support reads_outgoingip(const struct qmail *q)
{
	const struct mt_item *reads = mt_snapshot_probe(q->model->snapshot, "qmail.reads");
	struct mt_str rest = reads->bytes, line;
	if (!mt_item_readable(reads))
		return SUPPORT_UNKNOWN;
	while (mt_str_line(&rest, &line)) {
		if (mt_str_starts(line, "#!"))
			return SUPPORT_UNKNOWN;
		if (mt_str_is(line, "control/outgoingip"))
			return SUPPORT_YES;
	}
	return reads->bytes.n ? SUPPORT_NO : SUPPORT_UNKNOWN;
}

static void read_state(struct qmail *q)
{
	const struct mt_item *send = mt_snapshot_probe(q->model->snapshot, "qmail.send");
	struct mt_str rest = send->bytes, line, word;
	unsigned long number;
	if (send->presence == MT_ABSENT)
		q->mta->state = MT_STATE_STOPPED;
	while (mt_item_readable(send) && mt_str_line(&rest, &line)) {
		struct mt_str value = line;
		mt_str_word(&value, " ", &word);
		value = mt_str_trim(value);
		bool numeric = mt_str_number(value, INT64_MAX, &number);
		if (mt_str_is(word, "pid") && numeric) {
			q->mta->pid = (int64_t)number;
			q->mta->state = MT_STATE_RUNNING;
		} else if (mt_str_is(word, "start") && numeric) {
			q->mta->start = (int64_t)number;
		} else if (mt_str_is(word, "netns")) {
			q->mta->other_netns = mt_str_is(value, "other");
		}
	}
}

static const char *helo_name(const struct qmail *q)
{
	const struct mt_item *item = qm_control(q->model->snapshot, "helohost");
	if (!mt_item_readable(item))
		item = qm_control(q->model->snapshot, "me");
	return mt_item_readable(item) ? mt_strz(q->arena, qm_first_line(item->bytes)) : "";
}

/* The route of every domain that has none of its own: ":relay:port". */
static void default_route(const struct qmail *q, struct mt_path *path)
{
	const struct mt_item *item = qm_control(q->model->snapshot, "smtproutes");
	struct mt_str rest = item->bytes, line, host;
	unsigned number = 0;
	struct mt_addr addr;
	path->kind = MT_KIND_INTERNET;
	path->next_hop = "";
	while (mt_item_readable(item) && qm_next_line(&rest, &number, &line)) {
		if (line.p[0] != ':' || line.n < 2)
			continue;
		line = (struct mt_str){line.p + 1, line.n - 1};
		path->next_hop = mt_strz(q->arena, line);
		path->feeds = "smtproutes";
		bool local = mt_str_word(&line, "[]:", &host) && mt_addr_parse(host, &addr) &&
			     (mt_addr_is_loopback(addr) || mt_host_addr(q->host, addr));
		path->kind = local ? MT_KIND_LOOPBACK : MT_KIND_RELAYHOST;
		return;
	}
}

/* ---- the way ---- */

static const struct mt_because *because(const struct qmail *q)
{
	return mt_because(q->arena, q->item->name, 1,
			  mt_strz(q->arena, qm_first_line(q->item->bytes)), NULL);
}

static void kernel_chooses(const struct qmail *q, const struct mt_path *path, struct mt_way *way,
			   const char *note)
{
	const struct mt_source *source = mt_host_default_source(q->host, MT_V4);
	way->how = MT_HOW_KERNEL;
	way->note = note;
	way->sure = q->host->addresses == MT_UNASKED ? MT_SURE_ASSUMED
		    : source->asked		     ? MT_SURE_YES
						     : MT_SURE_NO;
	if (path->kind == MT_KIND_LOOPBACK)
		mt_addr_parse(MT_STR("127.0.0.1"), &way->source);
	else if (source->reachable)
		way->source = source->source;
}

static bool is_broadcast(const struct mt_host *host, struct mt_addr addr)
{
	for (size_t i = 0; i < host->addr_count; i++) {
		const struct mt_ifaddr *at = &host->addr[i];
		bool ones = at->bits < 31 && mt_addr_in_prefix(addr, at->addr, at->bits);
		for (unsigned bit = at->bits; ones && bit < 32; bit++)
			ones = addr.b[bit / 8] >> (7 - bit % 8) & 1;
		if (ones)
			return true;
	}
	return false;
}

static void deferred(const struct qmail *q, struct mt_way *way, const char *why)
{
	way->how = MT_HOW_DEFERRED;
	way->because = because(q);
	way->note = why;
}

static void pinned(const struct qmail *q, const struct mt_path *path, struct mt_way *way)
{
	struct mt_addr addr = q->pin.addr;
	bool known = q->host->addresses == MT_PRESENT;
	way->sure = known ? MT_SURE_YES : MT_SURE_ASSUMED;
	if (mt_addr_is_multicast(addr) || (known && is_broadcast(q->host, addr))) {
		kernel_chooses(q, path, way, "bound without effect: kernel's choice");
		way->because = because(q);
	} else if (mt_addr_is_loopback(addr) && path->kind != MT_KIND_LOOPBACK) {
		deferred(q, way, "bound to loopback, which cannot reach other hosts");
	} else if (!mt_addr_usable(q->host, addr)) {
		deferred(q, way, "not an address of this host");
	} else {
		way->how = MT_HOW_ADDRESS;
		way->source = addr;
		way->because = because(q);
	}
}

static void make_way(const struct qmail *q, const struct mt_path *path, struct mt_way *way)
{
	bool there = q->pin.kind != QM_PIN_NONE;
	*way = (struct mt_way){.note = ""};
	if (!*path->helo && !mt_item_readable(qm_control(q->model->snapshot, "helohost")) &&
	    qm_control(q->model->snapshot, "me")->presence == MT_ABSENT) {
		way->how = MT_HOW_DEFERRED;
		way->note = "neither control/helohost nor control/me";
	} else if (!there || q->support == SUPPORT_NO) {
		kernel_chooses(q, path, way,
			       there ? "kernel's choice: outgoingip is not read"
				     : "kernel's choice");
	} else if (q->support == SUPPORT_UNKNOWN || q->pin.kind == QM_PIN_UNKNOWN) {
		way->how = MT_HOW_UNKNOWN;
		way->sure = MT_SURE_NO;
		way->note = "outgoingip exists; whether it is read is not known";
	} else if (q->pin.kind == QM_PIN_BAD) {
		deferred(q, way, q->pin.why);
	} else {
		pinned(q, path, way);
	}
}

/* ---- findings ---- */

static void lint(const struct qmail *q, const struct mt_path *path)
{
	const struct mt_way *way = &path->way[MT_V4];
	bool there = q->item->presence != MT_ABSENT && q->item->presence != MT_UNASKED;
	if (there && q->support == SUPPORT_NO)
		mt_model_find(q->model, q->mta, "QM-IGNORED", because(q), NULL,
			      "control/outgoingip exists, but this qmail-remote never reads it: "
			      "nothing is pinned");
	else if (there && q->support == SUPPORT_UNKNOWN)
		mt_model_find(q->model, q->mta, "QM-SUPPORT-UNKNOWN", because(q), NULL,
			      "whether the qmail-remote in use reads control/outgoingip could not "
			      "be found out");
	else if (way->how == MT_HOW_DEFERRED && way->because)
		mt_model_find(q->model, q->mta, "QM-DEFERRED", way->because, NULL,
			      "all remote mail is deferred: control/outgoingip: %s", way->note);
	else if (there && q->pin.kind == QM_PIN_ADDRESS &&
		 (!q->pin.exact || way->how == MT_HOW_KERNEL))
		mt_model_find(
			q->model, q->mta, "QM-PIN-JUNK", because(q), NULL,
			"control/outgoingip is not one address and a newline; mail leaves from %s",
			mt_addr_format(q->arena, way->source));
	if (way->how == MT_HOW_DEFERRED && !way->because)
		mt_model_find(q->model, q->mta, "QM-NO-HELO", NULL, NULL,
			      "all remote mail is deferred: there is neither control/helohost nor "
			      "control/me");
	if (way->how == MT_HOW_ADDRESS)
		mt_model_find(q->model, q->mta, "QM-HELO-PIN", NULL, NULL,
			      "HELO stays %s: the reverse DNS of %s should be this name",
			      path->helo, mt_addr_format(q->arena, way->source));
}

static void examine(struct mt_model *model, struct mt_mta *mta)
{
	struct qmail q = {
		.model = model, .mta = mta, .arena = model->arena, .host = model->snapshot->facts};
	struct mt_path *path = MT_NEW(model->arena, struct mt_path);
	q.item = qm_control(model->snapshot, "outgoingip");
	q.support = reads_outgoingip(&q);
	qm_pin_read(model->arena, q.item, &q.pin);
	mta->changed = q.item->mtime > 0 ? q.item->mtime : 0;
	read_state(&q);
	path->name = "qmail-remote";
	path->helo = mta->helo = helo_name(&q);
	path->feeds = "";
	default_route(&q, path);
	make_way(&q, path, &path->way[MT_V4]);
	path->way[MT_V6] =
		(struct mt_way){.how = MT_HOW_OFF, .note = "qmail-remote uses IPv4 only"};
	mta->paths = path;
	lint(&q, path);
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
