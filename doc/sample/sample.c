/* SPDX-License-Identifier: ISC */
/*
 * sample.c: a backend to learn from; doc/backend.md walks through it. Its mail server is invented:
 *
 *	/etc/sample.d/?*.conf	what people edit
 *	/etc/sample.conf	what sampled reads: all of that in one, without comments; sample-generate makes it
 *	/etc/sample.passwords	what it logs in with
 *
 * A line of them is one of
 *
 *	helo NAME
 *	relay DOMAIN ADDRESS			mail to that domain goes there
 *	source [WHICH] ADDRESS...		IPv4: any of them is taken
 *	source [WHICH] ${EXPRESSION}		sampled evaluates it for each mail
 *	source [WHICH] off			nothing is sent over IPv4
 *	source6 ...				the same of IPv6
 *
 * where WHICH is from=DOMAIN, of the sender, or to=NETWORK, that is connected to. The first line that is for a mail counts,
 * then the first one that is for all.
 */
#include <mtapin/backend.h>

#include <signal.h>
#include <string.h>

#define FOLDER	 "/etc/sample.d"
#define CONF	 "/etc/sample.conf"
#define GENERATE "sample-generate"
#define BLANKS	 " \t"

/* ---- settings -------------------------------------------------------------------------------- */

struct setting {
	const char *file;
	unsigned line;
	struct mt_str text;
	const struct setting *from; /* of a line of CONF: the one in FOLDER that it was made of */
	struct setting *next;
};

/* Not a comment; and what may not leave a host is a '*' here. */
static bool is_setting(struct mt_str line)
{
	return line.n && *line.p >= 'a' && *line.p <= 'z';
}

static struct setting **add_settings(struct mt_arena *arena, const struct mt_item *item,
				     struct setting **tail)
{
	struct mt_str rest = item->bytes, line;
	for (unsigned number = 1; mt_str_line(&rest, &line); number++) {
		if (!is_setting(line))
			continue;
		*tail = MT_NEW(arena, struct setting);
		**tail = (struct setting){.file = item->name, .line = number, .text = line};
		tail = &(*tail)->next;
	}
	return tail;
}

static bool is_source_file(const struct mt_item *item)
{
	struct mt_str name = mt_str_of(item->name);
	return !item->probe && mt_str_starts(name, FOLDER "/") &&
	       mt_str_is(mt_str_after(name, '.'), "conf");
}

/* Items are sorted by their names, as sample-generate sorts the files. */
static struct setting *sources_of(struct mt_arena *arena, const struct mt_snapshot *snapshot)
{
	struct setting *first = NULL, **tail = &first;
	for (size_t i = 0; i < snapshot->count; i++)
		if (is_source_file(&snapshot->items[i]))
			tail = add_settings(arena, &snapshot->items[i], tail);
	return first;
}

/* False: somebody has edited, and not generated yet. */
static bool pair(struct setting *made, const struct setting *source)
{
	for (; made && source && mt_str_eq(made->text, source->text);
	     made = made->next, source = source->next)
		made->from = source;
	return !made && !source;
}

/* ---- the lines that matter here ------------------------------------------------------------------ */

enum name { SOURCE = MT_V4, SOURCE6 = MT_V6, HELO, NAMES };
static const char *const names[] = {"source", "source6", "helo"};

struct assignment {
	enum name name;
	const struct mt_condition *when; /* NULL: for all mail */
	struct mt_str value;
};

static bool read_assignment(struct mt_arena *arena, struct mt_str line, struct assignment *a)
{
	static const struct {
		const char *word;
		enum mt_by by;
	} which[] = {{"from=", MT_BY_SENDER_DOMAIN}, {"to=", MT_BY_NEXT_HOP}};
	struct mt_str word;
	*a = (struct assignment){0};
	if (!is_setting(line) || !mt_str_word(&line, BLANKS, &word))
		return false;
	while (a->name < NAMES && !mt_str_is(word, names[a->name]))
		a->name++;
	a->value = mt_str_trim(line);
	if (!mt_str_word(&line, BLANKS, &word))
		word = a->value;
	for (size_t i = 0; i < MT_ARRAY_LEN(which); i++) {
		size_t n = strlen(which[i].word);
		if (!mt_str_starts(word, which[i].word))
			continue;
		a->when = mt_condition(arena, which[i].by,
				       mt_strz(arena, mt_str_part(word, n, word.n - n)), NULL);
		a->value = mt_str_trim(line);
	}
	return a->name < NAMES;
}

/* ---- examine ---------------------------------------------------------------------------------- */

struct sample {
	struct mt_model *model;
	struct mt_mta *mta;
	struct setting *made, *sources;
	bool pending;
};

