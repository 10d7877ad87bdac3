/* SPDX-License-Identifier: ISC */
/*
 * model.h: what the configuration means: from which address each way out leaves, by which line.
 * Everything lives in the snapshot's arena and is immutable once examined.
 */
#ifndef MTAPIN_MODEL_H
#define MTAPIN_MODEL_H

#include <mtapin/message.h>
#include <mtapin/method.h>
#include <mtapin/recipe.h>
#include <mtapin/snapshot.h>

#ifdef __cplusplus
extern "C" {
#endif

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
	MT_HOW_COMPUTED, /* by an expression that only the MTA can evaluate, for each mail */
};
enum mt_confidence { MT_CONFIDENCE_YES, MT_CONFIDENCE_ASSUMED, MT_CONFIDENCE_NO };
/* How one address is taken of several. */
enum mt_pick {
	MT_PICK_ONE, /* there is one */
	MT_PICK_FIRST, /* the first of the family */
	MT_PICK_ANY, /* in turn, or at random: any of them */
};
enum mt_severity { MT_NOTE, MT_WARNING, MT_ERROR };

const char *mt_kind_name(enum mt_kind kind);
const char *mt_how_name(enum mt_how how);
const char *mt_confidence_name(enum mt_confidence confidence);
const char *mt_pick_name(enum mt_pick pick); /* "one", "first", "any" */
const char *mt_severity_name(enum mt_severity severity);

/* What stands between what people edit and the line of a generated file that the MTA reads. */
struct mt_step {
	bool include; /* else a macro */
	const char *name; /* of the macro, or of the file that is included */
	const char *file; /* where it is defined or included */
	unsigned line;
	struct mt_step *next;
};

/* A link of the chain of reasons: a line of a file, as people edit it. */
struct mt_origin {
	const char *file;
	unsigned line; /* 1-based; 0: the file as a whole or a built-in default */
	const char *text; /* "name = value" as it stands, one line, escaped by the writers */
	/* the line of the generated file that this one makes and that the MTA reads; NULL: the MTA reads `file` itself */
	const char *generated;
	unsigned generated_line;
	const struct mt_step
		*via; /* macros and includes on the way, from the edited line on; NULL: none */
	bool fixed; /* no line to edit: a program, or another package, owns it */
	struct mt_origin *next;
};

/* ---- bindings ----------------------------------------------------------------------------------- */

/* By what a condition tells mails apart. Texts are compared without regard to the size of ASCII letters. */
enum mt_by {
	MT_BY_SENDER, /* "user@example.org"; "": the null sender */
	MT_BY_SENDER_DOMAIN, /* "example.org"; ".example.org": any name below it; "": none, that of the null sender */
	MT_BY_RECIPIENT,
	MT_BY_RECIPIENT_DOMAIN, /* as the sender's */
	MT_BY_NEXT_HOP, /* the host that is connected to: "192.0.2.1", "192.0.2.0/24", or its name, as a domain */
	MT_BY_CAME_IN, /* the address of this host that the mail came in by */
	MT_BY_OTHER, /* an expression of the MTA, as text: nobody else can tell */
	MT_BYS
};
const char *mt_by_name(enum mt_by by); /* "sender-domain" */

struct mt_condition {
	enum mt_by by;
	const char *value;
	const struct mt_condition *next; /* must hold too */
};
const struct mt_condition *mt_condition(struct mt_arena *arena, enum mt_by by, const char *value,
					const struct mt_condition *next);
/* "from example.org", "to 192.0.2.0/24 from a@b.example"; "" for NULL: always. */
const char *mt_condition_text(struct mt_arena *arena, const struct mt_condition *when);
bool mt_condition_same(const struct mt_condition *a, const struct mt_condition *b);

struct mt_binding {
	const struct mt_condition *when; /* all of them hold; NULL: always */
	enum mt_how how;
	struct mt_addr source; /* unset: none or not known; of several, the first */
	/* where it is one of several: all of this family, in the order in which they stand; NULL where there is one */
	enum mt_pick pick;
	const struct mt_addr *pool;
	size_t pool_count;
	enum mt_absent absent;
	enum mt_confidence confidence;
	const char *note; /* one clause: "kernel's choice: default route, eth0"; "" none */
	const char *helo; /* said over this family instead of the transport's; NULL: that */
	const struct mt_origin *origin;
	struct mt_binding *next; /* of conditional ones, in the order of precedence */
};
/* Does it bind to, or is it predicted to leave from, this address. */
bool mt_binding_uses(const struct mt_binding *binding, struct mt_addr addr);
/* Do both do the same: the same state, and where they bind, the same addresses. The kernel's choice may change with the
 * routes: only that it is the kernel's counts. */
