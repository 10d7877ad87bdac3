/* SPDX-License-Identifier: ISC */
/* goal_command.c: a goal as the command that asks for it. */
#include "core/plan/plan_check.h"

#include <mtapin/backend.h>

static void add_family(struct mt_arena *arena, struct mt_recipe *recipe,
		       const struct mt_pin_goal *goal, const char *option)
{
	static const char *const words[] = {
		[MT_PIN_KEEP] = "keep", [MT_PIN_OFF] = "off", [MT_PIN_ANY] = "any"};
	if (goal->pin == MT_PIN_ADDRESS)
		mt_recipe_add(arena, recipe, option, mt_addr_format(arena, goal->addr), NULL);
	else if (goal->given)
		mt_recipe_add(arena, recipe, option, words[goal->pin], NULL);
}

static void add_each(struct mt_arena *arena, struct mt_recipe *recipe, const char *option,
		     const char *const *values)
{
	for (; values && *values; values++)
		mt_recipe_add(arena, recipe, option, *values, NULL);
}

struct mt_recipe *mt_goal_command(const struct mt_plan *plan, const struct mt_goal *goal)
{
	struct mt_arena *arena = plan->arena;
	struct mt_recipe *recipe = mt_recipe(arena, "mtapin", "fix", NULL);
	add_family(arena, recipe, &goal->family[MT_V4], "--ip4");
	add_family(arena, recipe, &goal->family[MT_V6], "--ip6");
	if (plan->model->mtas->next)
		mt_recipe_add(arena, recipe, "--mta", mt_mta_word(arena, plan->mta), NULL);
	if (goal->method)
		mt_recipe_add(arena, recipe, "--method", goal->method, NULL);
	for (const struct mt_own_value *own = goal->own; own && own->name; own++)
		mt_recipe_add(arena, recipe, mt_format(arena, "--%s", own->name),
			      *own->value ? own->value : NULL, NULL);
	if (goal->helo)
		mt_recipe_add(arena, recipe, "--helo", goal->helo, NULL);
	add_each(arena, recipe, "--path", goal->paths);
	add_each(arena, recipe, "--accept", goal->accept);
	return recipe;
}
