/* SPDX-License-Identifier: ISC */
/* control.c: the grammar of control files. */
#include "control.h"

#include <string.h>

const struct mt_item *qm_control(const struct mt_snapshot *snapshot, const char *name)
{
	return mt_snapshot_file(snapshot, mt_format(snapshot->arena, QM_CONTROL "/%s", name));
}

static struct mt_str strip(struct mt_str line)
{
	while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	return line;
}

struct mt_str qm_first_line(struct mt_str bytes)
{
	struct mt_str line = {"", 0};
	mt_str_line(&bytes, &line);
	return strip(line);
}

bool qm_next_line(struct mt_str *rest, unsigned *number, struct mt_str *line)
{
	while (mt_str_line(rest, line)) {
		++*number;
		*line = strip(*line);
		if (line->n && line->p[0] != '#')
			return true;
	}
	return false;
}

/* ip_scan(): a prefix of four decimal numbers; each wraps at 256. */
static size_t scan_address(struct mt_str text, struct mt_addr *addr)
{
	size_t at = 0;
	*addr = (struct mt_addr){.set = true, .family = MT_V4};
	for (int i = 0; i < 4; i++) {
		size_t begin = at += i > 0;
		unsigned value = 0;
		if (i && (at > text.n || text.p[at - 1] != '.'))
			return 0;
		for (; at < text.n && text.p[at] >= '0' && text.p[at] <= '9'; at++)
			value = (value * 10 + (unsigned)(text.p[at] - '0')) & 0xff;
		if (at == begin)
			return 0;
		addr->b[i] = (uint8_t)value;
	}
	return at;
}

static bool is_exact(struct mt_arena *arena, struct mt_str bytes, struct mt_addr addr)
{
	return mt_str_is(bytes, mt_format(arena, "%s\n", mt_addr_format(arena, addr)));
}

static const char *unreadable(const struct mt_item *item)
{
	if (item->presence == MT_FAILED && item->type == 'd')
		return "it is a folder";
	if (mt_item_readable(item) && item->mode >= 0 && !(item->mode & 0004))
		return "qmail-remote runs as qmailr and may not read it (mode it 0644)";
	return NULL;
}

void qm_pin_read(struct mt_arena *arena, const struct mt_item *item, struct qm_pin *pin)
{
	*pin = (struct qm_pin){.kind = QM_PIN_NONE, .why = ""};
	if (item->presence == MT_ABSENT || item->presence == MT_UNASKED)
		return;
	const char *why = unreadable(item);
	if (!why && !mt_item_readable(item)) {
		pin->kind = QM_PIN_UNKNOWN;
		pin->why = mt_presence_name(item->presence);
	} else if (why || !scan_address(qm_first_line(item->bytes), &pin->addr)) {
		*pin = (struct qm_pin){.kind = QM_PIN_BAD, .why = why};
		if (!why)
			pin->why = item->bytes.n
					   ? "its first line does not start with an IPv4 address"
					   : "it is empty";
	} else {
		pin->kind = mt_addr_is_any(pin->addr) ? QM_PIN_NONE : QM_PIN_ADDRESS;
		pin->exact = is_exact(arena, item->bytes, pin->addr);
	}
}
