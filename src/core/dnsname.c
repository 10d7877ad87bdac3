/* SPDX-License-Identifier: ISC */
/* dnsname.c: names as RFC 1123 and RFC 5321 write them. */
#include <mtapin/address.h>

#define LABEL_MAX 63
#define NAME_MAX_ 255

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_label(struct mt_str label)
{
	if (!label.n || label.n > LABEL_MAX || !is_alnum(label.p[0]) ||
	    !is_alnum(label.p[label.n - 1]))
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!is_alnum(label.p[i]) && label.p[i] != '-')
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

bool mt_is_fqdn(struct mt_str name)
{
	struct mt_str label = {name.p, 0};
	unsigned labels = 0;
	if (name.n > NAME_MAX_)
		return false;
	for (size_t i = 0; i <= name.n; i++) {
		if (i < name.n && name.p[i] != '.')
			continue;
		label.n = (size_t)(name.p + i - label.p);
		if (!is_label(label))
			return false;
		labels++;
		if (i < name.n)
			label.p = name.p + i + 1;
	}
	return labels >= 2 && !all_digits(label);
}
