/* SPDX-License-Identifier: ISC */
/* remote.c: what stands in qmail-remote. */
#include "remote.h"

#include <string.h>

#include "home.h"

#define STRING_MAX 200

const char *const qm_other_pins[] = {
	"outgoingips",	   "bindroutes", "bindroutes6", "domainbindings",
	"domainbindings6", "domainips",	 NULL};

/* ---- strings ---- */

struct mt_str qm_remote_strings(const struct mt_snapshot *snapshot, const char *program)
{
	const struct mt_item *item = mt_snapshot_file(snapshot, program);
	if (!mt_item_readable(item) || item->type != 'f')
		return (struct mt_str){"", 0};
	if (mt_str_starts(item->bytes, "#!"))
		return MT_STR("#!");
	/* What the collector does with tr and sed: each NUL ends a string; of it, what follows the last
	 * odd byte. */
	struct mt_text lines = MT_TEXT_INIT(snapshot->arena);
	size_t start = 0;
	for (size_t at = 0; at < item->bytes.n; at++) {
		if (item->bytes.p[at] == '\0' && at - start > 1 && at - start <= STRING_MAX) {
			mt_text_add(&lines, mt_str_part(item->bytes, start, at - start));
			mt_text_add(&lines, MT_STR("\n"));
		}
		if (!(item->bytes.p[at] >= ' ' && item->bytes.p[at] <= '~'))
			start = at + 1;
	}
	return mt_text_str(&lines);
}

/* Ends a line with FOLDER/NAME, as a whole string, behind another folder, or as the last word of a message. */
static bool stands_in(struct mt_str strings, const char *folder, const char *name)
{
	struct mt_str line;
	size_t f = strlen(folder), n = strlen(name);
	while (mt_str_line(&strings, &line)) {
		if (line.n < f + n || memcmp(line.p + line.n - n, name, n) != 0)
			continue;
		size_t at = line.n - n - f;
		if (memcmp(line.p + at, folder, f) == 0 &&
		    (!at || line.p[at - 1] == '/' || line.p[at - 1] == ' '))
			return true;
	}
	return false;
}

static bool holds_any(struct mt_str strings, const char *folder, const char *const *names)
{
	for (; *names; names++)
		if (stands_in(strings, folder, *names))
			return true;
	return false;
}

/* ---- families ---- */

static const char *const telling[] = {"helohost", "smtproutes", "outgoingip", NULL};

bool qm_remote_is_etc(struct mt_str strings)
{
	return !holds_any(strings, "control/", telling) && holds_any(strings, "etc/", telling);
}

static bool has_line(struct mt_str strings, const char *text)
{
	struct mt_str line;
	while (mt_str_line(&strings, &line))
		if (mt_str_is(line, text))
			return true;
	return false;
}

static bool is_indimail(struct mt_str strings)
{
	return (has_line(strings, "outgoingip") || has_line(strings, "helohost")) &&
	       (has_line(strings, "CONTROLDIR") || has_line(strings, "OUTGOINGIP") ||
		has_line(strings, "outgoingip."));
}

/* Its own message tells it; up to 0.27 its names of files start with control/, as those of qmail do. */
static bool is_qsmtp(struct mt_str strings)
{
	return has_line(strings, "parse error in control/outgoingip") ||
	       (has_line(strings, "outgoingip6") &&
		(has_line(strings, "smtproutes.d") || has_line(strings, "helohost")));
}

static void classify_program(struct qm_remote *remote)
{
	struct mt_str s = remote->strings;
	if (mt_str_starts(s, "#!")) {
		remote->family = QM_SCRIPT;
		remote->why = "qmail-remote is a script, and it does not name the one program "
			      "that it starts";
	} else if (is_qsmtp(s) && !stands_in(s, "", "outgoingip6")) {
		/* one pin for both families, and IPv4 only as ::ffff:A: nobody has measured it */
		remote->family = QM_FOREIGN;
		remote->title = "Qsmtp";
		remote->why = "qmail-remote is one of an old Qsmtp, whose outgoingip has rules of "
			      "its own";
	} else if (is_qsmtp(s)) {
		remote->family = QM_QSMTP;
		remote->title = "Qsmtp";
	} else if (holds_any(s, "control/", telling)) {
		remote->family = QM_CLASSIC;
		remote->title = qm_remote_reads(remote, "domainips") ? "s/qmail" : "qmail";
	} else if (qm_remote_is_etc(s)) {
		remote->family = QM_ETC;
		remote->title = qm_remote_reads(remote, "domainips") ? "aQmail" : "eQmail";
	} else if (is_indimail(s)) {
		remote->family = QM_INDIMAIL;
		remote->title = "IndiMail";
	} else {
		remote->family = QM_FOREIGN;
		remote->why = "the program qmail-remote is of a family that is not known here";
	}
}

struct qm_remote qm_remote(const struct mt_snapshot *snapshot, const struct qm_home *home)
{
	const struct mt_item *reads = mt_snapshot_probe(snapshot, "qmail.reads");
	const struct mt_item *program = mt_snapshot_file(snapshot, home->program);
	struct qm_remote remote = {.title = "qmail", .why = "", .strings = {"", 0}};
	if (mt_item_readable(reads)) {
		remote.strings = reads->bytes;
	} else if (mt_item_readable(program) && program->type == 'f') {
		remote.strings = qm_remote_strings(snapshot, home->program);
	} else {
		remote.why = "the program qmail-remote could not be read";
		return remote;
	}
	classify_program(&remote);
	return remote;
}

/* ---- what it reads ---- */

bool qm_remote_reads(const struct qm_remote *remote, const char *name)
{
	switch (remote->family) {
	case QM_CLASSIC:
		return stands_in(remote->strings, "control/", name);
	case QM_ETC:
		return stands_in(remote->strings, "etc/", name);
	case QM_INDIMAIL:
	case QM_QSMTP:
		return stands_in(remote->strings, "", name);
	default: /* while it is being found out */
		return stands_in(remote->strings, "control/", name) ||
		       stands_in(remote->strings, "etc/", name);
	}
}

bool qm_remote_knows_ipv6(const struct qm_remote *remote)
{
	static const char *const names[] = {"outgoingip6", "bindroutes6", "domainbindings6",
					    "domainips"};
	if (remote->family == QM_INDIMAIL || remote->family == QM_QSMTP)
		return true;
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		if (qm_remote_reads(remote, names[i]))
			return true;
	return false;
}

bool qm_remote_checks(const struct qm_remote *remote)
{
	return remote->family == QM_CLASSIC && qm_remote_reads(remote, "outgoingip") &&
	       (qm_remote_reads(remote, "domainbindings") ||
		qm_remote_reads(remote, "helohostbindings"));
}

char qm_remote_separator(const struct qm_remote *remote)
{
	bool six = qm_remote_reads(remote, "bindroutes6") ||
		   qm_remote_reads(remote, "domainbindings6") ||
		   qm_remote_reads(remote, "outgoingip6");
	return remote->family == QM_CLASSIC && six ? '|' : ':';
}
