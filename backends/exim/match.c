/* SPDX-License-Identifier: ISC */
/* match.c: does a list of domains, local parts or senders match one mail. */
#include "match.h"

#include <string.h>

#include "evaluate.h"
#include "items.h"
#include "lsearch.h"

#define DEPTH_MAX 20

static enum ex_truth untold(struct ex_match *m, const char *why)
{
	m->why = why;
	return EX_UNTOLD;
}

static struct mt_str subject_of(const struct ex_match *m)
{
	struct mt_str recipient = m->mail->recipient, domain = ex_domain_part(recipient);
	if (m->of == EX_SENDERS)
		return m->mail->sender;
	return m->of == EX_DOMAINS
		       ? domain
		       : mt_str_part(recipient, 0, recipient.n - domain.n - (domain.n > 0));
}

/* "NAME" or "*TAIL". */
static enum ex_truth matches_text(struct mt_str text, struct mt_str pattern)
{
	if (pattern.n && *pattern.p == '*') {
		pattern = mt_str_part(pattern, 1, pattern.n - 1);
		if (text.n < pattern.n)
			return EX_NO;
		text = mt_str_part(text, text.n - pattern.n, pattern.n);
	}
	return mt_str_same(text, pattern) ? EX_YES : EX_NO;
}

/* "TYPE;FILE": a look-up of the subject, found or not. */
static enum ex_truth matches_file(struct ex_match *m, struct mt_str item)
{
	static const char *const keys[] = {"$domain", "$local_part", "$sender_address"};
	size_t n = (size_t)((const char *)memchr(item.p, ';', item.n) - item.p);
	struct mt_str type = mt_str_trim(mt_str_part(item, 0, n));
	struct mt_str file = mt_str_trim(mt_str_part(item, n + 1, item.n - n - 1));
	const char *question = mt_format(m->e->arena, "${lookup{%s}%.*s{%.*s}{1}{0}}", keys[m->of],
					 MT_STR_FMT(type), MT_STR_FMT(file));
	struct ex_result result = ex_expand(&m->e->world, m->mail, mt_str_of(question));
	if (result.end != EX_TEXT)
		return untold(m, result.why);
	if (result.lines)
		m->lines = result.lines;
	return mt_str_is(result.text, "1") ? EX_YES : EX_NO;
}

/* ---- a list by its name ---- */

static enum ex_truth matches_list(struct ex_match *m, struct mt_str list);

static enum ex_truth matches_named(struct ex_match *m, struct mt_str name)
{
	static const char *const kinds[] = {"domainlist", "localpartlist", "addresslist"};
	for (const struct ex_list *list = m->e->config->lists; list; list = list->next) {
		if (!mt_str_is(name, list->name) || strcmp(list->kind, kinds[m->of]) != 0)
			continue;
		if (m->depth >= DEPTH_MAX)
			return untold(m, "lists are nested too deep");
		m->depth++;
		struct ex_result value = ex_expand(&m->e->world, m->mail, mt_str_of(list->value));
		enum ex_truth is = value.end == EX_FORCED ? EX_NO
				   : value.end != EX_TEXT ? untold(m, value.why)
							  : matches_list(m, value.text);
		m->depth--;
		return is;
	}
	return untold(m, mt_format(m->e->arena, "there is no list %.*s", MT_STR_FMT(name)));
}

/* ---- what is special to each kind ---- */

/* "@", "@[]", "@mx_any" */
static enum ex_truth matches_here(struct ex_match *m, struct mt_str item)
{
	struct mt_str domain = subject_of(m);
	if (mt_str_is(item, "@"))
		return m->e->world.primary_hostname
			       ? matches_text(domain, mt_str_of(m->e->world.primary_hostname))
			       : untold(m, "it needs $primary_hostname");
	if (!mt_str_is(item, "@[]"))
		return untold(m,
			      mt_format(m->e->arena, "it needs the DNS (%.*s)", MT_STR_FMT(item)));
	if (domain.n < 2 || *domain.p != '[')
		return EX_NO;
	return ex_is_here(m->e, mt_str_part(domain, 1, domain.n - 2)) ? EX_YES : EX_NO;
}

/* "LOCAL@DOMAIN", a domain alone; of the null sender, nothing. */
static enum ex_truth matches_address(struct ex_match *m, struct mt_str item)
{
	struct mt_str sender = subject_of(m), domain = ex_domain_part(sender);
	struct mt_str local = mt_str_part(sender, 0, sender.n - domain.n - (domain.n > 0));
	const char *at = item.n ? memchr(item.p, '@', item.n) : NULL;
	if (mt_str_is(item, "*") || (!item.n && !sender.n))
		return EX_YES;
	if (!item.n || !sender.n)
		return EX_NO;
	if (*item.p == '@')
		return untold(
			m, mt_format(m->e->arena, "it compares with \"%.*s\"", MT_STR_FMT(item)));
	if (!at)
		return matches_text(domain, item);
	size_t n = (size_t)(at - item.p);
	struct mt_str behind = mt_str_part(item, n + 1, item.n - n - 1);
	return matches_text(local, mt_str_part(item, 0, n)) && matches_text(domain, behind) ? EX_YES
											    : EX_NO;
}

static enum ex_truth matches_item(struct ex_match *m, struct mt_str item)
{
	char first = item.n ? *item.p : '\0';
	if (m->of == EX_SENDERS && !m->mail->sender.p)
		return untold(m, "it depends on the sender (--from)");
	if (first == '+')
		return matches_named(m, mt_str_part(item, 1, item.n - 1));
	if (first == '^' || first == '/')
		return untold(
			m, mt_format(m->e->arena, "it compares with \"%.*s\"", MT_STR_FMT(item)));
	if (item.n && memchr(item.p, ';', item.n))
		return matches_file(m, item);
	if (m->of == EX_SENDERS)
		return matches_address(m, item);
	if (m->of == EX_DOMAINS && first == '@')
		return matches_here(m, item);
	return item.n ? matches_text(subject_of(m), item) : EX_NO;
}

/* ---- lists ---- */

static struct mt_str positive(struct mt_str item, bool *negated)
{
	*negated = item.n && *item.p == '!';
	return *negated ? ex_skip_blanks(mt_str_part(item, 1, item.n - 1)) : item;
}

/* What cannot be told matters only where it would change the answer. */
static enum ex_truth matches_list(struct ex_match *m, struct mt_str list)
{
	struct ex_items items = ex_items(list);
	struct mt_str item;
	bool negated = false, maybe[2] = {false, false};
	enum ex_truth is = EX_NO;
	while (is != EX_YES && ex_item(m->e->arena, &items, &item)) {
		item = positive(item, &negated);
		is = matches_item(m, item);
		if (is == EX_UNTOLD)
			maybe[!negated] = true;
	}
	bool holds = (is == EX_YES) != negated;
	return maybe[!holds] ? EX_UNTOLD : holds ? EX_YES : EX_NO;
}

enum ex_truth ex_match_item(struct ex_match *m, struct mt_str item)
{
	bool negated;
	enum ex_truth is = matches_item(m, positive(item, &negated));
	return is == EX_UNTOLD ? is : (is == EX_YES) != negated ? EX_YES : EX_NO;
}

enum ex_truth ex_match_option(struct ex_match *m, const struct ex_option *option)
{
	if (option->unknown)
		return untold(m, "its value is not shown");
	struct ex_result value = ex_expand(&m->e->world, m->mail, mt_str_of(option->value));
	if (value.end == EX_FORCED)
		return EX_NO;
	return value.end == EX_TEXT ? matches_list(m, value.text) : untold(m, value.why);
}
