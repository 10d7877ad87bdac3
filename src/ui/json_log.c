/* SPDX-License-Identifier: ISC */
/* json_log.c: the result of `mtapin log` as JSON, and its events. */
#include <stdio.h>
#include <stddef.h>
#include <string.h>

#include "ui/escape.h"
#include "ui/json_value.h"
#include "ui/log.h"

static void number(json_t *object, const char *key, uint64_t n)
{
	mt_json_set(object, key, json_integer((json_int_t)n));
}

static void text_or_null(json_t *object, const char *key, const char *s)
{
	mt_json_set(object, key, s && *s ? mt_json_text(mt_str_of(s)) : json_null());
}

static json_t *counts(const struct mt_log_counts *n)
{
	json_t *object = json_object();
	number(object, "sent", n->sent);
	number(object, "deferred", n->deferred);
	number(object, "bounced", n->bounced);
	number(object, "address", n->address);
	return object;
}

static json_t *named_counts(const char *key, const char *name, const struct mt_log_counts *n)
{
	json_t *object = counts(n);
	mt_json_set_text(object, key, name);
	return object;
}

static const char *kind_name(enum mt_log_kind kind)
{
	static const char *const names[] = {"empty", "log", "mailbox", "journal"};
	return names[kind];
}

static json_t *files_of(const struct mt_logfile *files)
{
	json_t *array = json_array();
	for (const struct mt_logfile *f = files; f; f = f->next) {
		json_t *object = json_object();
		mt_json_set_text(object, "name", f->name);
		mt_json_set_text(object, "kind", kind_name(f->facts.kind));
		number(object, "bytes", f->bytes);
		text_or_null(object, "error", f->error.code ? f->error.message : NULL);
		mt_json_append(array, object);
	}
	return array;
}

static json_t *providers_of(const struct mt_log_report *report, const struct mt_log_counts *list)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < MT_LOG_PROVIDERS; i++)
		if (list[i].sent + list[i].deferred + list[i].bounced)
			mt_json_append(array, named_counts("provider",
							   mt_log_provider_name(
								   report->tally->providers, i),
							   &list[i]));
	return array;
}

static json_t *cause(const struct mt_log_report *report, enum mt_log_cause c,
		     const struct mt_log_because *b)
{
	char addr[MT_ADDR_TEXT];
	json_t *object = json_object();
	mt_json_set_text(object, "cause", mt_log_cause_name(c));
	mt_json_set_text(object, "title", mt_log_cause_title(c));
	mt_json_set_text(object, "points_at_address", mt_log_points_name(mt_log_cause_points(c)));
	number(object, "deferred", b->deferred);
	number(object, "bounced", b->bounced);
	number(object, "messages", b->messages);
	mt_json_set(object, "sample", mt_json_text((struct mt_str){b->sample, b->sample_length}));
	text_or_null(object, "named", mt_addr_text(b->named, addr));
	text_or_null(object, "note", mt_log_named(report->tally->arena, report, b->named));
	mt_json_set_text(object, "fix", mt_log_cause_advice(c));
	mt_json_set(object, "providers", providers_of(report, b->provider));
	return object;
}

static json_t *causes(const struct mt_log_report *report, const struct mt_log_because *list)
{
	json_t *array = json_array();
	for (int c = 1; c < MT_CAUSES; c++)
		if (list[c].deferred + list[c].bounced)
			mt_json_append(array, cause(report, c, &list[c]));
	return array;
}

static json_t *domains(struct mt_arena *arena, const struct mt_log_tally *t)
{
	json_t *array = json_array();
	const struct mt_log_domain **list =
		mt_log_tally_domains(arena, t, t->domain_count < 1000 ? t->domain_count : 1000);
	for (; *list; list++) {
		json_t *object = named_counts("domain", (*list)->name, &(*list)->counts);
		mt_json_set_text(object, "provider",
				 mt_log_provider_name(t->providers, (*list)->provider));
		mt_json_append(array, object);
	}
	return array;
}

static json_t *days(struct mt_arena *arena, const struct mt_log_tally *t)
{
	json_t *array = json_array();
	for (size_t i = 0; i < t->day_count; i++) {
		struct mt_log_stamp s = mt_log_civil(t->day[i].day);
		mt_json_append(array, named_counts("day",
						   mt_format(arena, "%04d-%02d-%02d", s.year,
							     s.month, s.day),
						   &t->day[i].counts));
	}
	return array;
}

