/* SPDX-License-Identifier: ISC */
/* boot_order.c: who starts Postfix, and what if an address is not there yet. */
#include "boot_order.h"

#include <string.h>

static const char drop_in[] =
	"# Written by mtapin: an address that Postfix listens on may come late at a boot.\n"
	"# Until it is there Postfix does not start: try again.\n"
	"[Unit]\n"
	"Wants=network-online.target\n"
	"After=network-online.target\n"
	"StartLimitIntervalSec=0\n"
	"\n"
	"[Service]\n"
	"Restart=on-failure\n"
	"RestartSec=5\n";

/* ---- who starts it ------------------------------------------------------------------------------ */

static struct mt_str care(const struct pf_instance *instance)
{
	const struct mt_snapshot *snapshot = instance->model->snapshot;
	return mt_snapshot_probe(snapshot, mt_format(instance->model->arena, "postfix.master %s",
						     instance->mta->instance))
		->bytes;
}

/* The next value of this key. */
static bool next_value(struct mt_str *text, const char *key, struct mt_str *value)
{
	struct mt_str line, word;
	while (mt_str_line(text, &line))
		if (mt_str_word(&line, " ", &word) && mt_str_is(word, key)) {
			*value = mt_str_trim(line);
			return true;
		}
	return false;
}

static bool is_supervised(const struct pf_instance *instance)
{
	struct mt_str text = care(instance), above;
	while (next_value(&text, "above", &above))
		if (mt_str_is(above, "supervise") || mt_str_is(above, "runsv") ||
		    mt_str_is(above, "s6-supervise"))
			return true;
	return false;
}

/* A unit's name as a component of a path, and one of Postfix's own: not that of a login or of cron. */
static bool is_its_unit(struct mt_str unit)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789:_.\\@-";
	for (size_t i = 0; i < unit.n; i++)
		if (!memchr(letters, unit.p[i], sizeof letters - 1))
			return false;
	return mt_str_starts(unit, "postfix") && unit.n < 200;
}

/* "/etc/systemd/system/postfix@-.service.d/NAME"; NULL: no unit of its own has started it. */
static const char *drop_in_path(const struct pf_instance *instance, const char *name)
{
	struct mt_str text = care(instance), unit;
	if (!next_value(&text, "unit", &unit) || !is_its_unit(unit) || is_supervised(instance))
		return NULL;
	return mt_format(instance->model->arena, "/etc/systemd/system/%.*s.d/%s", MT_STR_FMT(unit),
			 name);
}

/* The last Restart= of a file that `systemctl edit` or we have written. */
static bool restarts(const struct pf_instance *instance, const char *path)
{
	const struct mt_item *item = mt_snapshot_file(instance->model->snapshot, path);
	struct mt_str text = item->bytes, line;
	bool yes = false;
	while (mt_item_readable(item) && mt_str_line(&text, &line)) {
		line = mt_str_trim(line);
		if (mt_str_starts(line, "Restart="))
			yes = !mt_str_is(line, "Restart=no") && !mt_str_is(line, "Restart=");
	}
	return yes;
}

bool pf_boot_tries_again(const struct pf_instance *instance)
{
	static const char *const names[] = {"mtapin.conf", "override.conf"};
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++) {
		const char *path = drop_in_path(instance, names[i]);
		if (path && restarts(instance, path))
			return true;
	}
	return is_supervised(instance);
}

/* What to do, in the words of the init that is here. */
static const char *cure(const struct pf_instance *instance)
{
	struct mt_str init = mt_snapshot_probe(instance->model->snapshot, "init")->bytes, value;
	struct mt_str again = init;
	if (next_value(&init, "systemd", &value))
		return "Restart=on-failure and RestartSec=5 in the unit that starts Postfix "
		       "(systemctl edit UNIT)";
	if (next_value(&again, "openrc", &value))
		return "rc_need=\"net\" in /etc/conf.d/postfix; where the address comes later "
		       "still: rc-service postfix start from what configures it";
	return "service postfix start from what configures the address (a script in "
	       "/etc/network/if-up.d)";
}

/* ---- which address ------------------------------------------------------------------------------ */

