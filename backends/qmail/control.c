/* SPDX-License-Identifier: ISC */
/* control.c: the grammar of control files. */
#include "control.h"

#include <string.h>

/* ---- who may read ---- */

struct qm_reader qm_reader(const struct mt_snapshot *snapshot, const struct qm_home *home)
{
	const struct mt_item *item = mt_snapshot_file(
		snapshot, mt_format(snapshot->arena, "%s/queue/lock/tcpto", home->home));
	if (item->type != 'f' || item->uid <= 0)
		return (struct qm_reader){-1, -1};
	return (struct qm_reader){item->uid, item->gid};
}

/* `bits` as for others: 4 read, 1 search. What is not known is taken as allowed. */
static bool may(struct qm_reader reader, const struct mt_item *item, int bits)
{
	if (item->mode < 0)
		return true;
	bool owner = item->uid == reader.uid || (reader.uid < 0 && item->uid > 0);
	bool group = item->gid == reader.gid || (reader.gid < 0 && item->gid > 0);
	if (reader.uid < 0)
		return (item->mode & bits) || (group && item->mode & bits << 3) ||
		       (owner && item->mode & bits << 6);
	return item->mode & (owner ? bits << 6 : group ? bits << 3 : bits);
}

static const char *refused(const struct mt_snapshot *snapshot, const struct qm_home *home,
			   const struct mt_item *item)
{
	struct qm_reader reader = qm_reader(snapshot, home);
	if (!may(reader, mt_snapshot_file(snapshot, home->control), 1))
		return "qmail-remote runs as qmailr, which may not enter the folder control";
	if (item->type == 'd')
		return "it is a folder";
	if (item->type == 'l')
		return "it is a symbolic link that leads back to itself";
	if (item->type == 's')
		return "it is a socket";
	if (!may(reader, item, 4))
		return "qmail-remote runs as qmailr, which may not read it";
	return NULL;
}

struct qm_file qm_file(const struct mt_snapshot *snapshot, const struct qm_home *home,
		       const char *name)
{
	const char *path = mt_format(snapshot->arena, "%s/%s", home->control, name);
	const struct mt_item *item = mt_snapshot_file(snapshot, path);
	struct qm_file file = {.path = path, .access = QM_ABSENT, .why = "", .bytes = {"", 0}};
	if (item->presence == MT_ABSENT)
		return file;
	const char *why = item->presence == MT_UNASKED ? NULL : refused(snapshot, home, item);
	file.mtime = item->mtime > 0 ? item->mtime : 0;
	if (why) {
		file.access = QM_ERROR;
		file.why = why;
	} else if (item->type == 'p' || item->type == 'c') {
		/* it is opened without waiting for a writer (O_NDELAY): the end of the file comes at once */
		file.access = QM_READ;
		file.odd = item->type == 'p' ? "it is a FIFO, which reads as an empty file"
					     : "it is a device, not a file";
	} else if (mt_item_readable(item) && item->type == 'f') {
		file.access = QM_READ;
		file.bytes = item->bytes;
	} else {
		file.access = QM_UNKNOWN;
		file.why = *item->why ? item->why : mt_presence_name(item->presence);
	}
	return file;
}

/* ---- lines ---- */

static struct mt_str strip(struct mt_str line)
{
	while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	return line;
}

struct mt_str qm_readline(struct mt_str bytes)
{
	struct mt_str line = {"", 0};
	mt_str_line(&bytes, &line);
	return strip(line);
}

/* The next line that holds data; a NUL at its start makes it empty. */
static bool data_line(struct qm_entries *e)
{
	while (mt_str_line(&e->rest, &e->line)) {
		e->number++;
		e->line = strip(e->line);
		if (e->line.n && e->line.p[0] != '#' && e->line.p[0] != '\0')
			return true;
	}
	return false;
}

bool qm_readfile(struct qm_entries *entries, struct mt_str *entry)
{
	if (!entries->inside && !data_line(entries))
		return false;
	const char *nul = memchr(entries->line.p, '\0', entries->line.n);
	entries->inside = nul != NULL;
	*entry = entries->line;
	if (nul) {
		entry->n = (size_t)(nul - entry->p);
		entries->line.p = nul + 1;
		entries->line.n -= entry->n + 1;
	}
	return true;
}

/* ---- numbers ---- */

/* scan_ulong: the digits in front; they wrap as an unsigned long does. */
static size_t scan_number(struct mt_str text, unsigned long *value)
{
	size_t n = 0;
	*value = 0;
	for (; n < text.n && text.p[n] >= '0' && text.p[n] <= '9'; n++)
		*value = *value * 10 + (unsigned long)(text.p[n] - '0');
	return n;
}

