/* SPDX-License-Identifier: ISC */
/*
 * send.c: STAND-IN for qmail-send, for tests; it is no qmail. Run by start.c with rspawn.c on descriptors 3 (to it) and 4
 * (from it), logs to descriptor 1 in qmail-send's words.
 *
 * Works in HOME/queue. A message is a file todo/N: the sender, the recipient, then the message; put there by rename.
 * Each is tried at once, then on ALRM, else 400 seconds after it came. TERM: starts nothing more, ends when all
 * deliveries have ended. HUP: nothing that shows. A second one on the same queue does not start.
 *
 * Measured on netqmail 1.06: the log, what the signals do, how it ends. BUGS: no local delivery, no bounce message.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define QUEUE	   HOME "/queue"
#define SLOTS_MAX  250
#define LOOK_MS	   100
#define RETRY_SECS 400

static struct slot {
	unsigned message; /* 0: free */
	unsigned delivery;
} slots[SLOTS_MAX];
static unsigned busy, concurrency = 20, deliveries;
static volatile sig_atomic_t ending, retry_all;

/* Messages that were tried and wait, and since when. */
static struct waiting {
	unsigned message;
	time_t since;
} * waits;
static size_t wait_count;

static void on_term(int sig)
{
	(void)sig;
	ending = 1;
}

static void on_alarm(int sig)
{
	(void)sig;
	retry_all = 1;
}

static void on_hup(int sig)
{
	(void)sig;
}

/* ---- the log ---- */

static void status(void)
{
	printf("status: local 0/10 remote %u/%u%s\n", busy, concurrency, ending ? " exitasap" : "");
}

static void log_delivery(unsigned delivery, const char *what, const char *text)
{
	printf("delivery %u: %s: ", delivery, what);
	for (; *text; text++)
		putchar(*text == '\n' ? '/' : *text == ' ' ? '_' : *text);
	putchar('\n');
}

/* ---- deliveries ---- */

static void start(unsigned slot, unsigned message)
{
	char path[64], sender[512] = "", to[512] = "";
	struct stat st;
	snprintf(path, sizeof path, "todo/%u", message);
	FILE *f = fopen(path, "re");
	if (!f || !fgets(sender, sizeof sender, f) || !fgets(to, sizeof to, f) ||
	    fstat(fileno(f), &st) < 0) {
		printf("warning: trouble opening %s; will try again later\n", path);
		if (f)
			fclose(f);
		return;
	}
	fclose(f);
	sender[strcspn(sender, "\n")] = to[strcspn(to, "\n")] = '\0';
	printf("new msg %u\ninfo msg %u: bytes %ld from <%s> qp %u uid 0\n", message, message,
	       (long)st.st_size, sender, message);
	slots[slot] = (struct slot){message, ++deliveries};
	busy++;
	printf("starting delivery %u: msg %u to remote %s\n", deliveries, message, to);
	status();
	if (dprintf(3, "%u %u\n%s\n%s\n", slot, message, sender, to) < 0)
		ending = 1;
}

static struct waiting *waiting_for(unsigned message)
{
	for (size_t i = 0; i < wait_count; i++)
		if (waits[i].message == message)
			return &waits[i];
	return NULL;
}

static void wait_again(unsigned message)
{
	struct waiting *at = waiting_for(message);
	if (!at) {
		waits = realloc(waits, (wait_count + 1) * sizeof *waits);
		if (!waits)
			err(111, "memory");
		at = &waits[wait_count++];
	}
	*at = (struct waiting){message, time(NULL)};
}

static void finished(unsigned slot, char *text)
{
	char path[64];
	unsigned message = slots[slot].message;
	snprintf(path, sizeof path, "todo/%u", message);
	slots[slot].message = 0;
	busy--;
	if (*text == 'Z') {
		log_delivery(slots[slot].delivery, "deferral", text + 1);
		wait_again(message);
	} else {
		log_delivery(slots[slot].delivery, *text == 'K' ? "success" : "failure", text + 1);
		if (*text != 'K')
			printf("bounce msg %u qp %u\n", message, message);
		unlink(path);
	}
	status();
	if (*text != 'Z')
		printf("end msg %u\n", message);
}

/* What rspawn says: slot, a blank, the text with newlines as they are, a NUL. */
static bool hear(void)
{
	static char text[8192];
	static size_t n;
	ssize_t got = read(4, text + n, sizeof text - 1 - n);
	if (got < 0 && errno == EINTR)
		return true;
	if (got <= 0)
		return false;
	n += (size_t)got;
	for (char *end; (end = memchr(text, '\0', n));) {
		char *rest;
		unsigned long slot = strtoul(text, &rest, 10);
		if (slot < SLOTS_MAX && slots[slot].message && *rest == ' ')
			finished((unsigned)slot, rest + 1);
		n -= (size_t)(end + 1 - text);
		memmove(text, end + 1, n);
	}
	return true;
}

static bool is_busy(unsigned message)
{
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		if (slots[i].message == message)
			return true;
	return false;
}

static bool is_due(unsigned message)
{
	const struct waiting *at = waiting_for(message);
	return !is_busy(message) && (!at || retry_all || time(NULL) - at->since >= RETRY_SECS);
}

static unsigned free_slot(void)
{
	unsigned slot = 0;
	while (slots[slot].message)
		slot++;
	return slot;
}

static void look(void)
{
	DIR *todo = opendir("todo");
	for (struct dirent *e; todo && busy < concurrency && (e = readdir(todo));) {
		unsigned long message = strtoul(e->d_name, NULL, 10);
		if (message && message <= 999999999 && is_due((unsigned)message))
			start(free_slot(), (unsigned)message);
	}
	if (todo)
		closedir(todo);
	retry_all = 0;
}

/* ---- beginning ---- */

static void begin(void)
{
	struct sigaction action = {.sa_handler = on_term};
	FILE *f;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (chdir(QUEUE) < 0)
		printf("alert: cannot start: unable to switch to queue directory\n"), exit(111);
	int lock = open("lock/sendmutex", O_WRONLY | O_CLOEXEC | O_CREAT, 0600);
	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0)
		printf("alert: cannot start: qmail-send is already running\n"), exit(111);
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = on_alarm;
	sigaction(SIGALRM, &action, NULL);
	action.sa_handler = on_hup;
	sigaction(SIGHUP, &action, NULL);
	f = fopen(HOME "/control/concurrencyremote", "re");
	if (f && (fscanf(f, "%u", &concurrency) != 1 || concurrency > SLOTS_MAX))
		concurrency = 20;
	if (f)
		fclose(f);
	status();
}

int main(void)
{
	bool said = false;
	begin();
	while (!ending || busy) {
		struct pollfd in = {.fd = 4, .events = POLLIN};
		if (ending && !said) {
			said = true;
			status();
		}
		if (!ending)
			look();
		if (poll(&in, 1, LOOK_MS) > 0 && !hear()) {
			printf("alert: oh no! lost spawn connection! dying...\n");
			return 111;
		}
	}
	printf("status: exiting\n");
	return 0;
}
