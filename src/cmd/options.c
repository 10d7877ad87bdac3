/* SPDX-License-Identifier: ISC */
/* options.c: the table of options and the parser that reads it. */
#include "cmd/options.h"

#include <config.h>
#include <installed.h>
#include <stdio.h>
#include <string.h>

#define FLAG(member)  MT_OPTION_FLAG, offsetof(struct mt_options, member), NULL, NULL
#define TEXT(member)  MT_OPTION_TEXT, offsetof(struct mt_options, member)
#define MAYBE(member) MT_OPTION_MAYBE, offsetof(struct mt_options, member)
#define WORDS(member) MT_OPTION_WORDS, offsetof(struct mt_options, member)

static const struct mt_option core_table[] = {
	{"json", 0, FLAG(json), "", "the result as JSON (schema mtapin/1)"},
	{"quiet", 'q', FLAG(quiet), "", "no remarks on stderr, and no notes among the findings"},
	{"verbose", 'v', FLAG(verbose), "", "show also what is not used, and every reason"},
	{"color", 0, TEXT(color), "WHEN", "auto|always|never", "",
	 "colour the text; auto: on a terminal"},
	{"config", 0, TEXT(config), "FILE", NULL, "", "read FILE instead of " MT_SETTINGS_FILE},
	{"bundle", 0, TEXT(bundle), "FILE", NULL, "", "read a saved bundle instead of this host"},
	{"root", 0, TEXT(root), "DIR", NULL, "",
	 "read the tree DIR, which is not running, instead of this host"},
#ifdef MT_MODULES
	{"backend-dir", 0, TEXT(backend_dir), "DIR", NULL, "", "load the backends from DIR"},
#endif
	{"help", 'h', FLAG(help), "", "say what can be said"},
	{"version", 0, FLAG(version), "", "print the version"},
	{"to", 0, TEXT(to), "ADDRESS", NULL, "show", "only the path of mail to user@domain"},
	{"from", 0, TEXT(from), "ADDRESS", NULL, "show",
	 "and from this sender; <> is the empty one"},
	{"ip", 0, WORDS(ip), "ADDRESS", NULL, "fix",
	 "send from it; once for IPv4, once for IPv6; auto: what check picks; any"},
	{"ip4", 0, TEXT(ip4), "ADDRESS", NULL, "fix", "for IPv4: an address, off, keep or any"},
	{"ip6", 0, TEXT(ip6), "ADDRESS", NULL, "fix", "for IPv6: an address, off, keep or any"},
	{"mta", 0, TEXT(mta), "NAME", NULL, "fix", "which mail server: NAME or NAME:INSTANCE"},
	{"path", 0, WORDS(path), "SERVICE", NULL, "fix",
	 "only this client service, even if it has a pin; repeatable; all"},
	{"method", 0, TEXT(method), "METHOD", NULL, "fix", "which line to edit"},
	{"helo", 0, TEXT(helo), "NAME", NULL, "fix", "also set the HELO name"},
	{"restart", 0, FLAG(restart), "fix", "restart the service in any case"},
	{"no-service", 0, FLAG(no_service), "fix undo recover", "leave the service alone"},
	{"dry-run", 'n', FLAG(dry_run), "fix undo", "print the diff, change nothing"},
	{"yes", 'y', FLAG(yes), "fix", "apply without asking"},
	{"confirm", 0, TEXT(confirm), "SECONDS", NULL, "fix",
	 "roll it back after SECONDS (10 to 86400) unless mtapin confirm comes"},
	{"wait", 0, TEXT(wait), "ID", NULL, "recover",
	 "stay until this one is confirmed; roll it back when its time is up"},
	{"booted", 0, FLAG(booted), "recover",
	 "the host was just booted: what is not confirmed is rolled back now"},
	{"observe", 0, TEXT(observe), "SECONDS", NULL, "fix",
	 "wait so long (0 to 3600) for a connection; a wrong source or log: undone"},
	{"probe", 0, TEXT(probe), "HOST[:PORT]", NULL, "fix",
	 "first try it from each new address; no answer: no change"},
	{"prove", 0, TEXT(prove), "ADDRESS", NULL, "fix",
	 "let the server connect for user@domain, up to RCPT, and see from where"},
	{"accept", 0, WORDS(accept), "ID", NULL, "fix undo",
	 "overrule the refusal of this id; repeatable"},
	{"dnsbl", 0, MAYBE(dnsbl), "[=LIST,...]", NULL, "wizard check",
	 "ask blacklists: these, those of mtapin.conf, or all known"},
	{"nagios", 0, FLAG(nagios), "check audit",
	 "one line and exit code for a monitoring system"},
	{"save-bundle", 0, TEXT(save_bundle), "FILE", NULL, "check",
	 "keep what was read and answered, redacted, for --bundle"},
	{"since", 0, TEXT(since), "TIME", NULL, "log", "only what was logged since then"},
	{"until", 0, TEXT(until), "TIME", NULL, "log", "only what was logged until then"},
	{"around", 0, TEXT(around), "ID", NULL, "log",
	 "before and after this transaction, over the same time; last: the latest"},
	{"events", 0, FLAG(events), "log",
	 "a line an event, with file and line, instead of counts"},
	{"journal", 0, FLAG(journal), "log", "also what the journal has of the mail facility"},
	{"script", 0, FLAG(script), "collect", "print the collector instead of running it"},
	{"hosts", 'w', WORDS(hosts), "HOSTS", NULL, "audit",
	 "these: web[001-040],user@mail7; repeatable; -: from standard input"},
	{"hostfile", 0, WORDS(hostfile), "FILE", NULL, "audit",
	 "the hosts in FILE, a line each, with what is expected; -: standard input"},
	{"exclude", 'x', WORDS(exclude), "HOSTS", NULL, "audit", "but not these; repeatable"},
	{"expect", 0, TEXT(expect), "FILE", NULL, "audit",
	 "what is expected of them: HOST [ip=A] [ip6=A|off] [helo=NAME]"},
	{"fanout", 'f', TEXT(fanout), "NUMBER", NULL, "audit", "so many at once (32)"},
	{"connect-timeout", 't', TEXT(connect_timeout), "SECONDS", NULL, "audit",
	 "for the connection (10)"},
	{"timeout", 'u', TEXT(timeout), "SECONDS", NULL, "audit", "for a host altogether (60)"},
	{"sudo", 0, FLAG(sudo), "audit", "become root there by sudo -n, which never asks"},
	{"ssh-option", 0, WORDS(ssh_option), "NAME=VALUE", NULL, "audit",
	 "an option for ssh -o; repeatable"},
	{"via", 0, TEXT(via), "COMMAND", NULL, "audit",
	 "not by ssh but by COMMAND, {} being the host: 'docker exec -i {}'"},
	{"bundles", 0, TEXT(bundles), "DIR", NULL, "audit",
	 "ask nobody: examine the bundles in DIR, a file a host"},
	{"save", 0, TEXT(save), "DIR", NULL, "audit",
	 "keep the bundles in DIR; those that are there are not asked again"},
	{"dns", 0, FLAG(dns), "audit",
	 "ask the DNS, from here, whether the addresses are the right ones"},
	{"jsonl", 0, FLAG(jsonl), "audit", "JSON, a host a line as they finish"},
	{0},
};

