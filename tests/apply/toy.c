/* SPDX-License-Identifier: ISC */
#include "toy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys/fs.h"

/* ---- backend ------------------------------------------------------------------------------------ */

static bool ends(const char *text, const char *tail)
{
	size_t n = strlen(text), k = strlen(tail);
	return n >= k && strcmp(text + n - k, tail) == 0;
}

static void detect(struct mt_model *model, const struct mt_backend *self)
{
	for (size_t i = 0; i < model->snapshot->count; i++) {
		const struct mt_item *item = &model->snapshot->items[i];
		if (item->probe || !ends(item->name, "/etc/a.cf"))
			continue;
		struct mt_mta *mta = MT_NEW(model->arena, struct mt_mta);
		*mta = (struct mt_mta){.backend = self, .version = "1", .helo = ""};
		mta->instance =
			mt_strz(model->arena, (struct mt_str){item->name, strlen(item->name) - 5});
		model->mtas = mta;
	}
}

static void read_binding(const struct mt_model *model, const char *path, const char *key,
			 struct mt_binding *binding)
{
	struct mt_str text = mt_snapshot_file(model->snapshot, path)->bytes, line;
	*binding = (struct mt_binding){.how = MT_HOW_KERNEL, .note = ""};
	while (mt_str_line(&text, &line)) {
		if (!mt_str_starts(line, key))
			continue;
		line.p += strlen(key);
		line.n -= strlen(key);
		if (mt_addr_parse(mt_str_trim(line), &binding->source))
			binding->how = MT_HOW_ADDRESS;
	}
}

static struct mt_transport *new_transport(struct mt_arena *arena, const char *name)
{
	struct mt_transport *transport = MT_NEW(arena, struct mt_transport);
	*transport = (struct mt_transport){.name = name, .helo = "", .next_hop = "", .feeds = ""};
	return transport;
}

static const char *made_path(struct mt_arena *arena, const char *etc)
{
	return mt_format(arena, "%.*svar/all.cf", (int)strlen(etc) - 3, etc);
}

static void examine(struct mt_model *model, struct mt_mta *mta)
{
	struct mt_transport *transport = new_transport(model->arena, "out");
	const char *made = made_path(model->arena, mta->instance);
	read_binding(model, mt_format(model->arena, "%s/a.cf", mta->instance),
		     "pin = ", &transport->binding[0]);
	read_binding(model, mt_format(model->arena, "%s/b.cf", mta->instance),
		     "pin6 = ", &transport->binding[1]);
	mta->transports = transport;
	if (!mt_item_readable(mt_snapshot_file(model->snapshot, made)))
		return;
	transport->next = new_transport(model->arena, "made");
	read_binding(model, made, "pin = ", &transport->next->binding[0]);
	read_binding(model, made, "pin6 = ", &transport->next->binding[1]);
}

static void serve(struct mt_plan *plan);

static const struct mt_finding_row no_findings[] = {{0}};
static const struct mt_backend backend = {.abi = MT_ABI,
					  .name = "toy",
					  .title = "Toy",
					  .collector = "",
					  .findings = no_findings,
					  .detect = detect,
					  .examine = examine,
					  .serve = serve};
const struct mt_backend *const toy_backends[] = {&backend, NULL};

/* ---- folder ------------------------------------------------------------------------------------- */

const char *toy_path(const struct toy *toy, const char *rest)
{
	return mt_format(toy->arena, "%s/%s", toy->dir, rest);
}

static int write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	return !f || fputs(text, f) == EOF || fclose(f) ? -1 : 0;
}

static int put(const char *dir, const char *name, const char *text, mode_t mode)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return write_file(path, text) ? -1 : chmod(path, mode);
}

int toy_put(const struct toy *toy, const char *name, const char *text)
{
	return write_file(toy_path(toy, name), text);
}

struct mt_str toy_text(const struct toy *toy, const char *name)
{
	struct mt_str got = {"", 0};
	MT_FD fd = mt_open(AT_FDCWD, toy_path(toy, name), O_RDONLY);
	if (fd < 0 ? errno != ENOENT : mt_read_all(toy->arena, fd, 1 << 20, &got))
		exit(MT_EXIT_CONFIG);
	return got;
}

static int put_script(const char *dir, const char *name, const char *body)
{
	char text[4096];
	snprintf(text, sizeof text, "#!/bin/sh\ncd '%s' || exit 1\n%s", dir, body);
	return put(dir, name, text, 0755);
}