static json_t *addresses(const struct mt_log_report *report)
{
	json_t *array = json_array();
	char addr[MT_ADDR_TEXT];
	for (size_t i = 0; i < report->tally->address_count; i++) {
		const struct mt_log_address *a = &report->tally->address[i];
		json_t *object = json_object();
		mt_json_set_text(object, "address", mt_addr_text(a->addr, addr));
		number(object, "replies", a->replies);
		text_or_null(object, "note", mt_log_named(report->tally->arena, report, a->addr));
		mt_json_append(array, object);
	}
	return array;
}

static json_t *around(const struct mt_log_report *report)
{
	json_t *object = json_object();
	mt_json_set_text(object, "transaction", report->around);
	mt_json_set(object, "before", counts(&report->before->total));
	mt_json_set(object, "after", counts(&report->tally->total));
	return object;
}

static json_t *totals(const struct mt_log_tally *t)
{
	json_t *object = counts(&t->total);
	number(object, "local", t->local_sent);
	number(object, "relay_denied", t->kind[MT_LOG_RELAY_DENIED]);
	number(object, "expired", t->kind[MT_LOG_EXPIRED]);
	number(object, "bind_errors", t->kind[MT_LOG_BIND_ERROR]);
	return object;
}

void mt_json_log(struct mt_arena *arena, const struct mt_log_report *report,
		 const struct mt_logfile *files)
{
	mt_log_tally_sort_days(report->tally);
	json_t *root = mt_json_root(), *log = json_object();
	mt_json_set(log, "files", files_of(files));
	text_or_null(log, "since", report->since);
	text_or_null(log, "until", report->until);
	mt_json_set(log, "totals", totals(report->tally));
	mt_json_set(log, "messages_exact", json_boolean(!report->tally->full));
	mt_json_set(log, "causes", causes(report, report->tally->cause));
	json_t *bounces = json_object();
	mt_json_set(bounces, "totals", counts(&report->tally->bounces));
	mt_json_set(bounces, "causes", causes(report, report->tally->bounce_cause));
	mt_json_set(log, "bounces", bounces);
	mt_json_set(log, "addresses", addresses(report));
	mt_json_set(log, "providers", providers_of(report, report->tally->provider));
	mt_json_set(log, "domains", domains(arena, report->tally));
	mt_json_set(log, "days", days(arena, report->tally));
	if (report->before)
		mt_json_set(log, "around", around(report));
	mt_json_set(root, "log", log);
	mt_json_print(root);
}

/* ---- events ---- */

/* In the order in which they are printed. */
static const struct {
	const char *key;
	size_t at;
	bool foreign; /* JSON has it escaped as text has it */
} cells[] = {
	{"file", offsetof(struct mt_log_row, file), false},
	{"class", offsetof(struct mt_log_row, class), false},
	{"status", offsetof(struct mt_log_row, status), false},
	{"domain", offsetof(struct mt_log_row, domain), true},
	{"provider", offsetof(struct mt_log_row, provider), false},
	{"cause", offsetof(struct mt_log_row, cause), false},
	{"points_at_address", offsetof(struct mt_log_row, points), false},
	{"source", offsetof(struct mt_log_row, source), false},
	{"recipient", offsetof(struct mt_log_row, to), true},
	{"dsn", offsetof(struct mt_log_row, dsn), true},
};
static const char *cell(const struct mt_log_row *row, size_t i)
{
	const char *text;
	memcpy(&text, (const char *)row + cells[i].at, sizeof text);
	return text;
}

void mt_log_event_line(const struct mt_output *out, const struct mt_log_row *row)
{
	struct mt_arena *arena = mt_arena_new((size_t)16 << 20);
	if (!out->json) {
		struct mt_text line = MT_TEXT_INIT(arena);
		for (size_t i = 0; i < MT_ARRAY_LEN(cells); i++) {
			if (i == 1)
				mt_text_addf(&line, "\t%zu", row->line);
			mt_text_addf(&line, i ? "\t" : "");
			mt_escape(&line, mt_str_of(cell(row, i)));
		}
		mt_text_addf(&line, "\n");
		mt_output_put(mt_text_str(&line));
	} else {
		json_t *root = mt_json_root(), *object = json_object();
		for (size_t i = 0; i < MT_ARRAY_LEN(cells); i++) {
			const char *text = cell(row, i);
			if (cells[i].foreign)
				text = mt_escaped(arena, text);
			text_or_null(object, cells[i].key, strcmp(text, "-") == 0 ? NULL : text);
		}
		number(object, "line", row->line);
		mt_json_set(root, "event", object);
		mt_json_print_line(root);
	}
	mt_arena_free(arena);
}
