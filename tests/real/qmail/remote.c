/* SPDX-License-Identifier: ISC */
/*
 * remote.c: STAND-IN for qmail-remote, for tests; it is no qmail and delivers only in a lab. usage: qmail-remote HOST
 * SENDER RECIPIENT <MESSAGE. It has the strings of one of twelve builds in it (-DBUILD, -DNAMES), and does what that
 * build did with the control files as they are (table.h), over real sockets: the bind, the connection, the SMTP.
 *
 * A message with a header "X-Lab-Delay: N" takes N seconds before its end.
 *
 * Reports as qmail-rspawn wants them: "r" and a NUL, then K, Z or D, a text, and a NUL. Where no row fits it says so.
 * BUGS: the next hop is the far end of the lab, except for smtproutes and literals that rows speak of.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "table.h"

#define TABLE	    "/usr/local/share/lab/builds.tsv"
#define MESSAGE_MAX (1 << 20)
#define TIMEOUT	    60

/* What is known of the build, as data that no compiler may fold or merge. */
static const char names[] = NAMES "\0";
#ifdef MORE
__attribute__((used)) static const char more[] = MORE;
#endif
static const char home[] = HOME;

static void report(char letter, const char *text)
{
	if (letter == 'K')
		fputs("r", stdout);
	if (letter == 'K')
		putchar('\0');
	printf("%c%s\n", letter, text);
	putchar('\0');
	exit(0);
}

/* ---- from and to ---- */

static socklen_t address(const char *text, unsigned port, struct sockaddr_storage *at)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)at;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)at;
	memset(at, 0, sizeof *at);
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof *v4;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		errx(111, "no address: %s", text);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	return sizeof *v6;
}

/* The source of the experiment was bound, unless it was the host's first one and no pin names it. */
static bool was_bound(const struct row *row)
{
	static const char *const first[] = {"10.77.0.10", "fd77::11", "127.0.0.1"};
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		if (strcmp(row->source, first[i]) == 0)
			return strstr(row->files, row->source) && !strstr(row->files, ":127.0.0.1");
	return true;
}

static const char *next_hop(const struct row *row)
{
	static char literal[64];
	if (sscanf(row->to, "r@[%63[0-9.]]", literal) == 1)
		return literal;
	if (strstr(row->files, "smtproutes=:127.0.0.1"))
		return "127.0.0.1";
	if (strstr(row->files, "example.net:10.77.0.3"))
		return "10.77.0.3";
	return strchr(row->source, ':') ? "fd77::2" : "10.77.0.2";
}

static FILE *connected(const struct row *row)
{
	struct sockaddr_storage from, to;
	socklen_t to_size = address(next_hop(row), 25, &to), from_size;
	int fd = socket(to.ss_family, SOCK_STREAM, 0);
	if (fd < 0)
		err(111, "socket");
	if (was_bound(row)) {
		from_size = address(row->source, 0, &from);
		if (bind(fd, (struct sockaddr *)&from, from_size) < 0)
			report('Z',
			       "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)");
	}
	if (connect(fd, (struct sockaddr *)&to, to_size) < 0)
		report('Z', "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)");
	return fdopen(fd, "r+");
}

/* ---- SMTP ---- */

static void expect(FILE *peer, char wanted)
{
	char line[1000];
	do
		if (!fgets(line, sizeof line, peer))
			report('Z', "Connected but connection died. (#4.4.2)");
	while (strlen(line) > 3 && line[3] == '-');
	if (line[0] == wanted)
		return;
	line[strcspn(line, "\r\n")] = '\0';
	char text[1100];
	snprintf(text, sizeof text, "The far end does not like it.\nRemote host said: %s", line);
	report(line[0] == '5' ? 'D' : 'Z', text);
}

__attribute__((format(printf, 3, 4))) static void say(FILE *peer, char wanted, const char *format,
						      ...)
{
	va_list args;
	va_start(args, format);
	fflush(peer);
	vfprintf(peer, format, args);
	va_end(args);
	fputs("\r\n", peer);
	fflush(peer);
	expect(peer, wanted);
}

static void send_message(FILE *peer)
{
	char *line = NULL;
	size_t size = 0;
	unsigned delay = 0, seconds;
	say(peer, '3', "DATA");
	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "X-Lab-Delay: %u", &seconds) == 1)
			delay = seconds;
		fprintf(peer, "%s%s\r\n", *line == '.' ? "." : "", line);
	}
	free(line);
	fflush(peer);
	sleep(delay);
	say(peer, '2', ".");
}

/* What was said then; where the experiment did not look, or a pin alone was looked up: the name as it is now. */
static const char *name_said(const struct row *row, const struct files *files)
{
	static char text[256];
	const struct bytes *name = file_named(files, "helohost"), *me = file_named(files, "me");
	bool odd = strstr(row->files, "helohost=") || strstr(row->files, "me=") ||
		   strstr(row->files, "ips=") || strstr(row->files, "bindings=") ||
		   strstr(row->files, "byip=");
	if (strcmp(row->helo, "(empty)") == 0)
		return "";
	if (odd && strcmp(row->helo, "-") != 0)
		return strtok(row->helo, "\\");
	if (!name || !name->p)
		name = me;
	if (!name || !name->p || name->unreadable)
		return "";
	snprintf(text, sizeof text, "%.*s", (int)strcspn(name->p, "\n"), name->p);
	return text;
}

static void deliver(const struct row *row, const struct files *files, const struct mail *mail)
{
	FILE *peer = connected(row);
	char text[200];
	if (!peer)
		err(111, "socket");
	alarm(0);
	expect(peer, '2');
	say(peer, '2', "HELO %s", name_said(row, files));
	say(peer, '2', "MAIL FROM:<%s>", mail->from);
	say(peer, '2', "RCPT TO:<%s>", mail->to);
	send_message(peer);
	fputs("QUIT\r\n", peer);
	fflush(peer);
	snprintf(text, sizeof text, "%s accepted message.\nRemote host said: 250 2.0.0 recorded",
		 next_hop(row));
	report('K', text);
}

int main(int argc, char **argv)
{
	struct files files = {.names = names};
	struct row row;
	if (argc < 4)
		errx(100, "usage: qmail-remote host sender recipient");
	struct mail mail = {.from = argv[2], .to = argv[3]};
	if (chdir(home) < 0)
		report('Z', "Unable to switch to home directory. (#4.3.0)");
	files_read(&files);
	if (!table_find(TABLE, BUILD, &files, &mail, &row))
		report('Z', "This is a stand-in, and it has no row for these files. (#4.3.9)");
	if (strcmp(row.result, "CRASH") == 0)
		raise(SIGFPE);
	if (strcmp(row.result, "SRC") != 0)
		report(row.text[0], row.text[0] == 'Z' || row.text[0] == 'D' ? row.text + 1 : "");
	deliver(&row, &files, &mail);
}
