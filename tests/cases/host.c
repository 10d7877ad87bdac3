/* SPDX-License-Identifier: ISC */
/* host.c: a case's host as a bundle, decoded and examined. */
#include "case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dns/dns.h"

extern const struct mt_backend mt_backend_postfix, mt_backend_qmail;
const struct mt_backend *const case_backends[] = {&mt_backend_postfix, &mt_backend_qmail, NULL};

#define NONCE "0123456789abcdef0123456789abcdef"
#define QMAIL "/var/qmail"

const char debian_main[] = "smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)\n"
			   "compatibility_level = 3.6\n"
			   "myhostname = mail.example.com\n"
			   "mydestination = $myhostname, localhost\n"
			   "relayhost =\n"
			   "mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128\n"
			   "recipient_delimiter = +\n"
			   "inet_interfaces = all\n"
			   "inet_protocols = all\n";

const char debian_master[] = "smtp      inet  n       -       y       -       -       smtpd\n"
			     "pickup    unix  n       -       y       60      1       pickup\n"
			     "cleanup   unix  n       -       y       -       0       cleanup\n"
			     "qmgr      unix  n       -       n       300     1       qmgr\n"
			     "smtp      unix  -       -       y       -       -       smtp\n"
			     "relay     unix  -       -       y       -       -       smtp\n"
			     "        -o syslog_name=postfix/$service_name\n"
			     "local     unix  -       n       n       -       -       local\n"
			     "lmtp      unix  -       -       y       -       -       lmtp\n";

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

void add_file(struct host_case *c, const char *path, struct mt_str bytes)
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

