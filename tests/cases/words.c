/* SPDX-License-Identifier: ISC */
/*
 * words.c: whatever is said to people can be said in another language. A made-up one, in which a sentence is « and »
 * around its arguments in reverse order, is used for all that a case gives: what then still holds words of ours was
 * put together before a translator could see it.
 */
#include <stdio.h>
#include <string.h>

#include "case.h"
#include "core/audit/examined.h"
#include "ui/output.h"
#include "ui/text.h"

struct made_up {
	struct mt_language language;
	struct mt_arena *arena;
	unsigned asked;
};

/* "%1$s", "%2$*1$u": the conversion of the English format, by numbers. */
static const char *numbered(struct mt_arena *arena, const char *spec, unsigned *number)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	unsigned star[2] = {0}, stars = 0;
	size_t n = strspn(spec, "-0123456789.*lzjt");
	for (size_t i = 0; i < n; i++)
		if (spec[i] == '*')
			star[stars++] = ++*number;
	mt_text_addf(&text, "%%%u$", ++*number);
	stars = 0;
	for (size_t i = 0; i < n; i++)
		if (spec[i] == '*')
			mt_text_addf(&text, "*%u$", star[stars++]);
		else
			mt_text_addf(&text, "%c", spec[i]);
	mt_text_addf(&text, "%.*s", spec[n] == 'p' ? 2 : 1, spec + n);
	return mt_text_z(&text);
}

static const char *find(const struct mt_language *language, const char *domain,
			const struct mt_message *message)
{
	struct made_up *m = (struct made_up *)(uintptr_t)language;
	const char *turned = "";
	unsigned number = 0;
	(void)domain;
	m->asked++;
	for (const char *p = mt_message_format(message); (p = strchr(p, '%')); p++) {
		if (*++p == '%')
			continue;
		turned = mt_format(m->arena, "%s %s", numbered(m->arena, p, &number), turned);
	}
	return mt_format(m->arena, "« %s»", turned);
}

/* ---- words of ours among the arguments ---- */

/* What Postfix itself says, word by word, is quoted. */
static bool is_quoted(struct mt_str s)
{
	static const char *const words[] = {
		"missing '=' after attribute name",
		"bad numerical configuration: ",
		"no local interface found for ",
		"config variable inet_interfaces: host not found: ",
		"bad smtp_bind_address parameter: ",
		"invalid -o option value: ",
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(words); i++)
		if (mt_str_starts(s, words[i]))
			return true;
	return false;
}

/*
 * Sentences that still take a clause as a text: the note of a way and its condition, what a resolver or a blacklist said, what is wrong with a
 * setting of Postfix and with a control file of qmail have no messages of their own yet.
 */
static bool is_put_together(const char *format)
{
	static const char *const formats[] = {
		"%pM waits in the queue: %s: %s",
		"%s does not send over %s: %s. Change that first, or leave %s as it is: %s keep",
		"%s would not work: %s. Correct that first",
		"mail %s",
		"mail %s and %u more",
		"%s binds %s: %s",
		"%s pins nothing: %s",
		"%.*s: %s; all its mail waits",
		"%.*s: %s; the service dies and all its mail waits",
		("%.*s: %s; the service dies at its first connection over %s, and from then on all "
		 "its mail waits"),
		"%s: running services go on, but Postfix can neither reload nor restart",
		"%s is listed by %s: %s",
		"nothing of the DNS could be determined: %s",
		"reverse DNS of %s could not be determined: %s",
		"whether %s lists %s could not be determined: %s",
		"whether HELO leads to it, the name of %s could not be determined: %s",
		"from where qmail-remote sends could not be found out: %s",
		"%s: every program of Postfix dies: mail is refused, the queue stands still",
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(formats); i++)
		if (strcmp(format, formats[i]) == 0)
			return true;
	return false;
}

/* Lists of names, records and commands are no sentence. */
static bool is_code(struct mt_str s)
{
	static const char *const commands[] = {"mtapin ", "--",	  "ip ",   "postmap ",
					       "nft ",	  "sed ", "grep ", "sh "};
	struct mt_str word;
	for (size_t i = 0; i < MT_ARRAY_LEN(commands); i++)
		if (mt_str_starts(s, commands[i]))
			return true;
	if (mt_str_has(s, " IN PTR ") || is_quoted(s))
		return true;
	while (mt_str_word(&s, " ", &word))
		if (s.n && word.p[word.n - 1] != ',')
			return false;
	return true;
}

static void look(struct host_case *c, const struct mt_message *whole, const struct mt_message *m)
{
	for (size_t i = 0; m && i < m->arg_count; i++) {
		struct mt_str text = mt_str_of(m->arg[i].text ? m->arg[i].text : "");
		if (m->arg[i].kind == MT_ARG_MESSAGE)
			look(c, whole, m->arg[i].message);
		if (m->arg[i].kind != MT_ARG_TEXT || is_code(text) || is_put_together(m->format) ||
		    mt_str_find(c->bundle, text))
			continue;
		mt_text_addf(&c->told, "\"%s\" stands in \"%s\", where no language can change it\n",
			     m->arg[i].text, mt_message_english(c->arena, whole));
	}
}

static void look_all(struct host_case *c, const struct mt_message *list)
{
	for (; list; list = list->next)
		look(c, list, list);
}

static void look_at_plan(struct host_case *c, const struct mt_plan *plan)
{
	const struct mt_message *why;
	mt_plan_action(plan, &why);
	look(c, why, why);
	look_all(c, plan->remarks);
	look_all(c, plan->impact.will_bounce);
	look_all(c, plan->impact.will_wait);
	if (plan->refused)
		look(c, plan->refused->message, plan->refused->message);
	for (const struct mt_alternative *a = plan->alternatives; a; a = a->next) {
		look(c, a->title, a->title);
		look(c, a->refused, a->refused);
		look_all(c, a->impact.will_bounce);
	}
}

/* ---- what a writer makes of it ---- */

struct said {
	struct host_case *c;
	const struct mt_output *out;
};

static void remark(void *data, const struct mt_message *message)
{
	const struct said *said = data;
	const char *text = mt_said(said->out, message);
	look(said->c, message, message);
	if (strncmp(text, "« ", strlen("« ")) == 0)
		return;
	mt_text_addf(&said->c->told, "said in no other language: %s\n", text);
}

void see_words(struct host_case *c, const struct mt_plan *plan, const struct mt_check *check)
{
	struct made_up m = {.language = {find}, .arena = c->arena};
	struct said said = {.c = c};
	struct mt_output out = {
		.arena = c->arena, .language = &m.language, .tell = remark, .tell_data = &said};
	struct mt_text text = MT_TEXT_INIT(c->arena);
	unsigned findings = 0;
	said.out = &out;
	(void)check;
	for (const struct mt_finding *f = c->model->findings; f; f = f->next, findings++) {
		look(c, f->message, f->message);
		look(c, f->deed, f->deed);
	}
	mt_text_findings(&text, &out, c->model, false);
	if (m.asked < findings) {
		mt_text_addf(&c->told, "%u findings, %u sentences\n", findings, m.asked);
	}
	if (plan) {
		look_at_plan(c, plan);
		mt_text_plan(&out, plan);
	}
}
