/* SPDX-License-Identifier: ISC */
/* settings.c: the configuration file, checked before it is parsed. */
#include "io/settings/settings.h"

#include <confuse.h>
#include <errno.h>
#include <installed.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/settings/settings_scan.h"
#include "io/sys/trust.h"

/* ---- words ---- */

bool mt_pin_parse(const char *text, enum mt_family family, struct mt_pin_goal *goal)
{
	*goal = (struct mt_pin_goal){.given = true};
	if (strcmp(text, "keep") == 0)
		goal->pin = MT_PIN_KEEP;
	else if (strcmp(text, "off") == 0)
		goal->pin = MT_PIN_OFF;
	else if (strcmp(text, "any") == 0)
		goal->pin = MT_PIN_ANY;
	else
		goal->pin = MT_PIN_ADDRESS;
	return goal->pin != MT_PIN_ADDRESS ||
	       (mt_addr_parse(mt_str_of(text), &goal->addr) && goal->addr.family == family &&
		!mt_addr_is_mapped(goal->addr));
}

/* ---- the file ---- */

/* What is wrong with the file as a whole is said at its first line. */
static int whole_file(struct mt_error *error, const char *path, const char *reason)
{
	char where[1024];
	snprintf(where, sizeof where, "%s:1", path);
	return mt_fail(error, MT_EXIT_CONFIG, where, "%s", reason);
}

static int read_settings(struct mt_arena *arena, int fd, const char *path, struct mt_str *text,
			 struct mt_error *error)
{
	char *p = mt_alloc(arena, MT_SETTINGS_MAX + 1);
	size_t n = 0;
	for (;;) {
		ssize_t got = read(fd, p + n, MT_SETTINGS_MAX + 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return whole_file(error, path, strerror(errno));
		n += (size_t)got;
		if (n > MT_SETTINGS_MAX)
			return whole_file(error, path, "is larger than 64 KiB");
		if (!got)
			break;
	}
	*text = (struct mt_str){p, n};
	return 0;
}

#define DEFAULTS ((struct mt_settings){.keep_backups = 20, .service_timeout = 30})

/* ---- libconfuse ---- */

/* libconfuse's call-backs carry no pointer of ours; set only while a file is being parsed. */
static struct parsing {
	struct mt_arena *arena;
	const char *file;
	const struct mt_backend *const *backends;
	struct mt_error *error;
} * parsing;

MT_PRINTF(2, 0) static void on_error(cfg_t *cfg, const char *fmt, va_list args)
{
	char where[1024], message[256];
	snprintf(where, sizeof where, "%s:%d", parsing->file, cfg->line);
	vsnprintf(message, sizeof message, fmt, args);
	mt_fail(parsing->error, MT_EXIT_CONFIG, where, "%s", message);
}

static int check_method(cfg_t *cfg, cfg_opt_t *opt)
{
	struct mt_text list = MT_TEXT_INIT(parsing->arena);
	const char *value = cfg_opt_getnstr(opt, 0), *const * names;
	if (!parsing->backends)
		return 0;
	names = mt_method_names(parsing->arena, parsing->backends);
	if (mt_list_has(names, value))
		return 0;
	for (const char *const *name = names; *name; name++)
		mt_text_addf(&list, "%s%s", !list.n ? "" : name[1] ? ", " : " or ", *name);
	cfg_error(cfg, "method \"%s\" is not known: %s", value, mt_text_z(&list));
	return -1;
}

static int check_pin(cfg_t *cfg, cfg_opt_t *opt)
{
	struct mt_pin_goal goal;
	enum mt_family family = strcmp(cfg_opt_name(opt), "ip6") == 0 ? MT_V6 : MT_V4;
	if (mt_pin_parse(cfg_opt_getnstr(opt, 0), family, &goal))
		return 0;
	cfg_error(cfg, "%s \"%s\" is neither an %s address nor keep, off or any", cfg_opt_name(opt),
		  cfg_opt_getnstr(opt, 0), mt_family_name(family));
	return -1;
}

static int check_helo(cfg_t *cfg, cfg_opt_t *opt)
{
	if (mt_is_fqdn(mt_str_of(cfg_opt_getnstr(opt, 0))))
		return 0;
	cfg_error(cfg, "helo \"%s\" is not a fully qualified host name", cfg_opt_getnstr(opt, 0));
	return -1;
}

static int check_number(cfg_t *cfg, cfg_opt_t *opt)
{
	bool backups = strcmp(cfg_opt_name(opt), "keep_backups") == 0;
	long min = 1, max = backups ? 10000 : 600, value = cfg_opt_getnint(opt, 0);
	if (value >= min && value <= max)
		return 0;
	cfg_error(cfg, "%s must be %ld to %ld", cfg_opt_name(opt), min, max);
	return -1;
}

/* "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353" */
static bool is_resolver(const char *text)
{
	struct mt_str whole = mt_str_of(text), port = {0}, host = whole;
	struct mt_addr addr;
	unsigned long number = 53;
	const char *last = strrchr(text, ':'), *bracket = strchr(text, ']');
	if (mt_addr_parse(whole, &addr))
		return true;
	if (!last || (text[0] == '[' && bracket != last - 1))
		return false;
	host.n = (size_t)(last - text);
	port = mt_str_part(whole, host.n + 1, whole.n - host.n - 1);
	if (text[0] == '[')
		host = mt_str_part(whole, 1, host.n - 2);
	return mt_addr_parse(host, &addr) && (addr.family == MT_V6) == (text[0] == '[') &&
	       mt_str_number(port, 65535, &number) && number;
}

static int check_resolver(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
	if (is_resolver(text))
		return 0;
	cfg_error(cfg, "resolvers: \"%s\" is not an address, ADDRESS:PORT or [ADDRESS]:PORT", text);
	return -1;
}

static int check_preferred(cfg_t *cfg, cfg_opt_t *opt)
{
	struct mt_addr addr;
	const char *text = cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
	if (mt_addr_parse(mt_str_of(text), &addr) && !mt_addr_is_mapped(addr))
		return 0;
	cfg_error(cfg, "preferred: \"%s\" is not an IPv4 or IPv6 address", text);
	return -1;
}

/* ---- blacklists ---- */

static struct mt_str codes_of(struct mt_arena *arena, cfg_t *section)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (unsigned i = 0; i < cfg_size(section, "codes"); i++)
		mt_text_addf(&text, "%s ", cfg_getnstr(section, "codes", i));
	return mt_text_str(&text);
}

