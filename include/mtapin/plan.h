/* SPDX-License-Identifier: ISC */
/*
 * plan.h: what the user wants (goal), and the change that gives it (plan): pure data. The diff is
 * printed from it and the apply engine executes it; neither knows an MTA by name.
 */
#ifndef MTAPIN_PLAN_H
#define MTAPIN_PLAN_H

#include <mtapin/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- goal ---- */
enum mt_pin { MT_PIN_KEEP, MT_PIN_ADDRESS, MT_PIN_OFF, MT_PIN_ANY };
struct mt_pin_goal {
	enum mt_pin pin;
	bool given; /* said by the user; false: the default of an option left out */
	struct mt_addr addr;
};
/* An option that is a backend's own, as it was said. */
struct mt_own_value {
	const char *name; /* "bare" */
	const char *value; /* "" of one that takes none */
};

struct mt_goal {
	struct mt_pin_goal family[MT_FAMILIES];
	const char *method; /* its name; NULL: auto */
	const struct mt_own_value *own; /* name NULL ends it; may be NULL */
	const char *helo; /* NULL: leave */
	const char *const *paths; /* names; "all"; NULL-terminated; NULL: the backend's rule */
	/* ids of refusals that are overruled; NULL-terminated; may be NULL */
	const char *const *accept;
	bool restart; /* --restart: always restart */
	bool no_service; /* --no-service: touch no daemon */
	bool observes; /* --observe: wait `observe` seconds for a connection from a pinned address */
	unsigned observe;
	const char *prove; /* --prove: let it connect for this recipient; NULL: no */
};
/* The value that was said for the own option, "" without one; NULL: it was not said. */
const char *mt_goal_own(const struct mt_goal *goal, const char *name);
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
	/* it is not edited: this makes it of others (mt_build.title), and `after` is only what it is expected to mean */
	const char *made_by;
	struct mt_str
		diff; /* finished, in place of the bytes: of a plan to look at; p NULL: mt_diff() makes it */
	struct mt_change *next;
};

/* ---- what happens to the daemon ---- */
enum mt_action { MT_ACTION_NONE, MT_ACTION_RELOAD, MT_ACTION_RESTART };
const char *mt_action_name(enum mt_action action);

#define MT_ARGV_MAX 12
struct mt_command_line {
	const char *argv[MT_ARGV_MAX]; /* absolute program; NULL-terminated */
	/* what it writes to besides, whoever calls it: "/var/log/x/paniclog, where it refuses a file"; NULL: nothing */
	const char *touches;
	struct mt_command_line *next;
};

/* ---- files that are made of others ---- */
/*
 * A program that makes files of others: "update-exim4.conf", "m4 sendmail.mc". What it makes is configuration like what is
 * edited: it runs with --no-service too, and the files are backed up, compared and restored. Each is a change of the plan
 * (mt_plan_made).
 *
 * Before anything is written it runs over private copies of what it reads: of the files as they are, which must give what is
 * there now (else edits of somebody else, not yet made live, would go live with ours: refused with the id `stale`), and of the
 * edited ones, which must mean what was planned. At COMMIT mtapin puts what came out in place; or, with `live`, that runs behind
 * COMMIT and must make the same bytes, else all is rolled back. undo does the same. Rollback and recover run nothing, and put
 * back the bytes that the journal keeps.
 *
 * In a tree that does not run (--root) the sources alone are edited, and `offline` says what comes of that. There the backend
 * reads them where what is made is older, or a second run would not see what the first one did.
 */
