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

static void list(struct mt_text *text, const struct mt_registry *registry)
{
	for (size_t i = 0; i < registry->count; i++) {
		const struct mt_backend *backend = registry->backends[i];
		mt_text_addf(text, "%-12s %-16s %s  ", backend->name, backend->title,
			     abilities(backend));
		mt_escape(text, mt_str_of(*registry->paths[i] ? registry->paths[i] : "linked in"));
		mt_text_addf(text, "\n");
	}
}

static int run(struct mt_context *context)
{
	const struct mt_registry *registry = &context->registry;
	struct mt_text text = MT_TEXT_INIT(context->arena);
	for (const struct mt_refused_module *m = registry->refused; m; m = m->next)
		mt_complain(context->arena, m->where,
			    mt_format(context->arena, "%s (%s is not loaded)", m->why, m->path));
	if (context->out.json) {
		mt_json_backends(registry);
	} else {
		list(&text, registry);
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
		   "and named on stderr.",
	.of_bundle = true, /* it is about no host */
	.of_root = true,
	.run = run,
};
