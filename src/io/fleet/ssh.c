/* SPDX-License-Identifier: ISC */
/* ssh.c: the words of ssh, and of --via. */
#include "io/fleet/ssh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct filling {
	struct mt_argv *argv;
	size_t words, used;
};

static void add_argument(struct filling *f, const char *word)
{
	if (f->words + 1 < MT_ARRAY_LEN(f->argv->word))
		f->argv->word[f->words++] = word;
}

/* A word of our own making: a, b and c. */
static void add_text(struct filling *f, struct mt_str a, const char *b, const char *c)
{
	char *at = f->argv->text + f->used;
	size_t room = sizeof f->argv->text - f->used;
	int n = snprintf(at, room, "%.*s%s%s", MT_STR_FMT(a), b, c);
	if (n < 0 || (size_t)n >= room)
		abort(); /* mt_via_split() leaves room */
	f->used += (size_t)n + 1;
	add_argument(f, at);
}

static void ssh_words(struct filling *f, const struct mt_ssh *t, const char *host)
{
	static const char *const fixed[] = {
		"ssh",
		"-T", /* no terminal there */
		"-a", /* no agent for a host that may be hostile */
		"-x",
		"-oBatchMode=yes", /* never ask */
		"-oUpdateHostKeys=no", /* never write known_hosts */
		"-oLogLevel=ERROR",
		"-oClearAllForwardings=yes",
		"-oPermitLocalCommand=no",
		"-oRemoteCommand=none",
	};
	char seconds[16];
	for (size_t i = 0; i < MT_ARRAY_LEN(fixed); i++)
		add_argument(f, fixed[i]);
	snprintf(seconds, sizeof seconds, "%u", t->connect_s);
	add_text(f, MT_STR("-oConnectTimeout="), seconds, "");
	for (const char *const *o = t->ssh_options; o && *o; o++) {
		add_argument(f, "-o");
		add_argument(f, *o);
	}
	add_argument(f, "--");
	add_argument(f, host);
	add_argument(f, t->sudo ? "exec sudo -n /bin/sh -s" : "exec /bin/sh -s");
}

/* Each word, with the host in place of {}. */
static void via_words(struct filling *f, const struct mt_ssh *t, const char *host)
{
	for (const char *const *word = t->via; *word; word++) {
		const char *place = strstr(*word, "{}");
		if (place)
			add_text(f, (struct mt_str){*word, (size_t)(place - *word)}, host,
				 place + 2);
		else
			add_argument(f, *word);
	}
	if (t->sudo) {
		add_argument(f, "sudo");
		add_argument(f, "-n");
	}
	add_argument(f, "/bin/sh");
	add_argument(f, "-s");
}

void mt_argv_of(const struct mt_ssh *ssh, const char *host, struct mt_argv *argv)
{
	struct filling f = {.argv = argv};
	if (ssh->via)
		via_words(&f, ssh, host);
	else
		ssh_words(&f, ssh, host);
	argv->word[f.words] = NULL;
}

/* ---- what the user says ---- */

static int bad_via(struct mt_error *error, const char *reason)
{
	return mt_fail(error, MT_EXIT_USAGE, "--via", "%s", reason);
}

/* The next word; NULL: a quote is not closed. */
static char *split_word(struct mt_arena *arena, const char **rest)
{
	char *word = mt_alloc(arena, strlen(*rest) + 1), *end = word, quote = '\0';
	const char *p = *rest;
	for (; *p && (quote || (*p != ' ' && *p != '\t')); p++) {
		if (quote ? *p == quote : *p == '\'' || *p == '"')
			quote = quote ? '\0' : *p;
		else if (*p == '\\' && quote != '\'' && p[1])
			*end++ = *++p;
		else
			*end++ = *p;
	}
	*rest = p;
	return quote ? NULL : word;
}

static int check_via(const char *const *word, struct mt_error *error)
{
	if (!word || !*word || strstr(word[0], "{}"))
		return bad_via(error, "names no program");
	unsigned n = 0, places = 0;
	for (; *word; word++, n++) {
		const char *place = strstr(*word, "{}");
		places += place != NULL;
		if (place && strstr(place + 2, "{}"))
			return bad_via(error, "has {} twice in one word");
	}
	if (n > MT_VIA_WORDS || places > MT_VIA_PLACES)
		return bad_via(error, "has more than 64 words, or more than 4 {}");
	return places ? 0 : bad_via(error, "has no {} for the host: --via 'docker exec -i {}'");
}

int mt_via_split(struct mt_arena *arena, const char *via, const char *const **words,
		 struct mt_error *error)
{
	if (strlen(via) > 1024)
		return bad_via(error, "is longer than 1024 bytes");
	*words = NULL;
	for (;;) {
		via += strspn(via, " \t");
		if (!*via)
			return check_via(*words, error);
		char *word = split_word(arena, &via);
		if (!word)
			return bad_via(error, "has a quote that is not closed");
		mt_list_add(arena, words, word);
	}
}

/* Does this setting of ssh take a host for the right one that ssh by itself would not? */
static bool checks_less(struct mt_str name, const char *value)
{
	static const struct {
		const char *name, *harmless[2];
	} settings[] = {{"StrictHostKeyChecking", {"yes", "ask"}},
			{"VerifyHostKeyDNS", {"no", "ask"}}, /* ask: nobody is asked in an audit */
			{"NoHostAuthenticationForLocalhost", {"no", "no"}}};
	for (size_t i = 0; i < MT_ARRAY_LEN(settings); i++)
		if (name.n == strlen(settings[i].name) &&
		    strncasecmp(name.p, settings[i].name, name.n) == 0)
			return strcasecmp(value, settings[i].harmless[0]) != 0 &&
			       strcasecmp(value, settings[i].harmless[1]) != 0;
	return false;
}

int mt_ssh_option_check(const char *option, struct mt_error *error)
{
	size_t n = strcspn(option, "= \t");
	const char *value = option + n + strspn(option + n, "= \t");
	if (!n || !*value || strpbrk(option, "\n\"")) /* ssh would take a name in quotes too */
		return mt_fail(error, MT_EXIT_USAGE, "--ssh-option",
			       "\"%s\" is not NAME=VALUE, as ssh -o takes it", option);
	if (strlen(option) > 512)
		return mt_fail(error, MT_EXIT_USAGE, "--ssh-option", "is longer than 512 bytes");
	if (checks_less((struct mt_str){option, n}, value))
		return mt_fail(error, MT_EXIT_USAGE, "--ssh-option",
			       "an audit never checks host keys less than ssh does: put the keys "
			       "into known_hosts");
	return 0;
}
