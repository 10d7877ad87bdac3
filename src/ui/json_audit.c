/* SPDX-License-Identifier: ISC */
/* json_audit.c: the hosts of an audit as JSON, each on a line of its own. */
#include "ui/audit.h"
#include "ui/json_part.h"

static void append(void *text, struct mt_str bytes)
{
	mt_text_add(text, bytes);
}

/* Takes over `value`. */
static void dump(struct mt_text *text, json_t *value)
{
	mt_json_dump(value, JSON_COMPACT, append, text);
}

static json_t *text_or_null(const char *s)
{
	return s ? mt_json_text(mt_str_of(s)) : json_null();
}

static json_t *wanted(const struct mt_pin_goal *goal)
{
	if (goal->given && goal->pin == MT_PIN_OFF)
		return mt_json_text(MT_STR("off"));
	return goal->given ? mt_json_address(goal->addr) : json_null();
}

static json_t *expected(const struct mt_audited *a)
{
	if (!a->expect)
		return json_null();
	json_t *one = json_object();
	mt_json_set(one, "ipv4", wanted(&a->expect->family[MT_V4]));
	mt_json_set(one, "ipv6", wanted(&a->expect->family[MT_V6]));
	mt_json_set(one, "helo", text_or_null(a->expect->helo));
	mt_json_set(one, "complies", json_boolean(a->complies));
	mt_json_set(one, "refused", text_or_null(a->refused));
	return one;
}

void mt_json_audited(struct mt_text *text, const struct mt_audited *a)
{
	json_t *one = mt_json_host(&a->report);
	mt_json_set_text(one, "name", a->name);
	mt_json_set(one, "examined", json_true());
	mt_json_set(one, "expected", expected(a));
	dump(text, one);
}

void mt_json_unexamined(struct mt_text *text, const struct mt_unexamined *u)
{
	const struct mt_cause_row *row = mt_cause_row(u->cause);
	json_t *one = mt_json_root();
	mt_json_set_text(one, "name", u->name);
	mt_json_set(one, "examined", json_false());
	mt_json_set_text(one, "cause", row->name);
	mt_json_set_text(one, "message", row->title);
	mt_json_set_text(one, "detail", u->detail);
	mt_json_set_text(one, "fix", row->fix);
	dump(text, one);
}

/* ---- all of them ---- */

static void set_count(json_t *one, const char *key, size_t n)
{
	mt_json_set(one, key, json_integer((json_int_t)n));
}

static json_t *names(struct mt_text *text, struct mt_tally *tally, struct mt_indexes *list)
{
	struct mt_text folded = MT_TEXT_INIT(text->arena);
	mt_fold(&folded, tally->hosts, list);
	return mt_json_text(mt_text_str(&folded));
}

static json_t *groups(struct mt_text *text, struct mt_tally *tally)
{
	json_t *list = json_array();
	for (struct mt_group *g = tally->groups; g; g = g->next) {
		const struct mt_finding_row *row = mt_finding_row(tally->backends, g->id);
		json_t *one = json_object();
		mt_json_set_text(one, "id", g->id);
		mt_json_set_text(one, "severity", mt_severity_name(g->severity));
		mt_json_set_text(one, "title", row ? row->title : "");
		set_count(one, "hosts", g->hosts.n);
		mt_json_set(one, "names", names(text, tally, &g->hosts));
		mt_json_append(list, one);
	}
	return list;
}

static json_t *causes(struct mt_text *text, struct mt_tally *tally)
{
	json_t *list = json_array();
	for (int c = 0; c < MT_CAUSES; c++) {
		const struct mt_cause_row *row = mt_cause_row((enum mt_cause)c);
		if (!tally->unexamined[c].n)
			continue;
		json_t *one = json_object();
		mt_json_set_text(one, "cause", row->name);
		mt_json_set_text(one, "message", row->title);
		mt_json_set_text(one, "fix", row->fix);
		set_count(one, "hosts", tally->unexamined[c].n);
		mt_json_set(one, "names", names(text, tally, &tally->unexamined[c]));
		mt_json_append(list, one);
	}
	return list;
}

void mt_json_tally(struct mt_text *text, struct mt_tally *tally)
{
	json_t *one = json_object();
	set_count(one, "hosts", tally->hosts->count);
	set_count(one, "examined", tally->examined);
	set_count(one, "not_examined", tally->unexamined_count);
	set_count(one, "with_errors", tally->worst[MT_ERROR]);
	set_count(one, "with_warnings", tally->worst[MT_WARNING]);
	set_count(one, "clean", tally->clean + tally->worst[MT_NOTE]);
	set_count(one, "expected", tally->expected);
	set_count(one, "not_as_expected", tally->differing.n);
	mt_json_set(one, "resolvers", text_or_null(tally->resolvers));
	mt_json_set(one, "no_mail_server", names(text, tally, &tally->serverless));
	mt_json_set(one, "findings", groups(text, tally));
	mt_json_set(one, "causes", causes(text, tally));
	mt_text_addf(text, "\"summary\":");
	dump(text, one);
}
