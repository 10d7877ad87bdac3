/* SPDX-License-Identifier: ISC */
/* log_text.c: the pieces that the readers of logs share. */
#include <mtapin/log.h>

#include <string.h>

const char *mt_log_class_name(enum mt_log_class kind)
{
	static const char *const names[] = {
		"noise",   "outbound",	 "local",   "filter", "inbound",   "relay_denied_local",
		"attempt", "bind_error", "expired", "probe",  "retry_skip"};
	return names[kind];
}

const char *mt_log_status_name(enum mt_log_status status)
{
	static const char *const names[] = {"-", "sent", "deferred", "bounced", "expired"};
	return names[status];
}

struct mt_str mt_str_between(struct mt_str s, const char *key, const char *end)
{
	struct mt_str k = mt_str_of(key);
	const char *at = mt_str_find(s, k);
	if (!at)
		return (struct mt_str){0};
	size_t skip = (size_t)(at - s.p) + k.n;
	s = mt_str_part(s, skip, s.n - skip);
	const char *stop = mt_str_find(s, mt_str_of(end));
	return stop ? mt_str_part(s, 0, (size_t)(stop - s.p)) : s;
}

struct mt_addr mt_addr_bracketed(struct mt_str s)
{
	struct mt_addr addr = {0};
	const char *open = s.n ? memchr(s.p, '[', s.n) : NULL;
	if (!open)
		return addr;
	struct mt_str inside = {open + 1, s.n - (size_t)(open + 1 - s.p)};
	const char *close = inside.n ? memchr(inside.p, ']', inside.n) : NULL;
	if (close)
		inside.n = (size_t)(close - inside.p);
	if (MT_LOG_STARTS(inside, "IPv6:"))
		inside = mt_str_part(inside, 5, inside.n - 5);
	mt_addr_parse(inside, &addr);
	return addr;
}

static bool is_code(const char *p)
{
	return p[0] >= '2' && p[0] <= '5' && p[1] >= '0' && p[1] <= '9' && p[2] >= '0' &&
	       p[2] <= '9' && (p[3] == ' ' || p[3] == '-');
}

struct mt_str mt_log_words(struct mt_str text)
{
	for (size_t i = 0; i + 6 <= text.n; i++)
		if (text.p[i] == ':' && text.p[i + 1] == ' ' && is_code(text.p + i + 2))
			return mt_str_part(text, i + 2, text.n - i - 2);
	return text;
}
