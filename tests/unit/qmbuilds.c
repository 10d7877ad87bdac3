/* SPDX-License-Identifier: ISC */
/*
 * qmbuilds.c: the model against what real qmail-remote programs of twelve builds did, mail by mail
 * (tests/vectors/qmail/builds.tsv, which see).
 */
#include "test.h"

#include <mtapin/backend.h>
#include <stdio.h>
#include <stdlib.h>

#include "backends/qmail/qmail.h"
#include "qmhost.h"

extern const struct mt_backend mt_backend_qmail;
static const struct mt_backend *const backends[] = {&mt_backend_qmail, NULL};

#define ROWS_MIN 490

static struct mt_arena *arena;

/* ---- the builds, by what stands in them ---- */

#define STOCK	"control/me\ncontrol/helohost\ncontrol/smtproutes\n"
#define PATCHED STOCK "control/outgoingip\n"
#define GIAM	PATCHED "control/bindroutes\ncontrol/domainbindings\ncontrol/helohostbindings\n"

static const struct build {
	const char *name, *strings;
} builds[] = {
	{"notqmail-1.09", STOCK},
	{"netqmail-1.06", STOCK},
	{"netqmail-oip", PATCHED},
	{"qmail103-oip", PATCHED},
	{"notqmail-oip", PATCHED},
	{"sagredo", PATCHED},
	{"giam", GIAM},
	{"giam6", GIAM "control/outgoingip6\ncontrol/bindroutes6\ncontrol/domainbindings6\n"},
	{"qsmtp", "helohost\nme\noutgoingip\noutgoingip6\nsmtproutes\nsmtproutes.d\n"
		  "parse error in control/outgoingip\n"},
	{"indimail", "helohost\nsmtproutes\nCONTROLDIR\nOUTGOINGIP\noutgoingip\noutgoingip.\n"
		     "domainbindings\nbindroutes\nhelohostbyip\n/etc/indimail/control\n"},
	{"netqmail-oips", STOCK "control/outgoingips\n"},
	{"netqmail-bindroutes", STOCK "control/bindroutes\n"},
	{"sqmail", STOCK "control/domainips\n"},
};

static const char *strings_of(const char *build)
{
	for (size_t i = 0; i < MT_ARRAY_LEN(builds); i++)
		if (strcmp(builds[i].name, build) == 0)
			return builds[i].strings;
	fail_msg("unknown build %s", build);
	return "";
}

/* ---- rows ---- */

struct row {
	const char *id, *build, *files, *to, *from, *result, *source, *helo;
};

static const char *cell(struct mt_str *rest)
{
	const char *tab = memchr(rest->p, '\t', rest->n);
	struct mt_str text = {rest->p, tab ? (size_t)(tab - rest->p) : rest->n};
	rest->p += text.n + (tab != NULL);
	rest->n -= text.n + (tab != NULL);
	return mt_strz(arena, text);
}

static struct row read_row(struct mt_str line)
{
	struct row row = {0};
	const char **const cells[] = {&row.id,	 &row.build,  &row.files,  &row.to,
				      &row.from, &row.result, &row.source, &row.helo};
	for (size_t i = 0; i < MT_ARRAY_LEN(cells); i++)
		*cells[i] = cell(&line);
	return row;
}

/* ---- the host of a row ---- */

