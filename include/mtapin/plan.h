/* SPDX-License-Identifier: ISC */
/*
 * plan.h: what the user wants (goal), and the change that gives it (plan): pure data. The diff is
 * printed from it and the apply engine executes it; neither knows an MTA by name.
 */
#ifndef MTAPIN_PLAN_H
#define MTAPIN_PLAN_H

#include <mtapin/model.h>

/* ---- goal ---- */
enum mt_pin { MT_PIN_KEEP, MT_PIN_ADDRESS, MT_PIN_OFF, MT_PIN_ANY };
struct mt_pin_goal {
	enum mt_pin pin;
	bool given; /* said by the user; false: the default of an option left out */
	struct mt_addr addr;
};
enum mt_method {
	MT_METHOD_AUTO,
	MT_METHOD_INET_INTERFACES,
	MT_METHOD_SMTP_BIND_ADDRESS,
	MT_METHOD_SERVICE,
	MT_METHOD_OUTGOINGIP,
	MT_METHOD_BINDROUTES,
	MT_METHOD_OUTGOINGIPS,
	MT_METHOD_DOMAINIPS,
	MT_METHODS
};
const char *mt_method_name(enum mt_method method);
bool mt_method_parse(const char *text, enum mt_method *method);

struct mt_goal {
	struct mt_pin_goal family[MT_FAMILIES];
	enum mt_method method;
	bool bare; /* the FAQ's one line and nothing else */
	const char *helo; /* NULL: leave */
	const char *const *paths; /* names; "all"; NULL-terminated; NULL: the backend's rule */
	/* ids of refusals that are overruled; NULL-terminated; may be NULL */
	const char *const *accept;
	bool restart; /* --restart: always restart */
	bool no_service; /* --no-service: touch no daemon */
	bool drop_in; /* --drop-in: the init tries again when an address comes late at a boot */
	bool observes; /* --observe: wait `observe` seconds for a connection from a pinned address */
	unsigned observe;
	const char *prove; /* --prove: let it connect for this recipient; NULL: no */
};
bool mt_goal_accepts(const struct mt_goal *goal, const char *id);

/* ---- edits and changes ---- */
/* Replace `length` bytes at `at` of the old contents (whole lines) by `text` (whole lines; the last
 * may lack LF only at the end of the file). Sorted, not overlapping. */
struct mt_edit {
	size_t at, length;
	struct mt_str text;
	struct mt_edit *next;
};

/* A text, another, and edits that make this of that; no edits: the same text. */
struct mt_rewrite {
	struct mt_str before, after;
	struct mt_edit *edits;
};

struct mt_change {
	const char *path; /* as the MTA names it; the engine resolves links */
	bool create; /* it was absent; `mode` and the owner are for this case */
	bool remove; /* it shall be absent: undo of `create` */
	bool folder; /* created: its folder is made too (0755) where it is absent, and goes with it */
	bool remode; /* it is there, and gets `mode` and the owner all the same */
	int mode;
	bool owned; /* created for `uid` and `gid`; false: for whoever runs this */
	long uid, gid;
	struct mt_str before, after; /* made once: by the backend, or by the edits */
	struct mt_edit *edits; /* the same as edits of `before` */
	char sha_before[65], sha_after[65]; /* hex */
	/* what it comes to: "smtp_bind_address=192.0.2.10", "relay:smtp_bind_address=" for an option of a service; a
	 * setting that is taken out is "NAME=(removed)"; NULL-terminated; NULL: not told */
	const char *const *settings;
	struct mt_str
		diff; /* finished, in place of the bytes: of a plan to look at; p NULL: mt_diff() makes it */
	struct mt_change *next;
};

/* ---- what happens to the daemon ---- */
enum mt_action { MT_ACTION_NONE, MT_ACTION_RELOAD, MT_ACTION_RESTART };
const char *mt_action_name(enum mt_action action);

#define MT_ARGV_MAX 12
struct mt_command_line {
	const char *argv
		[MT_ARGV_MAX]; /* absolute program; NULL-terminated; "@DIR@" inside a word is the private copy */
	struct mt_command_line *next;
};

