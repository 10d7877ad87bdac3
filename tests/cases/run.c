/* SPDX-License-Identifier: ISC */
/*
 * run.c: host cases as data. Each file tests/cases/NAME.case describes a host in sections and says what
 * must be seen there; the pure middle (decode, examine, assess, plan, diff) runs on it. TAP on stdout, a test a case.
 *
 *	run [--print] FILE...		--print writes what was seen in the form of a case file
 *	run --bundles DIR FILE...	nothing is judged: DIR/N.bundle is the host of the N-th case, N.mails its mails,
 *					"TO [FROM]" a line
 *
 * Sections, each starting with "== NAME":
 *	host		lines: no-ipv6 | alone (no address but those that follow) | source4, source6 ADDR (the kernel's choice) | route6 LINE | down | stopped | netns | time N | changed N | name HOST ADDR | owner ID PATH | nat RULE |
 *			socket LOCAL REMOTE PORT UID | mynetworks TEXT | addr IP/BITS | label IP/BITS LABEL |
 *			ip LINE (of `ip addr`) | container KIND | rule LINE (of `ip rule`) |
 *			postmap LINE (a program of Postfix says so when it loads main.cf, and dies) |
 *			index PATH fresh|old|absent (the index of a table) | asked TABLE KEY,KEY... KEY=VALUE... (postmap -q) |
 *			home LINE (of the probe qmail.home) | beside NAME (another file in the folder of control files)
 *	main.cf, master.cf	contents; a line "@debian" stands for the stock file; "@none": absent; a last
 *			line "@nolf" drops the newline before it
 *	file PATH	another file
 *	control NAME[@MODE] TEXT	/var/qmail/control/NAME; \n \r \t \0 \xNN stand for bytes; (empty), (directory),
 *			(loop): a link to itself, (fifo), (absent), as all are that the case does not describe
 *	qmail WORD...	what stands in qmail-remote besides what every build holds (control/outgoingip); none: nothing;
 *			#!/bin/sh: a script; foreign: another program; unseen: it could not be read; indimail, qsmtp,
 *			qsmtp-0.27, qsmtp-0.20: what those hold
 *	dns [ADDR]	answers of the DNS, as core/dns.h writes them; with an ADDR, also those that make it right
 *	instance DIR	main.cf of a second instance (its master.cf is the stock one)
 *	show		expected: NAME KIND HOW4 [ADDR4] / HOW6 [ADDR6] [HELO NAME]
 *	bindings	expected: FAMILY CONDITION: HOW [ADDR] [HELO NAME] FILE:LINE, of mail that the line of show is not for
 *	findings	expected: SEVERITY ID, exactly these in this order
 *	fix ARGS [remarks]	expected: with that word first "remark TEXT" and "way out TITLE"; then "METHOD ACTION" or "unchanged" or "refused ID: TEXT" (a part of it), then the diff
 *	to ADDR [FROM]	expected: SERVICE NEXTHOP, or the note
 *	sent ADDR [FROM]	expected: the source address of that one mail, or how it ends (deferred, off, broken);
 *			a domain that starts with "v6" has only IPv6 addresses, any other only IPv4
 *	check [LIST...]	expected: "pick FAMILY ADDR" or "pick FAMILY none: ADVICE", then the findings of the host and of this check
 *	remedy [dns]	expected: the command that is advised, by the DNS or without it; none
 *	mx ARGS	expected: what the plan for ARGS (as in fix) closes to mail from outside: SEVERITY ID MESSAGE
 *	case TITLE	start over with a new host
 */
#include "case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *bundles; /* the folder; NULL: judge */
static unsigned tests, bad;

static void keep(struct host_case *c, const char *kind, const char *mode, struct mt_str bytes)
{
	const char *path = mt_format(c->arena, "%s/%u.%s", bundles, c->number, kind);
	FILE *f = fopen(path, mode);
	if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0) {
		perror(path);
		exit(2);
	}
}

static void keep_bundle(struct host_case *c, const char *head, struct mt_str args)
{
	static unsigned number;
	if (!c->number) {
		c->number = ++number;
		keep(c, "bundle", "w", c->bundle);
		keep(c, "mails", "w", MT_STR(""));
	}
	if (strcmp(head, "to") == 0 || strcmp(head, "sent") == 0)
		keep(c, "mails", "a", mt_str_of(mt_format(c->arena, "%.*s\n", MT_STR_FMT(args))));
}

static void check(struct host_case *c, const char *head, struct mt_str args, struct mt_str want)
{
	struct mt_text got = MT_TEXT_INIT(c->arena);
	if (!c->model)
		finish_host(c);
	if (bundles) {
		keep_bundle(c, head, args);
		return;
	}
	if (strcmp(head, "show") == 0)
		see_transports(c, &got);
	else if (strcmp(head, "bindings") == 0)
		see_bindings(c, &got);
	else if (strcmp(head, "findings") == 0)
		see_findings(c, &got);
	else if (strcmp(head, "fix") == 0)
		see_plan(c, args, &got);
	else if (strcmp(head, "sent") == 0)
		see_sent(c, args, &got);
	else if (strcmp(head, "check") == 0)
		see_check(c, args, &got);
	else if (strcmp(head, "remedy") == 0)
		see_remedy(c, args, &got);
	else if (strcmp(head, "mx") == 0)
		see_mx(c, args, &got);
	else
		see_route(c, args, &got);
	mt_text_addf(&c->seen, "== %s%s%.*s\n", head, args.n ? " " : "", MT_STR_FMT(args));
	mt_text_add(&c->seen, mt_text_str(&got));
	if (mt_str_eq(mt_text_str(&got), want))
		return;
	mt_text_addf(&c->told, "%s %.*s\nwant:\n%.*sgot:\n%s", head, MT_STR_FMT(args),
		     MT_STR_FMT(want), mt_text_z(&got));
}