int toy_make(const char *dir)
{
	static const char *const folders[] = {"", "/etc", "/bin", "/run"};
	char path[4096];
	for (size_t i = 0; i < MT_ARRAY_LEN(folders); i++) {
		snprintf(path, sizeof path, "%s%s", dir, folders[i]);
		mkdir(path, 0755);
	}
	return put(dir, "etc/a.cf", TOY_A_OLD, 0640) || put(dir, "etc/b.cf", TOY_B_OLD, 0644) ||
	       put(dir, "log", "x toyd[1]: fatal: an old complaint\n", 0644) ||
	       put_script(
		       dir, "bin/start",
		       "echo start >>said\n"
		       "[ -e fail-once ] && { rm fail-once; echo 'cannot start' >&2; exit 1; }\n"
		       "[ -e fail-start ] && { echo 'cannot start' >&2; exit 1; }\n"
		       "[ -e fail-log ] && echo 'x toyd[9]: fatal: a new complaint' >>log\n"
		       "echo 'x toyd[7]: fatal: an old complaint' >>log\n"
		       "[ -e deaf ] && trap '' TERM\n"
		       "if [ -e slow ]; then\n"
		       "setsid sh -c 'trap \"sleep 1; exit\" TERM; while :; do sleep 0.1; done' "
		       "</dev/null >/dev/null 2>&1 &\n"
		       "elif [ -e script ]; then setsid bin/daemon </dev/null >/dev/null 2>&1 &\n"
		       "else setsid sleep 1000 </dev/null >/dev/null 2>&1 & fi\n"
		       "echo \"   $!\" >run/pid\n") ||
	       put_script(dir, "bin/stop",
			  "echo stop >>said\n[ -e fail-stop ] && exit 1\nkill $(cat run/pid)\n") ||
	       put_script(dir, "bin/reload",
			  "echo reload >>said\n[ -e fail-reload ] && kill $(cat run/pid)\n"
			  "[ -e updates ] && echo 'x toyd[7]: table updated' >>log\nexit 0\n") ||
	       put_script(dir, "bin/daemon",
			  "echo $$ >run/pid\n"
			  "trap '[ -e fail-reexec ] || setsid bin/daemon </dev/null >/dev/null "
			  "2>&1 & exit' "
			  "HUP\n"
			  "trap 'echo usr1 >>said' USR1\n"
			  "while :; do sleep 0.05; done\n") ||
	       put_script(
		       dir, "bin/validate",
		       "grep -q '^pin = ' \"$1/a.cf\" && grep -q '^pin6 = ' \"$1/b.cf\" || exit 7\n"
		       "[ -e fail-validate ] || exit 0\n"
		       "echo \"$1/a.cf, line 2: nonsense\" >&2\nexit 1\n");
}

/*
 * With two arguments it is told where to work; without, and where nothing is mounted over its folders, it works in place. What goes
 * wrong: fail-new, empty, meaning (of the edited files), fail-live, idle, other, mode, slow-live, die-live (in place; what the last
 * one kills is whoever has started it).
 */
static const char generate[] =
	"dir=$PWD\n"
	"f=${1:-$dir/etc} o=${2:-$dir/var/all.cf}\n"
	"kind=private\n"
	"[ -n \"$1\" ] || grep -q \" $dir/etc \" /proc/self/mountinfo || kind=live\n"
	"echo $kind >>said\n"
	"new=; grep -q 192.0.2.2 \"$f/a.cf\" && new=yes\n"
	"[ -n \"$new\" ] && [ -e fail-new ] && { echo \"cannot make it of $f/a.cf\" >&2; exit 3; "
	"}\n"
	"[ -n \"$new\" ] && [ -e fail-empty ] && { : >\"$o\"; exit 0; }\n"
	"[ $kind = live ] && [ -e fail-live ] && { echo 'no room' >&2; exit 4; }\n"
	"[ $kind = live ] && [ -e fail-idle ] && exit 0\n"
	"[ $kind = live ] && [ -e slow-live ] && { : >in-live; sleep 1.5; }\n"
	"[ $kind = live ] && [ -e die-live ] && { printf '# he' >\"$o\"; kill -9 $PPID; exit 0; }\n"
	"cat \"$f/a.cf\" \"$f/b.cf\" >\"$o.tmp\"\n"
	"[ -n \"$new\" ] && [ -e fail-meaning ] && sed -i 's/192.0.2.2/192.0.2.7/' \"$o.tmp\"\n"
	"[ $kind = live ] && [ -e fail-other ] && echo other >>\"$o.tmp\"\n"
	"[ $kind = live ] && [ -e fail-mode ] && chmod 600 \"$o.tmp\"\n"
	"[ $kind = live ] && [ ! -e fail-mode ] && [ -e \"$o\" ] && chmod --reference \"$o\" "
	"\"$o.tmp\"\n"
	"mv \"$o.tmp\" \"$o\"\n";

