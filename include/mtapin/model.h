/* SPDX-License-Identifier: ISC */
/*
 * model.h: what the configuration means: from which address each way out leaves, by which line.
 * Everything lives in the snapshot's arena and is immutable once examined.
 */
#ifndef MTAPIN_MODEL_H
#define MTAPIN_MODEL_H

#include <mtapin/recipe.h>
#include <mtapin/snapshot.h>

struct mt_backend;

enum mt_kind {
	MT_KIND_INTERNET, /* to the MX of whatever domain */
	MT_KIND_RELAYHOST, /* to one named relay: the world sees the relay's address */
	MT_KIND_LOOPBACK, /* to this host: content filter, LMTP over loopback */
	MT_KIND_LOCAL, /* no IP connection: a UNIX socket */
	MT_KIND_UNUSED, /* no table or default sends mail to it */
	MT_KIND_UNKNOWN,
};
enum mt_how {
	MT_HOW_ADDRESS, /* bound to `source` */
	MT_HOW_KERNEL, /* nothing decides: the kernel chooses; `source` is the prediction */
	MT_HOW_DEFERRED, /* a bad pin: mail of this family waits */
	MT_HOW_OFF, /* this family is not used for sending */
	MT_HOW_BROKEN, /* the service, or the whole MTA, dies */
	MT_HOW_UNKNOWN,
};
enum mt_sure { MT_SURE_YES, MT_SURE_ASSUMED, MT_SURE_NO };
enum mt_severity { MT_NOTE, MT_WARNING, MT_ERROR };

const char *mt_kind_name(enum mt_kind kind);
const char *mt_how_name(enum mt_how how);
const char *mt_sure_name(enum mt_sure sure);
const char *mt_severity_name(enum mt_severity severity);

/* A link of the chain of reasons: a line of a file. */
struct mt_because {
	const char *file;
	unsigned line; /* 1-based; 0: the file as a whole or a built-in default */
	const char *text; /* "name = value" as it stands, one line, escaped by the writers */
	struct mt_because *next;
};

struct mt_way {
	enum mt_how how;
	struct mt_addr source; /* unset: none or not known */
	enum mt_sure sure;
	const char *note; /* one clause: "kernel's choice: default route, eth0"; "" none */
	const char *helo; /* said over this family instead of the path's; NULL: that */
	const struct mt_because *because;
};

struct mt_path {
	const char *name; /* the MTA's own name of the client service */
	enum mt_kind kind;
	const char *helo; /* "" not known */
	const char *next_hop; /* for relayhost and loopback: "host:port"; "" else */
	const char *feeds; /* which parameters and tables send mail here, "a, b"; "" none */
	struct mt_way way[MT_FAMILIES];
	struct mt_path *next;
};

struct mt_mta;
/* The path of an MTA that has the name of `like` and serves the same side, loopback or not; NULL: none. *from is where
 * the last one was found (NULL at first): two lists in the same order are compared in one pass. */
const struct mt_path *mt_path_like(const struct mt_mta *mta, const struct mt_path *like,
				   const struct mt_path **from);

struct mt_listener {
	struct mt_addr addr; /* the any-address: all of the family */
	unsigned port;
	const char *service;
	const char *file;
	unsigned line;
	struct mt_listener *next;
};

unsigned mt_listener_count(const struct mt_listener *list);

enum mt_state { MT_STATE_UNKNOWN, MT_STATE_STOPPED, MT_STATE_RUNNING };
const char *mt_state_name(enum mt_state state);

#define MT_DOMAINS_MAX 50
struct mt_mta {
	const struct mt_backend *backend;
	const char *instance; /* what --mta NAME:INSTANCE takes: configuration directory */
	const char *version; /* "" unknown */
	const char *helo;
	enum mt_state state;
	bool open; /* it hangs on a name that was not resolved: it may be broken as a whole */
	bool other_netns; /* it runs in a network namespace that is not ours: host facts are not its own */
	int64_t pid, start; /* start: clock ticks since boot; 0 unknown */
	const char *unreadable; /* why nothing can be said about it: a clause; NULL: it can */
	long uid; /* user of the delivering processes, -1 unknown */
	int64_t changed; /* latest modification of its configuration, seconds since the epoch; 0 unknown */
	struct mt_path *paths;
	struct mt_listener *listeners;
	const char *domain; /* of the addresses that local users send from; NULL not known */
	/* names that it takes mail for, as written (no tables, no patterns), MT_DOMAINS_MAX at most;
	 * NULL-terminated; NULL: none */
	const char *const *domains;
	const void *priv; /* the backend's own */
	struct mt_mta *next;
};

/* What --mta takes for it: "postfix:/etc/postfix". */
const char *mt_mta_word(struct mt_arena *arena, const struct mt_mta *mta);

struct mt_finding {
	const char *id; /* "PF-IPV6-LEAK" */
	enum mt_severity severity;
	const char *message; /* one sentence in plain words */
	const struct mt_because *where; /* lines it is about; may be NULL */
	/* what to do about it: a deed in words (no command), or a command; "" and NULL: nothing */
	const char *deed;
	const struct mt_recipe *command;
	const struct mt_mta *mta; /* NULL: the host */
	bool drop_in; /* mt_goal.drop_in would mend it */
	struct mt_finding *next;
};

/* The table behind `mtapin explain`: one row an id, severities live here and, but for mt_finding_raise(),
 * nowhere else. */
struct mt_finding_row {
	const char *id;
	enum mt_severity severity;
	const char *title; /* a clause */
	const char *explanation; /* paragraphs */
};

/* Connections seen, summed per local address and remote port. */
struct mt_observed {
	struct mt_addr source;
	unsigned port;
	unsigned connections;
	bool ours; /* owned by the user of an MTA that was found */
	struct mt_observed *next;
};

struct mt_model {
	struct mt_arena *arena;
	const struct mt_snapshot *snapshot;
	const struct mt_backend *const *backends; /* NULL-terminated: where ids are looked up */
	struct mt_mta *mtas;
	struct mt_finding *findings; /* errors first, then warnings, then notes */
	struct mt_finding *last[3]; /* of each severity */
	struct mt_observed *observed;
};

/* Append a finding; its severity is looked up in the tables of the backends and the core (an unknown
 * id aborts: a programming error). `where`, `deed` may be NULL; a command is put into what is returned. */
struct mt_finding *mt_model_find(struct mt_model *model, const struct mt_mta *mta, const char *id,
				 const struct mt_because *where, const char *deed, const char *fmt,
				 ...) MT_PRINTF(6, 7);
/* It is worse than its table says: put among those of that severity. */
void mt_finding_raise(struct mt_model *model, struct mt_finding *finding,
		      enum mt_severity severity);
/* Deed or command, as text. */
const char *mt_finding_fix(struct mt_arena *arena, const struct mt_finding *finding);
struct mt_because *mt_because(struct mt_arena *arena, const char *file, unsigned line,
			      const char *text, struct mt_because *next);

/* The MTA takes mail for it; one that is no FQDN, or that there is no room for, is left out. */
void mt_mta_domain(struct mt_model *model, struct mt_mta *mta, struct mt_str name);

/* detect and examine with every backend (NULL-terminated), sum up connections, add the host's findings. */
struct mt_model *mt_examine(const struct mt_snapshot *snapshot,
			    const struct mt_backend *const *backends);
/* Highest severity present; false when there is none. */
bool mt_model_worst(const struct mt_model *model, enum mt_severity *worst);

#endif
