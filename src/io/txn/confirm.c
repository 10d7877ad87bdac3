/* SPDX-License-Identifier: ISC */
/* confirm.c: the deadline of a transaction, and the word that keeps it. */
#include "io/txn/confirm.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/sys/clock.h"
#include "io/sys/fs.h"

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

/* "" when the kernel does not say. */
static void read_boot_id(char *id, size_t size)
{
	MT_FD fd = open(BOOT_ID_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, id, size - 1);
	id[n < 0 ? 0 : n] = '\0';
	id[strcspn(id, " \n")] = '\0';
}

static bool same_boot(const struct mt_txn *txn)
{
	char id[64];
	read_boot_id(id, sizeof id);
	return id[0] && strcmp(id, txn->boot) == 0;
}

int mt_confirm_arm(struct mt_arena *arena, struct mt_txn *txn, struct mt_error *error)
{
	char id[64];
	if (!txn->confirm_ms)
		return 0;
	read_boot_id(id, sizeof id);
	if (!id[0])
		return mt_fail(
			error, MT_EXIT_FAILED, BOOT_ID_FILE,
			"cannot be read: without it --confirm cannot tell one boot from the next");
	txn->boot = mt_strdup(arena, id);
	txn->deadline = mt_boot_ms() + txn->confirm_ms;
	return 0;
}

int64_t mt_confirm_left(const struct mt_txn *txn)
{
	int64_t left = txn->deadline - mt_boot_ms();
	return left > 0 && same_boot(txn) ? left : 0;
}

/* ---- for people --------------------------------------------------------------------------------- */

static const char *wall_clock(struct mt_arena *arena, const struct mt_txn *txn)
{
	struct timespec now;
	struct tm tm;
	char text[32] = "";
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t ms =
		(int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + txn->deadline - mt_boot_ms();
	time_t seconds = (time_t)(ms / 1000);
	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return mt_strdup(arena, text);
}

const char *mt_confirm_until(struct mt_arena *arena, const struct mt_txn *txn)
{
	return txn->state == MT_TXN_UNCONFIRMED && same_boot(txn) ? wall_clock(arena, txn) : "";
}

const char *mt_pending_text(struct mt_arena *arena, const struct mt_txn *txn)
{
	if (txn->state != MT_TXN_UNCONFIRMED)
		return "was cut off: run mtapin recover";
	if (!mt_confirm_left(txn))
		return "was not confirmed in time: mtapin recover rolls it back";
	return mt_format(
		arena, "can be confirmed until %s: %s keeps it, %s takes it back now",
		mt_confirm_until(arena, txn),
		mt_recipe_text(arena, mt_recipe(arena, "mtapin", "confirm", txn->id, NULL)),
		mt_recipe_text(arena, mt_recipe(arena, "mtapin", "undo", txn->id, NULL)));
}

/* ---- confirm ------------------------------------------------------------------------------------ */

static struct mt_txn *find_waiting(struct mt_engine *e, const char *id, struct mt_error *error)
{
	struct mt_txn *txn = NULL, *list = NULL;
	if (id ? mt_journal_find(&e->journal, id, &txn, error)
	       : mt_journal_list(&e->journal, &list, error))
		return NULL;
	for (; list; list = list->next) /* the one that waits, else the last one that did */
		if (list->confirm_ms && (!txn || txn->state != MT_TXN_UNCONFIRMED))
			txn = list;
	if (!txn)
		mt_fail(error, MT_EXIT_FAILED, id ? id : "",
			id ? "no such transaction: see mtapin history"
			   : "nothing waits to be confirmed");
	return txn;
}

/* Why it cannot be confirmed; NULL: it can. */
static const char *confirm_obstacle(struct mt_arena *arena, const struct mt_txn *txn)
{
	if (!txn->confirm_ms)
		return "nothing to confirm: it was not made with --confirm";
	if (txn->state == MT_TXN_APPLIED)
		return "nothing to confirm: it is confirmed already";
	if (txn->state == MT_TXN_ROLLED_BACK)
		return "too late: it is rolled back";
	if (txn->state == MT_TXN_STUCK)
		return "too late: it could not be rolled back; a person must look";
	if (txn->state != MT_TXN_UNCONFIRMED)
		return "it was cut off before it was verified: mtapin recover rolls it back";
	if (mt_confirm_left(txn))
		return NULL;
	return same_boot(txn)
		       ? mt_format(arena,
				   "too late: it could be confirmed until %s; it is rolled back "
				   "now, or by mtapin recover",
				   wall_clock(arena, txn))
		       : "too late: the host was booted since; mtapin recover rolls it back";
}

static int confirm(struct mt_engine *e, const char *id, struct mt_error *error)
{
	struct mt_txn *txn = find_waiting(e, id, error);
	if (!txn)
		return -1;
	const char *why = confirm_obstacle(e->arena, txn);
	if (why)
		return mt_fail(error, MT_EXIT_FAILED, txn->id, "%s", why);
	if (mt_journal_state(&e->journal, txn, MT_TXN_APPLIED, error))
		return -1;
	e->committed = true;
	memcpy(e->outcome->id, txn->id, sizeof e->outcome->id);
	e->outcome->end = MT_END_CONFIRMED;
	mt_event(txn, MT_END_CONFIRMED, "");
	mt_journal_prune(&e->journal, e->options->keep_backups);
	return 0;
}

int mt_confirm(const char *id, const struct mt_apply_options *options, struct mt_outcome *outcome,
	       struct mt_error *error)
{
	struct mt_engine e = {
		.options = options, .outcome = outcome, .lock_wait_ms = MT_CONFIRM_RACE_MS};
	return mt_engine_call(&e, id, confirm, error);
}