int toy_make_build(const char *dir, const char *how)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/var", dir);
	mkdir(path, 0755);
	return put(dir, "build", how, 0644) || put_script(dir, "bin/generate", generate) ||
	       put(dir, "var/all.cf", TOY_A_OLD TOY_B_OLD, 0644);
}

/* ---- snapshot and plan -------------------------------------------------------------------------- */

#define NONCE "0123456789abcdef0123456789abcdef"

static bool is_there(const struct toy *toy, const char *name)
{
	return access(toy_path(toy, name), F_OK) == 0;
}

static int add_file(struct toy *toy, struct mt_text *t, const char *path, struct mt_error *error)
{
	struct mt_str bytes;
	MT_FD fd = mt_open(AT_FDCWD, path, O_RDONLY);
	if (fd < 0 || mt_read_all(toy->arena, fd, MT_ITEM_MAX, &bytes))
		return mt_fail(error, MT_EXIT_FAILED, path, "cannot read");
	mt_text_addf(t, NONCE " file f present 644 0 0 1 0 %zu %s\n" NONCE " data %zu\n", bytes.n,
		     path, bytes.n);
	mt_text_add(t, bytes);
	mt_text_addf(t, "\n" NONCE " end\n");
	return 0;
}

static int collect(void *data, struct mt_arena *arena, struct mt_snapshot **snapshot,
		   struct mt_error *error)
{
	struct toy *toy = data;
	struct mt_text t = MT_TEXT_INIT(arena);
	bool lies = access(toy_path(toy, "fail-model"), F_OK) == 0;
	mt_text_addf(&t, NONCE " begin mtapin 1\n" NONCE " host 1 raw toy\n");
	if (!lies && add_file(toy, &t, toy_path(toy, "etc/a.cf"), error))
		return -1;
	if (lies) /* what is read is not what was planned */
		mt_text_addf(&t,
			     NONCE " file f present 644 0 0 1 0 16 %s\n" NONCE " data 16\n"
				   "pin = 192.0.2.9\n\n" NONCE " end\n",
			     toy_path(toy, "etc/a.cf"));
	if (add_file(toy, &t, toy_path(toy, "etc/b.cf"), error))
		return -1;
	if (is_there(toy, "var/all.cf") && add_file(toy, &t, toy_path(toy, "var/all.cf"), error))
		return -1;
	mt_text_addf(&t, NONCE " done\n");
	return mt_bundle_decode(arena, mt_text_str(&t), snapshot, error);
}

void toy_init(struct toy *toy, struct mt_arena *arena, const char *dir)
{
	*toy = (struct toy){.arena = arena, .dir = dir};
	toy->options = (struct mt_apply_options){.arena = arena,
						 .state_dir = toy_path(toy, "state"),
						 .keep_backups = 10,
						 .service_timeout = 3,
						 .command = "toy fix",
						 .recollect = collect,
						 .data = toy,
						 .backends = toy_backends};
}

int toy_begin(struct toy *toy, struct mt_arena *arena)
{
	mt_arena_reset(arena);
	char *dir = mt_strdup(arena, "/tmp/mtapin-toy-XXXXXX");
	if (!mkdtemp(dir) || toy_make(dir))
		return -1;
	toy_init(toy, arena, dir);
	return 0;
}

int toy_end(const struct toy *toy)
{
	return mt_remove_tree(AT_FDCWD, toy->dir, 6);
}

static void add_change(struct toy *toy, const struct mt_snapshot *now, const char *name,
		       struct mt_str after)
{
	const char *path = toy_path(toy, name);
	mt_plan_replace(&toy->plan, path, mt_snapshot_file(now, path)->bytes, after);
}

static const char **list(struct toy *toy, const char *one, const char *two)
{
	const char **words = mt_alloc(toy->arena, 3 * sizeof *words);
	words[0] = one;
	words[1] = two;
	return words;
}

static struct mt_daemon daemon_of(struct toy *toy)
{
	return (struct mt_daemon){.title = "toyd",
				  .pid_file = toy_path(toy, "run/pid"),
				  .program = "sleep",
				  .start = {.argv = {toy_path(toy, "bin/start")}},
				  .stop = {.argv = {toy_path(toy, "bin/stop")}},
				  .reload.command = {.argv = {toy_path(toy, "bin/reload")}},
				  .log_bad = list(toy, "fatal: ", NULL),
				  .log_files = list(toy, toy_path(toy, "log"), NULL)};
}

