/* SPDX-License-Identifier: ISC */
/*
 * tool.c: the collector for shell tests.
 *	tool script [raw|redacted] [QUERY...]	the script, nonce drawn when it runs
 *	tool run [raw|redacted] [QUERY...]	run it here: the bundle
 *	tool root DIR [raw|redacted]		the bundle of a tree
 *	tool file PATH				read a bundle file and print it
 *	tool items <BUNDLE			one line an item: what the decoder says
 *	tool item NAME <BUNDLE			the bytes of an item
 *	tool facts <BUNDLE			addresses, and the source for each destination
 *	tool addresses <LINES			those lines that the core takes for an IP address
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/collect/collect.h"
#include "io/collect/tree.h"

extern const struct mt_backend mt_backend_postfix, mt_backend_qmail;

/* One whose program prints its whole configuration, with sections, and whose files have other forms. */
static const char whole_collector[] =
	"whole_find() {\n"
	"	find_program wholeconf || return 0\n"
	"	for x in 0 1 2 3 4 5 6 7 8 9; do\n"
	"		for y in 0 1 2 3 4 5 6 7 8 9; do meta /etc/whole/conf.d/$x$y; done\n"
	"	done\n"
	"	want /etc/whole/tables\n"
	"	want /etc/whole/whole.config\n"
	"	want /etc/whole/client.creds\n"
	"	want /etc/whole/unlisted\n"
	"}\n"
	"whole_ask() {\n"
	"	find_program wholeconf || return 0\n"
	"	ran whole.config wholeconf all\n"
	"	ran other.config wholeconf all\n"
	"}\n";
static const struct mt_redaction whole_redactions[] = {
	{.items = "*whole.config",
	 .syntax = MT_SYNTAX_ASSIGNMENTS,
	 .continuation = MT_CONTINUES_BACKSLASH,
	 .keep = "begin driver interface helo_data hosts transport",
	 .prefixes = "hide"},
	{.items = "*.creds"},
	{.items = "/etc/whole/tables",
	 .syntax = MT_SYNTAX_ASSIGNMENTS,
	 .keep = "listen",
	 .hides_names = true,
	 .shows_addresses = true},
	{0},
};
static void whole_wants(const struct mt_snapshot *snapshot, struct mt_wanted *wanted)
{
	(void)snapshot;
	wanted->want(wanted, "/etc/whole/tables", true);
	wanted->want(wanted, "/etc/whole/whole.config", true);
	wanted->want(wanted, "/etc/whole/client.creds", true);
	wanted->want(wanted, "/etc/whole/unlisted", true);
	wanted->want(wanted, "whole.config", true); /* no path: not read */
}
static const struct mt_backend whole = {.name = "whole",
					.collector = whole_collector,
					.redactions = whole_redactions,
					.secret_names = "client_send servers",
					.files_max = 400,
					.wants = whole_wants};
static struct mt_arena *arena;
static struct mt_error error;

static int fail(void)
{
	fprintf(stderr, "%s: %s\n", error.where, error.message);
	return error.code;
}

static int put(struct mt_str s)
{
	fwrite(s.p, 1, s.n, stdout);
	return 0;
}

static void print_item(const struct mt_item *i)
{
	printf("%s\t%s\t%s\t%zu", i->probe ? "probe" : "file", i->name,
	       mt_presence_name(i->presence), i->bytes.n);
	if (i->probe)
		printf("\tstatus %d", i->status);
	else
		printf("\t%c %o %ld:%ld %ld %s", i->type, (unsigned)i->mode & 07777u, i->uid,
		       i->gid, (long)i->size, i->link ? i->link : "-");
	printf("\t%s\n", i->why);
}

static void print_source(const struct mt_source *s)
{
	printf("source %s %s %s %s\n", mt_addr_format(arena, s->dest),
	       s->reachable ? mt_addr_format(arena, s->source) : "-", s->iface,
	       s->asked ? "asked" : "derived");
}

static int facts(const struct mt_host *h)
{
	for (size_t i = 0; i < h->addr_count; i++)
		printf("addr %s/%u %s\n", mt_addr_format(arena, h->addr[i].addr), h->addr[i].bits,
		       h->addr[i].iface);
	print_source(mt_host_default_source(h, MT_V4));
	print_source(mt_host_default_source(h, MT_V6));
	return 0;
}

static int decoded(const char *verb, const char *name)
{
	struct mt_str bundle;
	struct mt_snapshot *s;
	if (mt_collect_file(arena, "-", &bundle, &error) < 0 ||
	    mt_bundle_decode(arena, bundle, &s, &error) < 0)
		return fail();
	if (strcmp(verb, "facts") == 0)
		return facts(s->facts);
	if (strcmp(verb, "item") == 0) {
		const struct mt_item *i = mt_snapshot_file(s, name);
		return put((i->presence == MT_UNASKED ? mt_snapshot_probe(s, name) : i)->bytes);
	}
	printf("%s %s%s\n", s->complete ? "complete" : "incomplete",
	       s->redacted ? "redacted" : "raw", s->rooted ? " tree" : "");
	for (size_t i = 0; i < s->count; i++)
		print_item(&s->items[i]);
	return 0;
}

static int addresses(void)
{
	char line[4096];
	struct mt_addr addr;
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (mt_addr_parse(mt_str_of(line), &addr))
			puts(line);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "", *operand = argc > 2 ? argv[2] : "";
	const struct mt_backend *const backends[] = {&mt_backend_postfix, &mt_backend_qmail, &whole,
						     NULL};
	struct mt_collect collect = {.backends = backends,
				     .redact = strcmp(operand, "redacted") == 0,
				     .queries = argc > 3 ? (const char *const *)argv + 3 : NULL};
	struct mt_str bytes;
	arena = mt_arena_new((size_t)64 << 20);
	if (strcmp(verb, "script") == 0)
		return put(mt_collector_script(arena, &collect, NULL));
	if (strcmp(verb, "run") == 0)
		return mt_collect_local(arena, &collect, &bytes, &error) ? fail() : put(bytes);
	if (strcmp(verb, "root") == 0) {
		collect.redact = argc > 3 && strcmp(argv[3], "redacted") == 0;
		return mt_collect_root(arena, &collect, operand, &bytes, &error) ? fail()
										 : put(bytes);
	}
	if (strcmp(verb, "file") == 0)
		return mt_collect_file(arena, operand, &bytes, &error) ? fail() : put(bytes);
	if (strcmp(verb, "addresses") == 0)
		return addresses();
	if (strcmp(verb, "items") == 0 || strcmp(verb, "item") == 0 || strcmp(verb, "facts") == 0)
		return decoded(verb, operand);
	return 64;
}