/* The line that a person edits, and the one that sampled reads. */
static struct mt_origin *origin_of(const struct sample *s, const struct setting *made)
{
	const struct setting *edited = made->from ? made->from : made;
	struct mt_arena *arena = s->model->arena;
	struct mt_origin *origin = mt_origin(
		arena, edited->file, edited->line,
		mt_redact_text(arena, s->mta->backend, edited->file, mt_strz(arena, edited->text)),
		NULL);
	if (made->from) {
		origin->generated = made->file;
		origin->generated_line = made->line;
	}
	origin->fixed = strcmp(edited->file, CONF) == 0;
	return origin;
}

/* One address, or several of which any is taken. */
static void read_addresses(const struct sample *s, const struct assignment *a,
			   struct mt_binding *binding)
{
	struct mt_arena *arena = s->model->arena;
	enum mt_family family = (enum mt_family)a->name;
	struct mt_str rest = a->value, word = rest;
	struct mt_addr *pool = mt_alloc(arena, (rest.n / 2 + 1) * sizeof *pool);
	size_t n = 0;
	do {
		mt_str_word(&rest, BLANKS, &word);
		bool fits = mt_addr_parse(word, &pool[n]) && pool[n].family == family;
		if (!fits || !mt_addr_usable(s->model->snapshot->facts, pool[n])) {
			binding->how = MT_HOW_DEFERRED;
			binding->note =
				mt_format(arena, "%.*s is no %s address%s", MT_STR_FMT(word),
					  mt_family_name(family), fits ? " of this host" : "");
			return;
		}
		n++;
	} while (rest.n);
	binding->source = pool[0];
	if (n < 2)
		return;
	binding->pick = MT_PICK_ANY;
	binding->pool = pool;
	binding->pool_count = n;
}

static struct mt_binding binding_of(const struct sample *s, const struct setting *setting,
				    const struct assignment *a)
{
	struct mt_binding binding = {.when = a->when,
				     .how = MT_HOW_ADDRESS,
				     .absent = MT_ABSENT_WAITS,
				     .confidence = MT_CONFIDENCE_YES,
				     .note = "",
				     .origin = origin_of(s, setting)};
	if (mt_str_starts(a->value, "${")) {
		binding.how = MT_HOW_COMPUTED;
		binding.confidence = MT_CONFIDENCE_NO;
	} else if (mt_str_is(a->value, "off")) {
		binding.how = MT_HOW_OFF;
	} else {
		read_addresses(s, a, &binding);
	}
	return binding;
}

/* Nothing is said of this family. */
static struct mt_binding no_line(const struct sample *s, enum mt_family family, bool other_pinned)
{
	const struct mt_source *kernel = mt_host_default_source(s->model->snapshot->facts, family);
	if (other_pinned)
		return (struct mt_binding){
			.how = MT_HOW_DEFERRED,
			.confidence = MT_CONFIDENCE_YES,
			.note = "the other family has an address, this has none"};
	return (struct mt_binding){.how = MT_HOW_KERNEL,
				   .source = kernel->source,
				   .confidence = MT_CONFIDENCE_ASSUMED,
				   .note = "kernel's choice"};
}

static void read_lines(const struct sample *s, struct mt_transport *transport)
{
	struct mt_binding **tail[MT_FAMILIES] = {&transport->conditional[MT_V4],
						 &transport->conditional[MT_V6]};
	bool there[NAMES] = {false};
	struct assignment a;
	for (const struct setting *line = s->made; line; line = line->next) {
		if (!read_assignment(s->model->arena, line->text, &a) || (!a.when && there[a.name]))
			continue;
		there[a.name] = there[a.name] || !a.when;
		if (a.name == HELO) {
			transport->helo = mt_strz(s->model->arena, a.value);
		} else if (a.when) {
			*tail[a.name] = MT_NEW(s->model->arena, struct mt_binding);
			**tail[a.name] = binding_of(s, line, &a);
			tail[a.name] = &(*tail[a.name])->next;
		} else {
			transport->binding[a.name] = binding_of(s, line, &a);
		}
	}
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (!there[f])
			transport->binding[f] = no_line(s, f, there[MT_V6 - f]);
}