struct mt_build {
	const char *title; /* in messages, and for a person to run: "update-exim4.conf" */
	/* files, and folders with all that is in them; what is absent is left out; a link to a file is copied as that file, one
	 * to a folder inside a folder is left out: name it too; NULL-terminated */
	const char *const *reads;
	const char *const *makes; /* NULL-terminated; one alone where it is the output */
	/* the program in a private copy, which is its working folder: "@DIR@" inside a word is the folder that stands for / */
	struct mt_command_line trial;
	bool prints; /* what it makes is its standard output; false: it writes below "@DIR@" */
	/* it knows no other place than its own: run where the copies of the folders that it reads, and of those that it writes in,
	 * stand in for them (a mount namespace); a file of `reads` must lie in one of these folders, or the real one is read */
	bool mounted;
	/* as this user, who has no right but to read what everybody may: for a program that executes what the files say; NULL: as
	 * whoever runs mtapin */
	const char *user;
	struct mt_command_line live; /* in place; argv[0] NULL: mtapin puts the files in place */
	/* how lines begin that are others in every run (a date): no difference; NULL-terminated; not with `live` */
	const char *const *varying;
	const char *stale; /* id of the refusal; NULL: it cannot be overruled */
	const char *offline; /* "the daemon's start script runs update-exim4.conf" */
	unsigned seconds; /* for each run; 0: 60 */
	struct mt_build *next;
};

/*
 * How a daemon comes to use the new files. Done is what is seen of its process and of its log; an exit status is never believed.
 *
 *	by		what is done			what lies about it (measured)
 *	MT_DRIVE_INIT	by whoever is in charge: a	`systemctl restart` of a one-shot unit, `sv restart` of one that
 *			supervisor, the host's init;	ends at once, scripts in /etc/init.d: exit status 0 and nothing
 *			else by its own command		runs
 *	MT_DRIVE_OWN	by its own command, whoever	`smtpctl update table`: 0, whatever is in the table
 *			is in charge
 *	MT_DRIVE_SIGNAL	by a signal to it alone		kill(2): 0, and it dies of it
 *	MT_DRIVE_REEXEC	the same, and another process	the same; and the pid file goes on naming the old one
 *			takes its place
 *	MT_DRIVE_WAIT	told to end (TERM, to it	an init that waits less long kills it in the middle of its work
 *			alone) it finishes its work; is
 *			waited for, never killed; then
 *			started
 *
 * Proved it is, after a reload, by the same process, and after a restart, and MT_DRIVE_REEXEC, by one that was started later: there
 * at once and two seconds later; and by `proof`. A daemon that needs nothing has the action MT_ACTION_NONE.
 */
enum mt_drive_by {
	MT_DRIVE_INIT,
	MT_DRIVE_OWN,
	MT_DRIVE_SIGNAL, /* reload */
	MT_DRIVE_REEXEC,
	MT_DRIVE_WAIT, /* restart */
	MT_DRIVES
};
struct mt_drive {
	enum mt_drive_by by;
	struct mt_command_line
		command; /* its own; argv[0] NULL: it has none (a restart by init: start and stop) */
	int signal; /* signal(7) */
	unsigned
		seconds; /* for which its end, or the other process, is waited for; 0: as for all (service_timeout) */
	/* its own word: what the command prints, or a line of its log holds, from then on; NULL: it has none */
	const char *proof;
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
	/* what stands before the name, up to a colon, of a delivery that begins: "starting delivery "; a good line holds
	 * the last word of it and the name, too: "delivery 7:". One that did not begin since was under way before the
	 * change and says nothing of it. NULL: each counts */
	const char *log_begun;
	/* an ALRM makes it do at once what it put off: once the files are in place; once the old ones are back */
	bool retry, retry_back;
	const char *const *units; /* names to look for, the most specific first; NULL-terminated */
	struct mt_command_line start, stop; /* the MTA's own; argv[0] NULL: has none */
	struct mt_drive reload, restart;
	unsigned listens_within; /* seconds after which it must listen again; 0: 5 */
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
	/* names of loopback transports whose source changes */
	struct mt_list loopback_transports;
	struct mt_message *will_bounce; /* clauses */
	struct mt_message *will_wait; /* the same of mail that stays in the queue */
};

struct mt_alternative {
	const struct mt_method *method; /* NULL: a way that is none, see title */
	struct mt_message *title; /* NULL: it is a method */
	const struct mt_recipe *command; /* to get it */
	struct mt_impact impact;
	const struct mt_message *refused; /* why it cannot be had; NULL: it can */
	struct mt_alternative *next;
};

