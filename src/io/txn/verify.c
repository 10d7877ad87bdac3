/* SPDX-License-Identifier: ISC */
/*
 * verify.c: collected and examined anew, in a child whose death is an answer too: the files are committed by now, and a
 * crash in a parser must not take the process that rolls them back.
 */
#include "io/txn/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/sys/clock.h"
#include "io/sys/fs.h"

#define CHILD_MS     60000
#define CHILD_BUDGET ((size_t)64 << 20)
#define VERDICT_MAX  1000
#define LISTEN_MS    5000
#define SUMMARY_MAX  50 /* it is a line of the journal, and of syslog */

const struct mt_mta *mt_mta_named(const struct mt_model *model, const char *backend,
				  const char *instance)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		if (strcmp(mta->backend->name, backend) == 0 &&
		    strcmp(mta->instance, instance) == 0)
			return mta;
	return NULL;
}

/* One service may be two transports of one name, to the internet and to this host: the how-manieth of its name
 * a transport is says which. Its kind does not: it may be what the change changes. */
struct namesakes {
	struct namesake {
		const struct mt_transport *transport;
		struct namesake *next;
	} * first, *last;
	unsigned asked; /* how many of this name were looked for */
};

static struct namesakes *namesakes(struct mt_map *map, const char *name)
{
	const void *known = mt_map_get(map, mt_str_of(name));
	struct namesakes *n =
		known ? (struct namesakes *)known : MT_NEW(map->arena, struct namesakes);
	if (!known)
		mt_map_put(map, mt_str_of(name), n);
	return n;
}

static struct mt_map paths_of(struct mt_arena *arena, const struct mt_mta *mta)
{
	struct mt_map map = MT_MAP_INIT(arena);
	for (const struct mt_transport *transport = mta->transports; transport;
	     transport = transport->next) {
		struct namesakes *n = namesakes(&map, transport->name);
		struct namesake *one = MT_NEW(arena, struct namesake);
		one->transport = transport;
		*(n->last ? &n->last->next : &n->first) = one;
		n->last = one;
	}
	return map;
}

/* Asked for each transport of another list, in its order: the one like it. *name is what to call it. */
static const struct mt_transport *take_like(struct mt_map *map, const struct mt_transport *like,
					    const char **name)
{
	struct namesakes *n = namesakes(map, like->name);
	const struct mt_transport *transport = n->first ? n->first->transport : NULL;
	n->first = n->first ? n->first->next : NULL;
	*name = n->asked++ ? mt_format(map->arena, "%s (%s)", like->name, mt_kind_name(like->kind))
			   : like->name;
	return transport;
}

/* What could not be foreseen is no expectation: the old value may hold a name that nobody resolved, since
 * only the names of the files that are there are asked for. If there is no such host, nothing works. */
static bool agree(const struct mt_mta *wanted, const struct mt_binding *w,
		  const struct mt_binding *found)
{
	return w->how == MT_HOW_UNKNOWN || found->how == MT_HOW_UNKNOWN ||
	       mt_binding_same(w, found) || (wanted->open && found->how == MT_HOW_BROKEN);
}

static const char *binding_text(struct mt_arena *arena, const struct mt_binding *binding)
{
	char addr[MT_ADDR_TEXT];
	if (binding->how != MT_HOW_ADDRESS)
		return mt_how_name(binding->how);
	return mt_format(arena, "%s%s", mt_addr_text(binding->source, addr),
			 binding->pool_count > 1 ? " and others" : "");
}

/* Which of the lists differ, and how; NULL: they do not. `where` is the transport and the family. */
static const char *conditional_differ(struct mt_arena *arena, const struct mt_mta *wanted,
				      const struct mt_binding *w, const struct mt_binding *f,
				      const char *where)
{
	for (; w && f && mt_condition_same(w->when, f->when); w = w->next, f = f->next)
		if (!agree(wanted, w, f))
			return mt_format(arena, "%s %s is %s, not %s", where,
					 mt_condition_text(arena, w->when), binding_text(arena, f),
					 binding_text(arena, w));
	if (w)
		return mt_format(arena, "%s has no binding for mail %s where it should", where,
				 mt_condition_text(arena, w->when));
	if (f)
		return mt_format(arena, "%s has a binding for mail %s that it should not have",
				 where, mt_condition_text(arena, f->when));
	return NULL;
}

static const char *family_differs(struct mt_arena *arena, const struct mt_mta *wanted,
				  const struct mt_transport *w, const struct mt_transport *f,
				  enum mt_family family, const char *name)
{
	const char *where = mt_format(arena, "%s %s", name, mt_family_name(family));
	if (!agree(wanted, &w->binding[family], &f->binding[family]))
		return mt_format(arena, "%s is %s, not %s", where,
				 binding_text(arena, &f->binding[family]),
				 binding_text(arena, &w->binding[family]));
	return conditional_differ(arena, wanted, w->conditional[family], f->conditional[family],
				  where);
}

