/* SPDX-License-Identifier: ISC */
/* outgoingip.c: the readers of control/outgoingip. */
#include "outgoingip.h"

#include <string.h>

#define NO_ADDRESS  "the first line does not start with an IPv4 address"
#define NO_ADDRESS6 "the first line does not start with an IPv6 address"

/* ---- scanning ---- */

static bool over_255(struct mt_str text)
{
	unsigned long number = 0;
	for (size_t i = 0; i < text.n; i++) {
		bool digit = text.p[i] >= '0' && text.p[i] <= '9';
		number = digit ? number * 10 + (unsigned long)(text.p[i] - '0') : 0;
		if (number > 255)
			return true;
	}
	return false;
}

/* IndiMail: IPv4 without overflow, else IPv6; what starts with "::" is no address at all. */
static size_t scan_either(struct mt_str text, struct mt_addr *addr)
{
	size_t n = qm_ip_scan(text, addr);
	if (n && !over_255((struct mt_str){text.p, n}))
		return n;
	n = qm_ip6_scan(text, addr);
	if (addr->set && mt_addr_is_mapped(*addr)) {
		*addr = (struct mt_addr){0};
		return 0;
	}
	return n;
}

size_t qm_scan(const struct qm_remote *remote, struct mt_str text, enum mt_family family,
	       struct mt_addr *addr)
{
	if (remote->family == QM_INDIMAIL)
		return scan_either(text, addr);
	return family == MT_V6 ? qm_ip6_scan(text, addr) : qm_ip_scan(text, addr);
}

bool qm_pin_is_exact(struct mt_str bytes, struct mt_addr addr)
{
	char text[MT_ADDR_TEXT];
	size_t n = strlen(mt_addr_text(addr, text));
	return bytes.n == n + 1 && memcmp(bytes.p, text, n) == 0 && bytes.p[n] == '\n';
}

/* ---- classic ---- */

static void pin_waits(struct qm_pin *pin, const char *why)
{
	pin->verdict = QM_WAITS;
	pin->why = why;
}

/* What stands there besides the address; `n` bytes of the line were read. */
static void find_junk(struct qm_pin *pin, struct mt_str bytes, struct mt_str line, size_t n)
{
	char text[MT_ADDR_TEXT];
	struct mt_str first, rest = bytes;
	mt_str_line(&rest, &first);
	pin->over_255 = pin->addr.family == MT_V4 && over_255((struct mt_str){line.p, n});
	if (pin->over_255)
		pin->junk = "numbers over 255 count modulo 256";
	else if (n < line.n)
		pin->junk = "what follows the address on its line is not read";
	else if (mt_str_trim(rest).n)
		pin->junk = "only the first line is read";
	else if (pin->addr.family == MT_V4 && !mt_str_is(line, mt_addr_text(pin->addr, text)))
		pin->junk = "numbers with leading zeros are read as decimal";
}

static void read_classic(struct qm_pin *pin, struct mt_str bytes, enum mt_family family)
{
	struct mt_str line = qm_readline(bytes);
	struct mt_addr other;
	size_t n = family == MT_V6 ? qm_ip6_scan(line, &pin->addr) : qm_ip_scan(line, &pin->addr);
	pin->line = 1;
	pin->verdict = QM_BINDS;
	if (n)
		find_junk(pin, bytes, line, n);
	else if (family == MT_V6 && qm_ip_scan(line, &other))
		pin_waits(pin, "an IPv4 address cannot be bound for IPv6");
	else
		pin_waits(pin, family == MT_V6 ? NO_ADDRESS6 : NO_ADDRESS);
}

/* ---- Qsmtp ---- */

/* What is left of the file: the lines without comments, cut at each NUL. */
struct pieces {
	struct mt_text only; /* the one, when there is one */
	unsigned count, line;
};

static void end_piece(struct pieces *p, struct mt_text *piece, unsigned line)
{
	if (!piece->n)
		return;
	if (!p->count++) {
		mt_text_add(&p->only, mt_text_str(piece));
		p->line = line;
	}
	piece->n = 0;
}

static struct pieces pieces_of(struct mt_arena *arena, struct mt_str bytes)
{
	struct pieces p = {.only = MT_TEXT_INIT(arena)};
	struct mt_text piece = MT_TEXT_INIT(arena);
	struct mt_str line;
	for (unsigned number = 1; mt_str_line(&bytes, &line); number++) {
		for (size_t i = 0; i < line.n; i++) {
			if (line.p[i] == '#' && (!i || line.p[i - 1] != '\\'))
				break;
			if (line.p[i] == '\0')
				end_piece(&p, &piece, number);
			else
				mt_text_add(&piece, mt_str_part(line, i, 1));
		}
		end_piece(&p, &piece, number);
	}
	return p;
}

