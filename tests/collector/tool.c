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

#include "backends/postfix/collect.h"
#include "backends/qmail/collect.h"
#include "io/collect.h"
#include "io/root.h"

static const struct mt_backend postfix = {.name = "postfix"}, qmail = {.name = "qmail"};
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
	struct mt_backend both[2] = {postfix, qmail};
	both[0].collector = pf_collector;
	both[1].collector = qm_collector;
	const struct mt_backend *const backends[] = {&both[0], &both[1], NULL};
	struct mt_collect collect = {.backends = backends,
				     .redact = strcmp(operand, "redacted") == 0,
				     .queries = argc > 3 ? (const char *const *)argv + 3 : NULL};
	struct mt_str bytes;
	arena = mt_arena_new((size_t)64 << 20);
	if (strcmp(verb, "script") == 0)
		return put(mt_collector_script(arena, &collect, NULL));
	if (strcmp(verb, "run") == 0)
		return mt_collect_local(arena, &collect, &bytes, &error) ? fail() : put(bytes);
	if (strcmp(verb, "file") == 0)
		return mt_collect_file(arena, operand, &bytes, &error) ? fail() : put(bytes);
	if (strcmp(verb, "addresses") == 0)
		return addresses();
	if (strcmp(verb, "items") == 0 || strcmp(verb, "item") == 0 || strcmp(verb, "facts") == 0)
		return decoded(verb, operand);
	return 64;
}
