/* SPDX-License-Identifier: ISC */
/*
 * answer.c: a host that costs nothing: takes the collector's script and answers with a bundle that somebody else made.
 *
 * usage: answer BUNDLE MILLISECONDS [WHAT ELSE --via ADDS]
 * The script's nonce comes in place of the bundle's; the last line so many milliseconds later.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NONCE = 32, ROOM = 2 << 20 };
static char script[ROOM], bundle[ROOM];

static size_t read_file(FILE *file, char *to)
{
	size_t n = file ? fread(to, 1, ROOM - 1, file) : 0;
	to[n] = '\0';
	if (file)
		fclose(file);
	return n;
}

int main(int argc, char **argv)
{
	size_t n = argc >= 3 ? read_file(fopen(argv[1], "r"), bundle) : 0;
	if (n <= NONCE)
		return 64;
	read_file(stdin, script);
	const char *nonce = strstr(script, "\nn=");
	char old[NONCE + 1] = "";
	memcpy(old, bundle, NONCE);
	if (!nonce)
		return 1;
	for (char *p = bundle; (p = strstr(p, old));)
		memcpy(p, nonce + strlen("\nn="), NONCE);
	size_t last = n - NONCE - strlen(" done\n");
	fwrite(bundle, 1, last, stdout);
	fflush(stdout);
	usleep((unsigned)atoi(argv[2]) * 1000);
	fwrite(bundle + last, 1, n - last, stdout);
	return 0;
}