/* A case in which nothing is looked at has failed too. */
static void end_case(struct host_case *c, bool print)
{
	struct mt_str told, line;
	if (!c->described)
		return;
	if (c->model)
		see_wire(c, NULL, NULL);
	if (print || bundles)
		return;
	bool ok = c->model && !c->told.n;
	bad += !ok;
	printf("%s %u - %s: %s\n", ok ? "ok" : "not ok", ++tests, c->file, c->title);
	told = mt_text_str(&c->told);
	while (mt_str_line(&told, &line))
		printf("# %.*s\n", MT_STR_FMT(line));
}

static void start(struct host_case *c, struct mt_str title)
{
	struct mt_text empty = MT_TEXT_INIT(c->arena), seen = c->seen;
	*c = (struct host_case){.arena = c->arena,
				.addr = empty,
				.source = empty,
				.names = empty,
				.owner = empty,
				.nat = empty,
				.tcp = empty,
				.conf = empty,
				.files = empty,
				.main = empty,
				.master = empty,
				.more = empty,
				.home = empty,
				.names_there = empty,
				.care = empty,
				.dns = empty,
				.init = empty,
				.rule = empty,
				.postmap = empty,
				.route6 = empty,
				.told = empty,
				.seen = seen,
				.ipv6 = true,
				.up = true,
				.now = 1764000000,
				.changed = 1763000000,
				.file = c->file,
				.title = mt_strz(c->arena, title)};
	mt_text_addf(&c->seen, "== case %.*s\n", MT_STR_FMT(title));
}

static void section(struct host_case *c, bool print, struct mt_str head, struct mt_str body)
{
	struct mt_str line, args = head, name;
	mt_str_word(&args, " ", &name);
	args = mt_str_trim(args);
	const char *word = mt_strz(c->arena, name);
	static const char *const expectations[] = {"show", "bindings", "findings", "fix",    "to",
						   "sent", "check",    "mx",	   "remedy", NULL};
	bool expectation = mt_list_has(expectations, word);
	if (strcmp(word, "case") == 0) {
		end_case(c, print);
		start(c, args);
		return;
	}
	c->described = true;
	if (expectation) {
		check(c, word, args, body);
		return;
	}
	mt_text_addf(&c->seen, "== %.*s\n%.*s", MT_STR_FMT(head), MT_STR_FMT(body));
	c->postfix |= strcmp(word, "main.cf") == 0;
	if (strcmp(word, "host") == 0)
		while (mt_str_line(&body, &line))
			host_line(c, line);
	else if (strcmp(word, "control") == 0)
		add_control(c, args);
	else if (strcmp(word, "dns") == 0)
		add_answers(c, args, body);
	else if (strcmp(word, "qmail") == 0)
		add_reads(c, args);
	else if (strcmp(word, "main.cf") == 0)
		add_contents(&c->main, &c->no_main, body, debian_main);
	else if (strcmp(word, "master.cf") == 0)
		add_contents(&c->master, &c->no_master, body, debian_master);
	else if (strcmp(word, "file") == 0)
		add_file(c, mt_strz(c->arena, args), body);
	else if (strcmp(word, "instance") == 0) {
		add_file(c, mt_format(c->arena, "%.*s/main.cf", MT_STR_FMT(args)), body);
		add_file(c, mt_format(c->arena, "%.*s/master.cf", MT_STR_FMT(args)),
			 mt_str_of(debian_master));
	} else {
		fprintf(stderr, "unknown section %s\n", word);
		exit(2);
	}
}

static void run_sections(struct host_case *c, bool print, struct mt_str text)
{
	struct mt_str line, head = {0}, body = {0};
	while (mt_str_line(&text, &line)) {
		if (!mt_str_starts(line, "== ")) {
			body.n = (size_t)(text.p - body.p);
			continue;
		}
		if (head.n)
			section(c, print, head, body);
		head = (struct mt_str){line.p + 3, line.n - 3};
		body = (struct mt_str){text.p, 0};
	}
	if (head.n)
		section(c, print, head, body);
	end_case(c, print);
}

static struct mt_str slurp(struct mt_arena *arena, const char *path)
{
	static char buf[1 << 18];
	FILE *f = fopen(path, "r");
	if (!f) {
		perror(path);
		exit(2);
	}
	size_t n = fread(buf, 1, sizeof buf, f);
	fclose(f);
	return mt_str_copy(arena, (struct mt_str){buf, n});
}

static void run_file(const char *path, bool print)
{
	struct mt_arena *arena = mt_arena_new((size_t)512 << 20);
	struct host_case *c = mt_alloc(arena, sizeof *c);
	struct mt_str text = slurp(arena, path), title;
	const char *slash = strrchr(path, '/');
	c->arena = arena;
	c->file = slash ? slash + 1 : path;
	c->seen = (struct mt_text)MT_TEXT_INIT(arena);
	mt_str_line(&text, &title);
	start(c, title);
	c->seen.n = 0;
	run_sections(c, print, text);
	if (print)
		printf("%.*s\n%s", MT_STR_FMT(title), mt_text_z(&c->seen));
	mt_arena_free(arena);
}

int main(int argc, char **argv)
{
	bool print = argc > 1 && strcmp(argv[1], "--print") == 0;
	int first = print ? 2 : 1;
	if (argc > 2 && strcmp(argv[1], "--bundles") == 0) {
		bundles = argv[2];
		first = 3;
	}
	for (int i = first; i < argc; i++)
		run_file(argv[i], print);
	if (!print && !bundles)
		printf("1..%u\n", tests);
	return bad || (!tests && !print && !bundles);
}
