/* SPDX-License-Identifier: ISC */
/* case.h: one host case: what describes it, the host it becomes, what is seen there. */
#ifndef TEST_CASE_H
#define TEST_CASE_H

#include <mtapin/backend.h>

#include "core/check/check.h"

extern const struct mt_backend *const case_backends[]; /* NULL-terminated */
extern const char debian_main[];
extern const char debian_master[];

struct host_case {
	struct mt_arena *arena;
	struct mt_text addr, source, names, owner, nat, tcp, conf, files, dns, init, rule, postmap,
		route6;
	struct mt_text main, master, more, home, names_there, care;
	const char *source4, *source6; /* the kernel's choice; NULL: the usual one */
	bool ipv6, alone, stopped, other_netns, no_main, no_master, up, postfix;
	const char *const *control; /* names of qmail's control files that the case describes */
	long now, changed;
	struct mt_str bundle; /* the same host as bytes */
	struct mt_snapshot *snapshot;
	struct mt_model *model;
	struct mt_text seen; /* what --print writes */
	unsigned number; /* of its bundle, 0: not written */
	struct mt_text told; /* comments: what was not as expected */
	bool described; /* it has a section */
	const char *file, *title;
};

void add_file(struct host_case *c, const char *path, struct mt_str bytes);
void add_control(struct host_case *c, struct mt_str args);
void add_reads(struct host_case *c, struct mt_str words);
void host_line(struct host_case *c, struct mt_str line);
void add_answers(struct host_case *c, struct mt_str args, struct mt_str body);
void see_check(struct host_case *c, struct mt_str args, struct mt_text *out);
void see_mx(struct host_case *c, struct mt_str args, struct mt_text *out);
void see_remedy(struct host_case *c, struct mt_str args, struct mt_text *out);
void add_contents(struct mt_text *out, bool *absent, struct mt_str body, const char *stock);
void finish_host(struct host_case *c);
void see_transports(struct host_case *c, struct mt_text *out);
void see_bindings(struct host_case *c, struct mt_text *out);
void see_findings(struct host_case *c, struct mt_text *out);
void see_plan(struct host_case *c, struct mt_str args, struct mt_text *out);
void see_route(struct host_case *c, struct mt_str args, struct mt_text *out);
void see_wire(struct host_case *c, struct mt_plan *plan, struct mt_check *check);
void see_words(struct host_case *c, const struct mt_plan *plan, const struct mt_check *check);
void see_sent(struct host_case *c, struct mt_str args, struct mt_text *out);

#endif
