/* SPDX-License-Identifier: ISC */
/*
 * simple.c: a backend that can be made wrong (-D), built against the installed headers alone. Its MTA is the file
 * /etc/simple.conf of lines "path kind ipv4 ipv6"; "-" lets the kernel choose.
 */
#include <mtapin/backend.h>

#include <string.h>

#ifndef SIMPLE_ABI
#define SIMPLE_ABI MT_ABI
#endif
#ifndef SIMPLE_NAME
#define SIMPLE_NAME "simple"
#endif

#define CONF "/etc/simple.conf"

static const struct mt_finding_row findings[] = {
	{"SI-ALWAYS", MT_NOTE, "a note that is always there", "It says nothing.", false},
	{"SI-STOPS", MT_WARNING, "the other family waits", "Pin it as well.", true},
	{0},
};

#ifndef SIMPLE_METHOD
#define SIMPLE_METHOD "simple_all"
#endif
#ifndef SIMPLE_OPTION
#define SIMPLE_OPTION "simple-note"
#endif
#ifndef SIMPLE_TAKES
#define SIMPLE_TAKES "simple-note"
#endif
#ifndef SIMPLE_ARGUMENT
#define SIMPLE_ARGUMENT "WORDS"
#endif
#ifndef SIMPLE_STOPS
#define SIMPLE_STOPS "SI-STOPS"
#endif

static const struct mt_own_option options[] = {
	{SIMPLE_OPTION, SIMPLE_ARGUMENT, "what to say of the change"},
	{0},
};
static const char *const line_options[] = {SIMPLE_TAKES, NULL};
/* as if mail over the other family waited then */
static const struct mt_families all_families = {.other = MT_OTHER_WAITS,
						.off = MT_OFF_NONE,
						.expires = "a day",
						.absent = {MT_ABSENT_WAITS, MT_ABSENT_WAITS},
						.stops = SIMPLE_STOPS};
static const struct mt_method methods[] = {
	{.name = "simple_line",
	 .title = "the address in the line of each path",
	 .options = line_options},
	{.name = SIMPLE_METHOD, .title = "the address in every line", .families = &all_families},
	{0},
};

static void detect(struct mt_model *model, const struct mt_backend *self)
{
	if (!mt_item_readable(mt_snapshot_file(model->snapshot, CONF)))
		return;
	struct mt_mta *mta = mt_model_mta(model, self, "/etc");
	mta->version = "1.0";
	mta->helo = "mail.example.net";
	mta->state = MT_STATE_RUNNING;
}

static enum mt_kind kind_of(struct mt_str word)
{
	for (int kind = MT_KIND_INTERNET; kind < MT_KIND_UNKNOWN; kind++)
		if (mt_str_is(word, mt_kind_name((enum mt_kind)kind)))
			return (enum mt_kind)kind;
	return MT_KIND_UNKNOWN;
}

static struct mt_binding binding_of(struct mt_model *model, struct mt_str word, struct mt_str line,
				    unsigned number)
{
	struct mt_binding binding = {.how = MT_HOW_KERNEL,
				     .confidence = MT_CONFIDENCE_ASSUMED,
				     .note = "kernel's choice"};
	if (!mt_addr_parse(word, &binding.source))
		return binding;
	binding.how = MT_HOW_ADDRESS;
	binding.confidence = MT_CONFIDENCE_YES;
	binding.note = "";
	binding.origin = mt_origin(model->arena, CONF, number, mt_strz(model->arena, line), NULL);
	return binding;
}

static struct mt_transport *transport_of(struct mt_model *model, struct mt_str line,
					 unsigned number)
{
	struct mt_str rest = line, name, kind, word;
	if (!mt_str_word(&rest, " ", &name) || !mt_str_word(&rest, " ", &kind))
		return NULL;
	struct mt_transport *transport = MT_NEW(model->arena, struct mt_transport);
	*transport = (struct mt_transport){.name = mt_strz(model->arena, name),
					   .kind = kind_of(kind),
					   .helo = "",
					   .next_hop = "",
					   .feeds = ""};
	for (int f = 0; f < MT_FAMILIES; f++)
		transport->binding[f] = binding_of(
			model, mt_str_word(&rest, " ", &word) ? word : MT_STR("-"), line, number);
	return transport;
}

static void examine(struct mt_model *model, struct mt_mta *mta)
{
	struct mt_str rest = mt_snapshot_file(model->snapshot, CONF)->bytes, line;
	struct mt_transport **at = &mta->transports;
	for (unsigned number = 1; mt_str_line(&rest, &line); number++) {
		*at = transport_of(model, line, number);
		if (*at)
			at = &(*at)->next;
	}
	mt_model_find(model, mta, "SI-ALWAYS",
		      mta->transports ? mta->transports->binding[0].origin : NULL,
		      mt_message(model->arena, "do nothing"),
		      "this is the note that is always there");
}

/* Every line of a wanted path gets the address of the goal. */
static void plan(struct mt_plan *plan)
{
	struct mt_str before = mt_snapshot_file(plan->model->snapshot, CONF)->bytes, line;
	struct mt_str rest = before;
	struct mt_text after = MT_TEXT_INIT(plan->arena);
	const struct mt_transport *transport = plan->mta->transports;
	char text[MT_ADDR_TEXT];
	const char *v4 = mt_addr_text(plan->goal->family[MT_V4].addr, text);
	for (; transport && mt_str_line(&rest, &line); transport = transport->next) {
		if (mt_goal_wants(plan->goal, transport))
			mt_text_addf(&after, "%s %s %s\n", transport->name,
				     mt_kind_name(transport->kind), *v4 ? v4 : "-");
		else
			mt_text_addf(&after, "%.*s\n", MT_STR_FMT(line));
	}
	mt_plan_replace(plan, CONF, before, mt_text_str(&after));
	const char *note = mt_goal_own(plan->goal, SIMPLE_OPTION);
	if (!plan->method)
		plan->method = &methods[0];
	if (note)
		mt_plan_remark(plan, "note: %s", note);
	plan->action = plan->changes ? MT_ACTION_RELOAD : MT_ACTION_NONE;
	plan->daemon.title = "simple";
}

const struct mt_backend mt_backend = {
	.abi = SIMPLE_ABI,
	.name = SIMPLE_NAME,
	.title = "Simple",
	.collector = "simple_collect() { :; }\n",
	.findings = findings,
	.methods = methods,
	.options = options,
	.detect = detect,
	.examine = examine,
	.plan = plan,
};
