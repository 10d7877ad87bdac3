/* SPDX-License-Identifier: ISC */
/* lint_name.c: findings about the name that is said in HELO. */
#include "qmail.h"

#include <string.h>

static bool is_host_name(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++) {
		char c = *name | 32;
		if ((c < 'a' || c > 'z') && (*name < '0' || *name > '9') && *name != '-' &&
		    *name != '.')
			return false;
	}
	return true;
}

/* The name is known not to lead to the address; not asked is not known. */
static bool leads_elsewhere(const struct qmail *q, const char *name, struct mt_addr addr)
{
	bool known = false;
	for (size_t i = 0; i < q->host->name_count; i++) {
		const struct mt_name *n = &q->host->name[i];
		if (strcmp(n->name, name) != 0)
			continue;
		known = true;
		if (mt_addr_eq(n->addr, addr))
			return false;
	}
	return known;
}

/* What is said from the pinned address of this family. */
static void lint_pinned(struct qmail *q, enum mt_family family)
{
	const struct mt_binding *binding = &q->transport->binding[family];
	const char *helo = binding->helo ? binding->helo : q->transport->helo;
	const char *addr = mt_addr_format(q->arena, binding->source);
	if (binding->how != MT_HOW_ADDRESS || q->transport->kind != MT_KIND_INTERNET || !*helo)
		return;
	if (leads_elsewhere(q, helo, binding->source))
		mt_model_find(q->model, q->mta, "QM-HELO-MISMATCH", NULL,
			      mt_message(q->arena,
					 "let the name lead to it, or set another one by --helo"),
			      "qmail-remote says HELO %s from %s, and that name does not lead to "
			      "this address",
			      helo, addr);
	else if (family == MT_V4 || binding->helo)
		mt_model_find(q->model, q->mta, "QM-HELO-PIN", NULL, NULL,
			      "qmail-remote says HELO %s from %s: the reverse DNS of that address "
			      "should be this name",
			      helo, addr);
}

static void lint_file(struct qmail *q)
{
	const struct qm_file *file = q->helohost.access == QM_ABSENT ? &q->me : &q->helohost;
	struct mt_str line = qm_readline(file->bytes);
	if (file->access != QM_READ)
		return;
	if (!line.n)
		mt_model_find(q->model, q->mta, "QM-NO-NAME", qm_origin(q, file, 1, line), NULL,
			      "control/%s is empty: qmail-remote says HELO without a name",
			      strrchr(file->path, '/') + 1);
	else if (!is_host_name(mt_strz(q->arena, line)) && !memchr(line.p, '\r', line.n))
		mt_model_find(q->model, q->mta, "QM-HELO-BAD", qm_origin(q, file, 1, line), NULL,
			      "qmail-remote says this line in HELO as it stands, and it is no name "
			      "of a host");
	else
		for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
			lint_pinned(q, f);
}

static void lint_domainip(struct qmail *q, const struct qm_file *file, const struct qm_entry *entry,
			  struct mt_str helo)
{
	const struct mt_origin *at =
		qm_origin(q, file, entry->number,
			  (struct mt_str){entry->key.p, entry->key.n + 1 + entry->value.n});
	if (!helo.n)
		mt_model_find(q->model, q->mta, "QM-NO-NAME", at, NULL,
			      "nothing stands behind the bar: qmail-remote says EHLO without a "
			      "name");
	else
		mt_model_find(
			q->model, q->mta, "QM-HELO-NUL", at,
			mt_message(q->arena,
				   "put the name into control/helohost, and take it out here"),
			"qmail-remote says EHLO %.*s and a NUL byte behind it", MT_STR_FMT(helo));
}

/* The first line of domainips with a name, and the first one with none behind its bar. */
static void lint_domainips(struct qmail *q)
{
	struct qm_file file = qm_file(q->model->snapshot, &q->place, "domainips");
	struct qm_entries entries = {.rest = file.bytes};
	struct qm_entry entry;
	bool seen[2] = {false, false};
	if (!qm_remote_known(&q->remote) || !qm_remote_reads(&q->remote, "domainips"))
		return;
	while (qm_map_next(&entries, ':', &entry)) {
		struct qm_domainip part = qm_domainip(entry.value);
		if (!part.named || seen[part.helo.n > 0])
			continue;
		seen[part.helo.n > 0] = true;
		lint_domainip(q, &file, &entry, part.helo);
	}
}

void qm_lint_name(struct qmail *q)
{
	lint_domainips(q);
	lint_file(q);
}
