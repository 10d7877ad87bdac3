/* SPDX-License-Identifier: ISC */
/*
 * scale.c: configurations of N services, rows, lines or addresses, and what it costs to plan and to diff them.
 *
 * usage: scale bundle KIND N	prints the bundle
 *	  scale options KIND N		prints the options of `mtapin fix` for it
 *	  scale cost KIND N	prints "WORK BYTES CHANGES": what was done from decoding to the diff, the memory it
 *				took, the changes in the plan
 *
 * WORK counts the blocks of code that were run (the core and the backends are compiled with
 * -fsanitize-coverage=trace-pc) and every eight bytes that were compared, copied or searched: the same number on
 * every run, however busy the machine is. Without that flag it is only the bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mtapin/backend.h>

#define NONCE "0123456789abcdef0123456789abcdef"

extern const struct mt_backend mt_backend_postfix, mt_backend_qmail;
static const struct mt_backend *const backends[] = {&mt_backend_postfix, &mt_backend_qmail, NULL};

/* ---- work ---- */

static unsigned long work;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	work++;
}

/* -Wl,--wrap: what the C library does in one call, by its size. */
void *__real_memcpy(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n)
{
	work += n / 8;
	return __real_memcpy(to, from, n);
}

void *__real_memchr(const void *s, int c, size_t n);
void *__wrap_memchr(const void *s, int c, size_t n);
void *__wrap_memchr(const void *s, int c, size_t n)
{
	const char *at = __real_memchr(s, c, n);
	work += (at ? (size_t)(at - (const char *)s) : n) / 8;
	return (void *)at;
}

int __real_memcmp(const void *a, const void *b, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n)
{
	int order = __real_memcmp(a, b, n);
	work += order ? 1 : n / 8;
	return order;
}

size_t __real_strlen(const char *s);
size_t __wrap_strlen(const char *s);
size_t __wrap_strlen(const char *s)
{
	size_t n = __real_strlen(s);
	work += n / 8;
	return n;
}

/* ---- hosts ---- */

struct host {
	struct mt_text bundle;
	struct mt_text main, master, sender; /* Postfix */
	struct mt_text binds; /* qmail */
	unsigned addresses;
};

static void add_item(struct host *h, const char *frame, struct mt_str bytes, const char *name)
{
	mt_text_addf(&h->bundle, NONCE " %s %s\n" NONCE " data %zu\n", frame, name, bytes.n);
	mt_text_add(&h->bundle, bytes);
	mt_text_addf(&h->bundle, "\n" NONCE " end%s\n", frame[0] == 'p' ? " 0" : "");
}

static void add_file(struct host *h, const char *name, struct mt_str bytes)
{
	char frame[100];
	snprintf(frame, sizeof frame, "file f present 644 0 0 1 1700000000 %zu", bytes.n);
	if (bytes.n)
		add_item(h, frame, bytes, name);
}

static const char *address(unsigned i)
{
	static char text[16];
	snprintf(text, sizeof text, "10.%u.%u.%u", i / 62500, i / 250 % 250, i % 250 + 1);
	return text;
}

static void add_network(struct host *h, struct mt_arena *arena)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	mt_text_addf(&t, "1: lo    inet 127.0.0.1/8 scope host lo\n"
			 "2: eth0    inet 192.0.2.10/24 scope global eth0\n"
			 "2: eth0    inet 192.0.2.11/24 scope global secondary eth0\n"
			 "2: eth0    inet6 2001:db8::12/64 scope global\n");
	for (unsigned i = 0; i < h->addresses; i++)
		mt_text_addf(&t, "3: eth1    inet %s/32 scope global eth1\n", address(i));
	add_item(h, "probe present", mt_text_str(&t), "addr");
	add_item(h, "probe present",
		 MT_STR("> 198.41.0.4 -\n198.41.0.4 via 192.0.2.1 dev eth0 src 192.0.2.10 uid 0\n"
			"> 2001:503:ba3e::2:30 -\n2001:503:ba3e::2:30 via fe80::1 dev eth0 src "
			"2001:db8::12 metric 1024\n"),
		 "source");
}

