/* SPDX-License-Identifier: ISC */
/*
 * drivers.c: the sections of routers, transports and authenticators, and what their drivers refuse.
 *
 * Source: readconf_driver_init(), route_init(), transport_init() and the *_init() of each driver.
 */
#include "sections.h"

#include <string.h>

static const char *class_of(enum ex_section section)
{
	return section == EX_ROUTERS	  ? "router"
	       : section == EX_TRANSPORTS ? "transport"
					  : "authenticator";
}

static struct ex_driver **drivers_of(struct ex_config *config, enum ex_section section)
{
	return section == EX_ROUTERS	  ? &config->routers
	       : section == EX_TRANSPORTS ? &config->transports
					  : &config->authenticators;
}

/* ---- lines ----------------------------------------------------------------------------------------- */

/* All options of the driver are read. */
static bool end_driver(struct ex_reader *reader, struct ex_sections *sections)
{
	const struct ex_driver *driver = sections->driver;
	sections->driver = NULL;
	if (!driver)
		return true;
	if (!sections->known)
		return *driver->driver || ex_fail_nowhere(reader, "no driver defined for %s \"%s\"",
							  class_of(driver->section), driver->name);
	return ex_check_driver(reader, driver);
}

static bool begin_driver(struct ex_reader *reader, const struct ex_logical *line,
			 struct ex_sections *sections, const char *name, struct mt_str rest)
{
	enum ex_section section = reader->section;
	struct ex_driver **tail = drivers_of(reader->config, section);
	if (!end_driver(reader, sections))
		return false;
	if (ex_driver_get(*tail, name))
		return ex_fail_nowhere(reader, "there are two %ss called \"%s\"", class_of(section),
				       name);
	while (*tail)
		tail = &(*tail)->next;
	*tail = MT_NEW(reader->arena, struct ex_driver);
	**tail = (struct ex_driver){
		.name = name, .driver = "", .section = section, .origin = ex_origin(reader, line)};
	sections->driver = *tail;
	sections->known = NULL;
	ex_skip_space(&rest);
	return !rest.n ||
	       ex_fail_extra(reader, rest, mt_format(reader->arena, "driver name %s", name));
}

static unsigned common_owner(enum ex_section section)
{
	return section == EX_ROUTERS	  ? EX_OF_ROUTERS
	       : section == EX_TRANSPORTS ? EX_OF_TRANSPORTS
					  : EX_OF_AUTHENTICATORS;
}

/* "driver = NAME" has been read. */
static bool find_driver(struct ex_reader *reader, struct ex_sections *sections)
{
	struct ex_driver *driver = sections->driver;
	const struct ex_option *option = ex_option_get(driver->options, "driver");
	if (!option || sections->known)
		return true;
	driver->driver = option->value;
	sections->known =
		ex_known_driver(driver->section, mt_str_of(driver->driver), reader->build);
	if (sections->known || option->unknown)
		return true;
	return ex_fail(reader, "%s %s: cannot find %s driver \"%s\"", class_of(driver->section),
		       driver->name, class_of(driver->section), driver->driver);
}

static bool read_driver_option(struct ex_reader *reader, const struct ex_logical *line,
			       struct ex_sections *sections)
{
	struct ex_driver *driver = sections->driver;
	if (!ex_expect_name(reader, line->text))
		return false;
	struct ex_written written = ex_written(reader, line->text);
	struct mt_str plain = mt_str_of(written.plain);
	const struct ex_known *known =
		ex_known(common_owner(driver->section), plain, reader->build);
	if (!known && sections->known)
		known = ex_known(sections->known->owner, plain, reader->build);
	if (known)
		return ex_read_option(reader, line, known, &written, &driver->options) &&
		       find_driver(reader, sections);
	if (ex_fault(EX_FAULT_LATE_DRIVER) && !sections->known)
		return true;
	if (sections->known || *driver->driver)
		return ex_unknown_option(reader, line, "option \"NAME\" unknown", written.name);
	struct mt_str rest = line->text, name = ex_read_name(reader, &rest);
	return ex_unknown_option(reader, line,
				 "option \"NAME\" unknown (\"driver\" must be specified before any "
				 "private options)",
				 mt_strz(reader->arena, name));
}

bool ex_read_driver_line(struct ex_reader *reader, const struct ex_logical *line,
			 struct ex_sections *sections)
{
	struct mt_str rest = line->text, name = ex_read_name(reader, &rest);
	if (name.n && ex_is_upper(*name.p) && rest.n && *rest.p == '=')
		return end_driver(reader, sections) && ex_read_macro(reader, line);
	if (mt_str_skip(&rest, ":"))
		return begin_driver(reader, line, sections, mt_strz(reader->arena, name), rest);
	if (!sections->driver)
		return ex_fail(reader, "%s name missing", class_of(reader->section));
	return read_driver_option(reader, line, sections);
}

/* ---- what one driver refuses, when its options are read ------------------------------------------------ */

static const struct ex_option *get(const struct ex_driver *driver, const char *name)
{
	return ex_option_get(driver->options, name);
}

