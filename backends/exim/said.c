/* SPDX-License-Identifier: ISC */
/* said.c: the answers of exim -bt and exim -be, as 4.96 prints them. */
#include "said.h"

#include <string.h>

/* ---- what was asked ---- */

static bool was_asked(const struct exim *e, const char *what, const char *of)
{
	struct mt_str rest = mt_snapshot_probe(e->snapshot, "exim.asked")->bytes, line;
	while (mt_str_line(&rest, &line))
		if (mt_str_skip(&line, "exim ") && mt_str_skip(&line, what) && mt_str_is(line, of))
			return true;
	return false;
}

/* The Nth expression, from 1 on; 0: not asked. */
static unsigned number_of(const struct exim *e, const char *expression)
{
	struct mt_str rest = mt_snapshot_probe(e->snapshot, "exim.asked")->bytes, line;
	unsigned n = 0;
	while (mt_str_line(&rest, &line)) {
		if (!mt_str_skip(&line, "exim " EX_ASK_EXPAND))
			continue;
		n++;
		if (mt_str_is(line, expression))
			return n;
	}
	return 0;
}

/* ---- exim -bt ---- */

/* "host mx4.example [198.51.100.25] MX=10 port=587" */
static void read_host(const struct exim *e, struct mt_str line, struct ex_delivery *d)
{
	struct mt_str name, word, port = MT_STR("25");
	struct mt_addr addr = {0}, found;
	if (!mt_str_word(&line, " ", &name))
		return;
	while (mt_str_word(&line, " ", &word)) {
		if (word.n > 2 && *word.p == '[' &&
		    mt_addr_parse(mt_str_part(word, 1, word.n - 2), &found))
			addr = found;
		else if (mt_str_skip(&word, "port="))
			port = word;
	}
	const char *shown = mt_format(e->arena, "%.*s:%.*s", MT_STR_FMT(name), MT_STR_FMT(port));
	if (!*d->hosts) {
		d->hosts = shown;
		d->hop = addr;
	} else if (!mt_str_has(mt_str_of(d->hosts), shown)) { /* once for all its addresses */
		d->hosts = mt_format(e->arena, "%s, %s", d->hosts, shown);
	}
}

/* "  router = dnslookup, transport = remote_smtp" */
static void read_detail(const struct exim *e, struct mt_str line, struct ex_delivery *d)
{
	struct mt_str word;
	if (mt_str_skip(&line, "host ")) {
		read_host(e, line, d);
		return;
	}
	while (mt_str_word(&line, ",", &word)) {
		word = mt_str_trim(word);
		if (mt_str_skip(&word, "router = "))
			d->router = mt_strz(e->arena, word);
		else if (mt_str_skip(&word, "transport = "))
			d->transport = mt_strz(e->arena, word);
	}
}

/* "u@one.test", or that "is undeliverable: Unrouteable address" */
static struct ex_delivery *read_address(const struct exim *e, struct mt_str line)
{
	struct ex_delivery *d = MT_NEW(e->arena, struct ex_delivery);
	const char *end = mt_str_find(line, MT_STR(" is ")),
		   *cannot = mt_str_find(line, MT_STR(" cannot be "));
	if (!end || (cannot && cannot < end))
		end = cannot;
	size_t n = end ? (size_t)(end - line.p) : line.n;
	*d = (struct ex_delivery){.address = mt_strz(e->arena, mt_str_part(line, 0, n)),
				  .router = "",
				  .transport = "",
				  .trouble = "",
				  .hosts = ""};
	if (end)
		d->trouble = mt_strz(e->arena, mt_str_part(line, n + 1, line.n - n - 1));
	return d;
}

bool ex_said_route(const struct exim *e, const char *sender, const char *recipient,
		   struct ex_delivery **deliveries)
{
	const struct mt_item *item = mt_snapshot_probe(e->snapshot, "exim.route");
	struct mt_str rest = item->bytes, line;
	struct ex_delivery **tail = deliveries, *last = NULL;
	*deliveries = NULL;
	if (item->presence != MT_PRESENT || !was_asked(e, EX_ASK_FROM, sender) ||
	    !was_asked(e, EX_ASK_TO, recipient))
		return false;
	while (mt_str_line(&rest, &line)) {
		bool detail = line.n && (*line.p == ' ' || *line.p == '\t');
		line = mt_str_trim(line);
		if (detail && last) {
			read_detail(e, line, last);
		} else if (line.n && !detail) {
			last = *tail = read_address(e, line);
			tail = &last->next;
		}
	}
	return last != NULL;
}

/* ---- exim -be ---- */

bool ex_said_value(const struct exim *e, const char *sender, const char *expression,
		   struct ex_result *result)
{
	unsigned n = number_of(e, expression);
	if (!n || !was_asked(e, EX_ASK_FROM, sender))
		return false;
	const struct mt_item *item =
		mt_snapshot_probe(e->snapshot, mt_format(e->arena, "exim.value.%u", n));
	struct mt_str text = item->bytes;
	if (item->presence != MT_PRESENT || item->status != 0 || !text.n)
		return false;
	text.n -= text.p[text.n - 1] == '\n';
	*result = (struct ex_result){.end = EX_TEXT, .text = text, .why = ""};
	if (!mt_str_skip(&text, "Failed: "))
		return true;
	result->why = mt_strz(e->arena, text);
	result->end = mt_str_has(text, "\"fail\" requested") ? EX_FORCED : EX_FAILED;
	return true;
}
