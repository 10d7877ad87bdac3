/* SPDX-License-Identifier: ISC */
/* plan_changes.c: what a backend puts into a plan: files that are edited, made, removed. */
#include <mtapin/backend.h>

#include <string.h>

static struct mt_change *add_rewrite(struct mt_plan *plan, const char *path,
				     const struct mt_rewrite *rewrite)
{
	struct mt_change **at = &plan->changes;
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(plan->arena, struct mt_change);
	**at = (struct mt_change){.path = path,
				  .before = rewrite->before,
				  .after = rewrite->after,
				  .edits = rewrite->edits};
	return *at;
}

static struct mt_change *add_change(struct mt_plan *plan, const char *path, struct mt_str before,
				    struct mt_str after)
{
	struct mt_edit *edits = mt_edits_between(plan->arena, before, after);
	return add_rewrite(plan, path, &(struct mt_rewrite){before, after, edits});
}

void mt_plan_replace(struct mt_plan *plan, const char *path, struct mt_str before,
		     struct mt_str after)
{
	if (!mt_str_eq(before, after))
		add_change(plan, path, before, after);
}

void mt_plan_edit(struct mt_plan *plan, const char *path, const struct mt_rewrite *rewrite)
{
	struct mt_rewrite refined = *rewrite;
	if (mt_str_eq(rewrite->before, rewrite->after))
		return;
	refined.edits = mt_edits_refined(plan->arena, rewrite);
	add_rewrite(plan, path, &refined);
}

void mt_plan_settings(struct mt_plan *plan, const char *path, const char *const *settings)
{
	for (struct mt_change *c = plan->changes; c; c = c->next)
		if (strcmp(c->path, path) == 0)
			c->settings = settings;
}

/* One word: lists lose the blanks between their elements. */
const char *mt_setting_text(struct mt_arena *arena, const char *name, const char *value)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_str rest = mt_str_of(value ? value : "(removed)"), word;
	mt_text_addf(&text, "%s=", name);
	while (mt_str_word(&rest, " \t\r\n", &word))
		mt_text_add(&text, word);
	return mt_text_z(&text);
}

/* As every reader needs it, for owner and group of `like`. */
static void give_owner(struct mt_change *change, const struct mt_item *like)
{
	change->mode = 0644;
	change->owned = like->uid >= 0 && like->gid >= 0;
	change->uid = like->uid;
	change->gid = like->gid;
}

struct mt_change *mt_plan_create(struct mt_plan *plan, const char *path, struct mt_str after,
				 const struct mt_item *like)
{
	struct mt_change *change = add_change(plan, path, MT_STR(""), after);
	change->create = true;
	give_owner(change, like);
	return change;
}

static bool others_may_read(const struct mt_item *item)
{
	return item->mode < 0 || (item->mode & 0444) == 0444;
}

void mt_plan_put(struct mt_plan *plan, const char *path, const struct mt_item *item,
		 struct mt_str after, const struct mt_item *like)
{
	if (mt_str_eq(item->bytes, after) && others_may_read(item))
		return;
	struct mt_change *change = add_change(plan, path, item->bytes, after);
	if (others_may_read(item))
		return;
	change->remode = true;
	give_owner(change, like);
	mt_plan_remark(plan, "%s gets mode 0644 (it has %04o)", path, (unsigned)item->mode);
}

void mt_plan_made(struct mt_plan *plan, const struct mt_build *build, const struct mt_item *item,
		  struct mt_str after)
{
	bool same = mt_item_readable(item) && mt_str_eq(item->bytes, after);
	/* in a tree nothing is made: what an earlier change left to do is no change of this one */
	if (!plan->changes && (same || plan->model->snapshot->rooted))
		return;
	struct mt_change *change = add_change(plan, item->name, item->bytes, after);
	change->made_by = build->title;
	change->create = !mt_item_readable(item);
	change->mode = 0644;
}

void mt_plan_remove(struct mt_plan *plan, const char *path, struct mt_str before)
{
	add_change(plan, path, before, MT_STR(""))->remove = true;
}