bool qm_readint(struct mt_str bytes, unsigned long *value)
{
	unsigned long number;
	if (!scan_number(qm_readline(bytes), &number))
		return false;
	*value = number;
	return true;
}

size_t qm_ip_scan(struct mt_str text, struct mt_addr *addr)
{
	struct mt_addr found = {.set = true, .family = MT_V4};
	size_t at = 0;
	*addr = (struct mt_addr){0};
	for (int i = 0; i < 4; i++) {
		unsigned long number;
		if (i && (at == text.n || text.p[at++] != '.'))
			return 0;
		size_t n = scan_number((struct mt_str){text.p + at, text.n - at}, &number);
		if (!n)
			return 0;
		found.b[i] = (uint8_t)number;
		at += n;
	}
	*addr = found;
	return at;
}

size_t qm_ip6_scan(struct mt_str text, struct mt_addr *addr)
{
	size_t n = 0;
	bool colon = false;
	for (; n < text.n; n++) {
		char c = text.p[n], low = c | 32;
		if (c != ':' && c != '.' && (c < '0' || c > '9') && (low < 'a' || low > 'f'))
			break;
		colon = colon || c == ':';
	}
	*addr = (struct mt_addr){0};
	return colon && mt_addr_parse((struct mt_str){text.p, n}, addr) ? n : 0;
}

/* ---- maps ---- */

bool qm_map_next(struct qm_entries *entries, char sep, struct qm_entry *entry)
{
	struct mt_str text;
	while (qm_readfile(entries, &text)) {
		const char *at = text.n ? memchr(text.p, sep, text.n) : NULL;
		if (!at)
			continue;
		entry->key = (struct mt_str){text.p, (size_t)(at - text.p)};
		entry->value = mt_str_part(text, entry->key.n + 1, text.n - entry->key.n - 1);
		entry->number = entries->number;
		return true;
	}
	return false;
}

bool qm_map_get(struct mt_str bytes, char sep, struct mt_str key, struct qm_entry *entry)
{
	struct qm_entries entries = {.rest = bytes};
	struct qm_entry each;
	bool found = false;
	while (qm_map_next(&entries, sep, &each))
		if (mt_str_same(each.key, key)) {
			*entry = each;
			found = true;
		}
	return found;
}

bool qm_map_domain(struct mt_str bytes, char sep, struct mt_str domain, struct qm_entry *entry)
{
	for (size_t i = 0; i <= domain.n; i++)
		if ((i == 0 || i == domain.n || domain.p[i] == '.') &&
		    qm_map_get(bytes, sep, mt_str_part(domain, i, domain.n - i), entry))
			return true;
	return false;
}

/* ---- smtproutes ---- */

/* The part in front of the first `c`; *rest is what follows it. False: there is no `c`. */
static bool split_route(struct mt_str *rest, char c, struct mt_str *head)
{
	const char *at = rest->n ? memchr(rest->p, c, rest->n) : NULL;
	*head = *rest;
	if (!at)
		return false;
	head->n = (size_t)(at - rest->p);
	rest->n -= head->n + 1;
	rest->p = at + 1;
	return true;
}

static void read_route(const struct qm_entry *entry, struct qm_route *route)
{
	struct mt_str rest = entry->value;
	unsigned long port;
	*route = (struct qm_route){.key = entry->key, .number = entry->number, .port = 25};
	if (split_route(&rest, ':', &route->host) && scan_number(rest, &port))
		route->port = port;
	rest = route->host;
	split_route(&rest, '|', &route->host); /* some builds: HOST:PORT|USER|PASSWORD */
	rest = route->host;
	if (split_route(&rest, ';', &route->host) &&
	    scan_number(rest, &port)) /* s/qmail: HOST;PORT */
		route->port = port;
	struct mt_str host = route->host;
	struct mt_addr addr;
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = (struct mt_str){host.p + 1, host.n - 2};
	route->addr = qm_ip_scan(host, &addr) == host.n ? addr : (struct mt_addr){0};
}

bool qm_route_next(struct qm_entries *entries, struct qm_route *route)
{
	struct qm_entry entry;
	if (!qm_map_next(entries, ':', &entry))
		return false;
	read_route(&entry, route);
	return true;
}

bool qm_route_of(struct mt_str bytes, struct mt_str domain, struct qm_route *route)
{
	struct qm_entry entry;
	if (!qm_map_domain(bytes, ':', domain, &entry))
		return false;
	read_route(&entry, route);
	return true;
}
