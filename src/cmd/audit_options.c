/* SPDX-License-Identifier: ISC */
/* audit_options.c: from options to hosts, transport and folders; nobody is asked yet. */
#include <string.h>

#include "app/audit_hosts.h"
#include "cmd/audit.h"
#include "io/fleet/ssh.h"

struct preparing {
	struct mt_auditing *auditing;
	struct mt_audit *audit; /* of that */
	const struct mt_options *options;
	struct mt_audit_hosts in;
	struct mt_error *error;
};

static int usage(struct preparing *p, const char *option, const char *reason)
{
	return mt_fail(p->error, MT_EXIT_USAGE, option, "%s", reason);
}

/* ---- hosts ---- */

static int add_hosts(struct preparing *p)
{
	const struct mt_options *o = p->options;
	for (unsigned i = 0; i < o->hosts.count; i++) {
		const char *list = o->hosts.word[i];
		int failed =
			strcmp(list, "-") == 0
				? mt_audit_hosts_read(&p->in, "-w", "-", mt_hosts_add_file,
						      p->error)
				: mt_hosts_add(p->audit->hosts, mt_str_of(list), "-w", p->error);
		if (failed)
			return -1;
	}
	for (unsigned i = 0; i < o->hostfile.count; i++)
		if (mt_audit_hosts_read(&p->in, "--hostfile", o->hostfile.word[i],
					mt_hosts_add_file, p->error) != 0)
			return -1;
	return 0;
}

static int narrow(struct preparing *p)
{
	const struct mt_options *o = p->options;
	struct mt_hosts *hosts = p->audit->hosts;
	for (unsigned i = 0; i < o->exclude.count; i++)
		if (mt_hosts_exclude(hosts, mt_str_of(o->exclude.word[i]), "-x", p->error) != 0)
			return -1;
	if (o->expect &&
	    mt_audit_hosts_read(&p->in, "--expect", o->expect, mt_hosts_expect, p->error) != 0)
		return -1;
	if (hosts->count)
		return 0;
	return usage(p, o->bundles ? o->bundles : "audit",
		     o->bundles ? "holds no bundle"
				: "no host is named: -w HOSTS or --hostfile FILE");
}

/* ---- the rest ---- */

static int number(struct preparing *p, const char *option, const char *text, unsigned max,
		  unsigned *value)
{
	unsigned long n = *value;
	if (text && (!mt_str_number(mt_str_of(text), max, &n) || n == 0))
		return mt_fail(p->error, MT_EXIT_USAGE, option,
			       "\"%s\" is not a number from 1 to %u", text, max);
	*value = (unsigned)n;
	return 0;
}

static int numbers(struct preparing *p)
{
	struct mt_audit *audit = p->audit;
	audit->fanout = 32;
	audit->ssh.connect_s = 10;
	audit->ssh.total_s = 60;
	return number(p, "-f", p->options->fanout, MT_FANOUT_MAX, &audit->fanout) != 0 ||
			       number(p, "-t", p->options->connect_timeout, 3600,
				      &audit->ssh.connect_s) != 0 ||
			       number(p, "-u", p->options->timeout, 86400, &audit->ssh.total_s) != 0
		       ? -1
		       : 0;
}

static int transport(struct preparing *p)
{
	const struct mt_options *o = p->options;
	struct mt_ssh *t = &p->audit->ssh;
	t->env = p->auditing->context->environment;
	t->sudo = o->sudo;
	if (o->via && o->ssh_option.count)
		return usage(p, "--ssh-option", "cannot be had together with --via");
	for (unsigned i = 0; i < o->ssh_option.count; i++)
		if (mt_ssh_option_check(o->ssh_option.word[i], p->error) != 0)
			return -1;
	t->ssh_options = o->ssh_option.word;
	return o->via ? mt_via_split(p->auditing->context->arena, o->via, &t->via, p->error) : 0;
}

static int form(struct preparing *p)
{
	const struct mt_options *o = p->options;
	if (o->json + o->jsonl + o->nagios > 1)
		return usage(p, "audit", "only one of --json, --jsonl and --nagios can be had");
	p->auditing->form = o->json	? MT_AUDIT_JSON
			    : o->jsonl	? MT_AUDIT_JSONL
			    : o->nagios ? MT_AUDIT_NAGIOS
					: MT_AUDIT_TEXT;
	return 0;
}

static int combination(struct preparing *p)
{
	const struct mt_options *o = p->options;
	bool live = o->hosts.count || o->hostfile.count;
	if (o->bundles && (live || o->save || o->via || o->sudo || o->ssh_option.count))
		return usage(p, "--bundles",
			     "asks no host: it stands without -w, --hostfile, --save, "
			     "--via, --sudo and --ssh-option");
	return 0;
}

static int prepare_audit(struct preparing *p)
{
	if (combination(p) != 0 || form(p) != 0 || numbers(p) != 0 || transport(p) != 0)
		return -1;
	if ((p->options->bundles ? mt_audit_hosts_stored(&p->in, p->options->bundles, p->error)
				 : add_hosts(p)) != 0 ||
	    narrow(p) != 0)
		return -1;
	p->audit->dns = p->options->dns;
	p->audit->stored = p->options->bundles;
	p->audit->save = p->options->save;
	return 0;
}

int mt_audit_prepare(struct mt_auditing *auditing, struct mt_error *error)
{
	struct preparing p = {
		.auditing = auditing,
		.audit = &auditing->audit,
		.options = &auditing->context->options,
		.in = {.scratch = mt_arena_new(MT_HOSTS_SCRATCH)},
		.error = error,
	};
	p.in.hosts = p.audit->hosts = mt_hosts_new(auditing->context->arena);
	int result = prepare_audit(&p);
	mt_arena_free(p.in.scratch);
	return result;
}