/* "NAME=TEXT ; NAME=TEXT"; what a row says of a file counts before what is usual. */
static void add_files(struct mt_text *t, const char *files)
{
	static const char *const known[] = {
		"me",	       "smtproutes",	 "helohost",	    "outgoingip",
		"outgoingip6", "outgoingips",	 "bindroutes",	    "bindroutes6",
		"domainips",   "domainbindings", "domainbindings6", "helohostbindings",
		"locals",      "virtualdomains", "helohostbyip",    "outgoingip.example.net"};
	const char *text = files;
	while (strcmp(text, "(none)") != 0 && *text) {
		const char *end = strstr(text, " ; "), *equals = strchr(text, '=');
		size_t n = end ? (size_t)(end - text) : strlen(text);
		assert_non_null(equals);
		struct mt_str value = {equals + 1, (size_t)(text + n - equals - 1)};
		qm_add_file(t, mt_strz(arena, (struct mt_str){text, (size_t)(equals - text)}),
			    mt_strz(arena, value));
		text += end ? n + 3 : n;
	}
	qm_add_file(t, "me", "mail.host.example\\n");
	qm_add_file(t, "smtproutes", ":10.77.0.2\\n");
	for (size_t i = 0; i < MT_ARRAY_LEN(known); i++)
		qm_add_file(t, known[i], "(absent)");
}

#define INET(a, more) "    inet " a " scope global " more "\n"
static const char addresses[] =
	"1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n" INET(
		"10.99.9.9/32",
		"lo") "2: qmc0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n" INET("10.77.0.10/24",
										   "qmc0")
		INET("10.77.0.12/32", "qmc0") INET("10.77.0.11/24", "secondary qmc0")
			INET("10.77.0.44/24", "secondary qmc0")
				INET("10.77.0.13/24",
				     "secondary qmc0:1") "    inet6 fd77::11/64 scope global\n"
							 "    inet6 fd77::10/64 scope global\n";

static const struct mt_model *model_of(const struct row *row)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	struct mt_snapshot *snapshot;
	struct mt_error error = {0};
	mt_text_addf(&t, QM_NONCE " begin mtapin 1\n");
	add_files(&t, row->files);
	qm_add_probe(&t, "qmail.send", "pid 7");
	qm_add_probe(&t, "qmail.reads", strings_of(row->build));
	qm_add_probe(&t, "addr", addresses);
	qm_add_probe(
		&t, "source",
		"> 198.41.0.4 -\n198.41.0.4 via 10.77.0.2 dev qmc0 src 10.77.0.10 uid 0\n"
		"> 2001:503:ba3e::2:30 -\n2001:503:ba3e::2:30 from :: via fd77::2 dev qmc0 src "
		"fd77::11 metric 1\n");
	mt_text_addf(&t, QM_NONCE " done\n");
	assert_int_equal(mt_bundle_decode(arena, mt_text_str(&t), &snapshot, &error), 0);
	const struct mt_model *model = mt_examine(snapshot, backends);
	assert_non_null(model->mtas);
	assert_null(model->mtas->next);
	return model;
}

static const struct mt_transport *transport_of(const struct row *row, const struct mt_model *model)
{
	struct mt_mail mail = {.to = row->to,
			       .from = strcmp(row->from, "<>") == 0 ? "" : row->from};
	struct mt_route route;
	mt_route(model, model->mtas, &mail, &route);
	assert_non_null(route.transport);
	return route.transport;
}

/* ---- agreement ---- */

static bool is_sent(const struct mt_binding *binding, const char *source)
{
	char text[MT_ADDR_TEXT];
	return (binding->how == MT_HOW_ADDRESS || binding->how == MT_HOW_KERNEL) &&
	       strcmp(mt_addr_text(binding->source, text), source) == 0;
}

/*
 * The rows where the far end decides: the address is here and was bound, and the answer found no way back.
 * Nothing on the host shows that.
 */
static bool lost_on_the_way(const struct row *row)
{
	return strcmp(row->id, "local-no-return-route") == 0 && strncmp(row->build, "giam", 4) != 0;
}

static bool has_finding(const struct mt_model *model, const char *id)
{
	for (const struct mt_finding *f = model->findings; f; f = f->next)
		if (strcmp(f->id, id) == 0)
			return true;
	return false;
}

