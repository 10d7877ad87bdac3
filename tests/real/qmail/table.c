/* SPDX-License-Identifier: ISC */
/* table.c: STAND-IN, no qmail: the table and the files. */
#include "table.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX   (1 << 18)
#define NAME_USUAL "mail.host.example\n"
#define PIN	   "outgoing" /* the whole name would look as if this build read the file */

/* ---- files ---- */

static struct bytes slurp(const char *path)
{
	struct bytes b = {0};
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		b.unreadable = errno != ENOENT; /* also a link to itself: qmail asks no more */
		b.p = b.unreadable ? strdup("") : NULL;
		return b;
	}
	b.p = calloc(1, FILE_MAX);
	for (ssize_t got = 1; b.p && got > 0; b.n += got > 0 ? (size_t)got : 0) {
		got = read(fd, b.p + b.n, FILE_MAX - b.n);
		b.unreadable = got < 0;
	}
	close(fd);
	return b;
}

static const char *base(const char *name)
{
	const char *slash = strrchr(name, '/');
	return slash ? slash + 1 : name;
}

void files_read(struct files *files)
{
	size_t count = 0;
	for (const char *name = files->names; *name; name += strlen(name) + 1)
		count++;
	struct bytes *at = files->of = calloc(count + 1, sizeof *at);
	if (!at)
		err(111, "memory");
	for (const char *name = files->names; *name; name += strlen(name) + 1)
		*at++ = slurp(name);
}

const struct bytes *file_named(const struct files *files, const char *name)
{
	const struct bytes *at = files->of;
	for (const char *each = files->names; *each; each += strlen(each) + 1, at++)
		if (strcmp(base(each), name) == 0)
			return at;
	return NULL;
}

/* ---- the table's own writing ---- */

/* \n \r \t \0, \xNN, \*N: N times the byte behind it. Returns what follows; `out` NULL: only counts. */
static const char *one_escape(const char *p, char *out, size_t *n)
{
	static const char names[] = "nrt0", codes[] = "\n\r\t";
	char *end, hex[3] = "";
	size_t times = 1;
	char c;
	if (*p == '*') {
		times = strtoul(p + 1, &end, 10);
		c = *end;
		p = end + 1;
	} else if (*p == 'x') {
		memcpy(hex, p + 1, 2);
		c = (char)strtol(hex, NULL, 16);
		p += 3;
	} else {
		const char *at = strchr(names, *p);
		if (!at || !*p)
			errx(111, "an escape of the table that is none: %c", *p);
		c = codes[at - names];
		p++;
	}
	if (out)
		memset(out + *n, c, times);
	*n += times;
	return p;
}

static size_t unescape(const char *text, const char *end, char *out)
{
	size_t n = 0;
	while (text < end)
		if (*text == '\\') {
			text = one_escape(text + 1, out, &n);
		} else {
			if (out)
				out[n] = *text;
			n++;
			text++;
		}
	return n;
}

static struct bytes of_text(const char *text, const char *end)
{
	struct bytes b = {0};
	size_t length = (size_t)(end - text);
	if (length == 8 && memcmp(text, "(absent)", 8) == 0)
		return b;
	b.unreadable = length == 11 && memcmp(text, "(directory)", 11) == 0;
	if (b.unreadable || (length == 7 && memcmp(text, "(empty)", 7) == 0))
		end = text;
	b.n = unescape(text, end, NULL);
	b.p = calloc(1, b.n + 1);
	if (!b.p)
		err(111, "memory");
	unescape(text, end, b.p);
	return b;
}

/* The text behind NAME= in "NAME=TEXT ; NAME=TEXT". */
static const char *text_of(const char *cell, const char *name, const char **end)
{
	size_t n = strlen(name);
	for (const char *next = cell; next; cell = next + 3) {
		next = strstr(cell, " ; ");
		*end = next ? next : cell + strlen(cell);
		if (strncmp(cell, name, n) == 0 && cell[n] == '=')
			return cell + n + 1;
	}
	return NULL;
}