/* How to find, drive and watch the daemon, as data. */
struct mt_daemon {
	const char *title; /* "postfix" in messages */
	const char *pid_file; /* as seen from the host; "" none */
	const char *program; /* last path component of /proc/PID/exe, "" any */
	/* without a pid file: the process of that program is looked for that works below here, "" anywhere; NULL: it
	 * is not looked for */
	const char *folder;
	unsigned watch; /* seconds for which the log is watched even if nothing is done to it */
	/* this many lines that hold `log_burst`, and none that holds `log_good`, mean failure too */
	unsigned burst;
	const char *log_burst, *log_good; /* NULL: none */
	/* an ALRM makes it do at once what it put off: once the files are in place; once the old ones are back */
	bool nudge, nudge_back;
	/* told to end by a TERM it first finishes what it does, for at most so many seconds: it is told alone, waited
	 * for, and never killed; 0: it ends at once */
	unsigned patience;
	const char *const *units; /* names to look for, the most specific first; NULL-terminated */
	struct mt_command_line start, stop, reload; /* the MTA's own; argv[0] NULL: has none */
	const char *const *log_bad; /* substrings of log lines that mean failure; NULL-terminated */
	const char *const *log_files; /* NULL-terminated */
	/* names of programs below the daemon whose connections, and those of their children, are outgoing mail;
	 * NULL-terminated; NULL: all */
	const char *const *senders;
};

/* A family that will no longer be used for sending is in will_bounce; listeners are per address of the
 * host (a wildcard is spelled out where the addresses are known). */
struct mt_impact {
	struct mt_listener *lost, *opened; /* by the model before and after */
	/* names of loopback paths whose source changes */
	struct mt_list loopback_paths;
	const char *const *will_bounce; /* clauses; NULL-terminated */
};

struct mt_alternative {
	enum mt_method method;
	const char *title; /* of a way that is none of our methods; NULL: it is one */
	const struct mt_recipe *command; /* to get it */
	struct mt_impact impact;
	const char *refused; /* why it cannot be had; NULL: it can */
	struct mt_alternative *next;
};

struct mt_refusal {
	const char *id; /* stable; "" when nothing can overrule it */
	const char *message; /* the reason and the way out */
	const char *where;
};

struct mt_plan {
	struct mt_arena *arena;
	const struct mt_model *model; /* the state it was made for */
	const struct mt_mta *mta;
	const struct mt_goal *goal;
	enum mt_method method; /* chosen; never AUTO when there is a change */
	struct mt_change *changes; /* in the order of their commits; undo reverses it */
	const char *const *locks; /* lock files to hold until committed; NULL-terminated */
	/* over a private copy of `validate_files` in one directory */
	struct mt_command_line *validators;
	/* paths copied beside each other, changed ones with new bytes */
	const char *const *validate_files;
	/* the backend says itself what a pin of one family does to the other */
	bool families_settled;
	/* what the model cannot show is accepted as written, by family (--accept) */
	bool on_trust[MT_FAMILIES];
	/* paths left alone because they have a working pin of their own */
	struct mt_list kept;
	enum mt_action action;
	bool restart_not_needed; /* the action is there because --restart asks for it */
	const char *action_why; /* "smtp_bind_address is read by each new smtp(8)" */
	struct mt_daemon daemon;
	/* makes it connect for the recipient "@ADDR@" and stop before there is a message; argv[0] NULL: it has no such
	 * thing, and no_proof says what it has instead */
	struct mt_command_line prove;
	const char *proof_note; /* what that does besides, a clause; "" nothing */
	const char *no_proof; /* a clause; NULL: nothing to say */
	struct mt_impact impact;
	/* expectation: the model of the edited snapshot; NULL when refused */
	const struct mt_model *after;
	struct mt_alternative *alternatives;
	const struct mt_refusal *refused; /* NULL: it can be applied */
	/* sentences for stderr: what is kept, what NAT means */
	struct mt_list remarks;
};

/* Append to a NULL-terminated list of texts (copied shallowly into the arena). */
void mt_list_add(struct mt_arena *arena, const char *const **list, const char *text);
bool mt_list_has(const char *const *list, const char *text); /* `list` may be NULL */
/* What will be done to the daemon, and why ("", a clause): what is planned for a running one, and nothing to one that is
 * stopped now, which stays so. */
