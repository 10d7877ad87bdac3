/* SPDX-License-Identifier: ISC */
/* checking.h: from lists and settings to a finished check: for `check`, `fix --ip auto` and the wizard. */
#ifndef MT_APP_CHECKING_H
#define MT_APP_CHECKING_H

#include "app/app.h"
#include "core/audit/examined.h"
#include "io/dns/check_rounds.h"

/* The blacklists named by `lists` (separated by commas; "": all; NULL: those of the settings), and what the settings
 * prefer. Errors: code 64, a list that is unknown or dead. */
int mt_checking_options(const struct mt_app *app, const char *lists,
			struct mt_check_options *options, struct mt_error *error) MT_MUST_CHECK;

struct mt_checking {
	struct mt_check_options options;
	mt_check_fn *check; /* mt_check, or mt_check_mx */
	unsigned limit_ms; /* instead of 15 seconds; 0: those */
	bool silent; /* nobody is told that it takes long */
	struct mt_check *result;
	struct mt_dns *dns; /* all answers */
};

/*
 * Ask what it takes (in a child that has nothing: have it asked outside; nothing, when the bundle that was read has answers of its own) and check the model; options
 * are filled in before. Findings are not added: mt_check_report() does. Errors: code 2.
 */
int mt_checking_run(const struct mt_app *app, struct mt_model *model, struct mt_checking *checking,
		    struct mt_error *error) MT_MUST_CHECK;
/* Tell how many questions that took, and how long. */
void mt_tell_asked(const struct mt_app *app, struct mt_asked asked);

/* Read the host that is looked at, and check it. */
struct mt_host_check {
	struct mt_checking checking; /* options and silent are filled in before */
	/* Where the bundle is kept, with the answers; it is read redacted then. NULL: nowhere. */
	const char *save;
	bool advises; /* a remedy is looked for */
	/* what comes of it: */
	struct mt_examined examined; /* the model also where that is all there is, and an error */
};
int mt_host_check_run(struct mt_app *app, struct mt_host_check *check,
		      struct mt_error *error) MT_MUST_CHECK;

#endif