static struct mt_command_line *validator_of(struct toy *toy)
{
	struct mt_command_line *validator = MT_NEW(toy->arena, struct mt_command_line);
	validator->argv[0] = toy_path(toy, "bin/validate");
	validator->argv[1] = mt_format(toy->arena, "@DIR@%s", toy_path(toy, "etc"));
	return validator;
}

static struct mt_build *build_of(struct toy *toy)
{
	struct mt_arena *arena = toy->arena;
	const char *how = mt_strz(arena, toy_text(toy, "build"));
	if (!*how)
		return NULL;
	struct mt_build *build = MT_NEW(arena, struct mt_build);
	const char *program = toy_path(toy, "bin/generate"), *etc = toy_path(toy, "etc"),
		   *made = toy_path(toy, "var/all.cf");
	*build = (struct mt_build){.title = "toy-generate",
				   .reads = list(toy, etc, NULL),
				   .makes = list(toy, made, NULL),
				   .stale = "TOY-STALE"};
	const char *a = mt_format(arena, "@DIR@%s/a.cf", etc),
		   *b = mt_format(arena, "@DIR@%s/b.cf", etc);
	if (strcmp(how, "print") == 0 || strcmp(how, "user") == 0) {
		build->prints = true;
		build->trial = (struct mt_command_line){.argv = {"/bin/cat", a, b}};
		build->user = strcmp(how, "user") == 0 ? "nobody" : NULL;
		return build;
	}
	build->live = (struct mt_command_line){.argv = {program}};
	build->trial = build->live;
	build->mounted = strcmp(how, "mounted") == 0;
	if (!build->mounted) {
		build->trial.argv[1] = mt_format(arena, "@DIR@%s", etc);
		build->trial.argv[2] = mt_format(arena, "@DIR@%s", made);
	}
	return build;
}

/* The instance is DIR/etc. */
static void serve(struct mt_plan *plan)
{
	size_t n = strlen(plan->mta->instance) - 4;
	struct toy toy = {.arena = plan->arena,
			  .dir = mt_strz(plan->arena, (struct mt_str){plan->mta->instance, n})};
	plan->daemon = daemon_of(&toy);
	plan->validators = validator_of(&toy);
	plan->builds = build_of(&toy);
}

static struct mt_str new_bytes(const struct mt_plan *plan, const struct mt_snapshot *now,
			       const char *path)
{
	const struct mt_change *c = plan->changes;
	while (c && strcmp(c->path, path) != 0)
		c = c->next;
	return c ? c->after : mt_snapshot_file(now, path)->bytes;
}

static void foresee(struct toy *toy)
{
	const struct mt_snapshot *then = toy->plan.model->snapshot;
	for (const struct mt_change *c = toy->plan.changes; c; c = c->next)
		then = mt_snapshot_with(toy->arena, then, c->path, c->after);
	toy->plan.after = mt_examine(then, toy_backends);
}

void toy_plan_build(struct toy *toy)
{
	const struct mt_snapshot *now = toy->plan.model->snapshot;
	toy->plan.builds = build_of(toy);
	if (toy->plan.builds) {
		struct mt_text made = MT_TEXT_INIT(toy->arena);
		const char *path = toy->plan.builds->makes[0];
		struct mt_item absent = {.name = path, .presence = MT_ABSENT};
		const struct mt_item *item = mt_snapshot_file(now, path);
		mt_text_add(&made, new_bytes(&toy->plan, now, toy_path(toy, "etc/a.cf")));
		mt_text_add(&made, new_bytes(&toy->plan, now, toy_path(toy, "etc/b.cf")));
		mt_plan_made(&toy->plan, toy->plan.builds, mt_item_readable(item) ? item : &absent,
			     mt_text_str(&made));
	}
	foresee(toy);
}

int toy_plan(struct toy *toy, enum mt_action action, struct mt_error *error)
{
	struct mt_snapshot *now;
	if (collect(toy, toy->arena, &now, error))
		return -1;
	const struct mt_model *model = mt_examine(now, toy_backends);
	toy->plan = (struct mt_plan){.arena = toy->arena,
				     .model = model,
				     .mta = model->mtas,
				     .goal = &toy->goal,
				     .action = action,
				     .daemon = daemon_of(toy)};
	toy->plan.validators = validator_of(toy);
	toy->plan.validate_files = list(toy, toy_path(toy, "etc/a.cf"), toy_path(toy, "etc/b.cf"));
	toy->plan.locks = list(toy, toy_path(toy, "etc/a.cf.tmp"), NULL);
	add_change(toy, now, "etc/a.cf", MT_STR(TOY_A_NEW));
	add_change(toy, now, "etc/b.cf", MT_STR(TOY_B_NEW));
	toy_plan_build(toy);
	return 0;
}