static bool agrees(const struct row *row, const struct mt_model *model,
		   const struct mt_transport *transport)
{
	bool six = strstr(row->to, "@v6."), dual = strstr(row->to, "@dual.");
	const struct mt_binding *binding = &transport->binding[six ? MT_V6 : MT_V4];
	const char *helo = strcmp(row->helo, "(empty)") == 0
				   ? ""
				   : mt_strz(arena, qm_unescaped(arena, row->helo));
	bool named = strcmp(row->helo, "-") == 0 || strcmp(transport->helo, helo) == 0;
	if (lost_on_the_way(row) && strcmp(row->result, "SRC") != 0)
		return binding->how == MT_HOW_ADDRESS;
	if (strcmp(row->result, "SRC") == 0)
		return named && (is_sent(binding, row->source) ||
				 (dual && is_sent(&transport->binding[MT_V6], row->source)));
	if (strcmp(row->result, "FAIL") == 0)
		return binding->how == MT_HOW_OFF;
	if (strcmp(row->result, "CRASH") == 0 && !has_finding(model, "QM-CRASH"))
		return false;
	return binding->how == MT_HOW_DEFERRED && !binding->source.set;
}

/* What is shown for any mail is what happens to each, where no line tells mails apart. */
static bool same_for_all(const struct mt_transport *one, const struct mt_transport *all)
{
	for (int f = 0; f < MT_FAMILIES; f++)
		if (one->binding[f].how != all->binding[f].how ||
		    !mt_addr_eq(one->binding[f].source, all->binding[f].source))
			return false;
	return true;
}

static struct mt_str slurp(const char *path)
{
	static char buf[1 << 17];
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	size_t n = fread(buf, 1, sizeof buf, f);
	fclose(f);
	assert_in_range(n, 1000, sizeof buf - 1);
	return (struct mt_str){buf, n};
}

static void as_measured(void **state)
{
	const char *top = getenv("srcdir");
	struct mt_str line, rest;
	unsigned compared = 0, wrong = 0;
	(void)state;
	arena = mt_arena_new((size_t)1 << 30);
	rest = slurp(mt_format(arena, "%s/tests/vectors/qmail/builds.tsv", top ? top : "."));
	while (mt_str_line(&rest, &line)) {
		if (mt_str_starts(line, "#") || mt_str_starts(line, "id\t"))
			continue;
		struct row row = read_row(line);
		const struct mt_model *model = model_of(&row);
		const struct mt_transport *transport = transport_of(&row, model);
		bool plain = strcmp(row.to, "r@example.net") == 0 &&
			     !strstr(row.files, "routes=") && !strstr(row.files, "ips=") &&
			     !strstr(row.files, "bindings=") && !strstr(row.files, "outgoingip.");
		compared++;
		if (agrees(&row, model, transport) &&
		    (!plain || same_for_all(transport, model->mtas->transports)))
			continue;
		wrong++;
		char text[MT_ADDR_TEXT];
		print_message("# %s %s: %s %s, not %s %s (%s), HELO %s\n", row.id, row.build,
			      row.result, row.source, mt_how_name(transport->binding[0].how),
			      mt_addr_text(transport->binding[0].source, text),
			      transport->binding[0].note, transport->helo);
	}
	assert_int_equal(wrong, 0);
	assert_in_range(compared, ROWS_MIN, 10000);
	mt_arena_free(arena);
}

/* ---- the bindings, against the chooser ---------------------------------------------------------- */

static unsigned seed = 20261201;

static const char *draw(const char *const *list, unsigned count)
{
	seed = seed * 1103515245 + 12345;
	return list[(seed >> 16) % count];
}
#define DRAW(list) draw(list, MT_ARRAY_LEN(list))

/* " ; NAME=KEY:VALUE\nKEY:VALUE\n..." or nothing */
static void add_map(struct mt_text *t, const char *name, char sep, const char *const *keys,
		    unsigned count)
{
	static const char *const values[] = {"10.77.0.10", "10.77.0.11", "10.77.0.13", "10.77.0.99",
					     "0.0.0.0",	   "fd77::10",	 "junk",       ""};
	static const char *const many[] = {"", "", "x", "xx", "xxxxx", "xxxxxxxxxx"};
	const char *n = DRAW(many);
	if (*n)
		mt_text_addf(t, "%s%s=", t->n ? " ; " : "", name);
	for (; *n; n++) {
		const char *key = draw(keys, count);
		mt_text_addf(t, "%s%c%s\\n", key, sep, DRAW(values));
	}
}