static void find_findings(const struct sample *s)
{
	const struct mt_snapshot *snapshot = s->model->snapshot;
	struct mt_arena *arena = s->model->arena;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		const struct mt_binding *binding = &s->mta->transports->binding[f];
		if (binding->how == MT_HOW_DEFERRED &&
		    mt_host_default_source(snapshot->facts, f)->reachable)
			mt_model_find(s->model, s->mta, "SM-WAITS", binding->origin,
				      mt_message(arena, "pin both families"),
				      "mail over %s waits: %s", mt_family_name(f), binding->note);
	}
	if (s->pending)
		mt_model_find(s->model, s->mta, "SM-PENDING", NULL, NULL,
			      "%s is not what %s makes of %s today", CONF, GENERATE, FOLDER);
	const struct mt_item *passwords = mt_snapshot_file(snapshot, "/etc/sample.passwords");
	if (passwords->mode > 0 && passwords->mode & 0004)
		mt_model_find(s->model, s->mta, "SM-PASSWORDS", NULL, NULL,
			      "%s has mode %04o: everybody on this host may read it",
			      passwords->name, (unsigned)passwords->mode)
			->command = mt_recipe(arena, "chmod", "o-r", passwords->name);
}

static void examine(struct mt_model *model, struct mt_mta *mta)
{
	struct sample *s = MT_NEW(model->arena, struct sample);
	struct mt_transport *transport = MT_NEW(model->arena, struct mt_transport);
	const struct mt_snapshot *snapshot = model->snapshot;
	struct mt_str version = mt_str_trim(mt_snapshot_probe(snapshot, "sample.version")->bytes);
	mta->version = mt_strz(model->arena, version);
	mt_mta_process(mta, mt_snapshot_probe(snapshot, "sample.daemon"), "sampled");
	if (mta->unreadable)
		return;
	*s = (struct sample){
		.model = model, .mta = mta, .sources = sources_of(model->arena, snapshot)};
	add_settings(model->arena, mt_snapshot_file(snapshot, CONF), &s->made);
	s->pending = !pair(s->made, s->sources);
	if (s->pending && snapshot->rooted) { /* the next start of sampled generates */
		s->made = s->sources;
		s->pending = false;
	}
	mta->priv = s;
	*transport = (struct mt_transport){
		.name = "smtp", .kind = MT_KIND_INTERNET, .helo = "", .next_hop = "", .feeds = ""};
	read_lines(s, transport);
	mta->helo = transport->helo;
	mta->transports = transport;
	find_findings(s);
}

/* ---- detect, and the files of a tree that is not running --------------------------------------- */

static void detect(struct mt_model *model, const struct mt_backend *self)
{
	const struct mt_item *conf = mt_snapshot_file(model->snapshot, CONF);
	if (conf->presence == MT_UNASKED || conf->presence == MT_ABSENT)
		return;
	struct mt_mta *mta = mt_model_mta(model, self, FOLDER);
	if (!mt_item_readable(conf))
		mta->unreadable = CONF " cannot be read";
}

static void wants(const struct mt_snapshot *snapshot, struct mt_wanted *wanted)
{
	(void)snapshot;
	wanted->want(wanted, CONF, true);
	wanted->want(wanted, "/etc/sample.passwords", false);
	wanted->want_in(wanted, FOLDER, ".conf");
}

/* What leaves a host: of these names the values, without a comment behind them; of the passwords nothing at all. */
static const struct mt_redaction redactions[] = {
	{.items = "/etc/sample.passwords"},
	{.items = "/etc/sample.*",
	 .syntax = MT_SYNTAX_ASSIGNMENTS,
	 .keep = "helo relay source source6",
	 .cut = "#",
	 .hides_names = true},
	{.items = "sample.version", .syntax = MT_SYNTAX_LINES},
	{0},
};

/* ---- which way one mail takes ------------------------------------------------------------------ */

static void route(const struct mt_model *model, const struct mt_mta *mta,
		  const struct mt_mail *mail, struct mt_route *route)
{
	const struct sample *s = mta->priv;
	struct mt_str domain = mt_str_after(mt_str_of(mail->to), '@'), text, word;
	(void)model;
	route->transport = mta->transports;
	for (const struct setting *line = s->made; line; line = line->next) {
		text = line->text;
		if (!mt_str_word(&text, BLANKS, &word) || !mt_str_is(word, "relay") ||
		    !mt_str_word(&text, BLANKS, &word) || !mt_str_same(word, domain))
			continue;
		route->next_hop = mt_strz(s->model->arena, mt_str_trim(text));
		route->chain = origin_of(s, line);
		return;
	}
}

/* ---- methods ----------------------------------------------------------------------------------- */

static const struct mt_families families = {
	.other = MT_OTHER_WAITS,
	.off = MT_OFF_WAITS,
	.off_by = "a line source or source6",
	.expires = "five days",
	.absent = {MT_ABSENT_WAITS, MT_ABSENT_WAITS},
	.live = MT_LIVE_BUILT,
	.stops = "SM-STOPS",
	.program = "sampled",
};