const char *mt_mta_differs(struct mt_arena *arena, const struct mt_mta *wanted,
			   const struct mt_mta *found)
{
	struct mt_map paths = paths_of(arena, found);
	for (const struct mt_transport *w = wanted->transports; w; w = w->next) {
		const char *name;
		const struct mt_transport *f = take_like(&paths, w, &name);
		if (!f)
			return mt_format(arena, "the path %s is not there", name);
		for (enum mt_family i = MT_V4; i < MT_FAMILIES; i++) {
			const char *text = family_differs(arena, wanted, w, f, i, name);
			if (text)
				return text;
		}
	}
	return NULL;
}

/* ---- what changed ------------------------------------------------------------------------------- */

struct summary {
	struct mt_text text;
	unsigned changes;
};

/* `where` is the transport and the family; NULL: there is none. */
static void tell_change(struct summary *s, const char *where, const struct mt_binding *old,
			const struct mt_binding *new)
{
	struct mt_arena *arena = s->text.arena;
	const char *when = mt_condition_text(arena, new ? new->when : old ? old->when : NULL);
	bool same = old && new &&mt_binding_same(old, new);
	if (same || ++s->changes > SUMMARY_MAX)
		return;
	mt_text_addf(&s->text, "%s%s%s%s %s -> %s", s->text.n ? "; " : "", where, *when ? " " : "",
		     when, old ? binding_text(arena, old) : "none",
		     new ? binding_text(arena, new) : "none");
}

static void tell_conditional(struct summary *s, const char *where, const struct mt_binding *old,
			     const struct mt_binding *new)
{
	struct mt_arena *arena = s->text.arena;
	struct mt_map before = MT_MAP_INIT(arena), after = MT_MAP_INIT(arena);
	for (const struct mt_binding *o = old; o; o = o->next)
		mt_map_put(&before, mt_str_of(mt_condition_text(arena, o->when)), o);
	for (const struct mt_binding *n = new; n; n = n->next) {
		struct mt_str when = mt_str_of(mt_condition_text(arena, n->when));
		tell_change(s, where, mt_map_get(&before, when), n);
		mt_map_put(&after, when, n);
	}
	for (const struct mt_binding *o = old; o; o = o->next)
		if (!mt_map_get(&after, mt_str_of(mt_condition_text(arena, o->when))))
			tell_change(s, where, o, NULL);
}

const char *mt_mta_summary(struct mt_arena *arena, const struct mt_mta *old,
			   const struct mt_mta *new)
{
	struct summary s = {.text = MT_TEXT_INIT(arena)};
	struct mt_map paths = paths_of(arena, old);
	for (const struct mt_transport *n = new->transports; n; n = n->next) {
		const char *name;
		const struct mt_transport *o = take_like(&paths, n, &name);
		for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
			const char *where = mt_format(arena, "%s %s", name, mt_family_name(f));
			tell_change(&s, where, o ? &o->binding[f] : NULL, &n->binding[f]);
			tell_conditional(&s, where, o ? o->conditional[f] : NULL,
					 n->conditional[f]);
		}
	}
	if (s.changes > SUMMARY_MAX)
		mt_text_addf(&s.text, "; and %u more", s.changes - SUMMARY_MAX);
	return mt_text_z(&s.text);
}

const struct mt_mta *mt_verify_foresee(const struct mt_engine *e, const struct mt_snapshot *now)
{
	const struct mt_snapshot *then = now;
	for (const struct mt_txn_file *f = e->txn->files; f; f = f->next)
		then = f->remove ? mt_snapshot_without(e->arena, then, f->path)
				 : mt_txn_foresee(e->arena, then, f, f->after);
	return mt_mta_named(mt_examine(then, e->options->backends), e->txn->backend,
			    e->txn->instance);
}

/* ---- level config ------------------------------------------------------------------------------- */

/* In the child: NULL when all is as wanted. */
static const char *verdict(const struct mt_engine *e, const struct mt_mta *wanted)
{
	struct mt_arena *arena = mt_arena_new(CHILD_BUDGET);
	const struct mt_apply_options *o = e->options;
	struct mt_snapshot *snapshot;
	struct mt_error error = {0};
	if (o->recollect(o->data, arena, &snapshot, &error))
		return mt_format(arena, "cannot collect again: %s", error.message);
	if (!snapshot->complete)
		return "collecting again did not finish";
	const struct mt_model *model = mt_examine(snapshot, o->backends);
	const struct mt_mta *found = mt_mta_named(model, e->txn->backend, e->txn->instance);
	if (!found)
		return mt_format(arena, "%s is not there any more", e->txn->backend);
	return wanted ? mt_mta_differs(arena, wanted, found) : NULL;
}

static void child_dies(void)
{
	_exit(3);
}

static void look_in_child(const struct mt_engine *e, const struct mt_mta *wanted, int out)
{
	mt_set_oom_handler(child_dies);
	const char *text = verdict(e, wanted);
	if (!text)
		_exit(0);
	(void)mt_write_all(out, mt_str_of(text));
	_exit(1);
}

