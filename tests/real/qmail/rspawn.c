/* SPDX-License-Identifier: ISC */
/*
 * rspawn.c: STAND-IN for qmail-rspawn, for tests; it is no qmail. Reads "SLOT MESSAGE", sender and recipient, a line
 * each, from descriptor 0; runs qmail-remote ($QMAILREMOTE, else by PATH) as the user of queue/lock/tcpto, the message
 * behind its two lines as input; writes "SLOT TEXT" and a NUL to descriptor 1.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 250

static struct job {
	pid_t pid; /* 0: free */
	unsigned slot;
	int out;
	char text[4096];
	size_t n;
} jobs[JOBS_MAX];

/* The message without the two lines of its envelope. */
static int open_message(unsigned message)
{
	char path[64], c;
	int lines = 0;
	snprintf(path, sizeof path, HOME "/queue/todo/%u", message);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && lines < 2 && read(fd, &c, 1) == 1)
		lines += c == '\n';
	return fd;
}

static void become_qmailr(void)
{
	struct stat st;
	if (stat(HOME "/queue/lock/tcpto", &st) == 0 && geteuid() == 0 &&
	    (setgroups(0, NULL) < 0 || setgid(st.st_gid) < 0 || setuid(st.st_uid) < 0))
		_exit(111);
}

static void child(int in, int out, char *sender, char *to)
{
	const char *program = getenv("QMAILREMOTE");
	const char *host = strrchr(to, '@') ? strrchr(to, '@') + 1 : to;
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(111);
	become_qmailr();
	if (!program)
		program = "qmail-remote";
	execlp(program, "qmail-remote", host, sender, to, (char *)NULL);
	_exit(111);
}

static void spawn(unsigned slot, unsigned message, char *sender, char *to)
{
	int out[2], in = open_message(message);
	struct job *job = jobs;
	while (job->pid && job < jobs + JOBS_MAX - 1)
		job++;
	if (in < 0 || pipe2(out, O_CLOEXEC) < 0)
		err(111, "message %u", message);
	job->pid = fork();
	if (job->pid == 0)
		child(in, out[1], sender, to);
	close(in);
	close(out[1]);
	job->slot = slot;
	job->out = out[0];
	job->n = 0;
}

/* Skip the reports of recipients; the last one is the message's. */
static void report(const struct job *job, int status)
{
	const char *text = job->text, *last = text;
	for (size_t at = 0; at < job->n; at += strlen(text + at) + 1)
		if (strchr("KZD", text[at]))
			last = text + at;
	if (WIFSIGNALED(status))
		last = "Zqmail-remote crashed.\n";
	else if (WEXITSTATUS(status) == 111 && !job->n)
		last = "ZUnable to run qmail-remote.\n";
	else if (!job->n)
		last = "Zqmail-remote produced no output.\n";
	char line[4200];
	int n = snprintf(line, sizeof line, "%u %s", job->slot, last);
	if (write(1, line, (size_t)n + 1) < 0)
		exit(0);
}

static void hear(struct job *job)
{
	int status = 0;
	ssize_t got = read(job->out, job->text + job->n, sizeof job->text - 1 - job->n);
	if (got < 0 && errno == EINTR)
		return;
	job->n += got > 0 ? (size_t)got : 0;
	job->text[job->n] = '\0';
	if (got > 0)
		return;
	close(job->out);
	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	job->pid = 0;
	report(job, status);
}

static void chomp(char *line)
{
	line[strcspn(line, "\n")] = '\0';
}

static void command(void)
{
	static char line[3][512];
	unsigned slot, message;
	for (int i = 0; i < 3; i++)
		if (!fgets(line[i], sizeof line[i], stdin))
			exit(0); /* qmail-send is gone */
	chomp(line[1]);
	chomp(line[2]);
	if (sscanf(line[0], "%u %u", &slot, &message) == 2)
		spawn(slot, message, line[1], line[2]);
}

int main(void)
{
	setvbuf(stdin, NULL, _IONBF, 0);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		struct pollfd fds[JOBS_MAX + 1] = {{.fd = 0, .events = POLLIN}};
		for (int i = 0; i < JOBS_MAX; i++)
			fds[i + 1] = (struct pollfd){.fd = jobs[i].pid ? jobs[i].out : -1,
						     .events = POLLIN};
		if (poll(fds, JOBS_MAX + 1, -1) < 0)
			continue;
		for (int i = 0; i < JOBS_MAX; i++)
			if (jobs[i].pid && fds[i + 1].revents)
				hear(&jobs[i]);
		if (fds[0].revents)
			command();
	}
}
