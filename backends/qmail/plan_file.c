/* SPDX-License-Identifier: ISC */
/*
 * plan_file.c: outgoingip is the address and a newline, nothing else; of a map the value of the line for all mail is
 * replaced where it stands, or that line is put behind the others. A file without a line left is removed.
 */
#include "plan_file.h"

#include <string.h>

const char *qm_control_path(const struct mt_plan *plan, const struct qmail *q, const char *name)
{
	return mt_format(plan->arena, "%s/%s", q->place.control, name);
}

/* The bytes of a file as they are, be it one that qmail-remote may not read. */
static const struct mt_item *item_of(const struct qmail *q, const char *path)
{
	return mt_snapshot_file(q->model->snapshot, path);
}

static void tell_setting(struct mt_plan *plan, const char *path, const char *name,
			 const char *value)
{
	const char **settings = mt_alloc(plan->arena, 2 * sizeof *settings);
	settings[0] = mt_setting_text(plan->arena, name, value);
	mt_plan_settings(plan, path, settings);
}

/* What stands where a file should be, and how to remove it; NULL: a file, or nothing. */
static const char *edit_obstacle(const struct mt_item *item)
{
	switch (item->type) {
	case 'd':
		return "is a folder: remove it first (rmdir)";
	case 'l':
		return "is a symbolic link that leads back to itself: remove it first (rm)";
	case 'p':
		return "is a FIFO, not a file: remove it first (rm)";
	case 's':
	case 'c':
	case 'b':
		return "is a socket or a device, not a file: remove it first (rm)";
	default:
		return item->presence == MT_ABSENT && item->link
			       ? "is a symbolic link that points nowhere: remove it"
			       : NULL;
	}
}

/* Refuse what cannot be edited. */
static bool editable(struct mt_plan *plan, const char *path, const struct mt_item *item)
{
	const char *why = edit_obstacle(item);
	if (why)
		mt_plan_refuse(plan, "PLAN-UNREADABLE", path, "%pM", mt_phrase(plan->arena, why));
	else if (item->presence != MT_ABSENT && !mt_item_readable(item))
		mt_plan_refuse(plan, "PLAN-UNREADABLE", path, "cannot be read (%s)",
			       *item->why ? item->why : mt_presence_name(item->presence));
	else
		return true;
	return false;
}

void qm_put(struct mt_plan *plan, const struct qmail *q, const char *name, struct mt_str bytes,
	    const char *value)
{
	const char *path = qm_control_path(plan, q, name);
	const struct mt_item *item = item_of(q, path), *me = item_of(q, q->me.path);
	if (!editable(plan, path, item))
		return;
	if (item->presence == MT_ABSENT)
		mt_plan_create(plan, path, bytes, me);
	else
		mt_plan_put(plan, path, item, bytes, me);
	tell_setting(plan, path, name, value);
}

/* ---- maps ---- */

static char separator(const struct qmail *q, const struct qm_method *m)
{
	return m->method == &qm_methods[QM_DOMAINIPS] ? ':' : qm_remote_separator(&q->remote);
}

/* Its line for all mail; that of no key counts before the one of "*". */
static bool catch_all(const struct qmail *q, const struct qm_method *m, struct mt_str bytes,
		      struct qm_entry *entry)
{
	char sep = separator(q, m);
	return qm_map_get(bytes, sep, MT_STR(""), entry) ||
	       (*m->key && qm_map_get(bytes, sep, mt_str_of(m->key), entry));
}

static struct mt_str value_of(const struct qm_method *m, struct mt_str value)
{
	return m->method == &qm_methods[QM_DOMAINIPS] ? qm_domainip(value).addr : value;
}

static struct mt_str with_line(struct mt_plan *plan, const struct qmail *q,
			       const struct qm_method *m, struct mt_str bytes, const char *addr)
{
	struct mt_text text = MT_TEXT_INIT(plan->arena);
	struct qm_entry entry;
	if (catch_all(q, m, bytes, &entry)) {
		struct mt_str old = value_of(m, entry.value);
		size_t at = (size_t)(entry.value.p - bytes.p), end = at + old.n;
		mt_text_add(&text, mt_str_part(bytes, 0, at));
		mt_text_addf(&text, "%s", addr);
		mt_text_add(&text, mt_str_part(bytes, end, bytes.n - end));
		if (bytes.p[bytes.n - 1] != '\n')
			mt_text_addf(&text, "\n");
		return mt_text_str(&text);
	}
	mt_text_add(&text, bytes);
	if (bytes.n && bytes.p[bytes.n - 1] != '\n')
		mt_text_addf(&text, "\n");
	mt_text_addf(&text, "%s%c%s\n", m->key, separator(q, m), addr);
	return mt_text_str(&text);
}

