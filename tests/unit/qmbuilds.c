/* SPDX-License-Identifier: ISC */
/*
 * qmbuilds.c: the model against what real qmail-remote programs of twelve builds did, mail by mail
 * (tests/vectors/qmail/builds.tsv, which see).
 */
#include "test.h"

#include <mtapin/backend.h>
#include <stdio.h>
#include <stdlib.h>

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

static const struct mt_path *path_of(const struct row *row, const struct mt_model *model)
{
	struct mt_mail mail = {.to = row->to,
			       .from = strcmp(row->from, "<>") == 0 ? "" : row->from};
	struct mt_route route;
	mt_backend_qmail.route(model, model->mtas, &mail, &route);
	assert_non_null(route.path);
	return route.path;
}

/* ---- agreement ---- */

static bool is_sent(const struct mt_way *way, const char *source)
{
	char text[MT_ADDR_TEXT];
	return (way->how == MT_HOW_ADDRESS || way->how == MT_HOW_KERNEL) &&
	       strcmp(mt_addr_text(way->source, text), source) == 0;
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

static bool agrees(const struct row *row, const struct mt_model *model, const struct mt_path *path)
{
	bool six = strstr(row->to, "@v6."), dual = strstr(row->to, "@dual.");
	const struct mt_way *way = &path->way[six ? MT_V6 : MT_V4];
	const char *helo = strcmp(row->helo, "(empty)") == 0
				   ? ""
				   : mt_strz(arena, qm_unescaped(arena, row->helo));
	bool named = strcmp(row->helo, "-") == 0 || strcmp(path->helo, helo) == 0;
	if (lost_on_the_way(row) && strcmp(row->result, "SRC") != 0)
		return way->how == MT_HOW_ADDRESS;
	if (strcmp(row->result, "SRC") == 0)
		return named && (is_sent(way, row->source) ||
				 (dual && is_sent(&path->way[MT_V6], row->source)));
	if (strcmp(row->result, "FAIL") == 0)
		return way->how == MT_HOW_OFF;
	if (strcmp(row->result, "CRASH") == 0 && !has_finding(model, "QM-CRASH"))
		return false;
	return way->how == MT_HOW_DEFERRED && !way->source.set;
}

/* What is shown for any mail is what happens to each, where no line tells mails apart. */
static bool same_for_all(const struct mt_path *one, const struct mt_path *all)
{
	for (int f = 0; f < MT_FAMILIES; f++)
		if (one->way[f].how != all->way[f].how ||
		    !mt_addr_eq(one->way[f].source, all->way[f].source))
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
		const struct mt_path *path = path_of(&row, model);
		bool plain = strcmp(row.to, "r@example.net") == 0 &&
			     !strstr(row.files, "routes=") && !strstr(row.files, "ips=") &&
			     !strstr(row.files, "bindings=") && !strstr(row.files, "outgoingip.");
		compared++;
		if (agrees(&row, model, path) && (!plain || same_for_all(path, model->mtas->paths)))
			continue;
		wrong++;
		char text[MT_ADDR_TEXT];
		print_message("# %s %s: %s %s, not %s %s (%s), HELO %s\n", row.id, row.build,
			      row.result, row.source, mt_how_name(path->way[0].how),
			      mt_addr_text(path->way[0].source, text), path->way[0].note,
			      path->helo);
	}
	assert_int_equal(wrong, 0);
	assert_in_range(compared, ROWS_MIN, 10000);
	mt_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(as_measured)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