static const char *choices_of(struct mt_arena *arena, const char *const *names)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (; *names; names++)
		mt_text_addf(&text, "%s%s", text.n ? "|" : "", *names);
	return mt_text_z(&text);
}

static const struct mt_option *row_of(const struct mt_option *table, const char *name)
{
	while (table->name && strcmp(table->name, name) != 0)
		table++;
	return table->name ? table : NULL;
}

/* The options that backends have of their own, each once, behind `rows`, whose end they move. */
static void add_own(struct mt_option *rows, const struct mt_backend *const *backends)
{
	struct mt_option *end = rows;
	size_t n = 0;
	while (end->name)
		end++;
	for (; *backends; backends++)
		for (const struct mt_own_option *own = (*backends)->options; own && own->name;
		     own++) {
			if (row_of(rows, own->name) || n >= MT_OWN_MAX)
				continue;
			*end++ = (struct mt_option){.name = own->name,
						    .kind = own->argument ? MT_OPTION_TEXT
									  : MT_OPTION_FLAG,
						    .field = offsetof(struct mt_options, own) +
							     n++ * sizeof(union mt_own_field),
						    .argument = own->argument,
						    .commands = "fix",
						    .help = own->help};
		}
}

const struct mt_option *mt_option_table(struct mt_arena *arena,
					const struct mt_backend *const *backends)
{
	struct mt_option *table = mt_alloc(arena, sizeof core_table + MT_OWN_MAX * sizeof *table);
	memset(table, 0, sizeof core_table + MT_OWN_MAX * sizeof *table);
	memcpy(table, core_table, sizeof core_table);
	for (struct mt_option *o = table; o->name; o++)
		if (o->field == offsetof(struct mt_options, method))
			o->choices = choices_of(arena, mt_method_names(arena, backends));
	add_own(table, backends);
	return table;
}

