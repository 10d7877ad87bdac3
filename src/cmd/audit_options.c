/* SPDX-License-Identifier: ISC */
/* audit_options.c: from options to hosts, transport and folders; nobody is asked yet. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/audit.h"
#include "io/fs.h"
#include "io/store.h"
#include "io/transport.h"

#define LIST_MAX ((size_t)16 << 20) /* bytes of a file of hosts */
#define SCRATCH	 (4 * LIST_MAX)

struct preparing {
	struct mt_audit *audit;
	const struct mt_options *options;
	struct mt_arena *scratch; /* of the files that are read */
	const char *standard; /* the option that reads standard input; NULL: none so far */
	struct mt_error *error;
};

static int usage(struct preparing *p, const char *option, const char *reason)
{
	return mt_fail(p->error, MT_EXIT_USAGE, option, "%s", reason);
}

/* ---- hosts ---- */

static int open_list(struct preparing *p, const char *option, const char *file)
{
	if (strcmp(file, "-") != 0) {
		int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			mt_fail(p->error, MT_EXIT_USAGE, file, "cannot be read: %s",
				strerror(errno));
		return fd;
	}
	if (p->standard)
		return mt_fail(p->error, MT_EXIT_USAGE, option,
			       "standard input is read by %s already", p->standard);
	p->standard = option;
	return STDIN_FILENO;
}

typedef int (*reader)(struct mt_hosts *, struct mt_str, const char *, struct mt_error *);

static int read_list(struct preparing *p, const char *option, const char *file, reader read)
{
	struct mt_str text;
	int fd = open_list(p, option, file);
	if (fd < 0)
		return -1;
	int failed = mt_read_all(p->scratch, fd, LIST_MAX, &text), why = errno;
	if (fd != STDIN_FILENO)
		close(fd);
	if (failed)
		return mt_fail(p->error, MT_EXIT_USAGE, file, "cannot be read: %s",
			       why == EFBIG ? "it is larger than 16 MiB" : strerror(why));
	failed = read(p->audit->hosts, text, file, p->error);
	mt_arena_reset(p->scratch);
	return failed;
}

static int add_hosts(struct preparing *p)
{
	const struct mt_options *o = p->options;
	for (unsigned i = 0; i < o->hosts.count; i++) {
		const char *list = o->hosts.word[i];
		int failed = strcmp(list, "-") == 0 ? read_list(p, "-w", "-", mt_hosts_add_file)
						    : mt_hosts_add(p->audit->hosts, mt_str_of(list),
								   "-w", p->error);
		if (failed)
			return -1;
	}
	for (unsigned i = 0; i < o->hostfile.count; i++)
		if (read_list(p, "--hostfile", o->hostfile.word[i], mt_hosts_add_file) != 0)
			return -1;
	return 0;
}

static int add_stored(struct preparing *p)
{
	const char **names, *folder = p->options->bundles;
	size_t count;
	p->audit->stored = folder;
	if (mt_store_list(p->scratch, folder, &names, &count, p->error) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!mt_hosts_put(p->audit->hosts, names[i]))
			return mt_fail(p->error, MT_EXIT_USAGE, folder,
				       "holds more than %d bundles", MT_HOSTS_MAX);
	mt_arena_reset(p->scratch);
	return 0;
}

static int narrow(struct preparing *p)
{
	const struct mt_options *o = p->options;
	struct mt_hosts *hosts = p->audit->hosts;
	for (unsigned i = 0; i < o->exclude.count; i++)
		if (mt_hosts_exclude(hosts, mt_str_of(o->exclude.word[i]), "-x", p->error) != 0)
			return -1;
	if (o->expect && read_list(p, "--expect", o->expect, mt_hosts_expect) != 0)
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
	audit->fleet.fanout = 32;
	audit->transport.connect_s = 10;
	audit->transport.total_s = 60;
	return number(p, "-f", p->options->fanout, MT_FANOUT_MAX, &audit->fleet.fanout) != 0 ||
			       number(p, "-t", p->options->connect_timeout, 3600,
				      &audit->transport.connect_s) != 0 ||
			       number(p, "-u", p->options->timeout, 86400,
				      &audit->transport.total_s) != 0
		       ? -1
		       : 0;
}

static int transport(struct preparing *p)
{
	const struct mt_options *o = p->options;
	struct mt_transport *t = &p->audit->transport;
	t->env = p->audit->context->environment;
	t->sudo = o->sudo;
	if (o->via && o->ssh_option.count)
		return usage(p, "--ssh-option", "cannot be had together with --via");
	for (unsigned i = 0; i < o->ssh_option.count; i++)
		if (mt_ssh_option_check(o->ssh_option.word[i], p->error) != 0)
			return -1;
	t->ssh_options = o->ssh_option.word;
	return o->via ? mt_via_split(p->audit->context->arena, o->via, &t->via, p->error) : 0;
}

static int form(struct preparing *p)
{
	const struct mt_options *o = p->options;
	if (o->json + o->jsonl + o->nagios > 1)
		return usage(p, "audit", "only one of --json, --jsonl and --nagios can be had");
	p->audit->form = o->json     ? MT_AUDIT_JSON
			 : o->jsonl  ? MT_AUDIT_JSONL
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

static int open_save(struct preparing *p)
{
	p->audit->save = p->options->save;
	return p->audit->save ? mt_store_open(p->audit->save, &p->audit->save_fd, p->error) : 0;
}

/* Pipes for as many children as there may be. */
static void raise_descriptors(unsigned fanout)
{
	struct rlimit limit;
	rlim_t need = 64 + 4 * (rlim_t)fanout;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
		return;
	limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int prepare(struct preparing *p)
{
	if (combination(p) != 0 || form(p) != 0 || numbers(p) != 0 || transport(p) != 0)
		return -1;
	if ((p->options->bundles ? add_stored(p) : add_hosts(p)) != 0 || narrow(p) != 0)
		return -1;
	raise_descriptors(p->audit->fleet.fanout);
	return open_save(p);
}

int mt_audit_prepare(struct mt_audit *audit, struct mt_error *error)
{
	struct preparing p = {
		.audit = audit,
		.options = &audit->context->options,
		.scratch = mt_arena_new(SCRATCH),
		.error = error,
	};
	audit->hosts = mt_hosts_new(audit->context->arena);
	int result = prepare(&p);
	mt_arena_free(p.scratch);
	return result;
}