static const struct mt_own_option options[] = {
	{"sample-file", "NAME", "file of /etc/sample.d that a new line goes to (mtapin.conf)"},
	{0},
};
static const char *const line_options[] = {"sample-file", NULL};

enum { SOURCE_LINE, SOURCE_EVERY };
static const struct mt_method methods[] = {
	[SOURCE_LINE] = {.name = "source",
			 .title = "the line for all mail. Lines for some mail stay",
			 .starts = "source",
			 .options = line_options},
	[SOURCE_EVERY] = {.name = "source_every",
			  .title = "the same address in every line, those for some mail as well",
			  .options = line_options},
	{0},
};

/* ---- plan: the edits ---------------------------------------------------------------------------- */

static void plan_ready(struct mt_plan *plan)
{
	const struct sample *s = plan->mta->priv;
	const struct mt_snapshot *snapshot = plan->model->snapshot;
	if (plan->mta->unreadable)
		return; /* the core refuses */
	for (size_t i = 0; i < snapshot->count; i++)
		if (is_source_file(&snapshot->items[i]) && !mt_item_readable(&snapshot->items[i]))
			mt_plan_refuse(plan, "PLAN-UNREADABLE", snapshot->items[i].name,
				       "cannot be read");
	if (!plan->refused && s->pending && !mt_goal_accepts(plan->goal, "SM-PENDING"))
		mt_plan_refuse(plan, "SM-PENDING", CONF,
			       "it is not what %s makes of %s today: run it first, or take that "
			       "edit back; all the same: --accept SM-PENDING",
			       GENERATE, FOLDER);
}

/* What is to stand behind the name: "" where such a line has to go, NULL where it stays. */
static const char *value_for(const struct mt_plan *plan, enum name name)
{
	if (name == HELO)
		return plan->goal->helo;
	const struct mt_pin_goal *goal = &plan->goal->family[name];
	switch (goal->pin) {
	case MT_PIN_ADDRESS:
		return mt_addr_format(plan->arena, goal->addr);
	case MT_PIN_OFF:
		return "off";
	case MT_PIN_ANY:
		return "";
	default:
		return NULL;
	}
}

/* The first line for all mail of each name gets its value; by source_every the lines for some mail do as well. */
static void edit_line(const struct mt_plan *plan, struct mt_str line, bool *done,
		      struct mt_text *after)
{
	struct assignment a;
	struct mt_str text = mt_str_trim(line);
	const char *value = NULL;
	if (is_setting(line) && read_assignment(plan->arena, text, &a)) {
		bool counts = a.when ? plan->method == &methods[SOURCE_EVERY] : !done[a.name];
		value = counts ? value_for(plan, a.name) : NULL;
		done[a.name] = done[a.name] || !a.when;
	}
	if (!value)
		mt_text_add(after, line);
	else if (*value)
		mt_text_addf(after, "%.*s%s%s\n", (int)(a.value.p - text.p), text.p,
			     a.value.n ? "" : " ", value);
}

/* Lines that are nowhere yet. */
static const char *new_lines(const struct mt_plan *plan)
{
	const struct sample *s = plan->mta->priv;
	bool there[NAMES + 1] = {false};
	struct mt_text text = MT_TEXT_INIT(plan->arena);
	struct assignment a;
	for (const struct setting *line = s->sources; line; line = line->next)
		if (read_assignment(plan->arena, line->text, &a) && !a.when)
			there[a.name] = true;
	for (enum name name = SOURCE; name < NAMES; name++) {
		const char *value = value_for(plan, name);
		if (!there[name] && value && *value)
			mt_text_addf(&text, "%s %s\n", names[name], value);
	}
	return mt_text_z(&text);
}

/* Where they go; NULL: refused. */
static const char *new_file(struct mt_plan *plan)
{
	const char *name = mt_goal_own(plan->goal, "sample-file");
	struct mt_str text = mt_str_of(name ? name : "mtapin.conf");
	if (mt_is_name(text) && *text.p != '.' && mt_str_is(mt_str_after(text, '.'), "conf"))
		return mt_format(plan->arena, "%s/%s", FOLDER, text.p);
	mt_plan_refuse(plan, "SM-FILE", name, "sample-generate takes files NAME.conf only");
	return NULL;
}

/* What sample-generate makes of them. */
static struct mt_str generated(struct mt_arena *arena, const struct mt_snapshot *snapshot)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (const struct setting *line = sources_of(arena, snapshot); line; line = line->next)
		mt_text_addf(&text, "%.*s\n", MT_STR_FMT(line->text));
	return mt_text_str(&text);
}

