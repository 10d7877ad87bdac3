/* SPDX-License-Identifier: ISC */
/*
 * qmail.c: the grammar of control files, and the model against what real qmail-remote programs did with each
 * content of control/outgoingip, helohost and smtproutes (tests/vectors/qmail/vectors.tsv, which see).
 */
#include "test.h"

#include <mtapin/backend.h>
#include <stdio.h>
#include <stdlib.h>

#include "backends/qmail/control.h"
#include "qmhost.h"

extern const struct mt_backend mt_backend_qmail;
static const struct mt_backend *const backends[] = {&mt_backend_qmail, NULL};

static struct mt_arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = mt_arena_new((size_t)256 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mt_arena_free(arena);
	return 0;
}

/* ---- the grammar ---- */

static void readline(void **state)
{
	(void)state;
	assert_str(qm_readline(MT_STR("")), "");
	assert_str(qm_readline(MT_STR("\nb\n")), "");
	assert_str(qm_readline(MT_STR("a")), "a");
	assert_str(qm_readline(MT_STR(" # a \t \nb\n")), " # a");
	assert_str(qm_readline(MT_STR("a \r\n")), "a \r");
	assert_int_equal(qm_readline(MT_STR("a\0b\n")).n, 3);
}

static void entries_are(struct mt_str bytes, const char *const *want, const unsigned *numbers)
{
	struct qm_entries entries = {.rest = bytes};
	struct mt_str entry;
	for (; *want; want++, numbers++) {
		assert_true(qm_readfile(&entries, &entry));
		assert_str(entry, *want);
		assert_int_equal(entries.number, *numbers);
	}
	assert_false(qm_readfile(&entries, &entry));
}

static void readfile(void **state)
{
	(void)state;
	entries_are(MT_STR(""), (const char *const[]){NULL}, NULL);
	entries_are(MT_STR("# c\n\n \t\na \n #x\nlast"),
		    (const char *const[]){"a", " #x", "last", NULL}, (const unsigned[]){4, 5, 6});
	entries_are(MT_STR("a\0#b\0\nc\n\0d\n"), (const char *const[]){"a", "#b", "", "c", NULL},
		    (const unsigned[]){1, 1, 1, 2});
}

static void readint(void **state)
{
	unsigned long value = 7;
	(void)state;
	assert_false(qm_readint(MT_STR("abc\n"), &value));
	assert_false(qm_readint(MT_STR(" 5\n"), &value));
	assert_false(qm_readint(MT_STR(""), &value));
	assert_int_equal(value, 7);
	assert_true(qm_readint(MT_STR("60s\n5\n"), &value));
	assert_int_equal(value, 60);
}

static void ip_scan(void **state)
{
	struct mt_addr addr;
	(void)state;
	assert_int_equal(qm_ip_scan(MT_STR("10.77.0.300x"), &addr), 11);
	assert_int_equal(addr.b[3], 44);
	assert_int_equal(qm_ip_scan(MT_STR("256.4294967296.010.99999999999999999999999"), &addr),
			 42);
	assert_int_equal(addr.b[0] | addr.b[1], 0);
	assert_int_equal(addr.b[2], 10);
	static const char *const bad[] = {"",	      "1",	  "1.2.3",   "1.2.3.",	"1..2.3",
					  ".1.2.3.4", "x1.2.3.4", "1.2.3.x", "-1.2.3.4"};
	for (size_t i = 0; i < MT_ARRAY_LEN(bad); i++) {
		assert_int_equal(qm_ip_scan(mt_str_of(bad[i]), &addr), 0);
		assert_false(addr.set);
	}
}

static void default_route(void **state)
{
	struct qm_route route;
	(void)state;
	assert_false(
		qm_route_of(MT_STR("example.net:10.0.0.1\nno colon\n#:x\n"), MT_STR(""), &route));
	assert_true(qm_route_of(MT_STR(":a\nexample.net:b\n:[10.0.0.1]:587|u|p\n"), MT_STR(""),
				&route));
	assert_str(route.host, "[10.0.0.1]");
	assert_int_equal(route.port, 587);
	assert_int_equal(route.number, 3);
	assert_true(route.addr.set);
	assert_true(qm_route_of(MT_STR(":relay.example|user|secret\n"), MT_STR(""), &route));
	assert_str(route.host, "relay.example");
	assert_int_equal(route.port, 25);
	assert_true(qm_route_of(MT_STR(":10.0.0.1x:abc\n"), MT_STR(""), &route));
	assert_false(route.addr.set);
	assert_int_equal(route.port, 25);
}

