/* SPDX-License-Identifier: ISC */
/* domain_name.c: names as RFC 1123 and RFC 5321 write them. */
#include <mtapin/address.h>

#include <string.h>

#define LABEL_MAX 63
#define NAME_MAX_ 255
#define LOCAL_MAX 64

static bool is_label(struct mt_str label)
{
	if (!label.n || label.n > LABEL_MAX || !mt_is_alnum(label.p[0]) ||
	    !mt_is_alnum(label.p[label.n - 1]))
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!mt_is_alnum(label.p[i]) && label.p[i] != '-')
			return false;
	return true;
}

static bool all_digits(struct mt_str label)
{
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] < '0' || label.p[i] > '9')
			return false;
	return true;
}

/* How many labels a name has; 0: it is none. */
static unsigned count_labels(struct mt_str name)
{
	struct mt_str label = {name.p, 0};
	unsigned labels = 0;
	if (name.n > NAME_MAX_)
		return 0;
	for (size_t i = 0; i <= name.n; i++) {
		if (i < name.n && name.p[i] != '.')
			continue;
		label.n = (size_t)(name.p + i - label.p);
		if (!is_label(label))
			return 0;
		labels++;
		if (i < name.n)
			label.p = name.p + i + 1;
	}
	return all_digits(label) ? 0 : labels;
}

bool mt_is_fqdn(struct mt_str name)
{
	return count_labels(name) >= 2;
}

bool mt_is_hostname(struct mt_str name)
{
	return count_labels(name) >= 1;
}

/* RFC 5321: Dot-string; RFC 5322: atext. */
static bool is_local_part(struct mt_str s)
{
	static const char others[] = "!#$%&'*+-/=?^_`{|}~";
	if (!s.n || s.n > LOCAL_MAX || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool dot = s.p[i] == '.';
		if (dot ? i == 0 || i == s.n - 1 || s.p[i - 1] == '.'
			: !mt_is_alnum(s.p[i]) && !memchr(others, s.p[i], sizeof others - 1))
			return false;
	}
	return true;
}

static bool is_literal(struct mt_str s)
{
	struct mt_addr addr;
	if (s.n < 2 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return false;
	s = mt_str_part(s, 1, s.n - 2);
	bool six = mt_str_starts(s, "IPv6:");
	return mt_addr_parse(six ? mt_str_part(s, 5, s.n - 5) : s, &addr) &&
	       (addr.family == MT_V6) == six;
}

bool mt_is_mailbox(struct mt_str text)
{
	struct mt_str domain = mt_str_after(text, '@');
	if (domain.n + 1 >= text.n)
		return false;
	struct mt_str local = mt_str_part(text, 0, text.n - domain.n - 1);
	return is_local_part(local) && (mt_is_fqdn(domain) || is_literal(domain));
}