static bool is_own(const struct mt_option *o)
{
	size_t first = offsetof(struct mt_options, own);
	return o->field >= first && o->field < first + MT_OWN_MAX * sizeof(union mt_own_field);
}

const struct mt_own_value *mt_options_own(struct mt_arena *arena, const struct mt_options *options)
{
	struct mt_own_value *list = mt_alloc(arena, (MT_OWN_MAX + 1) * sizeof *list);
	size_t n = 0;
	for (const struct mt_option *o = options->table; o->name; o++) {
		const union mt_own_field *field = (const void *)((const char *)options + o->field);
		if (!is_own(o))
			continue;
		if (o->kind == MT_OPTION_FLAG && field->flag)
			list[n++] = (struct mt_own_value){o->name, ""};
		else if (o->kind == MT_OPTION_TEXT && field->text)
			list[n++] = (struct mt_own_value){o->name, field->text};
	}
	list[n] = (struct mt_own_value){0};
	return n ? list : NULL;
}

bool mt_choice_has(const char *list, char separator, const char *word)
{
	struct mt_str rest = mt_str_of(list), one;
	while (mt_str_word(&rest, (const char[]){separator, '\0'}, &one))
		if (mt_str_is(one, word))
			return true;
	return false;
}

bool mt_option_belongs(const struct mt_option *option, const char *command)
{
	return !*option->commands || (command && mt_choice_has(option->commands, ' ', command));
}

struct parser {
	const struct mt_option *table;
	char **next; /* the word after the one being read */
	struct mt_options *options;
	struct mt_error *error;
	bool only_operands; /* after -- */
};

static int usage(struct parser *p, const char *where, const char *reason)
{
	return mt_fail(p->error, MT_EXIT_USAGE, where, "%s", reason);
}

static int unknown(struct parser *p, const char *where)
{
	const char *command = p->options->command;
	return mt_fail(p->error, MT_EXIT_USAGE, where, "unknown option%s%s%s",
		       command ? " of " : "", command ? command : "",
		       command ? "" : " (those of a command follow its name)");
}

static const struct mt_option *by_name(struct parser *p, const char *name, size_t length)
{
	for (const struct mt_option *o = p->table; o->name; o++)
		if (strlen(o->name) == length && strncmp(o->name, name, length) == 0 &&
		    mt_option_belongs(o, p->options->command))
			return o;
	return NULL;
}

static const struct mt_option *by_letter(struct parser *p, char letter)
{
	for (const struct mt_option *o = p->table; o->name; o++)
		if (letter && o->letter == letter && mt_option_belongs(o, p->options->command))
			return o;
	return NULL;
}

