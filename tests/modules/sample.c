/* SPDX-License-Identifier: ISC */
/*
 * sample.c: a backend built outside the tree, against the installed headers alone. Its MTA is the file
 * /etc/sample.conf of lines "path kind ipv4 ipv6"; "-" lets the kernel choose.
 */
#include <mtapin/backend.h>

#include <string.h>

#ifndef SAMPLE_ABI
#define SAMPLE_ABI MT_ABI
#endif
#ifndef SAMPLE_NAME
#define SAMPLE_NAME "sample"
#endif

#define CONF "/etc/sample.conf"

static const struct mt_finding_row findings[] = {
	{"SM-ALWAYS", MT_NOTE, "a note that is always there", "It says nothing."},
	{0},
};

static void detect(struct mt_model *model, const struct mt_backend *self)
{
	if (!mt_item_readable(mt_snapshot_file(model->snapshot, CONF)))
		return;
	struct mt_mta **at = &model->mtas;
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(model->arena, struct mt_mta);
	**at = (struct mt_mta){.backend = self,
			       .instance = "/etc",
			       .version = "1.0",
			       .helo = "mail.example.net",
			       .state = MT_STATE_RUNNING,
			       .uid = -1};
}

static enum mt_kind kind_of(struct mt_str word)
{
	for (int kind = MT_KIND_INTERNET; kind < MT_KIND_UNKNOWN; kind++)
		if (mt_str_is(word, mt_kind_name((enum mt_kind)kind)))
			return (enum mt_kind)kind;
	return MT_KIND_UNKNOWN;
}

static struct mt_way way_of(struct mt_model *model, struct mt_str word, struct mt_str line,
			    unsigned number)
{
	struct mt_way way = {
		.how = MT_HOW_KERNEL, .sure = MT_SURE_ASSUMED, .note = "kernel's choice"};
	if (!mt_addr_parse(word, &way.source))
		return way;
	way.how = MT_HOW_ADDRESS;
	way.sure = MT_SURE_YES;
	way.note = "";
	way.because = mt_because(model->arena, CONF, number, mt_strz(model->arena, line), NULL);
	return way;
}

static struct mt_path *path_of(struct mt_model *model, struct mt_str line, unsigned number)
{
	struct mt_str rest = line, name, kind, word;
	if (!mt_str_word(&rest, " ", &name) || !mt_str_word(&rest, " ", &kind))
		return NULL;
	struct mt_path *path = MT_NEW(model->arena, struct mt_path);
	*path = (struct mt_path){.name = mt_strz(model->arena, name),
				 .kind = kind_of(kind),
				 .helo = "",
				 .next_hop = "",
				 .feeds = ""};
	for (int f = 0; f < MT_FAMILIES; f++)
		path->way[f] = way_of(model, mt_str_word(&rest, " ", &word) ? word : MT_STR("-"),
				      line, number);
	return path;
}

static void examine(struct mt_model *model, struct mt_mta *mta)
{
	struct mt_str rest = mt_snapshot_file(model->snapshot, CONF)->bytes, line;
	struct mt_path **at = &mta->paths;
	for (unsigned number = 1; mt_str_line(&rest, &line); number++) {
		*at = path_of(model, line, number);
		if (*at)
			at = &(*at)->next;
	}
	mt_model_find(model, mta, "SM-ALWAYS", mta->paths ? mta->paths->way[0].because : NULL,
		      "do nothing", "this is the note that is always there");
}

/* Every line of a wanted path gets the address of the goal. */
static void plan(struct mt_plan *plan)
{
	struct mt_str before = mt_snapshot_file(plan->model->snapshot, CONF)->bytes, line;
	struct mt_str rest = before;
	struct mt_text after = MT_TEXT_INIT(plan->arena);
	const struct mt_path *path = plan->mta->paths;
	char text[MT_ADDR_TEXT];
	const char *v4 = mt_addr_text(plan->goal->family[MT_V4].addr, text);
	for (; path && mt_str_line(&rest, &line); path = path->next) {
		if (mt_goal_wants(plan->goal, path))
			mt_text_addf(&after, "%s %s %s\n", path->name, mt_kind_name(path->kind),
				     *v4 ? v4 : "-");
		else
			mt_text_addf(&after, "%.*s\n", MT_STR_FMT(line));
	}
	mt_plan_replace(plan, CONF, before, mt_text_str(&after));
	plan->method = MT_METHOD_SERVICE;
	plan->action = plan->changes ? MT_ACTION_RELOAD : MT_ACTION_NONE;
	plan->daemon.title = "sample";
}

const struct mt_backend mt_backend = {
	.abi = SAMPLE_ABI,
	.name = SAMPLE_NAME,
	.title = "Sample",
	.collector = "sample_collect() { :; }\n",
	.findings = findings,
	.detect = detect,
	.examine = examine,
	.plan = plan,
};