const char *pf_boot_late(const struct pf_instance *instance, struct mt_addr addr)
{
	const struct mt_host *host = instance->model->snapshot->facts;
	const struct mt_ifaddr *at = mt_host_addr(host, addr);
	if (!at || mt_addr_is_loopback(addr))
		return NULL;
	if (at->tentative)
		return "is tentative (duplicate address detection)";
	if (at->dynamic)
		return addr.family == MT_V6 ? "is dynamic (router advertisement or DHCP)"
					    : "is dynamic (DHCP)";
	return mt_host_floats(at) ? "looks like a floating one (alone in its network)" : NULL;
}

void pf_boot_lint(struct pf_instance *instance)
{
	char text[MT_ADDR_TEXT];
	if (instance->model->snapshot->facts->addresses != MT_PRESENT ||
	    pf_boot_tries_again(instance))
		return;
	for (const struct mt_listener *l = instance->mta->listeners; l; l = l->next) {
		const char *why = pf_boot_late(instance, l->addr);
		if (!why)
			continue;
		bool unit = drop_in_path(instance, "") != NULL;
		struct mt_finding *finding = mt_model_find(
			instance->model, instance->mta, "PF-BOOT-LATE",
			pf_own_has(&instance->own, l->addr)
				? pf_origin(instance, &instance->scope, "inet_interfaces")
				: mt_origin(instance->model->arena, l->file, l->line, l->service,
					    NULL),
			mt_phrase(instance->model->arena,
				  unit ? "--drop-in lets systemd start it again until the address "
					 "is there"
				       : cure(instance)),
			"Postfix listens on %s, which %pM: at a boot at which it comes late "
			"Postfix does not start",
			mt_addr_text(l->addr, text), mt_phrase(instance->model->arena, why));
		finding->option = unit ? PF_DROP_IN : NULL;
		return;
	}
}

/* ---- the plan ----------------------------------------------------------------------------------- */

static void write_drop_in(struct pf_planner *planner)
{
	static const struct mt_item root = {.uid = 0, .gid = 0};
	const struct pf_instance *instance = planner->plan->mta->priv;
	const char *path = drop_in_path(instance, "mtapin.conf");
	if (!path) {
		mt_plan_refuse(planner->plan, "PF-NO-UNIT", planner->plan->mta->instance,
			       is_supervised(instance)
				       ? "--drop-in is for a systemd unit of Postfix, and none has "
					 "started it: its supervisor tries again by itself"
				       : "--drop-in is for a systemd unit of Postfix, and none has "
					 "started it. Instead: %pM",
			       mt_phrase(planner->arena, cure(instance)));
		return;
	}
	const struct mt_item *item = mt_snapshot_file(planner->plan->model->snapshot, path);
	if (mt_item_readable(item)) {
		mt_plan_replace(planner->plan, path, item->bytes, MT_STR(drop_in));
		return;
	}
	if (item->presence != MT_ABSENT) {
		mt_plan_refuse(planner->plan, "PLAN-UNREADABLE", path, "cannot be read (%s)",
			       mt_presence_name(item->presence));
		return;
	}
	mt_plan_create(planner->plan, path, MT_STR(drop_in), &root)->folder = true;
	mt_plan_remark(planner->plan,
		       "%s counts from the next boot on; systemctl daemon-reload: at once", path);
}

void pf_boot_plan(struct pf_planner *planner)
{
	const struct pf_instance *instance = planner->plan->mta->priv;
	char text[MT_ADDR_TEXT];
	if (mt_goal_own(planner->goal, PF_DROP_IN)) {
		write_drop_in(planner);
		return;
	}
	for (int f = 0; f < MT_FAMILIES && planner->interfaces; f++) {
		const struct mt_pin_goal *goal = &planner->goal->family[f];
		const char *why =
			goal->pin == MT_PIN_ADDRESS ? pf_boot_late(instance, goal->addr) : NULL;
		if (why && !pf_boot_tries_again(instance))
			mt_plan_remark(planner->plan,
				       "%s %pM: at a boot at which it comes late Postfix does not "
				       "start (PF-BOOT-LATE). What to do: %pM",
				       mt_addr_text(goal->addr, text),
				       mt_phrase(planner->arena, why),
				       mt_phrase(planner->arena, drop_in_path(instance, "")
									 ? "the same with --drop-in"
									 : cure(instance)));
	}
}
