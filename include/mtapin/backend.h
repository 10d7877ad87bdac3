/* SPDX-License-Identifier: ISC */
/*
 * backend.h: the whole world of a backend. A backend is one `const struct mt_backend`, pure and
 * stateless: functions from bytes to structs. Built as a module it exports it as `mt_backend`.
 *
 * The ABI is unstable until 1.0: MT_ABI must match exactly.
 */
#ifndef MTAPIN_BACKEND_H
#define MTAPIN_BACKEND_H

#include <mtapin/log.h>
#include <mtapin/plan.h>

/* One mail for `show --to`. */
struct mt_mail {
	const char *to; /* recipient, user@domain */
	const char *from; /* sender; "" is the null sender; NULL not said */
};
struct mt_route {
	const struct mt_path *path; /* NULL: not known, see note */
	const char *next_hop; /* "" : MX of the recipient's domain */
	const char *note; /* "unknown: hash:/etc/postfix/transport"; "" */
	struct mt_because *chain; /* parameters and table lines that led there, in order */
	/* what tables of the host were not asked for yet; NULL-terminated, NULL: nothing. Collected with these
	 * queries more, the answer may be another one. */
	const char *const *ask;
};

/* Who regenerates this MTA's configuration, so that an edit would be lost (HOST-OWNER). */
struct mt_owner {
	/* as the collector's "owner" probe names it; also looked for in "managed by" comments */
	const char *id;
	const char *title;
	const char *knob; /* what to use instead */
};

/* Files that a backend wants to see; see mt_backend.wants. */
struct mt_wanted {
	void (*want)(struct mt_wanted *wanted, const char *path, bool contents);
};

struct mt_backend {
	unsigned abi; /* MT_ABI */
	const char *name; /* "postfix": --mta NAME */
	const char *title; /* "Postfix" */
	/* POSIX sh, for src/io/collector.sh: defines NAME_find (which files) and NAME_ask (probes) */
	const char *collector;
	const struct mt_finding_row *findings; /* id NULL ends it */
	const struct mt_owner *owners; /* id NULL ends it; may be NULL */
	/* id for connections that no path explains; NULL: never said */
	const char *observed_differs;

	/*
	 * The same as NAME_find, for a tree that is not running: call want() for every file that
	 * matters, given those read so far (called until nothing is new; at most 8 times). Without
	 * contents: only its metadata. NULL: the backend cannot read such a tree.
	 */
	void (*wants)(const struct mt_snapshot *snapshot, struct mt_wanted *wanted);

	/* What its log says. NULL: that is not read. */
	const struct mt_log_format *log;

	/* Append what is there to model->mtas (in the order the MTA lists them). NULL: only its log is read. */
	void (*detect)(struct mt_model *model, const struct mt_backend *self);
	/* Fill paths and listeners of one of them, append findings. There wherever detect is. */
	void (*examine)(struct mt_model *model, struct mt_mta *mta);
	/* Refuse what no plan can be made for: a file missing, unreadable, not accepted. May be NULL. */
	void (*plan_ready)(struct mt_plan *plan);
	/* Fill changes, locks, validators, action, daemon, or refuse. NULL: read-only backend. */
	void (*plan)(struct mt_plan *plan);
	/*
	 * Fill daemon and validators alone, as plan() does: for undo and recover, which run no program that
	 * only a journal names. There wherever plan is.
	 */
	void (*serve)(struct mt_plan *plan);
	/* Which path carries this mail. NULL: the backend cannot tell. */
	void (*route)(const struct mt_model *model, const struct mt_mta *mta,
		      const struct mt_mail *mail, struct mt_route *route);
};

/* The one symbol a module exports; linked into the program (--disable-modules) each has its own name. */
#ifdef MT_STATIC_BACKENDS
#define MT_BACKEND_SYMBOL(name) mt_backend_##name
#else
#define MT_BACKEND_SYMBOL(name) mt_backend
#endif

/* The owner the host shows; NULL: nobody. */
const struct mt_owner *mt_host_owner(const struct mt_host *host, const struct mt_backend *backend);
/* The owner named by a comment at the head of a file ("managed by Puppet"); *line is where. NULL: none. */
const struct mt_owner *mt_file_owner(struct mt_str file, const struct mt_backend *backend,
				     unsigned *line);

/* Found by the core when it looks up an id. */
const struct mt_finding_row *mt_finding_row(const struct mt_backend *const *backends,
					    const char *id);

#endif