struct mt_refusal {
	const char *id; /* of a row of `mtapin explain` */
	bool accept; /* --accept overrules it; else nothing does */
	const struct mt_message *message; /* the reason and the way out */
	const char *where;
};

struct mt_plan {
	struct mt_arena *arena;
	const struct mt_model *model; /* the state it was made for */
	const struct mt_mta *mta;
	const struct mt_goal *goal;
	/* the one that the goal names, of this backend; else the one that was taken: never NULL when there is a change */
	const struct mt_method *method;
	const char *asked; /* what the goal names, whoever has it; NULL: auto */
	struct mt_change *changes; /* in the order of their commits; undo reverses it */
	const char *const *locks; /* lock files to hold until committed; NULL-terminated */
	/* over a private copy of `validate_files`: "@DIR@" inside a word is the folder that stands for / there */
	struct mt_command_line *validators;
	/* files, and folders with all that is in them: each is copied at its own path, changed ones with new bytes */
	const char *const *validate_files;
	struct mt_build
		*builds; /* in the order in which they run; NULL: nothing is made of others */
	/* what a pin of this family does to the other, by the method that the goal names or that `auto` would take */
	const struct mt_families *families[MT_FAMILIES];
	bool stopped[MT_FAMILIES]; /* accepted: mail over it stops with the pin of the other one */
	bool moves_loopback; /* the goal wants even what changes the source of a loopback transport (--bare) */
	/* what the model cannot show is accepted as written, by family (--accept) */
	bool on_trust[MT_FAMILIES];
	/* transports left alone because they have a working pin of their own */
	struct mt_list kept;
	enum mt_action action;
	bool restart_not_needed; /* the action is there because --restart asks for it */
	struct mt_message *action_why; /* "smtp_bind_address is read by each new smtp(8)" */
	struct mt_daemon daemon;
	/* makes it connect for the recipient "@ADDR@" and stop before there is a message; argv[0] NULL: it has no such
	 * thing, and no_proof says what it has instead */
	struct mt_command_line prove;
	const struct mt_message *proof_note; /* what that does besides, a clause; NULL: nothing */
	const char *no_proof; /* a clause; NULL: nothing to say */
	struct mt_impact impact;
	/* expectation: the model of the edited snapshot; NULL when refused */
	const struct mt_model *after;
	struct mt_alternative *alternatives;
	const struct mt_refusal *refused; /* NULL: it can be applied */
	/* sentences for stderr: what is kept, what NAT means */
	struct mt_message *remarks;
};

/* What will be done to the daemon, and why (NULL, a clause): what is planned for a running one, and nothing to one that is
 * stopped now, which stays so. */
enum mt_action mt_plan_action(const struct mt_plan *plan, const struct mt_message **why);
/* Is this transport one that a pin is for: to the internet, or named by the goal. */
bool mt_goal_wants(const struct mt_goal *goal, const struct mt_transport *transport);
/* Does this transport give what the goal wants for the family (keep: always). */
bool mt_way_holds(const struct mt_pin_goal *goal, const struct mt_transport *transport,
		  enum mt_family family);
/* Does mail of this family leave by some such transport today, or would it if the MTA worked. */
bool mt_mta_sends(const struct mt_model *model, const struct mt_mta *mta,
		  const struct mt_goal *goal, enum mt_family family);

/* The name of its method: "smtp_bind_address"; where none was taken, what the goal asked for. */
const char *mt_plan_method(const struct mt_plan *plan);

/* Record the (first) refusal; an id without a row aborts. */
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
/* A file that a build of the plan makes, behind the edits of its sources. `after` is what it is expected to mean, to the reader
 * of this backend; its bytes come from the program. No other change, and equal bytes: nothing. */
void mt_plan_made(struct mt_plan *plan, const struct mt_build *build, const struct mt_item *item,
		  struct mt_str after);
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

#ifdef __cplusplus
}
#endif

#endif