static struct row random_row(void)
{
	static const char *const names[] = {
		"giam", "giam6", "indimail", "netqmail-oips", "netqmail-bindroutes", "sqmail"};
	static const char *const senders[] = {
		"a.example",   "A.example",   ".example", ".b.example",
		"x@a.example", "c.b.example", ""};
	static const char *const nets[] = {"10.77.", "10.",	   "10.77.0.2", "10.78.0.",
					   "010.",   "10.77.0.2.", ""};
	static const char *const files[] = {"10.77.0.10\\n", "10.77.0.11\\n", "junk\\n",
					    "10.77.0.99\\n", "fd77::10\\n"};
	struct mt_text t = MT_TEXT_INIT(arena);
	struct row row = {.id = "generated", .build = DRAW(names)};
	char sep = strcmp(row.build, "giam6") == 0 ? '|' : ':';
	static const char *const maps[] = {"domainbindings", "domainbindings6", "outgoingips",
					   "domainips"};
	mt_text_addf(&t, "smtproutes=(absent) ; outgoingip=%s", DRAW(files));
	for (size_t i = 0; i < MT_ARRAY_LEN(maps); i++)
		add_map(&t, maps[i], sep, senders, MT_ARRAY_LEN(senders));
	add_map(&t, "bindroutes", sep, nets, MT_ARRAY_LEN(nets));
	add_map(&t, "bindroutes6", sep, nets, MT_ARRAY_LEN(nets));
	if (strcmp(row.build, "indimail") == 0 && strcmp(DRAW(senders), "a.example") != 0)
		mt_text_addf(&t, " ; outgoingip.example.net=%s", DRAW(files));
	row.files = mt_text_z(&t);
	return row;
}

static void as_chosen(void **state)
{
	static const char *const to[] = {"r@example.net", "r@other.example", "r@[10.77.0.2]",
					 "r@[10.78.0.1]"};
	static const char *const from[] = {"x@a.example",     "y@A.example", "y@c.b.example",
					   "y@d.c.b.example", "y@b.example", "",
					   "y@z.test"};
	unsigned compared = 0, conditional = 0;
	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		arena = mt_arena_new((size_t)16 << 20);
		struct row row = random_row();
		const struct mt_model *model = model_of(&row);
		const struct qmail *q = model->mtas->priv;
		row.to = DRAW(to);
		row.from = DRAW(from);
		struct mt_str host = mt_str_after(mt_str_of(row.to), '@');
		struct qm_mail mail = {.host_known = true,
				       .host = host,
				       .sender_known = true,
				       .sender = mt_str_of(row.from)};
		if (*host.p == '[')
			mt_addr_parse(mt_str_part(host, 1, host.n - 2), &mail.dest);
		const struct mt_transport *transport = transport_of(&row, model);
		for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
			struct qm_choice choice = qm_choose(q, &mail, f);
			struct mt_binding want;
			qm_binding(q, &mail, f, &choice, &want);
			if (choice.verdict == QM_OPEN)
				continue; /* it gives up earlier than the bindings do */
			compared++;
			conditional += transport->binding[f].when != NULL;
			if (want.how == transport->binding[f].how &&
			    mt_addr_eq(want.source, transport->binding[f].source))
				continue;
			fail_msg("%s: %s: %s from \"%s\" %s: %s, not %s", row.build, row.files,
				 row.to, row.from, mt_family_name(f),
				 mt_how_name(transport->binding[f].how), mt_how_name(want.how));
		}
		mt_arena_free(arena);
	}
	assert_in_range(compared, 2000, 4000);
	assert_in_range(conditional, 300, 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(as_measured),
					   cmocka_unit_test(as_chosen)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
