/* SPDX-License-Identifier: ISC */
/* ssh_error.c: why a host was not examined. */
#include "core/audit/ssh_error.h"

#include <string.h>

#define GAVE_UP 75 /* of the collector, when its own time is over */

static const struct mt_cause_row rows[MT_CAUSES] = {
	[MT_CAUSE_NONE] = {"", "", "", false},
	[MT_CAUSE_NAME] = {"name", "the name does not resolve",
			   "correct the name, or give it a HostName in ssh_config", false},
	[MT_CAUSE_UNREACHABLE] = {"unreachable", "no route leads to it",
				  "look at the network in between, or name a ProxyJump in "
				  "ssh_config",
				  true},
	[MT_CAUSE_REFUSED] = {"refused", "nothing listens on the ssh port",
			      "start sshd there, or name its Port in ssh_config", true},
	[MT_CAUSE_CONNECT_TIME] = {"connect-timeout", "no answer to the connection in time",
				   "look at the host and the firewalls in between; -t waits longer",
				   true},
	[MT_CAUSE_CLOSED] = {"closed", "it closed the connection before the login",
			     "look at MaxStartups, PerSourceMaxStartups and fail2ban there; a "
			     "smaller -f asks more gently",
			     true},
	[MT_CAUSE_KEY_CHANGED] = {"key-changed", "its host key has changed",
				  "find out why; if it is right: ssh-keygen -R HOST, then log in "
				  "once by hand",
				  false},
	[MT_CAUSE_KEY_UNKNOWN] = {"key-unknown", "its host key is not known here",
				  "log in once by hand and compare the fingerprint", false},
	[MT_CAUSE_AUTH] = {"auth", "it accepts no key of yours",
			   "put your public key there (ssh-copy-id), or load the key into the "
			   "agent; a password is never asked for",
			   false},
	[MT_CAUSE_SSH] = {"ssh", "ssh failed", "try ssh HOST true by hand", false},
	[MT_CAUSE_VIA] = {"via", "the command of --via failed", "try that command by hand", false},
	[MT_CAUSE_SHELL] = {"no-shell", "no /bin/sh ran the collector",
			    "give the account a login shell, or take another account", false},
	[MT_CAUSE_SUDO] = {"sudo", "sudo asks for a password there",
			   "allow it: USER ALL=(root) NOPASSWD: /bin/sh -s; or leave --sudo out",
			   false},
	[MT_CAUSE_TIME] = {"timeout", "it did not finish in time",
			   "look at what its login scripts do; -u waits longer", false},
	[MT_CAUSE_HANGS] = {"hangs", "a program that the collector asks hangs there",
			    "see which: mtapin collect --script | ssh HOST exec /bin/sh -s", false},
	[MT_CAUSE_LOST] = {"lost", "the connection was cut half-way", "run it again", false},
	[MT_CAUSE_INCOMPLETE] = {"incomplete", "what came is not complete",
				 "run it again; if it stays so: mtapin collect there", false},
	[MT_CAUSE_CAP] = {"too-much", "it sends more than 2 MiB",
			  "look at what its login scripts print", false},
	[MT_CAUSE_BUNDLE] = {"bundle", "its bundle cannot be read", "collect it anew", false},
	[MT_CAUSE_DENIED] = {"denied", "its configuration could not be read",
			     "take an account that may read it, or --sudo", false},
	[MT_CAUSE_WORKER] = {"crash", "its bundle could not be examined",
			     "keep the bundle (--save) and report it as a bug of mtapin", false},
	[MT_CAUSE_SAVE] = {"save", "its bundle could not be saved", "look at the folder of --save",
			   false},
	[MT_CAUSE_START] = {"start", "the transport could not be started",
			    "install it, or name it with its path", false},
	[MT_CAUSE_INTERRUPTED] = {"interrupted", "interrupted",
				  "run it again; with --save what is there is not asked again",
				  false},
};

const struct mt_cause_row *mt_cause_row(enum mt_cause cause)
{
	return &rows[cause < MT_CAUSES ? cause : MT_CAUSE_NONE];
}

struct phrase {
	const char *text;
	enum mt_cause cause;
};

/* The first one that occurs counts: of a jump host's failure the end is always "closed". */
static const struct phrase phrases[] = {
	{"REMOTE HOST IDENTIFICATION HAS CHANGED", MT_CAUSE_KEY_CHANGED},
	{"REVOKED HOST KEY", MT_CAUSE_KEY_CHANGED},
	{"has changed and you have requested strict checking", MT_CAUSE_KEY_CHANGED},
	{"Host key verification failed", MT_CAUSE_KEY_UNKNOWN},
	{"host key is known for", MT_CAUSE_KEY_UNKNOWN},
	{"Permission denied", MT_CAUSE_AUTH},
	{"Too many authentication failures", MT_CAUSE_AUTH},
	{"Could not resolve hostname", MT_CAUSE_NAME},
	{"Name or service not known", MT_CAUSE_NAME},
	{"Connection refused", MT_CAUSE_REFUSED},
	{"No route to host", MT_CAUSE_UNREACHABLE},
	{"Network is unreachable", MT_CAUSE_UNREACHABLE},
	{"timed out", MT_CAUSE_CONNECT_TIME},
	{"Bad configuration option", MT_CAUSE_SSH},
	{"Bad owner or permissions", MT_CAUSE_SSH},
	{"Unable to negotiate", MT_CAUSE_SSH},
	{"kex_exchange_identification", MT_CAUSE_CLOSED},
	{"ssh_exchange_identification", MT_CAUSE_CLOSED},
	{"banner exchange", MT_CAUSE_CLOSED},
	{"Connection closed", MT_CAUSE_CLOSED},
	{"Connection reset", MT_CAUSE_CLOSED},
	{"closed by remote host", MT_CAUSE_CLOSED},
};

/* The first line with the phrase. */
static bool find_line(struct mt_str text, const char *phrase, struct mt_str *line)
{
	while (mt_str_line(&text, line))
		if (mt_str_has(*line, phrase))
			return true;
	return false;
}

static struct mt_str last_line(struct mt_str text)
{
	struct mt_str line, last = {"", 0};
	while (mt_str_line(&text, &line))
		if (mt_str_trim(line).n)
			last = line;
	return last;
}

static enum mt_cause said(struct mt_str err, struct mt_str *detail)
{
	for (size_t i = 0; i < MT_ARRAY_LEN(phrases); i++)
		if (find_line(err, phrases[i].text, detail))
			return phrases[i].cause;
	*detail = last_line(err);
	return MT_CAUSE_SSH;
}

enum mt_cause mt_cause_of(const struct mt_ending *e, struct mt_str *detail)
{
	*detail = (struct mt_str){"", 0};
	if (e->overflow)
		return MT_CAUSE_CAP;
	if (e->done)
		return MT_CAUSE_NONE;
	if (e->timed_out)
		return !e->begun && e->before ? e->before : MT_CAUSE_TIME;
	if (!e->begun) {
		/* Whatever the shell said, it was not our script. */
		if (e->status == 255)
			return said(e->err, detail);
		*detail = last_line(e->err);
		if (e->sudo && find_line(e->err, "sudo:", detail))
			return MT_CAUSE_SUDO;
		bool found = e->status != 126 && e->status != 127;
		return !e->ssh && e->status != 0 && found ? MT_CAUSE_VIA : MT_CAUSE_SHELL;
	}
	*detail = last_line(e->err);
	return e->status == 255	      ? MT_CAUSE_LOST
	       : e->status == GAVE_UP ? MT_CAUSE_HANGS
				      : MT_CAUSE_INCOMPLETE;
}
