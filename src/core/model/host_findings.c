/* SPDX-License-Identifier: ISC */
/* host_findings.c: findings about the host, and who else writes the files. */
#include "core/model/host_findings.h"

#include "core/host/redact.h"

#include <string.h>

static const struct mt_owner *owner_named(const struct mt_owner *owners, struct mt_str id)
{
	for (; owners && owners->id; owners++)
		if (mt_str_is(id, owners->id))
			return owners;
	return NULL;
}

const struct mt_owner *mt_host_owner(const struct mt_host *host, const struct mt_backend *backend)
{
	for (size_t i = 0; i < host->owner_count; i++) {
		struct mt_str rest = mt_str_of(host->owner[i]), id;
		const struct mt_owner *owner =
			mt_str_word(&rest, " ", &id) ? owner_named(backend->owners, id) : NULL;
		if (owner)
			return owner;
	}
	return NULL;
}

static bool says_managed(struct mt_str comment)
{
	struct mt_str marks = mt_str_of(mt_managed_marks), mark;
	while (mt_str_word(&marks, "|", &mark))
		if (mt_redact_holds(comment, mark))
			return true;
	return false;
}

#define HEADER_LINES 20

const struct mt_owner *mt_file_owner(struct mt_str file, const struct mt_backend *backend,
				     unsigned *line)
{
	struct mt_str text;
	for (*line = 1; *line <= HEADER_LINES && mt_str_line(&file, &text); ++*line) {
		if (!mt_str_starts(mt_str_trim(text), "#") || !says_managed(text))
			continue;
		for (const struct mt_owner *o = backend->owners; o && o->id; o++)
			if (mt_redact_holds(text, mt_str_of(o->id)))
				return o;
	}
	return NULL;
}

void mt_host_examine(struct mt_model *model)
{
	const struct mt_host *host = model->snapshot->facts;
	if (!model->snapshot->complete)
		mt_model_find(model, NULL, "HOST-INCOMPLETE", NULL,
			      mt_message(model->arena, "collect again"),
			      "the collection is incomplete: what is missing below is unknown, not "
			      "absent");
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next) {
		const struct mt_owner *owner = mt_host_owner(host, mta->backend);
		if (owner)
			mt_model_find(model, mta, "HOST-OWNER", NULL,
				      mt_phrase(model->arena, owner->knob),
				      "%s regenerates the mail configuration of this host",
				      owner->title);
		if (mta->other_netns)
			mt_model_find(
				model, mta, "HOST-NETNS", NULL, NULL,
				"%s runs in another network namespace: addresses and routes shown "
				"are not its own",
				mta->backend->title);
		mt_host_unchosen(model, mta);
	}
	if (host->nat == MT_PRESENT)
		mt_model_find(model, NULL, "HOST-NAT", NULL, NULL,
			      "source addresses are rewritten on this host (%s): addresses are "
			      "those before NAT",
			      host->nat_text);
}
