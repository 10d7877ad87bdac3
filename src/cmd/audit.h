/* SPDX-License-Identifier: ISC */
/* audit.h: what the parts of the command `audit` share: its options, and how it prints. */
#ifndef MT_CMD_AUDIT_H
#define MT_CMD_AUDIT_H

#include "app/audit.h"
#include "cmd/command.h"

enum mt_audit_form { MT_AUDIT_TEXT, MT_AUDIT_JSON, MT_AUDIT_JSONL, MT_AUDIT_NAGIOS };

struct mt_auditing {
	struct mt_context *context;
	enum mt_audit_form form;
	struct mt_audit audit;
	size_t printed; /* hosts in the JSON list */
};

/* Hosts, transport and folders from the options. Errors: 64, or 2 for a folder. Nobody is asked. */
int mt_audit_prepare(struct mt_auditing *auditing, struct mt_error *error) MT_MUST_CHECK;
/* Each host is printed as it finishes. */
void mt_audit_print(struct mt_auditing *auditing);
/* What they have in common. */
void mt_audit_print_end(struct mt_auditing *auditing);

#endif
