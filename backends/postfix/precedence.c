/* SPDX-License-Identifier: ISC */
/*
 * precedence.c: which text decides a parameter for a program: its own -o, main.cf, what Postfix computes at
 * run time, the built-in default; and what follows from the value at once.
 */
#include "expand.h"

#include <string.h>

/* The two names that a service's own process knows best, whatever the files say (mail_params.c). */
static bool read_only(const struct pf_scope *scope, struct mt_str name, struct mt_str *text)
{
	if (!scope->service)
		return false;
	if (mt_str_is(name, "process_name"))
		*text = pf_basename(scope->service->command);
	else if (mt_str_is(name, "service_name"))
		*text = scope->service->name;
	else
		return false;
	return true;
}

/* The value as the files alone give it: what Postfix has at hand while it computes defaults. */
static bool from_files(const struct pf_scope *scope, const char *name, struct mt_str *value)
{
	struct pf_scope files = *scope;
	struct mt_error error = {0};
	files.files_only = true;
	if (!pf_raw(&files, mt_str_of(name)).from)
		return false;
	return pf_expand(&files, mt_str_of(name), value, &error) == 0;
}

/* gethostname(); without a dot in it, the domain is put behind (check_myhostname of mail_params.c). */
static struct mt_str default_hostname(const struct pf_scope *scope)
{
	struct mt_str host = mt_str_of(scope->hostname ? scope->hostname : ""), domain;
	if (!host.n || memchr(host.p, '.', host.n))
		return host;
	if (!from_files(scope, "mydomain", &domain))
		domain = MT_STR("localdomain");
	return mt_str_of(
		mt_format(scope->arena, "%.*s.%.*s", MT_STR_FMT(host), MT_STR_FMT(domain)));
}

static bool computed(const struct pf_scope *scope, struct mt_str name, struct mt_str *text)
{
	if (mt_str_is(name, "myhostname"))
		*text = default_hostname(scope);
	else if (mt_str_is(name, "mydomain")) {
		/* what follows the first dot of myhostname (check_mydomainname) */
		struct mt_str host;
		if (!from_files(scope, "myhostname", &host))
			host = default_hostname(scope);
		const char *dot = host.n ? memchr(host.p, '.', host.n) : NULL;
		*text = dot ? (struct mt_str){dot + 1, host.n - (size_t)(dot + 1 - host.p)}
			    : MT_STR("localdomain");
	} else if (mt_str_is(name, "mynetworks"))
		*text = mt_str_of(scope->mynetworks ? scope->mynetworks : "");
	else if (mt_str_is(name, "config_directory"))
		*text = mt_str_of(scope->config_directory ? scope->config_directory : "");
	else
		return false;
	return true;
}

struct pf_raw pf_raw(const struct pf_scope *scope, struct mt_str name)
{
	struct pf_raw raw = {.text = MT_STR("")};
	if (read_only(scope, name, &raw.text)) {
		raw.from = 'd';
		return raw;
	}
	raw.option = scope->service ? pf_service_option(scope->service, name) : NULL;
	if (raw.option) {
		raw.from = 'o';
		raw.text = raw.option->value;
		return raw;
	}
	raw.entry = pf_maincf_get(scope->maincf, name);
	if (raw.entry) {
		raw.from = 'm';
		raw.text = raw.entry->value;
		return raw;
	}
	if (!scope->files_only && (computed(scope, name, &raw.text) || pf_default(name, &raw.text)))
		raw.from = 'd';
	return raw;
}

bool pf_truth(const struct pf_scope *scope, const char *name, bool *truth)
{
	struct mt_error error = {0};
	struct mt_str value;
	if (pf_expand(scope, mt_str_of(name), &value, &error))
		return false;
	*truth = mt_str_same(value, MT_STR("yes"));
	return *truth || mt_str_same(value, MT_STR("no"));
}
