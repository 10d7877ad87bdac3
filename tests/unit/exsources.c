/* SPDX-License-Identifier: ISC */
/* exsources.c: Debian's sources of a vector. */
#include "test.h"

#include "exsources.h"

#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTINGS "etc/exim4/update-exim4.conf.conf"
#define TEXT_MAX (1 << 20)

static void take_file(json_t *files, const char *path, const char *name)
{
	static char text[TEXT_MAX];
	FILE *f = fopen(path, "rb");
	if (!f)
		return;
	size_t n = fread(text, 1, sizeof text, f);
	fclose(f);
	json_object_set_new(files, name, json_stringn_nocheck(text, n));
}

static void take_folder(json_t *files, const char *folder, const char *name)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[4096], full[4096];
	while (dir && (entry = readdir(dir)) != NULL) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		snprintf(full, sizeof full, "%s/%s", name, entry->d_name);
		if (entry->d_type == DT_DIR)
			take_folder(files, path, full);
		else
			take_file(files, path, full);
	}
	if (dir)
		closedir(dir);
}

/* NAME='VALUE' in place of the line that there is, else at the end. */
static void set(struct mt_arena *arena, json_t *files, const char *name, const char *value)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_str rest = mt_str_of(json_string_value(json_object_get(files, SETTINGS))), line;
	const char *begin = mt_format(arena, "%s=", name);
	bool done = false;
	while (mt_str_line(&rest, &line)) {
		bool its = mt_str_starts(line, begin);
		if (its)
			mt_text_addf(&text, "%s'%s'\n", begin, value);
		else
			mt_text_addf(&text, "%.*s\n", MT_STR_FMT(line));
		done = done || its;
	}
	if (!done)
		mt_text_addf(&text, "%s'%s'\n", begin, value);
	json_object_set_new(files, SETTINGS, json_string(mt_text_z(&text)));
}

/* "\n" and what else regcomp(3) does not know. */
static const char *pattern_of(struct mt_arena *arena, const char *python)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (const char *p = python; *p; p++) {
		bool newline = p[0] == '\\' && p[1] == 'n';
		mt_text_add(&text, newline ? MT_STR("\n") : (struct mt_str){p, 1});
		p += newline;
	}
	return mt_text_z(&text);
}

/* Every match; "\1" stands for the group. */
static void edit(struct mt_arena *arena, json_t *files, const char *file, json_t *pair)
{
	const char *text = json_string_value(json_object_get(files, file));
	const char *to = json_string_value(json_array_get(pair, 1));
	struct mt_text out = MT_TEXT_INIT(arena);
	regmatch_t at[2];
	regex_t re;
	unsigned found = 0;
	assert_non_null(text);
	assert_int_equal(regcomp(&re, pattern_of(arena, json_string_value(json_array_get(pair, 0))),
				 REG_EXTENDED | REG_NEWLINE),
			 0);
	for (; regexec(&re, text, 2, at, 0) == 0; text += at[0].rm_eo, found++) {
		mt_text_add(&out, (struct mt_str){text, (size_t)at[0].rm_so});
		for (const char *p = to; *p; p++) {
			bool group = p[0] == '\\' && p[1] == '1';
			mt_text_add(&out,
				    group ? (struct mt_str){text + at[1].rm_so,
							    (size_t)(at[1].rm_eo - at[1].rm_so)}
					  : (struct mt_str){p, 1});
			p += group;
		}
	}
	regfree(&re);
	assert_true(found > 0);
	mt_text_add(&out, mt_str_of(text));
	json_object_set_new(files, file, json_string(mt_text_z(&out)));
}

json_t *exsources(json_t *vector, const char *folder)
{
	json_t *files = json_object(), *value, *edits, *pair;
	struct mt_arena *arena = mt_arena_new((size_t)64 << 20);
	const char *name, *more = json_string_value(json_object_get(vector, "append_ue"));
	size_t i;
	take_folder(files, folder, "etc/exim4");
	if (!json_object_get(files, SETTINGS)) {
		json_decref(files);
		mt_arena_free(arena);
		return NULL;
	}
	json_object_foreach(json_object_get(vector, "ue"), name, value)
		set(arena, files, name, json_string_value(value));
	if (more)
		json_object_set_new(
			files, SETTINGS,
			json_string(mt_format(arena, "%s%s",
					      json_string_value(json_object_get(files, SETTINGS)),
					      more)));
	json_object_foreach(json_object_get(vector, "edit"), name, edits)
		json_array_foreach(edits, i, pair) edit(arena, files, name, pair);
	mt_arena_free(arena);
	return files;
}
