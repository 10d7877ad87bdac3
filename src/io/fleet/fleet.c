/* SPDX-License-Identifier: ISC */
/* fleet.c: one child a host, so many at once, each in a slot. */
#include "io/fleet/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/sys/child.h"
#include "io/fleet/ssh.h"

#define TRIES	  3
#define ERR_KEPT  4096 /* the last bytes of stderr: ssh speaks last */
#define FIRST_CAP 16384

struct mt_slot {
	struct mt_fleet *fleet;
	struct mt_child child;
	uv_timer_t pause; /* between two tries */
	bool busy;
	size_t number;
	const char *name;
	uint64_t end_ms; /* of the host's time */
	unsigned tries;
	enum mt_cause before;
	bool overflow;
	size_t received; /* in all tries, to both */
	char *out;
	size_t out_n, out_cap;
	size_t err_n;
	char nonce[MT_NONCE];
	char detail[512];
	char err[ERR_KEPT];
	struct mt_argv argv;
};

/* ---- what comes in ---- */

static void add_out(struct mt_slot *slot, struct mt_str bytes)
{
	size_t cap = slot->out_cap ? slot->out_cap : FIRST_CAP;
	while (cap < slot->out_n + bytes.n)
		cap *= 2;
	if (cap != slot->out_cap) {
		slot->out = realloc(slot->out, cap);
		slot->out_cap = cap;
	}
	if (!slot->out)
		mt_out_of_memory();
	memcpy(slot->out + slot->out_n, bytes.p, bytes.n);
	slot->out_n += bytes.n;
}

static void add_err(struct mt_slot *slot, struct mt_str bytes)
{
	if (bytes.n >= ERR_KEPT) {
		bytes = mt_str_part(bytes, bytes.n - ERR_KEPT, ERR_KEPT);
		slot->err_n = 0;
	}
	if (slot->err_n + bytes.n > ERR_KEPT) {
		size_t gone = slot->err_n + bytes.n - ERR_KEPT;
		memmove(slot->err, slot->err + gone, slot->err_n - gone);
		slot->err_n -= gone;
	}
	memcpy(slot->err + slot->err_n, bytes.p, bytes.n);
	slot->err_n += bytes.n;
}

static bool on_host_bytes(struct mt_child *child, int fd, struct mt_str bytes)
{
	struct mt_slot *slot = child->data;
	if (slot->overflow || bytes.n > MT_FOREIGN_BUNDLE_MAX - slot->received) {
		slot->overflow = true;
		return false;
	}
	slot->received += bytes.n;
	if (fd == STDOUT_FILENO)
		add_out(slot, bytes);
	else
		add_err(slot, bytes);
	return true;
}

/* ---- what it was ---- */

/* Where "NONCE WORD" starts; NULL: nowhere. A line before it may have no end: a login script set a terminal's title. */
static char *find_bundle_frame(const struct mt_slot *slot, char *from, const char *word)
{
	char line[MT_NONCE + 32];
	int n = snprintf(line, sizeof line, "%s %s", slot->nonce, word);
	return from ? memmem(from, (size_t)(slot->out + slot->out_n - from), line, (size_t)n)
		    : NULL;
}

/* Only what stands between the frames is kept. */
static bool cut_bundle(struct mt_slot *slot, bool *begun)
{
	char *begin = find_bundle_frame(slot, slot->out, "begin mtapin ");
	char *done = begin ? find_bundle_frame(slot, begin, "done\n") : NULL;
	*begun = begin != NULL;
	if (!done)
		return false;
	slot->out_n = (size_t)(done - begin) + strlen(slot->nonce) + strlen(" done\n");
	memmove(slot->out, begin, slot->out_n);
	return true;
}

static enum mt_cause judge_end(struct mt_slot *slot)
{
	struct mt_str detail;
	struct mt_ending ending = {
		.ssh = !slot->fleet->ssh->via,
		.sudo = slot->fleet->ssh->sudo,
		.timed_out = slot->child.timed_out,
		.overflow = slot->overflow,
		.status = slot->child.status,
		.err = {slot->err, slot->err_n},
		.before = slot->before,
	};
	ending.done = cut_bundle(slot, &ending.begun);
	enum mt_cause cause = mt_cause_of(&ending, &detail);
	detail = mt_str_trim(detail);
	if (detail.n || !slot->before)
		snprintf(slot->detail, sizeof slot->detail, "%.*s",
			 (int)(detail.n < 500 ? detail.n : 500), detail.p);
	return cause;
}

/* ---- the end of a host ---- */

static void release_slot(struct mt_slot *slot, enum mt_cause cause)
{
	struct mt_fleet *fleet = slot->fleet;
	struct mt_reply answer = {.cause = cause, .detail = slot->detail};
	if (cause == MT_CAUSE_NONE) {
		answer.bundle = slot->out;
		answer.size = slot->out_n;
	} else {
		free(slot->out);
	}
	slot->out = NULL;
	slot->busy = false;
	fleet->running--;
	fleet->ended(fleet, slot->number, &answer);
	mt_fleet_fill(fleet);
}

