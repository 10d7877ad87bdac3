/* SPDX-License-Identifier: ISC */
/* audit_part.h: what the parts of an audit share: the run, and what a worker makes of one bundle. */
#ifndef MT_APP_AUDIT_PART_H
#define MT_APP_AUDIT_PART_H

#include "app/audit.h"
#include "io/dns/dns.h"
#include "io/sys/pool.h"

/* Where a bundle comes from; the first byte of a job, the bundle itself follows when it is live. */
enum mt_audit_origin { MT_AUDIT_LIVE, MT_AUDIT_STORED, MT_AUDIT_RESUMED };

struct mt_audit_run {
	struct mt_audit *audit;
	const struct mt_hosts *hosts;
	int save_fd; /* the folder audit->save; -1: none */
	struct mt_fleet fleet;
	struct mt_pool pool;
	struct mt_arena *scratch; /* of what is known of one host */
	uv_loop_t loop;
	uv_signal_t signals[3];
	uv_timer_t progress;
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
	unsigned char *
		resumed; /* a bit a host: its bundle was saved by an earlier run; NULL without --save */
	struct mt_indexes again; /* hosts whose saved bundle was no good */
};

/* The work of the pool: read a stored bundle; examine it; have the DNS asked. */
void mt_audit_before(struct mt_confined *c, struct mt_arena *arena);
void mt_audit_work(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result);
bool mt_audit_reply(struct mt_confined *c, struct mt_str question, struct mt_pages *answer);
/* Here: what came of it. False: it is none. */
bool mt_audit_result_read(struct mt_arena *arena, const struct mt_audit_run *run,
			  struct mt_str bytes, struct mt_audit_result *result) MT_MUST_CHECK;

#endif