static bool on(const struct ex_driver *driver, const char *name)
{
	return ex_option_on(driver->options, name, false);
}

static bool fail_for(struct ex_reader *reader, const struct ex_driver *driver, const char *text)
{
	return ex_fail_nowhere(reader, "for %s %s:\n%s", driver->name, class_of(driver->section),
			       text);
}

static bool one_of(const char *value, const char *const *words)
{
	while (*words && strcmp(value, *words) != 0)
		words++;
	return *words != NULL;
}

static bool check_word(struct ex_reader *reader, const struct ex_driver *driver, const char *name,
		       const char *const *words)
{
	const struct ex_option *option = get(driver, name);
	return !option || option->unknown || one_of(option->value, words) ||
	       fail_for(reader, driver,
			mt_format(reader->arena, "unrecognized setting for %s option", name));
}

static bool check_manualroute(struct ex_reader *reader, const struct ex_driver *driver)
{
	static const char *const failed[] = {"decline", "defer", "fail", "freeze",
					     "ignore",	"pass",	 NULL};
	static const char *const ignored[] = {"decline", "defer", "fail", "freeze", "pass", NULL};
	return check_word(reader, driver, "host_find_failed", failed) &&
	       check_word(reader, driver, "host_all_ignored", ignored) &&
	       (!get(driver, "route_list") != !get(driver, "route_data") ||
		fail_for(reader, driver,
			 "route_list or route_data (but not both) must be specified"));
}

static bool check_queryprogram(struct ex_reader *reader, const struct ex_driver *driver)
{
	if (!get(driver, "command"))
		return fail_for(reader, driver, "a command specification is required");
	return get(driver, "command_user") ||
	       fail_for(reader, driver, "command_user must be specified");
}

static bool check_redirect(struct ex_reader *reader, const struct ex_driver *driver)
{
	bool user = get(driver, "user") || on(driver, "check_local_user");
	if (!get(driver, "file") && !get(driver, "data"))
		return fail_for(reader, driver, "one of \"file\" or \"data\" must be specified");
	if (get(driver, "file") && get(driver, "data"))
		return fail_for(reader, driver,
				"only one of \"file\" or \"data\" must be specified");
	if (on(driver, "one_time") && (get(driver, "headers_add") || get(driver, "headers_remove")))
		return fail_for(reader, driver,
				"\"headers_add\" and \"headers_remove\" are not permitted with "
				"\"one_time\"");
	return !on(driver, "allow_filter") || user ||
	       fail_for(reader, driver,
			"\"user\" or \"check_local_user\" must be set with \"allow_filter\"");
}

static bool check_appendfile(struct ex_reader *reader, const struct ex_driver *driver)
{
	if (get(driver, "file") && get(driver, "directory"))
		return fail_for(reader, driver,
				"only one of \"file\" or \"directory\" can be specified");
	return !on(driver, "maildir_format") || !on(driver, "mailstore_format") ||
	       !get(driver, "directory") ||
	       fail_for(reader, driver, "only one of maildir and mailstore may be specified");
}

static bool check_pipe(struct ex_reader *reader, const struct ex_driver *driver)
{
	return !on(driver, "return_output") || !on(driver, "return_fail_output") ||
	       ex_fail_nowhere(reader,
			       "both return_output and return_fail_output set for %s transport",
			       driver->name);
}

static bool check_lmtp(struct ex_reader *reader, const struct ex_driver *driver)
{
	return !get(driver, "command") != !get(driver, "socket") ||
	       ex_fail_nowhere(reader,
			       "one (and only one) of command or socket must be set for the %s "
			       "transport",
			       driver->name);
}

static bool check_smtp(struct ex_reader *reader, const struct ex_driver *driver)
{
	static const char *const timeouts[] = {"command_timeout", "data_timeout", "final_timeout"};
	for (size_t i = 0; i < MT_ARRAY_LEN(timeouts); i++) {
		const struct ex_option *option = get(driver, timeouts[i]);
		struct mt_str value = mt_str_of(option && !option->unknown ? option->value : "1s");
		if (ex_read_time(&value, '\0') == 0)
			return ex_fail_nowhere(reader,
					       "command, data, or final timeout value is zero for "
					       "%s transport",
					       driver->name);
	}
	return true;
}

bool ex_check_driver(struct ex_reader *reader, const struct ex_driver *driver)
{
	static const struct {
		const char *name;
		bool (*check)(struct ex_reader *, const struct ex_driver *);
	} checks[] = {{"manualroute", check_manualroute},
		      {"queryprogram", check_queryprogram},
		      {"redirect", check_redirect},
		      {"appendfile", check_appendfile},
		      {"pipe", check_pipe},
		      {"lmtp", check_lmtp},
		      {"smtp", check_smtp}};
	for (size_t i = 0; i < MT_ARRAY_LEN(checks); i++)
		if (strcmp(checks[i].name, driver->driver) == 0)
			return checks[i].check(reader, driver);
	return true;
}

/* ---- what is refused when the section is read ------------------------------------------------------------ */