/* ---- what real programs did ---- */

static const char *const files[] = {"me", "helohost", "smtproutes", "outgoingip"};

struct row {
	const char *id, *helo;
	const char *how[2], *source[2]; /* with the patch, without */
	struct mt_str file[MT_ARRAY_LEN(files)]; /* as in the table; p NULL: absent */
};

#define INET(a, more) "    inet " a " scope global " more "\n"
static const char addresses[] =
	"1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n" INET(
		"10.99.9.9/32",
		"lo") "2: qmc0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n" INET("10.77.0.10/24",
										   "qmc0")
		INET("10.77.0.12/32", "qmc0") INET("10.77.0.11/24", "secondary qmc0")
			INET("10.77.0.44/24", "secondary qmc0");

/* A host as in the experiment; everything there is reached directly. */
static const struct mt_transport *transport_of(const struct row *row, const char *reads)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	struct mt_snapshot *snapshot;
	struct mt_error error = {0};
	mt_text_addf(&t, QM_NONCE " begin mtapin 1\n");
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++)
		qm_add_file(&t, files[i],
			    row->file[i].p ? mt_strz(arena, row->file[i]) : "(absent)");
	qm_add_probe(&t, "qmail.send", "pid 7");
	qm_add_probe(&t, "qmail.reads", reads);
	qm_add_probe(&t, "addr", addresses);
	qm_add_probe(&t, "source",
		     "> 198.41.0.4 -\n198.41.0.4 via 10.77.0.2 dev qmc0 src 10.77.0.10 uid 0\n");
	mt_text_addf(&t, QM_NONCE " done\n");
	assert_int_equal(mt_bundle_decode(arena, mt_text_str(&t), &snapshot, &error), 0);
	const struct mt_model *model = mt_examine(snapshot, backends);
	assert_non_null(model->mtas);
	assert_null(model->mtas->next);
	return model->mtas->transports;
}

/*
 * The one row where the far end decides: the address is here and was bound, and the answer found no way back.
 * Nothing on the host shows that.
 */
static bool lost_on_the_way(const struct row *row)
{
	return strcmp(row->id, "local-no-return-route") == 0;
}

static bool agrees(const struct row *row, int stock, const struct mt_transport *transport)
{
	const struct mt_binding *binding = &transport->binding[MT_V4];
	char text[MT_ADDR_TEXT];
	bool sent = binding->how == MT_HOW_ADDRESS || binding->how == MT_HOW_KERNEL;
	bool helo = strcmp(row->helo, "-") == 0 || strcmp(transport->helo, row->helo) == 0;
	if (lost_on_the_way(row) && !stock)
		return binding->how == MT_HOW_ADDRESS;
	if (strcmp(row->how[stock], "SRC") == 0)
		return sent && helo &&
		       strcmp(mt_addr_text(binding->source, text), row->source[stock]) == 0;
	return binding->how == MT_HOW_DEFERRED && !binding->source.set;
}

static struct mt_str column(struct mt_str *rest)
{
	const char *tab = memchr(rest->p, '\t', rest->n);
	struct mt_str cell = {rest->p, tab ? (size_t)(tab - rest->p) : rest->n};
	rest->p += cell.n + (tab != NULL);
	rest->n -= cell.n + (tab != NULL);
	return cell;
}

/* "NAME=TEXT ; NAME=TEXT" */
static void read_files(struct row *row, struct mt_str cell)
{
	const char *text = mt_strz(arena, cell);
	row->file[0] = MT_STR("mail.host.example\\n");
	row->file[2] = MT_STR(":10.77.0.2\\n");
	while (strcmp(text, "(none)") != 0 && *text) {
		const char *end = strstr(text, " ; "), *equals = strchr(text, '=');
		size_t n = end ? (size_t)(end - text) : strlen(text), i = 0;
		assert_non_null(equals);
		struct mt_str name = {text, (size_t)(equals - text)};
		while (i < MT_ARRAY_LEN(files) && !mt_str_is(name, files[i]))
			i++;
		assert_true(i < MT_ARRAY_LEN(files));
		row->file[i] = (struct mt_str){equals + 1, n - name.n - 1};
		text += end ? n + 3 : n;
	}
}