/* What the child says until it closes its end, or NULL after the deadline. */
static bool listen_to(int in, char *text, size_t size)
{
	size_t n = 0;
	int64_t end = mt_now_ms() + CHILD_MS;
	for (;;) {
		struct pollfd fd = {.fd = in, .events = POLLIN};
		int64_t left = end - mt_now_ms();
		int ready = left <= 0 ? 0 : poll(&fd, 1, (int)left);
		if (ready < 0 && errno == EINTR)
			continue;
		ssize_t got = ready > 0 && n < size - 1 ? read(in, text + n, size - 1 - n) : 0;
		if (got < 0 && errno == EINTR)
			continue;
		n += got > 0 ? (size_t)got : 0;
		text[n] = '\0';
		if (got <= 0)
			return ready > 0;
	}
}

int mt_verify_config(const struct mt_engine *e, const struct mt_mta *wanted, struct mt_error *error)
{
	char text[VERDICT_MAX] = "";
	int pipe_fd[2];
	if (MT_RETRY(pipe2(pipe_fd, O_CLOEXEC)) < 0)
		return mt_fail(error, MT_EXIT_FAILED, "", "cannot verify: %s", strerror(errno));
	MT_FD in = pipe_fd[0];
	MT_FD out = pipe_fd[1];
	pid_t pid = MT_RETRY(fork());
	if (pid == 0)
		look_in_child(e, wanted, out);
	if (pid < 0)
		return mt_fail(error, MT_EXIT_FAILED, "", "cannot verify: %s", strerror(errno));
	mt_fd_close(&out);
	bool ended = listen_to(in, text, sizeof text);
	if (!ended)
		kill(pid, SIGKILL);
	int status = -1; /* not known is not well */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, "", "not as planned after the change: %s",
		       text[0] ? text : "it could not be examined again");
}

/* ---- level service ------------------------------------------------------------------------------ */

static bool listener_in_list(const struct mt_listener *list, const struct mt_listener *one)
{
	for (; list; list = list->next)
		if (mt_addr_eq(list->addr, one->addr) && list->port == one->port)
			return true;
	return false;
}

const struct mt_listener *mt_listeners_missing(struct mt_arena *arena, const struct mt_mta *mta,
					       struct mt_process process)
{
	struct mt_listener *first = NULL, **tail = &first;
	for (const struct mt_listener *l = mta ? mta->listeners : NULL; l; l = l->next) {
		if (mt_listening(arena, process, l->addr, l->port))
			continue;
		*tail = MT_NEW(arena, struct mt_listener);
		**tail = *l;
		(*tail)->next = NULL;
		tail = &(*tail)->next;
	}
	return first;
}

int mt_verify_service(const struct mt_engine *e, const struct mt_mta *wanted,
		      struct mt_error *error)
{
	struct mt_process now = mt_daemon_find(&e->txn->daemon);
	const struct mt_listener *missing = NULL;
	char addr[MT_ADDR_TEXT];
	unsigned within = e->txn->daemon.listens_within;
	/* asked for some time: a restart that is done is a process, and master(8) binds its sockets
	 * after that; what was missing before the change need not be there after it */
	for (int64_t end = mt_now_ms() + (within ? within * 1000 : LISTEN_MS);;) {
		missing = mt_listeners_missing(e->arena, wanted, now);
		while (missing && listener_in_list(e->missing, missing))
			missing = missing->next;
		if (!missing || mt_now_ms() >= end)
			break;
		mt_sleep_ms(500);
	}
	if (missing)
		return mt_fail(error, MT_EXIT_FAILED, e->txn->daemon.title,
			       "nothing listens on %s port %u (%s)",
			       mt_addr_text(missing->addr, addr), missing->port,
			       missing->service ? missing->service : "");
	const char *bad = mt_watch_bad(e->arena, &e->watch, false);
	return bad ? mt_fail(error, MT_EXIT_FAILED, e->txn->daemon.title, "its log says: %s", bad)
		   : 0;
}

void mt_verify_log(struct mt_engine *e)
{
	struct mt_text names = MT_TEXT_INIT(e->arena);
	if ((!e->wait && !mt_engine_serves(e)) || mt_watch_is_there(&e->watch))
		return;
	for (size_t i = 0; i < e->watch.count; i++)
		mt_text_addf(&names, "%s, ", e->watch.files[i].path);
	mt_outcome_remark(e,
			  "the log of %s was not watched, there is none: looked for %sthe journal",
			  e->txn->daemon.title, mt_text_z(&names));
}

int mt_verify_quote(const struct mt_engine *e, struct mt_error *error)
{
	const char *bad = mt_watch_bad(e->arena, &e->watch, true);
	size_t n = strlen(error->message);
	if (bad)
		snprintf(error->message + n, sizeof error->message - n, "; its log says: %s", bad);
	return -1;
}