/* N customers, each with a service that has its own address or none. */
static void customers(struct host *h, unsigned n, bool pinned)
{
	for (unsigned i = 0; i < n; i++) {
		mt_text_addf(&h->master, "out%u unix - - y - - smtp\n", i);
		if (pinned)
			mt_text_addf(&h->master, "  -o smtp_bind_address=%s\n",
				     h->addresses ? address(i) : "192.0.2.11");
		mt_text_addf(&h->sender, "@c%u.example.com out%u:\n", i, i);
	}
}

static void services(struct host *h, unsigned n)
{
	customers(h, n, false);
}

static void pins(struct host *h, unsigned n)
{
	customers(h, n, true);
}

/* Each carries mail to a filter on this host; far apart, so that a diff has many hunks. */
static void filters(struct host *h, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		mt_text_addf(&h->master, "out%u unix - - y - - smtp\n", i);
		for (unsigned line = 0; line < 8; line++)
			mt_text_addf(&h->master, "# of customer %u\n", i);
		mt_text_addf(&h->sender, "@c%u.example.com out%u:[127.0.0.1]:10024\n", i, i);
	}
}

static void rows(struct host *h, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		mt_text_addf(&h->sender, "@c%u.example.com relay:\n", i);
}

/* One address a customer, and every one of them listened on. */
static void addresses(struct host *h, unsigned n)
{
	h->addresses = n;
	customers(h, n, true);
	mt_text_addf(&h->main, "inet_interfaces = 127.0.0.1, 192.0.2.10");
	for (unsigned i = 0; i < n; i++)
		mt_text_addf(&h->main, ",\n  %s", address(i));
	mt_text_addf(&h->main, "\n");
}

static void listeners(struct host *h, unsigned n)
{
	h->addresses = n;
	for (unsigned i = 0; i < n; i++)
		mt_text_addf(&h->master, "%s:2525 inet n - y - - smtpd\n", address(i));
}

static void bindings(struct host *h, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		mt_text_addf(&h->binds, "c%u.example.com:192.0.2.11\n", i);
}

/* ---- goals ---- */

struct kind {
	const char *name;
	void (*fill)(struct host *h, unsigned n);
	const char *ip6; /* NULL: off */
	const char *method; /* NULL: auto */
	const char *path; /* NULL: the backend's rule */
};
static const struct kind kinds[] = {
	{"services", services, NULL, "service", NULL},
	{"services-auto", services, NULL, NULL, NULL},
	{"services-interfaces", services, NULL, "inet_interfaces", NULL},
	{"pins", pins, "2001:db8::12", NULL, "all"},
	{"pins-kept", pins, "2001:db8::12", NULL, NULL},
	{"filters", filters, "2001:db8::12", NULL, NULL},
	{"rows", rows, "2001:db8::12", NULL, NULL},
	{"addresses", addresses, "2001:db8::12", NULL, "all"},
	{"addresses-interfaces", addresses, NULL, "inet_interfaces", NULL},
	{"listeners-interfaces", listeners, NULL, "inet_interfaces", NULL},
	{"bindings", bindings, "keep", NULL, NULL},
};

static void add_postfix(struct host *h)
{
	mt_text_addf(&h->main, "myhostname = mail.example.com\nmynetworks = 127.0.0.0/8\n"
			       "sender_dependent_default_transport_maps = "
			       "texthash:/etc/postfix/sender\n");
	mt_text_addf(&h->master, "smtp inet n - y - - smtpd\nsmtp unix - - y - - smtp\n"
				 "relay unix - - y - - smtp\n");
}

static void add_qmail(struct host *h)
{
	static const char *const absent[] = {"helohost", "smtproutes", "outgoingip"};
	for (size_t i = 0; i < MT_ARRAY_LEN(absent); i++)
		mt_text_addf(&h->bundle,
			     NONCE " file ? absent - - - - - - /var/qmail/control/%s\n" NONCE
				   " end\n",
			     absent[i]);
	add_file(h, "/var/qmail/control/me", MT_STR("mail.example.com\n"));
	add_file(h, "/var/qmail/control/domainbindings", mt_text_str(&h->binds));
	add_item(h, "probe present", MT_STR("pid 200\n"), "qmail.send");
	add_item(h, "probe present",
		 MT_STR("control/helohost\ncontrol/smtproutes\ncontrol/outgoingip\n"
			"control/domainbindings\n"),
		 "qmail.reads");
}

