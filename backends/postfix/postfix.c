/* SPDX-License-Identifier: ISC */
/* postfix.c: the Postfix backend: detect, examine, and its one exported symbol. */
#include "postfix.h"

#include <string.h>

#include "lint.h"
#include "log.h"
#include "plan.h"
#include "route.h"
#include "tree_files.h"

static const struct mt_owner owners[] = {
	{"plesk", "Plesk", "Tools & Settings > Mail Server Settings > Outgoing mail mode"},
	{"zimbra", "Zimbra",
	 "zmprov and zmlocalconfig (zmconfigd rewrites main.cf every two minutes)"},
	{"ispconfig", "ISPConfig", "the templates in /usr/local/ispconfig/server/conf-custom"},
	{"mailinabox", "Mail-in-a-Box",
	 "PRIVATE_IP and PRIVATE_IPV6 in /etc/mailinabox.conf, then its setup"},
	{"mailcow", "mailcow", "data/conf/postfix/extra.cf on the docker host"},
	{"mailu", "Mailu", "overrides/postfix/postfix.cf on the docker host"},
	{"docker-mailserver", "docker-mailserver",
	 "docker-data/dms/config/postfix-main.cf on the docker host"},
	{"yunohost", "YunoHost", "a conf_regen hook, then yunohost tools regen-conf postfix"},
	{"e-smith", "SME Server", "/etc/e-smith/templates-custom, then signal-event email-update"},
	{"imscp", "i-MSCP", "BASE_SERVER_IP and the installer"},
	{"puppet", "Puppet", "the manifest or template that writes this file"},
	{"ansible", "Ansible", "the playbook or template that writes this file"},
	{"chef", "Chef", "the cookbook's attributes"},
	{"salt", "Salt", "the state or pillar that writes this file"},
	{"cfengine", "CFEngine", "the policy that writes this file"},
	{0},
};

/* ---- detect ---- */

/* Shorter names first: /etc/postfix is the primary of /etc/postfix-out. */
static void add_instance(struct mt_model *model, const struct mt_backend *self, const char *dir)
{
	struct mt_mta **at = &model->mtas;
	while (*at && ((*at)->backend != self || strlen((*at)->instance) <= strlen(dir))) {
		if ((*at)->backend == self && strcmp((*at)->instance, dir) == 0)
			return;
		at = &(*at)->next;
	}
	struct mt_mta *mta = MT_NEW(model->arena, struct mt_mta);
	*mta = (struct mt_mta){.backend = self,
			       .instance = dir,
			       .version = "",
			       .helo = "",
			       .uid = -1,
			       .next = *at};
	*at = mta;
}

/* The folder of DIR/main.cf or DIR/master.cf, NULL for other names. */
static const char *folder(struct mt_arena *arena, const char *path)
{
	static const char *const ends[] = {"/main.cf", "/master.cf"};
	size_t n = strlen(path);
	for (size_t i = 0; i < MT_ARRAY_LEN(ends); i++) {
		size_t k = strlen(ends[i]);
		if (n > k && strcmp(path + n - k, ends[i]) == 0)
			return mt_strz(arena, (struct mt_str){path, n - k});
	}
	return NULL;
}

#include "collect.h"

static void detect_postfix(struct mt_model *model, const struct mt_backend *self)
{
	const struct mt_snapshot *snapshot = model->snapshot;
	static const char probe[] = "postfix.conf ";
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct mt_item *item = &snapshot->items[i];
		const char *dir = NULL;
		if (!item->probe && item->presence != MT_UNASKED && item->presence != MT_ABSENT)
			dir = folder(model->arena, item->name);
		else if (item->probe && mt_item_readable(item) &&
			 strncmp(item->name, probe, sizeof probe - 1) == 0)
			dir = item->name + sizeof probe - 1;
		if (dir)
			add_instance(model, self, dir);
	}
}

/* ---- examine ---- */

static void read_daemon(struct mt_model *model, struct mt_mta *mta)
{
	const char *probe = mt_format(model->arena, "postfix.master %s", mta->instance);
	mt_mta_process(mta, mt_snapshot_probe(model->snapshot, probe), "master");
	const struct mt_item *user = mt_snapshot_probe(model->snapshot, "postfix.user");
	struct mt_str line = mt_str_trim(user->bytes), word;
	unsigned long number;
	if (mt_str_word(&line, " ", &word) && mt_str_word(&line, " \n", &word) &&
	    mt_str_number(word, INT32_MAX, &number))
		mta->uid = (long)number;
}

/* Literal names only: tables, files, patterns and what is excepted ("!name") say nothing here. */
static void read_domains(struct mt_model *model, struct mt_mta *mta, const struct pf_scope *scope)
{
	static const char *const lists[] = {"mydestination", "virtual_mailbox_domains",
					    "relay_domains"};
	for (size_t i = 0; i < MT_ARRAY_LEN(lists); i++) {
		struct mt_str rest = pf_get(scope, lists[i]), word;
		while (mt_str_word(&rest, ", \t\r\n\v\f", &word))
			mt_mta_domain(model, mta, word);
	}
	struct mt_str origin = pf_get(scope, "myorigin");
	if (mt_is_fqdn(origin))
		mta->domain = mt_strz(model->arena, origin);
}

static void examine_postfix(struct mt_model *model, struct mt_mta *mta)
{
	struct mt_str version;
	if (pf_postconf(model->snapshot, mta->instance, "mail_version", &version))
		mta->version = mt_strz(model->arena, version);
	read_daemon(model, mta);
	struct pf_instance *instance = pf_instance_read(model, mta);
	mta->priv = instance;
	if (!instance->unreadable) {
		mta->helo = mt_strz(model->arena, pf_get(&instance->scope, "smtp_helo_name"));
		read_domains(model, mta, &instance->scope);
	}
	pf_transports(instance);
	if (!instance->broken)
		pf_listeners(instance);
	pf_lint(instance);
	if (mta == model->mtas && mta->next && mta->next->backend == mta->backend)
		mt_model_find(model, NULL, "PF-INSTANCES", NULL, NULL,
			      "several Postfix instances: each has its own main.cf and decides for "
			      "itself");
}

const struct mt_backend MT_BACKEND_SYMBOL(postfix) = {
	.abi = MT_ABI,
	.name = "postfix",
	.title = "Postfix",
	.collector = pf_collector,
	.findings = pf_findings,
	.owners = owners,
	.redactions = pf_redactions,
	.secret_names = "_pw",
	.methods = pf_methods,
	.options = pf_options,
	.families = &pf_families,
	.observed_differs = "PF-OBSERVED-DIFFERS",
	.log = &pf_log,
	.wants = pf_wants,
	.detect = detect_postfix,
	.examine = examine_postfix,
	.plan_ready = pf_plan_ready,
	.plan = pf_plan,
	.serve = pf_serve,
	.route = pf_route,
};
