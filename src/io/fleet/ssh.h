/* SPDX-License-Identifier: ISC */
/*
 * ssh.h: how the collector gets to a host: the words of the command.
 *
 * ssh: everything about the host is the user's ssh_config; what is set here keeps ssh from asking, from
 * writing known_hosts and from forwarding anything. Host keys are checked as the user's ssh checks them, never
 * less. ssh takes the first value of an option it sees, so ours cannot be undone by --ssh-option.
 * BUGS: the ssh that ssh starts for a ProxyJump has the user's settings alone. It may add a key of the jump host to
 * known_hosts (UpdateHostKeys); it cannot ask, for want of a terminal.
 */
#ifndef MT_TRANSPORT_H
#define MT_TRANSPORT_H

#include "io/fleet/fleet.h"

#define MT_VIA_WORDS  64
#define MT_VIA_PLACES 4

struct mt_argv {
	const char *word[3 * MT_VIA_WORDS];
	char text[2560]; /* what `word` points into, beside the transport's own strings */
};

/* Split a --via: blanks separate, '...' and "..." hold together, a backslash takes the next byte as it is; no shell.
 * Errors: code 64. */
int mt_via_split(struct mt_arena *arena, const char *via, const char *const **words,
		 struct mt_error *error) MT_MUST_CHECK;
/* An ssh option that would check host keys less, or would not work over -o. Errors: code 64. */
int mt_ssh_option_check(const char *option, struct mt_error *error) MT_MUST_CHECK;
void mt_argv_of(const struct mt_ssh *ssh, const char *host, struct mt_argv *argv);

#endif