static int add_word(struct parser *p, struct mt_words *words, const char *where, const char *word)
{
	if (words->count >= MT_WORDS_MAX)
		return usage(p, where, "is given too often");
	words->word[words->count++] = word;
	return 0;
}

static int set(struct parser *p, const struct mt_option *o, const char *where, const char *value)
{
	char *field = (char *)p->options + o->field;
	if (o->kind == MT_OPTION_FLAG) {
		*(bool *)(void *)field = true;
		return 0;
	}
	bool bare = o->kind == MT_OPTION_MAYBE && !value;
	if (!bare && (!value || !*value))
		return mt_fail(p->error, MT_EXIT_USAGE, where, "needs a value: %s", o->argument);
	if (o->choices && !mt_choice_has(o->choices, '|', value))
		return mt_fail(p->error, MT_EXIT_USAGE, where, "\"%s\" is not one of %s", value,
			       o->choices);
	if (o->kind == MT_OPTION_WORDS)
		return add_word(p, (struct mt_words *)(void *)field, where, value);
	const char **text = (const char **)(void *)field;
	if (*text)
		return usage(p, where, "is given twice");
	*text = bare ? "" : value;
	return 0;
}

static int next_value(struct parser *p, const struct mt_option *o, const char *where)
{
	const char *value = *p->next;
	if (value)
		p->next++;
	return set(p, o, where, value);
}

static int long_option(struct parser *p, const char *word)
{
	const char *name = word + 2, *equals = strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	const struct mt_option *o = by_name(p, name, length);
	char where[64];
	snprintf(where, sizeof where, "--%.*s", (int)(length < 60 ? length : 60), name);
	if (!o)
		return unknown(p, where);
	if (o->kind == MT_OPTION_FLAG)
		return equals ? usage(p, where, "takes no value") : set(p, o, where, NULL);
	if (o->kind == MT_OPTION_MAYBE)
		return set(p, o, where, equals ? equals + 1 : NULL);
	return equals ? set(p, o, where, equals + 1) : next_value(p, o, where);
}

/* A word of letters: flags, the last of which may take a value: the rest of the word or the next one. */
static int short_options(struct parser *p, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		const struct mt_option *o = by_letter(p, *letter);
		char where[3] = {'-', *letter, '\0'};
		if (!o)
			return unknown(p, where);
		if (o->kind == MT_OPTION_TEXT || o->kind == MT_OPTION_WORDS)
			return letter[1] ? set(p, o, where, letter + 1) : next_value(p, o, where);
		if (set(p, o, where, NULL) != 0)
			return -1;
	}
	return 0;
}

static int word(struct parser *p, const char *w)
{
	bool option = !p->only_operands && w[0] == '-' && w[1];
	if (option && strcmp(w, "--") == 0) {
		p->only_operands = true;
		return 0;
	}
	if (option)
		return w[1] == '-' ? long_option(p, w) : short_options(p, w);
	if (!p->options->command) {
		p->options->command = w;
		return 0;
	}
	return add_word(p, &p->options->operands, w, w);
}

int mt_options_parse(const struct mt_option *table, char **argv, struct mt_options *options,
		     struct mt_error *error)
{
	struct parser p = {
		.table = table, .next = argv + !!*argv, .options = options, .error = error};
	*options = (struct mt_options){.table = table};
	while (*p.next) {
		const char *w = *p.next++;
		if (word(&p, w) != 0)
			return -1;
	}
	return 0;
}

const char *mt_options_backend_dir(char **argv)
{
	struct mt_options options = {0};
	struct mt_error ignored = {0};
	struct parser p = {.table = core_table,
			   .next = argv + !!*argv,
			   .options = &options,
			   .error = &ignored};
	while (*p.next) {
		const char *w = *p.next++;
		if (word(&p, w) != 0)
			continue; /* one of a backend, perhaps */
	}
	return options.backend_dir;
}
