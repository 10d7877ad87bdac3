/* SPDX-License-Identifier: ISC */
/*
 * expression.h: what an expression of `interface` or `helo_data` comes to, for a mail of which the sender, or a part of it, is
 * known (specification, 11; each form measured with `exim -be`, 4.96).
 *
 * Only what files of the snapshot, the sender, the family and constants decide is evaluated; an item that needs anything
 * else (programs, databases, the DNS, the recipient, headers) makes the whole unknown, unless it stands in a branch that is
 * not taken. Which senders an expression tells apart is found by evaluating it: each look-up and comparison notes the
 * senders that it names.
 */
#ifndef EX_EXPRESSION_H
#define EX_EXPRESSION_H

#include <mtapin/model.h>

/* In a text: any one of many; equal to no name in a file. And $host_address, of which only the family is known. */
#define EX_ANY	'\001'
#define EX_HOST '\002'

/* Senders that some file or comparison names. */
struct ex_sender {
	enum mt_by by; /* MT_BY_SENDER, MT_BY_SENDER_DOMAIN; MT_BY_OTHER: a domain that ends so */
	struct mt_str value; /* as in struct mt_condition; without the "*" */
	struct ex_sender *next;
};

struct ex_world {
	struct mt_arena *arena;
	const struct mt_snapshot *snapshot;
	const struct mt_backend *backend; /* for what may be shown of a line; NULL: anything */
	long uid, gid; /* as which Exim delivers; -1 not known */
	const char *primary_hostname, *qualify_domain; /* NULL not known */
	bool perl, no_perl; /* perl_startup is set; this Exim was built without it */
	/* filled while expressions are evaluated */
	struct ex_sender *senders, **senders_tail;
	struct mt_map senders_by, files; /* private */
	unsigned round;
};
/* Forget the senders. Files are kept: all of them are read in one state of the host. */
void ex_world_begin(struct ex_world *world);
void ex_world_sender(struct ex_world *world, enum mt_by by, struct mt_str value);

struct ex_mail {
	struct mt_str sender; /* "a@one.test", EX_ANY "@one.test", "" */
	enum mt_family family; /* of the host that is connected to */
	const char *
		sending; /* $sending_ip_address: "" before it is known to Exim; NULL: not known to us */
	struct mt_str return_path; /* the transport's option; empty: the sender */
	/* "u@two.test": this is one mail, and its sender is not known where that has no bytes at p; p NULL: any mail */
	struct mt_str recipient;
};

enum ex_end {
	EX_TEXT,
	EX_FORCED, /* "fail" */
	EX_FAILED, /* `why` is what Exim says */
	EX_UNKNOWN, /* `why` is what it needs: a clause */
};
struct ex_result {
	enum ex_end end;
	struct mt_str text;
	bool tainted; /* of EX_TEXT: some of it is out of the mail as it stands, which Exim refuses as an address */
	const char *why;
	const char *
		tainted_file; /* a name of a file that has some of the mail in it, which Exim refuses; NULL none */
	bool guessed; /* as if a file or name that was not asked for were not there */
	const struct mt_origin *lines; /* of files that it was made of, the last one first */
};
struct ex_result ex_expand(struct ex_world *world, const struct ex_mail *mail,
			   struct mt_str expression);

/* On what the words of an expression depend, without evaluating it: a set. */
enum {
	EX_ON_SENDER = 1,
	EX_ON_RECIPIENT = 2,
	EX_ON_HOST = 4, /* that is connected to */
	EX_ON_MESSAGE = 8, /* headers, who submitted it, what ACLs and routers noted */
	EX_ON_WORLD = 16, /* programs, databases, the DNS, time, chance */
};
unsigned ex_inputs(struct mt_str expression);
bool ex_can_fail(struct mt_str expression); /* there is a "fail" in it */

#endif
