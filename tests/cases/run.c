/* SPDX-License-Identifier: ISC */
/*
 * run.c: host cases as data. Each file tests/cases/NAME.case describes a host in sections and says what
 * must be seen there; the pure middle (decode, examine, assess, plan, diff) runs on it. TAP on stdout.
 *
 *	run [--print] FILE...		--print writes what was seen in the form of a case file
 *
 * Sections, each starting with "== NAME":
 *	host		lines: no-ipv6 | down | stopped | time N | changed N | name HOST ADDR | owner ID PATH | nat RULE |
 *			socket LOCAL REMOTE PORT UID | mynetworks TEXT | addr IP/BITS
 *	main.cf, master.cf	contents; a line "@debian" stands for the stock file; "@none": absent; a last
 *			line "@nolf" drops the newline before it
 *	file PATH	another file
 *	control NAME[@MODE] TEXT	/var/qmail/control/NAME; \n \r \t \0 \xNN stand for bytes; (empty), (directory),
 *			(absent), as all are that the case does not describe
 *	qmail WORD...	what stands in qmail-remote besides what every build holds (control/outgoingip); none: nothing;
 *			#!/bin/sh: a script; foreign: another program; unseen: it could not be read
 *	instance DIR	main.cf of a second instance (its master.cf is the stock one)
 *	show		expected: NAME KIND HOW4 [ADDR4] / HOW6 [ADDR6]
 *	findings	expected: SEVERITY ID, exactly these in this order
 *	fix ARGS	expected: "METHOD ACTION" or "unchanged" or "refused ID: TEXT" (a part of it), then the diff
 *	to ADDR [FROM]	expected: SERVICE NEXTHOP, or the note
 *	sent ADDR [FROM]	expected: the source address of that one mail, or how it ends (deferred, off, broken);
 *			a domain that starts with "v6" has only IPv6 addresses, any other only IPv4
 *	case TITLE	start over with a new host
 */
#include <mtapin/backend.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct mt_backend mt_backend_postfix, mt_backend_qmail;
static const struct mt_backend *const backends[] = {&mt_backend_postfix, &mt_backend_qmail, NULL};

#define NONCE "0123456789abcdef0123456789abcdef"
#define QMAIL "/var/qmail"

static const char debian_main[] = "smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)\n"
				  "compatibility_level = 3.6\n"
				  "myhostname = mail.example.com\n"
				  "mydestination = $myhostname, localhost\n"
				  "relayhost =\n"
				  "mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128\n"
				  "recipient_delimiter = +\n"
				  "inet_interfaces = all\n"
				  "inet_protocols = all\n";

static const char debian_master[] =
	"smtp      inet  n       -       y       -       -       smtpd\n"
	"pickup    unix  n       -       y       60      1       pickup\n"
	"cleanup   unix  n       -       y       -       0       cleanup\n"
	"qmgr      unix  n       -       n       300     1       qmgr\n"
	"smtp      unix  -       -       y       -       -       smtp\n"
	"relay     unix  -       -       y       -       -       smtp\n"
	"        -o syslog_name=postfix/$service_name\n"
	"local     unix  -       n       n       -       -       local\n"
	"lmtp      unix  -       -       y       -       -       lmtp\n";

struct host_case {
	struct mt_arena *arena;
	struct mt_text addr, source, names, owner, nat, tcp, conf, files;
	struct mt_text main, master, more;
	bool ipv6, stopped, no_main, no_master, up, postfix;
	const char *const *control; /* names of qmail's control files that the case describes */
	long now, changed;
	struct mt_snapshot *snapshot;
	struct mt_model *model;
	struct mt_text seen; /* what --print writes */
	unsigned failed;
	const char *title;
};

/* ---- the host as a bundle ---- */

static void add_item(struct mt_text *out, const char *head, struct mt_str bytes, bool file)
{
	mt_text_addf(out, NONCE " %s\n" NONCE " data ", head);
	if (file)
		mt_text_addf(out, "%zu\n", bytes.n);
	else
		mt_text_addf(out, "-\n");
	mt_text_add(out, bytes);
	mt_text_addf(out, "\n" NONCE " end%s\n", file ? "" : " 0");
}

static void add_file(struct host_case *c, const char *path, struct mt_str bytes)
{
	char head[600];
	snprintf(head, sizeof head, "file f present 644 0 0 1 %ld %zu %s", c->changed, bytes.n,
		 path);
	add_item(&c->files, head, bytes, true);
}

