/* SPDX-License-Identifier: ISC */
/*
 * dns.c: what a name server sends, to every format. The input is cut in three: a message read as PTR, one read as
 * TXT, and a probe `dns` as a foreign bundle may hold it. What is kept must read back as it was; no format may let a
 * control byte through, and the line for a monitoring system has one '|'.
 */
#include <stdio.h>

#include "core/check/check.h"
#include "fuzz.h"
#include "io/dns/dns.h"
#include "ui/json.h"
#include "ui/text.h"

extern const struct mt_backend mt_backend_postfix;
static const struct mt_backend *const backends[] = {&mt_backend_postfix, NULL};

#define N "0123456789abcdef0123456789abcdef"
#define HOST                                                                                       \
	N " begin mtapin 1\n" N " host 1700000000 raw mx1\n" N                                     \
	  " file f present 644 0 0 1 1700000000 62 /etc/postfix/main.cf\n" N " data 62\n"          \
	  "myhostname = mail.example.com\nsmtp_bind_address = 192.88.99.10\n\n" N " end\n" N       \
	  " file f present 644 0 0 1 1700000000 48 /etc/postfix/master.cf\n" N " data 48\n"        \
	  "smtp inet n - - - - smtpd\nsmtp unix - - - - - smtp\n\n" N " end\n" N                   \
	  " probe present addr\n" N " data -\n2: eth0: <UP> mtu 1\n"                               \
	  "    inet 192.88.99.10/24 scope global eth0\n" N " end 0\n"

static struct mt_str cut(struct mt_str *rest)
{
	const char *end = rest->n ? memchr(rest->p, 0xff, rest->n) : NULL;
	struct mt_str piece = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
	size_t used = piece.n + (end != NULL);
	*rest = (struct mt_str){rest->n ? rest->p + used : rest->p, rest->n - used};
	return piece;
}

static void printable(struct mt_str s)
{
	for (size_t i = 0; i < s.n; i++)
		FUZZ_HOLDS((unsigned char)s.p[i] >= ' ' || s.p[i] == '\n');
}

/* Read from the wire: bounded, printable, and the same after a stay in a bundle. */
static void from_wire(struct mt_dns *dns, enum mt_dns_type type, struct mt_str message)
{
	const char *name = type == MT_DNS_PTR ? "10.99.88.192.in-addr.arpa" : "mail.example.com";
	struct mt_answer answer = {.type = type, .name = name, .resolver = "192.0.2.53"};
	mt_dns_message(dns->arena, message, &answer);
	FUZZ_HOLDS(answer.count <= MT_DNS_VALUES && answer.status > MT_DNS_UNASKED);
	FUZZ_HOLDS((answer.status == MT_DNS_ANSWERED) == (answer.count > 0));
	for (unsigned i = 0; i < answer.count; i++) {
		FUZZ_HOLDS(strlen(answer.value[i]) <= MT_DNS_VALUE);
		printable(mt_str_of(answer.value[i]));
		FUZZ_HOLDS(!strchr(answer.value[i], '\n'));
	}
	mt_dns_add(dns, &answer);
}

static void formats(struct mt_check *check)
{
	struct mt_output out = {.arena = check->arena, .width = 80};
	struct mt_text text = MT_TEXT_INIT(check->arena), line = MT_TEXT_INIT(check->arena);
	unsigned bars = 0;
	mt_text_check(&text, &out, check);
	printable(mt_text_str(&text));
	mt_text_nagios(&line, check);
	printable(mt_text_str(&line));
	for (size_t i = 0; i < line.n; i++)
		bars += line.p[i] == '|';
	FUZZ_HOLDS(bars == 1 && line.p[line.n - 1] == '\n');
	mt_json_report(&(struct mt_report){.model = check->model, .check = check});
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	static bool quiet;
	struct mt_text bundle = MT_TEXT_INIT(arena);
	struct mt_str ptr = cut(&input), txt = cut(&input), again;
	struct mt_snapshot *snapshot;
	struct mt_error error = {0};
	if (!quiet)
		quiet = freopen("/dev/null", "w", stdout) != NULL;
	mt_text_addf(&bundle, "%s" N " probe present dns\n" N " data %zu\n", HOST, input.n);
	mt_text_add(&bundle, input);
	mt_text_addf(&bundle, "\n" N " end 0\n" N " done\n");
	if (mt_bundle_decode(arena, mt_text_str(&bundle), &snapshot, &error))
		return;
	struct mt_dns *dns = mt_dns_read(snapshot);
	from_wire(dns, MT_DNS_PTR, ptr);
	from_wire(dns, MT_DNS_TXT, txt);
	struct mt_dnsbl *lists = mt_dnsbl_known(arena);
	struct mt_check_options options = {.lists = lists};
	struct mt_check *check = mt_check(mt_examine(snapshot, backends), &options, dns);
	mt_check_report(check);
	formats(check);
	if (mt_dns_save(dns, mt_text_str(&bundle), &again, &error) == 0)
		FUZZ_HOLDS(mt_bundle_decode(arena, again, &snapshot, &error) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