void qm_put_pin(struct mt_plan *plan, const struct qmail *q, const struct qm_method *m,
		enum mt_family family)
{
	const char *name = qm_method_file(q, m, family), *path = qm_control_path(plan, q, name);
	const char *addr = mt_addr_format(plan->arena, plan->goal->family[family].addr);
	struct qm_file file = qm_file(q->model->snapshot, &q->place, name);
	struct qm_entry entry;
	if (file.access == QM_UNKNOWN && item_of(q, path)->presence != MT_ABSENT) {
		mt_plan_refuse(plan, "PLAN-UNREADABLE", path, "cannot be read (%s)", file.why);
		return;
	}
	if (!m->key) {
		if (file.access != QM_READ || file.odd ||
		    !qm_pin_is_exact(file.bytes, plan->goal->family[family].addr))
			qm_put(plan, q, name, mt_str_of(mt_format(plan->arena, "%s\n", addr)),
			       addr);
		return;
	}
	if (file.access == QM_READ && catch_all(q, m, file.bytes, &entry) &&
	    mt_str_is(value_of(m, entry.value), addr))
		return;
	qm_put(plan, q, name, with_line(plan, q, m, item_of(q, path)->bytes, addr),
	       mt_format(plan->arena, "%s%c%s", m->key, separator(q, m), addr));
}

/* ---- taking out ---- */

static bool is_catch_all(const struct qm_method *m, struct mt_str key)
{
	return !key.n || (*m->key && mt_str_is(key, m->key));
}

/* The lines that are left when those for all mail are gone. */
static struct mt_str without_lines(struct mt_plan *plan, const struct qmail *q,
				   const struct qm_method *m, struct mt_str bytes)
{
	struct mt_text text = MT_TEXT_INIT(plan->arena);
	struct qm_entries entries = {.rest = bytes};
	struct qm_entry entry = {0};
	struct mt_str rest = bytes, line;
	bool more = qm_map_next(&entries, separator(q, m), &entry);
	for (unsigned number = 1; rest.n; number++) {
		const char *start = rest.p;
		bool gone = false;
		mt_str_line(&rest, &line);
		for (; more && entry.number <= number;
		     more = qm_map_next(&entries, separator(q, m), &entry))
			gone = gone || (entry.number == number && is_catch_all(m, entry.key));
		if (!gone)
			mt_text_add(&text,
				    (struct mt_str){start,
						    (size_t)(bytes.p + bytes.n - start) - rest.n});
	}
	return mt_text_str(&text);
}

/* One file may be that of both families. */
static bool is_planned(const struct mt_plan *plan, const char *path)
{
	const struct mt_change *c = plan->changes;
	while (c && strcmp(c->path, path) != 0)
		c = c->next;
	return c != NULL;
}

void qm_drop_pin(struct mt_plan *plan, const struct qmail *q, const struct qm_method *m,
		 enum mt_family family)
{
	const char *name = qm_method_file(q, m, family);
	const char *path = name ? qm_control_path(plan, q, name) : "";
	const struct mt_item *item = item_of(q, path);
	struct mt_str left = {"", 0};
	bool reads = name && (!qm_remote_known(&q->remote) || qm_remote_reads(&q->remote, name));
	if (item->presence == MT_ABSENT || (!reads && m->key) || !name || is_planned(plan, path) ||
	    (m->key && item->presence == MT_UNASKED) || !editable(plan, path, item))
		return;
	if (m->key)
		left = without_lines(plan, q, m, item->bytes);
	if (left.n)
		mt_plan_replace(plan, path, item->bytes, left);
	else if (!m->key || item->bytes.n)
		mt_plan_remove(plan, path, item->bytes);
	tell_setting(plan, path, name, NULL);
}