static void read_row(struct mt_str line, struct row *row)
{
	*row = (struct row){.id = mt_strz(arena, column(&line))};
	read_files(row, column(&line));
	for (int i = 0; i < 2; i++) {
		row->how[i] = mt_strz(arena, column(&line));
		row->source[i] = mt_strz(arena, column(&line));
	}
	row->helo = mt_strz(arena, qm_unescaped(arena, mt_strz(arena, line)));
}

static struct mt_str vectors(void)
{
	const char *top = getenv("srcdir");
	static char buf[1 << 16];
	FILE *f =
		fopen(mt_format(arena, "%s/tests/vectors/qmail/vectors.tsv", top ? top : "."), "r");
	assert_non_null(f);
	size_t n = fread(buf, 1, sizeof buf, f);
	fclose(f);
	assert_in_range(n, 1000, sizeof buf - 1);
	return (struct mt_str){buf, n};
}

static const char *const builds[] = {
	"control/me\ncontrol/helohost\ncontrol/smtproutes\ncontrol/outgoingip\n",
	"control/me\ncontrol/helohost\ncontrol/smtproutes\n",
};

static void as_measured(void **state)
{
	struct mt_str rest = vectors(), line;
	unsigned compared[2] = {0}, wrong = 0;
	(void)state;
	while (mt_str_line(&rest, &line)) {
		struct row row;
		if (mt_str_starts(line, "#") || mt_str_starts(line, "id\t"))
			continue;
		read_row(line, &row);
		for (int i = 0; i < 2; i++) {
			if (strcmp(row.how[i], "-") == 0)
				continue;
			compared[i]++;
			if (agrees(&row, i, transport_of(&row, builds[i])))
				continue;
			wrong++;
			print_message("# %s %s\n", row.id, i ? "stock" : "patched");
		}
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(compared[0], 51 + 18);
	assert_int_equal(compared[1], 51);
}

/* ---- a program instead of the collector's list, as --root has it ---- */

static enum mt_how how_with(const char *program, size_t n)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	struct mt_snapshot *snapshot;
	struct mt_error error = {0};
	mt_text_addf(&t, QM_NONCE " begin mtapin 1\n" QM_NONCE " host 1 raw,tree x\n");
	for (size_t i = 0; i < MT_ARRAY_LEN(files); i++)
		qm_add_file(&t, files[i],
			    i == 0   ? "mail.host.example\\n"
			    : i == 3 ? "10.77.0.11\\n"
				     : "(absent)");
	qm_add_file(&t, "outgoingips", "(absent)");
	mt_text_addf(&t,
		     QM_NONCE " file f present 711 0 0 1 1 %zu " QM_HOME
			      "/bin/qmail-remote\n" QM_NONCE " data %zu\n",
		     n, n);
	mt_text_add(&t, (struct mt_str){program, n});
	mt_text_addf(&t, "\n" QM_NONCE " end\n" QM_NONCE " done\n");
	assert_int_equal(mt_bundle_decode(arena, mt_text_str(&t), &snapshot, &error), 0);
	const struct mt_model *model = mt_examine(snapshot, backends);
	assert_non_null(model->mtas);
	return model->mtas->transports->binding[MT_V4].how;
}
#define HOW_WITH(text) how_with((text), sizeof(text) - 1)

static void program(void **state)
{
	(void)state;
	assert_int_equal(HOW_WITH("\177ELF\0control/helohost\0control/outgoingip\0"),
			 MT_HOW_ADDRESS);
	assert_int_equal(HOW_WITH("\177ELF\0control/helohost\0control/outgoingips\0"),
			 MT_HOW_KERNEL);
	assert_int_equal(HOW_WITH("\177ELF\0control/helohost\0xcontrol/outgoingip\0"),
			 MT_HOW_KERNEL);
	assert_int_equal(HOW_WITH("\177ELF\0helohost\0outgoingip\0"), MT_HOW_UNKNOWN);
	assert_int_equal(HOW_WITH("#!/bin/sh\nexec control/helohost control/outgoingip\n"),
			 MT_HOW_UNKNOWN);
	assert_int_equal(HOW_WITH(""), MT_HOW_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readline),	 cmocka_unit_test(readfile),
		cmocka_unit_test(readint),	 cmocka_unit_test(ip_scan),
		cmocka_unit_test(default_route), cmocka_unit_test(as_measured),
		cmocka_unit_test(program),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
