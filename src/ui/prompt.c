/* SPDX-License-Identifier: ISC */
/* prompt.c: one question on the terminal. */
#include "ui/prompt.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool mt_prompt_yes(const char *question)
{
	char line[64];
	fflush(stdout);
	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	if (!fgets(line, sizeof line, stdin))
		return false;
	bool whole = strchr(line, '\n');
	line[strcspn(line, "\r\n")] = '\0';
	return whole && (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0);
}
