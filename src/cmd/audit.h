/* SPDX-License-Identifier: ISC */
/* audit.h: what the parts of `audit` share: the run, and what a worker makes of one bundle. */
#ifndef MT_CMD_AUDIT_H
#define MT_CMD_AUDIT_H

#include "cmd/command.h"
#include "core/examined.h"
#include "io/dns.h"
#include "io/fleet.h"
#include "io/pool.h"
#include "ui/audit.h"

enum mt_audit_form { MT_AUDIT_TEXT, MT_AUDIT_JSON, MT_AUDIT_JSONL, MT_AUDIT_NAGIOS };

/* Where a bundle comes from; the first byte of a job, the bundle itself follows when it is live. */
enum mt_audit_origin { MT_AUDIT_LIVE, MT_AUDIT_STORED, MT_AUDIT_RESUMED };

struct mt_audit {
	struct mt_context *context;
	enum mt_audit_form form;
	struct mt_hosts *hosts;
	const char *stored, *save; /* folders; NULL none */
	int save_fd;
	struct mt_transport transport;
	struct mt_fleet fleet;
	struct mt_pool pool;
	struct mt_tally tally;
	struct mt_arena *scratch; /* of what is printed of one host */
	uv_loop_t loop;
	uv_signal_t signals[3];
	uv_timer_t progress;
	bool shows_progress;
	bool stopped;
	struct mt_check_options check_options;
	/* in a worker, between the questions of one host's child: */
	struct mt_arena *asking; /* NULL: nobody asks */
	struct mt_asker *asker;
	uint32_t asked_for; /* the host's number */
	bool dns_is_silent; /* no resolver answered, whatever was asked */
	/* in a child: of a bundle in a file */
	struct mt_error unread;
	size_t at; /* the next host */
	size_t printed; /* hosts in the JSON list */
	unsigned char *
		resumed; /* a bit a host: its bundle was saved by an earlier run; NULL without --save */
	struct mt_indexes again; /* hosts whose saved bundle was no good */
};

/* What a worker's child makes of one bundle. */
struct mt_audit_result {
	enum mt_cause cause; /* NONE: examined */
	bool complies;
	const char *detail; /* of the cause; "" none */
	const char *refused; /* why no plan could be made; NULL */
	struct mt_examined examined;
};
/* The work of the pool: read a stored bundle; examine it; have the DNS asked. */
void mt_audit_before(struct mt_confined *c, struct mt_arena *arena);
void mt_audit_work(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result);
bool mt_audit_reply(struct mt_confined *c, struct mt_str question, struct mt_pages *answer);
/* Here: what came of it. False: it is none. */
bool mt_audit_result_read(struct mt_arena *arena, const struct mt_audit *audit, struct mt_str bytes,
			  struct mt_audit_result *result) MT_MUST_CHECK;

/* Hosts, transport and folders from the options. Errors: 64, or 2 for a folder. Nobody is asked. */
int mt_audit_prepare(struct mt_audit *audit, struct mt_error *error) MT_MUST_CHECK;
/* Ask them, print them; 0, or -1 when nothing could be started. */
int mt_audit_run(struct mt_audit *audit, struct mt_error *error) MT_MUST_CHECK;

#endif
