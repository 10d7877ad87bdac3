/* SPDX-License-Identifier: ISC */
/* exim.c: the Exim backend: detect, examine, and its one exported symbol. */
#include <mtapin/backend.h>

#include <string.h>

#include "collect.h"
#include "exim.h"
#include "findings.h"
#include "log.h"
#include "methods.h"
#include "place.h"
#include "plan.h"
#include "route.h"

static const struct mt_owner owners[] = {
	{"cpanel", "cPanel",
	 "WHM, Exim Configuration Manager: \"Send mail from the account's IP address\" "
	 "(per_domain_mailips), or \"Reference /etc/mailips for custom IP on outgoing SMTP "
	 "connections\" (custom_mailips) and the lines of /etc/mailips"},
	{"directadmin", "DirectAdmin",
	 "the lines of /etc/virtual/domainips and /etc/virtual/helo_data; exim.conf itself by "
	 "CustomBuild (/usr/local/directadmin/custombuild/custom/exim)"},
	{"hestia", "Hestia",
	 "the IP address of the domain in the panel, which writes /etc/exim4/domains/DOMAIN/ip"},
	{"vesta", "Vesta",
	 "the IP address of the domain in the panel, which writes /etc/exim4/domains/DOMAIN/ip"},
	{"docker-mailserver", "docker-mailserver", "its own settings on the docker host"},
	{"puppet", "Puppet", "the manifest or template that writes this file"},
	{"ansible", "Ansible", "the playbook or template that writes this file"},
	{"chef", "Chef", "the cookbook's attributes"},
	{"salt", "Salt", "the state or pillar that writes this file"},
	{"cfengine", "CFEngine", "the policy that writes this file"},
	{0},
};

/* ---- detect ---- */

/* A configuration is left behind where Exim was taken off. What a running host says is sure; else it takes the program, or
 * there is no program to send mail at all (files alone, of another host). */
static bool is_installed(const struct mt_snapshot *snapshot)
{
	if (mt_snapshot_probe(snapshot, "exim.version")->presence != MT_UNASKED)
		return true;
	for (const char *const *program = ex_programs; *program; program++)
		if (ex_is_there(snapshot, *program))
			return true;
	return !ex_is_there(snapshot, "/usr/sbin/sendmail");
}

/* "/etc/exim4" of a Debian host, whichever of its files is in use; else the file. */
static void detect(struct mt_model *model, const struct mt_backend *self)
{
	const char *file = ex_file_in_use(model->arena, model->snapshot);
	bool debian = file && ex_is_debian(model->snapshot) &&
		      (!strcmp(file, EX_GENERATED) || !strcmp(file, EX_OWN));
	const struct mt_item *said = mt_snapshot_probe(model->snapshot, "exim.version");
	if ((!file && said->presence == MT_UNASKED) || !is_installed(model->snapshot))
		return;
	mt_model_mta(model, self, debian ? EX_FOLDER : file ? file : "exim");
}

/* ---- examine ---- */

/* "Exim version 4.96 #2 built 26-Nov-2026 14:26:47", behind what it may have to say of its file. */
static void read_version(struct mt_mta *mta, struct mt_arena *arena, struct mt_str said)
{
	struct mt_str line, word;
	while (mt_str_line(&said, &line))
		if (mt_str_skip(&line, "Exim version ") && mt_str_word(&line, " ", &word)) {
			mta->version = mt_strz(arena, word);
			return;
		}
}

/* "Debian-exim 101 105" */
static void read_user(struct mt_mta *mta, struct mt_str said)
{
	struct mt_str word;
	unsigned long uid;
	if (mt_str_word(&said, " ", &word) && mt_str_word(&said, " \n", &word) &&
	    mt_str_number(word, INT32_MAX, &uid))
		mta->uid = (long)uid;
}

/* It is exim4 on Debian, exim elsewhere, exim-4.96-1 where it was built. */
static const char *daemon_name(struct mt_arena *arena, struct mt_str probe)
{
	struct mt_str line;
	while (mt_str_line(&probe, &line))
		if (mt_str_skip(&line, "comm ") && mt_str_starts(line, "exim"))
			return mt_strz(arena, line);
	return "exim";
}

static void examine(struct mt_model *model, struct mt_mta *mta)
{
	const struct mt_snapshot *snapshot = model->snapshot;
	struct mt_arena *arena = model->arena;
	const struct mt_item *daemon = mt_snapshot_probe(snapshot, "exim.daemon");
	const char *file = ex_file_in_use(arena, snapshot);
	read_version(mta, arena, mt_snapshot_probe(snapshot, "exim.version")->bytes);
	read_user(mta, mt_snapshot_probe(snapshot, "exim.user")->bytes);
	mt_mta_process(mta, daemon, daemon_name(arena, daemon->bytes));
	if (!file)
		mta->unreadable = "there is no configuration file";
	else
		ex_examine(model, mta, file);
}

const struct mt_backend MT_BACKEND_SYMBOL(exim) = {
	.abi = MT_ABI,
	.name = "exim",
	.title = "Exim",
	.log = &ex_log,
	.collector = ex_collector,
	.findings = ex_findings,
	.owners = owners,
	.redactions = ex_redactions,
	.secret_names = ex_secret_names,
	.files_max = 400,
	.methods = ex_methods,
	.options = ex_options,
	.families = &ex_families,
	.observed_differs = "EX-OBSERVED-DIFFERS",
	.wants = ex_wants,
	.detect = detect,
	.examine = examine,
	.plan_ready = ex_plan_ready,
	.plan = ex_plan,
	.serve = ex_serve,
	.route = ex_route,
};