static struct mt_str bundle_of(struct mt_arena *arena, const struct kind *kind, unsigned n)
{
	struct host h = {.bundle = MT_TEXT_INIT(arena),
			 .main = MT_TEXT_INIT(arena),
			 .master = MT_TEXT_INIT(arena),
			 .sender = MT_TEXT_INIT(arena),
			 .binds = MT_TEXT_INIT(arena)};
	bool qmail = kind->fill == bindings;
	mt_text_addf(&h.bundle, NONCE " begin mtapin 1\n" NONCE " host 1750000000 raw mx1\n");
	if (!qmail)
		add_postfix(&h);
	kind->fill(&h, n);
	add_network(&h, arena);
	add_file(&h, "/etc/postfix/main.cf", mt_text_str(&h.main));
	add_file(&h, "/etc/postfix/master.cf", mt_text_str(&h.master));
	add_file(&h, "/etc/postfix/sender", mt_text_str(&h.sender));
	if (qmail)
		add_qmail(&h);
	mt_text_addf(&h.bundle, NONCE " done\n");
	return mt_text_str(&h.bundle);
}

static struct mt_goal goal_of(const struct kind *kind, const char *const *paths)
{
	struct mt_goal goal = {.method = kind->method, .paths = kind->path ? paths : NULL};
	struct mt_pin_goal *v4 = &goal.family[MT_V4], *v6 = &goal.family[MT_V6];
	v4->pin = MT_PIN_ADDRESS;
	v4->given = v6->given = true;
	mt_addr_parse(MT_STR("192.0.2.10"), &v4->addr);
	v6->pin = !kind->ip6 ? MT_PIN_OFF : MT_PIN_ADDRESS;
	if (kind->ip6 && !mt_addr_parse(mt_str_of(kind->ip6), &v6->addr))
		v6->pin = MT_PIN_KEEP;
	return goal;
}

static void print_options(const struct kind *kind)
{
	printf("--ip4 192.0.2.10 --ip6 %s --method %s", kind->ip6 ? kind->ip6 : "off",
	       kind->method ? kind->method : "auto");
	if (kind->path)
		printf(" --path %s", kind->path);
	printf("\n");
}

static int cost(const struct kind *kind, struct mt_str bundle)
{
	struct mt_arena *arena = mt_arena_new((size_t)1 << 30);
	struct mt_snapshot *snapshot;
	struct mt_error error = {0};
	const char *const paths[] = {kind->path, NULL};
	struct mt_goal goal = goal_of(kind, paths);
	unsigned changes = 0;
	size_t size = 0;
	work = 0;
	if (mt_bundle_decode(arena, bundle, &snapshot, &error) != 0) {
		fprintf(stderr, "scale: %s\n", error.message);
		return 1;
	}
	const struct mt_model *model = mt_examine(snapshot, backends);
	if (!model->mtas) {
		fprintf(stderr, "scale: no mail server\n");
		return 1;
	}
	const struct mt_plan *plan = mt_plan(model, model->mtas, &goal, backends, true);
	if (plan->refused) {
		fprintf(stderr, "scale: %s: %s\n", plan->refused->where,
			mt_message_english(arena, plan->refused->message));
		return 1;
	}
	for (const struct mt_change *c = plan->changes; c; c = c->next, changes++)
		size += mt_diff(arena, c).n;
	printf("%lu %zu %zu\n", work, mt_arena_used(arena), size);
	mt_arena_free(arena);
	return 0;
}

int main(int argc, char **argv)
{
	const struct kind *kind = kinds;
	while (argc == 4 && kind < kinds + MT_ARRAY_LEN(kinds) && strcmp(kind->name, argv[2]) != 0)
		kind++;
	if (argc != 4 || kind == kinds + MT_ARRAY_LEN(kinds)) {
		fprintf(stderr, "usage: scale bundle|options|cost KIND N\n");
		return 64;
	}
	if (strcmp(argv[1], "options") == 0) {
		print_options(kind);
		return 0;
	}
	struct mt_arena *arena = mt_arena_new((size_t)256 << 20);
	struct mt_str bundle = bundle_of(arena, kind, (unsigned)atoi(argv[3]));
	if (strcmp(argv[1], "cost") == 0)
		return cost(kind, bundle);
	return fwrite(bundle.p, 1, bundle.n, stdout) == bundle.n ? 0 : 1;
}