/* Is it one, and complete? Without a zone it must be one that is known. */
static int read_dnsbl_section(struct mt_arena *arena, cfg_t *section, struct mt_dnsbl *list)
{
	const char *name = cfg_title(section), *zone = cfg_getstr(section, "zone");
	const struct mt_dnsbl *known =
		mt_dnsbl_get(mt_dnsbl_known(arena), mt_str_of(zone ? zone : name));
	*list = (struct mt_dnsbl){.url = "", .source = "", .date = ""};
	if (known)
		*list = *known;
	list->next = NULL;
	if (list->dead)
		cfg_error(section, "dnsbl %s is not asked: it %s", name, list->dead);
	else if (zone && !mt_is_fqdn(mt_str_of(zone)))
		cfg_error(section, "dnsbl %s: zone \"%s\" is not a domain name", name, zone);
	else if (!zone && !known)
		cfg_error(section, "dnsbl %s is not known: it needs zone and codes", name);
	else if (cfg_size(section, "codes") &&
		 !mt_dnsbl_codes(arena, codes_of(arena, section), &list->codes))
		cfg_error(section,
			  "dnsbl %s: codes are \"N=WORD\", the N of 127.0.0.N, or \"N-M=WORD\"",
			  name);
	else if (!list->codes)
		cfg_error(section, "dnsbl %s needs codes: what its answers mean", name);
	list->name = mt_strdup(arena, name);
	if (zone)
		list->zone = mt_dns_name(arena, zone);
	if (!known)
		list->has[MT_V4] = true;
	if (!known || cfg_getbool(section, "ipv6"))
		list->has[MT_V6] = cfg_getbool(section, "ipv6");
	return 0;
}

static void take_dns(struct mt_arena *arena, cfg_t *cfg, struct mt_settings *settings)
{
	for (unsigned i = 0; i < cfg_size(cfg, "resolvers"); i++)
		mt_list_add(arena, &settings->resolvers,
			    mt_strdup(arena, cfg_getnstr(cfg, "resolvers", i)));
	settings->preferred_count = cfg_size(cfg, "preferred");
	struct mt_addr *addr = mt_alloc(arena, (settings->preferred_count + 1) * sizeof *addr);
	for (unsigned i = 0; i < settings->preferred_count; i++)
		mt_addr_parse(mt_str_of(cfg_getnstr(cfg, "preferred", i)), &addr[i]);
	settings->preferred = addr;
	struct mt_dnsbl **at = &settings->lists;
	for (unsigned i = 0; i < cfg_size(cfg, "dnsbl"); i++) {
		*at = MT_NEW(arena, struct mt_dnsbl);
		read_dnsbl_section(arena, cfg_getnsec(cfg, "dnsbl", i), *at);
		at = &(*at)->next;
	}
}