enum mt_action mt_plan_action(const struct mt_plan *plan, const char **why);
/* Is this path one that a pin is for: to the internet, or named by the goal. */
bool mt_goal_wants(const struct mt_goal *goal, const struct mt_path *path);
/* Does this path give what the goal wants for the family (keep: always). */
bool mt_way_holds(const struct mt_pin_goal *goal, const struct mt_path *path,
		  enum mt_family family);
/* Does mail of this family leave by some such path today, or would it if the MTA worked. */
bool mt_mta_sends(const struct mt_model *model, const struct mt_mta *mta,
		  const struct mt_goal *goal, enum mt_family family);
/* Loopback, or an address of an interface that is up and usable; unknown addresses (--root) count as usable. */
bool mt_addr_usable(const struct mt_host *host, struct mt_addr addr);

/* Record the (first) refusal. */
void mt_plan_refuse(struct mt_plan *plan, const char *id, const char *where, const char *fmt, ...)
	MT_PRINTF(4, 5);
void mt_plan_remark(struct mt_plan *plan, const char *fmt, ...) MT_PRINTF(2, 3);
/* Change a file of the plan from `before` (its bytes now) to `after`, appended to the order of commits.
 * Equal bytes add nothing. */
void mt_plan_replace(struct mt_plan *plan, const char *path, struct mt_str before,
		     struct mt_str after);
/* The same by edits that make `after` of `before`. */
void mt_plan_edit(struct mt_plan *plan, const char *path, const struct mt_rewrite *rewrite);
/* Make a file that is absent, with mode 0644 and owner and group of `like` where they are known. */
struct mt_change *mt_plan_create(struct mt_plan *plan, const char *path, struct mt_str after,
				 const struct mt_item *like);
/* Replace the bytes of a file that is there. One of mode 0600 would not be read: it gets the mode and owner that a new
 * one would have. */
void mt_plan_put(struct mt_plan *plan, const char *path, const struct mt_item *item,
		 struct mt_str after, const struct mt_item *like);
/* Tell what the change of this file comes to; no change of it: nothing. */
void mt_plan_settings(struct mt_plan *plan, const char *path, const char *const *settings);
/* "NAME=VALUE", an element of such a list; `value` NULL: taken out. */
const char *mt_setting_text(struct mt_arena *arena, const char *name, const char *value);
/* Remove a file that holds `before`; undone, it gets its mode and owner back. */
void mt_plan_remove(struct mt_plan *plan, const char *path, struct mt_str before);

/*
 * Make a plan for one MTA: check the addresses of the goal, ask the backend, compute the result of
 * the edits, examine it again and compare: impact and expectation. Alternatives only if `others`.
 * Never NULL; refusing is a normal outcome.
 */
struct mt_plan *mt_plan(const struct mt_model *model, const struct mt_mta *mta,
			const struct mt_goal *goal, const struct mt_backend *const *backends,
			bool others);

/* How this MTA is found, driven and asked, without a goal or a change; NULL: its backend makes no plans. */
const struct mt_plan *mt_plan_service(struct mt_arena *arena, const struct mt_mta *mta);

/* The bytes after the edits. */
struct mt_str mt_edits_apply(struct mt_arena *arena, struct mt_str before,
			     const struct mt_edit *edits);
/* The edits, in whole lines, that lead from one text to the other: few and small. */
struct mt_edit *mt_edits_between(struct mt_arena *arena, struct mt_str before, struct mt_str after);
/* The same where edits are known that make `after` of `before`: they help where the texts are long. */
struct mt_edit *mt_edits_refined(struct mt_arena *arena, const struct mt_rewrite *rewrite);
/* The edits that take a change (its before, after and edits) out of `current`, where somebody may have edited since; false when one
 * of our lines was touched. Their text may point into change->before. */
bool mt_edits_reverse(struct mt_arena *arena, const struct mt_change *change, struct mt_str current,
		      struct mt_edit **reversed);
/* change->diff, or a unified diff as GNU `diff -u` prints it (three lines of context), with --- a/PATH +++ b/PATH. */
struct mt_str mt_diff(struct mt_arena *arena, const struct mt_change *change);
void mt_sha256_hex(struct mt_str bytes, char hex[65]);

#endif