static void add_config(struct host_case *c, const char *path, const struct mt_text *text,
		       bool absent)
{
	if (absent)
		mt_text_addf(&c->files, NONCE " file ? absent - - - - - - %s\n" NONCE " end\n",
			     path);
	else
		add_file(c, path, mt_text_str(text));
}

static void add_probe(struct host_case *c, const char *name, struct mt_str bytes)
{
	char head[600];
	snprintf(head, sizeof head, "probe present %s", name);
	add_item(&c->files, head, bytes, false);
}

static void add_frame(struct host_case *c, const char *head)
{
	mt_text_addf(&c->files, NONCE " %s\n" NONCE " end\n", head);
}

static void add_addresses(struct host_case *c)
{
	const char *up = c->up ? "UP," : "";
	mt_text_addf(
		&c->addr,
		"1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n");
	if (c->ipv6)
		mt_text_addf(&c->addr, "    inet6 ::1/128 scope host\n");
	mt_text_addf(&c->addr, "2: eth0: <BROADCAST,MULTICAST,%sLOWER_UP> mtu 1500\n", up);
	for (int i = 10; i <= 12; i++)
		mt_text_addf(&c->addr,
			     "    inet 192.0.2.%d/24 brd 192.0.2.255 scope global %seth0\n", i,
			     i > 10 ? "secondary " : "");
	for (int i = 10; c->ipv6 && i <= 12; i++)
		mt_text_addf(&c->addr, "    inet6 2001:db8::%d/64 scope global\n", i);
	mt_text_add(&c->addr, mt_text_str(&c->more));
	mt_text_addf(&c->source,
		     "> 198.41.0.4 -\n198.41.0.4 via 192.0.2.1 dev eth0 src 192.0.2.10 uid 0\n"
		     "> 2001:503:ba3e::2:30 -\n");
	if (c->ipv6)
		mt_text_addf(&c->source, "2001:503:ba3e::2:30 from :: via 2001:db8::1 dev eth0 src "
					 "2001:db8::12 metric 1024\n");
}

static bool one_word(struct mt_str *rest, const char *word)
{
	struct mt_str saved = *rest, first;
	if (mt_str_word(rest, " ", &first) && mt_str_is(first, word)) {
		*rest = mt_str_trim(*rest);
		return true;
	}
	*rest = saved;
	return false;
}

/* A line of /proc/net/tcp for an IPv4 connection. */
static void add_socket(struct host_case *c, struct mt_str rest)
{
	struct mt_addr local, remote;
	struct mt_str word;
	unsigned long port = 0, uid = 0;
	mt_str_word(&rest, " ", &word);
	mt_addr_parse(word, &local);
	mt_str_word(&rest, " ", &word);
	mt_addr_parse(word, &remote);
	mt_str_word(&rest, " ", &word);
	mt_str_number(word, 65535, &port);
	mt_str_word(&rest, " ", &word);
	mt_str_number(word, 65535, &uid);
	mt_str_word(&rest, " ", &word);
	if (!c->tcp.n)
		mt_text_addf(&c->tcp, "  sl  local_address rem_address   st tx_queue rx_queue tr "
				      "tm->when retrnsmt   uid\n");
	mt_text_addf(&c->tcp,
		     "   0: %02X%02X%02X%02X:A000 %02X%02X%02X%02X:%04lX %s 00000000:00000000 "
		     "00:00000000 00000000 %5lu 0 1 1\n",
		     local.b[3], local.b[2], local.b[1], local.b[0], remote.b[3], remote.b[2],
		     remote.b[1], remote.b[0], port, mt_str_is(word, "time-wait") ? "06" : "01",
		     uid);
}