static void take_settings(struct mt_arena *arena, cfg_t *cfg, struct mt_settings *settings)
{
	static const char *const names[MT_FAMILIES] = {"ip4", "ip6"};
	if (strcmp(cfg_getstr(cfg, "method"), mt_method_name(NULL)) != 0)
		settings->method = mt_strdup(arena, cfg_getstr(cfg, "method"));
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (cfg_getstr(cfg, names[f]))
			mt_pin_parse(cfg_getstr(cfg, names[f]), f, &settings->family[f]);
	if (cfg_getstr(cfg, "helo"))
		settings->helo = mt_strdup(arena, cfg_getstr(cfg, "helo"));
	settings->keep_backups = (unsigned)cfg_getint(cfg, "keep_backups");
	settings->service_timeout = (unsigned)cfg_getint(cfg, "service_timeout");
	take_dns(arena, cfg, settings);
}

static cfg_t *new_parser(void)
{
	static cfg_opt_t list[] = {
		CFG_STR("zone", NULL, CFGF_NONE),
		CFG_STR_LIST("codes", NULL, CFGF_NONE),
		CFG_BOOL("ipv6", cfg_false, CFGF_NONE),
		CFG_END(),
	};
	static cfg_opt_t options[] = {
		CFG_STR("method", "auto", CFGF_NONE),
		CFG_STR("ip4", NULL, CFGF_NONE),
		CFG_STR("ip6", NULL, CFGF_NONE),
		CFG_STR("helo", NULL, CFGF_NONE),
		CFG_INT("keep_backups", 20, CFGF_NONE),
		CFG_INT("service_timeout", 30, CFGF_NONE),
		CFG_STR_LIST("resolvers", NULL, CFGF_NONE),
		CFG_STR_LIST("preferred", NULL, CFGF_NONE),
		CFG_SEC("dnsbl", list, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_END(),
	};
	cfg_t *cfg = cfg_init(options, CFGF_NONE);
	if (!cfg)
		mt_out_of_memory();
	cfg_set_error_function(cfg, on_error);
	cfg_set_validate_func(cfg, "method", check_method);
	cfg_set_validate_func(cfg, "ip4", check_pin);
	cfg_set_validate_func(cfg, "ip6", check_pin);
	cfg_set_validate_func(cfg, "helo", check_helo);
	cfg_set_validate_func(cfg, "keep_backups", check_number);
	cfg_set_validate_func(cfg, "service_timeout", check_number);
	cfg_set_validate_func(cfg, "resolvers", check_resolver);
	cfg_set_validate_func(cfg, "preferred", check_preferred);
	return cfg;
}

int mt_settings_parse(struct mt_arena *arena, const struct mt_settings_file *file,
		      struct mt_settings *settings, struct mt_error *error)
{
	struct parsing with = {arena, file->path, file->backends, error};
	*settings = DEFAULTS;
	if (mt_settings_scan(file->bytes, file->path, error) != 0)
		return -1;
	parsing = &with;
	cfg_t *cfg = new_parser();
	int result = file->bytes.n ? cfg_parse_buf(cfg, mt_strz(arena, file->bytes)) : CFG_SUCCESS;
	if (result != CFG_SUCCESS)
		whole_file(with.error, with.file, "cannot be parsed");
	else if (!with.error->code)
		take_settings(arena, cfg, settings);
	cfg_free(cfg);
	parsing = NULL;
	return with.error->code ? -1 : 0;
}

int mt_settings_load(struct mt_arena *arena, const struct mt_settings_file *named,
		     struct mt_settings *settings, struct mt_error *error)
{
	struct mt_settings_file file = *named;
	struct mt_error at = {0};
	struct mt_trust trust = {.own_sticky = true, .code = MT_EXIT_CONFIG};
	int fd;
	*settings = DEFAULTS;
	file.path = named->path ? named->path : MT_SETTINGS_FILE;
	if (mt_trust_open(file.path, trust, &fd, &at) != 0) {
		if (!named->path && errno == ENOENT)
			return 0;
		bool itself = strcmp(at.where, file.path) == 0;
		return whole_file(error, file.path,
				  itself ? at.message
					 : mt_format(arena, "%s: %s", at.where, at.message));
	}
	int result = read_settings(arena, fd, file.path, &file.bytes, error);
	close(fd);
	return result != 0 ? -1 : mt_settings_parse(arena, &file, settings, error);
}
