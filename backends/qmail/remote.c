/* SPDX-License-Identifier: ISC */
/* remote.c: what stands in qmail-remote. */
#include "remote.h"

#include "control.h"

const char *const qm_other_pins[] = {
	"outgoingips",	  "outgoingip6",     "bindroutes", "bindroutes6",
	"domainbindings", "domainbindings6", "domainips",  NULL};

static bool is_graphic(char c)
{
	return c >= '!' && c <= '~';
}

/* Of a tree that is not running we have the program itself: its words, as the collector takes them. */
static struct mt_str names_in(struct mt_arena *arena, struct mt_str program)
{
	struct mt_text names = MT_TEXT_INIT(arena);
	for (size_t at = 0; at < program.n;) {
		size_t end = at;
		while (end < program.n && is_graphic(program.p[end]))
			end++;
		struct mt_str word = {program.p + at, end - at};
		if (mt_str_starts(word, "control/"))
			mt_text_addf(&names, "%.*s\n", MT_STR_FMT(word));
		at = end + 1;
	}
	return mt_text_str(&names);
}

bool qm_remote_reads(const struct qm_remote *remote, const char *name)
{
	struct mt_str rest = remote->names, line;
	while (mt_str_line(&rest, &line))
		if (mt_str_starts(line, "control/") &&
		    mt_str_is((struct mt_str){line.p + 8, line.n - 8}, name))
			return true;
	return false;
}

struct qm_remote qm_remote(const struct mt_snapshot *snapshot)
{
	const struct mt_item *reads = mt_snapshot_probe(snapshot, "qmail.reads");
	const struct mt_item *program = mt_snapshot_file(snapshot, QM_HOME "/bin/qmail-remote");
	struct qm_remote remote = {.names = {"", 0}, .why = ""};
	struct mt_str head;
	if (mt_item_readable(reads))
		head = remote.names = reads->bytes;
	else if (mt_item_readable(program) && program->type == 'f')
		remote.names = names_in(snapshot->arena, head = program->bytes);
	else
		return (struct qm_remote){.why = "the program qmail-remote could not be read"};
	if (mt_str_starts(head, "#!")) {
		remote.seen = QM_SCRIPT;
		remote.why = "qmail-remote is a script that starts another program";
	} else if (!qm_remote_reads(&remote, "helohost")) {
		remote.seen = QM_FOREIGN;
		remote.why = "qmail-remote is not of the family of qmail 1.03";
	} else {
		remote.seen = QM_PLAIN;
	}
	return remote;
}

bool qm_remote_reads_other(const struct qm_remote *remote)
{
	for (const char *const *name = qm_other_pins; *name; name++)
		if (qm_remote_reads(remote, *name))
			return true;
	return false;
}

bool qm_remote_knows_ipv6(const struct qm_remote *remote)
{
	static const char *const names[] = {"outgoingip6", "bindroutes6", "domainbindings6",
					    "domainips"};
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		if (qm_remote_reads(remote, names[i]))
			return true;
	return false;
}
