/* SPDX-License-Identifier: ISC */
/* backends.c: which MTAs this mtapin knows, and which modules it refused. */
#include "cmd/command.h"
#include "ui/escape.h"
#include "ui/json.h"

static const char *abilities(const struct mt_backend *backend)
{
	if (!backend->detect)
		return "reads its log only";
	return backend->plan ? "reads and changes" : "reads";
}

/* What a pin of one family does, and what it can be made by. */
static void add_rules(struct mt_text *text, const struct mt_backend *backend)
{
	const struct mt_families *rule = backend->families;
	for (const struct mt_method *m = backend->methods; m && m->name; m++) {
		mt_text_addf(text, "  --method %s", m->name);
		for (const char *const *option = m->options; option && *option; option++)
			mt_text_addf(text, " [--%s]", *option);
		mt_text_addf(text, "\n        %s\n", m->title);
	}
	if (rule)
		mt_text_addf(text,
			     "  one family pinned, the other: %s; off: %s%s%s; address absent: %s, "
			     "IPv6 %s; a change counts from: %s\n",
			     mt_other_name(rule->other), mt_off_name(rule->off),
			     rule->off_by ? ", by " : "", rule->off_by ? rule->off_by : "",
			     mt_absent_name(rule->absent[MT_V4]),
			     mt_absent_name(rule->absent[MT_V6]), mt_live_name(rule->live));
}

static void list(struct mt_text *text, const struct mt_registry *registry, bool verbose)
{
	for (size_t i = 0; i < registry->count; i++) {
		const struct mt_backend *backend = registry->backends[i];
		mt_text_addf(text, "%-12s %-16s %s  ", backend->name, backend->title,
			     abilities(backend));
		mt_escape(text, mt_str_of(*registry->paths[i] ? registry->paths[i] : "linked in"));
		mt_text_addf(text, "\n");
		if (verbose)
			add_rules(text, backend);
	}
}

static int run_backends(struct mt_context *context)
{
	const struct mt_registry *registry = &context->registry;
	struct mt_text text = MT_TEXT_INIT(context->arena);
	for (const struct mt_refused_module *m = registry->refused; m; m = m->next)
		mt_complain(context->arena, m->where,
			    mt_format(context->arena, "%s (%s is not loaded)", m->why, m->path));
	if (context->out.json) {
		mt_json_backends(registry);
	} else {
		list(&text, registry, context->options.verbose);
		mt_output_put(mt_text_str(&text));
	}
	return registry->count ? MT_EXIT_OK : MT_EXIT_FAILED;
}

const struct mt_command mt_command_backends = {
	.name = "backends",
	.operands = "",
	.usage = "",
	.exits = MT_EXITS_READ,
	.summary = "List the mail servers that can be read",
	.details = "Each is a module. One that somebody else than root or you could have written "
		   "is refused\n"
		   "and named on stderr. With -v also the methods of each, the options that they\n"
		   "know, and what is measured of it: what becomes of mail over the other family\n"
		   "when one alone is pinned, of an address that is absent, and of a change.",
	.of_bundle = true, /* it is about no host */
	.of_root = true,
	.run = run_backends,
};