static void host_line(struct host_case *c, struct mt_str line)
{
	unsigned long number;
	if (one_word(&line, "no-ipv6"))
		c->ipv6 = false;
	else if (one_word(&line, "down"))
		c->up = false;
	else if (one_word(&line, "stopped"))
		c->stopped = true;
	else if (one_word(&line, "time") && mt_str_number(line, 1UL << 40, &number))
		c->now = (long)number;
	else if (one_word(&line, "changed") && mt_str_number(line, 1UL << 40, &number))
		c->changed = (long)number;
	else if (one_word(&line, "name"))
		mt_text_addf(&c->names, "%.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "owner"))
		mt_text_addf(&c->owner, "%.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "nat"))
		mt_text_addf(&c->nat, "%.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "mynetworks"))
		mt_text_addf(&c->conf, "mynetworks = %.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "addr"))
		mt_text_addf(&c->more, "    inet %.*s scope global eth0\n", MT_STR_FMT(line));
	else if (one_word(&line, "socket"))
		add_socket(c, line);
	else if (line.n) {
		fprintf(stderr, "unknown host line: %.*s\n", MT_STR_FMT(line));
		exit(2);
	}
}

static void add_contents(struct mt_text *out, bool *absent, struct mt_str body, const char *stock)
{
	struct mt_str line;
	while (mt_str_line(&body, &line)) {
		if (mt_str_is(line, "@debian"))
			mt_text_addf(out, "%s", stock);
		else if (mt_str_is(line, "@none"))
			*absent = true;
		else if (mt_str_is(line, "@nolf"))
			out->n--;
		else
			mt_text_addf(out, "%.*s\n", MT_STR_FMT(line));
	}
}

static void add_postfix(struct host_case *c)
{
	add_config(c, "/etc/postfix/main.cf", &c->main, c->no_main);
	add_config(c, "/etc/postfix/master.cf", &c->master, c->no_master);
	add_probe(c, "postfix.user", MT_STR("uid 107"));
	mt_text_addf(&c->conf, "mail_version = 3.7.11\n");
	add_probe(c, "postfix.conf /etc/postfix", mt_text_str(&c->conf));
	add_probe(c, "postfix.master /etc/postfix",
		  c->stopped ? MT_STR("pid 100")
			     : MT_STR("pid 100\ncomm master\nstart 5\nnetns same"));
}

static char unescape(const char **p)
{
	unsigned value = 0;
	char c = *(*p)++;
	if (c != '\\')
		return c;
	c = *(*p)++;
	if (c == 'x') {
		sscanf(*p, "%2x", &value);
		*p += 2;
		return (char)value;
	}
	return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == '0' ? '\0' : c;
}

/* NAME or NAME@MODE, then the contents. */
static void add_control(struct host_case *c, struct mt_str args)
{
	struct mt_str name, mode = MT_STR("644");
	mt_str_word(&args, " ", &mode);
	mt_str_word(&mode, "@", &name);
	mode = mode.n ? (struct mt_str){mode.p + 1, mode.n - 1} : MT_STR("644");
	const char *path = mt_format(c->arena, QMAIL "/control/%.*s", MT_STR_FMT(name));
	const char *text = args.n ? mt_strz(c->arena, (struct mt_str){args.p + 1, args.n - 1}) : "";
	char *bytes = mt_alloc(c->arena, strlen(text) + 1);
	size_t n = 0;
	mt_list_add(c->arena, &c->control, mt_strz(c->arena, name));
	if (strcmp(text, "(directory)") == 0) {
		add_frame(c, mt_format(c->arena, "file d present 755 0 0 2 1 4096 %s", path));
		return;
	}
	if (strcmp(text, "(absent)") == 0) {
		add_frame(c, mt_format(c->arena, "file ? absent - - - - - - %s", path));
		return;
	}
	for (const char *p = strcmp(text, "(empty)") == 0 ? "" : text; *p;)
		bytes[n++] = unescape(&p);
	const char *head = mt_format(c->arena, "file f present %.*s 0 0 1 %ld %zu %s",
				     MT_STR_FMT(mode), c->changed, n, path);
	add_item(&c->files, head, (struct mt_str){bytes, n}, true);
}

/* What stands in qmail-remote. */
static void add_reads(struct host_case *c, struct mt_str words)
{
	struct mt_text names = MT_TEXT_INIT(c->arena);
	struct mt_str word;
	bool family = !mt_str_starts(words, "#!") && !mt_str_is(words, "foreign");
	if (mt_str_is(words, "unseen")) {
		add_frame(c, "probe denied qmail.reads");
		return;
	}
	while (mt_str_word(&words, " ", &word))
		if (!mt_str_is(word, "none") && !mt_str_is(word, "foreign"))
			mt_text_addf(&names, "%.*s\n", MT_STR_FMT(word));
	if (family)
		mt_text_addf(&names, "control/me\ncontrol/helohost\ncontrol/smtproutes\n");
	add_probe(c, "qmail.reads", mt_text_str(&names));
}

/* What the collector adds to the control files that the case names: the absent ones, the programs. */
static void add_qmail(struct host_case *c)
{
	static const char *const names[] = {"me",	   "helohost",	  "smtproutes",
					    "outgoingip",  "outgoingips", "bindroutes",
					    "outgoingip6", "domainips",	  "domainbindings"};
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		if (!mt_list_has(c->control, names[i]))
			add_frame(c, mt_format(c->arena,
					       "file ? absent - - - - - - " QMAIL "/control/%s",
					       names[i]));
	add_frame(c, "file d present 755 0 2108 1 1 4096 " QMAIL "/control");
	add_frame(c, "file f unasked 711 0 2108 1 1 30000 " QMAIL "/bin/qmail-remote");
	add_frame(c, "file f unasked 644 7796 2108 1 1 1024 " QMAIL "/queue/lock/tcpto");
	if (c->stopped)
		add_frame(c, "probe absent qmail.send");
	else
		add_probe(c, "qmail.send", MT_STR("pid 200\ncomm qmail-send\nstart 9\nnetns same"));
}

static void finish_host(struct host_case *c)
{
	struct mt_text out = MT_TEXT_INIT(c->arena);
	struct mt_error error = {0};
	add_addresses(c);
	if (c->postfix)
		add_postfix(c);
	if (c->control)
		add_qmail(c);
	add_probe(c, "addr", mt_text_str(&c->addr));
	add_probe(c, "source", mt_text_str(&c->source));
	add_probe(c, "names", mt_text_str(&c->names));
	add_probe(c, "owner", mt_text_str(&c->owner));
	add_probe(c, "nat", mt_text_str(&c->nat));
	add_probe(c, "tcp", mt_text_str(&c->tcp));
	mt_text_addf(&out, NONCE " begin mtapin 1\n" NONCE " host %ld raw mail\n", c->now);
	mt_text_add(&out, mt_text_str(&c->files));
	mt_text_addf(&out, NONCE " done\n");
	if (mt_bundle_decode(c->arena, mt_text_str(&out), &c->snapshot, &error) < 0) {
		fprintf(stderr, "%s\n", error.message);
		exit(2);
	}
	c->model = mt_examine(c->snapshot, backends);
}

/* ---- what is seen ---- */

static const char *way_text(struct host_case *c, const struct mt_way *way)
{
	char text[MT_ADDR_TEXT];
	return mt_format(c->arena, "%s%s%s", mt_how_name(way->how), way->source.set ? " " : "",
			 mt_addr_text(way->source, text));
}

static void see_paths(struct host_case *c, struct mt_text *out)
{
	for (const struct mt_mta *mta = c->model->mtas; mta; mta = mta->next)
		for (const struct mt_path *p = mta->paths; p; p = p->next)
			if (p->kind != MT_KIND_UNUSED)
				mt_text_addf(out, "%s %s %s / %s\n", p->name, mt_kind_name(p->kind),
					     way_text(c, &p->way[MT_V4]),
					     way_text(c, &p->way[MT_V6]));
}

static void see_findings(struct host_case *c, struct mt_text *out)
{
	for (const struct mt_finding *f = c->model->findings; f; f = f->next) {
		mt_text_addf(out, "%s %s", mt_severity_name(f->severity), f->id);
		if (f->where)
			mt_text_addf(out, " %s:%u", strrchr(f->where->file, '/') + 1,
				     f->where->line);
		mt_text_addf(out, "\n");
	}
}

static void set_family(struct mt_pin_goal *goal, struct mt_str value)
{
	goal->given = true;
	if (mt_str_is(value, "off"))
		goal->pin = MT_PIN_OFF;
	else if (mt_str_is(value, "any"))
		goal->pin = MT_PIN_ANY;
	else if (mt_addr_parse(value, &goal->addr))
		goal->pin = MT_PIN_ADDRESS;
}

static void read_goal(struct host_case *c, struct mt_str args, struct mt_goal *goal)
{
	struct mt_str option, value = {0};
	*goal = (struct mt_goal){0};
	while (mt_str_word(&args, " ", &option)) {
		if (mt_str_is(option, "--bare")) {
			goal->bare = true;
			continue;
		}
		mt_str_word(&args, " ", &value);
		const char *text = mt_strz(c->arena, value);
		if (mt_str_is(option, "--ip4"))
			set_family(&goal->family[MT_V4], value);
		else if (mt_str_is(option, "--ip6"))
			set_family(&goal->family[MT_V6], value);
		else if (mt_str_is(option, "--helo"))
			goal->helo = text;
		else if (mt_str_is(option, "--path"))
			mt_list_add(c->arena, &goal->paths, text);
		else if (mt_str_is(option, "--accept"))
			mt_list_add(c->arena, &goal->accept, text);
		else if (!mt_str_is(option, "--method") || !mt_method_parse(text, &goal->method)) {
			fprintf(stderr, "unknown option %.*s\n", MT_STR_FMT(option));
			exit(2);
		}
	}
}

static void see_impact(struct mt_text *out, const struct mt_impact *impact)
{
	char text[MT_ADDR_TEXT];
	for (const struct mt_listener *l = impact->lost; l; l = l->next)
		mt_text_addf(out, "lost %s port %u\n", mt_addr_text(l->addr, text), l->port);
	for (const struct mt_listener *l = impact->opened; l; l = l->next)
		mt_text_addf(out, "opened %s port %u\n", mt_addr_text(l->addr, text), l->port);
	for (const char *const *b = impact->will_bounce; b && *b; b++)
		mt_text_addf(out, "bounce %s\n", *b);
	for (const char *const *b = impact->loopback_paths; b && *b; b++)
		mt_text_addf(out, "loopback %s\n", *b);
}

static void see_plan(struct host_case *c, struct mt_str args, struct mt_text *out)
{
	struct mt_goal *goal = mt_alloc(c->arena, sizeof *goal);
	read_goal(c, args, goal);
	const struct mt_plan *plan = mt_plan(c->model, c->model->mtas, goal, backends, true);
	if (plan->refused) {
		mt_text_addf(out, "refused %s: %s: %s\n", plan->refused->id, plan->refused->where,
			     plan->refused->message);
		return;
	}
	if (!plan->changes) {
		mt_text_addf(out, "unchanged\n");
		return;
	}
	mt_text_addf(out, "%s %s\n", mt_method_name(plan->method), mt_action_name(plan->action));
	see_impact(out, &plan->impact);
	for (const char *const *k = plan->kept; k && *k; k++)
		mt_text_addf(out, "kept %s\n", *k);
	for (const struct mt_change *change = plan->changes; change; change = change->next)
		mt_text_add(out, mt_diff(c->arena, change));
	/* the second run changes nothing, and nothing of warning or worse is new */
	const struct mt_plan *again =
		mt_plan(plan->after, plan->after->mtas, goal, backends, false);
	if (again->refused || again->changes)
		mt_text_addf(out, "SECOND RUN CHANGES\n");
	for (const struct mt_finding *f = plan->after->findings; f; f = f->next) {
		bool known = f->severity == MT_NOTE;
		for (const struct mt_finding *g = c->model->findings; g; g = g->next)
			known |= strcmp(f->id, g->id) == 0;
		if (!known)
			mt_text_addf(out, "then %s %s\n", mt_severity_name(f->severity), f->id);
	}
}

static void see_route(struct host_case *c, struct mt_str args, struct mt_text *out)
{
	struct mt_str to, from;
	struct mt_route route;
	mt_str_word(&args, " ", &to);
	struct mt_mail mail = {.to = mt_strz(c->arena, to)};
	if (mt_str_word(&args, " ", &from))
		mail.from = mt_str_is(from, "<>") ? "" : mt_strz(c->arena, from);
	const struct mt_mta *mta = c->model->mtas;
	mta->backend->route(c->model, mta, &mail, &route);
	if (route.path)
		mt_text_addf(out, "%s %s%s\n", route.path->name, mt_kind_name(route.path->kind),
			     *route.next_hop ? mt_format(c->arena, " %s", route.next_hop) : "");
	else
		mt_text_addf(out, "%s\n", route.note);
	for (const struct mt_because *b = route.chain; b; b = b->next)
		mt_text_addf(out, "  %s:%u %s\n", strrchr(b->file, '/') + 1, b->line, b->text);
}

static void see_sent(struct host_case *c, struct mt_str args, struct mt_text *out)
{
	struct mt_str to, from;
	struct mt_route route;
	struct mt_addr hop;
	mt_str_word(&args, " ", &to);
	struct mt_mail mail = {.to = mt_strz(c->arena, to)};
	if (mt_str_word(&args, " ", &from))
		mail.from = mt_strz(c->arena, from);
	const struct mt_mta *mta = c->model->mtas;
	mta->backend->route(c->model, mta, &mail, &route);
	enum mt_family family = strstr(mail.to, "@v6") ? MT_V6 : MT_V4;
	struct mt_str literal = mt_str_of(route.next_hop), word;
	if (mt_str_word(&literal, "[]", &word) && mt_addr_parse(word, &hop))
		family = hop.family;
	const struct mt_path *path = route.path;
	if (!path && !mta->listeners && mta->paths)
		path = mta->paths; /* broken as a whole */
	if (!path)
		mt_text_addf(out, "%s\n", route.note);
	else if (path->way[family].source.set)
		mt_text_addf(out, "%s\n", mt_addr_format(c->arena, path->way[family].source));
	else
		mt_text_addf(out, "%s\n", mt_how_name(path->way[family].how));
}

/* ---- a case file ---- */

static void check(struct host_case *c, const char *head, struct mt_str args, struct mt_str want)
{
	struct mt_text got = MT_TEXT_INIT(c->arena);
	if (!c->model)
		finish_host(c);
	if (strcmp(head, "show") == 0)
		see_paths(c, &got);
	else if (strcmp(head, "findings") == 0)
		see_findings(c, &got);
	else if (strcmp(head, "fix") == 0)
		see_plan(c, args, &got);
	else if (strcmp(head, "sent") == 0)
		see_sent(c, args, &got);
	else
		see_route(c, args, &got);
	mt_text_addf(&c->seen, "== %s%s%.*s\n", head, args.n ? " " : "", MT_STR_FMT(args));
	mt_text_add(&c->seen, mt_text_str(&got));
	if (mt_str_eq(mt_text_str(&got), want))
		return;
	c->failed++;
	fprintf(stderr, "# %s: %s %.*s\n# want:\n%.*s# got:\n%s", c->title, head, MT_STR_FMT(args),
		MT_STR_FMT(want), mt_text_z(&got));
}

static void start(struct host_case *c, struct mt_str title)
{
	struct mt_text empty = MT_TEXT_INIT(c->arena), seen = c->seen;
	unsigned failed = c->failed;
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
				.seen = seen,
				.ipv6 = true,
				.up = true,
				.now = 1764000000,
				.changed = 1763000000,
				.failed = failed,
				.title = mt_strz(c->arena, title)};
	mt_text_addf(&c->seen, "== case %.*s\n", MT_STR_FMT(title));
}

static void section(struct host_case *c, struct mt_str head, struct mt_str body)
{
	struct mt_str line, args = head, name;
	mt_str_word(&args, " ", &name);
	args = mt_str_trim(args);
	const char *word = mt_strz(c->arena, name);
	static const char *const expectations[] = {"show", "findings", "fix", "to", "sent", NULL};
	bool expectation = mt_list_has(expectations, word);
	if (strcmp(word, "case") == 0) {
		start(c, args);
		return;
	}
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

static void run_sections(struct host_case *c, struct mt_str text)
{
	struct mt_str line, head = {0}, body = {0};
	while (mt_str_line(&text, &line)) {
		if (!mt_str_starts(line, "== ")) {
			body.n = (size_t)(text.p - body.p);
			continue;
		}
		if (head.n)
			section(c, head, body);
		head = (struct mt_str){line.p + 3, line.n - 3};
		body = (struct mt_str){text.p, 0};
	}
	if (head.n)
		section(c, head, body);
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

static bool run_case(const char *path, bool print)
{
	struct mt_arena *arena = mt_arena_new((size_t)64 << 20);
	struct host_case *c = mt_alloc(arena, sizeof *c);
	struct mt_str text = slurp(arena, path), title;
	c->arena = arena;
	c->seen = (struct mt_text)MT_TEXT_INIT(arena);
	mt_str_line(&text, &title);
	start(c, title);
	c->seen.n = 0;
	run_sections(c, text);
	bool ok = !c->failed && c->model;
	if (print)
		printf("%.*s\n%s", MT_STR_FMT(title), mt_text_z(&c->seen));
	mt_arena_free(arena);
	return ok;
}

int main(int argc, char **argv)
{
	bool print = argc > 1 && strcmp(argv[1], "--print") == 0;
	int first = print ? 2 : 1, bad = 0;
	if (!print)
		printf("1..%d\n", argc - 1);
	for (int i = first; i < argc; i++) {
		bool ok = run_case(argv[i], print);
		bad += !ok;
		if (!print)
			printf("%s %d - %s\n", ok ? "ok" : "not ok", i, argv[i]);
	}
	return bad && !print;
}
