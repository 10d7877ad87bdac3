/* SPDX-License-Identifier: ISC */
/* qmail.c: a host with qmail, of whatever family, from any bytes (whole.h). */
#include "whole.h"

extern const struct mt_backend mt_backend_qmail;

#define HOME	"/var/qmail"
#define CONTROL HOME "/control"

static const struct mt_backend *const backends[] = {&mt_backend_qmail, NULL};
static const char *const names[] = {"qmail.reads", /* the first: the program of a tree */
				    CONTROL "/me",
				    CONTROL "/helohost",
				    CONTROL "/outgoingip",
				    CONTROL "/outgoingip6",
				    CONTROL "/outgoingips",
				    CONTROL "/domainips",
				    CONTROL "/bindroutes",
				    CONTROL "/bindroutes6",
				    CONTROL "/domainbindings",
				    CONTROL "/domainbindings6",
				    CONTROL "/helohostbyip",
				    CONTROL "/smtproutes",
				    CONTROL "/rcpthosts",
				    "qmail.home",
				    "qmail.names",
				    "qmail.send",
				    "names",
				    "source",
				    "addr",
				    "route",
				    "owner",
				    "init"};

/* The program as a NUL ends each of its strings, the folder, and what belongs to qmailr. */
static void also(struct mt_text *bundle, const struct mt_str *pieces, bool tree)
{
	char *program = mt_alloc(bundle->arena, pieces[0].n + 1);
	for (size_t i = 0; i < pieces[0].n; i++)
		program[i] = pieces[0].p[i] == '\n' ? '\0' : pieces[0].p[i];
	if (tree)
		whole_file(bundle, HOME "/bin/qmail-remote", 0711,
			   (struct mt_str){program, pieces[0].n});
	else
		mt_text_addf(bundle, N " file f unasked 711 0 2108 1 1 30000 " HOME
				       "/bin/qmail-remote\n" N " end\n");
	mt_text_addf(bundle, N " file d present 755 0 0 2 1 4096 " CONTROL "\n" N " end\n");
	mt_text_addf(bundle, N " file f unasked 644 7795 2108 1 1 1024 " HOME
			       "/queue/lock/tcpto\n" N " end\n");
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	static const struct whole whole = {backends, names, MT_ARRAY_LEN(names), also};
	whole_run(arena, &whole, input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
