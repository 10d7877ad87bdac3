/* SPDX-License-Identifier: ISC */
/* wizard.h: the wizard's state, and its parts: what was found, and the questions. */
#ifndef MT_CMD_WIZARD_H
#define MT_CMD_WIZARD_H

#include "app/fixing.h"
#include "cmd/command.h"
#include "ui/dialog.h"

struct mt_wizard {
	struct mt_context *context; /* each answer is an option of `fix` in it */
	struct mt_dialog dialog;
	struct mt_fixing fixing; /* the model is read once, the plan is made anew for each answer */
	const struct mt_check *check;
	const struct mt_mta *mta;
	const struct mt_checked *row[MT_FAMILIES]; /* the address that was chosen; NULL: none */
	const char *way; /* what was chosen at last: a word of the last menu */
	bool failed; /* fixing.error says how */
};

/* Read this host and ask the DNS. Errors: in fixing.error. */
int mt_wizard_look(struct mt_wizard *wizard) MT_MUST_CHECK;
/* What was found, in words. */
enum mt_reply mt_wizard_show(struct mt_wizard *wizard);

/* The plan that the answers come to; false: it failed, or no address was asked for. */
bool mt_wizard_plan(struct mt_wizard *wizard);

#define MT_WIZARD_ITEMS 1000 /* more are left out */
struct mt_wizard_menu {
	struct mt_menu menu;
	struct mt_menu_item item[MT_WIZARD_ITEMS];
};
struct mt_wizard_menu *mt_wizard_menu(const struct mt_wizard *wizard, const char *title,
				      const char *help);
/* `word` is what Enter or a number comes to; each item has one. */
void mt_wizard_item(struct mt_wizard_menu *menu, const char *word, const char *text);
void mt_wizard_mark(struct mt_wizard_menu *menu, const char *word);
/* The word that was chosen, into `word`. `first`: there is no question to go back to. */
enum mt_reply mt_wizard_ask(struct mt_wizard *wizard, struct mt_wizard_menu *menu, bool first,
			    const char **word);

struct mt_wizard_step {
	void (*forget)(struct mt_wizard *wizard); /* its answer */
	/* Is it a question on this host, after the answers before it? */
	bool (*needed)(struct mt_wizard *wizard);
	enum mt_reply (*ask)(struct mt_wizard *wizard, bool first);
};
extern const struct mt_wizard_step mt_wizard_mta, mt_wizard_ipv4, mt_wizard_ipv6, mt_wizard_helo,
	mt_wizard_method;

#endif
