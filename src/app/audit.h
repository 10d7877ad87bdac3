/* SPDX-License-Identifier: ISC */
/* audit.h: many hosts, asked, examined and tallied; the caller is told of each as it finishes. */
#ifndef MT_APP_AUDIT_H
#define MT_APP_AUDIT_H

#include "app/app.h"
#include "core/audit/examined.h"
#include "core/audit/tally.h"
#include "io/fleet/fleet.h"

/* What a worker's child makes of one bundle. */
struct mt_audit_result {
	enum mt_cause cause; /* NONE: examined */
	bool complies;
	const char *detail; /* of the cause; "" none */
	const char *refused; /* why no plan could be made; NULL */
	struct mt_examined examined;
};

struct mt_audit {
	struct mt_app *app;
	struct mt_hosts *hosts; /* with what is expected of each */
	const char *stored; /* a folder: its bundles are examined, nobody is asked; NULL: none */
	/* A folder where bundles are kept; what is there already is not asked for. NULL: none. */
	const char *save;
	bool dns; /* the DNS is asked, from here */
	struct mt_ssh ssh;
	unsigned fanout; /* hosts asked at once */
	/* Told of each host; its memory is `arena`, which is cleared then. */
	void (*examined)(struct mt_audit *audit, struct mt_arena *arena,
			 const struct mt_named *host, const struct mt_audit_result *result);
	void (*unexamined)(struct mt_audit *audit, struct mt_arena *arena,
			   const struct mt_named *host, enum mt_cause cause, const char *detail);
	/* Called four times a second; NULL: nobody watches. */
	void (*progress)(const struct mt_audit *audit);
	void *data; /* of these three */
	/* what comes of it: */
	struct mt_tally tally;
	unsigned at_work; /* hosts that are being asked or examined */
};

/* All of it, or until a signal ends it; 0, or -1 when nothing could be started. */
int mt_audit_run(struct mt_audit *audit, struct mt_error *error) MT_MUST_CHECK;

#endif
