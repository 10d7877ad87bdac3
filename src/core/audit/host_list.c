/* SPDX-License-Identifier: ISC */
/* host_list.c: the set of hosts, and the lines that name them. */
#include "core/audit/host_list.h"

#include <string.h>

#include "core/audit/host_range.h"

struct mt_hosts *mt_hosts_new(struct mt_arena *arena)
{
	struct mt_hosts *hosts = MT_NEW(arena, struct mt_hosts);
	hosts->arena = arena;
	return hosts;
}

/* ---- the set ---- */

/* FNV-1a */
static uint32_t hash_name(struct mt_str name)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * 16777619u;
	return h;
}

/* Where the name stands, or would: there is always a free slot. */
static uint32_t *find_slot(const struct mt_hosts *hosts, struct mt_str name)
{
	size_t i = hash_name(name) & (hosts->slots - 1);
	while (hosts->slot[i] && !mt_str_is(name, hosts->host[hosts->slot[i] - 1].name))
		i = (i + 1) & (hosts->slots - 1);
	return &hosts->slot[i];
}

static void rehash(struct mt_hosts *hosts)
{
	hosts->slot = mt_alloc(hosts->arena, hosts->slots * sizeof *hosts->slot);
	for (size_t i = 0; i < hosts->count; i++)
		*find_slot(hosts, mt_str_of(hosts->host[i].name)) = (uint32_t)i + 1;
}

/* NULL: not there. */
static struct mt_named *get_host(const struct mt_hosts *hosts, struct mt_str name)
{
	uint32_t i = hosts->slots ? *find_slot(hosts, name) : 0;
	return i ? &hosts->host[i - 1] : NULL;
}

static struct mt_named *put_host(struct mt_hosts *hosts, struct mt_str name)
{
	struct mt_named *host = get_host(hosts, name);
	if (host || hosts->count == MT_HOSTS_MAX)
		return host;
	/* Both grow fourfold, so that little is left behind in the arena. */
	if (hosts->count >= hosts->room) {
		hosts->room = hosts->room ? hosts->room * 4 : 64;
		struct mt_named *more = mt_alloc(hosts->arena, hosts->room * sizeof *more);
		if (hosts->count)
			memcpy(more, hosts->host, hosts->count * sizeof *more);
		hosts->host = more;
		hosts->slots = hosts->room * 2;
		rehash(hosts);
	}
	host = &hosts->host[hosts->count++];
	*host = (struct mt_named){.name = mt_strz(hosts->arena, name)};
	*find_slot(hosts, name) = (uint32_t)hosts->count;
	return host;
}

bool mt_hosts_put(struct mt_hosts *hosts, const char *name)
{
	return put_host(hosts, mt_str_of(name)) != NULL;
}

/* ---- what is done with a name ---- */

struct line {
	struct mt_names names; /* first: given back by each() */
	struct mt_hosts *hosts;
	const struct mt_expect *expect;
};

static int fail(struct line *line, const char *reason)
{
	return mt_fail(line->names.error, MT_EXIT_USAGE, line->names.where, "%s", reason);
}

/* What is said twice must be the same. */
static int set_expect(struct line *line, struct mt_named *host)
{
	const struct mt_expect *new = line->expect, *old = host->expect;
	if (!new)
		return 0;
	if (!old) {
		host->expect = new;
		return 0;
	}
	for (int f = 0; f < MT_FAMILIES; f++)
		if (old->family[f].given != new->family[f].given ||
		    old->family[f].pin != new->family[f].pin ||
		    !mt_addr_eq(old->family[f].addr, new->family[f].addr))
			return fail(line, "expects something else of a host named before");
	if (!old->helo != !new->helo || (old->helo && strcmp(old->helo, new->helo) != 0))
		return fail(line, "expects another HELO name of a host named before");
	return 0;
}

static int add_host_name(struct mt_names *names, struct mt_str name)
{
	struct line *line = (struct line *)(void *)names;
	struct mt_named *host = put_host(line->hosts, name);
	if (!host)
		return fail(line, "names more than 100000 hosts");
	return set_expect(line, host);
}

static int expect_name(struct mt_names *names, struct mt_str name)
{
	struct line *line = (struct line *)(void *)names;
	struct mt_named *host = get_host(line->hosts, name);
	if (!host)
		return mt_fail(names->error, MT_EXIT_USAGE, names->where,
			       "\"%.*s\" is not among the hosts that are asked", MT_STR_FMT(name));
	return set_expect(line, host);
}

static int exclude_name(struct mt_names *names, struct mt_str name)
{
	struct line *line = (struct line *)(void *)names;
	struct mt_named *host = get_host(line->hosts, name);
	if (host)
		host->expect = &mt_excluded;
	return 0;
}

/* ---- expectations ---- */

static int expect_address(struct line *line, struct mt_expect *expect, enum mt_family family,
			  struct mt_str value)
{
	struct mt_pin_goal goal = {.pin = MT_PIN_ADDRESS, .given = true};
	if (family == MT_V6 && mt_str_is(value, "off"))
		goal.pin = MT_PIN_OFF;
	else if (!mt_addr_parse(value, &goal.addr) || goal.addr.family != family ||
		 mt_addr_is_mapped(goal.addr))
		return mt_fail(line->names.error, MT_EXIT_USAGE, line->names.where,
			       "\"%.*s\" is not an %s address%s", MT_STR_FMT(value),
			       mt_family_name(family), family == MT_V6 ? ", nor off" : "");
	if (expect->family[family].given)
		return fail(line, "expects two addresses of one family");
	expect->family[family] = goal;
	return 0;
}