/* What the collector looks for where a unit has started it. */
static void add_care(struct host_case *c, struct mt_str line)
{
	struct mt_str rest = line, word;
	mt_text_addf(&c->care, "\n%.*s", MT_STR_FMT(line));
	if (mt_str_word(&rest, " ", &word) && mt_str_is(word, "unit"))
		mt_text_addf(
			&c->files,
			NONCE
			" file ? absent - - - - - - /etc/systemd/system/%.*s.d/mtapin.conf\n" NONCE
			" end\n",
			MT_STR_FMT(mt_str_trim(rest)));
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
	for (int i = 10; !c->alone && i <= 12; i++)
		mt_text_addf(&c->addr,
			     "    inet 192.0.2.%d/24 brd 192.0.2.255 scope global %seth0\n", i,
			     i > 10 ? "secondary " : "");
	for (int i = 10; c->ipv6 && !c->alone && i <= 12; i++)
		mt_text_addf(&c->addr, "    inet6 2001:db8::%d/64 scope global\n", i);
	mt_text_add(&c->addr, mt_text_str(&c->more));
	mt_text_addf(&c->source,
		     "> 198.41.0.4 -\n198.41.0.4 via 192.0.2.1 dev eth0 src %s uid 0\n"
		     "> 2001:503:ba3e::2:30 -\n",
		     c->source4 ? c->source4 : "192.0.2.10");
	if (c->ipv6)
		mt_text_addf(&c->source,
			     "2001:503:ba3e::2:30 from :: via 2001:db8::1 dev eth0 src "
			     "%s metric 1024\n",
			     c->source6 ? c->source6 : "2001:db8::12");
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

/* PATH fresh|old|absent, beside the text that is as old as every file of the case. */
static void add_index(struct host_case *c, struct mt_str line)
{
	struct mt_str path;
	mt_str_word(&line, " ", &path);
	if (mt_str_is(mt_str_trim(line), "absent"))
		add_frame(c,
			  mt_format(c->arena, "file ? absent - - - - - - %.*s", MT_STR_FMT(path)));
	else
		add_frame(c, mt_format(c->arena, "file f unasked 644 0 0 1 %ld 12288 %.*s",
				       c->changed + (mt_str_is(mt_str_trim(line), "old") ? -1 : 0),
				       MT_STR_FMT(path)));
}

/* TABLE KEYS [KEY=VALUE...]: postmap -q of KEYS (separated by commas) found these. */
static void add_asked(struct host_case *c, struct mt_str line)
{
	struct mt_str table, keys, key, found;
	struct mt_text queries = MT_TEXT_INIT(c->arena), answers = MT_TEXT_INIT(c->arena);
	mt_str_word(&line, " ", &table);
	mt_str_word(&line, " ", &keys);
	while (mt_str_word(&keys, ",", &key))
		mt_text_addf(&queries, "%.*s\n", MT_STR_FMT(key));
	while (mt_str_word(&line, " ", &found)) {
		const char *equals = memchr(found.p, '=', found.n);
		size_t n = equals ? (size_t)(equals - found.p) : found.n;
		mt_text_addf(&answers, "%.*s\t%.*s\n", (int)n, found.p,
			     (int)(found.n - n - (equals != NULL)), found.p + n + 1);
	}
	add_probe(c, "postfix.queries", mt_text_str(&queries));
	add_probe(c, mt_format(c->arena, "postfix.query %.*s", MT_STR_FMT(table)),
		  mt_text_str(&answers));
}

void host_line(struct host_case *c, struct mt_str line)
{
	unsigned long number;
	struct mt_str first;
	if (one_word(&line, "no-ipv6"))
		c->ipv6 = false;
	else if (one_word(&line, "alone"))
		c->alone = true;
	else if (one_word(&line, "source4"))
		c->source4 = mt_strz(c->arena, line);
	else if (one_word(&line, "source6"))
		c->source6 = mt_strz(c->arena, line);
	else if (one_word(&line, "down"))
		c->up = false;
	else if (one_word(&line, "stopped"))
		c->stopped = true;
	else if (one_word(&line, "netns"))
		c->other_netns = true;
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
	else if (one_word(&line, "addr6") && mt_str_word(&line, " ", &first))
		mt_text_addf(&c->more, "    inet6 %.*s scope global%.*s\n", MT_STR_FMT(first),
			     MT_STR_FMT(line));
	else if (one_word(&line, "label") && mt_str_word(&line, " ", &first))
		mt_text_addf(&c->more, "    inet %.*s scope global secondary %.*s\n",
			     MT_STR_FMT(first), MT_STR_FMT(mt_str_trim(line)));
	else if (one_word(&line, "ip"))
		mt_text_addf(&c->more, "%.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "container"))
		mt_text_addf(&c->init, "container %.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "rule"))
		mt_text_addf(&c->rule, "%.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "route6"))
		mt_text_addf(&c->route6, "%.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "home"))
		mt_text_addf(&c->home, "%.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "care"))
		add_care(c, line);
	else if (one_word(&line, "init"))
		mt_text_addf(&c->init, "%.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "drop-in"))
		add_file(c, "/etc/systemd/system/postfix@-.service.d/override.conf", line);
	else if (one_word(&line, "postmap"))
		mt_text_addf(&c->postmap, "postmap: %.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "index"))
		add_index(c, line);
	else if (one_word(&line, "asked"))
		add_asked(c, line);
	else if (one_word(&line, "beside"))
		mt_text_addf(&c->names_there, "%.*s\n", MT_STR_FMT(line));
	else if (one_word(&line, "socket"))
		add_socket(c, line);
	else if (line.n) {
		fprintf(stderr, "unknown host line: %.*s\n", MT_STR_FMT(line));
		exit(2);
	}
}

void add_contents(struct mt_text *out, bool *absent, struct mt_str body, const char *stock)
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
	if (c->postmap.n)
		mt_text_addf(&c->files,
			     NONCE " probe present postfix.valid /etc/postfix\n" NONCE
				   " data -\n%s\n" NONCE " end 1\n",
			     mt_text_z(&c->postmap));
	mt_text_addf(&c->conf, "mail_version = 3.7.11\n");
	add_probe(c, "postfix.conf /etc/postfix", mt_text_str(&c->conf));
	const char *master = c->stopped	      ? "pid 100"
			     : c->other_netns ? "pid 100\ncomm master\nstart 5\nnetns other"
					      : "pid 100\ncomm master\nstart 5\nnetns same";
	add_probe(c, "postfix.master /etc/postfix",
		  mt_str_of(mt_format(c->arena, "%s%.*s", master,
				      MT_STR_FMT(mt_text_str(&c->care)))));
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
void add_control(struct host_case *c, struct mt_str args)
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
	if (strcmp(text, "(loop)") == 0 || strcmp(text, "(fifo)") == 0) {
		bool loop = text[1] == 'l';
		add_frame(c, mt_format(c->arena,
				       loop ? "file l failed - - - - - - %s"
					    : "file p failed 644 0 0 1 1 0 %s",
				       path));
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
void add_reads(struct host_case *c, struct mt_str words)
{
	struct mt_text names = MT_TEXT_INIT(c->arena);
	struct mt_str word;
	static const char indimail[] = "helohost\nsmtproutes\noutgoingip\noutgoingip.\nCONTROLDIR\n"
				       "OUTGOINGIP\ndomainbindings\nbindroutes\nhelohostbyip\n";
	static const char qsmtp[] = "helohost\noutgoingip\noutgoingip6\nsmtproutes\nsmtproutes.d\n"
				    "parse error in control/outgoingip\n";
	/* up to 0.27, without and with a file for IPv6 */
	static const char *const old[] = {"qsmtp-0.20", "qsmtp-0.27"};
	for (size_t i = 0; i < MT_ARRAY_LEN(old); i++)
		if (mt_str_is(words, old[i])) {
			add_probe(c, "qmail.reads",
				  mt_str_of(mt_format(c->arena,
						      "control/helohost\ncontrol/me\n"
						      "control/smtproutes\ncontrol/outgoingip\n%s"
						      "parse error in control/outgoingip\n",
						      i ? "control/outgoingip6\n" : "")));
			return;
		}
	bool family = !mt_str_starts(words, "#!") && !mt_str_is(words, "foreign");
	if (mt_str_is(words, "unseen")) {
		add_frame(c, "probe denied qmail.reads");
		return;
	}
	if (mt_str_is(words, "indimail") || mt_str_is(words, "qsmtp")) {
		add_probe(c, "qmail.reads",
			  mt_str_of(mt_str_is(words, "qsmtp") ? qsmtp : indimail));
		return;
	}
	while (mt_str_word(&words, " ", &word))
		if (!mt_str_is(word, "none") && !mt_str_is(word, "foreign"))
			mt_text_addf(&names, "%.*s\n", MT_STR_FMT(word));
	if (mt_str_starts(mt_text_str(&names), "etc/"))
		mt_text_addf(&names, "etc/me\netc/helohost\n");
	else if (family)
		mt_text_addf(&names, "control/me\ncontrol/helohost\ncontrol/smtproutes\n");
	add_probe(c, "qmail.reads", mt_text_str(&names));
}

/* What the collector adds to the control files that the case names: the absent ones, the programs. */
static void add_qmail(struct host_case *c)
{
	static const char *const names[] = {"me",	    "helohost",	      "smtproutes",
					    "outgoingip",   "outgoingips",    "bindroutes",
					    "outgoingip6",  "domainips",      "domainbindings",
					    "bindroutes6",  "locals",	      "domainbindings6",
					    "helohostbyip", "virtualdomains", "helohostbindings"};
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		if (!mt_list_has(c->control, names[i]))
			add_frame(c, mt_format(c->arena,
					       "file ? absent - - - - - - " QMAIL "/control/%s",
					       names[i]));
	add_frame(c, "file d present 755 0 2108 1 1 4096 " QMAIL "/control");
	add_frame(c, "file f unasked 711 0 2108 1 1 30000 " QMAIL "/bin/qmail-remote");
	add_frame(c, "file f unasked 644 7796 2108 1 1 1024 " QMAIL "/queue/lock/tcpto");
	add_probe(c, "qmail.home", mt_text_str(&c->home));
	add_probe(c, "qmail.names", mt_text_str(&c->names_there));
	if (c->stopped)
		add_frame(c, "probe absent qmail.send");
	else
		add_probe(c, "qmail.send", MT_STR("pid 200\ncomm qmail-send\nstart 9\nnetns same"));
}

/* The body as the probe holds it; then, for an ADDR, what makes everything right. */
void add_answers(struct host_case *c, struct mt_str args, struct mt_str body)
{
	struct mt_addr addr;
	mt_text_add(&c->dns, body);
	if (!mt_addr_parse(args, &addr))
		return;
	mt_text_addf(&c->dns,
		     "> ptr %s answered 192.0.2.53 0\n mail.example.com\n"
		     "> %s mail.example.com answered 192.0.2.53 0\n %.*s\n"
		     "> txt mail.example.com no-data 192.0.2.53 0\n"
		     "> mx mail.example.com no-name 192.0.2.53 0\n",
		     mt_dns_reverse(c->arena, addr, NULL), addr.family == MT_V6 ? "aaaa" : "a",
		     MT_STR_FMT(args));
}

void finish_host(struct host_case *c)
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
	add_probe(c, "init", mt_text_str(&c->init));
	add_probe(c, "rule", mt_text_str(&c->rule));
	add_probe(c, "route6", mt_text_str(&c->route6));
	if (c->dns.n)
		add_probe(c, "dns", mt_text_str(&c->dns));
	mt_text_addf(&out, NONCE " begin mtapin 1\n" NONCE " host %ld raw mail\n", c->now);
	mt_text_add(&out, mt_text_str(&c->files));
	mt_text_addf(&out, NONCE " done\n");
	c->bundle = mt_text_str(&out);
	if (mt_bundle_decode(c->arena, c->bundle, &c->snapshot, &error) < 0) {
		fprintf(stderr, "%s\n", error.message);
		exit(2);
	}
	c->model = mt_examine(c->snapshot, case_backends);
}