static void start_host(struct mt_slot *slot);

static void on_pause(uv_timer_t *timer)
{
	start_host(timer->data);
}

static bool try_host_again(struct mt_slot *slot, enum mt_cause cause)
{
	uint64_t now = uv_now(slot->fleet->loop), pause = slot->tries == 1 ? 1000 : 3000;
	if (slot->fleet->ssh->via || !mt_cause_row(cause)->again || slot->tries >= TRIES ||
	    now + pause >= slot->end_ms)
		return false;
	slot->before = cause;
	uv_timer_start(&slot->pause, on_pause, pause, 0);
	return true;
}

static void on_host_end(struct mt_child *child)
{
	struct mt_slot *slot = child->data;
	enum mt_cause cause = MT_CAUSE_START;
	if (child->error)
		snprintf(slot->detail, sizeof slot->detail, "%s: %s", slot->argv.word[0],
			 uv_strerror(child->error));
	else
		cause = judge_end(slot);
	if (slot->fleet->stopped && cause != MT_CAUSE_NONE)
		release_slot(slot, MT_CAUSE_INTERRUPTED);
	else if (!try_host_again(slot, cause))
		release_slot(slot, cause);
}

/* ---- the start of one ---- */

static void start_host(struct mt_slot *slot)
{
	struct mt_fleet *fleet = slot->fleet;
	struct mt_str script = fleet->script;
	const char *mark = memmem(script.p, script.n, fleet->mark, MT_NONCE - 1);
	size_t at = (size_t)(mark - script.p), after = at + MT_NONCE - 1;
	uint64_t now = uv_now(fleet->loop);
	struct mt_child_spec spec = {
		.argv = slot->argv.word,
		.env = fleet->ssh->env,
		.input = {{script.p, at},
			  {slot->nonce, MT_NONCE - 1},
			  mt_str_part(script, after, script.n - after)},
		.deadline_ms = now < slot->end_ms ? (unsigned)(slot->end_ms - now) : 1,
		.buffer = fleet->buffer,
	};
	mt_nonce(slot->nonce);
	slot->tries++;
	slot->out_n = slot->err_n = 0;
	slot->child.data = slot;
	slot->child.on_bytes = on_host_bytes;
	slot->child.on_end = on_host_end;
	mt_child_start(fleet->loop, &slot->child, &spec);
}

static void take_host(struct mt_slot *slot, const char *name, size_t number)
{
	const struct mt_ssh *t = slot->fleet->ssh;
	slot->busy = true;
	slot->number = number;
	slot->name = name;
	slot->end_ms = uv_now(slot->fleet->loop) + 1000 * (uint64_t)t->total_s;
	slot->tries = 0;
	slot->before = MT_CAUSE_NONE;
	slot->overflow = false;
	slot->received = slot->out_cap = 0;
	slot->detail[0] = '\0';
	slot->fleet->running++;
	mt_argv_of(t, name, &slot->argv);
	start_host(slot);
}

/* next() may lead back here. */
void mt_fleet_fill(struct mt_fleet *fleet)
{
	const char *name;
	size_t number;
	if (fleet->filling)
		return;
	fleet->filling = true;
	for (unsigned i = 0; i < fleet->fanout && !fleet->stopped; i++) {
		if (fleet->slots[i].busy)
			continue;
		if (!(name = fleet->next(fleet, &number)))
			break;
		uv_update_time(fleet->loop);
		take_host(&fleet->slots[i], name, number);
	}
	fleet->filling = false;
}

void mt_fleet_stop(struct mt_fleet *fleet)
{
	fleet->stopped = true;
	for (unsigned i = 0; i < fleet->fanout; i++) {
		struct mt_slot *slot = &fleet->slots[i];
		if (slot->busy && uv_is_active((uv_handle_t *)&slot->pause)) {
			uv_timer_stop(&slot->pause);
			release_slot(slot, MT_CAUSE_INTERRUPTED);
		} else if (slot->busy) {
			mt_child_stop(&slot->child);
		}
	}
}

void mt_fleet_open(struct mt_arena *arena, struct mt_fleet *fleet, const struct mt_collect *collect)
{
	mt_nonce(fleet->mark);
	fleet->script = mt_collector_script(arena, collect, fleet->mark);
	fleet->buffer = mt_alloc(arena, MT_CHILD_READ);
	fleet->slots = mt_alloc(arena, fleet->fanout * sizeof *fleet->slots);
	for (unsigned i = 0; i < fleet->fanout; i++) {
		struct mt_slot *slot = &fleet->slots[i];
		slot->fleet = fleet;
		uv_timer_init(fleet->loop, &slot->pause);
		slot->pause.data = slot;
	}
}
