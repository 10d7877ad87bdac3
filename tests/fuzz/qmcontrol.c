/* SPDX-License-Identifier: ISC */
/* qmcontrol.c: any bytes as a control file of qmail. What is read lies inside; a pin that is exact binds what it says. */
#include "fuzz.h"

#include "backends/qmail/control.h"
#include "backends/qmail/outgoingip.h"

static void check_lines(struct mt_str file)
{
	struct mt_str line = qm_readline(file), entry;
	struct qm_entries entries = {.rest = file};
	unsigned last = 1;
	FUZZ_HOLDS(fuzz_inside(line, file));
	FUZZ_HOLDS(!line.n || !strchr(" \t\n", line.p[line.n - 1]) || !line.p[line.n - 1]);
	while (qm_readfile(&entries, &entry)) {
		FUZZ_HOLDS(fuzz_inside(entry, file));
		FUZZ_HOLDS(entries.number >= last);
		last = entries.number;
	}
}

/* The last entry of a key is the one that is got. */
static void check_map(struct mt_str file, char sep)
{
	struct qm_entries entries = {.rest = file};
	struct qm_entry entry, got;
	for (unsigned n = 0; n < 200 && qm_map_next(&entries, sep, &entry); n++) {
		FUZZ_HOLDS(fuzz_inside(entry.key, file) && fuzz_inside(entry.value, file));
		FUZZ_HOLDS(qm_map_get(file, sep, entry.key, &got));
		FUZZ_HOLDS(mt_str_same(got.key, entry.key) && got.number >= entry.number);
	}
	qm_map_domain(file, sep, MT_STR("a.b.example"), &got);
}

static void check_routes(struct mt_str file)
{
	struct qm_entries entries = {.rest = file};
	struct qm_route route;
	while (qm_route_next(&entries, &route))
		FUZZ_HOLDS(fuzz_inside(route.key, file) && fuzz_inside(route.host, file));
	qm_route_of(file, MT_STR("lists.example"), &route);
}

static void check_scans(struct mt_str file)
{
	struct mt_addr addr;
	unsigned long value;
	size_t n = qm_ip_scan(file, &addr);
	FUZZ_HOLDS(n <= file.n && addr.set == (n > 0) && (!n || addr.family == MT_V4));
	n = qm_ip6_scan(file, &addr);
	FUZZ_HOLDS(n <= file.n && (!n || addr.set));
	qm_readint(file, &value);
}

static void check_pin(struct mt_arena *arena, struct mt_str file, enum qm_family kind,
		      enum mt_family family)
{
	static const char strings[] = "control/outgoingip\ncontrol/outgoingip6\n";
	struct qm_remote remote = {
		.family = kind, .title = "", .why = "", .strings = MT_STR(strings)};
	struct qm_file f = {.path = "outgoingip", .access = QM_READ, .why = "", .bytes = file};
	struct qm_pin pin;
	qm_pin(arena, &remote, &f, family, &pin);
	FUZZ_HOLDS(pin.verdict != QM_BINDS || pin.addr.set);
	FUZZ_HOLDS((pin.verdict != QM_WAITS && pin.verdict != QM_OPEN) || (pin.why && *pin.why));
	if (pin.verdict == QM_BINDS && qm_pin_is_exact(file, pin.addr))
		FUZZ_HOLDS(!pin.junk && !pin.no_final_lf && !pin.crash && pin.line == 1);
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	static const enum qm_family kinds[] = {QM_CLASSIC, QM_ETC, QM_INDIMAIL, QM_QSMTP};
	check_lines(input);
	check_map(input, ':');
	check_map(input, '|');
	check_routes(input);
	check_scans(input);
	for (size_t i = 0; i < MT_ARRAY_LEN(kinds); i++)
		for (int family = 0; family < MT_FAMILIES; family++)
			check_pin(arena, input, kinds[i], (enum mt_family)family);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