static int expectation(struct line *line, struct mt_expect *expect, struct mt_str word)
{
	const char *equals = memchr(word.p, '=', word.n);
	struct mt_str key = {word.p, equals ? (size_t)(equals - word.p) : word.n};
	struct mt_str value =
		mt_str_part(word, equals ? key.n + 1 : word.n, equals ? word.n - key.n - 1 : 0);
	if (equals && mt_str_is(key, "ip"))
		return expect_address(line, expect, MT_V4, value);
	if (equals && mt_str_is(key, "ip6"))
		return expect_address(line, expect, MT_V6, value);
	if (equals && mt_str_is(key, "helo")) {
		if (!mt_is_fqdn(value))
			return mt_fail(line->names.error, MT_EXIT_USAGE, line->names.where,
				       "\"%.*s\" is not a fully qualified host name",
				       MT_STR_FMT(value));
		if (expect->helo)
			return fail(line, "expects two HELO names");
		expect->helo = mt_strz(line->hosts->arena, value);
		return 0;
	}
	return mt_fail(line->names.error, MT_EXIT_USAGE, line->names.where,
		       "\"%.*s\" is not known: what can be expected is ip=, ip6= and helo=",
		       MT_STR_FMT(word));
}

static int expectations(struct line *line, struct mt_str rest)
{
	struct mt_expect *expect = NULL;
	struct mt_str word;
	while (mt_str_word(&rest, " \t", &word)) {
		if (!expect)
			expect = MT_NEW(line->hosts->arena, struct mt_expect);
		if (expectation(line, expect, word) != 0)
			return -1;
	}
	line->expect = expect;
	return 0;
}

/* ---- lines ---- */

/* "hosts (3):", as `ansible --list-hosts` begins. */
static bool is_heading(struct mt_str s)
{
	unsigned long n;
	if (!mt_str_starts(s, "hosts (") || s.n < 10 || memcmp(s.p + s.n - 2, "):", 2) != 0)
		return false;
	return mt_str_number(mt_str_part(s, 7, s.n - 9), MT_HOSTS_MAX * 100UL, &n);
}

static int check_bytes(struct line *line, struct mt_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\r')
			return fail(
				line,
				"has a carriage return in it: lines end with a line feed alone");
		if (s.p[i] == '\n')
			return fail(line, "has a line feed in it");
		if (s.p[i] == '\0')
			return fail(line, "has a NUL byte in it");
	}
	return 0;
}

static int read_host_line(struct line *line, struct mt_str text)
{
	struct mt_str list;
	if (check_bytes(line, text) != 0)
		return -1;
	const char *comment = text.n ? memchr(text.p, '#', text.n) : NULL;
	if (comment)
		text.n = (size_t)(comment - text.p);
	text = mt_str_trim(text);
	if (is_heading(text) || !mt_str_word(&text, " \t", &list))
		return 0;
	if (expectations(line, text) != 0)
		return -1;
	return mt_names_expand(&line->names, list);
}

static int read_host_file(struct line line, struct mt_str text, const char *file)
{
	struct mt_str one;
	char where[1024];
	line.names.where = where;
	for (unsigned n = 1; mt_str_line(&text, &one); n++) {
		mt_names_where(where, sizeof where, file, n);
		line.expect = NULL;
		if (read_host_line(&line, one) != 0)
			return -1;
	}
	return 0;
}

static struct line line_of_hosts(struct mt_hosts *hosts,
				 int (*each)(struct mt_names *, struct mt_str),
				 struct mt_error *error)
{
	return (struct line){
		.names = {.each = each, .error = error, .spelled = &hosts->named},
		.hosts = hosts,
	};
}

static int read_host_patterns(struct line line, struct mt_str list, const char *option)
{
	line.names.where = option;
	if (check_bytes(&line, list) != 0)
		return -1;
	return mt_names_expand(&line.names, list);
}

int mt_hosts_add(struct mt_hosts *hosts, struct mt_str list, const char *option,
		 struct mt_error *error)
{
	return read_host_patterns(line_of_hosts(hosts, add_host_name, error), list, option);
}

int mt_hosts_add_file(struct mt_hosts *hosts, struct mt_str text, const char *file,
		      struct mt_error *error)
{
	return read_host_file(line_of_hosts(hosts, add_host_name, error), text, file);
}

int mt_hosts_expect(struct mt_hosts *hosts, struct mt_str text, const char *file,
		    struct mt_error *error)
{
	return read_host_file(line_of_hosts(hosts, expect_name, error), text, file);
}

int mt_hosts_exclude(struct mt_hosts *hosts, struct mt_str list, const char *option,
		     struct mt_error *error)
{
	if (read_host_patterns(line_of_hosts(hosts, exclude_name, error), list, option) != 0)
		return -1;
	size_t kept = 0;
	for (size_t i = 0; i < hosts->count; i++)
		if (hosts->host[i].expect != &mt_excluded)
			hosts->host[kept++] = hosts->host[i];
	hosts->count = kept;
	if (hosts->slots)
		rehash(hosts);
	return 0;
}
