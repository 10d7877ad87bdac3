/* SPDX-License-Identifier: ISC */
/* Answers of the DNS are read by a child that has nothing, and one that kills it costs itself alone. */
#include "io/dns/dns.c"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/sys/confine.h"
#include "test.h"

static struct mt_asker asker;

/* mail.example.com. A 192.0.2.10 */
static const char message[] = "\0\1\x81\x80\0\1\0\1\0\0\0\0\4mail\7example\3com\0\0\1\0\1\xc0\x0c\0"
			      "\1\0\1\0\0\0\x3c\0\4\xc0\0\2\n";
static const struct mt_answer wanted = {
	.type = MT_DNS_A, .name = "mail.example.com", .resolver = "192.0.2.53"};

static struct mt_answer read_it(struct mt_str bytes)
{
	struct mt_answer answer = wanted;
	read_message(&asker, bytes, &answer);
	return answer;
}

static void assert_read(void)
{
	struct mt_answer a = read_it((struct mt_str){message, sizeof message - 1});
	assert_int_equal(a.status, MT_DNS_ANSWERED);
	assert_int_equal(a.count, 1);
	assert_string_equal(a.value[0], "192.0.2.10");
	assert_string_equal(a.name, wanted.name);
	assert_string_equal(a.resolver, wanted.resolver);
}

static void field(const char *name, char *value, size_t size)
{
	char path[64], line[256];
	snprintf(path, sizeof path, "/proc/%d/status", (int)asker.reader.pid);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	value[0] = '\0';
	while (fgets(line, sizeof line, file))
		if (strncmp(line, name, strlen(name)) == 0)
			snprintf(value, size, "%s", line + strlen(name));
	fclose(file);
}

static void one_that_has_nothing_reads(void **state)
{
	char value[128];
	(void)state;
	assert_read();
	assert_true(asker.reader.pid > 0 && asker.reader.pid != getpid());
	if (!(mt_confine_lacks() & MT_CONFINE_SECCOMP)) {
		field("Seccomp:", value, sizeof value);
		assert_int_equal(atoi(value), 2);
	}
	if (!(mt_confine_lacks() & MT_CONFINE_USER)) {
		field("Uid:", value, sizeof value);
		assert_string_equal(value, "\t65534\t65534\t65534\t65534\n");
	}
	pid_t first = asker.reader.pid;
	assert_read();
	assert_int_equal(asker.reader.pid, first);
}

static void one_that_dies_costs_its_answer(void **state)
{
	(void)state;
	assert_read();
	kill(asker.reader.pid, SIGKILL);
	struct mt_answer a = read_it((struct mt_str){message, sizeof message - 1});
	assert_int_equal(a.status, MT_DNS_MALFORMED);
	assert_int_equal(a.count, 0);
	assert_read();
}

static void garbage_is_malformed(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof message - 1; n++)
		assert_int_equal(read_it((struct mt_str){message, n}).status, MT_DNS_MALFORMED);
	assert_read();
}

int main(void)
{
	asker.arena = mt_arena_new((size_t)64 << 20);
	signal(SIGPIPE, SIG_IGN); /* as main.c does */
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_has_nothing_reads),
		cmocka_unit_test(one_that_dies_costs_its_answer),
		cmocka_unit_test(garbage_is_malformed),
	};
	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