bool mt_binding_same(const struct mt_binding *a, const struct mt_binding *b);

struct mt_transport {
	const char *name; /* the MTA's own name of the client service */
	enum mt_kind kind;
	const char *helo; /* "" not known */
	const char *next_hop; /* for relayhost and loopback: "host:port"; "" else */
	const char *feeds; /* which parameters and tables send mail here, "a, b"; "" none */
	struct mt_binding binding[MT_FAMILIES]; /* of mail that no condition meets */
	/* of mail that some condition meets: the first of them whose condition holds */
	struct mt_binding *conditional[MT_FAMILIES];
	struct mt_transport *next;
};

struct mt_mta;
/* The transport of an MTA that has the name of `like` and serves the same side, loopback or not; NULL: none. *from is where
 * the last one was found (NULL at first): two lists in the same order are compared in one pass. */
const struct mt_transport *mt_transport_like(const struct mt_mta *mta,
					     const struct mt_transport *like,
					     const struct mt_transport **from);

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
	/* those that this build and this host have; NULL-terminated; NULL: all of the backend's */
	const struct mt_method *const *methods;
	const struct mt_families *families; /* of this build; NULL: the backend's */
	const char *title; /* of this build: "IndiMail"; NULL: the backend's */
	/* why nothing can be said about it: a clause (without '%'); then nothing is planned or routed. NULL: it can */
	const char *unreadable;
	long uid; /* user of the delivering processes, -1 unknown */
	int64_t changed; /* latest modification of its configuration, seconds since the epoch; 0 unknown */
	struct mt_transport *transports;
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
	const struct mt_message *message; /* one sentence in plain words */
	const struct mt_origin *where; /* lines it is about; may be NULL */
	/* what to do about it: a deed in words (no command), or a command; both NULL: nothing */
	const struct mt_message *deed;
	const struct mt_recipe *command;
	const struct mt_mta *mta; /* NULL: the host */
	const char *
		option; /* an own option of its backend, without a value, that would mend it: "drop-in"; NULL: none */
	struct mt_finding *next;
};

/* The table behind `mtapin explain`: one row an id, severities live here and, but for mt_finding_raise(),
 * nowhere else. */
struct mt_finding_row {
	const char *id;
	enum mt_severity severity;
	const char *title; /* a clause */
	const char *explanation; /* paragraphs */
	bool accept; /* of a refusal: --accept ID overrules it */
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

/* IPv4 of this transport is pinned, and its mail over IPv6 leaves from an address that nothing pins: append the finding that
 * the rule of the MTA names. `where` may be NULL. */
void mt_model_find_leak(struct mt_model *model, const struct mt_mta *mta,
			const struct mt_transport *transport, const struct mt_origin *where);
/* Append a finding; its severity is looked up in the tables of the backends and the core (an unknown
 * id aborts: a programming error). `where`, `deed` may be NULL; a command is put into what is returned. */
struct mt_finding *mt_model_find(struct mt_model *model, const struct mt_mta *mta, const char *id,
				 const struct mt_origin *where, struct mt_message *deed,
				 const char *fmt, ...) MT_PRINTF(6, 7);
/* It is worse than its table says: put among those of that severity. */
void mt_finding_raise(struct mt_model *model, struct mt_finding *finding,
		      enum mt_severity severity);
/* Deed or command, as English text. */
const char *mt_finding_fix(struct mt_arena *arena, const struct mt_finding *finding);
struct mt_origin *mt_origin(struct mt_arena *arena, const char *file, unsigned line,
			    const char *text, struct mt_origin *next);

/* Append an MTA of which nothing is known but where it is; detect() does. */
struct mt_mta *mt_model_mta(struct mt_model *model, const struct mt_backend *self,
			    const char *instance);
/*
 * Its state, pid, start and network namespace from a probe that the collector's `process` made: absent, it is stopped. A pid
 * file outlives its process, and the number may be somebody else's by now: of another name (`comm` in /proc/PID/stat, 15
 * bytes at most) it is stopped as well.
 */
void mt_mta_process(struct mt_mta *mta, const struct mt_item *probe, const char *comm);
/* The MTA takes mail for it; one that is no FQDN, or that there is no room for, is left out. */
void mt_mta_domain(struct mt_model *model, struct mt_mta *mta, struct mt_str name);

/* detect and examine with every backend (NULL-terminated), sum up connections, add the host's findings. */
struct mt_model *mt_examine(const struct mt_snapshot *snapshot,
			    const struct mt_backend *const *backends);
/* Highest severity present; false when there is none. */
bool mt_model_worst(const struct mt_model *model, enum mt_severity *worst);

#ifdef __cplusplus
}
#endif

#endif
