/* SPDX-License-Identifier: ISC */
/* plan_alternatives.c: what gives this source without a control file, as commands to copy. */
#include "plan_file.h"

static void add_way_out(struct mt_plan *plan, const char *title, const struct mt_recipe *command)
{
	struct mt_alternative **at = &plan->alternatives;
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(plan->arena, struct mt_alternative);
	**at = (struct mt_alternative){.title = mt_phrase(plan->arena, title), .command = command};
}

/* A chain that rewrites the source of what this user sends to port 25. */
static struct mt_recipe *source_nat(struct mt_plan *plan, enum mt_family family, const char *addr)
{
	const char *table = family == MT_V6 ? "ip6" : "ip";
	struct mt_recipe *first =
		mt_recipe(plan->arena, "nft", "add", "table", table, "mail", NULL);
	struct mt_recipe *chain =
		mt_recipe(plan->arena, "nft", "add", "chain", table, "mail", "out",
			  "{ type nat hook postrouting priority srcnat; }", NULL);
	struct mt_recipe *rule =
		mt_recipe(plan->arena, "nft", "add", "rule", table, "mail", "out", NULL);
	if (plan->mta->uid >= 0)
		mt_recipe_add(plan->arena, rule, "meta", "skuid",
			      mt_format(plan->arena, "%ld", plan->mta->uid), NULL);
	mt_recipe_add(plan->arena, rule, "tcp", "dport", "25", "snat", "to", addr, NULL);
	first->next = chain;
	chain->next = rule;
	return first;
}

void qm_ways_out(struct mt_plan *plan, const struct qmail *q, enum mt_family family, bool patch)
{
	const char *addr = mt_addr_format(plan->arena, plan->goal->family[family].addr);
	if (patch)
		add_way_out(plan, "a qmail-remote with the outgoingip patch, of which this says 1",
			    mt_recipe(plan->arena, "grep", "-caxz", "control/outgoingip",
				      q->place.program, NULL));
	add_way_out(plan, "the route: every connection that chooses no source itself",
		    mt_recipe(plan->arena, "sh", "-c",
			      family == MT_V6 ? "ip -6 route change $(ip -6 route show default | "
						"sed \"s/ src [^ ]*//;q\") src $0"
					      : "ip -4 route change $(ip -4 route show default | "
						"sed \"s/ src [^ ]*//;q\") src $0",
			      addr, NULL));
	add_way_out(plan, "source NAT: mail alone", source_nat(plan, family, addr));
	add_way_out(plan, "a local MTA that binds, by smtproutes",
		    mt_recipe(plan->arena, "sh", "-c", "echo :127.0.0.1:10025 >>\"$0\"",
			      mt_format(plan->arena, "%s/smtproutes", q->place.control), NULL));
}