static bool check_transport_of(struct ex_reader *reader, const struct ex_driver *router)
{
	static const char *const with[] = {"accept", "dnslookup", "ipliteral", NULL};
	static const char *const without[] = {"redirect", "iplookup", NULL};
	bool transport = get(router, "transport");
	if (!transport && one_of(router->driver, with))
		return ex_fail_nowhere(reader,
				       "%s router:\na transport is required for this router",
				       router->name);
	return !transport || !one_of(router->driver, without) ||
	       ex_fail_nowhere(reader,
			       "%s router:\na transport must not be defined for this router",
			       router->name);
}

static bool check_self(struct ex_reader *reader, const struct ex_driver *router)
{
	static const char *const words[] = {"freeze", "defer", "send", "pass", "fail", NULL};
	const struct ex_option *self = get(router, "self");
	if (!self || self->unknown || one_of(self->value, words) ||
	    strncmp(self->value, "reroute:", 8) == 0)
		return true;
	return fail_for(
		reader, router,
		mt_format(reader->arena, "%s is not valid for the self option", self->value));
}

/* pass_router and redirect_router name one behind it, or any. */
static bool check_next(struct ex_reader *reader, const struct ex_driver *router, const char *name,
		       bool behind)
{
	const struct ex_option *option = get(router, name);
	if (!option || option->unknown)
		return true;
	const char *to = option->value;
	if (!ex_driver_get(reader->config->routers, to))
		return ex_fail_nowhere(reader, "new_router \"%s\" not found for \"%s\" router", to,
				       router->name);
	return !behind || ex_driver_get(router->next, to) ||
	       ex_fail_nowhere(reader, "new_router \"%s\" does not follow \"%s\" router", to,
			       router->name);
}

static bool check_router(struct ex_reader *reader, const struct ex_driver *router)
{
	if (!on(router, "verify_only") && !check_transport_of(reader, router))
		return false;
	return check_self(reader, router) && check_next(reader, router, "pass_router", true) &&
	       check_next(reader, router, "redirect_router", false);
}

static bool check_transport(struct ex_reader *reader, const struct ex_driver *transport)
{
	if (get(transport, "shadow_transport") && strcmp(transport->driver, "smtp") == 0)
		return ex_fail_nowhere(reader,
				       "shadow transport not allowed on non-local transport %s",
				       transport->name);
	return !on(transport, "body_only") || !on(transport, "headers_only") ||
	       ex_fail_nowhere(reader,
			       "%s transport: body_only and headers_only are mutually exclusive",
			       transport->name);
}

/* Which sides an authenticator of this driver serves. */
static bool serves(const struct ex_driver *a, const char *side)
{
	static const char *const marks[][3] = {{"plaintext", "server", "server_condition"},
					       {"plaintext", "client", "client_send"},
					       {"cram_md5", "server", "server_secret"},
					       {"cram_md5", "client", "client_secret"},
					       {"external", "server", "server_param2"},
					       {"external", "client", "client_send"}};
	for (size_t i = 0; i < MT_ARRAY_LEN(marks); i++)
		if (strcmp(a->driver, marks[i][0]) == 0 && strcmp(side, marks[i][1]) == 0)
			return get(a, marks[i][2]);
	return false;
}

/* By which it is offered; "" where it has none. */
static const char *public_name(const struct ex_driver *a)
{
	static const char *const by_itself[] = {"plaintext", "external", "tls", NULL};
	const struct ex_option *name = get(a, "public_name");
	return name ? name->value : one_of(a->driver, by_itself) ? a->name : "";
}

static bool check_pair(struct ex_reader *reader, const struct ex_driver *a,
		       const struct ex_driver *b)
{
	struct mt_str name = mt_str_of(public_name(a)), other = mt_str_of(public_name(b));
	bool client = serves(a, "client") && serves(b, "client");
	bool server = serves(a, "server") && serves(b, "server");
	if (!name.n || !mt_str_same(name, other) || (!client && !server))
		return true;
	return ex_fail_nowhere(
		reader, "two %s authenticators (%s and %s) have the same public name (%.*s)",
		serves(a, "client") ? "client" : "server", a->name, b->name, MT_STR_FMT(name));
}

static bool check_authenticator(struct ex_reader *reader, const struct ex_driver *a)
{
	if (!get(a, "public_name") && !*public_name(a))
		return ex_fail_nowhere(reader, "no public name specified for the %s authenticator",
				       a->name);
	for (const struct ex_driver *b = a->next; b; b = b->next)
		if (!check_pair(reader, a, b))
			return false;
	return true;
}

bool ex_end_drivers(struct ex_reader *reader, struct ex_sections *sections)
{
	enum ex_section section = reader->section;
	if (section != EX_ROUTERS && section != EX_TRANSPORTS && section != EX_AUTHENTICATORS)
		return true;
	if (!end_driver(reader, sections))
		return false;
	const struct ex_driver *driver = *drivers_of(reader->config, section);
	for (; driver; driver = driver->next) {
		bool good = section == EX_ROUTERS      ? check_router(reader, driver)
			    : section == EX_TRANSPORTS ? check_transport(reader, driver)
						       : check_authenticator(reader, driver);
		if (!good)
			return false;
	}
	return true;
}