static bool ends_in_lf(struct mt_str text)
{
	return !text.n || text.p[text.n - 1] == '\n';
}

static void edit_files(struct mt_plan *plan)
{
	const struct mt_snapshot *snapshot = plan->model->snapshot, *then = snapshot;
	const struct mt_item *conf = mt_snapshot_file(snapshot, CONF);
	const char *lines = new_lines(plan), *file = *lines ? new_file(plan) : "";
	bool done[NAMES] = {false};
	if (!file)
		return;
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct mt_item *item = &snapshot->items[i];
		struct mt_text after = MT_TEXT_INIT(plan->arena);
		struct mt_str rest = item->bytes, line;
		if (!is_source_file(item))
			continue;
		for (const char *p = rest.p; mt_str_line(&rest, &line); p = rest.p)
			edit_line(plan, (struct mt_str){p, (size_t)(rest.p - p)}, done, &after);
		if (strcmp(item->name, file) == 0)
			mt_text_addf(&after, "%s%s", ends_in_lf(mt_text_str(&after)) ? "" : "\n",
				     lines);
		mt_plan_replace(plan, item->name, item->bytes, mt_text_str(&after));
	}
	if (*file && !mt_item_readable(mt_snapshot_file(snapshot, file)))
		mt_plan_create(plan, file, mt_str_of(lines), conf);
	for (const struct mt_change *c = plan->changes; c; c = c->next)
		then = mt_snapshot_with(plan->arena, then, c->path, c->after);
	mt_plan_made(plan, plan->builds, conf, generated(plan->arena, then));
}

/* ---- plan: the build step, the daemon ------------------------------------------------------------ */

static void serve(struct mt_plan *plan)
{
	static const char *const reads[] = {FOLDER, NULL}, *const makes[] = {CONF, NULL};
	static const char *const units[] = {"sampled.service", "sampled", NULL};
	static const char *const logs[] = {"/var/log/sample.log", NULL};
	static const char *const bad[] = {"cannot bind", NULL};
	plan->builds = MT_NEW(plan->arena, struct mt_build);
	*plan->builds = (struct mt_build){
		.title = GENERATE,
		.reads = reads,
		.makes = makes,
		.trial = {.argv = {"/usr/sbin/sample-generate", "@DIR@" FOLDER, "@DIR@" CONF}},
		.live = {.argv = {"/usr/sbin/sample-generate"}},
		.stale = "SM-PENDING",
		.offline = "the next start of sampled there runs " GENERATE,
	};
	plan->validators = MT_NEW(plan->arena, struct mt_command_line);
	*plan->validators =
		(struct mt_command_line){.argv = {"/usr/sbin/sampled", "--check", "@DIR@" CONF}};
	plan->daemon = (struct mt_daemon){
		.title = "sampled",
		.pid_file = "/run/sampled.pid",
		.program = "sampled",
		.units = units,
		.start = {.argv = {"/usr/sbin/sampled"}},
		.reload = {.by = MT_DRIVE_SIGNAL, .signal = SIGHUP, .proof = "configuration read"},
		.restart = {.by = MT_DRIVE_WAIT, .seconds = 60},
		.log_files = logs,
		.log_bad = bad,
	};
	plan->no_proof = "sampled only connects to deliver; --observe SECONDS waits for that";
}

static void plan(struct mt_plan *plan)
{
	if (!plan->method)
		plan->method = &methods[SOURCE_LINE];
	serve(plan);
	edit_files(plan);
	mt_list_add(plan->arena, &plan->validate_files, CONF);
	plan->action_why =
		mt_message(plan->arena, plan->goal->no_service ? "as asked: sampled is left alone"
							       : "sampled reads its file at a HUP");
	if (plan->goal->restart)
		plan->action = MT_ACTION_RESTART;
	else if (plan->changes && !plan->goal->no_service)
		plan->action = MT_ACTION_RELOAD;
}

/* ---- the backend ---------------------------------------------------------------------------------- */

static const char collector[] =
#include "collect.inc"
	;

#define ROW(id, severity, title, explanation, accept) {id, severity, title, explanation, accept},
static const struct mt_finding_row findings[] = {
#include "findings.rows"
	{0},
};

const struct mt_backend mt_backend = {
	.abi = MT_ABI,
	.name = "sample",
	.title = "Sample",
	.collector = collector,
	.findings = findings,
	.redactions = redactions,
	.files_max = 400,
	.methods = methods,
	.options = options,
	.families = &families,
	.wants = wants,
	.detect = detect,
	.examine = examine,
	.plan_ready = plan_ready,
	.plan = plan,
	.serve = serve,
	.route = route,
};