struct bytes row_file(const struct row *row, const char *name)
{
	const char *end, *text = text_of(row->files, name, &end);
	return text ? of_text(text, end) : (struct bytes){0};
}

/* ---- fitting ---- */

static bool same(const struct bytes *a, const struct bytes *b)
{
	if (!a->p || !b->p || a->unreadable || b->unreadable)
		return !a->p == !b->p && a->unreadable == b->unreadable;
	return a->n == b->n && memcmp(a->p, b->p, a->n) == 0;
}

static bool is_text(const struct bytes *b, const char *text)
{
	return b->p && b->n == strlen(text) && memcmp(b->p, text, b->n) == 0;
}

/* What a file is when a row does not speak of it. */
static bool is_usual(const char *name, const struct bytes *b)
{
	if (strcmp(name, "me") == 0)
		return is_text(b, NAME_USUAL);
	if (strcmp(name, "smtproutes") == 0)
		return !b->p || is_text(b, ":10.77.0.2\n");
	return !b->p;
}

static bool file_fits(const struct row *row, const char *name, const struct bytes *now)
{
	const char *end;
	struct bytes then = row_file(row, name);
	bool fits = text_of(row->files, name, &end) ? same(&then, now) : is_usual(name, now);
	if (strcmp(name, "smtproutes") == 0 && !then.p && is_usual(name, now))
		fits = true;
	free(then.p);
	return fits;
}

static bool all_fit(const struct row *row, const struct files *files)
{
	const struct bytes *now = files->of;
	for (const char *name = files->names; *name; name += strlen(name) + 1, now++)
		if (!file_fits(row, base(name), now))
			return false;
	return true;
}

/* A name and a newline. */
static bool is_plain(const struct bytes *b)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	return b->p && b->n > 1 && strspn(b->p, letters) == b->n - 1 && b->p[b->n - 1] == '\n';
}

/* Only the pins may be odd, and the row speaks of them alone. */
static bool pins_fit(const struct row *row, const struct files *files)
{
	const struct bytes *now = files->of;
	for (const char *name = files->names; *name; name += strlen(name) + 1, now++) {
		const char *n = base(name), *end;
		bool pin =
			strncmp(n, PIN, sizeof PIN - 1) == 0 && !strchr(n, '.') && !strchr(n, 's');
		bool named = strcmp(n, "me") == 0 || strcmp(n, "helohost") == 0;
		if (!pin && text_of(row->files, n, &end))
			return false;
		if (!(pin ? file_fits(row, n, now) : is_usual(n, now) || (named && is_plain(now))))
			return false;
	}
	return strcmp(row->to, "r@example.net") == 0;
}

/* ---- rows ---- */

static bool split(char *line, struct row *row)
{
	char **const cells[] = {&row->id,     &row->build,  &row->files, &row->to,  &row->from,
				&row->result, &row->source, &row->helo,	 &row->text};
	line[strcspn(line, "\n")] = '\0';
	if (*line == '#')
		return false;
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		*cells[i] = strsep(&line, "\t");
		if (!*cells[i])
			return false;
	}
	return true;
}

static bool mail_fits(const struct row *row, const struct mail *mail)
{
	const char *from = strcmp(row->from, "<>") == 0 ? "" : row->from;
	return strcmp(row->to, mail->to) == 0 && strcmp(from, mail->from) == 0;
}

bool table_find(const char *path, const char *build, const struct files *files,
		const struct mail *mail, struct row *row)
{
	char *line = NULL;
	size_t size = 0;
	FILE *f = fopen(path, "re");
	if (!f)
		err(111, "%s", path);
	for (int pass = 0; pass < 2; pass++, rewind(f))
		while (getline(&line, &size, f) > 0) {
			if (!split(line, row) || strcmp(row->build, build) != 0)
				continue;
			if (pass ? !pins_fit(row, files)
				 : !mail_fits(row, mail) || !all_fit(row, files))
				continue;
			fclose(f);
			return true; /* it lives in `line` */
		}
	free(line);
	fclose(f);
	return false;
}
