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
#include <mtapin/redact.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One mail for `show --to`. */
struct mt_mail {
	const char *to; /* recipient, user@domain */
	const char *from; /* sender; "" is the null sender; NULL not said */
};
struct mt_route {
	const struct mt_transport *transport; /* NULL: not known, see note */
	const char *next_hop; /* "" : MX of the recipient's domain */
	struct mt_addr hop; /* its address; unset: not known, or in next_hop */
	/* said to that host, where it takes more than the binding to tell; NULL: see there */
	const char *helo[MT_FAMILIES];
	const char *note; /* "unknown: hash:/etc/postfix/transport"; "" */
	struct mt_origin *chain; /* parameters and table lines that led there, in order */
	/* what tables of the host were not asked for yet; NULL-terminated, NULL: nothing. Collected with these
	 * queries more, the answer may be another one. */
	const char *const *ask;
};

/*
 * Which way one mail takes: the backend says by which transport, the conditions of its bindings from which source. In
 * route->transport->binding[] is then what holds for this mail, and nothing is conditional. What is not said of the mail meets no
 * condition: without a sender, none that asks for one; and it was submitted on this host.
 */
void mt_route(const struct mt_model *model, const struct mt_mta *mta, const struct mt_mail *mail,
	      struct mt_route *route);

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
	/* the contents of all files of a folder whose names end so: those that a shell finds by FOLDER/[!.]*ENDING */
	void (*want_in)(struct mt_wanted *wanted, const char *folder, const char *ending);
};

#define MT_FILES_MAX 40

struct mt_backend {
	unsigned abi; /* MT_ABI */
	const char *name; /* "postfix": --mta NAME */
	const char *title; /* "Postfix" */
	/* POSIX sh, for src/io/collect/collector.sh: defines NAME_find (which files) and NAME_ask (probes) */
	const char *collector;
	const struct mt_finding_row *findings; /* id NULL ends it */
	const struct mt_owner *owners; /* id NULL ends it; may be NULL */
	/* what of its items may leave a host; items NULL ends it. NULL: of none the contents */
	const struct mt_redaction *redactions;
	/* more than mt_redact_secret_names: parts of names, in lower case, separated by blanks; may be NULL */
	const char *secret_names;
	/* files of one instance that are collected; 0: MT_FILES_MAX. At most 400, where a configuration is a folder of
	 * many. The limits in bytes are the same for all: snapshot.h */
	unsigned files_max;
	const struct mt_method *methods; /* name NULL ends it; NULL where plan is */
	const struct mt_own_option *options; /* of those methods; name NULL ends it; may be NULL */
	/* NULL: a pin of one family leaks the other, and mail bounces where a family is off */
	const struct mt_families *families;
	/* id for connections that no transport explains; NULL: never said */
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
	/* Fill transports and listeners of one of them, append findings. There wherever detect is. */
	void (*examine)(struct mt_model *model, struct mt_mta *mta);
	/*
	 * Refuse what no plan can be made for: a file missing, unreadable, not accepted. Where `auto` would take a method
	 * with a rule of its own, put that rule into plan->families. May be NULL.
	 */
	void (*plan_ready)(struct mt_plan *plan);
	/* Add to plan->alternatives what mt_families.ways names, for this family's address. NULL: no commands. */
	void (*ways_out)(struct mt_plan *plan, enum mt_family family);
	/* Fill changes, locks, validators, builds, action, daemon, or refuse. NULL: read-only backend. */
	void (*plan)(struct mt_plan *plan);
	/*
	 * Fill daemon, validators and builds alone, as plan() does: for undo and recover, which run no program that
	 * only a journal names. There wherever plan is.
	 */
	void (*serve)(struct mt_plan *plan);
	/*
	 * Which transport carries this mail, with the bindings as they are for its next hop: mt_route() chooses among
	 * them. NULL: the backend cannot tell.
	 */
	void (*route)(const struct mt_model *model, const struct mt_mta *mta,
		      const struct mt_mail *mail, struct mt_route *route);
};

/* The one symbol a module exports; linked into the program (--disable-modules) each has its own name. */
#ifdef MT_STATIC_BACKENDS
#define MT_BACKEND_SYMBOL(name) mt_backend_##name
#else
#define MT_BACKEND_SYMBOL(name) mt_backend
#endif

/*
 * A line of an item for people, as in mt_origin(): `text` without what is secret in it by the rows of the backend, a
 * '*' for each byte. Of findings' messages and origins this is all that is done: a backend quotes no value but of a
 * name that its rows list. backend NULL: by the rules for all.
 */
const char *mt_redact_text(struct mt_arena *arena, const struct mt_backend *backend,
			   const char *item, const char *text);

/* The owner the host shows; NULL: nobody. */
const struct mt_owner *mt_host_owner(const struct mt_host *host, const struct mt_backend *backend);
/* The owner named by a comment at the head of a file ("managed by Puppet"); *line is where. NULL: none. */
const struct mt_owner *mt_file_owner(struct mt_str file, const struct mt_backend *backend,
				     unsigned *line);

/* Found by the core when it looks up an id. */
const struct mt_finding_row *mt_finding_row(const struct mt_backend *const *backends,
					    const char *id);

#ifdef __cplusplus
}
#endif

#endif