static void read_qsmtp(struct mt_arena *arena, struct qm_pin *pin, struct mt_str bytes,
		       enum mt_family family)
{
	struct pieces p = pieces_of(arena, bytes);
	struct mt_str text = mt_text_str(&p.only);
	struct mt_addr addr;
	pin->line = p.line;
	if (p.count != 1) {
		pin->junk = p.count ? "with more than one line in it, the file is as if absent"
				    : "without an address in it, the file is as if absent";
		return;
	}
	if (!mt_addr_parse(text, &addr)) {
		pin_waits(pin, "its line is not an address and nothing else (not even a blank)");
		return;
	}
	if (family == MT_V4 && mt_addr_is_mapped(addr)) {
		addr = (struct mt_addr){.set = true,
					.family = MT_V4,
					.b = {addr.b[12], addr.b[13], addr.b[14], addr.b[15]}};
		pin->junk = "the IPv4 address inside the IPv6 one is meant";
	}
	if (addr.family != family || mt_addr_is_mapped(addr)) {
		pin_waits(pin, family == MT_V6 ? "its address is not one of IPv6"
					       : "its address is not one of IPv4");
		return;
	}
	pin->verdict = QM_BINDS;
	pin->addr = addr;
}

/* ---- IndiMail ---- */

#define DRAWN_MAX 64

struct draw {
	struct mt_str line[DRAWN_MAX];
	unsigned number[DRAWN_MAX];
	unsigned stored, counted;
};

/* One line: the address, unset for "any"; false: it is refused. */
static bool read_drawn(struct mt_str line, struct mt_addr *addr, size_t *n)
{
	*addr = (struct mt_addr){0};
	*n = 2;
	if (mt_str_starts(line, "::"))
		return true;
	*n = scan_either(line, addr);
	return *n > 0;
}

static void draw_all(struct mt_arena *arena, struct qm_pin *pin, const struct draw *d)
{
	struct mt_addr addr, *drawn = mt_alloc(arena, DRAWN_MAX * sizeof *drawn);
	size_t n, count = 0;
	unsigned last = d->counted < d->stored ? d->counted : d->stored;
	for (unsigned i = 0; i < last; i++) {
		if (!read_drawn(d->line[i], &addr, &n)) {
			pin->sometimes = "of other deliveries the mail waits";
			continue;
		}
		if (addr.set && addr.family == (count ? drawn[0].family : addr.family))
			drawn[count++] = addr;
		if (!pin->line) {
			pin->line = d->number[i];
			pin->addr = addr;
			pin->verdict = addr.set ? QM_BINDS : QM_NOTHING;
			if (n < d->line[i].n)
				pin->junk = addr.set ? "what follows the address on its line is "
						       "not read"
						     : "what starts with :: is no address";
		} else if (!pin->sometimes && !mt_addr_eq(addr, pin->addr)) {
			pin->sometimes = "other deliveries use another line";
		}
	}
	if (!pin->line)
		pin_waits(pin, "no line of it starts with an address");
	if (pin->sometimes && count == d->counted) {
		pin->drawn = drawn;
		pin->drawn_count = count;
	}
}

static void read_indimail(struct mt_arena *arena, struct qm_pin *pin, struct mt_str bytes)
{
	struct draw d = {0};
	struct qm_entries entries = {.rest = bytes};
	struct mt_str text;
	for (size_t i = 0; i < bytes.n; i++)
		d.counted += bytes.p[i] == '\n';
	while (qm_readfile(&entries, &text))
		if (d.stored < DRAWN_MAX) {
			d.number[d.stored] = entries.number;
			d.line[d.stored++] = text;
		}
	pin->lines = d.counted;
	pin->crash = !d.counted;
	if (pin->crash)
		pin_waits(pin, "qmail-remote of IndiMail crashes on a file without a newline");
	else if (d.stored < d.counted)
		pin_waits(pin, d.stored ? "an empty line or a comment is drawn in some deliveries, "
					  "which then wait"
					: "an empty line or a comment is drawn");
	else
		draw_all(arena, pin, &d);
}

/* ---- the file ---- */

static void read_pin_bytes(struct mt_arena *arena, const struct qm_remote *remote,
			   const struct qm_file *file, enum mt_family family, struct qm_pin *pin)
{
	struct mt_str bytes = file->bytes;
	pin->no_final_lf = bytes.n && bytes.p[bytes.n - 1] != '\n';
	pin->cr = bytes.n && memchr(bytes.p, '\r', bytes.n);
	if (remote->family == QM_QSMTP)
		read_qsmtp(arena, pin, bytes, family);
	else if (remote->family == QM_INDIMAIL)
		read_indimail(arena, pin, bytes);
	else
		read_classic(pin, bytes, family);
	if (file->odd && pin->verdict == QM_WAITS)
		pin->why = file->odd;
}

void qm_pin(struct mt_arena *arena, const struct qm_remote *remote, const struct qm_file *file,
	    enum mt_family family, struct qm_pin *pin)
{
	*pin = (struct qm_pin){.why = ""};
	switch (file->access) {
	case QM_ABSENT:
		break;
	case QM_READ:
		read_pin_bytes(arena, remote, file, family, pin);
		break;
	case QM_ERROR:
		if (remote->family == QM_QSMTP)
			pin->junk = mt_format(arena, "%s: it is as if absent", file->why);
		else
			pin_waits(pin, file->why);
		break;
	case QM_UNKNOWN:
		pin->verdict = QM_OPEN;
		pin->why = mt_format(arena, "%s: %s", strrchr(file->path, '/') + 1, file->why);
		break;
	}
}
