/* SPDX-License-Identifier: ISC */
/* verify.c: collected and examined anew, in a child whose death is an answer too. */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/fs.h"

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

/* One service may be two paths of one name, to the internet and to this host: the how-manieth of its name
 * a path is says which. Its kind does not: it may be what the change changes. */
struct namesakes {
	struct namesake {
		const struct mt_path *path;
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
	for (const struct mt_path *path = mta->paths; path; path = path->next) {
		struct namesakes *n = namesakes(&map, path->name);
		struct namesake *one = MT_NEW(arena, struct namesake);
		one->path = path;
		*(n->last ? &n->last->next : &n->first) = one;
		n->last = one;
	}
	return map;
}

/* Asked for each path of another list, in its order: the one like it. *name is what to call it. */
static const struct mt_path *take_like(struct mt_map *map, const struct mt_path *like,
				       const char **name)
{
	struct namesakes *n = namesakes(map, like->name);
	const struct mt_path *path = n->first ? n->first->path : NULL;
	n->first = n->first ? n->first->next : NULL;
	*name = n->asked++ ? mt_format(map->arena, "%s (%s)", like->name, mt_kind_name(like->kind))
			   : like->name;
	return path;
}

/* The kernel's choice may change with the routes: only that it is the kernel's counts. */
static bool same_way(const struct mt_way *a, const struct mt_way *b)
{
	return a->how == b->how && (a->how != MT_HOW_ADDRESS || mt_addr_eq(a->source, b->source));
}

/* What could not be foreseen is no expectation: the old value may hold a name that nobody resolved, since
 * only the names of the files that are there are asked for. If there is no such host, nothing works. */
static bool agree(const struct mt_mta *wanted, const struct mt_way *w, const struct mt_way *found)
{
	return w->how == MT_HOW_UNKNOWN || found->how == MT_HOW_UNKNOWN || same_way(w, found) ||
	       (wanted->open && found->how == MT_HOW_BROKEN);
}

static const char *way_text(struct mt_arena *arena, const struct mt_way *way)
{
	char addr[MT_ADDR_TEXT];
	return way->how == MT_HOW_ADDRESS ? mt_strdup(arena, mt_addr_text(way->source, addr))
					  : mt_how_name(way->how);
}

const char *mt_mta_differs(struct mt_arena *arena, const struct mt_mta *wanted,
			   const struct mt_mta *found)
{
	struct mt_map paths = paths_of(arena, found);
	for (const struct mt_path *w = wanted->paths; w; w = w->next) {
		const char *name;
		const struct mt_path *f = take_like(&paths, w, &name);
		if (!f)
			return mt_format(arena, "the path %s is not there", name);
		for (int i = 0; i < MT_FAMILIES; i++)
			if (!agree(wanted, &w->way[i], &f->way[i]))
				return mt_format(arena, "%s %s is %s, not %s", name,
						 mt_family_name((enum mt_family)i),
						 way_text(arena, &f->way[i]),
						 way_text(arena, &w->way[i]));
	}
	return NULL;
}

const char *mt_mta_summary(struct mt_arena *arena, const struct mt_mta *old,
			   const struct mt_mta *new)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	struct mt_map paths = paths_of(arena, old);
	unsigned changes = 0;
	for (const struct mt_path *n = new->paths; n; n = n->next) {
		const char *name;
		const struct mt_path *o = take_like(&paths, n, &name);
		for (int i = 0; i < MT_FAMILIES; i++)
			if ((!o || !same_way(&o->way[i], &n->way[i])) && ++changes <= SUMMARY_MAX)
				mt_text_addf(&t, "%s%s %s %s -> %s", t.n ? "; " : "", name,
					     mt_family_name((enum mt_family)i),
					     o ? way_text(arena, &o->way[i]) : "none",
					     way_text(arena, &n->way[i]));
	}
	if (changes > SUMMARY_MAX)
		mt_text_addf(&t, "; and %u more", changes - SUMMARY_MAX);
	return mt_text_z(&t);
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

static void child(const struct mt_engine *e, const struct mt_mta *wanted, int out)
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

static int reap(pid_t pid)
{
	int status = -1; /* not known is not well */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
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
		child(e, wanted, out);
	if (pid < 0)
		return mt_fail(error, MT_EXIT_FAILED, "", "cannot verify: %s", strerror(errno));
	mt_fd_close(&out);
	bool ended = listen_to(in, text, sizeof text);
	if (!ended)
		kill(pid, SIGKILL);
	int status = reap(pid);
	if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, "", "not as planned after the change: %s",
		       text[0] ? text : "it could not be examined again");
}

/* ---- level service ------------------------------------------------------------------------------ */

static bool in_list(const struct mt_listener *list, const struct mt_listener *one)
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

/* One that must be there and is not. What was missing before the change is not asked for. */
static const struct mt_listener *silent(const struct mt_engine *e, const struct mt_mta *wanted,
					struct mt_process process)
{
	const struct mt_listener *l = mt_listeners_missing(e->arena, wanted, process);
	while (l && in_list(e->missing, l))
		l = l->next;
	return l;
}

int mt_verify_service(const struct mt_engine *e, const struct mt_mta *wanted,
		      struct mt_error *error)
{
	struct mt_process now = mt_daemon_find(&e->txn->daemon);
	const struct mt_listener *missing = NULL;
	char addr[MT_ADDR_TEXT];
	for (int64_t end = mt_now_ms() + LISTEN_MS;;) {
		missing = silent(e, wanted, now);
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
