/* SPDX-License-Identifier: ISC */
/* exhost.c: a host with Exim, as a vector tells it. */
#include "test.h"

#include "exhost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../backends/exim/config.h"
#include "../../backends/exim/debian.h"
#include "../../backends/exim/place.h"
#include "exsources.h"

#define NONCE "0123456789abcdef0123456789abcdef"

static void add_probe(struct mt_text *t, const char *name, const char *text)
{
	mt_text_addf(t, NONCE " probe present %s\n" NONCE " data -\n%s\n" NONCE " end 0\n", name,
		     text);
}

static void add_file(struct mt_text *t, const char *path, const char *text, unsigned mode)
{
	size_t n = strlen(text);
	mt_text_addf(t, NONCE " file f present %o 0 0 1 1 %zu /%s\n" NONCE " data %zu\n", mode, n,
		     path, n);
	mt_text_add(t, (struct mt_str){text, n});
	mt_text_addf(t, "\n" NONCE " end\n");
}

/* "chmod 600 /etc/outip; chown ..." */
static unsigned mode_of(json_t *extra, const char *path)
{
	const char *command;
	json_t *result;
	json_object_foreach(extra, command, result)
	{
		char file[256] = "";
		unsigned mode;
		if (sscanf(command, "chmod %o /%255[^; ]", &mode, file) == 2 && !strcmp(file, path))
			return mode;
	}
	return 0644;
}

static bool says(json_t *c, const char *words)
{
	const char *env = json_string_value(json_object_get(c, "env"));
	return env && strstr(env, words);
}

/* Three addresses of each family; the kernel takes .11, and of IPv6 the last one that is not deprecated. */
static void add_network(struct mt_text *t, json_t *c)
{
	struct mt_text list = MT_TEXT_INIT(t->arena), sources = MT_TEXT_INIT(t->arena);
	const char *chosen[MT_FAMILIES] = {NULL, NULL};
	mt_text_addf(&list, "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n");
	for (int i = 11; i <= 13; i++) {
		const char *a4 = mt_format(t->arena, "192.0.2.%d", i);
		const char *a6 = mt_format(t->arena, "2001:db8:1::%d", i);
		bool old = says(c, mt_format(t->arena, "change %s/64", a6));
		bool gone = says(c, "disable_ipv6=1") ||
			    says(c, mt_format(t->arena, "addr del %s/64", a6));
		if (!says(c, mt_format(t->arena, "addr del %s/24", a4)))
			mt_text_addf(&list,
				     "2: eth0    inet %s/24 scope global eth0\\       valid_lft "
				     "forever\n",
				     a4);
		if (!gone)
			mt_text_addf(&list,
				     "2: eth0    inet6 %s/64 scope global %s\\       valid_lft "
				     "forever\n",
				     a6, old ? "deprecated" : "");
		chosen[MT_V4] = chosen[MT_V4] ? chosen[MT_V4] : a4;
		chosen[MT_V6] = old || gone ? chosen[MT_V6] : a6;
	}
	mt_text_addf(&sources,
		     "> 198.41.0.4 -\n198.41.0.4 via 192.0.2.1 dev eth0 src %s uid 0\n"
		     "> 2001:503:ba3e::2:30 -\n",
		     chosen[MT_V4]);
	if (chosen[MT_V6])
		mt_text_addf(&sources,
			     "2001:503:ba3e::2:30 from :: via 2001:db8:1::1 dev eth0 src %s\n",
			     chosen[MT_V6]);
	else
		mt_text_addf(&sources, "RTNETLINK answers: Network is unreachable\n");
	add_probe(t, "addr", mt_text_z(&list));
	add_probe(t, "source", mt_text_z(&sources));
}

/* What nobody wrote is not there. */
static void add_absent(struct mt_text *t, json_t *files)
{
	static const char *const maps[] = {"etc/outip",
					   "etc/mailips",
					   "etc/mailhelo",
					   "etc/virtual/domainips",
					   "etc/virtual/helo_data",
					   "etc/exim4/nosuch.inc",
					   "etc/exim4/hubbed_hosts",
					   "etc/exim4/exim4.conf",
					   "etc/exim4/exim4.conf.localmacros"};
	for (size_t i = 0; i < MT_ARRAY_LEN(maps); i++)
		if (!json_object_get(files, maps[i]))
			mt_text_addf(t, NONCE " file ? absent - - - - - - /%s\n" NONCE " end\n",
				     maps[i]);
}

static const char *conffiles(void)
{
	static char path[4096];
	const char *srcdir = getenv("srcdir");
	snprintf(path, sizeof path, "%s/.lab/overlays/exim/etc/exim4", srcdir ? srcdir : ".");
	return path;
}

/* The sources before the vector's own files, which may replace one. */
static json_t *files_of(json_t *c)
{
	json_t *files = json_is_object(json_object_get(c, "ue")) ? exsources(c, conffiles())
								 : json_object();
	if (files) {
		json_object_update(files, json_object_get(c, "files"));
		json_object_set_new(files, "etc/mailname", json_string("host.test\n"));
	}
	return files;
}

/* What update-exim4.conf makes is installed only where Exim takes it. */
static const struct mt_snapshot *generated(struct mt_arena *arena,
					   const struct mt_snapshot *snapshot)
{
	struct mt_str made = ex_debian_generate(arena, snapshot);
	if (!made.p)
		return snapshot;
	const struct mt_snapshot *with = mt_snapshot_with(arena, snapshot, EX_GENERATED, made);
	return ex_config_read(arena, with, EX_GENERATED, NULL)->error ? snapshot : with;
}

static const struct mt_snapshot *snapshot_of(struct mt_arena *arena, json_t *c, json_t *files)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	json_t *text;
	const char *path, *user = json_string_value(json_object_get(c, "user"));
	struct mt_snapshot *snapshot;
	struct mt_error error = {0};
	mt_text_addf(&t, NONCE " begin mtapin 1\n" NONCE " host 1 raw mail.host.test\n");
	json_object_foreach(files, path, text) add_file(&t, path, json_string_value(text),
							mode_of(json_object_get(c, "extra"), path));
	add_absent(&t, files);
	mt_text_addf(&t, NONCE " file d present 755 0 0 2 1 - /etc/exim4/conf.d\n" NONCE " end\n");
	add_probe(&t, "exim.user", user ? user : "Debian-exim 100 102");
	add_network(&t, c);
	mt_text_addf(&t, NONCE " done\n");
	assert_int_equal(mt_bundle_decode(arena, mt_text_str(&t), &snapshot, &error), 0);
	return generated(arena, snapshot);
}

/* The generated file itself, by a command. */
static bool edited_by_hand(json_t *c)
{
	const char *command;
	json_t *result;
	json_object_foreach(json_object_get(c, "extra"), command,
			    result) if (strstr(command, "sed -i") &&
					!strstr(command, "update-exim4.conf")) return true;
	return false;
}

const struct mt_snapshot *exhost(struct mt_arena *arena, json_t *vector)
{
	json_t *files = edited_by_hand(vector) ? NULL : files_of(vector);
	const struct mt_snapshot *snapshot = files ? snapshot_of(arena, vector, files) : NULL;
	json_decref(files);
	return snapshot;
}
